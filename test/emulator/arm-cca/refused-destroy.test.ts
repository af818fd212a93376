// The RMM does not take a page from a realm: what the host does with it, under each of the answers that the list discussed.
import { describe, expect, test } from 'vitest';
import { UNDELEGATE_POLICIES } from '../../../server/src/emulator/arm-cca/host.ts';
import { type Faults, GPA, RealmHost } from './realm-host.ts';

const INPUT = 1;
const K = 1024;
const HOLE = 3;

/** A realm of the series that has written three pages, on a host with that policy. */
function written(profile: string, policy: number, pageSize: number = 4 * K): RealmHost {
  const host = new RealmHost({ profile, pageSize });
  host.call('KVM_SET_MEMORY_ATTRIBUTES', host.vm, GPA, 2048 * K, 8, 0);
  const explicit = profile === 'linux/cca-v9';
  if (explicit) host.call('KVM_CAP_ARM_RME_CREATE_REALM', host.vm);
  if (explicit) host.call('KVM_CAP_ARM_RME_INIT_RIPAS_REALM', host.vm, GPA, 2048 * K);
  const vcpu = host.vcpu(0);
  if (explicit) host.call('KVM_ARM_VCPU_FINALIZE', vcpu, 8);
  if (explicit) host.call('KVM_CAP_ARM_RME_ACTIVATE_REALM', host.vm);
  host.call('set_policy', policy, 0);
  const writes = [0, 1, 2].map((at) => ['write', GPA + at * pageSize, 1] as const);
  expect(host.run(vcpu, ...writes)).toMatch(/KVM_RUN = 0$/);
  return host;
}

/** Punches all three out, the second of which cannot be destroyed; what was sent of the private half, and what each page is then. */
function punched(host: RealmHost, faults: Faults = { RMI_DATA_DESTROY: { 2: INPUT } }): string {
  const pages = [0, 1, 2].map((i) => host.pfn(i * 4 * K) * 4 * K);
  const { sent, result } = host.callWith(faults, 'fallocate', host.gmem, HOLE, 0, 12 * K);
  const shown = sent.filter((line) => !line.startsWith('RTT_'));
  const states = pages.map((pa) => `${host.look('page_owner', pa)} ${host.look('granule', pa)}`);
  const counts = `${host.look('leaked_pages')} leaked, ${host.look('warnings')} warnings, host ${host.look('host')}`;
  return [...shown, result, ...states, counts].join('\n');
}

describe.each(['linux/cca-v9', 'linux/cca-v12', 'linux/cca-v13'])('%s', (profile) => {
  test.each([...UNDELEGATE_POLICIES.entries()].filter(([, name]) => name !== 'WARN'))('%d: %s', (policy) => {
    expect(punched(written(profile, policy))).toMatchSnapshot();
  });

  test('WARN alone: the page is given out again while the realm has it', () => {
    const host = written(profile, UNDELEGATE_POLICIES.indexOf('WARN'));
    expect(() => punched(host)).toThrow(/^freed_is_hosts: 0x[0-9a-f_]+ is free but DATA$/);
  });
});

test('linux/cca-v13: a page that is destroyed and not given back is passed over like one that is not destroyed', () => {
  const host = written('linux/cca-v13', UNDELEGATE_POLICIES.indexOf('get_page'));
  expect(punched(host, { RMI_GRANULE_UNDELEGATE: { 2: INPUT } })).toMatchSnapshot();
});

test.each(['linux/cca-v9', 'linux/cca-v13'])(
  '%s: of a page of 64K the RMM keeps a granule in the middle',
  (profile) => {
    const host = written(profile, UNDELEGATE_POLICIES.indexOf('get_page'), 64 * K);
    const page = host.pfn() * 64 * K;
    // What the RMM calls a block that it cannot take apart.
    host.callWith(
      { RMI_DATA_DESTROY: { 2: 4 + 3 * 256 }, RMI_RTT_CREATE: { 1: INPUT } },
      'fallocate',
      host.gmem,
      HOLE,
      0,
      64 * K,
    );
    expect(`${host.look('granule', page + 4 * K)} ${host.look('page_owner', page)}`).toBe('DATA detached');
  },
);
