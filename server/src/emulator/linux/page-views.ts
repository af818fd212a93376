// What can be asked of a page, by any of its names: offset in a guest_memfd, place in a mapping, physical address.
import type { Parameter } from '../definition.ts';
import type { Machine } from '../machine.ts';
import type { View } from '../view.ts';
import { ptePfn } from './address-spaces.ts';
import {
  type FolioColumn,
  HWPOISON,
  OWNER_ANONYMOUS,
  OWNER_CACHE,
  OWNER_DETACHED,
  OWNER_FREE,
  type References,
  UPTODATE,
} from './folios.ts';

export const gmemAt: Parameter = { name: 'at', type: 'gmem_at', text: 'a page of a guest_memfd' };
export const mappingAt: Parameter = { name: 'at', type: 'mapping_at', text: 'a page of a mapping' };
const addr: Parameter = { name: 'addr', type: 'pa', text: 'a physical address' };

export const YES_NO: readonly string[] = ['yes', 'no'];
export const yesNo = (holds: boolean): string => (holds ? 'yes' : 'no');

export type Answer = string | number | undefined;

/** The frame of a page, in whatever address space it was named; 0 if nothing is there. */
export type FrameOf = (machine: Machine, args: readonly number[]) => number;

export const frameOfGmem: FrameOf = ({ linux }, [fd = 0, offset = 0]) => {
  const inode = linux.gmem.inodeOf(fd);
  return inode === 0 ? 0 : linux.gmem.pfnAt(inode, Math.floor(offset / linux.pageSize));
};

export const frameOfMapping: FrameOf = ({ linux }, [mapping = 0, offset = 0]) => {
  const { spaces, pageSize } = linux;
  if (!spaces.mappings.has(mapping)) return 0;
  const page = Math.floor((spaces.address(mapping) + offset) / pageSize);
  return ptePfn(spaces.pte(spaces.mappings.get(mapping, 'process'), page));
};

export const frameOfAddress: FrameOf = ({ linux, pages }, [pa = 0]) => (pages.has(pa) ? linux.folios.pfnOf(pa) : 0);

/** A view of a page by any of its names: `gm[off]`, `m[off]`, a physical address. */
function ofFrame(
  name: string,
  summary: string,
  states: readonly string[],
  read: (machine: Machine, pfn: number) => Answer,
  columns: readonly FolioColumn[],
  /** The answer where no page is allocated. */
  missing?: Answer,
): View {
  const places: readonly (readonly [Parameter, FrameOf])[] = [
    [gmemAt, frameOfGmem],
    // Before mappings, whose places may be bare numbers too.
    [addr, frameOfAddress],
    [mappingAt, frameOfMapping],
  ];
  const [first, ...others] = places.map(
    ([param, frameOf]): View => ({
      name,
      summary,
      states,
      reference: 'mm/',
      params: [param],
      absent: 'no page is allocated there',
      read(machine, args) {
        const pfn = frameOf(machine, args);
        return pfn === 0 ? missing : read(machine, pfn);
      },
      cells(machine, args) {
        const { folios } = machine.linux;
        const pfn = frameOf(machine, args);
        return pfn === 0 ? [] : columns.map((column) => folios.cell(folios.head(pfn), column));
      },
    }),
  );
  return { ...(first as View), overloads: others };
}

/** A part of a folio's reference count. */
const ofReferences = (name: string, summary: string, part: keyof References, column: FolioColumn) =>
  ofFrame(name, summary, [], ({ linux }, pfn) => linux.folios.references(linux.folios.head(pfn))[part], [column], 0);

const OWNERS: Readonly<Record<number, string>> = {
  [OWNER_FREE]: 'free',
  [OWNER_ANONYMOUS]: 'anonymous',
  [OWNER_DETACHED]: 'detached',
};

const ownerText = (owner: number) => (owner >= OWNER_CACHE ? 'pagecache' : (OWNERS[owner] ?? 'kernel'));

export const PAGE_VIEWS: readonly View[] = [
  ofFrame(
    'leaked',
    'Whether the kernel keeps a page for ever because firmware did not give it back.',
    YES_NO,
    ({ linux }, pfn) => yesNo(linux.folios.get(linux.folios.head(pfn), 'leaked') > 0),
    ['leaked'],
    'no',
  ),
  ofFrame('refcount', 'References to a folio.', [], ({ linux }, pfn) => linux.folios.refcount(linux.folios.head(pfn)), [
    'gets',
    'pins',
    'mapcount',
  ]),
  ofReferences('pagecache_refs', 'References that the page cache holds to a folio: its pages.', 'pagecache', 'owner'),
  ofReferences('mapcount', 'Page table entries of processes that hold a folio.', 'pte', 'mapcount'),
  ofReferences('get_refs', 'References taken with get_user_pages or by hand.', 'get', 'gets'),
  ofReferences('pincount', 'Pins of a folio.', 'pin', 'pins'),
  ofReferences('lru_batch', 'References that per-CPU batches hold to a folio.', 'lru_batch', 'batch'),
  ofReferences('kvm_refs', 'References that KVM keeps for its mappings.', 'kvm_mapping', 'kvm'),
  ofFrame(
    'folio_order',
    'Order of the folio: 0 for a page, 9 for 2M, 18 for 1G.',
    [],
    ({ linux }, pfn) => linux.folios.get(linux.folios.head(pfn), 'order'),
    ['order'],
  ),
  ofFrame(
    'uptodate',
    'Whether a folio was zeroed or filled since it was allocated.',
    YES_NO,
    ({ linux }, pfn) => yesNo(linux.folios.has(linux.folios.head(pfn), UPTODATE)),
    ['flags'],
    'no',
  ),
  ofFrame(
    'hwpoison',
    'Whether memory failure has struck a folio.',
    YES_NO,
    ({ linux }, pfn) => yesNo(linux.folios.has(linux.folios.head(pfn), HWPOISON)),
    ['flags'],
    'no',
  ),
  ofFrame(
    'allocated',
    'Whether there is a page.',
    YES_NO,
    ({ linux }, pfn) => yesNo(linux.folios.get(linux.folios.head(pfn), 'owner') !== OWNER_FREE),
    ['owner'],
    'no',
  ),
  ofFrame(
    'folio_private',
    'Whether somebody hung data of its own on a folio.',
    YES_NO,
    ({ linux }, pfn) => yesNo(linux.folios.get(linux.folios.head(pfn), 'private') !== 0),
    ['private'],
    'no',
  ),
  ofFrame(
    'page_owner',
    'What a page is used for: free, anonymous, pagecache, kernel, or detached (out of its file but still held).',
    ['free', 'anonymous', 'pagecache', 'kernel', 'detached'],
    ({ linux }, pfn) => ownerText(linux.folios.get(linux.folios.head(pfn), 'owner')),
    ['owner'],
    'free',
  ),
  ofFrame('node', 'The NUMA node of a page.', [], ({ linux }, pfn) => linux.allocator.nodeOf(pfn), []),
];
