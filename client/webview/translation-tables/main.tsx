// Starts the panel in its page: connects to the editor once, then draws what it is told.
import './translation-tables.css';
import { render } from 'preact';
import type { TablesPanelMessage, TablesPanelRequest } from '../../../server/src/features/tables-model.ts';
import { connect } from '../common/host.ts';
import { App } from './app.tsx';
import { Controller, type Kept } from './controller.ts';

render(<App panel={new Controller(connect<TablesPanelRequest, TablesPanelMessage, Kept>())} />, document.body);
