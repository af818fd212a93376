// The rows of the timeline's list: one for each executed statement, with its call, its result and what it did to a page.
import { flowActAt } from '../run/index.ts';
import type { Instruction } from '../scenario/index.ts';
import { type PageIndex, touchAt } from './history-index.ts';
import { callText } from './moment-step.ts';
import type { Status } from './panel-model.ts';
import { stopsAround } from './timeline-breaks.ts';
import type { TimelineRow } from './timeline-model.ts';
import { endOfBlock, isFlow, type Track } from './timeline-track.ts';
import { placeInText, type RunView } from './timeline-view.ts';

const plain = (text: string) => text.replace(/\s+/g, ' ').trim();

/** The row of the statement that led to `moment`. */
export function rowOf(view: RunView, track: Track, moment: number, index: PageIndex | undefined): TimelineRow {
  const { run } = view;
  const { log } = run;
  const instruction = run.instructionAt(moment);
  if (!instruction) throw new RangeError(`nothing was executed at moment ${moment}`);
  const touch = index && touchAt(index, moment);
  const takesStep = log.step(moment) !== log.step(moment - 1);
  const act = flowActAt(run, moment);
  return {
    row: moment - 1,
    ...(takesStep && { n: log.step(moment) }),
    depth: track.depth(moment),
    below: moment < run.reached ? track.depth(moment + 1) : 0,
    head: !act && (endOfBlock(instruction) !== undefined || isFlow(instruction)),
    ...doneAt(view, track, instruction, moment),
    ...placeInText(view, instruction.site),
    ...(touch && { touch }),
    ...(view.breakpoints && stopsAround(view.breakpoints, moment) && { breakpoint: true }),
  };
}

type Done = Pick<TimelineRow, 'actor' | 'call' | 'result' | 'status'>;

/** Who did what in a moment, and how it ended; a step of a kernel function speaks for itself. */
export function doneAt(view: RunView, track: Track, instruction: Instruction, moment: number): Done {
  const { run } = view;
  const act = flowActAt(run, moment);
  if (act) {
    const ending = track.ending(moment);
    const end = run.log.ended(moment);
    const returned = end ? run.resultText(end.instruction.operation, end.code) : '';
    return {
      actor: act.actor,
      call: act.call,
      result: act.result ?? returned,
      status: ending === 'none' ? 'ok' : ending,
    };
  }
  return {
    actor: instruction.kind === 'call' ? instruction.operation.actor : 'scenario',
    call: callOf(view, instruction, moment),
    ...endOf(view, track, instruction, moment),
  };
}

/** The call with its places named, or the statement as it is written. */
export function callOf({ run, names }: RunView, instruction: Instruction, moment: number): string {
  if (instruction.kind === 'call') return callText(instruction, run.log.arguments(moment), names);
  return plain(instruction.site.file.slice(instruction.site.span));
}

function endOf(
  { run }: RunView,
  track: Track,
  instruction: Instruction,
  moment: number,
): { readonly result: string; readonly status: Status } {
  const failed = run.problemsAt(moment).length > 0;
  const status = failed ? 'unexpected' : 'ok';
  switch (instruction.kind) {
    case 'call': {
      const ending = track.ending(moment);
      if (ending === 'none') return { result: 'not made', status: 'unexpected' };
      if (isFlow(instruction)) return { result: stepsOf(run.log.step(moment), track, moment, run.log), status: ending };
      return { result: run.resultText(instruction.operation, run.log.code(moment)), status: ending };
    }
    case 'expect':
      return { result: failed ? 'does not hold' : 'holds', status };
    case 'inject':
      return { result: 'armed', status };
    case 'loop':
    case 'enter':
      return { result: failed ? 'cannot begin' : stepsOf(run.log.step(moment), track, moment, run.log), status };
    case 'next':
    case 'leave':
      return { result: '', status };
  }
}

/** `to 13`: the last step of a sequence or loop, as far as it was executed. */
function stepsOf(before: number, track: Track, moment: number, log: RunView['run']['log']): string {
  const last = log.step(track.sectionAt(moment)?.to ?? moment);
  return last === before ? 'no step' : `to ${last}`;
}
