// From text to a program.

export { LEAK } from './allowed.ts';
export { compile } from './compile.ts';
export { LIMITS } from './limits.ts';
export { filledFor, filling, pagesOf } from './pages.ts';
export { type Fix, MOST_PROBLEMS, type Problem, Problems, type Severity } from './problem.ts';
export * from './program.ts';
export { ask, namesAt, type Question } from './question.ts';
export { type Caller, type Resolver, type Site, SourceFile } from './source.ts';
export { type Fault, isFault, isInteger, isPages, isPlace, isRange, type RangeValue, type Value } from './value.ts';
