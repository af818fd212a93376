// Whether anybody but the page cache holds pages of a file: what a conversion to private asks before it begins.
import { type Flow, flow } from '../flow.ts';
import { lruDrain, refcheck } from '../linux/pieces.ts';

/** Looks for a folio of [from, to) that somebody uses. 0, or -EAGAIN with its first page in the range as output 0. */
export const hasSafeRefcount: Flow = flow({
  name: 'kvm_gmem_has_safe_refcount',
  reference: 'virt/kvm/guest_memfd.c, in-place conversion v8',
  params: ['inode', 'from', 'to'],
  locals: { inode: 'number', from: 'number', to: 'number', at: 'number', head: 'number', drained: 'flag' },
  steps: {
    begin: {
      text: 'filemap_get_folios(mapping, &start, last, &fbatch)',
      run(f) {
        f.at = f.from;
      },
    },
    next_folio: {
      text: 'for (i = 0; i < folio_batch_count(&fbatch) && safe; i++)',
      run(f) {
        const { gmem, folios } = f.machine.linux;
        f.head = gmem.nextFolio(f.inode, f.at, f.to);
        if (f.head === 0) return f.return(0);
        f.at = folios.get(f.head, 'index') + folios.pageCount(f.head);
        if (f.drained === 0 && folios.get(f.head, 'batch') > 0) f.goto('lru_add_drain_all');
        else f.goto('refcount');
      },
    },
    lru_add_drain_all: {
      text: 'if (!safe && !lru_drained) { lru_add_drain_all(); lru_drained = true; goto retry; }',
      run(f) {
        f.drained = 1;
        f.command(lruDrain, []);
      },
    },
    refcount: {
      text: 'safe = folio_ref_count(folio) == folio_nr_pages(folio) + filemap_get_folios_refcount',
      run: (f) => f.command(refcheck, [f.head]),
    },
    judged: {
      text: '*err_index = max(start, folio->index); return safe',
      run(f) {
        if (f.result === 0) return f.goto('next_folio');
        f.return(f.result, Math.max(f.from, f.machine.linux.folios.get(f.head, 'index')));
      },
    },
  },
});
