// Things whose changes stop a movement: a page in any of its places, or an entry of a realm's tables. Told by the same index
// of the journal as the history of a page.
import { size } from '../emulator/index.ts';
import { GRANULE } from '../emulator/memory/pages.ts';
import { type Changes, ObjectNames, type Run } from '../run/index.ts';
import { elsewhere } from './elsewhere.ts';
import { changesAt, MOST_LINES, newPageIndex, type PageOf } from './history-index.ts';
import type { MomentSource } from './moment.ts';
import { framePlace } from './moment-changes.ts';
import { hasKernel } from './moment-kernel.ts';
import { isEntryItself, pageThroughRun } from './moment-places.ts';
import type { Place } from './panel-model.ts';
import { firstFrom } from './timeline-track.ts';
import { WalkChanges } from './watch-entry.ts';

/** A thing by a name that holds for the whole run, and for the next one of the same text. */
export interface Watched {
  /** In the scenario's words: `gm[16K]`, `A + 4K`, `entry 0x1000 of RD`. */
  readonly text: string;
  readonly place: Place;
  /** The same as one word, for a client that keeps it. */
  readonly data: string;
}

/** What is watched where a page is chosen at the place; `undefined` where nothing is that could change. */
export function watchedAt(source: MomentSource, place: Place): Watched | undefined {
  const pages = source.now();
  if (isEntryItself(pages, source.names, place)) return named(source, place);
  const page = pageThroughRun(pages, source.names, place);
  return page && named(source, throughRun(source, page));
}

/** A page by the name that it keeps while its frame may change. */
function throughRun({ stepper: { run } }: MomentSource, page: PageOf): Place {
  if ('at' in page) return framePlace(page.at);
  const { pageSize } = run.machine.linux;
  const { subject } = page;
  const inPage = subject.granule * GRANULE;
  if (subject.kind === 'frame') return framePlace(subject.pfn * pageSize + inPage);
  const { kind, row, index } = subject;
  return { kind, object: new ObjectNames(run).text({ kind, row }), at: index * pageSize + inPage };
}

function named({ names }: MomentSource, { kind, object, at, level }: Place): Watched {
  const place: Place = { kind, object, at, ...(level !== undefined && { level }) };
  return { text: textOf(names, place), place, data: JSON.stringify([kind, object, at, ...(level ? [level] : [])]) };
}

function textOf(names: MomentSource['names'], { kind, object, at, level }: Place): string {
  if (kind === 'frame') return names.text(at, 'pa');
  if (kind !== 'entry') return `${object}[${size(at)}]`;
  return `${level === undefined ? '' : `level ${level} `}entry ${names.text(at, 'ipa')} of ${object}`;
}

/** What `data` of a watched thing stands for; `undefined` where it is no such text. */
export function watchedBy(source: MomentSource, data: string): Watched | undefined {
  let told: unknown;
  try {
    told = JSON.parse(data);
  } catch {
    return undefined;
  }
  const [kind, object, at, level] = Array.isArray(told) ? (told as unknown[]) : [];
  if (kind !== 'gmem' && kind !== 'mapping' && kind !== 'frame' && kind !== 'entry') return undefined;
  if (typeof object !== 'string' || !isAddress(at) || !(level === undefined || isAddress(level))) return undefined;
  return named(source, { kind, object, at, ...(level !== undefined && { level }) });
}

const isAddress = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;

/** When it changes, as far as the run is executed. */
export function changesOf(source: MomentSource, { place, text }: Watched): Changes {
  const { run } = source.stepper;
  return place.kind === 'entry'
    ? new WalkChanges(run, source.names, place, text)
    : new PageChanges(source, place, text, pageNow(source, place));
}

/** The page that a name means, as soon as there is something of that name. */
function pageNow(source: MomentSource, { kind, object, at }: Place): PageOf | undefined {
  const { run } = source.stepper;
  const { linux, pages } = run.machine;
  if (kind === 'frame') {
    const aligned = at - (at % GRANULE);
    if (!hasKernel(source.stepper)) return pages.has(at) ? { at: aligned } : undefined;
    if (!linux.folios.pages.has(at)) return undefined;
    return { subject: { kind, pfn: linux.folios.pfnOf(at), granule: granuleIn(at, linux.pageSize) } };
  }
  if (kind !== 'gmem' && kind !== 'mapping') return undefined;
  const row = new ObjectNames(run).find(kind, object) ?? 0;
  const isThere = kind === 'gmem' ? row <= linux.gmem.inodes.last : linux.spaces.mappings.has(row);
  if (row === 0 || !isThere) return undefined;
  const index = Math.floor(at / linux.pageSize);
  return { subject: { kind, row, index, granule: granuleIn(at, linux.pageSize) } };
}

const granuleIn = (at: number, pageSize: number) => Math.floor((at % pageSize) / GRANULE);

class PageChanges implements Changes {
  private readonly source: MomentSource;
  private readonly place: Place;
  private readonly name: string;
  private index: ReturnType<typeof newPageIndex> | undefined;
  private moments: readonly number[] = [];
  private upto = -1;

  constructor(source: MomentSource, place: Place, name: string, page: PageOf | undefined) {
    this.source = source;
    this.place = place;
    this.name = name;
    if (page) this.index = newPageIndex(source.stepper.run, page);
  }

  get missing(): string | undefined {
    return this.index ? undefined : `there is no ${this.name} yet`;
  }

  count(moment: number): number {
    this.update();
    return firstFrom(this.moments.length, (i) => (this.moments[i] as number) > moment);
  }

  moment(nth: number): number {
    return this.moments[nth - 1] as number;
  }

  text(moment: number): string {
    const { index, name } = this;
    const { run } = this.source.stepper;
    if (!index) return name;
    const texts = elsewhere(run, () => changesAt(run, index, moment));
    const lines = texts.slice(0, MOST_LINES).map(({ field, before, after }) => `${field} ${before} -> ${after}`);
    const more = texts.length - lines.length;
    return `${name}: ${lines.join(', ')}${more > 0 ? `, and ${more} more` : ''}`;
  }

  private update(): void {
    const { run } = this.source.stepper;
    if (this.upto === run.reached) return;
    this.index ??= this.found(run);
    this.upto = run.reached;
    const { index } = this;
    index?.update();
    this.moments = index?.moments.filter((_, i) => index.lines[i] !== 0) ?? [];
  }

  /** Looks for it where the run has got to. */
  private found(run: Run): ReturnType<typeof newPageIndex> | undefined {
    const page = elsewhere(run, () => {
      run.seek(run.reached);
      return pageNow(this.source, this.place);
    });
    return page && newPageIndex(run, page);
  }
}
