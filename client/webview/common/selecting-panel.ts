// What a panel that shows the selected page does alike: it follows the stops, seeks, selects, and asks again after each stop.
import type { PanelMessage, PanelRequest, Place, Source } from '../../../server/src/features/panel-model.ts';
import type { Host } from './host.ts';
import { samePage } from './place.ts';
import { Patience, Seeking } from './seeking.ts';
import { type Selecting, selecting } from './selection.ts';
import type { StepKind, StopPanel } from './stop-panel.ts';

/** What is kept while the editor has thrown the panel's page away. */
export interface KeptSelection {
  readonly session: string | undefined;
  readonly selected: Place | undefined;
  readonly chosen: boolean;
}

/** `Request` and `Message` are the panel's own, beside those of all panels. */
export abstract class SelectingPanel<S extends Selecting, Request, Message extends { readonly type: string }>
  implements StopPanel
{
  state: S;
  scrubbing = false;
  readonly #host: Host<Request | PanelRequest, Message | PanelMessage, KeptSelection>;
  readonly #seeking: Seeking;
  readonly #patience: Patience = new Patience((patience) => this.become({ ...this.state, patience }));
  #changed: () => void = () => undefined;

  constructor(host: Host<Request | PanelRequest, Message | PanelMessage, KeptSelection>, nothingYet: S) {
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

  onChange(changed: () => void): void {
    this.#changed = changed;
  }

  protected post(request: Request | PanelRequest): void {
    this.#host.post(request);
  }

  protected become(state: S): void {
    if (state === this.state) return;
    this.state = state;
    const { session, selected, chosen } = state;
    this.#host.save({ session, selected, chosen });
    this.#changed();
  }

  #receive(message: Message | PanelMessage): void {
    const before = this.state.selected;
    this.become(this.told(message));
    if (message.type === 'moment' && this.#seeking.landed() && !this.scrubbing) this.#ask();
    if (message.type === 'selected' && !samePage(before, this.state.selected)) this.#ask();
    if (message.type === 'ended') this.#seeking.forget();
    this.#patience.loading(this.state.loading !== undefined);
  }

  #ask(): void {
    const { moment, selected } = this.state;
    if (!moment) return;
    if (selected) this.#host.post({ type: 'touches', revision: moment.revision, page: selected });
    this.follow();
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
    if (!active && !this.#seeking.underWay) this.#ask();
  }

  touch(direction: 1 | -1): void {
    const { moment, touches } = this.state;
    if (!moment) return;
    const ahead = touches.filter((step) => (step - moment.step.n) * direction > 0);
    if (ahead.length > 0) this.goTo(direction > 0 ? Math.min(...ahead) : Math.max(...ahead));
  }

  select(page: Place): void {
    this.#choose(page);
  }

  /** Gives the selection back to the step; false when it follows the step already. */
  unselect(): boolean {
    if (!this.state.chosen) return false;
    this.#choose(undefined);
    return true;
  }

  #choose(page: Place | undefined): void {
    const before = this.state.selected;
    this.become(selecting(this.state, page));
    this.#host.post(page ? { type: 'select', page } : { type: 'select' });
    if (!samePage(before, this.state.selected)) this.#ask();
  }

  /** The statement that keys go to. */
  protected source(): Source | undefined {
    return this.state.moment?.step.source;
  }

  reveal(focus: boolean): void {
    const source = this.source();
    if (source) this.#host.post({ type: 'reveal', source, focus });
  }

  revealAt(source: Source, focus: boolean): void {
    this.#host.post({ type: 'reveal', source, focus });
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

  help(help: boolean): void {
    this.become({ ...this.state, help });
  }
}
