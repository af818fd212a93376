// How KVM_RUN ends: an errno, or an exit that is described in the page that user space shares with the vCPU.
import { ERRNO, type Errno, errnoText } from '../errno.ts';
import { SIGBUS } from '../linux/signals.ts';
import type { Machine } from '../machine.ts';
import type { ResultForm } from '../operation.ts';

export const KVM_EXIT_HYPERCALL = 3;
export const KVM_EXIT_INTR = 10;
export const KVM_EXIT_SYSTEM_EVENT = 24;
export const KVM_EXIT_MMIO = 6;
export const KVM_EXIT_INTERNAL_ERROR = 17;
export const KVM_EXIT_MEMORY_FAULT = 39;

/** Exit reasons by name. */
export const EXITS: Readonly<Record<string, number>> = {
  KVM_EXIT_HYPERCALL,
  KVM_EXIT_HLT: 5,
  KVM_EXIT_MMIO,
  KVM_EXIT_SHUTDOWN: 8,
  KVM_EXIT_FAIL_ENTRY: 9,
  KVM_EXIT_INTR,
  KVM_EXIT_INTERNAL_ERROR,
  KVM_EXIT_SYSTEM_EVENT,
  KVM_EXIT_MEMORY_FAULT,
};

/** Flag of KVM_EXIT_MEMORY_FAULT: the access was to private memory. */
export const KVM_MEMORY_EXIT_FLAG_PRIVATE = 8;

/** One number for an errno and an exit reason: the errno alone if there is no exit. */
const STEP = 1000;
export const runCode = (reason: number, errno: number): number => (reason === 0 ? errno : reason * STEP - errno);
const reasonOf = (code: number) => (code > 0 ? Math.floor(code / STEP) : 0);
const errnoOf = (code: number) => (code > 0 ? -(code % STEP) : code);

/** `KVM_EXIT_MMIO`; `undefined` for a reason that has no name here. */
export const exitName = (reason: number): string | undefined =>
  Object.keys(EXITS).find((name) => EXITS[name] === reason);
const POSSIBLE: readonly Errno[] = [
  'EFAULT',
  'EHWPOISON',
  'EINVAL',
  'EIO',
  'ENOMEM',
  'ENOEXEC',
  'EBUSY',
  'EOPNOTSUPP',
  'ENXIO',
];

/** `KVM_EXIT_MEMORY_FAULT` and `-EFAULT` are both true of the same end. */
export const runForm: ResultForm = {
  names: [...Object.keys(EXITS), ...POSSIBLE.map((name) => `-${name}`), 'SIGBUS'],
  text(code) {
    if (code === SIGBUS) return 'SIGBUS';
    const name = exitName(reasonOf(code));
    const errno = errnoOf(code);
    if (name === undefined) return errnoText(errno);
    return errno === 0 || errno === -ERRNO.EFAULT ? name : `${errnoText(errno)} ${name}`;
  },
  code(name) {
    if (name === 'SIGBUS') return SIGBUS;
    const reason = EXITS[name];
    if (reason !== undefined) return runCode(reason, reason === KVM_EXIT_MEMORY_FAULT ? -ERRNO.EFAULT : 0);
    const errno = ERRNO[name.replace(/^-/, '') as Errno] as number | undefined;
    return errno === undefined ? undefined : -errno;
  },
  matches(code, name) {
    if (name === '0') return errnoOf(code) === 0;
    if (name === 'SIGBUS') return code === SIGBUS;
    const reason = EXITS[name];
    if (reason !== undefined) return reasonOf(code) === reason;
    return errnoOf(code) === -(ERRNO[name.replace(/^-/, '') as Errno] ?? 0);
  },
  succeeded: (code) => code === 0,
};

/** Fills in an exit because of memory that is not as the guest's access wants it. */
export function memoryFaultExit({ linux }: Machine, vcpu: number, gfn: number, isPrivate: boolean): void {
  const { vcpus } = linux.vms;
  vcpus.set(vcpu, 'exit reason', KVM_EXIT_MEMORY_FAULT);
  vcpus.set(vcpu, 'gpa', gfn * linux.pageSize);
  vcpus.set(vcpu, 'flags', isPrivate ? KVM_MEMORY_EXIT_FLAG_PRIVATE : 0);
  vcpus.set(vcpu, 'size', linux.pageSize);
}

/** Fills in an exit because nothing but user space answers at a guest physical address. */
export function mmioExit({ linux }: Machine, vcpu: number, gpa: number, size: number, isWrite: boolean): void {
  const { vcpus } = linux.vms;
  vcpus.set(vcpu, 'exit reason', KVM_EXIT_MMIO);
  vcpus.set(vcpu, 'gpa', gpa);
  vcpus.set(vcpu, 'len', size);
  vcpus.set(vcpu, 'is_write', isWrite ? 1 : 0);
}

export function clearExit({ linux: { vms } }: Machine, vcpu: number): void {
  for (const column of ['exit reason', 'gpa', 'flags', 'size', 'len', 'is_write'] as const) {
    vms.vcpus.set(vcpu, column, 0);
  }
}
