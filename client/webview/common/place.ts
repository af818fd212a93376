// Which page a place means, and how its address reads.
import type { Place, Strip, Unit } from '../../../server/src/features/panel-model.ts';

export const GRANULE = 4096;

/** A frame's address is the machine's own; in the other places it counts only together with its object. */
function sameSpace(a: Place, b: Place): boolean {
  return a.kind === b.kind && (a.kind === 'frame' || a.object === b.object) && a.level === b.level;
}

export function samePage(a: Place | undefined, b: Place | undefined): boolean {
  return a !== undefined && b !== undefined && sameSpace(a, b) && a.at === b.at;
}

/** Whether `page` lies in the `count` pages of `unit` bytes that begin at `first`. */
export function within(page: Place | undefined, first: Place, count: number, unit: number): boolean {
  return page !== undefined && sameSpace(page, first) && page.at >= first.at && page.at < first.at + count * unit;
}

export function placeOf(strip: Strip, cell: Unit): Place {
  return { kind: strip.kind ?? 'frame', object: strip.object, at: cell.at };
}

/** `0x8800_4000`: groups of four digits, as the language writes addresses. */
export function hex(address: number): string {
  return `0x${address.toString(16).replace(/(?<=.)(?=(?:.{4})+$)/g, '_')}`;
}

/** `16K`, `3M`: the largest unit that leaves no remainder. */
export function bytes(size: number): string {
  const units: readonly [number, string][] = [
    [2 ** 30, 'G'],
    [2 ** 20, 'M'],
    [2 ** 10, 'K'],
  ];
  const fitting = units.find(([unit]) => size >= unit && size % unit === 0);
  return fitting ? `${size / fitting[0]}${fitting[1]}` : String(size);
}

export function nameOf(place: Place): string {
  return place.kind === 'gmem' || place.kind === 'mapping' ? `${place.object}[${bytes(place.at)}]` : hex(place.at);
}

/** `262 144`, with a narrow space that does not break. */
export function grouped(count: number): string {
  return String(count).replace(/(?<=\d)(?=(?:\d{3})+$)/g, '\u202f');
}

/** `1 page`, `4 pages`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${grouped(count)} ${count === 1 ? one : many}`;
}
