// Populate: the calls in order, and every call of it failing in turn, for host pages of 4K, 16K and 64K over granules of 4K.
import { describe, expect, test } from 'vitest';
import { type Faults, GPA, MEASURE, type Outcome, RealmHost } from './realm-host.ts';

const INPUT = 1;
const K = 1024;

/** A realm with tables down to level 3 for the first 64K, the source written. */
function prepared(pageSize: number, profile?: string): RealmHost {
  const host = new RealmHost({ pageSize, ...(profile !== undefined && { profile }) });
  host.call('write', host.source, 0, 0x1400_0000, 8);
  host.call('KVM_CAP_ARM_RME_CREATE_REALM', host.vm);
  host.call('KVM_CAP_ARM_RME_INIT_RIPAS_REALM', host.vm, GPA, 64 * K);
  return host;
}

const populate = (host: RealmHost, length: number, faults: Faults = {}, flags = 0) =>
  host.callWith(faults, 'KVM_CAP_ARM_RME_POPULATE_REALM', host.vm, GPA, length, flags);

const text = ({ sent, result }: Outcome) => [...sent, result].join('\n');

/** Faults that replace the nth call of the RMM, whichever it is. */
function failing(calls: readonly string[], nth: number): Faults {
  const name = `RMI_${(calls[nth] ?? '').split(' ')[0]}`.replace(/RMI_((UN)?DELEGATE)/, 'RMI_GRANULE_$1');
  const short = (line: string) => `RMI_${line.split(' ')[0]}`.replace(/RMI_((UN)?DELEGATE)/, 'RMI_GRANULE_$1');
  const call = calls.slice(0, nth + 1).filter((line) => short(line) === name).length;
  return { [name]: { [call]: INPUT } };
}

test('the first page makes the table that it needs', () => {
  const host = new RealmHost();
  host.call('KVM_CAP_ARM_RME_CREATE_REALM', host.vm);
  host.call('KVM_CAP_ARM_RME_INIT_RIPAS_REALM', host.vm, GPA, 2048 * K);
  expect(text(populate(host, 8 * K, {}, MEASURE))).toMatchInlineSnapshot(`
    "DELEGATE gm[0]
    DATA_CREATE p1 gm[0] 0 src[0] 1 = RTT(2)
    DELEGATE p5
    RTT_CREATE p1 p5 0 3
    DATA_CREATE p1 gm[0] 0 src[0] 1
    DELEGATE gm[4K]
    DATA_CREATE p1 gm[4K] 4K src[4K] 1
    0"
  `);
});

test('the source stays with the VMM, the contents are in the realm', () => {
  const host = prepared(4 * K);
  populate(host, 4 * K);
  expect(host.look('contents', host.pfn() * 4 * K)).toBe('0x14000000 at 0');
  expect(host.look('host_can_read', host.pfn() * 4 * K)).toBe('no');
  expect(host.call('read', host.source, 0, 8).result).toBe('0x14000000');
  expect(host.look('kvm_refs', host.pfn() * 4 * K)).toBe('1');
});

describe('a host page of 64K', () => {
  test('granule 9 fails, granule 4 cannot be undelegated', () => {
    const host = prepared(64 * K);
    const faults = { RMI_DATA_CREATE: { 10: INPUT }, RMI_GRANULE_UNDELEGATE: { 6: INPUT } };
    const { sent, result } = populate(host, 64 * K, faults);
    expect([...sent.slice(18), result, host.granules()].join('\n')).toMatchInlineSnapshot(`
      "DELEGATE gm[36K]
      DATA_CREATE p1 gm[36K] 36K src[36K] 0 = INPUT
      UNDELEGATE gm[36K]
      DATA_DESTROY p1 32K
      UNDELEGATE gm[32K]
      DATA_DESTROY p1 28K
      UNDELEGATE gm[28K]
      DATA_DESTROY p1 24K
      UNDELEGATE gm[24K]
      DATA_DESTROY p1 20K
      UNDELEGATE gm[20K]
      DATA_DESTROY p1 16K
      UNDELEGATE gm[16K] = INPUT
      warn
      DATA_DESTROY p1 12K
      UNDELEGATE gm[12K]
      DATA_DESTROY p1 8K
      UNDELEGATE gm[8K]
      DATA_DESTROY p1 4K
      UNDELEGATE gm[4K]
      DATA_DESTROY p1 0
      UNDELEGATE gm[0]
      leak
      -ENXIO
      UUUUDUUUUUUUUUUU"
    `);
  });

  test('a granule that cannot be delegated needs nothing itself', () => {
    const host = prepared(64 * K);
    const { sent, result } = populate(host, 64 * K, { RMI_GRANULE_DELEGATE: { 3: INPUT } });
    expect([...sent, result, host.granules()].join('\n')).toMatchInlineSnapshot(`
      "DELEGATE gm[0]
      DATA_CREATE p1 gm[0] 0 src[0] 0
      DELEGATE gm[4K]
      DATA_CREATE p1 gm[4K] 4K src[4K] 0
      DELEGATE gm[8K] = INPUT
      DATA_DESTROY p1 4K
      UNDELEGATE gm[4K]
      DATA_DESTROY p1 0
      UNDELEGATE gm[0]
      -ENXIO
      UUUUUUUUUUUUUUUU"
    `);
  });
});

describe.each([4, 16, 64])('host pages of %dK', (kilobytes) => {
  const page = kilobytes * K;
  const calls = populate(prepared(page), page).sent;

  test('two calls a granule', () => {
    expect(calls).toHaveLength((2 * page) / (4 * K));
  });

  test('every call failing in turn', () => {
    for (let nth = 0; nth < calls.length; nth++) {
      const host = prepared(page);
      const { result } = populate(host, page, failing(calls, nth));
      expect(result).toBe('-ENXIO');
      expect(host.granules()).toBe('U'.repeat(page / (4 * K)));
      expect(host.look('leaked_pages')).toBe('0');
      expect(host.call('close gmem', host.gmem).result).toBe('0');
    }
  });

  test('every call of the error path failing in turn: what is not the host’s again is leaked, once', () => {
    const whole = { RMI_DATA_CREATE: { [page / (4 * K)]: INPUT } };
    const unwinding = populate(prepared(page), page, whole).sent;
    for (let nth = calls.length; nth < unwinding.length; nth++) {
      const host = prepared(page);
      const { result } = populate(host, page, { ...whole, ...failing(unwinding, nth) });
      expect(result).toBe('-ENXIO');
      expect(host.granules().replaceAll('U', '')).toHaveLength(1);
      expect(host.look('leaked_pages')).toBe('1');
      const lost = host.pfn() * page;
      expect(host.look('leaked', lost)).toBe('yes');
      expect(host.call('close gmem', host.gmem).result).toBe('0');
      expect(host.look('page_owner', lost)).toBe('detached');
    }
  });
});

test.each([
  ['get_page', 0],
  ['hwpoison', 1],
  ['gmem_mark_in_use', 2],
  ['WARN', 3],
  ['BUG_ON', 4],
])('a page that does not come back, policy %s', (_, policy) => {
  const host = prepared(16 * K);
  host.call('set_policy', policy, 0);
  const faults = { RMI_DATA_CREATE: { 2: INPUT }, RMI_GRANULE_UNDELEGATE: { 2: INPUT } };
  const outcome = populate(host, 16 * K, faults);
  const page = host.pfn() * 16 * K;
  const states = ['leaked', 'hwpoison'].map((view) => `${view} ${host.look(view, page)}`);
  expect([text(outcome), ...states, `host ${host.look('host')}`].join('\n')).toMatchSnapshot();
});

test('regions that are refused', () => {
  const host = prepared(4 * K);
  const slot = 2048 * K;
  const at = (base: number, length: number, flags = 0) =>
    host.call('KVM_CAP_ARM_RME_POPULATE_REALM', host.vm, base, length, flags).result;
  expect(at(GPA - 4 * K, 4 * K)).toBe('-EFAULT');
  expect(at(GPA + slot - 4 * K, 8 * K)).toBe('-EINVAL');
  expect(at(GPA + 1, 4 * K)).toBe('-EINVAL');
  expect(at(GPA, 4 * K, 2)).toBe('-EINVAL');
  host.call('KVM_SET_USER_MEMORY_REGION2', host.vm, 1, GPA + slot, slot, host.source, 0, 0, 0, 0);
  expect(at(GPA + slot, 4 * K)).toBe('-EPERM');
  host.call('munmap', host.source);
  expect(at(GPA, 4 * K)).toBe('-EFAULT');
});
