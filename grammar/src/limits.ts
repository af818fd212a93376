// Budgets of the parser: whatever the input, it stays within them and says so.

/** Longest text that is parsed, in UTF-16 code units; a longer one is refused with one problem. */
export const MAX_FILE_LENGTH = 8 * 1024 * 1024;

/** Problems reported for one file; the parser stops there and a last problem says so. */
export const MAX_PROBLEMS = 100;

/** Brackets inside one another on one statement. */
export const MAX_BRACKETS = 100;

/** Blocks inside one another. */
export const MAX_BLOCKS = 50;

/** Operators in one expression without brackets, and `[…]` behind one name. */
export const MAX_OPERATORS = 200;
