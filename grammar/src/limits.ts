// Budgets of the parser: whatever the input, it stays within them and says so.

/** Longest text that is parsed, in UTF-16 code units; a longer one is refused with one problem. */
export const MAX_FILE_LENGTH = 4 * 1024 * 1024;

/** Longest line, in UTF-16 code units; what goes beyond is not read. In a file below this length no line is too long. */
export const MAX_LINE_LENGTH = 1024 * 1024;

/** Names, numbers and signs in one file; what goes beyond is not read. A file of MAX_FILE_LENGTH has some 1.3 million. */
export const MAX_TOKENS = 2_000_000;

/** Problems reported for one file; the parser stops there and a last problem says so. */
export const MAX_PROBLEMS = 100;

/** Brackets inside one another on one statement. */
export const MAX_BRACKETS = 100;

/** Blocks inside one another. */
export const MAX_BLOCKS = 50;

/** Operators and `[…]` in one statement; with MAX_BRACKETS it bounds how deep a tree can be for those who walk it. */
export const MAX_OPERATORS = 500;
