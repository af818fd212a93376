// The "Page history" panel: all that happened to one page.
import type * as vscode from 'vscode';
import type {
  HistoryPanelMessage,
  HistoryPanelRequest,
  PageHistory,
} from '../../../server/src/features/history-model.ts';
import type { PanelRequest } from '../../../server/src/features/panel-model.ts';
import { type Answers, FollowingPanel } from './following-panel.ts';
import type { PanelSource } from './panel-source.ts';

type Question = Exclude<HistoryPanelRequest, PanelRequest>;

const kind = { viewType: 'cocoscn.pageHistory', title: 'Page history', bundle: 'page-history' };

const answers: Answers<Question, HistoryPanelMessage> = {
  history: (_, answer) => (answer ? { type: 'history', history: answer as PageHistory } : undefined),
};

export const pageHistoryPanel = (extensionUri: vscode.Uri, source: PanelSource) =>
  new FollowingPanel(extensionUri, kind, source, answers);
