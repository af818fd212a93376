// `VIEW(place) is STATE | STATE`: in expect, and inside of longer conditions.
import type { Is } from '../../../grammar/src/index.ts';
import { nearest, VIEWS } from '../emulator/index.ts';
import { type Context, did, viewCall } from './expression.ts';
import { pagesOf } from './pages.ts';
import type { ViewCall } from './program.ts';
import { Typed, unknown } from './typed.ts';
import { fault } from './value.ts';

/** A view and the states that it may be in. */
export interface StateTest {
  readonly view: ViewCall;
  readonly states: readonly string[];
}

/** The view and the states of an `is`; `undefined` after an error. */
export function resolveStates({ subject, states }: Is, context: Context): StateTest | undefined {
  const { file, problems } = context;
  const view = subject.kind === 'call' ? VIEWS.get(subject.callee.text) : undefined;
  if (subject.kind !== 'call' || !view) {
    const name = subject.kind === 'call' ? subject.callee.text : '';
    const what = name === '' ? 'is stands after a view, as in granule(x) is DATA' : `${name} is not a view`;
    problems.error('CCS210', file, subject, what + (name === '' ? '' : did(nearest(name, VIEWS.keys()))));
    return undefined;
  }
  const call = viewCall(view, subject, context);
  if (!call) return undefined;
  const { states: possible } = call.view;
  for (const { name } of states) {
    if (possible.length === 0 || possible.includes(name.text)) continue;
    const near = did(nearest(name.text, possible)) || `; it is ${possible.join(', ')}`;
    problems.error('CCS210', file, name, `${view.name} is never ${name.text}${near}`);
    return undefined;
  }
  const text = file.slice(subject);
  return { view: { text, span: subject, ...call }, states: states.map((state) => state.name.text) };
}

/** As a part of an expression: true where it holds for every page. */
export function stateExpression(expr: Is, context: Context): Typed {
  const { file } = context;
  const test = resolveStates(expr, context);
  if (!test) return unknown(expr, file);
  const { view, args } = test.view;
  return new Typed(expr, file, 'bool', undefined, (environment) => {
    const found = pagesOf(view.params, args, environment);
    if ('fault' in found) return found;
    const answers = found.pages.map((page) => view.read(environment.machine, page));
    if (answers.includes(undefined)) return fault(view.absent);
    return answers.every((answer) => test.states.includes(String(answer)));
  });
}
