// The life of one page for the Page history panel: its states as a band over all steps, and every step that has to do with it.
import { hex } from '../emulator/index.ts';
import { ObjectNames, refusalAt } from '../run/index.ts';
import type { CallInstruction } from '../scenario/index.ts';
import { elsewhere } from './elsewhere.ts';
import { bandOf } from './history-band.ts';
import { changesAt, MOST_LINES, type PageIndex, pageIndexOf } from './history-index.ts';
import type { HistoryRequest, Life, PageHistory, Transition } from './history-model.ts';
import { namesOf, titleOf } from './history-names.ts';
import { changeOf } from './moment-changes.ts';
import type { Place, Value } from './panel-model.ts';
import { doneAt } from './timeline-rows.ts';
import { firstFrom, trackOf } from './timeline-track.ts';
import { pageAt, placeInText, type RunView } from './timeline-view.ts';

/** Transitions of one answer unless it asks for fewer. */
const ROWS = 40;
/** Transitions that are listed at a time; the list is another one when the current step leaves its middle half. */
const MOST_LISTED = 16_000;

/** What `cocoscn/history` answers. */
export const answerHistory = (view: RunView, { revision, page, from, count }: HistoryRequest): PageHistory => ({
  revision,
  ...history(view, page, from, count),
});

/** Transitions `from` on, counted from 0; without `from` those around the current one, with the page's whole life. */
export function history(view: RunView, page: Place, from?: number, count = ROWS): Omit<PageHistory, 'revision'> {
  const { run, told } = view;
  const found = pageAt(view, page);
  const base = { page, now: run.log.step(told), last: run.log.lastStep };
  if (!found) return { ...base, ...nothingThere(view, page) };
  const index = pageIndexOf(run, found);
  const total = index.moments.length;
  const current = firstFrom(total, (i) => (index.moments[i] as number) > told) - 1;
  const length = Math.max(1, Math.min(Math.floor(count), ROWS));
  const first = Math.max(0, Math.floor(from ?? current - Math.floor(length / 2)));
  const rows = elsewhere(run, () =>
    Array.from({ length: Math.max(0, Math.min(length, total - first)) }, (_, i) =>
      transitionOf(view, index, first + i),
    ),
  );
  return {
    ...base,
    title: titleOf(view, page, index),
    names: namesOf(view, page, index),
    current,
    total,
    ...(from === undefined && { life: lifeOf(view, index, current) }),
    from: first,
    rows,
  };
}

/** A place without a page has no history of its own. */
function nothingThere({ names }: RunView, { kind, at }: Place) {
  const isIpa = kind === 'entry' || kind === 'gpa' || kind === 'alias';
  const title = isIpa ? (names.name(at, 'ipa') ?? `IPA ${hex(at)}`) : hex(at);
  const life: Life = { band: [], first: 0, lines: '', changes: 0, touches: 0 };
  return { title, names: ['no page is there now'], current: -1, total: 0, life, from: 0, rows: [] };
}

function lifeOf(view: RunView, index: PageIndex, current: number): Life {
  const half = MOST_LISTED / 2;
  const first = Math.max(0, Math.floor(current / half) * half - half / 2);
  const lines = index.lines.slice(first, first + MOST_LISTED).map((count) => Math.max(1, count));
  return { ...wholeLife(view, index), first, lines: lines.join('') };
}

type WholeLife = Pick<Life, 'band' | 'changes' | 'touches'>;
const lives = new WeakMap<PageIndex, { readonly last: number; readonly life: WholeLife }>();

/** What does not depend on where the run stands. */
function wholeLife(view: RunView, index: PageIndex): WholeLife {
  const last = view.run.log.lastStep;
  const known = lives.get(index);
  if (known?.last === last) return known.life;
  const touches = index.lines.reduce((sum, lines) => sum + (lines === 0 ? 1 : 0), 0);
  const life = { band: bandOf(index, last), changes: index.lines.length - touches, touches };
  lives.set(index, { last, life });
  return life;
}

/** The run is left where the transition led to. */
function transitionOf(view: RunView, page: PageIndex, index: number): Transition {
  const { run, names } = view;
  const { log } = run;
  const moment = page.moments[index] as number;
  const instruction = run.instructionAt(moment);
  if (instruction?.kind !== 'call') throw new RangeError(`moment ${moment} is no call`);
  const texts = changesAt(run, page, moment);
  const objects = new ObjectNames(run);
  const changes = texts.map((text) => changeOf(text, names, objects));
  const shown = changes.length > MOST_LINES ? changes.slice(0, MOST_LINES - 1) : changes;
  const state = page.values[page.states[index] ?? 0] ?? { text: '' };
  return {
    index,
    n: log.step(moment),
    ...doneAt(view, trackOf(run), instruction, moment),
    ...placeInText(view, instruction.site),
    state,
    changes: shown,
    more: changes.length - shown.length,
    ...(changes.length === 0 && { note: noteOf(view, instruction, moment, state) }),
  };
}

/** Why a step that named the page left it as it was. */
function noteOf({ run }: RunView, instruction: CallInstruction, moment: number, state: Value): string {
  const operation = run.log.flowAt(moment)?.command?.operation ?? instruction.operation;
  const stays = `stays ${state.text}`;
  const injected = run.log.injected(moment);
  if (injected) return `${stays}; injected by line ${injected.site.file.line(injected.site.span.start)}`;
  const refusal = refusalAt(run, moment, operation);
  return refusal ? `${stays}; refused: ${refusal.check.id}, ${refusal.check.text}` : stays;
}
