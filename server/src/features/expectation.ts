// What a page is, as a statement of the language: an `expect` that holds behind the current statement.

import { hex, size } from '../emulator/index.ts';
import { GRANULE } from '../emulator/memory/pages.ts';
import { type Run, type Stepper, show } from '../run/index.ts';
import { ask, type Instruction, isFault } from '../scenario/index.ts';
import { elsewhere } from './elsewhere.ts';
import type { MomentSource } from './moment.ts';
import { hasKernel } from './moment-kernel.ts';
import type { PlaceNames } from './moment-names.ts';
import type { Place } from './panel-model.ts';

/** Moments that the rest of a statement may take; a longer one is told as it is now. */
const MOST_REST = 100_000;

/** The statement, or why there is none. What is told of the page is what holds once the current statement is over. */
export function expectationOf(
  source: MomentSource,
  place: Place,
): { readonly text: string } | { readonly problem: string } {
  const { stepper, names, told } = source;
  const { run } = stepper;
  const end = endOfStatement(stepper, told);
  const seen = told === 0 ? stepper.timeline.nextAt(0) : run.instructionAt(told);
  const text = elsewhere(run, () => {
    run.seek(end);
    return viewsOf(run, names, place)
      .map((asked) => stated(run, asked, seen))
      .find((one) => one !== undefined);
  });
  return text === undefined ? { problem: 'nothing that the language has a word for is there' } : { text };
}

/** The last moment of the statement that a moment belongs to: of all pages of a range, of a whole call of the kernel. */
function endOfStatement({ run, timeline }: Stepper, told: number): number {
  const { log } = run;
  const outer = (moment: number) => {
    const pc = log.instruction(moment);
    const instruction = run.program.instructions[pc];
    return instruction?.kind === 'call' ? (instruction.within?.call ?? pc) : pc;
  };
  let moment = told;
  if (moment === 0) return 0;
  for (let rest = 0; rest < MOST_REST; rest++) {
    if (moment === run.reached && !timeline.extend()) return moment;
    const next = moment + 1;
    if (outer(next) !== outer(moment)) return moment;
    const goesOn = log.depth(moment) > 0 || log.repeat(next) > 0 || log.instruction(next) !== log.instruction(moment);
    if (!goesOn) return moment;
    moment = next;
  }
  return moment;
}

/** A view with its arguments, and the one answer that is worth telling if any other is not. */
interface Asked {
  readonly view: string;
  readonly only?: string;
}

/** Views of a place, the one that says most first, with addresses by their names and as numbers. */
function viewsOf(run: Run, names: PlaceNames, { kind, object, at }: Place): Asked[] {
  const inPage = at - (at % GRANULE);
  const written = (space: 'pa' | 'ipa') => [...new Set([names.text(inPage, space), hex(inPage)])];
  const page = `${object}[${size(inPage)}]`;
  switch (kind) {
    case 'frame':
      return written('pa').flatMap((address) => [
        ...ofFrame(run, address),
        ...(hasKernel({ run }) ? [{ view: `page_owner(${address})` }] : []),
      ]);
    case 'gmem':
      return [...ofFrame(run, `pa(${page})`), { view: `allocated(${page})`, only: 'no' }, { view: `attr(${page})` }];
    case 'mapping':
      return [{ view: `mapped(${page})` }];
    case 'gpa':
    case 'alias':
      return written('ipa').map((gpa) => ({ view: `stage2(${object}, ${gpa})` }));
    case 'entry':
      return written('ipa').map((ipa) => ({ view: `hipas(${object}, ${ipa})` }));
  }
}

/** Of a frame: what is wrong with it, and where firmware takes part what it is there. */
function ofFrame({ machine: { linux } }: Run, address: string): Asked[] {
  const hasFirmware = Array.from({ length: linux.vms.rows.last }, (_, i) => linux.platformOf(i + 1).name).includes(
    'cca',
  );
  return linux.vms.rows.last > 0
    ? [{ view: `leaked(${address})`, only: 'yes' }, ...(hasFirmware ? [{ view: `granule(${address})` }] : [])]
    : [{ view: `granule(${address})` }];
}

/** The statement, where the view has an answer with the names that `seen` sees. */
function stated(run: Run, { view, only }: Asked, seen: Instruction | undefined): string | undefined {
  const question = ask(view, seen);
  if ('problem' in question) return undefined;
  const value = run.answer(question);
  if (isFault(value) || (only !== undefined && value !== only)) return undefined;
  return typeof value === 'string' ? `expect ${view} is ${value}` : `expect ${view} == ${show(value)}`;
}
