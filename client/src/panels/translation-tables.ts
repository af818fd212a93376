// The "Translation tables" panel: a realm's tables, and the runs of the one that is open.
import type * as vscode from 'vscode';
import type { PanelRequest } from '../../../server/src/features/panel-model.ts';
import type {
  TableRuns,
  Tables,
  TablesPanelMessage,
  TablesPanelRequest,
} from '../../../server/src/features/tables-model.ts';
import { type Answers, FollowingPanel } from './following-panel.ts';
import type { PanelSource } from './panel-source.ts';

type Question = Exclude<TablesPanelRequest, PanelRequest>;

const kind = { viewType: 'cocoscn.translationTables', title: 'Translation tables', bundle: 'translation-tables' };

const answers: Answers<Question, TablesPanelMessage> = {
  tables: (_, answer) => (answer ? { type: 'tables', tables: answer as Tables } : undefined),
  tableRuns: ({ rtt, revision }, answer) => {
    const runs = (answer ?? undefined) as TableRuns | undefined;
    return { type: 'tableRuns', rtt, revision, ...(runs && { runs }) };
  },
};

export const translationTablesPanel = (extensionUri: vscode.Uri, source: PanelSource) =>
  new FollowingPanel(extensionUri, kind, source, answers);
