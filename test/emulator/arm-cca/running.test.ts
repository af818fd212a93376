// A realm that runs: faults, shared memory, RIPAS changes, host calls, PSCI, with what the kernel sends for each.
import { describe, expect, test } from 'vitest';
import { mapProtected } from '../../../server/src/emulator/arm-cca/map.ts';
import { syscallForm } from '../../../server/src/emulator/linux/signals.ts';
import { type Faults, GPA, RealmHost } from './realm-host.ts';

const INPUT = 1;
const RTT_3 = 4 + 3 * 256;
const SHARED = 2 ** 39;
const K = 1024;
const EMPTY = 0;
const RAM = 1;

test('a private page is faulted in, and the access is done again', () => {
  const { host, vcpu } = RealmHost.running();
  expect(host.run(vcpu, ['write', GPA, 0x5a], ['read', GPA], ['read', GPA, 1])).toMatchInlineSnapshot(`
    "REC_ENTER p5 p23
    DELEGATE gm[0]
    DATA_CREATE_UNKNOWN p1 gm[0] 0 = RTT(2)
    DELEGATE p24
    RTT_CREATE p1 p24 0 3
    DATA_CREATE_UNKNOWN p1 gm[0] 0
    REC_ENTER p5 p23
    < write = 0x0
    < read = 0x5a
    < read = 0x5a
    KVM_RUN = 0"
  `);
  expect(host.look('kvm_refs', host.pfn() * 4 * K)).toBe('1');
});

test('a page of 64K is faulted in granule by granule', () => {
  const { host, vcpu } = RealmHost.running({ pageSize: 64 * K });
  const lines = host.run(vcpu, ['write', GPA + 36 * K, 7]).split('\n');
  expect(`${lines.length} lines, ${lines.at(-1)}, ${host.granules()}`).toMatchInlineSnapshot(
    `"39 lines, KVM_RUN = 0, ****************"`,
  );
});

test('shared memory comes from the user address of the slot', () => {
  const { host, vcpu } = RealmHost.running();
  host.call('write', host.source, 4 * K, 0x77, 8);
  host.call('KVM_SET_MEMORY_ATTRIBUTES', host.vm, GPA + 4 * K, 4 * K, 0, 0);
  expect(host.run(vcpu, ['read', GPA + 4 * K + SHARED], ['write', GPA + 4 * K + SHARED, 0x78])).toMatchInlineSnapshot(`
    "REC_ENTER p5 p23
    RTT_MAP_UNPROTECTED p1 shared 4K 3 2164269272 = RTT(1)
    DELEGATE p24
    RTT_CREATE p1 p24 shared 0 2
    DELEGATE p25
    RTT_CREATE p1 p25 shared 0 3
    RTT_MAP_UNPROTECTED p1 shared 4K 3 2164269272
    REC_ENTER p5 p23
    < read = 0x77
    < write = 0x0
    KVM_RUN = 0"
  `);
  expect(host.call('read', host.source, 4 * K, 8).result).toBe('0x78');
  expect(host.call('munmap', host.source).sent.join('\n')).toMatchInlineSnapshot(`
    "RTT_UNMAP_UNPROTECTED p1 shared 0 2 = RTT(2)
    RTT_UNMAP_UNPROTECTED p1 shared 0 3 = RTT(3)
    RTT_UNMAP_UNPROTECTED p1 shared 4K 3
    RTT_FOLD p1 shared 0 2 = RTT(2)
    RTT_FOLD p1 shared 0 3
    UNDELEGATE p25
    RTT_FOLD p1 shared 0 2
    UNDELEGATE p24"
  `);
});

test('the half of an access must be that of the page', () => {
  const { host, vcpu } = RealmHost.running();
  expect(host.run(vcpu, ['read', GPA + 8 * K + SHARED])).toMatchInlineSnapshot(`
    "REC_ENTER p5 p23
    KVM_RUN = KVM_EXIT_MEMORY_FAULT gpa 8K flags 0 size 4K"
  `);
  host.call('KVM_SET_MEMORY_ATTRIBUTES', host.vm, GPA + 8 * K, 4 * K, 0, 0);
  expect(host.run(vcpu)).toMatchInlineSnapshot(`
    "REC_ENTER p5 p23
    RTT_MAP_UNPROTECTED p1 shared 8K 3 2164269272 = RTT(1)
    DELEGATE p24
    RTT_CREATE p1 p24 shared 0 2
    DELEGATE p25
    RTT_CREATE p1 p25 shared 0 3
    RTT_MAP_UNPROTECTED p1 shared 8K 3 2164269272
    REC_ENTER p5 p23
    < read = 0x0
    KVM_RUN = 0"
  `);
});

test('no slot: user space emulates the access', () => {
  const { host, vcpu } = RealmHost.running();
  expect(host.run(vcpu, ['write', 0x900_0000 + SHARED, 1, 4], ['read', GPA])).toMatchInlineSnapshot(`
    "REC_ENTER p5 p23
    KVM_RUN = KVM_EXIT_MMIO gpa -1904M flags 0 size 0"
  `);
  expect(host.run(vcpu, ['read', GPA])).toMatchInlineSnapshot(`
    "REC_ENTER p5 p23
    DELEGATE gm[0]
    DATA_CREATE_UNKNOWN p1 gm[0] 0 = RTT(2)
    DELEGATE p24
    RTT_CREATE p1 p24 0 3
    DATA_CREATE_UNKNOWN p1 gm[0] 0
    REC_ENTER p5 p23
    < read = 0x0
    KVM_RUN = 0"
  `);
});

describe('a page that is lost', () => {
  test('a conversion behind the realm’s back: the page comes back empty only when the realm asks for it', () => {
    const { host, vcpu } = RealmHost.running();
    host.run(vcpu, ['write', GPA, 0x5a]);
    host.call('KVM_SET_MEMORY_ATTRIBUTES', host.vm, GPA, 4 * K, 0, 0);
    host.call('KVM_SET_MEMORY_ATTRIBUTES', host.vm, GPA, 4 * K, 8, 0);
    expect(host.look('ripas', host.rd, GPA)).toBe('DESTROYED');
    const lines = host.run(vcpu, ['read', GPA]).split('\n');
    expect([...lines.slice(0, 6), '…', lines.at(-1)].join('\n')).toMatchInlineSnapshot(`
      "REC_ENTER p5 p23
      DELEGATE gm[0]
      DATA_CREATE_UNKNOWN p1 gm[0] 0
      REC_ENTER p5 p23
      DELEGATE gm[0] = INPUT
      REC_ENTER p5 p23
      …
      KVM_RUN = -EINTR KVM_EXIT_INTR"
    `);
  });

  test('an EMPTY page is an exception in the realm', () => {
    const { host, vcpu } = RealmHost.running();
    host.run(vcpu, ['RSI_IPA_STATE_SET', GPA, GPA + 4 * K, EMPTY, 0]);
    expect(host.run(vcpu, ['read', GPA])).toMatchInlineSnapshot(`
      "RTT_SET_RIPAS p1 p5 0 4K = RTT(2)
      DELEGATE p22
      RTT_CREATE p1 p22 0 3
      RTT_SET_RIPAS p1 p5 0 4K
      DATA_DESTROY p1 0 = RTT(3)
      RTT_FOLD p1 0 2 = RTT(2)
      RTT_FOLD p1 0 3 = RTT(3)
      REC_ENTER p5 p23
      < read = SEA
      KVM_RUN = 0"
    `);
  });
});

describe('a RIPAS change', () => {
  test('to EMPTY gives the pages back, to RAM takes new ones', () => {
    const { host, vcpu } = RealmHost.running();
    expect(host.run(vcpu, ['write', GPA, 1], ['RSI_IPA_STATE_SET', GPA, GPA + 8 * K, EMPTY, 0])).toMatchInlineSnapshot(`
      "REC_ENTER p5 p23
      DELEGATE gm[0]
      DATA_CREATE_UNKNOWN p1 gm[0] 0 = RTT(2)
      DELEGATE p24
      RTT_CREATE p1 p24 0 3
      DATA_CREATE_UNKNOWN p1 gm[0] 0
      REC_ENTER p5 p23
      < write = 0x0
      < RSI_IPA_STATE_SET = RMI_EXIT_RIPAS_CHANGE
      KVM_RUN = KVM_EXIT_MEMORY_FAULT gpa 0 flags 0 size 8K"
    `);
    expect(host.run(vcpu)).toMatchInlineSnapshot(`
      "RTT_SET_RIPAS p1 p5 0 8K
      DATA_DESTROY p1 0
      UNDELEGATE gm[0]
      RTT_FOLD p1 0 2 = RTT(2)
      RTT_FOLD p1 0 3 = RTT(3)
      REC_ENTER p5 p23
      KVM_RUN = 0"
    `);
    expect(host.look('ripas', host.rd, GPA)).toBe('EMPTY');
    expect(host.run(vcpu, ['RSI_IPA_STATE_SET', GPA, GPA + 8 * K, RAM, 0])).toMatchInlineSnapshot(`
      "REC_ENTER p5 p23
      < RSI_IPA_STATE_SET = RMI_EXIT_RIPAS_CHANGE
      KVM_RUN = KVM_EXIT_MEMORY_FAULT gpa 0 flags 8 size 8K"
    `);
    expect(host.run(vcpu, ['read', GPA])).toMatchInlineSnapshot(`
      "RTT_SET_RIPAS p1 p5 0 8K
      REC_ENTER p5 p23
      DELEGATE gm[0]
      DATA_CREATE_UNKNOWN p1 gm[0] 0
      REC_ENTER p5 p23
      < read = 0x0
      KVM_RUN = 0"
    `);
  });

  test('over a range larger than a table goes on table by table', () => {
    const { host, vcpu } = RealmHost.running({ bytes: 4 * 2 ** 20 });
    host.run(vcpu, ['RSI_IPA_STATE_SET', GPA + 1024 * K, GPA + 3072 * K, EMPTY, 0]);
    expect(host.run(vcpu)).toMatchInlineSnapshot(`
      "RTT_SET_RIPAS p1 p5 1M 3M = RTT(2)
      DELEGATE p22
      RTT_CREATE p1 p22 0 3
      RTT_SET_RIPAS p1 p5 1M 3M
      RTT_SET_RIPAS p1 p5 2M 3M = RTT(2)
      DELEGATE p24
      RTT_CREATE p1 p24 2M 3
      RTT_SET_RIPAS p1 p5 2M 3M
      DATA_DESTROY p1 1M = RTT(3)
      DATA_DESTROY p1 2M = RTT(3)
      RTT_FOLD p1 0 2 = RTT(2)
      RTT_FOLD p1 0 3 = RTT(3)
      RTT_FOLD p1 2M 3 = RTT(3)
      REC_ENTER p5 p23
      KVM_RUN = 0"
    `);
  });

  test('that cannot be carried out is not the end of the realm', () => {
    const { host, vcpu } = RealmHost.running();
    host.run(vcpu, ['RSI_IPA_STATE_SET', GPA, GPA + 4 * K, EMPTY, 0]);
    expect(host.runWith({ RMI_RTT_SET_RIPAS: { 1: INPUT } }, vcpu)).toMatchInlineSnapshot(`
      "RTT_SET_RIPAS p1 p5 0 4K = INPUT
      warn
      warn
      REC_ENTER p5 p23
      KVM_RUN = 0"
    `);
  });
});

describe('calls of the realm', () => {
  test('a host call that KVM does not know', () => {
    const { host, vcpu } = RealmHost.running();
    expect(host.run(vcpu, ['write', GPA, 0], ['RSI_HOST_CALL', GPA], ['read', GPA + 8])).toMatchInlineSnapshot(`
      "REC_ENTER p5 p23
      DELEGATE gm[0]
      DATA_CREATE_UNKNOWN p1 gm[0] 0 = RTT(2)
      DELEGATE p24
      RTT_CREATE p1 p24 0 3
      DATA_CREATE_UNKNOWN p1 gm[0] 0
      REC_ENTER p5 p23
      REC_ENTER p5 p23
      < write = 0x0
      < RSI_HOST_CALL = RMI_EXIT_HOST_CALL
      < read = 0x-10000000000
      KVM_RUN = 0"
    `);
  });

  test('PSCI_CPU_ON starts the other vCPU', () => {
    const host = new RealmHost();
    host.call('KVM_CAP_ARM_RME_CREATE_REALM', host.vm);
    host.call('KVM_CAP_ARM_RME_INIT_RIPAS_REALM', host.vm, GPA, 2048 * K);
    const [first, second] = [host.vcpu(0), host.vcpu(1)];
    host.call('KVM_ARM_VCPU_FINALIZE', first, 8);
    host.call('KVM_ARM_VCPU_FINALIZE', second, 8);
    host.call('KVM_CAP_ARM_RME_ACTIVATE_REALM', host.vm);
    expect(host.run(second, ['read', GPA])).toBe('KVM_RUN = 0');
    expect(host.run(first, ['PSCI_CPU_ON', 1, GPA, 0])).toMatchInlineSnapshot(`
      "REC_ENTER p5 p40
      PSCI_COMPLETE p5 p23 0
      REC_ENTER p5 p40
      < PSCI_CPU_ON = RMI_EXIT_PSCI
      KVM_RUN = 0"
    `);
    expect(host.run(second, ['read', GPA], ['PSCI_SYSTEM_OFF'])).toMatchInlineSnapshot(`
      "REC_ENTER p23 p41
      DELEGATE gm[0]
      DATA_CREATE_UNKNOWN p1 gm[0] 0 = RTT(2)
      DELEGATE p42
      RTT_CREATE p1 p42 0 3
      DATA_CREATE_UNKNOWN p1 gm[0] 0
      REC_ENTER p23 p41
      < read = 0x0
      < PSCI_SYSTEM_OFF = RMI_EXIT_PSCI
      KVM_RUN = KVM_EXIT_SYSTEM_EVENT"
    `);
    expect(host.run(first)).toMatchInlineSnapshot(`
      "REC_ENTER p5 p40 = REALM(1)
      KVM_RUN = 0"
    `);
  });
});

describe('a fault that fails', () => {
  const attempt = (faults: Faults, pageSize = 16 * K) => {
    const { host, vcpu } = RealmHost.running({ pageSize });
    host.run(vcpu, ['read', GPA + 1024 * K]);
    return `${host.runWith(faults, vcpu, ['read', GPA])}\n${host.granules()} leaked ${host.look('leaked_pages')}`;
  };

  test.each<[string, Faults]>([
    ['the first granule is delegated already: another vCPU was faster', { RMI_GRANULE_DELEGATE: { 1: INPUT } }],
    ['the entry is assigned already: another vCPU was faster', { RMI_DATA_CREATE_UNKNOWN: { 1: RTT_3, 2: RTT_3 } }],
    ['the third granule fails', { RMI_DATA_CREATE_UNKNOWN: { 3: INPUT } }],
    [
      'the third granule fails, the first does not come back',
      { RMI_DATA_CREATE_UNKNOWN: { 3: INPUT }, RMI_GRANULE_UNDELEGATE: { 3: INPUT } },
    ],
  ])('%s', (_, faults) => {
    expect(attempt(faults)).toMatchSnapshot();
  });
});

describe('a block of 2M', () => {
  const block = (faults: Faults = {}) => {
    const { host, vcpu } = RealmHost.running();
    host.run(vcpu, ['read', GPA]);
    host.call('KVM_SET_MEMORY_ATTRIBUTES', host.vm, GPA, 4 * K, 0, 0);
    host.call('KVM_SET_MEMORY_ATTRIBUTES', host.vm, GPA, 4 * K, 8, 0);
    const pfn = host.machine.linux.allocator.take(9);
    const flow = { flow: mapProtected, form: syscallForm([]) };
    const { sent, result } = host.flow(faults, flow, [host.vm, GPA / 4096 + 512, pfn, 9]);
    const level = host.look('rtt_level', host.rd, GPA + 2048 * K);
    return [...sent.slice(0, 3), `${sent.length} calls`, ...sent.slice(-3), result, `level ${level}`].join('\n');
  };

  test('is made of 512 granules and folded', () => {
    expect(block()).toMatchInlineSnapshot(`
      "DELEGATE p25
      RTT_CREATE p1 p25 2M 3
      DELEGATE p26
      1028 calls
      DATA_CREATE_UNKNOWN p1 p537 4092K
      RTT_FOLD p1 2M 3
      UNDELEGATE p25
      0
      level 2"
    `);
  });

  test('is unmade where the fold fails', () => {
    expect(block({ RMI_RTT_FOLD: { 1: INPUT } })).toMatchInlineSnapshot(`
      "DELEGATE p25
      RTT_CREATE p1 p25 2M 3
      DELEGATE p26
      2052 calls
      UNDELEGATE p27
      DATA_DESTROY p1 2M
      UNDELEGATE p26
      -ENXIO
      level 3"
    `);
  });
});
