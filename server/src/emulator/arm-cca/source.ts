// Where populate finds the contents of a page in the VMM's address space.
import { ERRNO } from '../errno.ts';
import { reach } from '../linux/fault.ts';
import { piece } from '../linux/piece.ts';

/** The page behind a slot's user address, held by the lookup (`transient`). */
export const lookupHostSource = piece({
  name: 'lookup_host_src',
  summary: 'Finds the page at the user address of a slot, as a fault of a shared access would, for writing.',
  reference: 'virt/kvm/kvm_main.c: __kvm_faultin_pfn with FOLL_WRITE; populate_region of the CCA host series v9',
  params: { process: 'process', page: 'address over page size' },
  outputs: { pfn: 'its page frame' },
  errors: ['EFAULT'],
  effects: ['the page is held until populate has copied it'],
  since: 'linux/cca-v9',
  call(machine, [process = 0, page = 0]) {
    const { linux } = machine;
    const pfn = reach(machine, process, page, true);
    if (pfn === 0) return -ERRNO.EFAULT;
    linux.folios.count(linux.folios.head(pfn), 'transient', 1);
    linux.out[0] = pfn;
    return 0;
  },
});

/** The page of the VMM's address space that a slot shows at a guest frame. */
export const hostPage = ({ linux }: Parameters<typeof reach>[0], slot: number, gfn: number): number =>
  linux.vms.slots.get(slot, 'hva') / linux.pageSize + gfn - linux.vms.slots.get(slot, 'base');
