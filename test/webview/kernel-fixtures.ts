// Moments of scenarios with the host kernel, as the debugger would tell them: run here, in the browser.
import { analyse } from '../../server/src/features/analysis.ts';
import { MomentSource } from '../../server/src/features/moment.ts';
import type { Moment } from '../../server/src/features/panel-model.ts';
import { Breakpoints, Stepper } from '../../server/src/run/index.ts';
import { leaked, pinned, populated, punched } from '../features/kernel-scenarios.ts';

export interface KernelSession {
  readonly source: MomentSource;
  readonly moment: Moment;
}

/** By the name of the moment: the scenario, and how the call begins that it stands behind. */
const WANTED: Readonly<Record<string, readonly [text: string, call: string]>> = {
  pinned: [pinned, 'gup('],
  unmapped: [pinned, 'unmap_host('],
  converted: [pinned, 'attr_store('],
  punched: [punched, 'unmap_host('],
  leaked: [leaked, 'leak_page('],
  populated: [populated, 'RMI_DATA_CREATE('],
};
/** Before the first statement. */
const UNTOUCHED = 'untouched';

/** The session that stands at a moment; `undefined` if no moment is called so. */
export function kernelSession(name: string): KernelSession | undefined {
  const [text, call] = name === UNTOUCHED ? [pinned, ''] : (WANTED[name] ?? []);
  if (text === undefined || call === undefined) return undefined;
  const { run } = analyse('kernel.cocoscn', text, () => ({ problem: 'is not there' }));
  const stepper = new Stepper(run, (timeline) => new Breakpoints(timeline));
  stepper.start(true);
  const source = new MomentSource(stepper, { session: 'kernel', pathOf: (file) => file.path });
  if (name === UNTOUCHED) return { source, moment: source.moment(1) };
  let found: Moment | undefined;
  for (let n = 1; !stepper.ended; n++) {
    stepper.gotoStep(n);
    const moment = source.moment(n);
    if (!moment.step.call.startsWith(call) || moment.changes.length === 0) continue;
    found = moment;
    break;
  }
  return found && { source, moment: found };
}
