// Making a realm and its RECs: the order of the calls, and that nothing is lost wherever one of them fails.
import { describe, expect, test } from 'vitest';
import { GPA, RealmHost } from './realm-host.ts';

const INPUT = 1;

/** Pages of the host that are not free, and those that were leaked. */
const pages = ({ machine }: RealmHost) =>
  `${machine.linux.allocator.inUse} in use, ${machine.linux.counters.get(0, 1)} leaked`;

const names = (sent: readonly string[]) => sent.map((line) => line.split(' ')[0] ?? '');

test('KVM_CAP_ARM_RME_CREATE_REALM', () => {
  const host = new RealmHost();
  expect(host.call('KVM_CAP_ARM_RME_CREATE_REALM', host.vm).sent.join('\n')).toMatchInlineSnapshot(`
    "DELEGATE p1
    DELEGATE p2
    DELEGATE p3
    REALM_CREATE p1 p4"
  `);
  expect(host.look('realm', host.rd)).toBe('NEW');
  expect(host.call('KVM_CAP_ARM_RME_CREATE_REALM', host.vm).result).toBe('-EEXIST');
});

test.each([32, 34, 39, 40, 43, 48])('start tables of %d bits', (ipaBits) => {
  const host = new RealmHost({ ipaBits, bytes: 4096 * 16 });
  const { sent, result } = host.call('KVM_CAP_ARM_RME_CREATE_REALM', host.vm);
  const tables = names(sent).filter((name) => name === 'DELEGATE').length - 1;
  expect(`${ipaBits} bits: ${tables} start tables, ${result}`).toMatchSnapshot();
});

/** Runs a call once for each command that it sends, with that command failing. */
function failEach(
  prepare: () => RealmHost,
  call: (host: RealmHost, faults: Parameters<RealmHost['callWith']>[0]) => string,
): string {
  const commands = [
    'RMI_GRANULE_DELEGATE',
    'RMI_REALM_CREATE',
    'RMI_REC_AUX_COUNT',
    'RMI_REC_CREATE',
    'alloc',
  ] as const;
  const lines: string[] = [];
  for (const name of commands) {
    const outcomes = new Map<string, number>();
    for (let nth = 1; nth <= 20; nth++) {
      const host = prepare();
      const before = pages(host);
      const result = call(host, { [name]: { [nth]: name === 'alloc' ? -12 : INPUT } });
      if (result === '0') break;
      const line = `${result}, ${pages(host) === before ? 'nothing lost' : `${before}, now ${pages(host)}`}`;
      outcomes.set(line, (outcomes.get(line) ?? 0) + 1);
    }
    for (const [line, times] of outcomes) lines.push(`${name}: ${times} times ${line}`);
  }
  return lines.join('\n');
}

test('a realm whose creation fails leaves nothing behind', () => {
  const text = failEach(
    () => new RealmHost(),
    (host, faults) => host.callWith(faults, 'KVM_CAP_ARM_RME_CREATE_REALM', host.vm).result,
  );
  expect(text).toMatchInlineSnapshot(`
    "RMI_GRANULE_DELEGATE: 3 times -ENXIO, nothing lost
    RMI_REALM_CREATE: 1 times -ENXIO, nothing lost
    alloc: 2 times -ENOMEM, nothing lost"
  `);
});

describe('a granule that the error path cannot undelegate', () => {
  test.each([1, 2, 3])('call %d', (nth) => {
    const host = new RealmHost();
    const faults = { RMI_REALM_CREATE: { 1: INPUT }, RMI_GRANULE_UNDELEGATE: { [nth]: INPUT } };
    const { result, sent } = host.callWith(faults, 'KVM_CAP_ARM_RME_CREATE_REALM', host.vm);
    expect(`${result}\n${sent.join('\n')}\n${pages(host)}`).toMatchSnapshot();
  });
});

function withRealm(): RealmHost {
  const host = new RealmHost();
  host.call('KVM_CAP_ARM_RME_CREATE_REALM', host.vm);
  return host;
}

test('KVM_ARM_VCPU_FINALIZE', () => {
  const host = withRealm();
  const vcpu = host.vcpu(0);
  const { sent, result } = host.call('KVM_ARM_VCPU_FINALIZE', vcpu, 8);
  expect([...sent.slice(0, 2), `${sent.length - 3} DELEGATE`, sent.at(-1), result].join('\n')).toMatchInlineSnapshot(`
    "REC_AUX_COUNT p1
    DELEGATE p5
    16 DELEGATE
    REC_CREATE p1 p5 p4
    0"
  `);
  expect(host.call('KVM_ARM_VCPU_FINALIZE', vcpu, 8).result).toBe('-EBUSY');
  host.call('KVM_CAP_ARM_RME_ACTIVATE_REALM', host.vm);
  expect(host.call('KVM_ARM_VCPU_FINALIZE', host.vcpu(1), 8).result).toBe('-ENOENT');
});

test('a REC whose creation fails leaves nothing behind', () => {
  const text = failEach(
    () => {
      const host = withRealm();
      host.vcpu(0);
      return host;
    },
    (host, faults) => host.callWith(faults, 'KVM_ARM_VCPU_FINALIZE', 1, 8).result,
  );
  expect(text).toMatchInlineSnapshot(`
    "RMI_GRANULE_DELEGATE: 17 times -ENXIO, nothing lost
    RMI_REC_AUX_COUNT: 1 times -ENXIO, nothing lost
    RMI_REC_CREATE: 1 times -ENXIO, nothing lost
    alloc: 19 times -ENOMEM, nothing lost"
  `);
});

test.each([
  ['2M', 0, 2 ** 21],
  ['8K in the middle', 0x3000, 0x2000],
  ['2M and 4K', 0, 2 ** 21 + 4096],
  ['across a boundary of 2M', 0x1f_f000, 0x2000],
  ['1G', 0, 2 ** 30],
])('KVM_CAP_ARM_RME_INIT_RIPAS_REALM of %s', (_, offset, length) => {
  const host = withRealm();
  const { sent, result } = host.call('KVM_CAP_ARM_RME_INIT_RIPAS_REALM', host.vm, GPA + offset, length);
  expect([...sent, result].join('\n')).toMatchSnapshot();
  expect(host.look('ripas', host.rd, GPA + offset + length - 4096)).toBe('RAM');
  expect(host.look('ripas', host.rd, GPA + offset + length)).toBe('EMPTY');
});

test('a realm is set up in order', () => {
  const host = new RealmHost();
  const results = [
    host.call('KVM_CAP_ARM_RME_INIT_RIPAS_REALM', host.vm, GPA, 4096).result,
    host.call('KVM_CAP_ARM_RME_POPULATE_REALM', host.vm, GPA, 4096, 0).result,
    host.call('KVM_CAP_ARM_RME_ACTIVATE_REALM', host.vm).result,
    host.call('KVM_CAP_ARM_RME_CONFIG_REALM', host.vm, 1, 1).result,
    host.call('KVM_CAP_ARM_RME_CREATE_REALM', host.vm).result,
    host.call('KVM_CAP_ARM_RME_CONFIG_REALM', host.vm, 1, 0).result,
    host.call('KVM_CAP_ARM_RME_INIT_RIPAS_REALM', host.vm, GPA + 1, 4096).result,
    host.call('KVM_RUN', host.vcpu(0)).result,
    host.call('KVM_ARM_VCPU_FINALIZE', 1, 8).result,
    host.call('KVM_RUN', 1).result,
    host.call('KVM_CAP_ARM_RME_ACTIVATE_REALM', host.vm).result,
    host.call('KVM_CAP_ARM_RME_POPULATE_REALM', host.vm, GPA, 4096, 0).result,
    host.call('KVM_CAP_ARM_RME_INIT_RIPAS_REALM', host.vm, GPA, 4096).result,
    host.call('KVM_RUN', 1).result,
  ];
  expect(results.join(' ')).toBe('-EPERM -EPERM -EINVAL 0 0 -EBUSY -EINVAL -EPERM 0 -EINVAL 0 -EPERM -EPERM 0');
  expect(host.look('rim', host.rd)).toHaveLength(128);
});
