// Starts the panel in its page: connects to the editor once, then draws what it is told.
import './page-states.css';
import { render } from 'preact';
import type { PanelMessage, PanelRequest } from '../../../server/src/features/panel-model.ts';
import { connect } from '../common/host.ts';
import { App } from './app.tsx';
import { Controller, type Kept } from './controller.ts';

render(<App panel={new Controller(connect<PanelRequest, PanelMessage, Kept>())} />, document.body);
