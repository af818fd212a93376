// The "Timeline" panel: rows and lanes of the run.
import type * as vscode from 'vscode';
import type { PanelRequest } from '../../../server/src/features/panel-model.ts';
import type {
  Density,
  TimelinePanelMessage,
  TimelinePanelRequest,
  TimelineRows,
} from '../../../server/src/features/timeline-model.ts';
import { type Answers, FollowingPanel } from './following-panel.ts';
import type { PanelSource } from './panel-source.ts';

type Question = Exclude<TimelinePanelRequest, PanelRequest>;

const kind = { viewType: 'cocoscn.timeline', title: 'Timeline', bundle: 'timeline' };

const answers: Answers<Question, TimelinePanelMessage> = {
  density: (_, answer) => (answer ? { type: 'density', density: answer as Density } : undefined),
  steps: ({ page }, answer) =>
    answer ? { type: 'steps', steps: answer as TimelineRows, ...(page && { page }) } : undefined,
};

export const timelinePanel = (extensionUri: vscode.Uri, source: PanelSource) =>
  new FollowingPanel(extensionUri, kind, source, answers);
