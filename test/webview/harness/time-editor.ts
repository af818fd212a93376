// Stands in for the editor around the Timeline and Page history panels: a real run in the page, at the step that it was opened with.
import { answerHistory } from '../../../server/src/features/history.ts';
import type { HistoryPanelMessage, HistoryPanelRequest } from '../../../server/src/features/history-model.ts';
import { MomentSource } from '../../../server/src/features/moment.ts';
import type { Moment, Place } from '../../../server/src/features/panel-model.ts';
import { answerDensity, answerSteps } from '../../../server/src/features/timeline.ts';
import type { TimelinePanelMessage, TimelinePanelRequest } from '../../../server/src/features/timeline-model.ts';
import { viewOf } from '../../../server/src/features/timeline-view.ts';
import { changesOf, type Watched, watchedAt, watchedBy } from '../../../server/src/features/watches.ts';
import { Breakpoints, Stepper } from '../../../server/src/run/index.ts';
import { LONG, ran, SCENARIO, UNEXPECTED } from '../../features/timeline-scenario.ts';
import { standIn, wanted } from './stand-in.ts';

/** The scenario and the step; `none` is no session at all. */
const STEPS: Readonly<Record<string, readonly [scenario: string, step: number]>> = {
  start: [SCENARIO, 0],
  given: [SCENARIO, 19],
  refused: [SCENARIO, 40],
  end: [SCENARIO, 52],
  watched: [SCENARIO, 40],
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
  const { run } = ran(scenario).stepper;
  const stepper = new Stepper(run, (timeline) => new Breakpoints(timeline, (data) => changesIn(data)));
  const source: MomentSource = new MomentSource(stepper, { session: 'one', pathOf });
  const changesIn = (data: string) => {
    const found = watchedBy(source, data);
    return found && changesOf(source, found);
  };
  stepper.gotoStep(step);
  return source;
}

/** The pages that are watched now; with the moment `watched` one is from the beginning, and a line has a breakpoint. */
let watched: readonly Watched[] = [];

function watch(of: MomentSource, page: Place): void {
  const found = watchedAt(of, page);
  if (!found) return;
  const others = watched.filter(({ data }) => data !== found.data);
  watched = others.length < watched.length ? others : [...watched, found];
  of.stepper.breakpoints?.set(
    '*',
    watched.map(({ data }) => ({ place: { data } })),
  );
}

if (source && wanted.get('moment') === 'watched') {
  watch(source, { kind: 'frame', object: 'granules', at: 0x8810_4000 });
  const { path } = source.stepper.run.program.main;
  source.stepper.breakpoints?.set(path, [{ place: { path, line: 44 } }]);
}

function momentOf(of: MomentSource): Moment {
  const shown = watched.map(({ place: page, text }) => ({ page, text }));
  return { ...of.moment(revision), ...(shown.length > 0 && { watched: shown }) };
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
      return { type: 'moment', moment: momentOf(of) };
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
    case 'watch':
      watch(of, request.page);
      revision++;
      return { type: 'moment', moment: momentOf(of) };
    case 'goto':
    case 'stepBack':
    case 'stepForward':
      stepper.gotoStep(request.type === 'goto' ? request.step : here + (request.type === 'stepBack' ? -1 : 1));
      revision++;
      return { type: 'moment', moment: momentOf(of) };
    default:
      return undefined;
  }
}
