// Seeks of a panel: at most one is in flight, and of those that come meanwhile the newest waits.
import type { PanelRequest } from '../../../server/src/features/panel-model.ts';

/** An answer that has not come after this long, in ms, is taken for lost, so that nothing waits for ever. */
export const LOST = 2000;

export class Seeking {
  readonly #post: (request: PanelRequest) => void;
  #flying: { readonly since: number; readonly waiting: PanelRequest | undefined } | undefined;

  constructor(post: (request: PanelRequest) => void) {
    this.#post = post;
  }

  get underWay(): boolean {
    return this.#flying !== undefined;
  }

  seek(request: PanelRequest): void {
    const flying = this.#flying;
    if (flying && performance.now() - flying.since <= LOST) {
      this.#flying = { since: flying.since, waiting: request };
      return;
    }
    this.#flying = { since: performance.now(), waiting: undefined };
    this.#post(request);
  }

  /** A moment has come. False if a seek that waited goes out now, so that another moment follows. */
  landed(): boolean {
    const waiting = this.#flying?.waiting;
    this.#flying = undefined;
    if (waiting) this.seek(waiting);
    return !waiting;
  }

  forget(): void {
    this.#flying = undefined;
  }
}

/** Says when a run has been loading for long enough to show it, and for so long that the old moment makes way. */
export class Patience {
  readonly #say: (patience: 'shown' | 'skeleton') => void;
  #timers: ReturnType<typeof setTimeout>[] = [];
  #loading = false;

  constructor(say: (patience: 'shown' | 'skeleton') => void) {
    this.#say = say;
  }

  loading(loading: boolean): void {
    if (loading === this.#loading) return;
    this.#loading = loading;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers = loading
      ? [setTimeout(() => this.#say('shown'), 150), setTimeout(() => this.#say('skeleton'), 500)]
      : [];
  }
}
