// Starts the panel in its page: connects to the editor once, then draws what it is told.
import './page-history.css';
import { render } from 'preact';
import type { HistoryPanelMessage, HistoryPanelRequest } from '../../../server/src/features/history-model.ts';
import { connect } from '../common/host.ts';
import type { KeptSelection } from '../common/selecting-panel.ts';
import { App } from './app.tsx';
import { Controller } from './controller.ts';

const host = connect<HistoryPanelRequest, HistoryPanelMessage, KeptSelection>();
render(<App panel={new Controller(host)} />, document.body);
