// Lets a panel import its style sheet; the bundler writes it out as a file of its own.
declare module '*.css';
