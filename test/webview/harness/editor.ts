// Stands in for the editor around a panel: hands out its API, keeps its state, answers from the fixtures, and notes what was posted.
import type { PanelMessage, PanelRequest } from '../../../server/src/features/panel-model.ts';
import { moments, placesOf, runsOf, touches } from '../fixtures.ts';

declare global {
  interface Window {
    acquireVsCodeApi: () => object;
    posted: PanelRequest[];
    /** Sends the panel a message, as the extension does. */
    tell: (message: PanelMessage) => void;
    violations: string[];
  }
}

const wanted = new URLSearchParams(location.search);
document.addEventListener('DOMContentLoaded', () => {
  document.body.className = `vscode-${wanted.get('theme') ?? 'dark'}`;
});

let current = moments[wanted.get('moment') ?? 'refused'];

window.posted = [];
window.violations = [];
window.tell = (message) => {
  if (message.type === 'moment') current = message.moment;
  window.postMessage(message);
};
window.acquireVsCodeApi = () => ({
  postMessage: (request: PanelRequest) => {
    window.posted.push(request);
    answer(request);
  },
  getState: () => JSON.parse(sessionStorage.getItem('state') ?? 'null') as unknown,
  setState: (state: unknown) => sessionStorage.setItem('state', JSON.stringify(state)),
});
document.addEventListener('securitypolicyviolation', (event) => {
  window.violations.push(`${event.violatedDirective} ${event.blockedURI}`);
});

function answer(request: PanelRequest): void {
  const message = answerTo(request);
  if (message) window.tell(message);
}

function answerTo(request: PanelRequest): PanelMessage | undefined {
  if (!current) return request.type === 'ready' ? { type: 'ended', program: '/samples/01-first.cocoscn' } : undefined;
  switch (request.type) {
    case 'ready':
    case 'moment':
      return { type: 'moment', moment: current };
    case 'runs':
      return { type: 'runs', runs: runsOf(current, request.from, request.count, request.filter) };
    case 'places':
      return { type: 'places', places: placesOf(current, request.page) };
    case 'touches':
      return { type: 'touches', revision: current.revision, page: request.page, steps: touches };
    default:
      return undefined;
  }
}
