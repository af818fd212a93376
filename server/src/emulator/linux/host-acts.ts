// What a test rig does to pages by hand: take a reference and forget it, mark a page as stuck.
import type { Parameter } from '../definition.ts';
import { ERRNO } from '../errno.ts';
import type { Machine } from '../machine.ts';
import type { MachineOperation } from '../operation.ts';
import { STUCK } from './folios.ts';
import { leak } from './pieces.ts';
import { syscallForm } from './signals.ts';
import { frameOfGmem } from './views.ts';

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

export const HOST_ACTS: readonly MachineOperation[] = [getPage, putPage, transientReference, leakPage, markInUse];
