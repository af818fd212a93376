// What the host does to a page by its physical address: load and store of 64 bits, filling a page.
import type { Machine } from '../machine.ts';
import type { MachineOperation, Refusal, ResultForm } from '../operation.ts';
import { GRANULE } from './pages.ts';
import { isReference } from './words.ts';

/** Granule protection fault: the page is not in the Non-secure physical address space. */
const GPF = -1;
/** Nothing answers at the address. */
const SIGBUS = -2;

const faults: Readonly<Record<string, number>> = { GPF, SIGBUS };

const form: ResultForm = {
  names: Object.keys(faults),
  text: (code) => Object.keys(faults).find((name) => faults[name] === code) ?? `0x${code.toString(16)}`,
  code: (name) => faults[name],
  matches: (code, name) => faults[name] === code,
  succeeded: (code) => code >= 0 || isReference(code),
};

const WORD = 8;
const aligned = { id: 'align', text: 'addr is aligned to 8 bytes', statusText: 'SIGBUS' };
const pageAligned = { id: 'page_align', text: 'page is aligned to 4 KiB', statusText: 'SIGBUS' };
const present = { id: 'bound', text: 'addr lies in memory', statusText: 'SIGBUS' };
const nonSecure = { id: 'gpt', text: 'the GPT entry of the page is NS', statusText: 'GPF' };

function refusal({ rmm, pages }: Machine, [addr = 0]: readonly number[]): Refusal | undefined {
  if (addr % WORD !== 0) return { check: aligned, cells: [], argument: 0 };
  return unreachable({ rmm, pages }, addr);
}

/** Why the host cannot reach an address, however it is aligned. */
function unreachable({ rmm, pages }: Pick<Machine, 'rmm' | 'pages'>, addr: number): Refusal | undefined {
  if (!pages.has(addr)) return { check: present, cells: [], argument: 0 };
  if (rmm.granules.gpt(addr) !== 'NS') {
    return { check: nonSecure, cells: [rmm.granules.gptCell(addr), rmm.granules.stateCell(addr)], argument: 0 };
  }
  return undefined;
}

const faultOf = (refused: Refusal | undefined) => refused && faults[refused.check.statusText];
const fault = (machine: Machine, registers: readonly number[]) => faultOf(refusal(machine, registers));

const common = {
  actor: 'host',
  since: 'rmm/1.0',
  reference: 'Arm ARM, granule protection checks',
  outputs: [],
  results: form.names,
  checks: [aligned, present, nonSecure],
  differences: [],
  form,
  readOutputs: () => [],
  refusal,
} as const;

export const hostWrite: MachineOperation = {
  ...common,
  name: 'write',
  summary: 'The host stores 64 bits in a page of its own.',
  params: [
    { name: 'addr', type: 'pa', text: 'physical address, aligned to 8 bytes' },
    { name: 'value', type: 'word', text: 'value to store' },
  ],
  effects: ['the 8 bytes at addr are value, little-endian'],
  call(machine, registers) {
    const failed = fault(machine, registers);
    if (failed !== undefined) return failed;
    const [addr = 0, value = 0] = registers;
    const { pages } = machine;
    pages.setBytes(addr, pages.contents.written(pages.bytes(addr), addr % 4096, WORD, pages.words.value(value)));
    return 0;
  },
};

export const hostRead: MachineOperation = {
  ...common,
  name: 'read',
  summary: 'The host loads 64 bits from a page of its own.',
  params: [{ name: 'addr', type: 'pa', text: 'physical address, aligned to 8 bytes' }],
  effects: ['the result is the 8 bytes at addr, little-endian'],
  call(machine, registers) {
    const [addr = 0] = registers;
    const { pages } = machine;
    return fault(machine, registers) ?? pages.words.number(pages.contents.value(pages.bytes(addr), addr % 4096, WORD));
  },
};

const pageRefusal = (machine: Machine, [page = 0]: readonly number[]): Refusal | undefined =>
  page % GRANULE === 0 ? unreachable(machine, page) : { check: pageAligned, cells: [], argument: 0 };

export const hostMemset: MachineOperation = {
  ...common,
  name: 'memset',
  summary: 'The host fills a page of its own with one byte.',
  reference: 'ISO C, memset(); Arm ARM, granule protection checks',
  params: [
    { name: 'page', type: 'pa', text: 'page, aligned to 4 KiB' },
    { name: 'c', type: 'u64', text: 'the byte; of a larger number the lowest 8 bits' },
  ],
  checks: [pageAligned, present, nonSecure],
  effects: ['all 4096 bytes of the page are c'],
  refusal: pageRefusal,
  call(machine, registers) {
    const failed = faultOf(pageRefusal(machine, registers));
    if (failed !== undefined) return failed;
    const [page = 0, c = 0] = registers;
    machine.pages.setBytes(page, machine.pages.contents.filled(c % 256));
    return 0;
  },
};
