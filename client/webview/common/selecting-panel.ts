// What a panel that shows the selected page does beside: it selects, for all panels, and asks for the page's steps.
import type { PanelMessage, Place } from '../../../server/src/features/panel-model.ts';
import { FollowingPanel } from './following-panel.ts';
import { samePage } from './place.ts';
import { type Selecting, selecting } from './selection.ts';

/** What is kept while the editor has thrown the panel's page away. */
export interface KeptSelection {
  readonly session: string | undefined;
  readonly selected: Place | undefined;
  readonly chosen: boolean;
}

export abstract class SelectingPanel<
  S extends Selecting,
  Request,
  Message extends { readonly type: string },
  Kept extends KeptSelection = KeptSelection,
> extends FollowingPanel<S, Request, Message, Kept> {
  /** Asks what the panel itself tells of the selected page, and of the moment. */
  protected abstract askOwn(): void;

  protected follow(): void {
    const { moment, selected } = this.state;
    if (!moment) return;
    if (selected) this.post({ type: 'touches', revision: moment.revision, page: selected });
    this.askOwn();
  }

  protected override heard(message: Message | PanelMessage, before: S): void {
    if (message.type === 'selected' && !samePage(before.selected, this.state.selected)) this.follow();
  }

  protected selectedPage(): Place | undefined {
    return this.state.selected;
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
    this.post(page ? { type: 'select', page } : { type: 'select' });
    if (!samePage(before, this.state.selected)) this.follow();
  }
}

export const keptSelection = ({ session, selected, chosen }: Selecting): KeptSelection => ({
  session,
  selected,
  chosen,
});
