// What must hold after every step of the kernel. Only what a step wrote is looked at: each invariant held before.
import type { Write } from '../../store/index.ts';
import { hex } from '../format.ts';
import { PRIVATE } from '../guest-memfd/files.ts';
import { BOTH_HALVES } from '../kvm/platform.ts';
import { KVM_MEM_GUEST_MEMFD, sptePfn } from '../kvm/vms.ts';
import type { Machine } from '../machine.ts';
import type { MachineOperation } from '../operation.ts';
import { type FolioColumn, OWNER_CACHE, OWNER_FREE } from './folios.ts';
import { PlacedWrites } from './placed-writes.ts';

/** A broken invariant: where, in a sentence, and the cells to blame. */
export interface LinuxFinding {
  readonly text: string;
  readonly cells: readonly number[];
}

export interface LinuxInvariant {
  readonly id: string;
  /** What holds, in a sentence. */
  readonly text: string;
  /** What the step broke; the machine is at the moment after it. `operation` is the piece of work that the step was. */
  broken(machine: Machine, writes: PlacedWrites, operation: MachineOperation | undefined): LinuxFinding[];
}

const at = (machine: Machine, pfn: number) => `the page at ${hex(machine.linux.folios.address(pfn))}`;

/** Columns of a folio that count something. */
const COUNTS: ReadonlySet<string> = new Set<FolioColumn>([
  'mapcount',
  'gets',
  'pins',
  'transient',
  'batch',
  'kvm',
  'leaked',
]);

/** Pieces of KVM's own work that write contents: zeroing what is new, or what user space asked to be zeroed. */
const ZEROES: ReadonlySet<string> = new Set(['zero', 'zero_range']);
/** Copies to pages of processes and of the kernel itself. */
const COPIES = 'copy_page';

/** Ranges of a map that have a value now and had another before. */
function newly({ linux }: Machine, { before, after }: Write, value: (now: number, then: number) => boolean) {
  const found: { from: number; to: number }[] = [];
  linux.ranges.eachChange(before, after, (from, to, then, now) => {
    if (value(now, then)) found.push({ from, to });
  });
  return found;
}

/** Columns of a memslot that say what is where. */
const FIXED: ReadonlySet<string> = new Set(['base', 'pages', 'hva', 'pgoff']);

/** Guest frames bound to pages of a file that show the frames from `pfn` on. */
function mappedAt({ linux }: Machine, inode: number, index: number, pages: number, pfn: number): number[] {
  const { gmem, vms } = linux;
  const found: number[] = [];
  gmem.eachFile(inode, (file) =>
    gmem.eachBinding(file, index, index + pages, (slot, from, to) => {
      const base = vms.slots.get(slot, 'base') - vms.slots.get(slot, 'pgoff');
      vms.eachSpte(gmem.files.get(file, 'vm'), BOTH_HALVES, base + from, base + to, (gfn, spte) => {
        if (sptePfn(spte) >= pfn && sptePfn(spte) < pfn + pages) found.push(gfn);
      });
    }),
  );
  return found;
}

export const LINUX_INVARIANTS: readonly LinuxInvariant[] = [
  {
    id: 'private_not_mapped',
    text: 'no process maps a private page of a guest_memfd that tracks attributes',
    broken(machine, writes) {
      const { gmem, folios } = machine.linux;
      if (!gmem.hasAttributes) return [];
      const findings: LinuxFinding[] = [];
      const look = (pfn: number) => {
        const inode = folios.inodeOf(pfn);
        if (inode === 0 || folios.get(pfn, 'mapcount') === 0 || !gmem.isPrivate(inode, folios.get(pfn, 'index')))
          return;
        findings.push({ text: `${at(machine, pfn)} is private and mapped`, cells: [folios.cell(pfn, 'mapcount')] });
      };
      for (const write of writes.in('folio', 'mapcount')) look(folios.pfnAt(write.row));
      for (const write of writes.in('inode', 'attributes')) {
        for (const { from, to } of newly(machine, write, (now, then) => now === PRIVATE && then !== PRIVATE)) {
          gmem.eachFolio(write.row, from, Math.min(to, gmem.inodes.get(write.row, 'size')), look);
        }
      }
      return findings;
    },
  },
  {
    id: 'stage2_has_slot',
    text: 'a guest frame is mapped only while a slot covers it',
    broken(machine, writes) {
      const { vms } = machine.linux;
      const findings: LinuxFinding[] = [];
      for (const write of writes.in('vm', 'slots 0')) {
        for (const { from, to } of newly(machine, write, (now, then) => now === 0 && then !== 0)) {
          vms.eachSpte(write.row, BOTH_HALVES, from, to, (gfn) => {
            const gpa = hex(gfn * machine.linux.pageSize);
            findings.push({ text: `${gpa} is still mapped for the guest`, cells: [write.cell] });
          });
        }
      }
      return findings;
    },
  },
  {
    id: 'stage2_has_page',
    text: 'a page that leaves its guest_memfd is not mapped for a guest any more',
    broken(machine, writes) {
      const { folios } = machine.linux;
      return writes.in('folio', 'owner').flatMap(({ row, before, after, cell }) => {
        const pfn = folios.pfnAt(row);
        const inode = before - OWNER_CACHE;
        if (inode <= 0 || after >= OWNER_CACHE || folios.head(pfn) !== pfn) return [];
        const index = writes.before('folio', 'index', row) ?? folios.get(pfn, 'index');
        const pages = 2 ** (writes.before('folio', 'order', row) ?? folios.get(pfn, 'order'));
        return mappedAt(machine, inode, index, pages, pfn).map((gfn) => ({
          text: `${at(machine, pfn)} is still mapped for the guest at ${hex(gfn * machine.linux.pageSize)}`,
          cells: [cell],
        }));
      });
    },
  },
  {
    id: 'bindings_disjoint',
    text: 'an offset of a file is bound to one slot at most',
    broken: (machine, writes) =>
      writes.in('gmem file', 'bindings').flatMap((write) =>
        newly(machine, write, (now, then) => now !== 0 && then !== 0).map(({ from }) => ({
          text: `offset ${hex(from * machine.linux.pageSize)} is bound to another slot while it is bound`,
          cells: [write.cell],
        })),
      ),
  },
  {
    id: 'slots_fixed',
    text: 'a slot with a guest_memfd never changes except by deletion',
    broken({ linux: { vms } }, writes) {
      const wasUsed = (row: number) => writes.before('memslot', 'used', row) ?? vms.slots.get(row, 'used');
      return writes
        .in('memslot')
        .filter(({ row, column }) => FIXED.has(column) && wasUsed(row) === 1 && vms.slotExists(row))
        .filter(({ row }) => vms.has(row, KVM_MEM_GUEST_MEMFD))
        .map(({ row, column, cell }) => ({ text: `${column} of slot ${vms.slotNumber(row)} changed`, cells: [cell] }));
    },
  },
  {
    id: 'invalidations_end',
    text: 'every inv_begin has its inv_end before the call that made it returns',
    broken(machine, writes) {
      const { vms } = machine.linux;
      const findings: LinuxFinding[] = [];
      if (!writes.in('call stack').some(({ after }) => after === 0)) return [];
      // A host that died in the middle of a call never gets there.
      if (machine.flows.busy || machine.linux.isDead) return [];
      for (let vm = 1; vm <= vms.rows.last; vm++) {
        if (vms.rows.get(vm, 'in progress') === 0) continue;
        findings.push({ text: `VM ${vm} still waits for inv_end`, cells: [vms.rows.cell(vm, 'in progress')] });
      }
      return findings;
    },
  },
  {
    id: 'freed_is_hosts',
    text: 'a page that is free belongs to the host alone: nobody holds it, and firmware gave it back',
    broken(machine, writes) {
      const { folios } = machine.linux;
      return writes.in('folio', 'owner').flatMap(({ row, after }): LinuxFinding[] => {
        const pfn = folios.pfnAt(row);
        // A page that becomes part of a large folio has no owner of its own any more.
        if (after !== OWNER_FREE || folios.head(pfn) !== pfn) return [];
        const cells = [folios.cell(pfn, 'owner')];
        if (folios.refcount(pfn) > 0) return [{ text: `${at(machine, pfn)} is free but still held`, cells }];
        const order = writes.before('folio', 'order', row) ?? 0;
        for (let i = 0; i < folios.granules * 2 ** order; i++) {
          const granule = folios.address(pfn) + i * 4096;
          const state = machine.rmm.granules.state(granule);
          if (state !== 'UNDELEGATED') return [{ text: `${hex(granule)} is free but ${state}`, cells }];
        }
        return [];
      });
    },
  },
  {
    id: 'counts',
    text: 'no reference is dropped that was not taken',
    broken: (machine, writes) =>
      writes
        .in('folio')
        .filter(({ column, after }) => after < 0 && COUNTS.has(column))
        .map(({ row, column, cell }) => ({
          text: `${column} of ${at(machine, machine.linux.folios.pfnAt(row))} is below 0`,
          cells: [cell],
        })),
  },
  {
    id: 'core_writes',
    text: 'KVM itself never changes what a page contains, except to zero a new one',
    broken(machine, writes, operation) {
      if (operation?.actor !== 'KVM' || ZEROES.has(operation.name)) return [];
      const { linux, pages } = machine;
      const mayBe = (pa: number) => operation.name === COPIES && !linux.isPrivatePage(linux.folios.pfnOf(pa));
      return writes
        .in('page')
        .map(({ row, cell }) => ({ pa: pages.address(row), cell }))
        .filter(({ pa }) => !mayBe(pa))
        .map(({ pa, cell }) => ({ text: `${operation.name} changed the page at ${hex(pa)}`, cells: [cell] }));
    },
  },
  {
    id: 'fixed_size',
    text: 'the size of a guest_memfd never changes',
    broken: (_, writes) =>
      writes
        .in('inode', 'size')
        .filter(({ before }) => before !== 0)
        .map(({ cell, row }) => ({ text: `inode ${row} changed its size`, cells: [cell] })),
  },
];

export interface LinuxViolation extends LinuxFinding {
  readonly invariant: LinuxInvariant;
}

/** What the writes of one moment broke; the machine is at that moment. */
export function linuxViolations(
  machine: Machine,
  writes: readonly Write[],
  operation?: MachineOperation,
): LinuxViolation[] {
  const placed = new PlacedWrites(machine.store, writes);
  if (placed.isEmpty) return [];
  return LINUX_INVARIANTS.flatMap((invariant) =>
    invariant.broken(machine, placed, operation).map((finding) => ({ invariant, ...finding })),
  );
}
