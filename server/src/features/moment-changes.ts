// What a step changed, cell by cell, and what a refused one left as it was.
import { type CellText, describeCell, describeWrite, size } from '../emulator/index.ts';
import { flowActAt, ObjectNames, type Run, structureCell } from '../run/index.ts';
import type { Write } from '../store/index.ts';
import { stateValue } from './moment-families.ts';
import type { PlaceNames } from './moment-names.ts';
import type { Change, Place } from './panel-model.ts';

/** The one object that physical pages belong to. */
export const GRANULES = 'granules';
/** Changes that are told of one step. */
const MOST_CHANGES = 200;
/** Bytes of the smallest page. */
const PAGE = 4096;

export const framePlace = (at: number): Place => ({ kind: 'frame', object: GRANULES, at });

/** What led to `moment`, each cell once; the run stands there. */
export function changesOf(run: Run, moment: number, names: PlaceNames): Change[] {
  const merged = new Map<number, Write>();
  for (const write of moment > 0 ? run.machine.store.writesOf(moment) : []) {
    if (write.cell === structureCell(run.machine)) continue;
    const first = merged.get(write.cell);
    merged.set(write.cell, first ? { ...write, before: first.before } : write);
  }
  const texts: CellText[] = [];
  for (const write of merged.values()) {
    const text = write.before === write.after ? undefined : describeWrite(run.machine, write);
    if (text) addOrJoin(texts, text);
    if (texts.length === MOST_CHANGES) break;
  }
  const objects = new ObjectNames(run);
  return texts.map((text) => changeOf(text, names, objects));
}

/** How far back a change looks for the one that it goes on from: a page is often told by two or three of its cells. */
const NEAR = 4;

/** Pages beside one another that changed alike are told as one. */
function addOrJoin(texts: CellText[], text: CellText): void {
  const { length } = text;
  for (let i = texts.length - 1; length !== undefined && i >= Math.max(0, texts.length - NEAR); i--) {
    const last = texts[i] as CellText;
    const isAlike =
      last.kind === text.kind &&
      last.object === text.object &&
      last.field === text.field &&
      last.before === text.before &&
      last.after === text.after;
    if (!isAlike || last.length === undefined || last.at + last.length !== text.at) continue;
    texts[i] = { ...last, length: last.length + length };
    return;
  }
  texts.push(text);
}

/** The cells that made the command at `moment` fail, as they are. */
export function keptOf(run: Run, moment: number, names: PlaceNames): Change[] {
  const instruction = run.instructionAt(moment);
  if (instruction?.kind !== 'call' || run.log.injected(moment)) return [];
  if (run.log.step(moment) === run.log.step(moment - 1) || flowActAt(run, moment)) return [];
  const { operation } = instruction;
  if (operation.form.succeeded(run.log.code(moment))) return [];
  const objects = new ObjectNames(run);
  const refusal = operation.refusal(run.machine, run.log.arguments(moment));
  return (refusal?.cells ?? []).flatMap((cell) => {
    const text = describeCell(run.machine, cell);
    const since = run.log.step(run.machine.store.lastWrite(cell, moment));
    return text ? [{ ...changeOf(text, names, objects), since }] : [];
  });
}

/** A described write as a change; what its words say of a state is coloured. */
export function changeOf(text: CellText, names: PlaceNames, objects: ObjectNames): Change {
  const { field, before, after, length = 0 } = text;
  return {
    place: placeOf(text, names, objects),
    text: placeText(text, names, objects),
    ...(length > PAGE && { length }),
    field,
    before: stateValue(before),
    after: stateValue(after),
  };
}

function placeOf({ kind, object = 0, at, level }: CellText, names: PlaceNames, objects: ObjectNames): Place {
  switch (kind) {
    case 'frame':
      return framePlace(at);
    case 'entry':
      return { kind, object: object === 0 ? '' : names.text(object, 'pa'), at, ...(level !== undefined && { level }) };
    case 'gmem':
    case 'mapping':
    case 'gpa':
      return { kind, object: objects.text({ kind, row: object }), at };
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
