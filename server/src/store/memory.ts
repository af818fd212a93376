// Where cells live: pages of the cell space that were written have a place in one array, all others share a page of zeros.
import { grown } from './grown.ts';

/** Cells a page holds. */
export const PAGE = 1024;
const SHIFT = 10;
const WITHIN = PAGE - 1;

/** Pages that a new store has room for; a run of a few calls touches that many. */
const FIRST_PAGES = 16;

/** The place of every page that nobody wrote: slots below `PAGE` are of such pages, and hold 0. */
const EMPTY = 0;

/** Pages whose places stand together in one part of the directory. */
const PART = 1024;
const PART_SHIFT = SHIFT + 10;

/** Parts that the cell space has; the directory begins with the place of each in the directory itself. */
const PARTS = 2 ** 32 / (PART * PAGE);

/** Where the part stands that all parts without a written page share. */
const EMPTY_PART = PARTS;

/** A cell's slot is its index in `words`; once given it never changes. */
export class Memory {
  words: Float64Array = new Float64Array(FIRST_PAGES * PAGE);
  /**
   * Two levels in one array, so that a read follows one pointer less: for each part where it begins here, then the parts, which
   * say for each of their pages the slot where it begins.
   */
  private directory: Uint32Array = new Uint32Array(PARTS + 4 * PART).fill(EMPTY_PART, 0, PARTS);
  /** Entries of the directory that are taken. */
  private taken = EMPTY_PART + PART;
  /** For each page in `words` its number in the cell space. */
  private readonly pages: number[] = [EMPTY];

  read(cell: number): number {
    return this.words[this.find(cell)] as number;
  }

  /** The slot of a cell; a cell whose page nobody wrote gets one of its own. */
  slot(cell: number): number {
    const slot = this.find(cell);
    return slot < PAGE ? this.add(cell >>> SHIFT) + slot : slot;
  }

  /** The slot of a cell; one below `PAGE`, where 0 stands, if nobody wrote its page. */
  find(cell: number): number {
    const { directory } = this;
    const part = directory[cell >>> PART_SHIFT] as number;
    return (directory[part + ((cell >>> SHIFT) & (PART - 1))] as number) + (cell & WITHIN);
  }

  /** The cell that has this slot. */
  cellAt(slot: number): number {
    return (this.pages[slot >>> SHIFT] as number) * PAGE + (slot & WITHIN);
  }

  private add(page: number): number {
    const place = this.pages.length * PAGE;
    if (place === this.words.length) this.words = grown(this.words, (n) => new Float64Array(n));
    this.pages.push(page);
    const part = Math.floor(page / PART);
    if (this.directory[part] === EMPTY_PART) this.addPart(part);
    this.directory[(this.directory[part] as number) + (page % PART)] = place;
    return place;
  }

  private addPart(part: number): void {
    if (this.taken === this.directory.length) {
      const larger = new Uint32Array(2 * this.taken - PARTS);
      larger.set(this.directory);
      this.directory = larger;
    }
    this.directory[part] = this.taken;
    this.taken += PART;
  }
}
