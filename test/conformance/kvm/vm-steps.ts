// Steps about VMs, vCPUs and memslots.

import { X86_PHYSICAL_BITS } from '../../../server/src/emulator/kvm/region-checks.ts';
import { fdOf } from './places.ts';
import type { Json } from './scenario-file.ts';
import { flags, number, span, type Wanted, type Writer } from './writer.ts';

export type Writes = (writer: Writer, step: Wanted) => void;

const TYPES: Readonly<Record<string, string>> = {
  DEFAULT: 'KVM_X86_DEFAULT_VM',
  SW_PROTECTED: 'KVM_X86_SW_PROTECTED_VM',
  SEV: 'KVM_X86_SEV_VM',
  SEV_ES: 'KVM_X86_SEV_ES_VM',
  SNP: 'KVM_X86_SNP_VM',
  TDX: 'KVM_X86_TDX_VM',
  ARM_NORMAL: 'KVM_VM_TYPE_ARM_NORMAL',
  REALM: 'KVM_VM_TYPE_ARM_REALM',
  PROTECTED: 'KVM_VM_TYPE_ARM_PROTECTED',
};

/** `vmA` for a VM that the case calls A. */
export function vmOf(writer: Writer, step: Wanted): string {
  return step.has('vm') ? `vm${step.string('vm')}` : writer.lastVm;
}

const bound = (name: string, step: Wanted) => (step.succeeds ? `${name} := ` : '');

/** Where a slot begins; `max_gpa+4096` lies that far behind the last address, `max_gpa-4096` that far before its end. */
function gpaOf(step: Wanted): string {
  const [, more] = /^max_gpa([+-]\d+)?$/.exec(step.string('gpa')) ?? [undefined];
  return step.string('gpa').startsWith('max_gpa')
    ? number(2 ** X86_PHYSICAL_BITS + Number(more ?? 0))
    : step.number('gpa');
}

/** The `hva` argument; anonymous memory and mappings of the file are made first, as many bytes as the slot has. */
function hvaOf(
  writer: Writer,
  step: Wanted,
): { readonly text: string; readonly memory: string; readonly offset: number } | undefined {
  const hva = step.string('hva');
  if (!step.has('hva') || hva === 'None' || hva === '0') return undefined;
  if (typeof step.args.hva === 'number' || typeof step.args.hva === 'bigint') {
    return { text: step.number('hva'), memory: '', offset: 0 };
  }
  const named = /^(\w+?)(?:\+(\d+))?$/.exec(hva);
  const map = named && writer.maps.get(named[1] ?? '');
  if (map) {
    const offset = Number(named?.[2] ?? 0);
    return { text: offset === 0 ? map.name : `${map.name}[${number(offset)}]`, memory: map.name, offset };
  }
  const memory = writer.fresh(`memory_${step.string('slot')}`);
  if (hva === 'gmem') {
    const gmem = writer.gmems.get(step.string('fd'))?.name ?? step.string('fd');
    writer.line(`${memory} := mmap(${gmem}, ${step.number('offset')} +: ${step.number('size')})`);
  } else writer.line(`${memory} := mmap_anon(${step.number('size')})`);
  return { text: memory, memory, offset: 0 };
}

function setRegion(operation: string): Writes {
  return (writer, step) => {
    const vm = vmOf(writer, step);
    const hva = hvaOf(writer, step);
    const gmem = typeof step.args.fd === 'string' ? fdOf(writer, step) : undefined;
    const names = step.list('flags').filter((name) => name !== 'GUEST_MEMFD' || gmem === undefined);
    const given = [
      vm,
      `slot=${step.number('slot')}`,
      `gpa=${gpaOf(step)}`,
      `size=${step.number('size')}`,
      ...(hva ? [`hva=${hva.text}`] : []),
      ...(gmem === undefined ? [] : [`gmem=${gmem}[${step.number('offset')}]`]),
      ...(names.length > 0 ? [`flags=${flags(names, (name) => `KVM_MEM_${name}`)}`] : []),
    ];
    writer.line(`${operation}(${given.join(', ')})${step.result()}`);
    if (!step.succeeds) return;
    const key = `${vm} ${step.string('slot')}`;
    if (step.value('size') === 0) writer.slots.delete(key);
    else {
      if (hva && hva.memory !== '') writer.memories.set(key, { name: hva.memory, offset: hva.offset });
      writer.slots.set(key, {
        vm,
        base: step.value('gpa'),
        size: step.value('size'),
        memory: hva?.memory,
        memoryOffset: hva?.offset ?? 0,
        gmem,
        offset: step.value('offset'),
      });
    }
  };
}

const capability = (step: Wanted) => {
  const cap = step.string('cap');
  return cap.startsWith('KVM_CAP_') ? cap : `KVM_CAP_${cap}`;
};

/** Bits that capabilities answer with, by the name of the flag. */
const BITS: Readonly<Record<string, number>> = { PRIVATE: 8, MMAP: 1, INIT_SHARED: 2, DEFAULT: 1, SW_PROTECTED: 2 };
const bitOf = (name: Json) => BITS[String(name)] ?? Number(name);

export const VM_STEPS: Readonly<Record<string, Writes>> = {
  create_vm(writer, step) {
    const type = TYPES[step.string('type')] ?? step.string('type');
    const vm = vmOf(writer, step);
    if (step.succeeds) {
      writer.lastVm = vm;
      writer.vms.push(vm.replace(/^vm/, ''));
    }
    if (step.string('type') === 'REALM') writer.realmVms.add(vm);
    writer.line(`${bound(vm, step)}KVM_CREATE_VM(${type})${step.result()}`);
  },
  create_vcpu(writer, step) {
    const vm = vmOf(writer, step);
    const id = [...writer.vcpus.values()].filter((owner) => owner === vm).length;
    writer.vcpus.set(step.string('vcpu'), vm);
    writer.line(`${bound(step.string('vcpu'), step)}KVM_CREATE_VCPU(${vm}, ${id})${step.result()}`);
  },
  set_region: setRegion('KVM_SET_USER_MEMORY_REGION2'),
  set_region_v1: setRegion('KVM_SET_USER_MEMORY_REGION'),
  begin_delete: (writer, step) =>
    writer.hold({ kind: 'begin delete', vm: vmOf(writer, step), slot: step.value('slot') }),
  end_delete: (writer) => writer.hold({ kind: 'end delete' }),
  fill_slots(writer, step) {
    const size = step.has('size') ? step.number('size') : '4K';
    writer.line(`all_slots := mmap_anon(${size})`);
    writer.line(`for i in 0 .. ${step.number('count')} {`);
    const given = [vmOf(writer, step), 'slot=i', `gpa=i * ${size}`, `size=${size}`, 'hva=all_slots'];
    writer.line(`\tKVM_SET_USER_MEMORY_REGION2(${given.join(', ')})`);
    writer.line('}');
  },
  check_cap(writer, step) {
    const { value } = step.expectation;
    const names = typeof value === 'string' ? value.split('|') : Array.isArray(value) ? value : [value ?? 0];
    const answer = names.reduce<number>((sum, name) => sum + bitOf(name), 0);
    writer.line(`KVM_CHECK_EXTENSION(${vmOf(writer, step)}, ${capability(step)}) = ${answer}`);
  },
  enable_cap(writer, step) {
    writer.line(`KVM_ENABLE_CAP(${vmOf(writer, step)}, ${capability(step)})${step.result()}`);
  },
  close_vm_fds(writer, step) {
    const vm = vmOf(writer, step);
    for (const [vcpu, owner] of writer.vcpus) if (owner === vm) writer.line(`close(${vcpu})`);
    writer.line(`close(${vm})${step.result()}`);
  },
  prefault(writer, step) {
    const { value } = step.expectation;
    const left = typeof value === 'object' && value !== null && 'left' in value ? { size: value.left } : undefined;
    const given = [span('KVM_PRE_FAULT_MEMORY', step.unsigned('gpa'), step.unsigned('size'), ['gpa', 'size'])];
    if (step.has('flags')) given.push(`flags=${step.number('flags')}`);
    writer.line(`KVM_PRE_FAULT_MEMORY(${step.string('vcpu')}, ${given.join(', ')})${step.result(left)}`);
  },
};
