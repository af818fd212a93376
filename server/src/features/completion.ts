// What may be written at the cursor: operations, names, flags, fields, states and results that fit the place.

import { type Word, words } from '../../../grammar/src/words.ts';
import { type AnyOperation, OPERATIONS, type Parameter, RMM_MODELS, VIEWS, type View } from '../emulator/index.ts';
import type { NameInfo } from '../scenario/index.ts';
import { type Cursor, placeAt } from './cursor.ts';
import { valueText } from './name-text.ts';
import { namesInScope } from './names-at.ts';
import { code, fieldText, operationText, parameterText, resultText, signature, viewText } from './operation-text.ts';
import type { Subject } from './subject.ts';

export type CompletionKind =
  | 'operation'
  | 'view'
  | 'sequence'
  | 'name'
  | 'word'
  | 'flag'
  | 'field'
  | 'state'
  | 'result'
  | 'text';

export interface Completion {
  readonly label: string;
  readonly kind: CompletionKind;
  /** What is written; with `snippet`, `${1:name}` are places to fill in. */
  readonly insert: string;
  readonly snippet: boolean;
  readonly detail?: string;
  /** Markdown. */
  readonly documentation?: string;
}

export interface Completions {
  /** Where the word begins that a completion replaces, up to the cursor. */
  readonly start: number;
  /** Best first. */
  readonly items: readonly Completion[];
}

const plain = (label: string, kind: CompletionKind, detail?: string, documentation?: string): Completion => ({
  ...{ label, kind, insert: label, snippet: false },
  ...(detail !== undefined && { detail }),
  ...(documentation !== undefined && { documentation }),
});

const snippet = (
  label: string,
  kind: CompletionKind,
  insert: string,
  detail: string,
  documentation?: string,
): Completion => ({
  ...{ label, kind, insert, snippet: true, detail },
  ...(documentation !== undefined && { documentation }),
});

export function completion(subject: Subject, text: string, offset: number): Completions {
  const { cursor, start, begin } = placeAt(text, offset);
  const isCalled = /^\w*\s*\(/.test(text.slice(offset, offset + 80));
  return { start, items: itemsFor(cursor, subject, begin, isCalled) };
}

/** `begin`: where the statement begins; a name that it makes itself is not there yet. */
function itemsFor(cursor: Cursor, subject: Subject, begin: number, isCalled: boolean): Completion[] {
  const names = () => namesInScope(subject, begin);
  switch (cursor.where) {
    case 'nowhere':
      return [];
    case 'statement':
      return [
        ...headerItems(subject, begin),
        ...operationItems(isCalled),
        ...sequenceItems(names(), isCalled),
        ...wordItems(),
      ];
    case 'operation':
      return operationItems(isCalled || cursor.nameOnly);
    case 'argument':
      return argumentItems(cursor, names());
    case 'field':
      return fieldItems(parameterOf(cursor), cursor.given);
    case 'field value':
      return [...flagItems(parameterOf(cursor)?.structure?.fields[cursor.field]), ...valueItems(names())];
    case 'result':
      return resultItems(OPERATIONS.get(cursor.callee));
    case 'output':
      return outputItems(OPERATIONS.get(cursor.callee), cursor.given);
    case 'condition':
      return [...[...VIEWS.values()].map((view) => viewItem(view, isCalled, true)), ...valueItems(names())];
    case 'state':
      return (VIEWS.get(cursor.view)?.states ?? []).map((state) => plain(state, 'state', cursor.view));
    case 'value':
      return valueItems(names());
    case 'word':
      return cursor.words.map((word) => plain(word, 'word'));
    case 'string':
      return cursor.head === 'model' ? RMM_MODELS.map((model) => plain(model, 'text')) : [];
    case 'platform':
      return [plain('cca', 'text', 'Arm Confidential Compute Architecture')];
  }
}

/** At the top of the file: its header lines, those that are not there yet. */
function headerItems({ tree }: Subject, offset: number): Completion[] {
  const first = tree.statements[0];
  if (first && first.start < offset) return [];
  const there = new Set<string>(
    tree.headers.filter(({ start, end }) => offset < start || offset > end).map(({ kind }) => kind),
  );
  if (tree.scenario) there.add('scenario');
  return words.filter(({ place, word }) => place === 'header' && !there.has(word)).map(wordItem);
}

const wordItems = () => words.filter(({ place }) => place === 'statement').map(wordItem);
const wordItem = ({ word, shape, summary }: Word): Completion => ({
  ...plain(word, 'word', shape, summary),
  insert: `${word} `,
});

/** The arguments of a call as places to fill in. */
const placeholders = (params: readonly { readonly name: string; readonly optional?: true }[]) =>
  params
    .filter(({ optional }) => !optional)
    .map(({ name }, i) => `\${${i + 1}:${name}}`)
    .join(', ');

function operationItems(isCalled: boolean): Completion[] {
  return [...OPERATIONS.values()].map((operation) => {
    const { name, summary, params } = operation;
    const text = operationText(operation);
    return isCalled
      ? plain(name, 'operation', summary, text)
      : snippet(name, 'operation', `${name}(${placeholders(params)})`, summary, text);
  });
}

function sequenceItems(names: readonly NameInfo[], isCalled: boolean): Completion[] {
  return names
    .filter(({ kind }) => kind === 'def')
    .map(({ name, text }) => {
      const params = /\(([^)]*)\)/.exec(text)?.[1]?.split(', ').filter(Boolean) ?? [];
      const fill = placeholders(params.map((param) => ({ name: param })));
      return isCalled ? plain(name, 'sequence', text) : snippet(name, 'sequence', `${name}(${fill})`, text);
    });
}

/** `granule(addr) is `, ready for the state. */
function viewItem(view: View, isCalled: boolean, inCondition: boolean): Completion {
  const { name, params, states } = view;
  if (isCalled) return plain(name, 'view', view.summary, viewText(view));
  const is = inCondition && states.length > 0 ? ' is $0' : '';
  return snippet(name, 'view', `${name}(${placeholders(params)})${is}`, view.summary, viewText(view));
}

/** Names that stand for a value; a name for several outputs is offered output by output. */
function valueItems(names: readonly NameInfo[]): Completion[] {
  const found = new Map<string, Completion>();
  for (const info of names) {
    if (info.kind === 'def') continue;
    const detail =
      info.kind === 'let' && info.value !== undefined ? valueText(info.value)?.replaceAll('`', '') : info.text;
    found.set(info.name, plain(info.name, 'name', detail));
  }
  return [...found.values()];
}

const parameterOf = ({
  callee,
  index,
  name,
}: {
  callee: string;
  index: number;
  name?: string | undefined;
}): Parameter | undefined => {
  const params = (OPERATIONS.get(callee) ?? VIEWS.get(callee))?.params;
  return params?.find((param) => param.name === name) ?? params?.[index];
};

function argumentItems(cursor: Extract<Cursor, { where: 'argument' }>, names: readonly NameInfo[]): Completion[] {
  const parameter = parameterOf(cursor);
  const structure = parameter?.structure;
  const record = structure && snippet(`{…}`, 'field', '{$0}', structure.name, parameterText(parameter));
  return [...(record ? [record] : []), ...flagItems(parameter), ...valueItems(names)];
}

const flagItems = (owner: Pick<Parameter, 'flags' | 'text'> | undefined): Completion[] =>
  Object.entries(owner?.flags ?? {}).map(([name, value]) => plain(name, 'flag', `${value}`, owner?.text));

/** Fields that are not there yet. */
function fieldItems(parameter: Parameter | undefined, given: readonly string[]): Completion[] {
  return Object.entries(parameter?.structure?.fields ?? {})
    .filter(([name]) => !given.includes(name))
    .map(([name, field]) => ({
      ...plain(name, 'field', field.text, parameter && fieldText(parameter, name)),
      insert: `${name}: `,
    }));
}

function outputItems(operation: AnyOperation | undefined, given: readonly string[]): Completion[] {
  return (operation?.outputs ?? [])
    .filter(({ name }) => !given.includes(name))
    .map(({ name, text }) => ({ ...plain(name, 'field', text), insert: `${name}: ` }));
}

/** Every status that the operation can return, the failures that its checks give by their level. */
function resultItems(operation: AnyOperation | undefined): Completion[] {
  if (!operation) return [];
  const items = operation.results.map((name) => {
    const indexed = operation.checks.find(({ statusText }) => statusText.startsWith(`${name}(`));
    const argument = indexed && /\((.*)\)/.exec(indexed.statusText)?.[1];
    const detail = `${signature(operation)} returns it`;
    const text = resultText(name, operation);
    return argument === undefined
      ? plain(name, 'result', detail, text)
      : snippet(name, 'result', `${name}(\${1:${argument}})`, detail, text);
  });
  return [...items, plain('*', 'result', `any result, ${code('not checked')}`.replaceAll('`', ''))];
}
