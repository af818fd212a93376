// What all panels do alike: they follow the stops, seek, list changes, and send what the reader does.
import type { PanelMessage, PanelRequest, Place, Source } from '../../../server/src/features/panel-model.ts';
import { CHANGES, type Following, listedAt } from './following.ts';
import type { Host } from './host.ts';
import { Patience, Seeking } from './seeking.ts';
import type { StepKind, StopPanel } from './stop-panel.ts';

/** `Request` and `Message` are the panel's own, beside those of all panels; `Kept` is what outlives a page thrown away. */
export abstract class FollowingPanel<S extends Following, Request, Message extends { readonly type: string }, Kept>
  implements StopPanel
{
  state: S;
  scrubbing = false;
  readonly #host: Host<Request | PanelRequest, Message | PanelMessage, Kept>;
  readonly #seeking: Seeking;
  readonly #patience: Patience = new Patience((patience) => this.become({ ...this.state, patience }));
  #changed: () => void = () => undefined;

  constructor(host: Host<Request | PanelRequest, Message | PanelMessage, Kept>, nothingYet: S) {
    this.#host = host;
    this.#seeking = new Seeking((request) => host.post(request));
    this.state = { ...nothingYet, ...host.load() };
    host.listen((message) => this.#receive(message));
    host.post({ type: 'ready' });
  }

  /** The state after a message. */
  protected abstract told(message: Message | PanelMessage): S;
  /** Asks for what may come after the moment's own paint. */
  protected abstract follow(): void;
  protected abstract kept(state: S): Kept;
  abstract select(page: Place): void;

  /** What else a message leads to; `before` is the state that it found. */
  protected heard(_message: Message | PanelMessage, _before: S): void {}

  onChange(changed: () => void): void {
    this.#changed = changed;
  }

  protected post(request: Request | PanelRequest): void {
    this.#host.post(request);
  }

  protected become(state: S): void {
    if (state === this.state) return;
    this.state = state;
    this.#host.save(this.kept(state));
    this.#changed();
  }

  #receive(message: Message | PanelMessage): void {
    const before = this.state;
    this.become(this.told(message));
    if (message.type === 'moment' && this.#seeking.landed() && !this.scrubbing) this.follow();
    if (message.type === 'ended') this.#seeking.forget();
    this.heard(message, before);
    this.#patience.loading(this.state.loading !== undefined);
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
    this.scrubbing = active;
    if (!active && !this.#seeking.underWay) this.follow();
  }

  touch(direction: 1 | -1): void {
    const { moment, touches } = this.state;
    if (!moment) return;
    const ahead = touches.filter((step) => (step - moment.step.n) * direction > 0);
    if (ahead.length > 0) this.goTo(direction > 0 ? Math.min(...ahead) : Math.max(...ahead));
  }

  failure(direction: 'next' | 'previous'): void {
    this.#seek({ type: 'failure', direction });
  }

  showHistory(): void {
    this.post({ type: 'showHistory' });
  }

  breakpoint(): void {
    const source = this.source();
    if (source) this.post({ type: 'breakpoint', source });
  }

  watch(): void {
    this.#about('watch');
  }

  writer(): void {
    this.#about('writer');
  }

  expectation(): void {
    this.#about('expectation');
  }

  #about(type: 'watch' | 'writer' | 'expectation'): void {
    const page = this.selectedPage();
    if (page) this.post({ type, page });
  }

  /** The page that keys act on. */
  protected abstract selectedPage(): Place | undefined;

  listChanges(from: number | undefined): void {
    const { moment } = this.state;
    if (!moment) return;
    const isKnown = from === undefined || moment.moreChanges === undefined || from + CHANGES <= moment.changes.length;
    if (isKnown) this.become({ ...this.state, listed: listedAt(moment, from) });
    else this.post({ type: 'changes', revision: moment.revision, from, count: CHANGES });
  }

  /** The statement that keys go to. */
  protected source(): Source | undefined {
    return this.state.moment?.step.source;
  }

  reveal(focus: boolean): void {
    const source = this.source();
    if (source) this.revealAt(source, focus);
  }

  revealAt(source: Source, focus: boolean): void {
    this.post({ type: 'reveal', source, focus });
  }

  revealLine(line: number): void {
    const source = this.state.moment?.step.source;
    if (source) this.revealAt({ path: source.path, line }, false);
  }

  copy(text: string): void {
    this.post({ type: 'copy', text });
  }

  ask(type: 'run' | 'pause' | 'leave'): void {
    this.post({ type });
  }

  help(help: boolean): void {
    this.become({ ...this.state, help });
  }
}
