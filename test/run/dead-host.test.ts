// A host that has stopped does nothing any more: what is asked of it, and what it was doing, ends with host_crash.
import { describe, expect, test } from 'vitest';
import { HOST_CRASH, OPERATIONS } from '../../server/src/emulator/index.ts';
import { analyse, finish, problemsOf } from '../../server/src/features/analysis.ts';
import { RealmHost } from '../emulator/arm-cca/realm-host.ts';

function told(lines: string): string[] {
  const text = `scenario "dead"\nmodel "linux/cca-v9", "rmm/1.0"\nplatform cca\n${lines}\n`;
  const analysis = analyse('a.cocoscn', text, () => ({ problem: 'there is no such file' }));
  finish(analysis);
  return problemsOf(analysis).map(
    ({ code, file, span, message, because }) => `${file.line(span.start)}: ${code} ${message}; ${because ?? ''}`,
  );
}

/** The page at 16K is lost, and the kernel touches it: from step 5 on the host is dead. */
const DIES = `lost := alloc_page()
RMI_GRANULE_DELEGATE(lost)
m := mmap_anon(4K)
expect host() is alive
kernel_access(lost) = host_crash
expect host() is crashed`;

/** The page of the realm cannot be undelegated, and the policy is to stop. */
const STOPS = `let GPA = 0x8000_0000
vm := KVM_CREATE_VM(KVM_VM_TYPE_ARM_REALM)
gm := KVM_CREATE_GUEST_MEMFD(vm, 2M)
src := mmap_anon(2M)
KVM_SET_USER_MEMORY_REGION2(vm, slot=0, gpa=GPA, size=2M, hva=src, gmem=gm[0])
KVM_CAP_ARM_RME_CREATE_REALM(vm)
KVM_CAP_ARM_RME_INIT_RIPAS_REALM(vm, GPA +: 2M)
set_policy(on_undelegate_failure=BUG_ON)
inject RMI_DATA_CREATE        nth 1 = RMI_ERROR_INPUT
inject RMI_GRANULE_UNDELEGATE nth 1 = RMI_ERROR_INPUT`;

describe('in a scenario', () => {
  test('calls of the kernel, of the VMM and of firmware are refused, with the step since which it is dead', () => {
    expect(
      told(`${DIES}
write(m[0], 1)
KVM_CREATE_VM(KVM_VM_TYPE_ARM_REALM)
RMI_GRANULE_UNDELEGATE(lost)
SMC(0xc400_0151, 0x8900_0000)
memset(0x8900_0000 +: 8K, 1)`),
    ).toEqual(
      [
        '10: CCS301 write returned host_crash',
        '11: CCS301 KVM_CREATE_VM returned host_crash',
        '12: CCS301 RMI_GRANULE_UNDELEGATE returned host_crash',
        '13: CCS301 SMC returned host_crash',
        '14: CCS301 memset returned host_crash',
      ].map((line) => expect.stringMatching(new RegExp(`^${line}; the host is dead since step \\d+ \\(line 8\\)$`))),
    );
  });

  test('a call that a dead host was asked for changes nothing, and says so where that is expected', () => {
    expect(
      told(`${DIES}
RMI_GRANULE_UNDELEGATE(lost) = host_crash
expect granule(lost) is DELEGATED
KVM_CREATE_VM(KVM_VM_TYPE_ARM_REALM) = host_crash
expect leaked_pages() == 0`),
    ).toEqual([]);
  });

  test('the call that stops the host does not return: nothing comes after BUG_ON', () => {
    expect(
      told(`${STOPS}
KVM_CAP_ARM_RME_POPULATE_REALM(vm, GPA +: 4K, 0) = host_crash
  > ...
  > RMI_GRANULE_UNDELEGATE(pa(gm[0])) = RMI_ERROR_INPUT
expect host() is crashed
KVM_CREATE_VCPU(vm, 0) = host_crash`),
    ).toEqual([]);
    expect(told(`${STOPS}\nKVM_CAP_ARM_RME_POPULATE_REALM(vm, GPA +: 4K, 0) = -ENXIO`)).toEqual([
      expect.stringMatching(
        /^14: CCS301 KVM_CAP_ARM_RME_POPULATE_REALM returned host_crash; the host died in this call, in step \d+$/,
      ),
    ]);
  });

  test('a realm is not entered, and none of its lines run', () => {
    expect(
      told(`${DIES}
RMI_REC_ENTER(0x8800_2000, {}) = host_crash
  < RSI_VERSION(0x1_0000) = RSI_SUCCESS
expect host() is crashed`),
    ).toEqual([]);
  });
});

test('the host dies while a realm runs: the entry does not return', () => {
  const enter = (result: string) => `RMI_GRANULE_DELEGATE(0x8800_0000 +: 76K)
RMI_REALM_CREATE(0x8800_0000, {s2sz: 39, rtt_base: 0x8800_1000})
RMI_REC_CREATE(0x8800_0000, 0x8800_2000, {flags: runnable, aux: 0x8800_3000})
RMI_REALM_ACTIVATE(0x8800_0000)
RMI_REC_ENTER(0x8800_2000, {})${result}
  < RSI_VERSION(0x1_0000)
  > kernel_access(0x8800_0000) = host_crash
  < RSI_VERSION(0x1_0000) = host_crash`;
  expect(told(enter(' = host_crash'))).toEqual([]);
  expect(told(enter(''))).toEqual([
    expect.stringMatching(/^8: CCS301 RMI_REC_ENTER returned host_crash; the host is dead since step \d+ \(line 10\)$/),
  ]);
});

test('a call that is under way on another stack goes no further', () => {
  const host = new RealmHost();
  const { flows, linux, store } = host.machine;
  flows.start(1, flowOf('KVM_CREATE_VCPU'), [host.vm, 0]);
  expect(flows.step(1).ended).toBeUndefined();
  linux.die();
  const before = store.hash;
  expect(flows.step(1)).toMatchObject({ command: undefined, waiting: false, ended: HOST_CRASH });
  expect(flows.depth(1)).toBe(0);
  expect(store.hash).not.toBe(before);
  expect(host.call('KVM_CREATE_VM', 0x100, 40).result).toBe('host_crash');
});

function flowOf(name: string) {
  const operation = OPERATIONS.get(name);
  if (!operation || !('flow' in operation)) throw new Error(`${name} is no call of the kernel`);
  return operation.flow;
}
