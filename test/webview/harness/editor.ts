// Stands in for the editor around the Page states panel: answers from the fixtures.
import type { PanelMessage, PanelRequest } from '../../../server/src/features/panel-model.ts';
import { MANY, many, moments, placesOf, runsOf, touches } from '../fixtures.ts';
import { kernelSession } from '../kernel-fixtures.ts';
import { standIn, wanted } from './stand-in.ts';

declare global {
  interface Window {
    /** Sends the panel a message, as the extension does. */
    tell: (message: PanelMessage) => void;
  }
}

const name = wanted.get('moment') ?? 'refused';
const kernel = kernelSession(name);
let current = kernel?.moment ?? moments[name];

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
  const source = kernel?.source;
  switch (request.type) {
    case 'ready':
    case 'moment':
      return { type: 'moment', moment: current };
    case 'runs':
      return {
        type: 'runs',
        runs:
          source?.runs(current.revision, request, request.filter) ??
          runsOf(current, request.from, request.count, request.filter),
      };
    case 'places':
      return {
        type: 'places',
        places: source?.places(current.revision, request.page) ?? placesOf(current, request.page),
      };
    case 'changes': {
      const { revision, from, count } = request;
      const rows = many(from, count);
      return { type: 'changes', revision, from, rows, total: MANY };
    }
    case 'touches':
      return { type: 'touches', revision: current.revision, page: request.page, steps: touches };
    default:
      return undefined;
  }
}
