// Between the Page history panel and the debugger: the page's life after each stop, and the transitions that come into sight.
import type {
  HistoryPanelMessage,
  HistoryPanelRequest,
  HistoryRequest,
} from '../../../server/src/features/history-model.ts';
import type { PanelMessage, Source } from '../../../server/src/features/panel-model.ts';
import type { Host } from '../common/host.ts';
import { LOST } from '../common/seeking.ts';
import { type KeptSelection, keptSelection, SelectingPanel } from '../common/selecting-panel.ts';
import { CHUNK, nothingYet, type PanelState, told } from './state.ts';

type PanelHost = Host<HistoryPanelRequest, HistoryPanelMessage, KeptSelection>;

export class Controller extends SelectingPanel<PanelState, HistoryRequest, HistoryPanelMessage> {
  #fetching: { readonly since: number; readonly revision: number; readonly from: number } | undefined;

  constructor(host: PanelHost) {
    super(host, nothingYet);
  }

  protected told(message: HistoryPanelMessage | PanelMessage): PanelState {
    if (message.type === 'history') this.#fetching = undefined;
    return told(this.state, message);
  }

  protected kept(state: PanelState): KeptSelection {
    return keptSelection(state);
  }

  protected askOwn(): void {
    const { moment, selected } = this.state;
    if (moment && selected) this.post({ type: 'history', revision: moment.revision, page: selected, count: CHUNK });
  }

  /** Transitions that are on screen or close to it; the first that are missing are fetched. */
  needRows(from: number, to: number): void {
    const { moment, selected, story } = this.state;
    if (!moment || !selected || !story || this.scrubbing || story.head.revision !== moment.revision) return;
    let missing = from;
    while (missing <= to && story.rows.has(missing)) missing++;
    if (missing > to) return;
    const flying = this.#fetching;
    const { revision } = moment;
    if (flying?.revision === revision && performance.now() - flying.since <= LOST) return;
    this.#fetching = { since: performance.now(), revision, from: missing };
    this.post({ type: 'history', revision, page: selected, from: missing, count: CHUNK });
  }

  moveTo(cursor: number): void {
    this.become({ ...this.state, cursor });
  }

  /** Goes to the moment of a transition. */
  goToRow(index: number): void {
    const row = this.state.story?.rows.get(index);
    if (row) this.goTo(row.n);
  }

  protected override source(): Source | undefined {
    const { story, cursor } = this.state;
    return (cursor === undefined ? undefined : story?.rows.get(cursor)?.source) ?? super.source();
  }
}
