// What a debugger shows of the kernel: VMs, files, mappings, folios that are not free, pins. Each part is looked at when it is unfolded.
import { REALM_STATES } from '../emulator/arm-cca/host.ts';
import { hex, size } from '../emulator/index.ts';
import { exitName } from '../emulator/kvm/exits.ts';
import { KVM_MEM_GUEST_MEMFD, KVM_MEM_READONLY, MEMSLOT_INVALID } from '../emulator/kvm/vms.ts';
import { folioFlags, ownerText } from '../emulator/linux/describe.ts';
import { HELD_GET, HELD_LONGTERM } from '../emulator/linux/descriptors.ts';
import { OWNER_FREE, UPTODATE } from '../emulator/linux/folios.ts';
import type { MomentSource } from './moment.ts';
import { KernelMemory, type MemoryObject } from './moment-kernel.ts';
import { KernelRuns } from './moment-kernel-runs.ts';
import { refcountText } from './moment-kernel-strips.ts';
import type { Branch, Variable } from './variables.ts';

const fold = (children: () => readonly Variable[]): Branch => ({ children });
/** A branch of many, told in parts. */
const list = <T>(all: readonly T[], told: (one: T) => Variable): Branch => ({
  indexed: all.length,
  children: (start, count) => all.slice(start, start + count).map(told),
});
const counted = (count: number, what: string) => `${count} ${what}${count === 1 ? '' : 's'}`;
const known = (values: readonly Variable[]) => values.filter(({ value }) => value !== '');

export function kernelVariables(source: MomentSource): Variable[] {
  const memory = new KernelMemory(source.now());
  const { linux } = memory;
  const of = (kind: MemoryObject['kind']) => memory.objects.filter((one) => one.kind === kind);
  const rows = (last: number, exists: (row: number) => boolean) =>
    Array.from({ length: last }, (_, i) => i + 1).filter(exists);
  const vms = rows(linux.vms.rows.last, (vm) => linux.vms.rows.get(vm, 'references') > 0);
  const pins = rows(linux.pins.rows.last, (pin) => linux.pins.rows.get(pin, 'held') === 1);
  const groups = (name: string, count: number, children: (start: number, count: number) => readonly Variable[]) => ({
    name,
    value: String(count),
    ...(count > 0 && { branch: { indexed: count, children } }),
  });
  const part = <T>(name: string, all: readonly T[], told: (one: T) => Variable) =>
    groups(name, all.length, list(all, told).children);
  const folios = foliosOf(memory);
  return [
    part('VMs', vms, (vm) => vmVariable(memory, vm)),
    part('guest_memfd files', of('gmem'), (object) => objectVariable(source, memory, object)),
    part('mappings', of('mapping'), (object) => objectVariable(source, memory, object)),
    part('folios', folios, (group) => folioVariable(memory, group)),
    part('pins', pins, (pin) => pinVariable(memory, pin)),
    { name: 'warnings', value: String(linux.counters.get(0, 0)) },
    { name: 'leaked pages', value: String(linux.leaked) },
  ];
}

function vmVariable(memory: KernelMemory, vm: number): Variable {
  const { linux, names } = memory;
  const { vms, pageSize } = linux;
  const slots = new Set<number>();
  vms.eachSlot(vm, 0, vms.end, (slot) => slots.add(slot));
  const vcpus = Array.from({ length: vms.vcpus.last }, (_, i) => i + 1).filter(
    (row) => vms.vcpus.get(row, 'vm') === vm,
  );
  const attributes: Variable[] = [];
  vms.ranges.each(vms.rows.get(vm, 'attributes'), 0, vms.end, (from, to, value) => {
    if (value !== 0) attributes.push({ name: rangeText(from * pageSize, to * pageSize), value: 'private' });
  });
  const platform = linux.platformOf(vm).name;
  const isOver = vms.rows.get(vm, 'dead') !== 0 || vms.rows.get(vm, 'bugged') !== 0;
  const children = (): Variable[] => [
    { name: 'platform', value: platform },
    ...(platform === 'cca' ? [{ name: 'realm state', value: REALM_STATES[vms.rows.get(vm, 'state')] ?? '' }] : []),
    { name: 'references', value: String(vms.rows.get(vm, 'references')) },
    { name: 'memslots', value: String(slots.size), branch: list([...slots], (slot) => slotVariable(memory, slot)) },
    ...(linux.gmem.hasAttributes
      ? []
      : [
          {
            name: 'attributes',
            value: counted(attributes.length, 'private range'),
            branch: list(attributes, (one) => one),
          },
        ]),
    { name: 'vCPUs', value: String(vcpus.length), branch: list(vcpus, (vcpu) => vcpuVariable(memory, vcpu)) },
  ];
  const value = [
    platform,
    counted(slots.size, 'memslot'),
    counted(vcpus.length, 'vCPU'),
    ...(isOver ? ['unusable'] : []),
  ];
  return { name: names.text({ kind: 'gpa', row: vm }), value: value.join(', '), branch: fold(children) };
}

function slotVariable({ linux, names }: KernelMemory, slot: number): Variable {
  const { vms, gmem, pageSize } = linux;
  const get = (column: Parameters<typeof vms.slots.get>[1]) => vms.slots.get(slot, column);
  const first = get('base') * pageSize;
  const file = get('file');
  const flags = [
    [KVM_MEM_GUEST_MEMFD, 'KVM_MEM_GUEST_MEMFD'],
    [KVM_MEM_READONLY, 'KVM_MEM_READONLY'],
    [MEMSLOT_INVALID, 'invalid'],
  ] as const;
  const from =
    file === 0
      ? ''
      : `${names.text({ kind: 'gmem', row: gmem.files.get(file, 'inode') })}[${size(get('pgoff') * pageSize)}]`;
  const name = `slot ${vms.slotNumber(slot)}`;
  return {
    name,
    value: `${rangeText(first, first + get('pages') * pageSize)}${from && `, ${from}`}`,
    branch: fold(() =>
      known([
        { name: 'gpa', value: hex(first) },
        { name: 'size', value: size(get('pages') * pageSize) },
        { name: 'guest_memfd', value: from },
        { name: 'hva', value: get('hva') === 0 ? '' : hex(get('hva')) },
        {
          name: 'flags',
          value: flags.flatMap(([bit, text]) => ((get('flags') & bit) === 0 ? [] : [text])).join(' | '),
        },
      ]),
    ),
  };
}

function vcpuVariable({ linux, names }: KernelMemory, vcpu: number): Variable {
  const { vcpus } = linux.vms;
  const reason = vcpus.get(vcpu, 'exit reason');
  const exit = reason === 0 ? 'no exit' : (exitName(reason) ?? String(reason));
  const fields = (['gpa', 'flags', 'size', 'len', 'is_write'] as const).map((column): Variable => {
    const value = vcpus.get(vcpu, column);
    return { name: column, value: value === 0 ? '' : column === 'gpa' ? hex(value) : String(value) };
  });
  const pending = { name: 'action to be retried', value: vcpus.get(vcpu, 'pending') === 0 ? '' : 'yes' };
  const children = () => known([{ name: 'exit reason', value: exit }, ...fields, pending]);
  return { name: names.text({ kind: 'vcpu', row: vcpu }), value: exit, branch: fold(children) };
}

/** A file or a mapping: what it is, and its runs of equal pages. */
function objectVariable(source: MomentSource, memory: KernelMemory, object: MemoryObject): Variable {
  const { linux, names } = memory;
  const bytes = size(object.pages * linux.pageSize);
  const isFile = object.kind === 'gmem';
  const behind = object.inode === 0 ? 'anonymous memory' : names.text({ kind: 'gmem', row: object.inode });
  const address = isFile ? '' : hex(linux.spaces.address(object.row));
  const children = (): Variable[] => {
    const runs = new KernelRuns(memory, source.names, object);
    const told = (index: number): Variable => {
      const { text, count, state, columns, first } = runs.row(index);
      const more = columns.flatMap((column, i) =>
        column === '–' || column === '' ? [] : [`${runs.columns[i]} ${column}`],
      );
      const value = [state.text, counted(count, 'page'), ...more].join(', ');
      return { name: text, value, ...(count === 1 && { place: first }) };
    };
    return known([
      { name: 'size', value: bytes },
      { name: 'address', value: address },
      { name: 'maps', value: isFile ? '' : behind },
      { name: 'flags', value: isFile ? hex(linux.gmem.inodes.get(object.row, 'flags')) : '' },
      {
        name: 'pages',
        value: counted(runs.length, 'run'),
        branch: list([...Array(runs.length).keys()], told),
      },
    ]);
  };
  const value = isFile ? bytes : `${address}, ${bytes}, ${behind}`;
  return { name: object.name, value, branch: fold(children) };
}

interface FolioGroup {
  readonly head: number;
  folios: number;
  pages: number;
}

/** Folios beside one another that are held alike; free memory is passed over. */
function foliosOf({ linux: { folios } }: KernelMemory): FolioGroup[] {
  const groups: FolioGroup[] = [];
  const held: number[] = [];
  let last: FolioGroup | undefined;
  for (let pfn = folios.firstPfn; pfn < folios.endPfn; ) {
    const pages = folios.pageCount(pfn);
    if (folios.get(pfn, 'owner') === OWNER_FREE && folios.refcount(pfn) === 0) last = undefined;
    else if (last && folios.isHeldAs(pfn, held)) {
      last.folios++;
      last.pages += pages;
    } else {
      last = { head: pfn, folios: 1, pages };
      folios.readHeld(pfn, held);
      groups.push(last);
    }
    pfn += pages;
  }
  return groups;
}

function folioVariable(memory: KernelMemory, { head, folios: count, pages }: FolioGroup): Variable {
  const { folios } = memory.linux;
  const bytes = size(folios.pageCount(head) * folios.pageSize);
  const flags = folioFlags(folios.get(head, 'flags') & ~UPTODATE);
  const file = folios.inodeOf(head);
  const owner = file === 0 ? ownerText(folios.get(head, 'owner')) : memory.names.text({ kind: 'gmem', row: file });
  const value = [count === 1 ? bytes : `${count} of ${bytes}`, owner, refcountText(memory, head), ...flags];
  const end = folios.address(head + pages);
  return { name: `${hex(folios.address(head))} .. ${hex(end)}`, value: value.join(', ') };
}

function pinVariable({ linux, names }: KernelMemory, pin: number): Variable {
  const { pins, xarrays, folios } = linux;
  const kind = pins.rows.get(pin, 'kind');
  const count = pins.rows.get(pin, 'count');
  const how = kind === HELD_GET ? 'get_user_pages' : kind === HELD_LONGTERM ? 'FOLL_PIN | FOLL_LONGTERM' : 'FOLL_PIN';
  const children = (start: number, wanted: number) =>
    Array.from({ length: Math.max(0, Math.min(count - start, wanted)) }, (_, i): Variable => {
      const pfn = xarrays.get(pins.rows.cell(pin, 'pages'), start + i);
      return { name: String(start + i), value: `${hex(folios.address(pfn))}, pfn ${hex(pfn)}` };
    });
  const name = names.text({ kind: 'pin', row: pin });
  return { name, value: `${counted(count, 'page')}, ${how}`, branch: { indexed: count, children } };
}

const rangeText = (from: number, to: number) => `${hex(from)} .. ${hex(to)}`;
