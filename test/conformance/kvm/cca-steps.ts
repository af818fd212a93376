// Steps about realms: what the VMM asks of KVM, what the host does with memory that firmware keeps, and how a realm begins.
import { pageOf } from './places.ts';
import { vmOf, type Writes } from './vm-steps.ts';
import { flags, number, type Wanted, type Writer } from './writer.ts';

/** The series whose user interface creates and activates a realm with calls of its own. */
const isExplicit = ({ model }: Writer) => model === 'linux/cca-v9';

/** Creates the realm of a VM where the case takes that for granted; its tables reach down to single pages then. */
export function ensureRealm(writer: Writer, vm: string): void {
  if (!isExplicit(writer) || writer.realms.has(vm) || !writer.realmVms.has(vm)) return;
  writer.realms.set(vm, 'NEW');
  writer.aside(() => {
    writer.line(`KVM_CAP_ARM_RME_CREATE_REALM(${vm})`);
    declareSlots(writer, vm);
  });
}

/** All memory of guest_memfd is RAM when the realm begins: the slots for which that was not said yet. */
function declareSlots(writer: Writer, vm: string): void {
  for (const slot of writer.slots.values()) {
    if (slot.vm !== vm || slot.gmem === undefined || writer.declared.has(slot)) continue;
    writer.declared.add(slot);
    writer.line(`KVM_CAP_ARM_RME_INIT_RIPAS_REALM(${vm}, ${number(slot.base)} +: ${number(slot.size)})`);
    // The emulator takes what is declared as RAM for private; the case said which of it is.
    for (const [from, to] of writer.sharedIn(vm, slot.base, slot.base + slot.size)) {
      writer.line(`KVM_SET_MEMORY_ATTRIBUTES(${vm}, ${number(from)} +: ${number(to - from)}, 0)`);
    }
  }
}

/** Activates it, once its vCPUs are finalised. */
function activate(writer: Writer, vm: string, result: string): void {
  if (writer.realms.get(vm) === 'NEW') writer.aside(() => declareSlots(writer, vm));
  writer.realms.set(vm, 'ACTIVE');
  for (const [vcpu, owner] of writer.vcpus) {
    if (owner !== vm || writer.finalized.has(vcpu)) continue;
    writer.finalized.add(vcpu);
    writer.line(`KVM_ARM_VCPU_FINALIZE(${vcpu}, KVM_ARM_VCPU_REC)`);
  }
  writer.line(`KVM_CAP_ARM_RME_ACTIVATE_REALM(${vm})${result}`);
}

/** Before a vCPU of a realm runs. */
export function ensureActive(writer: Writer, vm: string): void {
  if (!isExplicit(writer) || !writer.realmVms.has(vm) || writer.realms.get(vm) === 'ACTIVE') return;
  ensureRealm(writer, vm);
  writer.aside(() => activate(writer, vm, ''));
}

/** Runs a vCPU. What an earlier step left undone is forgotten, as each step of a case is an access of its own. */
export function runs(writer: Writer, vcpu: string, result: string, actions: readonly string[]): void {
  const isPending = writer.pending.delete(vcpu);
  const isRealm = writer.realmVms.has(writer.vcpus.get(vcpu) ?? '');
  if (isPending && !isRealm) writer.line(`KVM_SET_REGS(${vcpu}) = *`);
  writer.line(`KVM_RUN(${vcpu})${result}`);
  // A realm's registers are not the VMM's to change: an interrupt takes the realm elsewhere.
  for (const action of isPending && isRealm ? ['VIRQ()', ...actions] : actions) writer.line(`  < ${action}`);
}

/** Before a vCPU runs: only the first one of a realm does so from the beginning. With `active` the realm runs already. */
export function ensureOn(writer: Writer, vcpu: string, active = false): void {
  const vm = writer.vcpus.get(vcpu) ?? '';
  ensureActive(writer, vm);
  if (!writer.realmVms.has(vm)) return;
  const all = [...writer.vcpus].filter(([, owner]) => owner === vm).map(([name]) => name);
  const [boot = vcpu] = all;
  const isNew = !writer.on.has(vcpu);
  writer.on.add(vcpu);
  if (vcpu !== boot && isNew) {
    writer.on.add(boot);
    writer.aside(() => runs(writer, boot, '', [`PSCI_CPU_ON(${all.indexOf(vcpu)}, 0, 0)`]));
  } else if (active && isNew) writer.aside(() => runs(writer, boot, '', []));
}

const measure = (step: Wanted, prefix: string) =>
  flags(step.list('flags'), (name) => `${prefix}_POPULATE_FLAGS_${name}`);

/** A page of the kernel that is delegated and that firmware does not give back: what `undelegate failed` leaves behind. */
function stuckPage(writer: Writer, name: string): string {
  if (!writer.pages.has(name)) {
    writer.pages.add(name);
    writer.aside(() => {
      writer.line(`${name} := alloc_page()`);
      writer.line(`RMI_GRANULE_DELEGATE(${name})`);
    });
  }
  return name;
}

/** A realm whose guest_memfd has the pages of all populate steps, each 2M further on. */
function pagesForPopulate(writer: Writer): void {
  if (writer.gmems.has('dst')) return;
  const size = 8 * BLOCK;
  writer.gmems.set('dst', { name: 'dst', size });
  const isLarge = writer.model === 'linux/hugetlb-v2';
  writer.aside(() => {
    writer.line('vm := KVM_CREATE_VM(KVM_VM_TYPE_ARM_REALM)');
    writer.line(`dst := KVM_CREATE_GUEST_MEMFD(vm, ${number(size)}${isLarge ? `, ${LARGE_PAGES}` : ''})`);
    writer.line(`KVM_SET_USER_MEMORY_REGION2(vm, slot=0, gpa=${number(POPULATED)}, size=${number(size)}, gmem=dst[0])`);
    // Where the file tracks attributes, all of it begins private.
    if (isLarge) return;
    writer.line(`KVM_SET_MEMORY_ATTRIBUTES(vm, ${number(POPULATED)} +: ${number(size)}, KVM_MEMORY_ATTRIBUTE_PRIVATE)`);
  });
  writer.lastVm = 'vm';
}

/** A realm with one page that can be populated. */
function pageForUndelegation(writer: Writer): void {
  const size = number(writer.pageSize);
  writer.aside(() => {
    writer.line('vm := KVM_CREATE_VM(KVM_VM_TYPE_ARM_REALM)');
    writer.line(`gm := KVM_CREATE_GUEST_MEMFD(vm, ${size})`);
    writer.line(`src := mmap_anon(${size})`);
    const slot = `slot=0, gpa=${number(POPULATED)}, size=${size}, hva=src, gmem=gm[0]`;
    writer.line(`KVM_SET_USER_MEMORY_REGION2(vm, ${slot})`);
    writer.line('KVM_CAP_ARM_RME_CREATE_REALM(vm)');
    writer.line(`KVM_CAP_ARM_RME_INIT_RIPAS_REALM(vm, ${number(POPULATED)} +: ${size})`);
  });
}

const LARGE_PAGES = 'GUEST_MEMFD_FLAG_HUGETLB | GUESTMEM_HUGETLB_2MB';
const BLOCK = 2 ** 21;
const POPULATED = 2 ** 32;

export const CCA_STEPS: Readonly<Record<string, Writes>> = {
  cca9_populate(writer, step) {
    const vm = vmOf(writer, step);
    ensureRealm(writer, vm);
    const range = `${step.number('ipa_base')} .. ${step.number('ipa_end')}`;
    const given = [vm, range, measure(step, 'KVM_ARM_RME')];
    writer.line(`KVM_CAP_ARM_RME_POPULATE_REALM(${given.join(', ')})${step.result()}`);
  },
  rmi_populate(writer, step) {
    const [, named = '', offset = '0'] = /^(\w+?)(?:\+(\d+))?$/.exec(step.string('source_uaddr')) ?? [];
    const source = writer.maps.get(named)?.name;
    const given = [vmOf(writer, step), `base=${step.number('base')}`, `size=${step.number('size')}`];
    if (source !== undefined) given.push(`source=${source}[${number(Number(offset))}]`);
    if (step.list('flags').length > 0) given.push(`flags=${measure(step, 'KVM_ARM_RMI')}`);
    if (step.has('reserved')) given.push(`reserved=${step.number('reserved')}`);
    writer.line(`KVM_ARM_RMI_POPULATE(${given.join(', ')})${step.result()}`);
  },
  activate(writer, step) {
    ensureRealm(writer, vmOf(writer, step));
    activate(writer, vmOf(writer, step), step.result());
  },
  set_policy: (writer, step) =>
    writer.line(`set_policy(on_undelegate_failure=${step.string('on_undelegate_failure')})${step.result()}`),
  temp_populate(writer, step) {
    pagesForPopulate(writer);
    const at = writer.populated * BLOCK;
    writer.populated++;
    const size = step.value('pages') * writer.pageSize;
    writer.aside(() => writer.line(`fallocate(dst, FALLOC_FL_KEEP_SIZE, ${number(at)}, ${number(size)})`));
    writer.line(`set_policy(temporary_pages=${step.number('temp_pages')})`);
    writer.line(`KVM_ARM_RMI_POPULATE(vm, base=${number(POPULATED + at)}, size=${number(size)})${step.result()}`);
  },
  copy_to_temp(writer, step) {
    const name = step.string('temp');
    writer.line(`${name} := mmap_anon(${number(writer.pageSize)})`);
    // The host copies what it wrote: the same stores again.
    const stores = writer.lines.filter((line) => /^(write|memset)\(/.test(line));
    for (const store of stores) writer.line(store.replace(/\(\w+\[/, `(${name}[`));
    writer.copies++;
  },
  delegate(writer, step) {
    ensureRealm(writer, writer.lastVm);
    writer.line(`RMI_GRANULE_DELEGATE(pa(${pageOf(writer, step)}))${step.result()}`);
  },
  data_create(writer, step) {
    const slot = [...writer.slots.values()].at(-1);
    const ipa = number((slot?.base ?? 0) + step.value('index') * writer.pageSize - (slot?.offset ?? 0));
    const given = [`rd(${writer.lastVm})`, `pa(${pageOf(writer, step)})`, ipa, `pa(${step.string('src')}[0])`, '0'];
    writer.line(`RMI_DATA_CREATE(${given.join(', ')})${step.result()}`);
    writer.copies++;
  },
  undelegate(writer, step) {
    pageForUndelegation(writer);
    if (step.args.fail === true) writer.line('inject RMI_GRANULE_UNDELEGATE nth 1 = RMI_ERROR_INPUT');
    // The page goes back because the RMM refuses the data.
    writer.line('inject RMI_DATA_CREATE nth 1 = RMI_ERROR_INPUT');
    writer.line(`KVM_CAP_ARM_RME_POPULATE_REALM(vm, ${number(POPULATED)} +: ${number(writer.pageSize)}, 0) = *`);
  },
  free_page: (writer, step) => writer.line(`__free_page(${stuckPage(writer, step.string('pfn'))})${step.result()}`),
  alloc_page(writer, step) {
    const name = writer.fresh('again');
    if (step.string('for').startsWith('user')) writer.line(`${name} := mmap_anon(${number(writer.pageSize)})`);
    else {
      writer.line(`${name} := alloc_page()${step.result()}`);
      writer.line(`expect ${name} == ${step.string('pfn')}`);
    }
    writer.reused.set(step.string('pfn'), { name, isUser: step.string('for').startsWith('user') });
  },
  touch(writer, step) {
    const page = writer.reused.get(step.string('pfn'));
    const signals = (step.expectation.signal ?? '').match(/SIG\w+/g) ?? [];
    const result = signals.length > 0 ? ` = ${signals.join(' | ')}` : '';
    if (page?.isUser === true) writer.line(`write(${page.name}[0], 1)${result}`);
    else writer.line(`kernel_access(${page?.name ?? step.string('pfn')}) = 0 | host_crash`);
  },
  warn: (writer) => writer.line('// the kernel warns, and that is all'),
};
