// The page that the reader chose, one for each scenario that is debugged, kept while the editor is closed.
import type { Memento } from 'vscode';
import type { Place } from '../../../server/src/features/panel-model.ts';

const KEY = 'cocoscn.selectedPages';
/** Scenarios whose page is kept; the one chosen longest ago makes way. */
const KEPT = 50;

type Kept = readonly (readonly [program: string, page: Place])[];

export class Selection {
  readonly #memento: Memento;

  /** `memento` is the workspace's. */
  constructor(memento: Memento) {
    this.#memento = memento;
  }

  /** The page chosen in a scenario; `undefined` where the panels follow the step. */
  of(program: string): Place | undefined {
    return this.#kept.find(([name]) => name === program)?.[1];
  }

  choose(program: string, page: Place | undefined): void {
    const others = this.#kept.filter(([name]) => name !== program);
    const kept = page ? [[program, page] as const, ...others].slice(0, KEPT) : others;
    void this.#memento.update(KEY, kept);
  }

  get #kept(): Kept {
    return this.#memento.get<Kept>(KEY, []);
  }
}
