// A page fault of a process.
import { type Flow, flow } from '../flow.ts';
import { faultUserMapping } from '../guest-memfd/fault.ts';
import type { Machine } from '../machine.ts';
import { MAPS_ANONYMOUS, MAPS_GMEM, PROT_READ, PROT_WRITE, pteOf, ptePfn, pteWritable } from './address-spaces.ts';
import { folioPut } from './folio-put.ts';
import { HWPOISON, OWNER_ANONYMOUS } from './folios.ts';
import { alloc, copyPage, freeFolio, setPte, zero } from './pieces.ts';
import { SIGBUS, SIGSEGV } from './signals.ts';

/** 0: the access can go on. SIGSEGV, SIGBUS, or -ENOMEM. `write` is 1 for a store. */
export const handleMmFault: Flow = flow({
  name: 'handle_mm_fault',
  reference: 'mm/memory.c',
  params: ['process', 'page', 'write'],
  locals: { process: 'number', page: 'number', write: 'flag', mapping: 'number', pfn: 'number', old: 'number' },
  steps: {
    find_vma: {
      text: 'vma = lock_mm_and_find_vma(mm, address); access_error(vma)',
      run(f) {
        const { spaces, gmem } = f.machine.linux;
        const { mappings } = spaces;
        f.mapping = spaces.find(f.process, f.page);
        const needed = f.write === 1 ? PROT_WRITE : PROT_READ;
        if (f.mapping === 0 || (mappings.get(f.mapping, 'prot') & needed) === 0) return f.return(SIGSEGV);
        const index = f.page - mappings.get(f.mapping, 'start') + mappings.get(f.mapping, 'pgoff');
        const file = mappings.get(f.mapping, 'file');
        switch (mappings.get(f.mapping, 'kind')) {
          case MAPS_ANONYMOUS:
            if (spaces.pte(f.process, f.page) !== 0) f.goto('do_wp_page');
            return;
          case MAPS_GMEM:
            return f.call(faultUserMapping, [f.process, f.page, gmem.files.get(file, 'inode'), index], 'done');
          default:
            f.pfn = gmem.pfnAt(file, index);
            if (f.pfn !== 0) f.goto('finish_fault');
        }
      },
    },
    do_anonymous_page: {
      text: 'folio = alloc_anon_folio(vmf)',
      run: (f) => f.command(alloc, [0, 0]),
    },
    clear_user_highpage: {
      text: 'if (!folio) return VM_FAULT_OOM; clear_user_highpage(page, address)',
      run(f) {
        if (f.result < 0) return f.return(f.result);
        f.pfn = f.output(0);
        f.command(zero, [f.pfn, 1]);
      },
    },
    folio_add_new_anon_rmap: {
      text: 'if (vmf_pte_changed(vmf)) goto release; folio_add_new_anon_rmap(folio, vma, addr); set_ptes(…); or shmem_add_to_page_cache(folio, mapping, index)',
      run(f) {
        const { spaces, gmem, folios } = f.machine.linux;
        const { mappings } = spaces;
        if (mappings.get(f.mapping, 'kind') === MAPS_ANONYMOUS) {
          if (spaces.pte(f.process, f.page) !== 0) return f.goto('release');
          folios.set(f.pfn, 'owner', OWNER_ANONYMOUS);
          return f.command(setPte, [f.process, f.page, f.pfn, isWritable(f.machine, f.mapping)], 'done');
        }
        const file = mappings.get(f.mapping, 'file');
        const index = f.page - mappings.get(f.mapping, 'start') + mappings.get(f.mapping, 'pgoff');
        // Somebody else was faster: -EEXIST, and the lookup begins again.
        if (gmem.pfnAt(file, index) !== 0) return f.command(freeFolio, [f.pfn], 'find_vma');
        gmem.insert(file, index, f.pfn);
      },
    },
    finish_fault: {
      text: 'if (folio_test_hwpoison(folio)) return VM_FAULT_HWPOISON; if (!vmf_pte_changed(vmf)) set_pte_range(vmf, folio, page, 1, addr)',
      run(f) {
        const { spaces, folios } = f.machine.linux;
        if (folios.has(f.pfn, HWPOISON)) return f.return(SIGBUS);
        if (spaces.pte(f.process, f.page) !== 0) return f.return(0);
        f.command(setPte, [f.process, f.page, f.pfn, isWritable(f.machine, f.mapping)], 'done');
      },
    },
    release: {
      text: 'release: folio_put(folio); return 0: the access is tried again with the page of whoever was faster',
      run: (f) => f.command(freeFolio, [f.pfn], 'out'),
    },
    out: { text: 'return 0', run: (f) => f.return(0) },
    do_wp_page: {
      text: 'if (folio_ref_count(folio) == 1) wp_page_reuse(vmf)',
      run(f) {
        const { spaces, folios } = f.machine.linux;
        const pte = spaces.pte(f.process, f.page);
        f.pfn = ptePfn(pte);
        if (f.write === 0 || pteWritable(pte)) return f.return(0);
        if (folios.refcount(f.pfn) > 1) return;
        f.command(setPte, [f.process, f.page, f.pfn, 1], 'done');
      },
    },
    wp_page_copy: {
      text: 'new_folio = folio_prealloc(mm, vma, address)',
      run: (f) => f.command(alloc, [0, 0]),
    },
    copy_mc_user_highpage: {
      text: 'if (!new_folio) return VM_FAULT_OOM; __wp_page_copy_user(dst, src, vmf)',
      run(f) {
        if (f.result < 0) return f.return(f.result);
        const copy = f.output(0);
        f.old = f.pfn;
        f.command(copyPage, [copy, f.pfn]);
        f.pfn = copy;
      },
    },
    set_pte_at_notify: {
      text: 'if (!pte_same(ptep_get(vmf->pte), vmf->orig_pte)) the copy is given back; set_pte_at(mm, address, pte, maybe_mkwrite(entry))',
      run(f) {
        const { spaces, folios } = f.machine.linux;
        if (spaces.pte(f.process, f.page) !== pteOf(f.old, false)) return f.goto('release');
        folios.set(f.pfn, 'owner', OWNER_ANONYMOUS);
        f.command(setPte, [f.process, f.page, f.pfn, 1]);
      },
    },
    put_old: {
      text: 'folio_remove_rmap_pte(old_folio, vmf->page, vma); folio_put(old_folio)',
      run: (f) => f.call(folioPut, [f.old], 'out'),
    },
    done: {
      text: 'return ret',
      run: (f) => f.return(f.result),
    },
  },
});

const isWritable = ({ linux: { spaces } }: Machine, mapping: number) =>
  (spaces.mappings.get(mapping, 'prot') & PROT_WRITE) === 0 ? 0 : 1;

/** The frame that a process reaches at a page without a fault, for a load or a store; 0 if it would fault. */
export function reach({ linux: { spaces } }: Machine, process: number, page: number, write: boolean): number {
  const pte = spaces.pte(process, page);
  return pte === 0 || (write && !pteWritable(pte)) ? 0 : ptePfn(pte);
}
