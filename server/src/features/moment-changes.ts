// What a step changed, cell by cell, and what a refused one left as it was.
import { type CellText, describeCell, describeWrite } from '../emulator/index.ts';
import { type Run, structureCell } from '../run/index.ts';
import type { Write } from '../store/index.ts';
import { stateValue } from './moment-families.ts';
import type { PlaceNames } from './moment-names.ts';
import type { Change, Place } from './panel-model.ts';

/** The one object that physical pages belong to. */
export const GRANULES = 'granules';
/** Changes that are told of one step. */
const MOST_CHANGES = 200;

export const framePlace = (at: number): Place => ({ kind: 'frame', object: GRANULES, at });

/** What led to `moment`, each cell once; the run stands there. */
export function changesOf(run: Run, moment: number, names: PlaceNames): Change[] {
  const merged = new Map<number, Write>();
  for (const write of moment > 0 ? run.machine.store.writesOf(moment) : []) {
    if (write.cell === structureCell(run.machine)) continue;
    const first = merged.get(write.cell);
    merged.set(write.cell, first ? { ...write, before: first.before } : write);
  }
  const changes: Change[] = [];
  for (const write of merged.values()) {
    const text = write.before === write.after ? undefined : describeWrite(run.machine, write);
    if (text) changes.push(changeOf(text, names));
    if (changes.length === MOST_CHANGES) break;
  }
  return changes;
}

/** The cells that made the command at `moment` fail, as they are. */
export function keptOf(run: Run, moment: number, names: PlaceNames): Change[] {
  const instruction = run.instructionAt(moment);
  if (instruction?.kind !== 'call' || run.log.injected(moment)) return [];
  if (run.log.step(moment) === run.log.step(moment - 1)) return [];
  const { operation } = instruction;
  if (operation.form.succeeded(run.log.code(moment))) return [];
  const refusal = operation.refusal(run.machine, run.log.arguments(moment));
  return (refusal?.cells ?? []).flatMap((cell) => {
    const text = describeCell(run.machine, cell);
    const since = run.log.step(run.machine.store.lastWrite(cell, moment));
    return text ? [{ ...changeOf(text, names), since }] : [];
  });
}

/** A described write as a change; what its words say of a state is coloured. */
export function changeOf(text: CellText, names: PlaceNames): Change {
  const { kind, object, at, level, field, before, after } = text;
  const place: Place =
    kind === 'entry'
      ? {
          kind,
          object: object === undefined ? '' : names.text(object, 'pa'),
          at,
          ...(level !== undefined && { level }),
        }
      : framePlace(at);
  return {
    place,
    text: names.text(at, kind === 'entry' ? 'ipa' : 'pa'),
    field,
    before: stateValue(before),
    after: stateValue(after),
  };
}
