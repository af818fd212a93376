// Between the panel and the debugger: what to ask after each stop, and which rows of the table.
import type { Family, PanelMessage, PanelRequest } from '../../../server/src/features/panel-model.ts';
import type { Host } from '../common/host.ts';
import { LOST } from '../common/seeking.ts';
import { type KeptSelection, keptSelection, SelectingPanel } from '../common/selecting-panel.ts';
import { CHUNK, filterOf, nothingYet, type PanelState, told } from './state.ts';

/** What is kept while the editor has thrown the panel's page away. */
export interface Kept extends KeptSelection {
  readonly family: Family | undefined;
  readonly words: string;
}

export class Controller extends SelectingPanel<PanelState, PanelRequest, PanelMessage, Kept> {
  /** The chunk of runs on its way; its filter, because an answer does not carry one. */
  #fetching:
    | { readonly since: number; readonly revision: number; readonly filter: string; readonly chunk: number }
    | undefined;
  #wantedRows: readonly [number, number] = [0, 0];

  constructor(host: Host<PanelRequest, PanelMessage, Kept>) {
    super(host, nothingYet);
  }

  protected kept(state: PanelState): Kept {
    return { ...keptSelection(state), family: state.family, words: state.words };
  }

  /** Rows for another filter than the one that is set now have come too late. */
  protected told(message: PanelMessage): PanelState {
    const asked = this.#fetching;
    if (message.type !== 'runs') return told(this.state, message);
    this.#fetching = undefined;
    return asked && asked.filter !== filterOf(this.state) ? this.state : told(this.state, message);
  }

  protected override heard(message: PanelMessage, before: PanelState): void {
    super.heard(message, before);
    if (message.type === 'runs') this.#fetch();
  }

  protected askOwn(): void {
    const { moment, selected } = this.state;
    if (moment && selected) this.post({ type: 'places', revision: moment.revision, page: selected });
    this.#fetch();
  }

  /** The rows that are on screen or close to it; fetches the chunks of them that are missing, one after the other. */
  needRows(from: number, to: number): void {
    this.#wantedRows = [from, to];
    this.#fetch();
  }

  #fetch(): void {
    const { moment, runs } = this.state;
    const filter = filterOf(this.state);
    if (!moment || this.scrubbing || this.#isFetching()) return;
    const current = runs?.revision === moment.revision && runs.filter === filter ? runs : undefined;
    // An empty table wants no rows; whether the next one has some is not known before it was asked for.
    const last = current ? Math.min(this.#wantedRows[1], current.total - 1) : Math.max(0, this.#wantedRows[1]);
    for (let chunk = Math.floor(this.#wantedRows[0] / CHUNK); chunk * CHUNK <= last; chunk++) {
      if (current?.chunks.has(chunk)) continue;
      this.#fetching = { since: performance.now(), revision: moment.revision, filter, chunk };
      this.post({ type: 'runs', revision: moment.revision, from: chunk * CHUNK, count: CHUNK, filter });
      return;
    }
  }

  #isFetching(): boolean {
    const asked = this.#fetching;
    if (!asked || performance.now() - asked.since > LOST) return false;
    return asked.revision === this.state.moment?.revision;
  }

  /** Filters the runs by words, a family, or both; `undefined` and '' leave all. */
  filterBy(filter: { readonly words?: string; readonly family?: Family | undefined }): void {
    this.become({ ...this.state, ...filter });
    this.#fetch();
  }

  toggleFamily(family: Family): void {
    this.filterBy({ family: this.state.family === family ? undefined : family });
  }
}
