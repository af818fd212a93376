// What a step changed, cell by cell, and what a refused one left as it was.
import { type CellText, describeCell, size } from '../emulator/index.ts';
import { flowActAt, ObjectNames, type Run, refusalAt } from '../run/index.ts';
import { stateValue } from './moment-families.ts';
import type { PlaceNames } from './moment-names.ts';
import type { Change, Place } from './panel-model.ts';
import { stepChanges } from './step-changes.ts';

/** The one object that physical pages belong to. */
export const GRANULES = 'granules';
/** Changes that a moment tells by itself. */
const MOST_CHANGES = 200;
/** Bytes of the smallest page. */
const PAGE = 4096;

export const framePlace = (at: number): Place => ({ kind: 'frame', object: GRANULES, at });

/** Changes of one step, from one of them on. */
export interface Changes {
  readonly rows: readonly Change[];
  /** Changes behind the last row. */
  readonly more: number;
}

/** What led to `moment`; the run stands there. */
export function changesOf(run: Run, moment: number, names: PlaceNames, from = 0, count = MOST_CHANGES): Changes {
  const { texts, more } = stepChanges(run, moment, from + count);
  const objects = new ObjectNames(run);
  const rows = texts.slice(from, from + count).map((text) => changeOf(text, names, objects));
  return { rows, more: more + Math.max(0, texts.length - from - count) };
}

/** The cells that made the command at `moment` fail, as they are. */
export function keptOf(run: Run, moment: number, names: PlaceNames): Change[] {
  const instruction = run.instructionAt(moment);
  if (instruction?.kind !== 'call') return [];
  if (run.log.step(moment) === run.log.step(moment - 1) || flowActAt(run, moment)) return [];
  const objects = new ObjectNames(run);
  return (refusalAt(run, moment, instruction.operation)?.cells ?? []).flatMap((cell) => {
    const text = describeCell(run.machine, cell);
    const since = run.log.step(run.machine.store.lastWrite(cell, moment));
    return text ? [{ ...changeOf(text, names, objects), since }] : [];
  });
}

/** A described write as a change; what its words say of a state is coloured. */
export function changeOf(text: CellText, names: PlaceNames, objects: ObjectNames): Change {
  const { field, before, after, length = 0 } = text;
  const place = placeOf(text, names, objects);
  return {
    ...(place && { place }),
    text: placeText(text, names, objects),
    ...(length > PAGE && { length }),
    field,
    before: stateValue(before),
    after: stateValue(after),
  };
}

function placeOf(
  { kind, object = 0, at, level }: CellText,
  names: PlaceNames,
  objects: ObjectNames,
): Place | undefined {
  switch (kind) {
    case 'frame':
      return framePlace(at);
    case 'entry':
      return { kind, object: object === 0 ? '' : names.text(object, 'pa'), at, ...(level !== undefined && { level }) };
    case 'gmem':
    case 'mapping':
    case 'gpa':
      return { kind, object: objects.text({ kind, row: object }), at };
    case 'vcpu':
    case 'pin':
    case 'host':
      return undefined;
  }
}

function placeText(text: CellText, names: PlaceNames, objects: ObjectNames): string {
  const { kind, at, length = 0 } = text;
  if (kind === 'frame')
    return length > PAGE ? `${names.text(at, 'pa')} .. ${names.text(at + length, 'pa')}` : names.text(at, 'pa');
  if (kind === 'entry') return names.text(at, 'ipa');
  if (kind !== 'gpa' || text.whole) return objects.placeOf(text, length, PAGE);
  const end = length > PAGE ? ` +: ${size(length)}` : '';
  return `${objects.placeOf({ ...text, whole: true })} ${names.text(at, 'ipa')}${end}`;
}
