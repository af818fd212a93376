// What the debugger shows of the kernel's objects, unfolded as text.
import { expect, test } from 'vitest';
import { analyse } from '../../server/src/features/analysis.ts';
import { MomentSource } from '../../server/src/features/moment.ts';
import { scopesOf, type Variable } from '../../server/src/features/variables.ts';
import { Stepper } from '../../server/src/run/index.ts';
import { pinned, populated } from './kernel-scenarios.ts';

/** The kernel's scope behind the first step whose call begins so. */
function kernelAt(text: string, call: string): string {
  const { run } = analyse('a.cocoscn', text, () => ({ problem: 'none' }));
  const stepper = new Stepper(run);
  const source = new MomentSource(stepper, { session: 'test', pathOf: (file) => file.path });
  for (let n = 1; ; n++) {
    stepper.gotoStep(n);
    if (source.step().call.startsWith(call)) break;
    if (stepper.ended) throw new Error(`nothing is called ${call}`);
  }
  const kernel = scopesOf(source, undefined).find(({ name }) => name === 'Kernel');
  return unfolded(kernel?.branch?.children(0, 100) ?? [], '');
}

/** All that unfolds; of many the first three, asked for by themselves. */
function unfolded(variables: readonly Variable[], indent: string): string {
  return variables
    .map(({ name, value, branch }) => {
      const below = branch ? branch.children(0, Math.min(branch.indexed ?? 100, 3 + 97 * Number(!branch.indexed))) : [];
      const more = (branch?.indexed ?? 0) > 3 ? `\n${indent}  …` : '';
      return `\n${indent}${name}: ${value}${unfolded(below, `${indent}  `)}${more}`;
    })
    .join('');
}

test('a file with a pinned page', () => {
  expect(kernelAt(pinned, 'KVM_SET_MEMORY_ATTRIBUTES2')).toMatchInlineSnapshot(`
    "
    VMs: 1
      vm: sw-protected, 1 memslot, 0 vCPUs
        platform: sw-protected
        references: 2
        memslots: 1
          slot 0: 0x1_0000_0000 .. 0x1_0001_0000, gm[0]
            gpa: 0x1_0000_0000
            size: 64K
            guest_memfd: gm[0]
            flags: KVM_MEM_GUEST_MEMFD
        vCPUs: 0
    guest_memfd files: 1
      gm: 64K
        size: 64K
        flags: 0x3
        pages: 3 runs
          gm[0 .. 8K]: shared, 2 pages, host mapping m, stage 2 unmapped, folio refcount 3, bytes 0x5a at 0
          gm[8K]: shared, 1 page, host mapping m, stage 2 unmapped, folio refcount 1027, pins 1, bytes 0x5a at 0
          gm[12K .. 64K]: shared, 13 pages, host mapping m, stage 2 unmapped, folio refcount 3, bytes 0x5a at 0
    mappings: 1
      m: 0x1000_0000_0000, 64K, gm
        size: 64K
        address: 0x1000_0000_0000
        maps: gm
        pages: 3 runs
          m[0 .. 8K]: mapped, 2 pages, folio refcount 3, bytes 0x5a at 0
          m[8K]: mapped, 1 page, folio refcount 1027, pins 1, bytes 0x5a at 0
          m[12K .. 64K]: mapped, 13 pages, folio refcount 3, bytes 0x5a at 0
    folios: 3
      0x9000_0000 .. 0x9000_2000: 2 of 4K, gm, refcount 3 (page cache 1, mapped 1, LRU batch 1)
      0x9000_2000 .. 0x9000_3000: 4K, gm, refcount 1027 (page cache 1, mapped 1, pins 1 × 1024, LRU batch 1)
      0x9000_3000 .. 0x9001_0000: 13 of 4K, gm, refcount 3 (page cache 1, mapped 1, LRU batch 1)
    pins: 1
      pin: 1 page, FOLL_PIN | FOLL_LONGTERM
        0: 0x9000_2000, pfn 0x9_0002
    warnings: 0
    leaked pages: 0"
  `);
});

test('a realm', () => {
  expect(kernelAt(populated, 'RMI_DATA_CREATE(')).toMatchInlineSnapshot(`
    "
    VMs: 1
      vm: cca, 1 memslot, 0 vCPUs
        platform: cca
        realm state: NEW
        references: 2
        memslots: 1
          slot 0: 0x8000_0000 .. 0x8001_0000, gm[0]
            gpa: 0x8000_0000
            size: 64K
            guest_memfd: gm[0]
            hva: 0x1000_0000_0000
            flags: KVM_MEM_GUEST_MEMFD
        attributes: 1 private range
          0x8000_0000 .. 0x8001_0000: private
        vCPUs: 0
    guest_memfd files: 1
      gm: 64K
        size: 64K
        flags: 0x0
        pages: 2 runs
          gm[0]: DATA, 1 page, GPT REALM, stage 2 ASSIGNED RAM, folio refcount 2, bytes 0x14000000 at 0
          gm[4K .. 64K]: absent, 15 pages, stage 2 UNASSIGNED RAM
    mappings: 1
      src: 0x1000_0000_0000, 64K, anonymous memory
        size: 64K
        address: 0x1000_0000_0000
        maps: anonymous memory
        pages: 2 runs
          src[0]: mapped, 1 page, GPT NS, host mapping src, stage 2 UNASSIGNED_NS, folio refcount 2, bytes 0x14000000 at 0
          src[4K .. 64K]: absent, 15 pages, stage 2 UNASSIGNED_NS
    folios: 4
      0x9000_0000 .. 0x9000_1000: 4K, anonymous, refcount 2 (mapped 1, lookup 1)
      0x9000_1000 .. 0x9000_4000: 3 of 4K, kernel, refcount 0
      0x9000_4000 .. 0x9000_5000: 4K, gm, refcount 2 (page cache 1, lookup 1)
      …
    pins: 0
    warnings: 0
    leaked pages: 0"
  `);
});
