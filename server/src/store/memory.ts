// Where cells live: pages of the cell space that were written have a place in one array, all others share a page of zeros.

/** Cells a page holds. */
export const PAGE = 1024;
const SHIFT = 10;
const WITHIN = PAGE - 1;

/** Pages that a new store has room for; a run of a few calls touches that many. */
const FIRST_PAGES = 16;

/** The place of every page that nobody wrote. */
const EMPTY = 0;

/** A cell's slot is its index in `words`; once given it never changes. */
export class Memory {
  words: Float64Array = new Float64Array(FIRST_PAGES * PAGE);
  /** For each page of the cell space the slot where it begins. */
  private places: Uint32Array = new Uint32Array(FIRST_PAGES);
  /** For each page in `words` its number in the cell space. */
  private readonly pages: number[] = [EMPTY];

  /** Makes room for cells below `cells`; more than asked for, as tables come one after the other. */
  extend(cells: number): void {
    const pages = Math.ceil(cells / PAGE);
    if (pages <= this.places.length) return;
    const places = new Uint32Array(Math.max(pages, 2 * this.places.length));
    places.set(this.places);
    this.places = places;
  }

  read(cell: number): number {
    return this.words[(this.places[cell >>> SHIFT] as number) + (cell & WITHIN)] as number;
  }

  /** The slot of a cell; a cell whose page nobody wrote gets one of its own. */
  slot(cell: number): number {
    const page = cell >>> SHIFT;
    let place = this.places[page] as number;
    if (place === EMPTY) place = this.add(page);
    return place + (cell & WITHIN);
  }

  /** The slot of a cell, or -1 if its page was never written. */
  slotIfWritten(cell: number): number {
    const place = this.places[cell >>> SHIFT] as number;
    return place === EMPTY ? -1 : place + (cell & WITHIN);
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
    this.places[page] = place;
    return place;
  }
}
