// Where cells live: pages of the cell space that were written have a place in one array, all others share a page of zeros.

/** Cells a page holds. */
export const PAGE = 1024;
const SHIFT = 10;
const WITHIN = PAGE - 1;

/** Pages that a new store has room for; a run of a few calls touches that many. */
const FIRST_PAGES = 16;

/** The place of every page that nobody wrote. */
const EMPTY = 0;

/** Pages whose places stand together in one part of the directory. */
const PART = 1024;
const PART_SHIFT = SHIFT + 10;

/** The part of the directory where nothing is written. */
const EMPTY_PART = new Uint32Array(PART);

/** A cell's slot is its index in `words`; once given it never changes. */
export class Memory {
  words: Float64Array = new Float64Array(FIRST_PAGES * PAGE);
  /** For each page of the cell space the slot where it begins, in parts: a new store shares the empty one. */
  private readonly parts: Uint32Array[] = [];
  /** For each page in `words` its number in the cell space. */
  private readonly pages: number[] = [EMPTY];

  /** Makes room for cells below `cells`. */
  extend(cells: number): void {
    while (this.parts.length * PART * PAGE < cells) this.parts.push(EMPTY_PART);
  }

  read(cell: number): number {
    return this.words[this.place(cell) + (cell & WITHIN)] as number;
  }

  /** The slot of a cell; a cell whose page nobody wrote gets one of its own. */
  slot(cell: number): number {
    let place = this.place(cell);
    if (place === EMPTY) place = this.add(cell >>> SHIFT);
    return place + (cell & WITHIN);
  }

  /** The slot of a cell, or -1 if its page was never written. */
  slotIfWritten(cell: number): number {
    const place = this.place(cell);
    return place === EMPTY ? -1 : place + (cell & WITHIN);
  }

  private place(cell: number): number {
    return (this.parts[cell >>> PART_SHIFT] as Uint32Array)[(cell >>> SHIFT) & (PART - 1)] as number;
  }

  /** The cell that has this slot. */
  cellAt(slot: number): number {
    return (this.pages[slot >>> SHIFT] as number) * PAGE + (slot & WITHIN);
  }

  private add(page: number): number {
    const place = this.pages.length * PAGE;
    if (place === this.words.length) {
      const larger = new Float64Array(2 * place);
      larger.set(this.words);
      this.words = larger;
    }
    this.pages.push(page);
    const part = Math.floor(page / PART);
    if (this.parts[part] === EMPTY_PART) this.parts[part] = new Uint32Array(PART);
    (this.parts[part] as Uint32Array)[page % PART] = place;
    return place;
  }
}
