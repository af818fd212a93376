// 1 GiB through the kernel's flows, each step a moment that can be gone back to: a realm filled, and pages converted back and forth.
import { KVM_MEMORY_ATTRIBUTE_PRIVATE } from '../../server/src/emulator/guest-memfd/attributes.ts';
import * as files from '../../server/src/emulator/guest-memfd/files.ts';
import { Machine, OPERATIONS } from '../../server/src/emulator/index.ts';
import { KVM_X86_SW_PROTECTED_VM } from '../../server/src/emulator/kvm/vm-types.ts';
import type { Figure } from './figure.ts';

const GIB = 2 ** 30;
const GPA = 2 ** 31;
const READ_WRITE = 3;
const FALLOC_FL_KEEP_SIZE = 1;
/** KVM_VM_TYPE_ARM_REALM. */
const ARM_REALM = 0x100;
const PAGES = GIB / 4096;

/** A host on which calls are flows, step by step. */
class Host {
  readonly machine: Machine;
  steps = 0;

  constructor(profile: string, arch: 'arm64' | 'x86') {
    this.machine = new Machine({ linux: { profile, arch } });
  }

  /** Runs a call to its end, with a moment for each step, and gives what it put out. */
  call(name: string, ...registers: number[]): readonly number[] {
    const operation = OPERATIONS.get(name);
    const form = [operation, ...(operation?.overloads ?? [])].find((one) => one && 'flow' in one);
    if (!form || !('flow' in form)) throw new Error(`${name} is no flow`);
    const { flows, store } = this.machine;
    flows.start(0, form.flow, registers);
    for (;;) {
      const { ended } = flows.step(0);
      store.commit();
      this.steps++;
      if (ended === undefined) continue;
      if (ended < 0) throw new Error(`${name} returned ${ended}`);
      return flows.out;
    }
  }

  /** Milliseconds that a call takes. */
  time(name: string, ...registers: number[]): number {
    const begin = performance.now();
    this.call(name, ...registers);
    return performance.now() - begin;
  }
}

function populate(): Figure[] {
  const host = new Host('linux/cca-v9', 'arm64');
  const [vm = 0] = [...host.call('KVM_CREATE_VM', ARM_REALM, 40)];
  const [gmem = 0] = [...host.call('KVM_CREATE_GUEST_MEMFD', vm, GIB, 0)];
  const [source = 0] = [...host.call('mmap_anon', GIB, READ_WRITE)];
  host.call('KVM_SET_USER_MEMORY_REGION2', vm, 0, GPA, GIB, source, 0, gmem, 0, 0);
  host.call('KVM_CAP_ARM_RME_CREATE_REALM', vm);
  host.call('KVM_CAP_ARM_RME_INIT_RIPAS_REALM', vm, GPA, GIB);
  host.call('memset', source, 0, GIB, 0x42);
  const before = host.steps;
  const ms = host.time('KVM_CAP_ARM_RME_POPULATE_REALM', vm, GPA, GIB, 0);
  const { store, rmm, pages } = host.machine;
  const inRealm = () => Array.from({ length: pages.table.rows }, (_, row) => rmm.granules.state(pages.address(row)));
  const filled = inRealm().filter((state) => state === 'DATA').length;
  if (filled !== PAGES) throw new Error(`${filled} pages are in the realm`);
  const seek = performance.now();
  store.seek(before + (host.steps - before) / 2);
  const seeking = performance.now() - seek;
  return [
    { name: 'populate of 1 GiB, 4K pages, unmeasured', value: ms / 1000, unit: 's', target: 3, atMost: true },
    { name: 'populate: steps, each to go back to', value: host.steps - before, unit: 'steps', target: 2 * PAGES },
    { name: 'populate: seek to the middle', value: seeking, unit: 'ms' },
    { name: 'populate: journal', value: store.journalBytes / 2 ** 20, unit: 'MB' },
    { name: 'populate: process', value: process.memoryUsage().rss / 2 ** 20, unit: 'MB', target: 1024, atMost: true },
  ];
}

/** All of a file of which every page is allocated: to private and back to shared, and of 2M folios the other way round. */
function convert(): Figure[] {
  const small = new Host('linux/inplace-v8', 'x86');
  const [vm = 0] = [...small.call('KVM_CREATE_VM', KVM_X86_SW_PROTECTED_VM, 0)];
  const shared = files.GUEST_MEMFD_FLAG_MMAP | files.GUEST_MEMFD_FLAG_INIT_SHARED;
  const [gmem = 0] = [...small.call('KVM_CREATE_GUEST_MEMFD', vm, GIB, shared)];
  small.call('fallocate', gmem, FALLOC_FL_KEEP_SIZE, 0, GIB);
  const toPrivate = small.time('KVM_SET_MEMORY_ATTRIBUTES2', gmem, 0, GIB, KVM_MEMORY_ATTRIBUTE_PRIVATE, 0, 0);
  const toShared = small.time('KVM_SET_MEMORY_ATTRIBUTES2', gmem, 0, GIB, 0, 0, 0);

  const huge = new Host('linux/hugetlb-v2', 'x86');
  const [vm2 = 0] = [...huge.call('KVM_CREATE_VM', KVM_X86_SW_PROTECTED_VM, 0)];
  const flags =
    files.GUEST_MEMFD_FLAG_SUPPORT_SHARED | files.GUEST_MEMFD_FLAG_INIT_PRIVATE | files.GUEST_MEMFD_FLAG_HUGETLB;
  const [gmem2 = 0] = [...huge.call('KVM_CREATE_GUEST_MEMFD', vm2, GIB, flags + files.GUESTMEM_HUGETLB_2MB)];
  huge.call('fallocate', gmem2, FALLOC_FL_KEEP_SIZE, 0, GIB);
  const split = huge.time('KVM_GMEM_CONVERT_SHARED', gmem2, 0, GIB, 0);
  const merge = huge.time('KVM_GMEM_CONVERT_PRIVATE', gmem2, 0, GIB, 0);
  return [
    { name: 'conversion of 1 GiB at 4K to private', value: toPrivate, unit: 'ms' },
    { name: 'conversion of 1 GiB at 4K to shared', value: toShared, unit: 'ms' },
    { name: 'conversion of 1 GiB at 2M to shared, all split', value: split, unit: 'ms' },
    { name: 'conversion of 1 GiB at 2M to private, all merged', value: merge, unit: 'ms' },
  ];
}

export async function measure(): Promise<Figure[]> {
  return [...populate(), ...convert()];
}
