// Which pages of the kernel's memory a step touched, and the strips with them.

import { stateValue } from './moment-families.ts';
import { type KernelMemory, type MemoryObject, UNIT } from './moment-kernel.ts';
import { kernelPlace } from './moment-kernel-places.ts';
import { isTold } from './moment-kernel-runs.ts';
import { kernelStrip } from './moment-kernel-strips.ts';
import type { PlaceNames } from './moment-names.ts';
import { stripsOf } from './moment-strips.ts';
import type { Change, Place, Strip, Unit } from './panel-model.ts';

type Mark = NonNullable<Unit['mark']>;

/** Touched units by object, and touched granules that are in none. */
export interface KernelMarks {
  readonly inObjects: ReadonlyMap<MemoryObject, ReadonlyMap<number, Mark>>;
  readonly granules: ReadonlyMap<number, Mark>;
}

/** Strips of one moment. */
const MOST_OBJECTS = 12;
/** Touched units that are marked in one object. */
const MOST_MARKS = 128;

export function kernelMarks(memory: KernelMemory, changes: readonly Change[], kept: readonly Change[]): KernelMarks {
  const inObjects = new Map<MemoryObject, Map<number, Mark>>();
  const granules = new Map<number, Mark>();
  const { pageSize } = memory.linux;
  const put = (object: MemoryObject, at: number, length: number, mark: Mark) => {
    const units = inObjects.get(object) ?? new Map<number, Mark>();
    inObjects.set(object, units);
    const end = Math.min(at + length, object.pages * pageSize);
    for (let unit = at; unit < end && units.size < MOST_MARKS; unit += UNIT) units.set(Math.floor(unit / UNIT), mark);
  };
  const add = ({ place, length = UNIT }: Change, mark: Mark) => {
    if (!place) return;
    const found = kernelPlace(memory, place);
    if (found) put(found.object, found.page.index * pageSize + found.granule * UNIT, length, mark);
    const own = place.kind === 'mapping' ? memory.objectOf(place) : undefined;
    if (own && own !== found?.object) put(own, place.at, length, mark);
    if (!found && place.kind === 'frame' && memory.linux.folios.pages.has(place.at))
      granules.set(memory.linux.folios.pages.row(place.at), mark);
  };
  for (const change of kept) add(change, 'refused');
  for (const change of changes.filter(isOfPage)) add(change, 'changed');
  return { inObjects, granules };
}

/** What is about a whole object touches none of its pages. */
const isOfPage = ({ field, place }: Change) => place && !['size', 'mapping', 'VM', 'memslot'].includes(field);

/** A strip for each file and mapping, then the frames that are in none of them. */
export function kernelStrips(memory: KernelMemory, names: PlaceNames, { inObjects, granules }: KernelMarks): Strip[] {
  const nothing = new Map<number, Mark>();
  const objects = memory.objects
    .slice(0, MOST_OBJECTS)
    .map((object) => kernelStrip(memory, object, inObjects.get(object) ?? nothing));
  const others = stripsOf(
    memory.pages,
    names,
    new Map([...granules].filter(([row]) => !memory.isCovered(row))),
    (row) => !memory.isCovered(row) && (granules.has(row) || isTold(memory, row)),
  );
  return [...objects, ...others.map((strip) => inKernelWords(memory, strip))];
}

/** Frames in no file: what the kernel says of them where firmware says nothing. */
function inKernelWords(memory: KernelMemory, strip: Strip): Strip {
  const { folios } = memory.linux;
  const cells = strip.cells.map((cell) => {
    const pfn = folios.pfnOf(cell.at);
    const wrong = memory.wrongWith(pfn);
    const isHost = cell.state.text === 'UNDELEGATED' && !memory.usesGranules;
    const text = isHost ? (folios.refcount(folios.head(pfn)) > 0 ? 'held, in no file' : 'free') : cell.state.text;
    const own = isHost ? { text, family: 'host' as const } : cell.state;
    const state = wrong ? { text: isHost ? wrong : `${text}, ${wrong}`, family: 'leaked' as const } : own;
    return { ...cell, state };
  });
  return { ...strip, cells };
}

/** The page that a step is about: in a file or a mapping rather than as a frame. */
export function kernelFocus(
  memory: KernelMemory,
  changes: readonly Change[],
  kept: readonly Change[],
): Place | undefined {
  const all = [...changes.filter(isOfPage), ...kept];
  const first =
    all.find(({ field }) => field === 'granule') ?? all.find(({ after }) => stateValue(after.text).family) ?? all[0];
  if (!first?.place) return undefined;
  const found = kernelPlace(memory, first.place);
  if (!found) return first.place;
  const at = found.page.index * memory.linux.pageSize + found.granule * UNIT;
  return { kind: found.object.kind, object: found.object.name, at };
}
