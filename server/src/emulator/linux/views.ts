// What can be asked of the kernel: pages, their holders, who may use them, and what is mapped where.
import type { Parameter } from '../definition.ts';
import { BOTH_HALVES, PRIVATE_HALF, SHARED_HALF } from '../kvm/platform.ts';
import { MEMSLOT_GMEM_ONLY, MEMSLOT_INVALID } from '../kvm/vms.ts';
import type { Machine } from '../machine.ts';
import type { View } from '../view.ts';
import { HWPOISON, UPTODATE } from './folios.ts';
import {
  type Answer,
  frameOfGmem,
  frameOfMapping,
  gmemAt,
  mappingAt,
  PAGE_VIEWS,
  YES_NO,
  yesNo,
} from './page-views.ts';
import { MPOL_MODES, policyMode, policyNodes } from './policy.ts';

const gmem: Parameter = { name: 'gmem', type: 'gmem', text: 'a guest_memfd' };
const vm: Parameter = { name: 'vm', type: 'vm', text: 'a VM' };
const gpa: Parameter = { name: 'gpa', type: 'ipa', text: 'a guest physical address' };
const slot: Parameter = { name: 'slot', type: 'u64', text: 'number of a memslot' };

interface ViewSpec {
  readonly name: string;
  readonly summary: string;
  readonly params: readonly Parameter[];
  readonly states?: readonly string[];
  readonly reference?: string;
  readonly absent?: string;
  read(machine: Machine, args: readonly number[]): Answer;
  cells?(machine: Machine, args: readonly number[]): readonly number[];
}

const view = (spec: ViewSpec): View => ({
  states: [],
  reference: 'virt/kvm/',
  absent: 'there is no such thing',
  cells: () => [],
  ...spec,
});

const attributeStates = ['private', 'shared'];
const attributeText = (isPrivate: boolean) => (isPrivate ? 'private' : 'shared');

/** Whether a page of a file is private; `undefined` where the file has no such page. */
function isPrivateAt({ linux }: Machine, fd: number, offset: number): boolean | undefined {
  const inode = linux.gmem.inodeOf(fd);
  const index = Math.floor(offset / linux.pageSize);
  if (inode === 0 || index >= linux.gmem.inodes.get(inode, 'size')) return undefined;
  return linux.isPrivateIn(linux.descriptors.gmemFile(fd), index);
}

/** Whether an address is mapped in each half of those asked for, and the cell that says so. */
function stage2(machine: Machine, target: number, at: number, halves: number) {
  const { linux } = machine;
  const { mapped } = linux.platformOf(target);
  const asked = [SHARED_HALF, PRIVATE_HALF].filter((half) => (half & halves) !== 0);
  if (mapped) return asked.map((half) => mapped(machine, target, at, half));
  const gfn = Math.floor(at / linux.pageSize);
  return asked.map((half) => ({
    is: linux.vms.spte(target, half, gfn) !== 0,
    cell: linux.vms.spteCell(target, half, gfn),
  }));
}

const policyAt = ({ linux }: Machine, [mapping = 0, offset = 0]: readonly number[]) => {
  const { spaces, gmem: files, pageSize } = linux;
  const file = spaces.mappings.get(mapping, 'file');
  const index = Math.floor(offset / pageSize) + spaces.mappings.get(mapping, 'pgoff');
  return files.ranges.get(files.inodes.get(files.files.get(file, 'inode'), 'policies'), index);
};

function mappedPrivate(linux: Machine['linux'], fd: number): number[] {
  const found: number[] = [];
  linux.eachMappedPrivate(
    linux.descriptors.gmemFile(fd),
    0,
    linux.gmem.inodes.get(linux.gmem.inodeOf(fd), 'size'),
    (head) => found.push(head),
  );
  return found;
}

/** Whether a load by the host would succeed at this frame, were it mapped. */
function hostCanRead(machine: Machine, pfn: number): boolean {
  const { linux, rmm } = machine;
  const head = linux.folios.head(pfn);
  return !linux.folios.has(head, HWPOISON) && rmm.granules.gpt(linux.folios.address(pfn)) === 'NS';
}

export const LINUX_VIEWS: readonly View[] = [
  {
    ...view({
      name: 'attr',
      summary: 'Who may use a page: private (the guest alone) or shared.',
      params: [gmemAt],
      states: attributeStates,
      read(machine, [fd = 0, offset = 0]) {
        const isPrivate = isPrivateAt(machine, fd, offset);
        return isPrivate === undefined ? undefined : attributeText(isPrivate);
      },
      cells: ({ linux }, [fd = 0]) => [linux.gmem.inodes.cell(linux.gmem.inodeOf(fd), 'attributes')],
    }),
    overloads: [
      view({
        name: 'attr',
        summary: 'Who may use a page of a VM: private (the guest alone) or shared.',
        params: [vm, gpa],
        states: attributeStates,
        read: ({ linux }, [target = 0, at = 0]) =>
          attributeText(linux.isPrivate(target, Math.floor(at / linux.pageSize))),
        cells: ({ linux }, [target = 0]) => [linux.vms.rows.cell(target, 'attributes')],
      }),
    ],
  },
  view({
    name: 'attr_ranges',
    summary: 'How many ranges of equal attributes a guest_memfd has.',
    params: [gmem],
    read({ linux }, [fd = 0]) {
      const inode = linux.gmem.inodeOf(fd);
      let count = 0;
      linux.gmem.ranges.each(
        linux.gmem.inodes.get(inode, 'attributes'),
        0,
        linux.gmem.inodes.get(inode, 'size'),
        () => {
          count++;
        },
      );
      return count;
    },
    cells: ({ linux }, [fd = 0]) => [linux.gmem.inodes.cell(linux.gmem.inodeOf(fd), 'attributes')],
  }),
  {
    ...view({
      name: 'mapped',
      summary: 'Whether a page of a mapping is in the page table of its process.',
      params: [mappingAt],
      states: YES_NO,
      reference: 'mm/memory.c',
      read: (machine, args) => yesNo(frameOfMapping(machine, args) !== 0),
      cells({ linux }, [mapping = 0, offset = 0]) {
        const { spaces, pageSize } = linux;
        const page = Math.floor((spaces.address(mapping) + offset) / pageSize);
        const cell = spaces.pteCell(spaces.mappings.get(mapping, 'process'), page);
        return cell === undefined ? [] : [cell];
      },
    }),
    overloads: [
      view({
        name: 'mapped',
        summary: 'Whether any process has a page of a guest_memfd in its page table.',
        params: [gmemAt],
        states: YES_NO,
        read(machine, args) {
          const { folios } = machine.linux;
          const pfn = frameOfGmem(machine, args);
          return yesNo(pfn !== 0 && folios.get(folios.head(pfn), 'mapcount') > 0);
        },
      }),
    ],
  },
  view({
    name: 'stage2',
    summary: 'Whether a guest physical address is mapped for the guest.',
    params: [
      vm,
      gpa,
      {
        name: 'half',
        type: 'u64',
        text: '1 shared, 2 private, for platforms that have both; left out: either',
        optional: true,
        initial: [BOTH_HALVES],
      },
    ],
    states: ['mapped', 'unmapped'],
    read: (machine, [target = 0, at = 0, half = BOTH_HALVES]) =>
      stage2(machine, target, at, half).some(({ is }) => is) ? 'mapped' : 'unmapped',
    cells: (machine, [target = 0, at = 0, half = BOTH_HALVES]) =>
      stage2(machine, target, at, half).flatMap(({ cell }) => cell ?? []),
  }),
  ...PAGE_VIEWS,
  view({
    name: 'host_can_read',
    summary: 'Whether a load by the host would succeed.',
    params: [gmemAt],
    states: YES_NO,
    read(machine, args) {
      const { gmem: files, pageSize } = machine.linux;
      const [fd = 0, offset = 0] = args;
      const inode = files.inodeOf(fd);
      if (inode === 0) return undefined;
      const pfn = frameOfGmem(machine, args);
      const isPrivate = files.isPrivate(inode, Math.floor(offset / pageSize));
      return yesNo(!isPrivate && (pfn === 0 || hostCanRead(machine, pfn)));
    },
  }),
  {
    ...view({
      name: 'contents',
      summary: 'What a page contains, in words.',
      params: [gmemAt],
      states: ['zero', 'undefined', 'nothing'],
      read(machine, args) {
        const { folios } = machine.linux;
        const pfn = frameOfGmem(machine, args);
        if (pfn === 0) return 'nothing';
        if (!folios.has(folios.head(pfn), UPTODATE)) return 'undefined';
        return machine.pages.contents.text(machine.pages.bytes(folios.address(pfn)));
      },
    }),
    overloads: [
      view({
        name: 'contents',
        summary: 'What a page contains, in words.',
        params: [mappingAt],
        states: ['zero', 'nothing'],
        read(machine, args) {
          const pfn = frameOfMapping(machine, args);
          return pfn === 0
            ? 'nothing'
            : machine.pages.contents.text(machine.pages.bytes(machine.linux.folios.address(pfn)));
        },
      }),
    ],
  },
  view({
    name: 'folios',
    summary: 'Pages that are allocated in a guest_memfd.',
    params: [gmem],
    read({ linux }, [fd = 0]) {
      const inode = linux.gmem.inodeOf(fd);
      let pages = 0;
      linux.gmem.eachFolio(inode, 0, linux.gmem.inodes.get(inode, 'size'), (head) => {
        pages += linux.folios.pageCount(head);
      });
      return pages;
    },
  }),
  view({
    name: 'ino',
    summary: 'Inode number of a guest_memfd.',
    params: [gmem],
    read: ({ linux }, [fd = 0]) => linux.gmem.inodeOf(fd),
  }),
  view({
    name: 'slot',
    summary: 'The state of a memslot.',
    params: [vm, slot],
    states: ['none', 'valid', 'invalid'],
    read({ linux }, [target = 0, number = 0]) {
      const row = linux.vms.slotRow(target, number);
      if (!linux.vms.slotExists(row)) return 'none';
      return linux.vms.has(row, MEMSLOT_INVALID) ? 'invalid' : 'valid';
    },
    cells: ({ linux }, [target = 0, number = 0]) => [linux.vms.slots.cell(linux.vms.slotRow(target, number), 'used')],
  }),
  view({
    name: 'gmem_only',
    summary: 'Whether shared faults of a memslot are served from its file, too.',
    params: [vm, slot],
    states: YES_NO,
    read: ({ linux }, [target = 0, number = 0]) =>
      yesNo(linux.vms.has(linux.vms.slotRow(target, number), MEMSLOT_GMEM_ONLY)),
  }),
  view({
    name: 'slot_gmem',
    summary: 'Whether a memslot has a live guest_memfd.',
    params: [vm, slot],
    states: YES_NO,
    read: ({ linux }, [target = 0, number = 0]) =>
      yesNo(linux.vms.slots.get(linux.vms.slotRow(target, number), 'file') !== 0),
  }),
  view({
    name: 'vm_state',
    summary: 'Whether a VM can be used.',
    params: [vm],
    states: ['alive', 'bugged', 'dead'],
    read({ linux }, [target = 0]) {
      if (linux.vms.rows.get(target, 'dead') === 1) return 'dead';
      return linux.vms.rows.get(target, 'bugged') === 1 ? 'bugged' : 'alive';
    },
    cells: ({ linux }, [target = 0]) => [linux.vms.rows.cell(target, 'bugged'), linux.vms.rows.cell(target, 'dead')],
  }),
  view({
    name: 'invalidate_seq',
    summary: 'How often memory was invalidated under a VM.',
    params: [vm],
    read: ({ linux }, [target = 0]) => linux.vms.rows.get(target, 'invalidate seq'),
    cells: ({ linux }, [target = 0]) => [linux.vms.rows.cell(target, 'invalidate seq')],
  }),
  view({
    name: 'policy',
    summary: 'The NUMA policy of a page of a mapped guest_memfd.',
    params: [mappingAt],
    states: Object.keys(MPOL_MODES),
    read: (machine, args) =>
      Object.keys(MPOL_MODES).find((name) => MPOL_MODES[name] === policyMode(policyAt(machine, args))),
  }),
  view({
    name: 'policy_nodes',
    summary: 'The nodes of the NUMA policy of a page of a mapped guest_memfd, as a bit mask.',
    params: [mappingAt],
    read: (machine, args) => policyNodes(policyAt(machine, args)),
  }),
  view({
    name: 'mapped_private',
    summary: 'Pages of a guest_memfd that are private and in the page table of a process.',
    params: [gmem],
    reference: 'the thread on folio_mmapped and pins: what a check at KVM_RUN has to know',
    read: ({ linux }, [fd = 0]) => mappedPrivate(linux, fd).length,
    cells: ({ linux }, [fd = 0]) => mappedPrivate(linux, fd).map((head) => linux.folios.cell(head, 'mapcount')),
  }),
  view({
    name: 'leaked_pages',
    summary: 'Pages that the kernel gave up.',
    params: [],
    read: ({ linux }) => linux.leaked,
    cells: ({ linux }) => [linux.leakCell],
  }),
  view({
    name: 'warnings',
    summary: 'Warnings in the kernel log.',
    params: [],
    read: ({ linux }) => linux.counters.get(0, 0),
    cells: ({ linux }) => [linux.counters.cell(0, 0)],
  }),
  view({
    name: 'kvm_core_writes',
    summary: 'Private pages that KVM’s own code wrote, each time one more; zeroing a new folio does not count.',
    params: [],
    read: ({ linux }) => linux.coreWritten,
    cells: ({ linux }) => [linux.coreWritesCell],
  }),
  view({
    name: 'host',
    summary: 'Whether the host still runs.',
    params: [],
    states: ['alive', 'crashed'],
    read: ({ linux }) => (linux.isDead ? 'crashed' : 'alive'),
    cells: ({ linux }) => [linux.deathCell],
  }),
];
