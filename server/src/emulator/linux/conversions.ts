// Physical addresses of pages that are named by file offset, by mapping or by guest physical address.
import type { Conversion } from '../conversion.ts';
import { type FrameOf, frameOfGmem, frameOfMapping } from './page-views.ts';

const toPa = (from: 'gmem_at' | 'mapping_at', summary: string, frameOf: FrameOf): Conversion => ({
  name: 'pa',
  summary,
  from,
  to: 'pa',
  absent: 'no page is allocated there yet',
  read(machine, registers) {
    const pfn = frameOf(machine, registers);
    const { pageSize } = machine.linux;
    return pfn === 0 ? undefined : pfn * pageSize + ((registers[1] ?? 0) % pageSize);
  },
});

export const LINUX_CONVERSIONS: readonly Conversion[] = [
  toPa('gmem_at', 'The physical address of a byte of a guest_memfd.', frameOfGmem),
  toPa('mapping_at', 'The physical address of a byte of a mapping.', frameOfMapping),
];
