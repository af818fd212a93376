// The TextMate grammar that editors highlight with: from the words and tokens of the language and the names it is given.
//
// It says the same as layout.ts with regular expressions: a word of the language counts only where it stands as one.

import { words } from './words.ts';

/** Names from outside of the language that are highlighted where they stand. */
export interface KnownNames {
  /** Calls that change the machine. */
  readonly operations: Iterable<string>;
  /** Calls that only look at it, in `expect` and in arguments. */
  readonly views: Iterable<string>;
}

interface Pattern {
  readonly name?: string;
  readonly match?: string;
  readonly begin?: string;
  readonly end?: string;
  readonly include?: string;
  readonly captures?: Readonly<Record<string, { readonly name?: string; readonly patterns?: readonly Pattern[] }>>;
  readonly beginCaptures?: Readonly<Record<string, { readonly name: string }>>;
  readonly endCaptures?: Readonly<Record<string, { readonly name: string }>>;
  readonly patterns?: readonly Pattern[];
}

const NAME = '[A-Za-z_]\\w*(?:\\.[A-Za-z_]\\w*)*';
const SCOPE = 'source.cocoscn';
/** Words after which a bracket may stand; the others are calls then. */
const BEFORE_BRACKET = ['when', 'expect', 'exists', 'forall', 'never', 'memory', 'for'];

/** The grammar as the text of `cocoscn.tmLanguage.json`. */
export function textMateGrammar(known: KnownNames): string {
  const grammar = {
    $schema: 'https://raw.githubusercontent.com/martinring/tmlanguage/master/tmlanguage.json',
    name: 'CoCo Scenario',
    scopeName: SCOPE,
    fileTypes: ['cocoscn'],
    patterns: [include('comments'), include('strings'), include('lines'), include('talk'), include('values')],
    repository: {
      comments: { patterns: comments },
      strings: { patterns: strings },
      lines: { patterns: lines() },
      talk: { patterns: talk },
      values: { patterns: [...values(known)] },
    },
  };
  // An array of one short text stands on one line, as the formatter wants it.
  return `${JSON.stringify(grammar, null, 2).replace(/\[\n\s*("[^"]*")\n\s*\]/g, '[$1]')}\n`;
}

function include(name: string): Pattern {
  return { include: `#${name}` };
}

function scoped(scope: string): string {
  return `${scope}.cocoscn`;
}

const comments: readonly Pattern[] = [
  { name: scoped('comment.line.double-slash'), match: '//.*$' },
  { name: scoped('comment.block'), begin: '/\\*', end: '\\*/' },
];

const strings: readonly Pattern[] = [
  {
    name: scoped('string.quoted.double'),
    begin: '"',
    end: '"|$',
    patterns: [
      { name: scoped('constant.character.escape'), match: '\\\\["\\\\nt]' },
      { name: scoped('invalid.illegal.escape'), match: '\\\\.' },
    ],
  },
];

/** What begins a line. */
function lines(): Pattern[] {
  const at = (place: string): string[] => words.filter((word) => word.place === place).map(({ word }) => word);
  const starts = [...at('header'), ...at('statement')];
  const others = starts.filter((word) => !BEFORE_BRACKET.includes(word));
  const headers = new Set(at('header'));
  const pick = (from: readonly string[], header: boolean): string =>
    from.filter((word) => headers.has(word) === header).join('|');
  return [
    {
      match: '^\\s*(scenario)\\s+("(?:[^"\\\\]|\\\\.)*")',
      captures: {
        1: { name: scoped('keyword.control.header') },
        2: { name: scoped('string.quoted.double markup.heading') },
      },
    },
    {
      match: '^\\s*(platform|needs)\\s+([\\w-]+(?:\\s*,\\s*[\\w-]+)*)',
      captures: { 1: { name: scoped('keyword.control.header') }, 2: { name: scoped('constant.other.platform') } },
    },
    {
      match: `^\\s*(inject)\\s+(${NAME})`,
      captures: { 1: { name: scoped('keyword.control') }, 2: { name: scoped('entity.name.function') } },
    },
    {
      match: `^\\s*(def)\\s+(${NAME})`,
      captures: { 1: { name: scoped('storage.type.function') }, 2: { name: scoped('entity.name.function') } },
    },
    {
      match: `^\\s*(actor)\\s+(${NAME})`,
      captures: { 1: { name: scoped('storage.type.class') }, 2: { name: scoped('entity.name.type') } },
    },
    {
      match: `^\\s*(let)\\s+(${NAME})`,
      captures: { 1: { name: scoped('storage.type') }, 2: { name: scoped('variable.other.constant') } },
    },
    {
      match: `^\\s*(for)\\s+(${NAME})(?!\\s*:)`,
      captures: { 1: { name: scoped('keyword.control') }, 2: { name: scoped('variable.other.readwrite') } },
    },
    {
      match: `^\\s*(${NAME})\\s*(:)(?!=)`,
      captures: { 1: { name: scoped('entity.name.label') }, 2: { name: scoped('punctuation.separator.label') } },
    },
    startsWith(pick(others, true), '(?!\\s*(?:\\(|:))', 'keyword.control.header'),
    startsWith(pick(others, false), '(?!\\s*(?:\\(|:))', 'keyword.control'),
    startsWith(pick(BEFORE_BRACKET, true), '(?!\\s*:)', 'keyword.control.header'),
    startsWith(pick(BEFORE_BRACKET, false), '(?!\\s*:)', 'keyword.control'),
  ];
}

function startsWith(alternatives: string, unless: string, scope: string): Pattern {
  return { match: `^\\s*(${alternatives})\\b${unless}`, captures: { 1: { name: scoped(scope) } } };
}

const talk: readonly Pattern[] = [
  {
    match: '^\\s*(>)\\s*(\\.\\.\\.)',
    captures: { 1: { name: scoped('keyword.operator.talk.down') }, 2: { name: scoped('keyword.operator.skip') } },
  },
  { match: '^\\s*(>)', captures: { 1: { name: scoped('keyword.operator.talk.down') } } },
  { match: '^\\s*(<)', captures: { 1: { name: scoped('keyword.operator.talk.up') } } },
];

/** Everything within a line; the first pattern that matches wins. */
function* values({ operations, views }: KnownNames): Iterable<Pattern> {
  const call = '(?=\\s*\\()';
  yield {
    match: `\\b(is)\\s+(${NAME})`,
    captures: { 1: { name: scoped('keyword.operator.word') }, 2: { name: scoped('constant.other.state') } },
  };
  yield { name: scoped('keyword.control'), match: '(?<=[\\w)\\]]\\s)\\s*\\b(?:in|step|nth)\\b(?=\\s+\\S)' };
  yield {
    match: '(=)\\s+([A-Z][A-Z0-9_]*)(?=\\s*\\(\\s*\\w+\\s*\\))',
    captures: { 1: { name: scoped('keyword.operator') }, 2: { name: scoped('constant.other') } },
  };
  yield { name: scoped('support.function.operation'), match: `\\b(?:${oneOf(operations)})\\b${call}` };
  yield { name: scoped('support.function.view'), match: `\\b(?:${oneOf(views)})\\b${call}` };
  yield { name: scoped('entity.name.function'), match: `${NAME}${call}` };
  yield {
    match: `(-)(E[A-Z0-9]+)\\b`,
    captures: { 1: { name: scoped('keyword.operator') }, 2: { name: scoped('constant.other.errno') } },
  };
  yield {
    match: `(${NAME})\\s*(:=)`,
    captures: { 1: { name: scoped('variable.other.readwrite') }, 2: { name: scoped('keyword.operator.assignment') } },
  };
  yield {
    match: `\\b(${NAME})(=)(?![=\\s])`,
    captures: { 1: { name: scoped('variable.parameter') }, 2: { name: scoped('keyword.operator.assignment') } },
  };
  yield {
    match: `(${NAME})\\s*(:)(?!=)`,
    captures: { 1: { name: scoped('variable.other.member') }, 2: { name: scoped('punctuation.separator.key-value') } },
  };
  yield { name: scoped('constant.numeric.hex'), match: '\\b0[xX][0-9a-fA-F]+(?:_[0-9a-fA-F]+)*[KMGT]?\\b' };
  yield { name: scoped('constant.numeric.decimal'), match: '\\b(?:0|[1-9][0-9]*(?:_[0-9]+)*)[KMGT]?\\b' };
  yield { name: scoped('invalid.illegal.numeric'), match: '\\b[0-9]\\w*' };
  // Results, flags and states are in capitals and have a `_`, or are long: RMI_SUCCESS, FOLL_WRITE, DELEGATED.
  yield { name: scoped('constant.other'), match: '\\b(?:[A-Z][A-Z0-9]*_[A-Z0-9_]*|[A-Z][A-Z0-9]{4,})\\b' };
  yield { name: scoped('variable.other'), match: NAME };
  yield { name: scoped('keyword.operator'), match: '\\+:|\\.\\.\\.?|&&|\\|\\||[=!<>]=|<<|>>|[=+*/&|!<>-]' };
  yield { name: scoped('punctuation.separator'), match: ',' };
}

function oneOf(names: Iterable<string>): string {
  const escaped = [...names].toSorted().map((name) => name.replaceAll('.', '\\.'));
  // Of no names nothing is one.
  return escaped.length === 0 ? '(?!)' : escaped.join('|');
}
