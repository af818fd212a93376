// Between the panel and the debugger: the tables around one IPA after each stop, and the rows of the tables that are open.
import type { Place } from '../../../server/src/features/panel-model.ts';
import type { TablesPanelMessage, TablesPanelRequest } from '../../../server/src/features/tables-model.ts';
import { FollowingPanel } from '../common/following-panel.ts';
import type { Host } from '../common/host.ts';
import { samePage } from '../common/place.ts';
import { LOST } from '../common/seeking.ts';
import { CHUNK, type EntryKey, isOpen, nothingYet, type PanelState, told } from './state.ts';

/** What is kept while the editor has thrown the panel's page away. */
export interface Kept {
  readonly session: string | undefined;
  readonly realm: number | undefined;
  readonly chosen: EntryKey | undefined;
  readonly page: Place | undefined;
  readonly words: string;
}

/** The page to show: what the reader chose, else what the step is about, which says more of a frame by its arguments. */
const pageOf = (page: Place | undefined, chosen: Place | undefined) =>
  page && (chosen || page.kind === 'gmem' || page.kind === 'mapping' || page.kind === 'gpa') ? { page } : {};

interface Chunk {
  readonly rtt: number;
  readonly chunk: number;
}

export class Controller extends FollowingPanel<PanelState, TablesPanelRequest, TablesPanelMessage, Kept> {
  /** Chunks of rows that are on screen or close to it. */
  #wanted: readonly Chunk[] = [];
  #fetching: (Chunk & { readonly since: number; readonly revision: number }) | undefined;

  constructor(host: Host<TablesPanelRequest, TablesPanelMessage, Kept>) {
    super(host, nothingYet);
  }

  protected kept({ session, realm, chosen, page, words }: PanelState): Kept {
    return { session, realm, chosen, page, words };
  }

  protected told(message: TablesPanelMessage): PanelState {
    if (message.type === 'tableRuns') this.#fetching = undefined;
    return told(this.state, message);
  }

  protected override heard(message: TablesPanelMessage): void {
    if (message.type === 'selected') this.#selected(message.page);
    if (message.type === 'tables') this.#askTouches();
    if (message.type === 'tables' || message.type === 'tableRuns') this.#fetch();
  }

  protected selectedPage(): Place | undefined {
    return this.state.selected;
  }

  protected follow(): void {
    this.#askTables();
  }

  #askTables(): void {
    const { moment, realm, chosen, page } = this.state;
    if (!moment) return;
    const where = chosen ? { ipa: chosen.ipa } : pageOf(page ?? moment.focus, page);
    const about = { ...(realm === undefined ? {} : { realm }), ...where };
    this.post({ type: 'tables', revision: moment.revision, ...about });
  }

  #askTouches(): void {
    const { moment, selected } = this.state;
    if (moment && selected) this.post({ type: 'touches', revision: moment.revision, page: selected });
  }

  /** Rows that are on screen and not there yet; fetched one chunk after the other. */
  needRows(wanted: readonly Chunk[]): void {
    this.#wanted = wanted;
    this.#fetch();
  }

  #fetch(): void {
    const { moment, rows } = this.state;
    if (!moment || this.scrubbing) return;
    const { revision } = moment;
    const flying = this.#fetching;
    if (flying && flying.revision === revision && performance.now() - flying.since <= LOST) return;
    const next = this.#wanted.find(({ rtt, chunk }) => {
      const table = rows.get(rtt);
      return table?.revision !== revision || !table.chunks.has(chunk);
    });
    if (!next) return;
    this.#fetching = { ...next, since: performance.now(), revision };
    this.post({ type: 'tableRuns', revision, rtt: next.rtt, from: next.chunk * CHUNK, count: CHUNK });
  }

  /** A place of a change. */
  select(page: Place): void {
    this.#show(page);
    this.post({ type: 'select', page });
  }

  /** An entry shows its walk, a page the walk to the entry that leads to it, or to where that would be. */
  #show(page: Place): void {
    if (page.kind !== 'entry') {
      this.become({ ...this.state, realm: undefined, chosen: undefined, page, selected: page, opens: true });
      this.#askTables();
      return;
    }
    const realm = this.state.tables?.realms.find(({ object }) => page.object === object)?.at;
    this.become({ ...this.state, realm: realm ?? this.state.realm });
    this.#choose({ level: page.level ?? 3, ipa: page.at }, true);
  }

  /** A page was chosen in some panel, perhaps in this one. */
  #selected(page: Place | undefined): void {
    const { chosen, page: shown, selected } = this.state;
    if (!page) {
      if (chosen || shown) this.#followStep();
    } else if (!samePage(page, selected) && !(chosen && page.at === chosen.ipa && page.level === chosen.level)) {
      this.#show(page);
    }
  }

  /** Shows the walk to an entry and opens the tables on its way. */
  walkTo(entry: EntryKey): void {
    this.#choose(entry, true);
    this.#tellOthers(entry);
  }

  /** Shows the walk to an entry of the tree, which stays as it is. */
  choose(entry: EntryKey): void {
    this.#choose(entry, false);
    this.#tellOthers(entry);
  }

  /** An entry of the realm that is shown as a place. */
  pageAt({ level, ipa }: EntryKey): Place | undefined {
    const object = this.state.tables?.chosen?.object;
    return object === undefined ? undefined : { kind: 'entry', object, at: ipa, level };
  }

  #tellOthers(entry: EntryKey): void {
    const page = this.pageAt(entry);
    if (page) this.post({ type: 'select', page });
  }

  #choose(entry: EntryKey, opens: boolean): void {
    const { moment, realm, tables } = this.state;
    if (!moment) return;
    const of = realm ?? tables?.chosen?.realm;
    this.become({ ...this.state, realm: of, chosen: entry, page: undefined, opens });
    this.#askTables();
  }

  chooseRealm(realm: number): void {
    this.become({ ...this.state, realm, chosen: undefined, page: undefined, opens: true });
    this.#askTables();
  }

  /** Gives the choice of realm and entry back to the step. */
  unselect(): void {
    this.#followStep();
    this.post({ type: 'select' });
  }

  #followStep(): void {
    this.become({ ...this.state, realm: undefined, chosen: undefined, page: undefined, opens: true });
    this.#askTables();
  }

  open(rtt: number, open: boolean): void {
    if (isOpen(this.state, rtt) === open) return;
    this.become({ ...this.state, opened: new Map([...this.state.opened, [rtt, open]]) });
  }

  filterBy(words: string): void {
    this.become({ ...this.state, words });
  }
}
