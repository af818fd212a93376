// Populate without a source of its own: what lies in the guest_memfd is copied away, and back by the RMM.
import { ERRNO } from '../errno.ts';
import { type Flow, flow } from '../flow.ts';
import { srcuReadLock, srcuReadUnlock } from '../guest-memfd/lock.ts';
import { KVM_MEM_GUEST_MEMFD, MEMSLOT_INVALID } from '../kvm/vms.ts';
import { alloc, copyPage, freeFolio } from '../linux/pieces.ts';
import type { Machine } from '../machine.ts';
import { span } from '../rmm/rtts.ts';
import { createProtectedDataPage } from './data-page.ts';
import { COPIES_PER_PAGE, EXTRA_PAGES, RMM_RTT_MAX_LEVEL, ROUND_TRIPS, rdOf, TEMPORARY_PAGES } from './host.ts';
import { freeDelegatedGranule } from './policy.ts';
import { rttFold } from './rmi.ts';

/** Pages of a folio that one table entry could map. */
const BLOCK = span(RMM_RTT_MAX_LEVEL - 1);

/** Pages from a guest frame on that may be populated. */
function mayPopulate({ linux }: Machine, vm: number, gfn: number, pages: number): number {
  let i = 0;
  while (i < pages && linux.mayPopulate(vm, gfn + i)) i++;
  return i;
}

/**
 * Fills [ipa, end) from the pages themselves, as many at once as there are temporary pages. Delegating a page destroys what
 * it holds, so that every page is copied twice. Returns the pages done if there are any, otherwise a negative errno.
 */
export const populateThroughTemporaryPages: Flow = flow({
  name: 'realm_populate_through_temporary_pages',
  reference: 'discussed for the populate patch of the CCA host series v9 and for in-place conversion; no code exists',
  params: ['vm', 'ipa', 'end', 'flags'],
  locals: {
    vm: 'number',
    ipa: 'address',
    end: 'address',
    flags: 'flag',
    first: 'address',
    slot: 'number',
    inode: 'number',
    temporary: 'number',
    room: 'number',
    chunk: 'number',
    i: 'number',
    dst: 'number',
    ret: 'errno',
  },
  steps: {
    gfn_to_memslot: {
      text: 'idx = srcu_read_lock(&kvm->srcu); slot = gfn_to_memslot(kvm, start_gfn)',
      run(f) {
        const { vms, gmem, pageSize } = f.machine.linux;
        f.first = f.ipa;
        f.slot = vms.slotAt(f.vm, f.ipa / pageSize);
        if (f.end <= f.ipa || f.slot < 0 || !vms.has(f.slot, KVM_MEM_GUEST_MEMFD)) return f.return(-ERRNO.EINVAL);
        if (vms.has(f.slot, MEMSLOT_INVALID)) return f.return(-ERRNO.EFAULT);
        const file = vms.slots.get(f.slot, 'file');
        if (file === 0) return f.return(-ERRNO.EFAULT);
        f.inode = gmem.files.get(file, 'inode');
        srcuReadLock(f.machine, f.vm);
        const { policy } = f.machine.cca;
        f.room = policy.get(0, TEMPORARY_PAGES);
        policy.set(0, ROUND_TRIPS, 0);
        policy.set(0, EXTRA_PAGES, f.room);
        policy.set(0, COPIES_PER_PAGE, 2);
        f.command(alloc, [Math.ceil(Math.log2(f.room)), 0]);
      },
    },
    allocated: {
      text: 'if (!temporary) ret = -ENOMEM',
      run(f) {
        if (f.result < 0) {
          f.ret = f.result;
          return f.goto('out');
        }
        const { folios } = f.machine.linux;
        f.temporary = f.output(0);
        const pages = folios.pageCount(f.temporary);
        folios.set(f.temporary, 'order', 0);
        for (let i = 1; i < pages; i++) folios.set(f.temporary + i, 'owner', folios.get(f.temporary, 'owner'));
      },
    },
    next_chunk: {
      text: 'while (ipa < end) one round trip: as many pages as fit',
      run(f) {
        if (f.ipa >= f.end || f.ret !== 0) {
          f.i = 0;
          return f.goto('free_pages');
        }
        const { pageSize } = f.machine.linux;
        const pages = Math.min(f.room, (f.end - f.ipa) / pageSize);
        f.chunk = mayPopulate(f.machine, f.vm, f.ipa / pageSize, pages);
        f.i = 0;
      },
    },
    kvm_mem_is_private: {
      text: 'if (!kvm_range_has_memory_attributes(kvm, gfn, gfn + 1, PRIVATE, PRIVATE)) ret = -EINVAL; the pages before it are still done',
      run(f) {
        if (f.chunk === 0) {
          f.ret = -ERRNO.EINVAL;
          return f.goto('next_chunk');
        }
        const { policy } = f.machine.cca;
        policy.set(0, ROUND_TRIPS, policy.get(0, ROUND_TRIPS) + 1);
      },
    },
    copy: {
      text: 'the first copy: from the guest_memfd, still the host’s, to the temporary pages',
      run(f) {
        if (f.i === f.chunk) {
          f.i = 0;
          return f.goto('realm_create_protected_data_page');
        }
        const { vms, gmem, pageSize } = f.machine.linux;
        f.dst = gmem.pfnAt(f.inode, vms.indexOf(f.slot, f.ipa / pageSize + f.i));
        if (f.dst === 0) {
          f.ret = -ERRNO.EFAULT;
          return f.goto('next_chunk');
        }
        f.i++;
        f.command(copyPage, [f.temporary + f.i - 1, f.dst], 'copy');
      },
    },
    realm_create_protected_data_page: {
      text: 'the second copy, by the RMM: realm_create_protected_data_page(realm, ipa, dst, temporary, flags)',
      run(f) {
        if (f.i === f.chunk) return f.goto('fold');
        const { vms, gmem, folios, pageSize } = f.machine.linux;
        const ipa = f.ipa + f.i * pageSize;
        f.dst = gmem.pfnAt(f.inode, vms.indexOf(f.slot, ipa / pageSize));
        const source = folios.address(f.temporary + f.i);
        f.call(createProtectedDataPage, [f.vm, ipa, folios.address(f.dst), source, f.flags]);
      },
    },
    created: {
      text: 'if (ret) break',
      run(f) {
        const { folios, profile, pageSize } = f.machine.linux;
        f.ret = f.result;
        if (f.ret !== 0) {
          f.ipa += f.i * pageSize;
          return f.goto('next_chunk');
        }
        if (profile.mappingsHoldReferences) folios.count(folios.head(f.dst), 'kvm', 1);
        f.i++;
        f.goto('realm_create_protected_data_page');
      },
    },
    fold: {
      text: 'a chunk that covers a large folio keeps it whole: fold_rtt(realm, ipa, RMM_RTT_MAX_LEVEL)',
      run(f) {
        const { folios, pageSize } = f.machine.linux;
        const base = f.ipa;
        f.ipa += f.chunk * pageSize;
        const isWhole = base % BLOCK === 0 && f.chunk * pageSize === BLOCK;
        if (!isWhole || folios.pageCount(folios.head(f.dst)) * pageSize < BLOCK) return f.goto('next_chunk');
        f.command(rttFold, [rdOf(f.machine, f.vm), base, RMM_RTT_MAX_LEVEL]);
      },
    },
    folded: {
      text: 'if (!ret) free_rtt(rtt)',
      run(f) {
        if (f.result === 0) f.call(freeDelegatedGranule, [f.output(0)], 'next_chunk');
        else f.goto('next_chunk');
      },
    },
    free_pages: {
      text: 'free the temporary pages',
      run(f) {
        const rounded = 2 ** Math.ceil(Math.log2(f.room));
        if (f.i === rounded) return;
        f.i++;
        f.command(freeFolio, [f.temporary + f.i - 1], 'free_pages');
      },
    },
    out: {
      text: 'srcu_read_unlock(&kvm->srcu, idx); return ret && !i ? ret : i',
      run(f) {
        srcuReadUnlock(f.machine, f.vm);
        f.return(f.ipa > f.first ? (f.ipa - f.first) / f.machine.linux.pageSize : f.ret);
      },
    },
  },
});
