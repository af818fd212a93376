// What the person who types is about to write, from the text before the cursor alone: the line is seldom whole then.

/** Where the cursor stands in its statement. `given` are arguments' names or fields that are there already. */
export type Cursor =
  | { readonly where: 'nowhere' }
  | { readonly where: 'statement' }
  /** After a label, `name :=`, `>` or `<`, or `inject`. `nameOnly`: no brackets follow. */
  | { readonly where: 'operation'; readonly nameOnly: boolean }
  | { readonly where: 'argument'; readonly callee: string; readonly index: number; readonly name: string | undefined }
  | { readonly where: 'field'; readonly callee: string; readonly index: number; readonly given: readonly string[] }
  | { readonly where: 'field value'; readonly callee: string; readonly index: number; readonly field: string }
  | { readonly where: 'result'; readonly callee: string }
  | { readonly where: 'output'; readonly callee: string; readonly given: readonly string[] }
  | { readonly where: 'condition' }
  | { readonly where: 'state'; readonly view: string }
  | { readonly where: 'value' }
  | { readonly where: 'word'; readonly words: readonly string[] }
  /** Inside the string of a header or an include. */
  | { readonly where: 'string'; readonly head: string }
  | { readonly where: 'platform' };

export interface Place {
  readonly cursor: Cursor;
  /** The word that ends at the cursor, and where it begins. */
  readonly word: string;
  readonly start: number;
  /** Where the statement begins. */
  readonly begin: number;
}

const TOKEN =
  /\s+|\/\/[^\r\n]*|\/\*[\s\S]*?(?:\*\/|$)|"(?:[^"\\\r\n]|\\.)*"?|[A-Za-z_]\w*(?:\.\w*)*|\d\w*|:=|\+:|\.\.\.?|[=!<>]=|&&|\|\||<<|>>|[\s\S]/gy;
const NAME = /^[A-Za-z_]/;
const BLOCK_WORDS = /^\s*(?:def|for|when|actor)\b/;
/** Lines that one statement is followed back over. */
const MOST_LINES = 60;

interface Frame {
  readonly open: string;
  /** The call whose brackets these are, or in which the record stands; empty for a record of a result. */
  readonly callee: string;
  /** Position of the argument. */
  index: number;
  /** The argument's name, or the field before `:`. */
  name: string | undefined;
  readonly given: string[];
}

export function placeAt(text: string, offset: number): Place {
  const begin = statementStart(text, offset);
  const tokens = (text.slice(begin, offset).match(TOKEN) ?? []).filter((token) => !/^\s/.test(token));
  const last = tokens.at(-1) ?? '';
  const nowhere = { cursor: { where: 'nowhere' } as const, word: '', start: offset, begin };
  if (last.startsWith('//') || (last.startsWith('/*') && !last.endsWith('*/')) || insideComment(text, begin))
    return nowhere;
  if (last.startsWith('"') && (last.length === 1 || !last.endsWith('"'))) {
    return {
      cursor: { where: 'string', head: tokens[0] ?? '' },
      word: last.slice(1),
      start: offset - last.length + 1,
      begin,
    };
  }
  const endsInWord = /[\w.]/.test(text.charAt(offset - 1)) && /^\w/.test(last);
  if (endsInWord && !NAME.test(last)) return nowhere; // a number
  const word = endsInWord ? last : '';
  const before = tokens.slice(0, endsInWord ? -1 : undefined).filter((token) => !token.startsWith('/*'));
  return { cursor: cursorAfter(before), word, start: offset - word.length, begin };
}

/** The call whose brackets are open at `offset`, and which of its arguments is being written; innermost first. */
export function openCalls(text: string, offset: number): { callee: string; index: number; name: string | undefined }[] {
  const tokens = text.slice(statementStart(text, offset), offset).match(TOKEN) ?? [];
  const { frames } = framesOf(tokens.filter((token) => !/^(?:\s|\/[/*])/.test(token)));
  return frames.filter(({ open, callee }) => open === '(' && callee !== '').reverse();
}

/** Where the line begins that the statement at `offset` begins on: lines go on after `,` and an opening bracket. */
function statementStart(text: string, offset: number): number {
  let start = lineStart(text, offset);
  for (let lines = 0; lines < MOST_LINES && start > 0; lines++) {
    const before = lineStart(text, start - 1);
    const line = text
      .slice(before, start)
      .replace(/\/\/.*$/m, '')
      .trimEnd();
    const goesOn = /[,([]$/.test(line) || (line.endsWith('{') && !BLOCK_WORDS.test(line));
    if (!goesOn) break;
    start = before;
  }
  return start;
}

function lineStart(text: string, offset: number): number {
  for (let at = offset - 1; at >= 0; at--) if (text[at] === '\n' || text[at] === '\r') return at + 1;
  return 0;
}

const insideComment = (text: string, offset: number) =>
  offset > 0 && text.lastIndexOf('/*', offset - 1) > text.lastIndexOf('*/', offset - 1);

/** Goes through the tokens and keeps what is open; `call` is the last call that was closed, `equals` whether `=` followed. */
function framesOf(tokens: readonly string[]): { frames: Frame[]; call: string; equals: boolean } {
  const frames: Frame[] = [];
  let call = '';
  let equals = false;
  tokens.forEach((token, i) => {
    const top = frames.at(-1);
    const previous = tokens[i - 1] ?? '';
    switch (token) {
      case '(':
        frames.push({ open: token, callee: NAME.test(previous) ? previous : '', index: 0, name: undefined, given: [] });
        break;
      case '{':
        frames.push({ open: token, callee: top?.callee ?? '', index: top?.index ?? 0, name: undefined, given: [] });
        break;
      case '[':
        frames.push({ open: token, callee: '', index: 0, name: undefined, given: [] });
        break;
      case ')':
      case ']':
      case '}':
        if (frames.length === 1 && top?.open === '(' && !equals) call = top.callee;
        frames.pop();
        break;
      case ',':
        if (top) {
          if (top.open === '(') top.index++;
          top.name = undefined;
        }
        break;
      case ':':
        if (top?.open === '{') {
          top.name = previous;
          top.given.push(previous);
        }
        break;
      case '=':
        if (!top) equals = true;
        else if (top.open === '(') top.name = previous;
        break;
    }
  });
  return { frames, call, equals };
}

function cursorAfter(tokens: readonly string[]): Cursor {
  const { frames, call, equals } = framesOf(tokens);
  const top = frames.at(-1);
  const [head = ''] = tokens;
  if (top) return insideBrackets(top, frames, call, equals);
  const last = tokens.at(-1) ?? '';
  if (tokens.length === 0 || last === '{' || last === '}') return { where: 'statement' };
  const words = wordCursor(head, tokens, last);
  if (words) return words;
  if (equals) return call !== '' && /^[=|]$/.test(last) ? { where: 'result', callee: call } : { where: 'nowhere' };
  if (last === ':' || last === ':=' || last === '>' || last === '<') return { where: 'operation', nameOnly: false };
  return { where: 'nowhere' };
}

function insideBrackets(top: Frame, frames: readonly Frame[], call: string, equals: boolean): Cursor {
  const { callee, index, name, given } = top;
  if (top.open === '{') {
    if (frames.length === 1)
      return equals && name === undefined ? { where: 'output', callee: call, given } : { where: 'value' };
    return name === undefined
      ? { where: 'field', callee, index, given }
      : { where: 'field value', callee, index, field: name };
  }
  if (top.open === '(' && callee !== '') return { where: 'argument', callee, index, name };
  return { where: 'value' };
}

/** Inside a statement that begins with one of the language's words. */
function wordCursor(head: string, tokens: readonly string[], last: string): Cursor | undefined {
  const operand = /^[\w)\]"]/.test(last) && tokens.length > 1;
  switch (head) {
    case 'expect':
    case 'exists':
    case 'forall':
    case 'never':
      return conditionCursor(tokens, last, operand);
    case 'let':
      return tokens.includes('=') && !operand ? { where: 'value' } : { where: 'nowhere' };
    case 'when':
      return operand ? { where: 'nowhere' } : { where: 'value' };
    case 'for':
      if (tokens.length === 2) return { where: 'word', words: ['in'] };
      if (!tokens.includes('in')) return { where: 'nowhere' };
      return operand && last !== 'in' && last !== 'step' ? { where: 'word', words: ['step'] } : { where: 'value' };
    case 'inject':
      if (tokens.length === 1) return { where: 'operation', nameOnly: true };
      if (tokens.length === 2) return { where: 'word', words: ['nth'] };
      return last === '=' ? { where: 'result', callee: tokens[1] ?? '' } : { where: 'nowhere' };
    case 'platform':
    case 'needs':
      return operand ? { where: 'nowhere' } : { where: 'platform' };
    case 'include':
    case 'def':
    case 'actor':
    case 'schedule':
    case 'scenario':
    case 'model':
    case 'link':
    case 'xfail':
    case 'allow':
    case 'matrix':
    case 'memory':
      return { where: 'nowhere' };
    default:
      return undefined;
  }
}

function conditionCursor(tokens: readonly string[], last: string, operand: boolean): Cursor {
  const is = tokens.lastIndexOf('is');
  if (is > 0 && (last === 'is' || (last === '|' && !tokens.slice(is).includes('&&')))) {
    return { where: 'state', view: viewBefore(tokens, is) };
  }
  return operand && is < 0 && last === ')'
    ? { where: 'word', words: ['is'] }
    : operand
      ? { where: 'nowhere' }
      : { where: 'condition' };
}

/** The name of the call that ends before `is`. */
function viewBefore(tokens: readonly string[], is: number): string {
  let depth = 0;
  for (let i = is - 1; i >= 0; i--) {
    if (tokens[i] === ')') depth++;
    if (tokens[i] === '(' && --depth === 0) return tokens[i - 1] ?? '';
  }
  return '';
}
