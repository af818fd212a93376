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

/** A file of 1G in one folio, of which one page becomes shared, and back. */
const SPLIT = `scenario "a folio of 1G"
model    "linux/hugetlb-v2"
platform sw-protected
vm := KVM_CREATE_VM(KVM_X86_SW_PROTECTED_VM)
gm := KVM_CREATE_GUEST_MEMFD(vm, 1G,
  GUEST_MEMFD_FLAG_SUPPORT_SHARED | GUEST_MEMFD_FLAG_INIT_PRIVATE | GUEST_MEMFD_FLAG_HUGETLB | GUESTMEM_HUGETLB_1GB)
m  := mmap(gm, 0 +: 1G, PROT_READ | PROT_WRITE, MAP_SHARED)
KVM_SET_USER_MEMORY_REGION2(vm, slot=0, gpa=0x1_0000_0000, size=1G, hva=m, gmem=gm[0])
fallocate(gm, FALLOC_FL_KEEP_SIZE, 0, 1G)
KVM_GMEM_CONVERT_SHARED(gm, 20K +: 4K)
write(m[20K], 0x5a)
pin := pin_user_pages(m[20K +: 4K], FOLL_WRITE)
unpin_user_pages(pin)
`;
const ROUNDS = 7;

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

function sourceOf(text: string): { stepper: Stepper; source: MomentSource } {
  const { run } = analyse('many.cocoscn', text, () => ({ problem: '' }));
  const stepper = new Stepper(run);
  const source = new MomentSource(stepper, { session: 'bench', pathOf: (file) => file.path });
  stepper.continue();
  source.moment(0);
  return { stepper, source };
}

/** Milliseconds that the moment of the step takes in which 1G is split, and of each step behind it, among 262,144 folios. */
function splitMoments(): { readonly split: number; readonly after: number[] } {
  const { stepper, source } = sourceOf(SPLIT);
  const { log } = stepper.run;
  const steps = Array.from({ length: log.lastStep }, (_, i) => i + 1);
  const split = steps.find((n) => log.flowAt(log.momentOf(n))?.command?.operation.name === 'split');
  if (split === undefined) throw new Error('nothing was split');
  const time = (n: number) => {
    stepper.gotoStep(n);
    const begin = performance.now();
    source.moment(n);
    return performance.now() - begin;
  };
  const rounds = Array.from({ length: ROUNDS }, () => {
    time(split - 1);
    return time(split);
  });
  return { split: Math.min(...rounds), after: steps.slice(split).map(time) };
}

/** Milliseconds that the moment of a step takes when every second one of many pages is delegated. */
function momentsOf(statements: string): number[] {
  const { stepper, source } = sourceOf(`scenario "many pages"\nlet A = 0x8800_0000\n${statements}`);
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
  const { split, after } = splitMoments();
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
    { name: 'moment of a 1G folio that is split, best', value: split, ...limit, target: 100 },
    { name: 'moment among 262,144 folios, median', value: median(after), ...limit },
    { name: 'moment among 262,144 folios, worst of all steps', value: Math.max(...after), ...limit, target: 100 },
  ];
}
