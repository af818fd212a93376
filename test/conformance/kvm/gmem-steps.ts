// Steps on guest_memfds: creation, fallocate, attributes and conversions, links, and system calls that they refuse.
import { OPERATIONS } from '../../../server/src/emulator/index.ts';
import { fdOf } from './places.ts';
import type { Writes } from './vm-steps.ts';
import { vmOf } from './vm-steps.ts';
import { flags, number, span, type Wanted, type Writer } from './writer.ts';

/** The flags of a new guest_memfd in the words of its version. */
function gmemFlag(name: string): string {
  if (name === 'HUGETLB_2M') return 'GUEST_MEMFD_FLAG_HUGETLB | GUESTMEM_HUGETLB_2MB';
  if (name === 'HUGETLB_1G') return 'GUEST_MEMFD_FLAG_HUGETLB | GUESTMEM_HUGETLB_1GB';
  return `GUEST_MEMFD_FLAG_${name}`;
}

const attributes = (step: Wanted) => flags(step.list('attrs'), (name) => `KVM_MEMORY_ATTRIBUTE_${name}`);

function attributeFlags(step: Wanted): string[] {
  const given = step.has('flags')
    ? [`flags=${step.string('flags').replace(/\b[A-Z]+\b/g, 'KVM_SET_MEMORY_ATTRIBUTES2_$&')}`]
    : [];
  return step.has('reserved0') ? [...given, `reserved=${step.number('reserved0')}`] : given;
}

/** A kernel that was built without it, or has it switched off, knows no ioctl of a guest_memfd. */
const isUnknown = ({ model }: Writer, operation: string) => OPERATIONS.get(operation)?.models?.includes(model) !== true;

const unknownIoctl = (writer: Writer, step: Wanted) => writer.line(`ioctl(${fdOf(writer, step)}, 0)${step.result()}`);

function setAttributes2(writer: Writer, step: Wanted): void {
  const operation = 'KVM_SET_MEMORY_ATTRIBUTES2';
  if (isUnknown(writer, operation)) return unknownIoctl(writer, step);
  const range = span(operation, step.unsigned('offset'), step.unsigned('size'), ['offset', 'size']);
  const given = [fdOf(writer, step), range, attributes(step), ...attributeFlags(step)];
  writer.line(`${operation}(${given.join(', ')})${step.result()}`);
}

/** `gmem_set_attr []`, `set_attr [PRIVATE]`: a conversion of single pages, as the case says in words. */
function eachPage(writer: Writer, step: Wanted, stride: number): void {
  const [, operation, attrs = ''] = /^(\w+) *\[?(\w*)\]?$/.exec(step.string('do')) ?? [];
  const page = number(writer.pageSize);
  const isPrivate = /^private$/i.test(attrs);
  const value = isPrivate ? 'KVM_MEMORY_ATTRIBUTE_PRIVATE' : '0';
  const calls: Readonly<Record<string, string>> = {
    gmem_set_attr: `KVM_SET_MEMORY_ATTRIBUTES2(${fdOf(writer, step)}, off +: ${page}, ${value})`,
    set_attr: `KVM_SET_MEMORY_ATTRIBUTES(${vmOf(writer, step)}, off +: ${page}, ${value})`,
    gmem_convert: `KVM_GMEM_CONVERT_${isPrivate ? 'PRIVATE' : 'SHARED'}(${fdOf(writer, step)}, off +: ${page})`,
  };
  const call = calls[operation ?? ''];
  if (call === undefined) return writer.lacks(`operation for each page: ${step.string('do')}`);
  const from = step.has('base') ? step.value('base') : operation === 'set_attr' ? firstAddress(writer, step) : 0;
  const first = from + (stride > 1 ? writer.pageSize : 0);
  const end = from + step.value('count') * writer.pageSize;
  writer.line(`for off in ${number(first)} .. ${number(end)} step ${number(stride * writer.pageSize)} {`);
  writer.line(`\t${call}`);
  writer.line('}');
}

/** Where the memory of the VM of a step begins. */
const firstAddress = (writer: Writer, step: Wanted) =>
  Math.min(...[...writer.slots.values()].filter(({ vm }) => vm === vmOf(writer, step)).map(({ base }) => base));

/** A call on a descriptor with further arguments. */
const onFd =
  (operation: string, ...names: readonly string[]): Writes =>
  (writer, step) => {
    const given = [fdOf(writer, step), ...names.map((name) => step.number(name))];
    writer.line(`${operation}(${given.join(', ')})${step.result()}`);
  };

export const GMEM_STEPS: Readonly<Record<string, Writes>> = {
  create_gmem(writer, step) {
    const name = step.string('fd');
    const given = [vmOf(writer, step), `size=${step.number('size')}`];
    if (step.list('flags').length > 0) given.push(flags(step.list('flags'), gmemFlag));
    const binds = step.succeeds ? `${name} := ` : '';
    writer.line(`${binds}KVM_CREATE_GUEST_MEMFD(${given.join(', ')})${step.result()}`);
    if (!step.succeeds) return;
    writer.gmems.set(name, { name, size: step.value('size') });
    writer.lastGmem = name;
  },
  memfd_create(writer, step) {
    const name = step.string('fd');
    writer.line(`${name} := memfd_create(${step.number('size')})`);
    writer.gmems.set(name, { name, size: step.value('size') });
  },
  fallocate(writer, step) {
    const mode = flags(step.list('mode'), (name) => `FALLOC_FL_${name}`);
    const given = [fdOf(writer, step), mode, step.number('offset'), step.number('len')];
    writer.line(`fallocate(${given.join(', ')})${step.result()}`);
  },
  set_attr(writer, step) {
    const operation = 'KVM_SET_MEMORY_ATTRIBUTES';
    const range = span(operation, step.unsigned('gpa'), step.unsigned('size'), ['gpa', 'size']);
    const vm = vmOf(writer, step);
    const given = [vm, range, attributes(step), ...attributeFlags(step)];
    writer.line(`${operation}(${given.join(', ')})${step.result()}`);
    const [from, isPrivate] = [step.value('gpa'), step.list('attrs').length > 0];
    if (step.succeeds) writer.conversions.push({ vm, from, to: from + step.value('size'), isPrivate });
  },
  gmem_set_attr: setAttributes2,
  for_each_page: (writer, step) => eachPage(writer, step, 1),
  for_each_odd_page: (writer, step) => eachPage(writer, step, 2),
  gmem_convert(writer, step) {
    const operation = step.string('to') === 'private' ? 'KVM_GMEM_CONVERT_PRIVATE' : 'KVM_GMEM_CONVERT_SHARED';
    if (isUnknown(writer, operation)) return unknownIoctl(writer, step);
    const range = span(operation, step.unsigned('offset'), step.unsigned('size'), ['offset', 'size']);
    const given = [fdOf(writer, step), range];
    if (step.has('error_offset')) given.push(`error_offset=${step.number('error_offset')}`);
    writer.line(`${operation}(${given.join(', ')})${step.result()}`);
  },
  link_gmem(writer, step) {
    const name = step.string('as');
    const given = [vmOf(writer, step), fdOf(writer, step)];
    if (step.has('flags')) given.push(`flags=${step.number('flags')}`);
    writer.line(`${step.succeeds ? `${name} := ` : ''}KVM_LINK_GUEST_MEMFD(${given.join(', ')})${step.result()}`);
    const size = writer.gmems.get(step.string('fd'))?.size ?? 0;
    if (step.succeeds) writer.gmems.set(name, { name, size });
  },
  dup(writer, step) {
    const name = step.string('as');
    const file = writer.gmems.get(step.string('fd'));
    writer.line(`${name} := dup(${fdOf(writer, step)})${step.result()}`);
    writer.gmems.set(name, { name, size: file?.size ?? 0 });
  },
  close(writer, step) {
    // Descriptors of a VM and of a vCPU go by what they are.
    const [, kind, name] = /^(vm|vcpu)(?:_fd)?:(\w+)$/.exec(step.string('fd')) ?? [];
    const closed = kind === undefined ? fdOf(writer, step) : kind === 'vm' ? `vm${name}` : name;
    writer.line(`close(${closed})${step.result()}`);
  },
  fstat: onFd('fstat'),
  ftruncate: onFd('ftruncate', 'size'),
  fchmod: onFd('fchmod', 'mode'),
  read_fd: onFd('read', 'len'),
  write_fd: onFd('write', 'len'),
  pread_fd: onFd('pread', 'len', 'offset'),
  pwrite_fd: onFd('pwrite', 'len', 'offset'),
  gmem_ioctl: (writer, step) => {
    const request = /^\d+$/.test(step.string('nr')) ? step.number('nr') : '0';
    writer.line(`ioctl(${fdOf(writer, step)}, ${request})${step.result()}`);
  },
};
