// Loads and stores of a process through its mappings, with the faults that they take.
import { ERRNO } from '../errno.ts';
import { type Flow, flow } from '../flow.ts';
import type { Machine } from '../machine.ts';
import { GRANULE } from '../memory/pages.ts';
import { fill, firstOther, load, store } from './bytes.ts';
import { handleMmFault, reach } from './fault.ts';
import { HWPOISON } from './folios.ts';
import { isSignal, SIGBUS, SIGKILL } from './signals.ts';

/** The next page of an access, and what the hardware says to it: 0, or a signal where the frame is not the host's any more. */
function touch(machine: Machine, address: number, pfn: number): number {
  const pa = pfn * machine.linux.pageSize + (address % machine.linux.pageSize);
  if (machine.linux.folios.has(machine.linux.folios.head(pfn), HWPOISON)) return SIGBUS;
  return machine.rmm.granules.gpt(pa) === 'NS' ? 0 : SIGBUS;
}

const physical = ({ linux: { pageSize } }: Machine, address: number, pfn: number) =>
  pfn * pageSize + (address % pageSize);

/** What a fault's outcome is to the process. */
const outcome = (code: number) => (code === -ERRNO.ENOMEM ? SIGKILL : code);

/** A load of up to 8 bytes. Returns the value, as a number of the machine's words, or a signal. */
export const userLoad: Flow = flow({
  name: 'load',
  reference: 'arch/*/mm/fault.c: do_user_addr_fault',
  params: ['mapping', 'offset', 'size'],
  locals: { mapping: 'number', offset: 'bytes', size: 'bytes', address: 'address', process: 'number', pfn: 'number' },
  steps: {
    access: {
      text: 'the CPU walks the page table of the process',
      run(f) {
        const { linux } = f.machine;
        f.process = linux.spaces.mappings.get(f.mapping, 'process');
        f.address = linux.spaces.address(f.mapping) + f.offset;
        const page = Math.floor(f.address / linux.pageSize);
        f.pfn = reach(f.machine, f.process, page, false);
        if (f.pfn === 0) f.call(handleMmFault, [f.process, page, 0], 'faulted');
        else f.goto('load');
      },
    },
    faulted: {
      text: 'if (fault & VM_FAULT_ERROR) send a signal; otherwise the instruction is executed again',
      run(f) {
        if (f.result < 0) f.return(outcome(f.result));
        else f.goto('access');
      },
    },
    load: {
      text: 'the CPU loads',
      run(f) {
        const { machine } = f;
        const signal = touch(machine, f.address, f.pfn);
        const value = () => load(machine.pages, physical(machine, f.address, f.pfn), f.size);
        f.return(signal === 0 ? machine.pages.words.number(value()) : signal);
      },
    },
  },
});

/** A store of up to 8 bytes. 0, or a signal. */
export const userStore: Flow = flow({
  name: 'store',
  reference: 'arch/*/mm/fault.c: do_user_addr_fault',
  params: ['mapping', 'offset', 'value', 'size'],
  locals: {
    mapping: 'number',
    offset: 'bytes',
    value: 'number',
    size: 'bytes',
    address: 'address',
    process: 'number',
    pfn: 'number',
  },
  steps: {
    access: {
      text: 'the CPU walks the page table of the process',
      run(f) {
        const { linux } = f.machine;
        f.process = linux.spaces.mappings.get(f.mapping, 'process');
        f.address = linux.spaces.address(f.mapping) + f.offset;
        const page = Math.floor(f.address / linux.pageSize);
        f.pfn = reach(f.machine, f.process, page, true);
        if (f.pfn === 0) f.call(handleMmFault, [f.process, page, 1], 'faulted');
        else f.goto('store');
      },
    },
    faulted: {
      text: 'if (fault & VM_FAULT_ERROR) send a signal; otherwise the instruction is executed again',
      run(f) {
        if (f.result < 0) f.return(outcome(f.result));
        else f.goto('access');
      },
    },
    store: {
      text: 'the CPU stores',
      run(f) {
        const { machine } = f;
        const signal = touch(machine, f.address, f.pfn);
        const { pages } = machine;
        if (signal === 0) store(pages, physical(machine, f.address, f.pfn), f.size, pages.words.value(f.value));
        f.return(signal);
      },
    },
  },
});

/** memset, which fills, or memchr_inv over a range of a mapping. Output 0: bytes done, or the offset of the first other byte. */
const rangeFlow = (name: string, fills: boolean): Flow =>
  flow({
    name,
    reference: 'arch/*/mm/fault.c: do_user_addr_fault',
    params: ['mapping', 'offset', 'length', 'byte'],
    locals: {
      mapping: 'number',
      offset: 'bytes',
      length: 'bytes',
      byte: 'number',
      done: 'bytes',
      process: 'number',
      pfn: 'number',
    },
    steps: {
      access: {
        text: 'the CPU walks the page table of the process',
        run(f) {
          if (f.done >= f.length) return f.return(0, f.done);
          const { linux } = f.machine;
          f.process = linux.spaces.mappings.get(f.mapping, 'process');
          const page = Math.floor((linux.spaces.address(f.mapping) + f.offset + f.done) / linux.pageSize);
          f.pfn = reach(f.machine, f.process, page, fills);
          if (f.pfn === 0) f.call(handleMmFault, [f.process, page, fills ? 1 : 0], 'faulted');
          else f.goto('touch');
        },
      },
      faulted: {
        text: 'if (fault & VM_FAULT_ERROR) send a signal; otherwise the instruction is executed again',
        run(f) {
          if (f.result < 0) f.return(outcome(f.result), f.done);
          else f.goto('access');
        },
      },
      touch: {
        text: 'the CPU goes through the page',
        run(f) {
          const { machine } = f;
          const address = machine.linux.spaces.address(f.mapping) + f.offset + f.done;
          const signal = touch(machine, address, f.pfn);
          if (signal !== 0) return f.return(signal, f.done);
          const size = Math.min(f.length - f.done, GRANULE - (address % GRANULE));
          const pa = physical(machine, address, f.pfn);
          if (fills) fill(machine.pages, pa, size, f.byte);
          else {
            const other = firstOther(machine.pages, pa, size, f.byte);
            if (other >= 0) return f.return(1, f.done + other);
          }
          f.done += size;
          f.goto('access');
        },
      },
    },
  });

export const userFill: Flow = rangeFlow('memset', true);
export const userCompare: Flow = rangeFlow('memchr_inv', false);

/** copy_from_user and copy_to_user: the same access by a system call, which fails with -EFAULT instead of a signal. */
export const copyUser: Flow = flow({
  name: 'copy_user_generic',
  reference: 'include/linux/uaccess.h: copy_from_user, copy_to_user',
  params: ['mapping', 'offset', 'length'],
  locals: { mapping: 'number', offset: 'bytes', length: 'bytes' },
  steps: {
    raw_copy: {
      text: 'left = raw_copy_from_user(to, from, n)',
      run: (f) => f.call(userCompare, [f.mapping, f.offset, f.length, 0]),
    },
    fixup: {
      text: 'return left ? -EFAULT : 0',
      run: (f) => f.return(isSignal(f.result) ? -ERRNO.EFAULT : 0),
    },
  },
});
