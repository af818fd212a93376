// Stands in for the editor around the Timeline and Page history panels: a real run in the page, at the step that it was opened with.
import { answerHistory } from '../../../server/src/features/history.ts';
import type { HistoryPanelMessage, HistoryPanelRequest } from '../../../server/src/features/history-model.ts';
import { MomentSource } from '../../../server/src/features/moment.ts';
import { answerDensity, answerSteps } from '../../../server/src/features/timeline.ts';
import type { TimelinePanelMessage, TimelinePanelRequest } from '../../../server/src/features/timeline-model.ts';
import { viewOf } from '../../../server/src/features/timeline-view.ts';
import { LONG, ran, SCENARIO, UNEXPECTED } from '../../features/timeline-scenario.ts';
import { standIn, wanted } from './stand-in.ts';

/** The scenario and the step; `none` is no session at all. */
const STEPS: Readonly<Record<string, readonly [scenario: string, step: number]>> = {
  start: [SCENARIO, 0],
  given: [SCENARIO, 19],
  refused: [SCENARIO, 40],
  end: [SCENARIO, 52],
  failed: [UNEXPECTED, 51],
  long: [LONG, 12_345],
};

type Request = TimelinePanelRequest | HistoryPanelRequest;
type Message = TimelinePanelMessage | HistoryPanelMessage;

const pathOf = () => '/samples/unwind.cocoscn';
const opened = STEPS[wanted.get('moment') ?? 'refused'];
const source = opened && sourceAt(...opened);
let revision = 1;

function sourceAt(scenario: string, step: number): MomentSource {
  const { stepper } = ran(scenario);
  stepper.gotoStep(step);
  return new MomentSource(stepper, { session: 'one', pathOf });
}

standIn((request) => {
  const message = source ? answerTo(source, request as Request) : undefined;
  if (message) window.postMessage(message);
  else if (!source && request.type === 'ready') window.postMessage({ type: 'ended', program: pathOf() });
});

function answerTo(of: MomentSource, request: Request): Message | undefined {
  const { stepper } = of;
  const here = stepper.run.log.step(stepper.run.now);
  switch (request.type) {
    case 'ready':
    case 'moment':
      return { type: 'moment', moment: of.moment(revision) };
    case 'steps': {
      const { page } = request;
      return { type: 'steps', steps: answerSteps(viewOf(of, pathOf), request), ...(page && { page }) };
    }
    case 'density':
      return { type: 'density', density: answerDensity(viewOf(of, pathOf), request) };
    case 'history':
      return { type: 'history', history: answerHistory(viewOf(of, pathOf), request) };
    case 'touches':
      return { type: 'touches', revision, page: request.page, steps: of.touches(request.page) };
    case 'select':
      return { type: 'selected', ...(request.page && { page: request.page }) };
    case 'goto':
    case 'stepBack':
    case 'stepForward':
      stepper.gotoStep(request.type === 'goto' ? request.step : here + (request.type === 'stepBack' ? -1 : 1));
      return { type: 'moment', moment: of.moment(++revision) };
    default:
      return undefined;
  }
}
