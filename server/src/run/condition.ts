// What `expect` demands: a view in a state, for every page of a range, or an expression that is true.
import { hex, type Parameter, registersOf, size } from '../emulator/index.ts';
import {
  type Condition,
  type Environment,
  type ExpectInstruction,
  isFault,
  isPages,
  isPlace,
  isRange,
  type Problem,
  pagesOf,
  type Value,
} from '../scenario/index.ts';
import { since } from './explain.ts';
import { ObjectNames } from './objects.ts';
import { problemAt } from './problem-at.ts';
import type { Run } from './run.ts';

type Is = Extract<Condition, { kind: 'is' }>;

/** The problem of an expectation that does not hold; `undefined` if it does. */
export function checkCondition(
  run: Run,
  { condition, site }: Pick<ExpectInstruction, 'condition' | 'site'>,
  environment: Environment,
): Problem | undefined {
  if (condition.kind === 'is') return checkStates(run, condition, site, environment);
  const value = condition.value.evaluate(environment);
  const { span } = condition.value;
  if (value === true) return undefined;
  if (isFault(value))
    return problemAt('CCS402', site, `${condition.value.text} has no value: ${value.fault}`, { span });
  if (value !== false) return problemAt('CCS204', site, 'expect takes something that is true or false', { span });
  const sides = condition.sides.map((side) => `${side.text} = ${show(side.evaluate(environment))}`);
  return problemAt('CCS401', site, `${condition.value.text} does not hold`, {
    span,
    expected: condition.value.text,
    actual: sides.join(', '),
  });
}

function checkStates(
  run: Run,
  { view, states }: Is,
  site: ExpectInstruction['site'],
  environment: Environment,
): Problem | undefined {
  const pages = pagesOf(view.view.params, view.args, environment);
  if ('fault' in pages)
    return problemAt('CCS402', site, `${view.text} has no value: ${pages.fault}`, { span: view.span });
  run.log.looks += pages.pages.length;
  const wanted = states.join(' or ');
  for (const args of pages.pages) {
    const found = view.view.read(run.machine, args);
    if (found === undefined) {
      return problemAt('CCS402', site, `${view.text} has no value: ${view.view.absent}`, { span: view.span });
    }
    if (states.includes(String(found))) continue;
    const page = pages.pages.length > 1 ? ` at ${placeText(run, view.view.params, args)}` : '';
    const cells = view.view.cells(run.machine, args);
    const origin = cells.length === 0 || run.isFull ? undefined : since(run, cells, run.now);
    return problemAt('CCS401', site, `${view.text} is ${found}${page}, not ${wanted}`, {
      span: view.span,
      expected: wanted,
      actual: `${found}${page}`,
      ...(origin && { because: `${found} ${origin.text}`, related: origin.related }),
    });
  }
  return undefined;
}

/** A value in one line. */
export function show(value: Value): string {
  if (isFault(value)) return value.fault;
  if (typeof value === 'number' || typeof value === 'bigint') return hex(value);
  if (isRange(value)) return `${hex(value.base)} +: ${hex(value.length)}`;
  if (isPlace(value)) return `offset ${hex(value.at)}`;
  return isPages(value) ? value.pages.map((page) => hex(page)).join(', ') : String(value);
}

/** The page of a range that an expectation fails at: `gm[8K]`, an address. */
function placeText(run: Run, params: readonly Parameter[], args: readonly number[]): string {
  const names = new ObjectNames(run);
  let at = 0;
  const texts = params.flatMap(({ type }) => {
    const [first, second = 0] = args.slice(at, at + registersOf(type));
    at += registersOf(type);
    if (first === undefined) return [];
    if (type === 'gmem_at') {
      return [`${names.text({ kind: 'gmem', row: run.machine.linux.gmem.inodeOf(first) })}[${size(second)}]`];
    }
    if (type === 'mapping_at') return [`${names.text({ kind: 'mapping', row: first })}[${size(second)}]`];
    return [hex(first)];
  });
  return texts.join(', ');
}
