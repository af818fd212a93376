// Between the Timeline panel and the debugger: which rows and which lanes to ask for after each stop.
import type { PanelMessage, Source } from '../../../server/src/features/panel-model.ts';
import type {
  DensityRequest,
  StepsRequest,
  TimelinePanelMessage,
  TimelinePanelRequest,
} from '../../../server/src/features/timeline-model.ts';
import type { Host } from '../common/host.ts';
import { LOST } from '../common/seeking.ts';
import { type KeptSelection, keptSelection, SelectingPanel } from '../common/selecting-panel.ts';
import { CHUNK, keyOf, nothingYet, type PanelState, rowAt, told, zoomed } from './state.ts';

/** Bins of a long run; finer than any screen shows them. */
const BINS = 600;

type Own = StepsRequest | DensityRequest;
type PanelHost = Host<TimelinePanelRequest, TimelinePanelMessage, KeptSelection>;

export class Controller extends SelectingPanel<PanelState, Own, TimelinePanelMessage> {
  #wanted: readonly [number, number] = [0, 0];
  #fetching: { readonly since: number; readonly key: string } | undefined;

  constructor(host: PanelHost) {
    super(host, nothingYet);
  }

  protected told(message: TimelinePanelMessage | PanelMessage): PanelState {
    if (message.type === 'steps') {
      this.#fetching = undefined;
      queueMicrotask(() => this.#fetch());
    }
    return told(this.state, message);
  }

  protected kept(state: PanelState): KeptSelection {
    return keptSelection(state);
  }

  protected askOwn(): void {
    this.#askDensity();
    this.#fetch();
  }

  #askDensity(): void {
    const { moment, selected, window } = this.state;
    if (!moment) return;
    this.post({
      type: 'density',
      revision: moment.revision,
      bins: BINS,
      ...window,
      ...(selected && { page: selected }),
    });
  }

  /** The rows that are on screen or close to it; fetches the chunks of them that are missing, one after the other. */
  needRows(from: number, to: number): void {
    this.#wanted = [from, to];
    this.#fetch();
  }

  #fetch(): void {
    const { moment, rows, selected } = this.state;
    if (!moment || this.scrubbing) return;
    const page = keyOf(selected);
    const key = `${moment.revision} ${page}`;
    const flying = this.#fetching;
    if (flying?.key === key && performance.now() - flying.since <= LOST) return;
    const last = rows ? Math.min(this.#wanted[1], rows.total - 1) : this.#wanted[1];
    for (let chunk = Math.floor(this.#wanted[0] / CHUNK); chunk * CHUNK <= last; chunk++) {
      const known = rows?.chunks.get(chunk);
      if (known?.revision === moment.revision && known.page === page) continue;
      this.#fetching = { since: performance.now(), key };
      const about = selected ? { page: selected } : {};
      this.post({ type: 'steps', revision: moment.revision, from: chunk * CHUNK, count: CHUNK, ...about });
      return;
    }
  }

  /** Shows `factor` times as many steps around one of them, the current one if none is named. */
  zoom(factor: number, around?: number): void {
    const { moment, density } = this.state;
    const middle = around ?? Math.max(1, moment?.step.n ?? 1);
    if (!density) return;
    this.become(zoomed(this.state, factor, middle));
    this.#askDensity();
  }

  whole(): void {
    this.become({ ...this.state, window: undefined });
    this.#askDensity();
  }

  /** Moves the keys to a row, without moving time. */
  moveTo(row: number): void {
    this.become({ ...this.state, cursor: row });
  }

  /** Goes to the step of a row; where it takes none, its statement is shown. */
  goToRow(index: number): void {
    const row = this.state.rows && rowAt(this.state.rows, index);
    if (!row) return;
    if (row.n === undefined) {
      this.moveTo(index);
      this.revealAt(row.source, false);
    } else this.goTo(row.n);
  }

  protected override source(): Source | undefined {
    const { rows, cursor } = this.state;
    return (rows && cursor !== undefined ? rowAt(rows, cursor)?.source : undefined) ?? super.source();
  }
}
