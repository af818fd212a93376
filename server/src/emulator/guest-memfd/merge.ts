// Making one large folio of single ones, which have been used or not each.
import { type Flow, flow } from '../flow.ts';
import { UPTODATE } from '../linux/folios.ts';
import { zeroRange } from '../linux/pieces.ts';
import type { Machine } from '../machine.ts';
import { merge } from './pieces.ts';

/** The pages of [from, to) up to the next one that was used, or not used, from the first that was not, or was, on. */
function nextRun({ linux: { gmem, folios } }: Machine, inode: number, from: number, to: number, used: boolean) {
  const isUsed = (index: number) => folios.has(gmem.folioAt(inode, index), UPTODATE);
  let begin = from;
  while (begin < to && isUsed(begin) !== used) begin++;
  let end = begin;
  while (end < to && isUsed(end) === used) end++;
  return { begin, end };
}

/**
 * Merges the single folios of a large page, which are all there. The large folio has one flag for all of its pages: where
 * some of them were used, those that were not are zeroed, so that neither is lost what was written nor shown what was there
 * before. 0 or a negative errno.
 */
export const mergeFolio: Flow = flow({
  name: 'kvm_gmem_merge_folio_in_filemap',
  reference: 'virt/kvm/guest_memfd.c, 1G page RFC v2',
  params: ['inode', 'index', 'order'],
  locals: { inode: 'number', index: 'number', order: 'number', at: 'number' },
  steps: {
    folio_test_uptodate: {
      text: 'if no folio of the large page is up to date, the large one is not either',
      run(f) {
        const end = f.index + 2 ** f.order;
        const used = nextRun(f.machine, f.inode, f.index, end, true);
        f.at = used.begin === used.end ? end : f.index;
      },
    },
    clear_highpage: {
      text: 'for each folio that is not up to date while others are: clear_highpage(folio_page(folio, 0))',
      run(f) {
        const run = nextRun(f.machine, f.inode, f.at, f.index + 2 ** f.order, false);
        f.at = run.end;
        if (run.begin === run.end) return;
        const pfn = f.machine.linux.gmem.pfnAt(f.inode, run.begin);
        f.command(zeroRange, [pfn, run.end - run.begin], 'clear_highpage');
      },
    },
    merge: {
      text: 'merge the folios and put the large one into their place',
      run: (f) => f.command(merge, [f.inode, f.index, f.order]),
    },
    out: { text: 'return ret', run: (f) => f.return(f.result) },
  },
});
