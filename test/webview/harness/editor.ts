// Stands in for the editor around the Page states panel: answers from the fixtures.
import type { PanelMessage, PanelRequest } from '../../../server/src/features/panel-model.ts';
import { moments, placesOf, runsOf, touches } from '../fixtures.ts';
import { standIn, wanted } from './stand-in.ts';

declare global {
  interface Window {
    /** Sends the panel a message, as the extension does. */
    tell: (message: PanelMessage) => void;
  }
}

let current = moments[wanted.get('moment') ?? 'refused'];

window.tell = (message) => {
  if (message.type === 'moment') current = message.moment;
  window.postMessage(message);
};

standIn((request) => {
  const message = answerTo(request as PanelRequest);
  if (message) window.tell(message);
});

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
