// Stands in for the editor around the Translation tables panel: a real run in the page, at the step that the page was opened with.
import { MomentSource } from '../../../server/src/features/moment.ts';
import type { Place } from '../../../server/src/features/panel-model.ts';
import { answerTableRuns, answerTables } from '../../../server/src/features/tables.ts';
import type { TablesPanelMessage, TablesPanelRequest } from '../../../server/src/features/tables-model.ts';
import { Stepper } from '../../../server/src/run/index.ts';
import { populated } from '../../features/kernel-scenarios.ts';
import { finished, LARGE, SCENARIO } from '../../features/tables-scenario.ts';
import { standIn, wanted } from './stand-in.ts';

/** The last call that begins so; `none` is no session at all, `start` the beginning. */
const STEPS: Readonly<Record<string, readonly [scenario: string, call: string]>> = {
  start: [SCENARIO, ''],
  created: [SCENARIO, 'RMI_REALM_CREATE(RD'],
  assigned: [SCENARIO, 'RMI_DATA_CREATE_UNKNOWN(RD, DATA + 12K, IPA + 12K'],
  destroyed: [SCENARIO, 'RMI_DATA_DESTROY'],
  folded: [SCENARIO, 'RMI_RTT_FOLD'],
  shared: [SCENARIO, 'RMI_RTT_MAP_UNPROTECTED(RD, ALIAS + 4K'],
  refused: [SCENARIO, 'RMI_DATA_CREATE_UNKNOWN(RD, DATA + 4K, IPA + 4K'],
  populated: [populated, 'KVM_CAP_ARM_RME_POPULATE_REALM'],
  large: [LARGE, 'RMI_RTT_INIT_RIPAS'],
};

const step = STEPS[wanted.get('moment') ?? 'assigned'];
const source = step && sourceAt(...step);
let revision = 1;

function sourceAt(scenario: string, call: string): MomentSource {
  const run = finished(scenario);
  let moment = call === '' ? 0 : run.reached;
  const begins = (at: number) => {
    const site = run.instructionAt(at)?.site;
    return site?.file.slice(site.span).startsWith(call) ?? false;
  };
  while (moment > 0 && !begins(moment)) moment--;
  const source = new MomentSource(new Stepper(run), { session: 'one', pathOf: ({ path }) => `/samples/${path}` });
  run.seek(moment);
  return source;
}

declare global {
  interface Window {
    /** Tells the panel the moment once more, as one that is about a page. */
    focusOn: (page: Place) => void;
  }
}

window.focusOn = (focus) => {
  revision++;
  if (source) tell({ type: 'moment', moment: { ...source.moment(revision), focus } });
};

function tell(message: TablesPanelMessage): void {
  window.postMessage(message);
}

standIn((request) => {
  const message = source ? answerTo(source, request as TablesPanelRequest) : undefined;
  if (message) tell(message);
  else if (!source && request.type === 'ready') tell({ type: 'ended', program: '/samples/01-first.cocoscn' });
});

function answerTo(of: MomentSource, request: TablesPanelRequest): TablesPanelMessage | undefined {
  const { run } = of.stepper;
  switch (request.type) {
    case 'ready':
    case 'moment':
      return { type: 'moment', moment: of.moment(revision) };
    case 'tables':
      return { type: 'tables', tables: answerTables(of, request) };
    case 'tableRuns': {
      const runs = answerTableRuns(run, request);
      return { type: 'tableRuns', rtt: request.rtt, revision: request.revision, ...(runs && { runs }) };
    }
    case 'touches':
      return { type: 'touches', revision, page: request.page, steps: of.touches(request.page) };
    case 'goto':
    case 'stepBack':
    case 'stepForward': {
      const here = run.log.step(run.now);
      const to = request.type === 'goto' ? request.step : here + (request.type === 'stepBack' ? -1 : 1);
      run.seek(to <= 0 ? 0 : run.log.momentOf(to));
      return { type: 'moment', moment: of.moment(++revision) };
    }
    default:
      return undefined;
  }
}
