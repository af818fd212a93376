// What the editor shows for the word and the statement under the mouse: what it means, and what it did.
import type { Call, Span } from '../../../grammar/src/index.ts';
import { words } from '../../../grammar/src/words.ts';
import { VIEWS } from '../emulator/index.ts';
import type { SourceFile } from '../scenario/index.ts';
import type { Analysis } from './analysis.ts';
import { nameText } from './name-text.ts';
import { nameAt } from './names-at.ts';
import {
  code,
  fieldText,
  operationOf,
  operationText,
  paragraphs,
  parameterText,
  resultText,
  viewText,
} from './operation-text.ts';
import { executionsAt, outcomeText } from './outcome.ts';
import type { Subject } from './subject.ts';
import { type PathStep, pathTo } from './syntax-path.ts';

export interface Hover {
  readonly span: Span;
  /** The first line is short; details follow a rule. */
  readonly markdown: string;
}

export function hover({ tree, analysis, file }: Subject, offset: number): Hover | undefined {
  const word = wordHover(pathTo(tree, offset), analysis, file, offset);
  const executions = executionsAt(analysis, file, offset);
  const outcome = executions && outcomeText(analysis, executions);
  const span = word?.span ?? executions?.instruction.site.span;
  if (!span) return undefined;
  const parts = word?.isOperation ? [outcome, word.markdown] : [word?.markdown, outcome];
  return { span, markdown: parts.filter(Boolean).join('\n\n---\n\n') };
}

interface Word extends Hover {
  readonly isOperation?: true;
}

function wordHover(path: readonly PathStep[], analysis: Analysis, file: SourceFile, offset: number): Word | undefined {
  const last = path.at(-1);
  const word = headWord(file.text, offset);
  if (word) return word;
  if (!last || !('kind' in last.node) || last.node.kind !== 'name') return undefined;
  const { text, start, end } = last.node;
  const found = nameAt(analysis.program, file, offset);
  if (found) return { span: found.span, markdown: nameText(analysis, found.info) };
  const meaning = meaningOf(text, path);
  if (meaning === undefined) return undefined;
  const isOperation = last.as === 'callee' && operationOf(text, isByRealm(path)) !== undefined;
  return { span: { start, end }, markdown: meaning, ...(isOperation && { isOperation }) };
}

/** A word of the language at the start of its line, where it is not a name. */
function headWord(text: string, offset: number): Hover | undefined {
  const line = text.slice(text.lastIndexOf('\n', offset - 1) + 1, offset + 20);
  const [, indent = '', image = ''] = /^([ \t]*)([a-z]+)\b(?!\s*(?:\(|:|\.))/.exec(line) ?? [];
  const start = text.lastIndexOf('\n', offset - 1) + 1 + indent.length;
  const found = words.find(({ word, place }) => word === image && place !== 'inner');
  if (!found || offset < start || offset > start + image.length) return undefined;
  return { span: { start, end: start + image.length }, markdown: paragraphs([code(found.shape), found.summary]) };
}

/** The place is in a `<` line. */
const isByRealm = (path: readonly PathStep[]) => path.some(({ node }) => 'direction' in node && node.direction === '<');

/** What a word means that the scenario does not define itself. */
function meaningOf(text: string, path: readonly PathStep[]): string | undefined {
  const as = path.at(-1)?.as;
  const parent = path.at(-2)?.node;
  const kind = parent && 'kind' in parent ? parent.kind : undefined;
  const { operation, parameter } = surroundings(path);
  const called = operationOf(text, isByRealm(path));
  if ((as === 'callee' || as === 'op') && called) return operationText(called);
  const view = as === 'callee' ? VIEWS.get(text) : undefined;
  if (view) return viewText(view);
  if (kind === 'record' && as === 'name') {
    const output = operation?.outputs.find(({ name }) => name === text);
    return (parameter && fieldText(parameter, text)) ?? (output && `${code(text)}: ${output.text}`);
  }
  if (kind === 'is' || stateView(path)) return stateText(text, path);
  const named = operation?.params.find(({ name }) => name === text);
  if (as === 'name' && named) return parameterText(named);
  return resultText(text, operation) ?? flagText(text, path);
}

/** The operation whose call or demand the place belongs to, and the parameter whose argument it is in. */
function surroundings(path: readonly PathStep[]) {
  for (const { node } of path.toReversed()) {
    if (!('kind' in node)) continue;
    const call: Call | undefined = node.kind === 'op' ? node.call : node.kind === 'call' ? node : undefined;
    const operation = operationOf(node.kind === 'inject' ? node.op.text : (call?.callee.text ?? ''), isByRealm(path));
    if (!operation) continue;
    const arg = call?.args.find((candidate) => path.some((step) => step.node === candidate));
    const index = arg && call ? call.args.indexOf(arg) : -1;
    const parameter = operation.params.find(({ name }) => name === arg?.name?.text) ?? operation.params[index];
    return { operation, parameter };
  }
  return { operation: undefined, parameter: undefined };
}

const stateView = (path: readonly PathStep[]) => path.some(({ as }) => as === 'states');

function stateText(state: string, path: readonly PathStep[]): string | undefined {
  const is = path.find(({ node }) => 'kind' in node && node.kind === 'is')?.node;
  if (!is || !('kind' in is) || is.kind !== 'is' || is.subject.kind !== 'call') return undefined;
  const view = VIEWS.get(is.subject.callee.text);
  if (!view?.states.includes(state)) return undefined;
  return paragraphs([
    `${code(state)}, a state of ${code(view.name)}: ${view.summary}`,
    `The others are ${view.states
      .filter((other) => other !== state)
      .map(code)
      .join(', ')}.`,
  ]);
}

/** A word with a value: a flag of the parameter or of the structure's field. */
function flagText(text: string, path: readonly PathStep[]): string | undefined {
  const { operation, parameter } = surroundings(path);
  if (!operation || !parameter) return undefined;
  const fields = Object.entries(parameter.structure?.fields ?? {}).map(([name, field]) => ({ name, ...field }));
  const owner = [parameter, ...fields].find(({ flags }) => flags?.[text] !== undefined);
  return owner && `${code(`${text} = ${owner.flags?.[text]}`)}, for ${code(owner.name)}: ${owner.text}`;
}
