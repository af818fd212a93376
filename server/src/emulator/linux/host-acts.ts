// What a test rig does to pages by hand: take a reference and forget it, mark a page as stuck.
import type { Parameter } from '../definition.ts';
import { ERRNO, type Errno } from '../errno.ts';
import { zap } from '../kvm/pieces.ts';
import { BOTH_HALVES } from '../kvm/platform.ts';
import type { Machine } from '../machine.ts';
import type { MachineOperation } from '../operation.ts';
import { FOREIGN_DATA, STUCK } from './folios.ts';
import { frameOfGmem } from './page-views.ts';
import { alloc, leak } from './pieces.ts';
import { accessForm, HOST_CRASH, syscallForm } from './signals.ts';

const at: Parameter = { name: 'at', type: 'gmem_at', text: 'a page of a guest_memfd' };

/** An act on the page of a guest_memfd that must be there. */
function act(
  name: string,
  summary: string,
  reference: string,
  effects: readonly string[],
  change: (machine: Machine, pfn: number) => void,
): MachineOperation {
  const present = { id: 'present', text: 'a page is allocated there', statusText: '-ENXIO' };
  return {
    name,
    actor: 'host',
    since: 'linux/6.8',
    summary,
    reference,
    params: [at],
    outputs: [],
    results: ['0', '-ENXIO'],
    checks: [present],
    effects,
    differences: [],
    form: syscallForm(['ENXIO']),
    call(machine, registers) {
      const pfn = frameOfGmem(machine, registers);
      if (pfn === 0) return -ERRNO.ENXIO;
      change(machine, machine.linux.folios.head(pfn));
      return 0;
    },
    readOutputs: () => [],
    refusal: (machine, registers) =>
      frameOfGmem(machine, registers) === 0 ? { check: present, cells: [], argument: 0 } : undefined,
  };
}

export const getPage = act(
  'get_page',
  'Another part of the kernel takes a reference to a page.',
  'include/linux/mm.h: get_page',
  ['one reference more, until put_page'],
  ({ linux }, pfn) => linux.folios.count(pfn, 'gets', 1),
);

export const putPage = act(
  'put_page',
  'Another part of the kernel drops its reference to a page.',
  'include/linux/mm.h: put_page',
  ['one reference less'],
  ({ linux }, pfn) => linux.folios.count(pfn, 'gets', -1),
);

export const transientReference = act(
  'folio_try_get',
  'Somebody looks at a page for a moment, as the scanner of physical memory does.',
  'include/linux/page_ref.h: folio_try_get',
  ['one reference more, for a moment'],
  ({ linux }, pfn) => linux.folios.count(pfn, 'transient', 1),
);

export const leakPage = act(
  'leak_page',
  'A reference to a page is taken that nobody will ever drop.',
  'get_page on a page that firmware does not give back',
  ['the page is never given out again'],
  (machine, pfn) => {
    leak.call(machine, [pfn]);
  },
);

export const markInUse = act(
  'gmem_mark_in_use',
  'The file is told that firmware did not give a page back: no reference, but the page is never freed.',
  'alternative discussed for the CCA host series v9',
  ['the page is never given out again, and holds no extra reference'],
  ({ linux }, pfn) => linux.folios.mark(pfn, STUCK),
);

export const attachPrivate = act(
  'folio_attach_private',
  'Somebody hangs data of its own on a folio.',
  'include/linux/pagemap.h: folio_attach_private',
  ['the folio has private data'],
  ({ linux }, pfn) => linux.folios.set(pfn, 'private', FOREIGN_DATA),
);

/** An act that cannot fail. */
const plainAct = (
  name: string,
  summary: string,
  reference: string,
  params: readonly Parameter[],
  effects: readonly string[],
  call: MachineOperation['call'],
  errors: readonly Errno[] = [],
): MachineOperation => ({
  name,
  actor: 'host',
  since: 'linux/6.8',
  summary,
  reference,
  params,
  outputs: [],
  results: ['0', ...errors.map((error) => `-${error}`)],
  checks: [],
  effects,
  differences: [],
  form: syscallForm(errors),
  call,
  readOutputs: () => [],
  refusal: () => undefined,
});

export const zapAll = plainAct(
  'kvm_mmu_zap_all',
  'KVM drops everything that is mapped for a guest.',
  'arch/x86/kvm/mmu/mmu.c',
  [{ name: 'vm', type: 'vm', text: 'the VM' }],
  ['the guest faults its memory in again'],
  (machine, [vm = 0]) => zap.call(machine, [vm, 0, machine.linux.vms.end, BOTH_HALVES]),
);

export const raiseSignal = plainAct(
  'raise_signal_after',
  'A signal comes for the VMM while a call goes through pages.',
  'kernel/signal.c',
  [{ name: 'pages', type: 'u64', text: 'pages that are done before' }],
  ['the call ends before the next page'],
  ({ linux }, [pages = 0]) => {
    linux.raiseSignalAfter(pages);
    return 0;
  },
);

export const otherIoctl = plainAct(
  'ioctl',
  'An ioctl that no guest_memfd knows.',
  'virt/kvm/guest_memfd.c: kvm_gmem_ioctl',
  [
    { name: 'fd', type: 'gmem', text: 'the guest_memfd' },
    { name: 'request', type: 'u64', text: 'its number' },
  ],
  ['nothing changes'],
  () => -ERRNO.ENOTTY,
  ['ENOTTY'],
);

const addr: Parameter = { name: 'addr', type: 'pa', text: 'physical address of a page' };

/** Gives a page back whatever firmware thinks of it: what a kernel does that only warns. */
export const freePage = plainAct(
  '__free_page',
  'The kernel gives a page back to the page allocator.',
  'mm/page_alloc.c: __free_pages',
  [addr],
  ['the page is the next that is given out'],
  ({ linux }, [pa = 0]) => {
    linux.allocator.give(linux.folios.pfnOf(pa));
    return 0;
  },
);

export const allocPage: MachineOperation = {
  ...plainAct(
    'alloc_page',
    'The kernel takes a page for data of its own.',
    'mm/page_alloc.c: __alloc_pages',
    [],
    ['the page belongs to the kernel'],
    (machine) => alloc.call(machine, [0, 0]),
    ['ENOMEM'],
  ),
  outputs: [{ name: 'page', type: 'pa', valid: 'SUCCESS', text: 'its physical address' }],
  readOutputs: ({ linux }) => [linux.folios.address(linux.out[0] ?? 0)],
};

/** A page that is not in the host's physical address space: the kernel cannot survive touching its own data there. */
export const kernelAccess: MachineOperation = {
  ...plainAct(
    'kernel_access',
    'The kernel touches data of its own.',
    'arch/arm64/mm/fault.c: do_gpf',
    [addr],
    ['host_crash where the page is not the host’s: a granule protection fault in the kernel'],
    ({ linux, rmm, pages }, [pa = 0]) => {
      if (pages.has(pa) && rmm.granules.gpt(pa) === 'NS') return 0;
      linux.die();
      return HOST_CRASH;
    },
  ),
  form: accessForm(),
  results: ['0', 'host_crash'],
};

export const HOST_ACTS: readonly MachineOperation[] = [
  getPage,
  putPage,
  transientReference,
  leakPage,
  markInUse,
  attachPrivate,
  zapAll,
  raiseSignal,
  otherIoctl,
  freePage,
  allocPage,
  kernelAccess,
];
