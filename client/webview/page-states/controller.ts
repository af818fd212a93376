// Between the panel and the debugger: what to ask after each stop, one seek in flight at a time, and what the reader's acts send.
import type { Family, PanelMessage, PanelRequest, Place } from '../../../server/src/features/panel-model.ts';
import type { Host } from '../common/host.ts';
import { samePage } from '../common/place.ts';
import { LOST, Patience, Seeking } from '../common/seeking.ts';
import { selecting } from '../common/selection.ts';
import type { StepKind, StopPanel } from '../common/stop-panel.ts';
import { CHUNK, filterOf, nothingYet, type PanelState, told } from './state.ts';

/** What is kept while the editor has thrown the panel's page away. */
export interface Kept {
  readonly session: string | undefined;
  readonly selected: Place | undefined;
  readonly chosen: boolean;
  readonly family: Family | undefined;
  readonly words: string;
}

type PanelHost = Host<PanelRequest, PanelMessage, Kept>;

export class Controller implements StopPanel {
  state: PanelState;
  readonly #host: PanelHost;
  #changed: () => void = () => undefined;
  readonly #seeking: Seeking;
  readonly #patience = new Patience((patience) => this.#become({ ...this.state, patience }));
  #scrubbing = false;
  /** The chunk of runs on its way; its filter, because an answer does not carry one. */
  #fetching:
    | { readonly since: number; readonly revision: number; readonly filter: string; readonly chunk: number }
    | undefined;
  #wantedRows: readonly [number, number] = [0, 0];

  constructor(host: PanelHost) {
    this.#host = host;
    this.#seeking = new Seeking((request) => host.post(request));
    this.state = { ...nothingYet, ...host.load() };
    host.listen((message) => this.#receive(message));
    host.post({ type: 'ready' });
  }

  onChange(changed: () => void): void {
    this.#changed = changed;
  }

  #become(state: PanelState): void {
    if (state === this.state) return;
    this.state = state;
    const { session, selected, chosen, family, words } = state;
    this.#host.save({ session, selected, chosen, family, words });
    this.#changed();
  }

  #receive(message: PanelMessage): void {
    if (message.type === 'runs') {
      const asked = this.#fetching;
      this.#fetching = undefined;
      if (asked && asked.filter !== filterOf(this.state)) {
        this.#fetch();
        return;
      }
    }
    const before = this.state.selected;
    this.#become(told(this.state, message));
    if (message.type === 'moment') this.#landed();
    if (message.type === 'ended') this.#seeking.forget();
    if (message.type === 'selected' && !samePage(before, this.state.selected)) this.#follow();
    if (message.type === 'runs') this.#fetch();
    this.#patience.loading(this.state.loading !== undefined);
  }

  #landed(): void {
    if (this.#seeking.landed() && !this.#scrubbing) this.#follow();
  }

  /** What may come after the moment's own paint: the page in its places, its steps, the runs. */
  #follow(): void {
    const { moment, selected } = this.state;
    if (!moment) return;
    if (selected) {
      this.#host.post({ type: 'places', revision: moment.revision, page: selected });
      this.#host.post({ type: 'touches', revision: moment.revision, page: selected });
    }
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
    if (!moment || this.#scrubbing || this.#isFetching()) return;
    const current = runs?.revision === moment.revision && runs.filter === filter ? runs : undefined;
    // An empty table wants no rows; whether the next one has some is not known before it was asked for.
    const last = current ? Math.min(this.#wantedRows[1], current.total - 1) : Math.max(0, this.#wantedRows[1]);
    for (let chunk = Math.floor(this.#wantedRows[0] / CHUNK); chunk * CHUNK <= last; chunk++) {
      if (current?.chunks.has(chunk)) continue;
      this.#fetching = { since: performance.now(), revision: moment.revision, filter, chunk };
      this.#host.post({ type: 'runs', revision: moment.revision, from: chunk * CHUNK, count: CHUNK, filter });
      return;
    }
  }

  #isFetching(): boolean {
    const asked = this.#fetching;
    if (!asked || performance.now() - asked.since > LOST) return false;
    return asked.revision === this.state.moment?.revision;
  }

  #seek(request: PanelRequest): void {
    if (this.state.phase === 'following') this.#seeking.seek(request);
  }

  step(type: StepKind): void {
    this.#seek({ type });
  }

  goTo(step: number): void {
    if (step !== this.state.moment?.step.n || this.#seeking.underWay) this.#seek({ type: 'goto', step });
  }

  /** While a drag lasts only moments are asked for. */
  scrub(active: boolean): void {
    this.#scrubbing = active;
    if (!active && !this.#seeking.underWay) this.#follow();
  }

  get scrubbing(): boolean {
    return this.#scrubbing;
  }

  /** To the next (1) or previous (-1) step that touches the selected page. */
  touch(direction: 1 | -1): void {
    const { moment, touches } = this.state;
    if (!moment) return;
    const ahead = touches.filter((step) => (step - moment.step.n) * direction > 0);
    if (ahead.length > 0) this.goTo(direction > 0 ? Math.min(...ahead) : Math.max(...ahead));
  }

  select(page: Place): void {
    const again = samePage(page, this.state.selected);
    this.#become(selecting(this.state, page));
    this.#host.post({ type: 'select', page });
    if (again) return;
    const { moment } = this.state;
    if (!moment) return;
    this.#host.post({ type: 'places', revision: moment.revision, page });
    this.#host.post({ type: 'touches', revision: moment.revision, page });
  }

  /** Filters the runs by words, a family, or both; `undefined` and '' leave all. */
  filterBy(filter: { readonly words?: string; readonly family?: Family | undefined }): void {
    this.#become({ ...this.state, ...filter });
    this.#fetch();
  }

  toggleFamily(family: Family): void {
    this.filterBy({ family: this.state.family === family ? undefined : family });
  }

  reveal(focus: boolean): void {
    const source = this.state.moment?.step.source;
    if (source) this.#host.post({ type: 'reveal', source, focus });
  }

  revealLine(line: number): void {
    const source = this.state.moment?.step.source;
    if (source) this.#host.post({ type: 'reveal', source: { path: source.path, line }, focus: false });
  }

  copy(text: string): void {
    this.#host.post({ type: 'copy', text });
  }

  ask(type: 'run' | 'pause' | 'leave'): void {
    this.#host.post({ type });
  }

  help(shown: boolean): void {
    this.#become({ ...this.state, help: shown });
  }
}
