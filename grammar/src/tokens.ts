// The words and signs of the language: what the lexer cuts a text into, and the roles that layout.ts gives them.

import { createToken, type ITokenConfig, Lexer, type TokenType } from 'chevrotain';

const lexed: TokenType[] = [];

/** Defines a token that the lexer finds; the order of the definitions is the order in which it tries them. */
function token(name: string, pattern: RegExp | string, options: Partial<ITokenConfig> = {}): TokenType {
  const type = createToken({ name, pattern, ...options });
  lexed.push(type);
  return type;
}

/** Defines a role that layout.ts gives to a token once it knows where in a line the token stands. */
function role(name: string): TokenType {
  const type = createToken({ name, pattern: Lexer.NA });
  roles.push(type);
  return type;
}
const roles: TokenType[] = [];

// ---- found by the lexer ----------------------------------------------------------------------------------------------

token('Space', /[ \t\f\v]+/, { group: Lexer.SKIPPED });
/** One or more line ends with the blank lines and indentation between them. */
export const Newline = token('Newline', /[\r\n][ \t\r\n]*/, { line_breaks: true });
/** A dotted name is one name: `TDH.MEM.PAGE.ADD`, `io.w`. */
export const Name = token('Name', /[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*/);
/** Anything that begins with a digit; numbers.ts says whether it is a number. */
export const NumberToken = token('Number', /[0-9]\w*/);
export const LParen = token('LParen', '(');
export const RParen = token('RParen', ')');
export const LBracket = token('LBracket', '[');
export const RBracket = token('RBracket', ']');
export const LBrace = token('LBrace', '{');
export const RBrace = token('RBrace', '}');
export const Comma = token('Comma', ',');
token('LineComment', /\/\/[^\r\n]*/, { group: Lexer.SKIPPED });
token('BlockComment', /\/\*[\s\S]*?\*\//, { group: Lexer.SKIPPED, line_breaks: true });
export const UnclosedComment = token('UnclosedComment', /\/\*[\s\S]*/, { line_breaks: true });
export const StringToken = token('String', /"[^"\\\r\n]*(?:\\[^\r\n][^"\\\r\n]*)*"/);
export const UnclosedString = token('UnclosedString', /"[^\r\n]*/);
export const Ellipsis = token('Ellipsis', '...');
export const ColonEquals = token('ColonEquals', ':=');
/** Operators that only ever stand between two operands; layout.ts adds `-`, `*`, `<` and `>` where they do. */
export const Infix = token('Infix', /\+:|\.\.|&&|\|\||==|!=|<=|>=|<<|>>|[+/&]/);
export const Colon = token('Colon', ':');
export const Equals = token('Equals', '=');
export const Star = token('Star', '*');
export const Minus = token('Minus', '-');
export const Pipe = token('Pipe', '|');
export const Bang = token('Bang', '!');
export const Less = token('Less', '<');
export const Greater = token('Greater', '>');
/** Blanks that come with pasted text; apart from Space, which the lexer reads faster alone. */
token('OtherSpace', /[\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff]+/, { group: Lexer.SKIPPED });
/** A run of characters that mean nothing here, so that a binary file costs one token a run and not one a byte. */
export const Unknown = token('Unknown', /[^\s\w"()[\]{},/.:=&|+*\-!<>]+|[./]/, {
  start_chars_hint: meaninglessChars(),
});

function meaninglessChars(): number[] {
  const chars: number[] = [];
  for (let code = 0; code < 256; code++) {
    if (!/[\s\w"()[\]{},:=&|+*\-!<>]/.test(String.fromCharCode(code))) chars.push(code);
  }
  // Above 255 the lexer groups its start characters by 255; one of each group is enough.
  for (let code = 256; code < 65536; code += 85) chars.push(code);
  chars.push(65535);
  return chars;
}

// ---- given by layout.ts ----------------------------------------------------------------------------------------------

/** `>` and `<` at the start of a line. */
export const TalkDown = role('TalkDown');
export const TalkUp = role('TalkUp');
/** The name in `name:` at the start of a line, in `name :=`, in `(name=`, and in `{name:`. */
export const Label = role('Label');
export const Binder = role('Binder');
export const ArgName = role('ArgName');
export const FieldName = role('FieldName');
/** The braces around statements; those around the fields of a record stay LBrace and RBrace. */
export const BlockOpen = role('BlockOpen');
export const BlockClose = role('BlockClose');
/** The bracket at which a line is nested deeper than MAX_BRACKETS; the rest of the line is left out. */
export const TooDeep = role('TooDeep');

/** Where a line becomes longer than MAX_LINE_LENGTH. */
export const LineTooLong = role('LineTooLong');

/** Words inside a statement. They stay names wherever no operand stands before them. */
export const Is = role('Is');
export const In = role('In');
export const Step = role('Step');
export const Nth = role('Nth');

/** Words at the start of a line. */
export const Scenario = role('Scenario');
export const HeaderStrings = role('HeaderStrings');
export const HeaderNames = role('HeaderNames');
export const HeaderSize = role('HeaderSize');
export const Memory = role('Memory');
export const Allow = role('Allow');
export const Matrix = role('Matrix');
export const Include = role('Include');
export const Let = role('Let');
export const Def = role('Def');
export const Actor = role('Actor');
export const For = role('For');
export const When = role('When');
export const Expect = role('Expect');
export const Inject = role('Inject');
export const Verdict = role('Verdict');
export const Schedule = role('Schedule');

export const headerWords: ReadonlyMap<string, TokenType> = new Map([
  ['scenario', Scenario],
  ['model', HeaderStrings],
  ['link', HeaderStrings],
  ['xfail', HeaderStrings],
  ['platform', HeaderNames],
  ['needs', HeaderNames],
  ['page', HeaderSize],
  ['granule', HeaderSize],
  ['nodes', HeaderSize],
  ['memory', Memory],
  ['allow', Allow],
  ['matrix', Matrix],
]);

export const statementWords: ReadonlyMap<string, TokenType> = new Map([
  ['include', Include],
  ['let', Let],
  ['def', Def],
  ['actor', Actor],
  ['for', For],
  ['when', When],
  ['expect', Expect],
  ['inject', Inject],
  ['exists', Verdict],
  ['forall', Verdict],
  ['never', Verdict],
  ['schedule', Schedule],
]);

/** Words that stand between two operands. */
export const innerWords: ReadonlyMap<string, TokenType> = new Map([
  ['is', Is],
  ['in', In],
  ['step', Step],
  ['nth', Nth],
]);

export const lexedTokens: readonly TokenType[] = lexed;
export const allTokens: readonly TokenType[] = [...lexed, ...roles];

/** The number by which the lexer and the parser know a token's type. */
export function idOf(type: TokenType): number {
  return type.tokenTypeIdx ?? -1;
}
