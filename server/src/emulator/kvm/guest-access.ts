// What a guest does to memory: each operation is one attempt of an instruction, which faults where nothing is mapped.
import type { Output, Parameter } from '../definition.ts';
import { fill, firstOther, load, store } from '../linux/bytes.ts';
import { accessForm, SEA } from '../linux/signals.ts';
import type { Machine } from '../machine.ts';
import { GRANULE } from '../memory/pages.ts';
import type { MachineOperation, ResultForm } from '../operation.ts';
import { KVM_EXIT_HYPERCALL } from './exits.ts';
import { ACCESS_EXEC, ACCESS_READ, ACCESS_WRITE, PRIVATE_HALF, SHARED_HALF } from './platform.ts';
import { sptePfn, spteWritable } from './vms.ts';

/** What an attempt returns that faulted; the fault is in the outputs: GPA, access, 1 if private. */
export const GUEST_FAULTED = -3000;

/** The guest does not say whether an access is private: the platform knows. */
const UNSAID = 2;

/** Instead of a page frame: the guest took an exception. */
const EXCEPTION = -1;

/** What an attempt returns that reached no page frame. */
const failureOf = (pfn: number): number => (pfn === EXCEPTION ? SEA : GUEST_FAULTED);

/** The page frame that a guest reaches; 0 if it faulted, with the fault in the outputs. */
function translate(machine: Machine, vcpu: number, gpa: number, access: number, asked: number): number {
  const { linux } = machine;
  const { vms } = linux;
  const vm = vms.vcpus.get(vcpu, 'vm');
  const gfn = Math.floor(gpa / linux.pageSize);
  const platform = linux.platformOf(vm);
  const isPrivate = platform.isPrivate(machine, vm, gfn, asked === UNSAID ? undefined : asked === 1);
  if (platform.reach) {
    const pa = platform.reach(machine, vcpu, gpa, access, isPrivate);
    if (pa !== 0) return pa < 0 ? EXCEPTION : Math.floor(pa / linux.pageSize);
  }
  const spte = platform.reach ? 0 : vms.spte(vm, platform.twoHalves && isPrivate ? PRIVATE_HALF : SHARED_HALF, gfn);
  if (spte !== 0 && (access !== ACCESS_WRITE || spteWritable(spte))) return sptePfn(spte);
  linux.out[0] = gpa;
  linux.out[1] = access;
  linux.out[2] = isPrivate ? 1 : 0;
  return 0;
}

const physical = ({ linux: { pageSize } }: Machine, pfn: number, gpa: number) => pfn * pageSize + (gpa % pageSize);

const at: Parameter = { name: 'at', type: 'ipa', text: 'guest physical address' };
const range: Parameter = { name: 'range', type: 'range', text: 'guest physical addresses' };
const size: Parameter = { name: 'size', type: 'u64', text: 'bytes: 1, 2, 4 or 8', optional: true, initial: [8] };
const asPrivate: Parameter = {
  name: 'private',
  type: 'u64',
  text: '1: the guest asks for private memory, 0: for shared; left out: as its platform tells them apart',
  optional: true,
  initial: [UNSAID],
};
const byte: Parameter = { name: 'byte', type: 'u64', text: 'a byte' };

interface AccessSpec {
  readonly name: string;
  readonly summary: string;
  readonly params: readonly Parameter[];
  readonly effects: readonly string[];
  /** `registers` are the parameters' and the vCPU. */
  call(machine: Machine, registers: readonly number[]): number;
}

const faultOutput = (name: string, text: string): Output => ({ name, type: 'u64', valid: 'always', text });

/** What the attempt faulted with; 0 if it did not. */
const FAULT: readonly Output[] = [
  faultOutput('fault_gpa', 'the address that is not mapped'),
  faultOutput('fault_access', '0 load, 1 store, 2 fetch'),
  faultOutput('fault_private', '1 if the access was private'),
];

/** A value, or that the attempt faulted. */
const plain = accessForm();
const guestForm: ResultForm = { ...plain, text: (code) => (code === GUEST_FAULTED ? 'fault' : plain.text(code)) };

const access = (spec: AccessSpec): MachineOperation => ({
  ...spec,
  actor: 'guest',
  since: 'linux/6.8',
  reference: 'an instruction of the guest',
  outputs: FAULT,
  results: ['0', 'SEA'],
  checks: [],
  differences: [],
  form: guestForm,
  readOutputs: ({ linux }) => linux.out.slice(0, 3),
  refusal: () => undefined,
});

export const guestRead = access({
  name: 'read',
  summary: 'The guest loads a little-endian value.',
  params: [at, size, asPrivate],
  effects: ['the result is the value'],
  call(machine, [gpa = 0, bytes = 8, asked = UNSAID, vcpu = 0]) {
    const pfn = translate(machine, vcpu, gpa, ACCESS_READ, asked);
    if (pfn <= 0) return failureOf(pfn);
    return machine.pages.words.number(load(machine.pages, physical(machine, pfn, gpa), bytes));
  },
});

export const guestFetch = access({
  name: 'fetch',
  summary: 'The guest executes an instruction that lies at an address.',
  params: [at, asPrivate],
  effects: ['nothing changes'],
  call(machine, [gpa = 0, asked = UNSAID, vcpu = 0]) {
    const pfn = translate(machine, vcpu, gpa, ACCESS_EXEC, asked);
    return pfn <= 0 ? failureOf(pfn) : 0;
  },
});

export const guestWrite = access({
  name: 'write',
  summary: 'The guest stores a little-endian value.',
  params: [at, { name: 'value', type: 'word', text: 'the value' }, size, asPrivate],
  effects: ['the bytes at the address are the value'],
  call(machine, [gpa = 0, value = 0, bytes = 8, asked = UNSAID, vcpu = 0]) {
    const pfn = translate(machine, vcpu, gpa, ACCESS_WRITE, asked);
    if (pfn <= 0) return failureOf(pfn);
    store(machine.pages, physical(machine, pfn, gpa), bytes, machine.pages.words.value(value));
    return 0;
  },
});

/** Goes through a range page by page; what is done already is not done again after a fault. */
const ranged =
  (accessKind: number, visit: (machine: Machine, pa: number, bytes: number, byte: number) => boolean) =>
  (machine: Machine, [base = 0, length = 0, value = 0, asked = UNSAID, vcpu = 0]: readonly number[]): number => {
    const { vcpus } = machine.linux.vms;
    for (let done = vcpus.get(vcpu, 'done bytes'); done < length; ) {
      const gpa = base + done;
      const pfn = translate(machine, vcpu, gpa, accessKind, asked);
      if (pfn <= 0) {
        vcpus.set(vcpu, 'done bytes', done);
        return failureOf(pfn);
      }
      const bytes = Math.min(length - done, GRANULE - (gpa % GRANULE));
      if (!visit(machine, physical(machine, pfn, gpa), bytes, value)) return 1;
      done += bytes;
    }
    return 0;
  };

export const guestMemset = access({
  name: 'memset',
  summary: 'The guest sets every byte of a range.',
  params: [range, byte, asPrivate],
  effects: ['every byte of the range is `byte`'],
  call: ranged(ACCESS_WRITE, ({ pages }, pa, bytes, value) => {
    fill(pages, pa, bytes, value);
    return true;
  }),
});

export const guestMemchrInv = access({
  name: 'memchr_inv',
  summary: 'The guest looks for a byte that differs: 0 if all bytes of the range are equal to `byte`, 1 if not.',
  params: [range, byte, asPrivate],
  effects: ['nothing changes'],
  call: ranged(ACCESS_READ, ({ pages }, pa, bytes, value) => firstOther(pages, pa, bytes, value) < 0),
});

export const mapGpaRange = access({
  name: 'KVM_HC_MAP_GPA_RANGE',
  summary: 'The guest asks user space to make a range private or shared.',
  params: [
    range,
    {
      name: 'attributes',
      type: 'flags',
      text: 'what it wants',
      flags: { KVM_MAP_GPA_RANGE_ENCRYPTED: 0x10, KVM_MAP_GPA_RANGE_DECRYPTED: 0 },
    },
  ],
  effects: ['KVM_RUN ends with KVM_EXIT_HYPERCALL; KVM itself changes nothing'],
  call({ linux: { vms } }, [base = 0, length = 0, attributes = 0, vcpu = 0]) {
    vms.vcpus.set(vcpu, 'exit reason', KVM_EXIT_HYPERCALL);
    vms.vcpus.set(vcpu, 'gpa', base);
    vms.vcpus.set(vcpu, 'size', length);
    vms.vcpus.set(vcpu, 'flags', attributes);
    return 0;
  },
});

/** What the guest of an ordinary VM may do below KVM_RUN. */
export const GUEST_OPERATIONS: readonly MachineOperation[] = [
  guestRead,
  guestWrite,
  guestFetch,
  guestMemset,
  guestMemchrInv,
  mapGpaRange,
];
