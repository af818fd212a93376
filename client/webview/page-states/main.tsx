// Starts the panel in its page: connects to the editor once, then draws what it is told.
import './page-states.css';
import { render } from 'preact';
import { connect } from '../common/host.ts';
import { App } from './app.tsx';
import { Controller } from './controller.ts';

render(<App panel={new Controller(connect())} />, document.body);
