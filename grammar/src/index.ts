// The language: parse() makes a syntax tree of a text; everything else here describes what it read.

export type * from './ast.ts';
export { type SyntaxCode, type SyntaxCodeName, syntaxCodes } from './codes.ts';
export { MAX_BLOCKS, MAX_BRACKETS, MAX_FILE_LENGTH, MAX_OPERATORS, MAX_PROBLEMS } from './limits.ts';
export { LineTable, type Place, type ZeroBased } from './line-table.ts';
export { parse } from './parser.ts';
export { operators, type Word, wordOf, words } from './words.ts';
