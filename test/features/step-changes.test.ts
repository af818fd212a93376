// What a step changed: neighbours that changed alike are one change, however many cells were written, and the rest is counted.
import * as fs from 'node:fs';
import * as path from 'node:path';
import { expect, test } from 'vitest';
import { analyse } from '../../server/src/features/analysis.ts';
import { MomentSource } from '../../server/src/features/moment.ts';
import type { Changes } from '../../server/src/features/moment-changes.ts';
import { Stepper } from '../../server/src/run/index.ts';

const SAMPLES = path.join(import.meta.dirname, '../../samples');
const sample = (name: string) => fs.readFileSync(path.join(SAMPLES, name), 'utf8');

/** The changes of the first step whose call begins so, from one of them on. */
function changesOf(text: string, call: string): (from?: number, count?: number) => Changes {
  const { run, program } = analyse('a.cocoscn', text, (file) => ({ text: sample(file) }));
  expect(program.problems).toEqual([]);
  const stepper = new Stepper(run);
  const source = new MomentSource(stepper, { session: 'test', pathOf: (file) => file.path });
  for (let n = 1; ; n++) {
    stepper.gotoStep(n);
    if (source.step().call.startsWith(call)) return (from, count) => source.changes(from, count);
    if (stepper.ended) throw new Error(`nothing is called ${call}`);
  }
}

const lines = ({ rows }: Changes) =>
  rows.map(({ field, text, before, after }) => `${field} ${text}: ${before.text} -> ${after.text}`);

test('a folio of 2M that is split is told in a handful of lines', () => {
  const changes = changesOf(
    `scenario "split"
model    "linux/hugetlb-v2"
platform sw-protected
vm := KVM_CREATE_VM(KVM_X86_SW_PROTECTED_VM)
gm := KVM_CREATE_GUEST_MEMFD(vm, 4M,
  GUEST_MEMFD_FLAG_SUPPORT_SHARED | GUEST_MEMFD_FLAG_INIT_PRIVATE | GUEST_MEMFD_FLAG_HUGETLB | GUESTMEM_HUGETLB_2MB)
KVM_SET_USER_MEMORY_REGION2(vm, slot=0, gpa=0x1_0000_0000, size=4M, gmem=gm[0])
fallocate(gm, FALLOC_FL_KEEP_SIZE, 0, 4M)
KVM_GMEM_CONVERT_SHARED(gm, 20K +: 4K)
`,
    'split(',
  );
  expect(changes().more).toBe(0);
  expect(lines(changes())).toMatchInlineSnapshot(`
    [
      "folio order 0x1_7fe0_0000: 9 -> 0",
      "used for 0x1_7fe0_1000 .. 0x1_8000_0000: free -> page cache",
      "page gm[4K .. 2M]: absent -> present",
    ]
  `);
});

test('changes are asked for in parts, and those behind the last are counted', () => {
  const changes = changesOf(sample('10-fold-unfold.cocoscn'), 'RMI_RTT_INIT_RIPAS(');
  const all = changes(0, 600);
  expect([all.rows.length, all.more]).toEqual([513, 0]);
  expect([changes().rows.length, changes().more]).toEqual([200, 313]);
  expect(lines(changes(198, 48))).toEqual(lines(all).slice(198, 246));
  expect(changes(198, 48).more).toBe(513 - 246);
  expect([changes(600, 48).rows.length, changes(600, 48).more]).toEqual([0, 0]);
});
