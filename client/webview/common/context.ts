// The context menu of a page: the editor draws it, and hands what stands here on to the command that is chosen.
import type { Place } from '../../../server/src/features/panel-model.ts';

/** For every element that stands for a page. */
export const contextOf = (page: Place | undefined): { readonly 'data-vscode-context'?: string } =>
  page
    ? { 'data-vscode-context': JSON.stringify({ cocoscnPage: true, page, preventDefaultContextMenuItems: true }) }
    : {};
