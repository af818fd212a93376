// The end of a realm: what is sent, and that nothing is lost that is not counted as leaked.
import { describe, expect, test } from 'vitest';
import { type Faults, GPA, RealmHost } from './realm-host.ts';

const INPUT = 1;
const K = 1024;
const SHARED = 2 ** 39;

/** A realm with private and shared pages, a populated one and tables of its own. */
function lived(): { host: RealmHost; vcpu: number } {
  const host = new RealmHost();
  host.call('KVM_CAP_ARM_RME_CREATE_REALM', host.vm);
  host.call('KVM_CAP_ARM_RME_INIT_RIPAS_REALM', host.vm, GPA, 2048 * K);
  host.call('KVM_CAP_ARM_RME_POPULATE_REALM', host.vm, GPA, 8 * K, 0);
  const vcpu = host.vcpu(0);
  host.call('KVM_ARM_VCPU_FINALIZE', vcpu, 8);
  host.call('KVM_CAP_ARM_RME_ACTIVATE_REALM', host.vm);
  host.call('KVM_SET_MEMORY_ATTRIBUTES', host.vm, GPA + 16 * K, 4 * K, 0, 0);
  host.run(vcpu, ['write', GPA + 12 * K, 1], ['write', GPA + 16 * K + SHARED, 2]);
  return { host, vcpu };
}

/** Closes everything; the calls, and what the host still has. */
function close({ host, vcpu }: ReturnType<typeof lived>, faults: Faults = {}): { sent: string[]; left: string } {
  const sent = [
    ...host.callWith(faults, 'close gmem', host.gmem).sent,
    ...host.call('munmap', host.source).sent,
    ...host.call('close vcpu', vcpu).sent,
    ...host.callWith(faults, 'close vm', host.vm).sent,
  ];
  const { linux } = host.machine;
  const warned = linux.counters.get(0, 0) > 0 ? ', warned' : '';
  return { sent, left: `${linux.allocator.inUse} in use, ${linux.counters.get(0, 1)} leaked${warned}` };
}

test('everything comes back', () => {
  const { sent, left } = close(lived());
  const aux = sent.filter((line) => line.startsWith('UNDELEGATE')).length;
  const shown = sent.filter((line, i) => !line.startsWith('UNDELEGATE p') || !sent[i - 1]?.startsWith('UNDELEGATE p'));
  expect([...shown, `${aux} granules undelegated`, left].join('\n')).toMatchInlineSnapshot(`
    "RTT_UNMAP_UNPROTECTED p1 shared 0 2 = RTT(2)
    RTT_UNMAP_UNPROTECTED p1 shared 0 3 = RTT(3)
    RTT_UNMAP_UNPROTECTED p1 shared 16K 3
    RTT_FOLD p1 shared 0 2 = RTT(2)
    RTT_FOLD p1 shared 0 3
    UNDELEGATE p26
    RTT_FOLD p1 shared 0 2
    UNDELEGATE p25
    DATA_DESTROY p1 0
    UNDELEGATE gm[0]
    DATA_DESTROY p1 4K
    UNDELEGATE gm[4K]
    DATA_DESTROY p1 12K
    UNDELEGATE gm[12K]
    RTT_FOLD p1 0 2 = RTT(2)
    RTT_FOLD p1 0 3 = RTT(3)
    RTT_UNMAP_UNPROTECTED p1 shared 0 2 = RTT(1)
    RTT_FOLD p1 shared 0 2 = RTT(1)
    RTT_UNMAP_UNPROTECTED p1 shared -2G 1 = RTT(1)
    DATA_DESTROY p1 -2G = RTT(1)
    DATA_DESTROY p1 0 = RTT(3)
    DATA_DESTROY p1 2M = RTT(2)
    DATA_DESTROY p1 1G = RTT(1)
    RTT_DESTROY p1 -2G 2 = RTT(1)
    RTT_DESTROY p1 0 2 = RTT(2)
    RTT_DESTROY p1 0 3
    UNDELEGATE p5
    RTT_DESTROY p1 0 2
    UNDELEGATE p4
    RTT_DESTROY p1 shared -2G 2 = RTT(1)
    REC_DESTROY p6
    UNDELEGATE p7
    REALM_DESTROY p1
    UNDELEGATE p1
    27 granules undelegated
    0 in use, 0 leaked"
  `);
});

test('a VM without a realm', () => {
  const host = new RealmHost();
  const vcpu = host.vcpu(0);
  expect(close({ host, vcpu })).toEqual({ sent: [], left: '0 in use, 0 leaked' });
});

describe('what fails is leaked', () => {
  test.each<[string, Faults]>([
    ['RMI_DATA_DESTROY', { RMI_DATA_DESTROY: { 1: INPUT } }],
    ['RMI_REC_DESTROY', { RMI_REC_DESTROY: { 1: INPUT } }],
    ['RMI_RTT_DESTROY', { RMI_RTT_DESTROY: { 1: INPUT } }],
    ['RMI_REALM_DESTROY', { RMI_REALM_DESTROY: { 1: INPUT } }],
  ])('%s', (_, faults) => {
    expect(close(lived(), faults).left).toMatchSnapshot();
  });

  test('every RMI_GRANULE_UNDELEGATE in turn', () => {
    const calls = close(lived()).sent.filter((line) => line.startsWith('UNDELEGATE')).length;
    const outcomes = new Map<string, number>();
    for (let nth = 1; nth <= calls; nth++) {
      const { left } = close(lived(), { RMI_GRANULE_UNDELEGATE: { [nth]: INPUT } });
      outcomes.set(left, (outcomes.get(left) ?? 0) + 1);
    }
    expect([...outcomes].map(([left, times]) => `${times} times ${left}`).join('\n')).toMatchInlineSnapshot(`
      "7 times 2 in use, 2 leaked, warned
      15 times 1 in use, 1 leaked, warned
      5 times 0 in use, 0 leaked"
    `);
  });
});
