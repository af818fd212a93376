// get_user_pages, pin_user_pages and their end.
import type { Parameter } from '../definition.ts';
import { ERRNO } from '../errno.ts';
import { type Flow, flow } from '../flow.ts';
import { HELD_GET, HELD_LONGTERM, HELD_PIN } from './descriptors.ts';
import { handleMmFault, reach } from './fault.ts';
import { folioPut } from './folio-put.ts';
import { gup, unpin } from './pieces.ts';
import { systemCall } from './system-call.ts';

export const FOLL_WRITE = 1;
export const FOLL_LONGTERM = 0x100;

/** One page: 0 and its frame as output 0, or -EFAULT. A reference of that kind is taken. */
export const gupPage: Flow = flow({
  name: '__get_user_pages',
  reference: 'mm/gup.c',
  params: ['process', 'page', 'kind', 'write'],
  locals: { process: 'number', page: 'number', kind: 'number', write: 'flag', pfn: 'number' },
  steps: {
    follow_page_mask: {
      text: 'page = follow_page_mask(vma, start, gup_flags, &ctx)',
      run(f) {
        f.pfn = reach(f.machine, f.process, f.page, f.write === 1);
        if (f.pfn === 0) f.call(handleMmFault, [f.process, f.page, f.write]);
        else f.goto('try_grab_folio');
      },
    },
    faultin_page: {
      text: 'ret = faultin_page(vma, start, gup_flags, …); case -EFAULT, -ENOMEM, -EHWPOISON: goto out',
      run(f) {
        if (f.result < 0) f.return(f.result === -ERRNO.ENOMEM ? f.result : -ERRNO.EFAULT);
        else f.goto('follow_page_mask');
      },
    },
    try_grab_folio: {
      text: 'try_grab_folio(folio, 1, flags)',
      run: (f) => f.command(gup, [f.process, f.page, f.kind, f.pfn]),
    },
    out: {
      text: 'return 1 page',
      run: (f) => f.return(f.result, f.pfn),
    },
  },
});

/** Drops one page's reference. */
export const putPage: Flow = flow({
  name: 'gup_put_folio',
  reference: 'mm/gup.c',
  params: ['pfn', 'kind'],
  locals: { pfn: 'number', kind: 'number' },
  steps: {
    atomic_sub: {
      text: 'folio_put_refs(folio, refs)',
      run: (f) => f.command(unpin, [f.pfn, f.kind]),
    },
    __folio_put: {
      text: 'if (folio_ref_sub_and_test(folio, refs)) __folio_put(folio)',
      run: (f) => f.call(folioPut, [f.machine.linux.folios.head(f.pfn)]),
    },
  },
});

const gupRange = (name: string, pinned: boolean): Flow =>
  flow({
    name,
    reference: 'mm/gup.c',
    params: ['mapping', 'offset', 'length', 'flags'],
    locals: {
      mapping: 'number',
      offset: 'bytes',
      length: 'bytes',
      flags: 'flag',
      pin: 'number',
      page: 'number',
      count: 'number',
      total: 'number',
      kind: 'number',
      process: 'number',
    },
    steps: {
      internal_get_user_pages_fast: {
        text: 'len = nr_pages << PAGE_SHIFT; if (!access_ok(start, len)) return -EFAULT',
        run(f) {
          const { spaces, pins, pageSize } = f.machine.linux;
          f.process = spaces.mappings.get(f.mapping, 'process');
          f.page = Math.floor((spaces.address(f.mapping) + f.offset) / pageSize);
          f.total = Math.ceil((spaces.address(f.mapping) + f.offset + f.length) / pageSize) - f.page;
          f.kind = pinned ? ((f.flags & FOLL_LONGTERM) !== 0 ? HELD_LONGTERM : HELD_PIN) : HELD_GET;
          f.pin = pins.rows.add();
          if (f.pin === 0) return f.return(-ERRNO.ENOMEM);
          pins.rows.set(f.pin, 'kind', f.kind);
        },
      },
      __get_user_pages: {
        text: 'nr_pinned_pages = __get_user_pages_locked(mm, start, nr_pages, pages, …)',
        run(f) {
          if (f.count === f.total) return f.goto('out');
          const write = (f.flags & FOLL_WRITE) !== 0 ? 1 : 0;
          f.call(gupPage, [f.process, f.page + f.count, f.kind, write]);
        },
      },
      grabbed: {
        text: 'if (ret < 0) unpin_user_pages(pages, nr_pinned_pages)',
        run(f) {
          const { pins, xarrays } = f.machine.linux;
          if (f.result < 0) {
            f.total = f.result;
            return f.goto('unpin_user_pages');
          }
          xarrays.set(pins.rows.cell(f.pin, 'pages'), f.count, f.output(0));
          f.count++;
          f.goto('__get_user_pages');
        },
      },
      unpin_user_pages: {
        text: 'for (i = 0; i < nr_pinned_pages; i++) unpin_user_page(pages[i])',
        run(f) {
          if (f.count === 0) return f.return(f.total);
          f.count--;
          const { pins, xarrays } = f.machine.linux;
          f.call(putPage, [xarrays.get(pins.rows.cell(f.pin, 'pages'), f.count), f.kind], 'unpin_user_pages');
        },
      },
      out: {
        text: 'return nr_pinned_pages',
        run(f) {
          const { pins } = f.machine.linux;
          pins.rows.set(f.pin, 'count', f.total);
          pins.rows.set(f.pin, 'held', 1);
          f.return(0, f.pin);
        },
      },
    },
  });

const unpinRange: Flow = flow({
  name: 'unpin_user_pages',
  reference: 'mm/gup.c',
  params: ['pin'],
  locals: { pin: 'number', count: 'number', kind: 'number' },
  steps: {
    begin: {
      text: 'for (i = 0; i < npages; i += nr)',
      run(f) {
        const { rows } = f.machine.linux.pins;
        if (!rows.has(f.pin) || rows.get(f.pin, 'held') === 0) return f.return(-ERRNO.EINVAL);
        f.kind = rows.get(f.pin, 'kind');
        rows.set(f.pin, 'held', 0);
      },
    },
    gup_put_folio: {
      text: 'gup_put_folio(folio, nr, FOLL_PIN)',
      run(f) {
        const { pins, xarrays } = f.machine.linux;
        if (f.count === pins.rows.get(f.pin, 'count')) return f.return(0);
        const pfn = xarrays.get(pins.rows.cell(f.pin, 'pages'), f.count);
        f.count++;
        f.call(putPage, [pfn, f.kind], 'gup_put_folio');
      },
    },
  },
});

const range: Parameter = { name: 'range', type: 'mapping_range', text: 'the pages, in a mapping' };
const flags: Parameter = {
  name: 'flags',
  type: 'flags',
  text: 'what the pages are wanted for',
  flags: { FOLL_WRITE, FOLL_LONGTERM },
  optional: true,
};
const pin = { name: 'pin', type: 'pin', valid: 'SUCCESS', text: 'what holds the pages' } as const;

const common = {
  actor: 'driver',
  since: 'linux/6.8',
  reference: 'mm/gup.c',
  errors: ['EFAULT', 'ENOMEM', 'EINVAL'],
} as const;

export const pinUserPages = systemCall({
  ...common,
  name: 'pin_user_pages',
  summary: 'A driver pins pages of the VMM for DMA.',
  params: [range, flags],
  outputs: [pin],
  effects: ['every page is faulted in and counts a pin more', 'all pages or none'],
  flow: gupRange('pin_user_pages', true),
});

export const getUserPages = systemCall({
  ...common,
  name: 'get_user_pages',
  summary: 'A driver takes a reference to pages of the VMM.',
  params: [range, flags],
  outputs: [pin],
  effects: ['every page is faulted in and counts a reference more', 'all pages or none'],
  flow: gupRange('get_user_pages', false),
});

export const unpinUserPages = systemCall({
  ...common,
  name: 'unpin_user_pages',
  summary: 'A driver drops the pages that it holds.',
  params: [{ name: 'pin', type: 'pin', text: 'what pin_user_pages or get_user_pages gave' }],
  effects: ['a page that nobody else holds is freed'],
  flow: unpinRange,
});

/** The same for get_user_pages. */
export const putPages = {
  ...unpinUserPages,
  name: 'put_page',
  summary: 'A driver drops the references that it holds.',
};
