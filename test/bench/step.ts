// What a step costs in the debugger: over stdio from the request to the stop, and what a panel is told of many pages.
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { DebugClient } from '@vscode/debugadapter-testsupport';
import { analyse } from '../../server/src/features/analysis.ts';
import { MomentSource } from '../../server/src/features/moment.ts';
import { Stepper } from '../../server/src/run/index.ts';
import type { Figure } from './figure.ts';

const ROOT = path.dirname(path.dirname(import.meta.dirname));
const STEPS = 1000;
const PAGES = 300_000;
const MOMENTS = 50;

const ONE_BY_ONE = `scenario "many steps"
let A = 0x8800_0000
${'RMI_GRANULE_DELEGATE(A)\nRMI_GRANULE_UNDELEGATE(A)\n'.repeat(STEPS)}`;

const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

/** Milliseconds from a `next` request to its stopped event, one a step. */
async function overStdio(): Promise<number[]> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'cocoscn-bench-'));
  const program = path.join(folder, 'steps.cocoscn');
  fs.writeFileSync(program, ONE_BY_ONE);
  const client = new DebugClient(process.execPath, 'server/src/dap/main.ts', 'cocoscn', { cwd: ROOT });
  try {
    await client.start();
    const initialized = client.waitForEvent('initialized');
    await client.launch({ program });
    await initialized;
    const entered = client.waitForEvent('stopped');
    await client.configurationDoneRequest();
    await entered;
    const times: number[] = [];
    for (let i = 0; i < STEPS; i++) {
      const stopped = new Promise((resolve) => client.once('stopped', resolve));
      const begin = performance.now();
      void client.nextRequest({ threadId: 1 });
      await stopped;
      times.push(performance.now() - begin);
    }
    return times;
  } finally {
    await client.stop();
    fs.rmSync(folder, { recursive: true });
  }
}

/** Milliseconds that the moment of a step takes when every second one of many pages is delegated. */
function momentsOf(statements: string): number[] {
  const { run } = analyse('many.cocoscn', `scenario "many pages"\nlet A = 0x8800_0000\n${statements}`, () => ({
    problem: '',
  }));
  const stepper = new Stepper(run);
  const source = new MomentSource(stepper, { session: 'bench', pathOf: (file) => file.path });
  stepper.continue();
  source.moment(0);
  return Array.from({ length: MOMENTS }, (_, i) => {
    if (i % 2 === 0) stepper.stepBackward();
    else stepper.stepForward();
    const begin = performance.now();
    source.moment(i);
    return performance.now() - begin;
  });
}

export async function measure(): Promise<Figure[]> {
  const together = momentsOf(`RMI_GRANULE_DELEGATE(A +: ${PAGES * 4}K)\n`);
  const apart = momentsOf(`for off in 0 .. ${PAGES * 8}K step 8K {\n  RMI_GRANULE_DELEGATE(A + off)\n}\n`);
  const limit = { unit: 'ms', target: 16, atMost: true } as const;
  return [
    {
      name: 'next request to stopped event, median',
      value: median(await overStdio()),
      unit: 'ms',
      target: 1,
      atMost: true,
    },
    { name: 'moment of 300,000 pages side by side, worst', value: Math.max(...together), ...limit },
    { name: 'moment of 300,000 pages apart, worst', value: Math.max(...apart), ...limit },
  ];
}
