// What the Timeline panel is told, from real runs, as text: rows with their rail, lanes as a character a bin, and how long runs are folded.
import { expect, test } from 'vitest';
import { answerDensity, answerSteps, density, steps } from '../../server/src/features/timeline.ts';
import type { Density } from '../../server/src/features/timeline-model.ts';
import type { RunView } from '../../server/src/features/timeline-view.ts';
import { LONG, ran, SCENARIO } from './timeline-scenario.ts';

const PAGE = { kind: 'frame', object: 'granules', at: 0x8810_4000 } as const;
const run = ran(SCENARIO);

/** A line a row: arrow, number, indentation, call, result, mark. */
function rows(view: RunView, from: number, count: number): string {
  const found = steps(view, from, count, PAGE);
  return found.rows
    .map(({ row, n, depth, head, call, result, status, touch, source }) => {
      const mark = touch === 'changed' ? ' ◆' : touch === 'touched' ? ' ◇' : '';
      const end = status === 'ok' ? result : `${result} (${status})`;
      const name = `${'  '.repeat(depth)}${head ? '▾ ' : ''}${call}`;
      return `${row === found.current ? '→' : ' '}${(n ?? '').toString().padStart(3)} ${name} = ${end}, line ${source.line}${mark}`;
    })
    .join('\n');
}

/** A character a bin: a step, its failure, or nothing; below it the stretches. */
function lanes({ lanes, page, bins }: Density): string {
  const drawn = lanes.map(({ name, why, steps: counts, expected, unexpected, stretches }) => {
    const line = counts.map((count, bin) =>
      unexpected.includes(bin) ? 'x' : expected.includes(bin) ? '/' : count > 0 ? '|' : '.',
    );
    const spans = stretches
      .filter(({ depth }) => depth === 0)
      .map(({ from, to, text }) => `\n       ${from}..${to} ${text}`);
    return `${name.padEnd(6)} ${why ?? line.join('')}${spans.join('')}`;
  });
  const marks = Array.from({ length: bins }, (_, bin) =>
    page?.changed.includes(bin) ? '◆' : page?.touched.includes(bin) ? '◇' : '.',
  );
  return [...drawn, `page   ${marks.join('')} ${page?.text}`].join('\n');
}

test('the scenario holds', () => {
  expect(run.stepper.run.problems.map(({ message }) => message)).toEqual([]);
});

test('a row for each statement: who called it, how it ended, what it did to the page', () => {
  expect(`\n${rows(run.at(40), 48, 13)}`).toMatchInlineSnapshot(`
    "
      34     RMI_GRANULE_UNDELEGATE(DATA + 4K) = RMI_SUCCESS, line 28
      35     RMI_DATA_DESTROY(RD, IPA + 8K) = RMI_SUCCESS, line 27
      36     RMI_GRANULE_UNDELEGATE(DATA + 8K) = RMI_SUCCESS, line 28
      37     RMI_DATA_DESTROY(RD, IPA + 12K) = RMI_SUCCESS, line 27
      38     RMI_GRANULE_UNDELEGATE(DATA + 12K) = RMI_SUCCESS, line 28
      39     RMI_DATA_DESTROY(RD, IPA + 16K) = RMI_SUCCESS, line 27 ◆
    → 40     RMI_GRANULE_UNDELEGATE(DATA + 16K) = RMI_ERROR_INPUT (expected), line 28 ◇
      41     RMI_DATA_DESTROY(RD, IPA + 20K) = RMI_SUCCESS, line 27
      42     RMI_GRANULE_UNDELEGATE(DATA + 20K) = RMI_SUCCESS, line 28
      43     RMI_DATA_DESTROY(RD, IPA + 24K) = RMI_SUCCESS, line 27
      44     RMI_GRANULE_UNDELEGATE(DATA + 24K) = RMI_SUCCESS, line 28
      45     RMI_DATA_DESTROY(RD, IPA + 28K) = RMI_SUCCESS, line 27
      46     RMI_GRANULE_UNDELEGATE(DATA + 28K) = RMI_SUCCESS, line 28"
  `);
});

test('lanes show every step of a short run, who asked for them, and those that failed', () => {
  expect(
    `\n${lanes(answerDensity(run.at(40), { type: 'density', revision: 7, bins: 500, page: PAGE }))}`,
  ).toMatchInlineSnapshot(`
    "
    host   ................................................/..|
           1..9 realm_with_tables(RD, IPA)
           10..27 for off in 0 .. 36K step 4K
           31..48 take_back(RD, DATA, IPA, 36K)
    RMM    ||||||||||||||||||||||||||||/||||||||||/||||||||./|.
    guest  no step of the guest
    page   .................◆◆...................◆◇........◇.◆◆ DATA + 16K"
  `);
});

test('the steps of a kernel function stand below the call, in a lane of their own', () => {
  const view = ran(`scenario "kernel"
model "linux/6.18"
platform sw-protected

vm := KVM_CREATE_VM(KVM_X86_SW_PROTECTED_VM)
gm := KVM_CREATE_GUEST_MEMFD(vm, 64K, 0)
`).at(3);
  expect(`\n${rows(view, 0, 20)}`).toMatchInlineSnapshot(`
    "
       1 ▾ KVM_CREATE_VM(KVM_X86_SW_PROTECTED_VM) = to 4, line 5
       2   kvm_dev_ioctl_create_vm: kvm_is_vm_type_supported = , line 5
    →  3   kvm_dev_ioctl_create_vm: kvm_create_vm = , line 5
       4   kvm_dev_ioctl_create_vm: kvm_arch_init_vm = 0, line 5
       5 ▾ KVM_CREATE_GUEST_MEMFD(vm, 64K, 0) = to 7, line 6
       6   kvm_gmem_create: check_arguments = , line 6
       7   kvm_gmem_create: __kvm_gmem_create = 0, line 6"
  `);
  expect(`\n${lanes({ revision: 1, ...density(view, 500) })}`).toMatchInlineSnapshot(`
    "
    VMM    |...|..
           1..4 KVM_CREATE_VM(KVM_X86_SW_PROTECTED_VM)
           5..7 KVM_CREATE_GUEST_MEMFD(vm, 64K, 0)
    KVM    .|||.||
           2..4 kvm_dev_ioctl_create_vm
           6..7 kvm_gmem_create
    guest  no step of the guest
    page   ....... undefined"
  `);
});

test('rows and lanes end where the run ends', () => {
  const view = run.at(52);
  const { total, tally, current, rows: last } = answerSteps(view, { type: 'steps', revision: 7, from: 60, count: 200 });
  expect([total, current, last.length, last.at(-1)?.below]).toEqual([68, 67, 8, 0]);
  expect(tally).toEqual({ ok: 48, expected: 4, unexpected: 0 });
  const { from, to, bins } = density(view, 500, { from: 40, to: 4000 });
  expect([from, to, bins]).toEqual([40, 52, 13]);
  expect(steps(view, 900, 5).rows).toEqual([]);
});

test('a look back leaves the run where it was', () => {
  const view = run.at(12);
  const { store } = view.run.machine;
  const before = [store.now, store.position, store.hash];
  steps(view, 0, 50, { ...PAGE, at: 0x8810_5000 });
  expect([store.now, store.position, store.hash]).toEqual(before);
});

test('a long run is folded into bins that keep the one failure and the one touch', () => {
  const long = ran(LONG);
  const found = density(long.at(40_001), 400, {}, { kind: 'frame', object: 'granules', at: 0x8900_0000 });
  const rmm = found.lanes.find(({ name }) => name === 'RMM');
  expect([found.bins, found.last, found.most, rmm?.expected, found.page?.touched]).toEqual([
    400,
    40_001,
    101,
    [199],
    [199],
  ]);
  expect(JSON.stringify(found).length).toBeLessThan(64 * 1024);
});
