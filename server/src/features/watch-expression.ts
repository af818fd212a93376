// The place that an expression of the language means: `A`, `0x8800_0000`, `gm[16K]`, `m[0]`, and what a view is asked about,
// as in `granule(A)`, `hipas(RD, 0x1000)` or `attr(vm, GPA)`.
import { ObjectNames } from '../run/index.ts';
import { ask, type Instruction, isFault } from '../scenario/index.ts';
import type { MomentSource } from './moment.ts';
import { framePlace } from './moment-changes.ts';
import type { Place } from './panel-model.ts';

/** `instruction` is the statement whose names are seen. */
export function placeIn(source: MomentSource, text: string, instruction: Instruction | undefined): Place | undefined {
  const { run } = source.stepper;
  const view = /^\s*\w+\s*\(([^()]*(?:\([^()]*\)[^()]*)*)\)\s*$/.exec(text);
  const parts = (view?.[1] ?? text).split(',').map((part) => part.trim());
  const [first = '', second] = parts;
  const inside = /^(\w+)\[([^\]]+)\]$/.exec(first);
  if (inside) return placeInObject(source, inside[1] as string, numberOf(inside[2] as string));
  const vm = new ObjectNames(run).find('gpa', first);
  if (vm !== undefined && second !== undefined) {
    const at = numberOf(second);
    return at === undefined ? undefined : { kind: 'gpa', object: first, at };
  }
  const address = numberOf(first);
  if (address === undefined || !run.machine.pages.has(address)) return undefined;
  if (second === undefined) return framePlace(address);
  const ipa = numberOf(second);
  return ipa === undefined ? undefined : { kind: 'entry', object: source.names.text(address, 'pa'), at: ipa };

  function numberOf(expression: string): number | undefined {
    const question = ask(expression, instruction);
    const value = 'problem' in question ? undefined : run.answer(question);
    return typeof value === 'number' && !isFault(value) && value >= 0 ? value : undefined;
  }
}

function placeInObject(source: MomentSource, object: string, at: number | undefined): Place | undefined {
  if (at === undefined) return undefined;
  const names = new ObjectNames(source.stepper.run);
  const kind = (['gmem', 'mapping'] as const).find((one) => names.find(one, object) !== undefined);
  return kind && { kind, object, at };
}
