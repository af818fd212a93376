// Runs of equal neighbouring pages, with what there is to know of each in columns.
import { hex, size } from '../emulator/index.ts';
import { entryWords } from '../emulator/rmm/describe.ts';
import { GPT_ENTRIES } from '../emulator/rmm/granules.ts';
import { framePlace } from './moment-changes.ts';
import { familyOf } from './moment-families.ts';
import type { PlaceNames } from './moment-names.ts';
import type { Mapping, Pages } from './pages.ts';
import { FAMILIES, type Run, type Runs } from './panel-model.ts';

const GRANULE = 4096;
/** Most rows of one answer, so that a message stays short. */
const MOST_ROWS = 500;

export const COLUMNS = ['GPT', 'realm', 'stage 2', 'bytes'] as const;

/** Neighbouring pages that are alike in every column. */
interface Fold {
  readonly row: number;
  readonly count: number;
}

/** Runs that are folded already and told one by one. */
export interface RunSource {
  readonly columns: readonly string[];
  readonly length: number;
  /** Pages of a run. */
  count(index: number): number;
  row(index: number): Run;
  /** What a filter may look for beside what the row says. */
  address(index: number): string;
}

/** All runs of a place in time, folded once and asked for in parts. */
export class RunTable {
  private readonly source: RunSource;
  private filtered: { readonly filter: string; readonly found: readonly number[] };

  constructor(source: RunSource) {
    this.source = source;
    this.filtered = { filter: '', found: Array.from({ length: source.length }, (_, i) => i) };
  }

  rows(revision: number, { from, count }: { from: number; count: number }, filter: string): Runs {
    const { source } = this;
    const found = this.matching(filter.trim().toLowerCase());
    return {
      revision,
      from,
      total: found.length,
      pages: found.reduce((sum, one) => sum + source.count(one), 0),
      unit: GRANULE,
      columns: source.columns,
      rows: found.slice(from, from + Math.min(count, MOST_ROWS)).map((one) => source.row(one)),
    };
  }

  private matching(filter: string): readonly number[] {
    const { source } = this;
    if (this.filtered.filter === filter) return this.filtered.found;
    const words = filter.split(/\s+/).filter(Boolean);
    const families = words.filter((word) => (FAMILIES as readonly string[]).includes(word));
    const others = words.filter((word) => !families.includes(word));
    const found = Array.from({ length: source.length }, (_, i) => i).filter((one) => {
      if (words.length === 0) return true;
      const { text, state, columns } = source.row(one);
      if (!families.every((word) => word === state.family)) return false;
      const told = [text, source.address(one), state.text, ...columns].join(' ').toLowerCase();
      return others.every((word) => told.includes(word));
    });
    this.filtered = { filter, found };
    return found;
  }
}

/** The granules of the RMM as runs, as far as `isWanted` says so. */
export class GranuleRuns implements RunSource {
  readonly columns: readonly string[] = COLUMNS;
  private readonly pages: Pages;
  private readonly names: PlaceNames;
  private readonly folds: readonly Fold[];

  constructor(pages: Pages, names: PlaceNames, isWanted: (row: number) => boolean = () => true) {
    this.pages = pages;
    this.names = names;
    this.folds = fold(pages, isWanted);
  }

  get length(): number {
    return this.folds.length;
  }

  count(index: number): number {
    return this.folds[index]?.count ?? 0;
  }

  address(index: number): string {
    return hex(this.pages.run.machine.pages.address(this.folds[index]?.row ?? 0));
  }

  row(index: number): Run {
    const { pages, names } = this;
    const { row, count } = this.folds[index] as Fold;
    const at = pages.run.machine.pages.address(row);
    const state = pages.state(row);
    const mapping = pages.mappingOf(row);
    return {
      first: framePlace(at),
      text: rangeText(names, at, count),
      count,
      state: { text: state, family: familyOf(state) },
      columns: [
        GPT_ENTRIES[pages.kind(row) >> 4] ?? '',
        mapping ? names.text(mapping.realm, 'pa') : '–',
        mapping ? mappingText(mapping, names) : '–',
        contentsOf(pages, row),
      ],
    };
  }
}

/** `DST .. DST + 64K`, `0x8800_4000`. */
function rangeText(names: PlaceNames, at: number, count: number): string {
  const first = names.text(at, 'pa');
  if (count === 1) return first;
  const end = at + count * GRANULE;
  const name = names.name(at, 'pa');
  return name !== undefined && !name.includes('+')
    ? `${first} .. ${name} + ${size(count * GRANULE)}`
    : `${first} .. ${names.text(end, 'pa')}`;
}

export const mappingText = ({ entry, level, index, ipa }: Mapping, names: PlaceNames): string =>
  `IPA ${names.text(ipa, 'ipa')}, L${level}[${index}] ${entryWords(entry)}`;

export function contentsOf({ run: { machine } }: Pages, row: number): string {
  return machine.pages.contents.text(machine.pages.table.get(row, 0));
}

function fold(pages: Pages, isWanted: (row: number) => boolean): Fold[] {
  const { table } = pages.run.machine.pages;
  const folds: { row: number; count: number }[] = [];
  let last: { row: number; count: number } | undefined;
  let kind = 0;
  let bytes = 0;
  let mapping: Mapping | undefined;
  pages.each((row) => {
    if (!isWanted(row)) return;
    const own = pages.kind(row);
    const ownBytes = table.get(row, 0);
    // Only pages of a realm and pages that the host may share are mapped.
    const ownMapping = pages.mappingOf(row);
    if (
      last &&
      row === last.row + last.count &&
      own === kind &&
      ownBytes === bytes &&
      goesOn(mapping, ownMapping, last.count)
    ) {
      last.count++;
      return;
    }
    kind = own;
    bytes = ownBytes;
    mapping = ownMapping;
    last = { row, count: 1 };
    folds.push(last);
  });
  return folds;
}

/** Whether a page is mapped as the `offset`th page behind another one would be. */
function goesOn(first: Mapping | undefined, other: Mapping | undefined, offset: number): boolean {
  if (!first || !other) return first === other;
  const alike =
    first.realm === other.realm && first.level === other.level && entryWords(first.entry) === entryWords(other.entry);
  return alike && other.ipa === first.ipa + offset * GRANULE;
}
