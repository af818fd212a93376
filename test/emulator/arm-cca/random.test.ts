// Realms under random but repeatable calls, with and without faults: the invariants of kernel and RMM hold after every step.
import { describe, expect, test } from 'vitest';
import { type Faults, GPA, RealmHost } from './realm-host.ts';

const K = 1024;
const PRIVATE = 8;
const INPUT = 1;
const PUNCH_HOLE = 3;
const FAILING = [
  'RMI_GRANULE_DELEGATE',
  'RMI_GRANULE_UNDELEGATE',
  'RMI_DATA_CREATE',
  'RMI_DATA_CREATE_UNKNOWN',
  'RMI_RTT_CREATE',
  'RMI_RTT_MAP_UNPROTECTED',
  'RMI_RTT_SET_RIPAS',
] as const;

/** A linear congruential generator: the same seed gives the same calls. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

interface World {
  readonly host: RealmHost;
  readonly vcpu: number;
  readonly page: number;
  readonly pick: (below: number) => number;
}

const PAGES = 8;

/** The guest does something, and the VMM answers an exit: it converts the page as the guest wants, or lets the guest go on elsewhere. */
function run({ host, vcpu, page, pick }: World, faults: Faults, ...action: readonly [string, ...number[]]): string {
  const result = host.runWith(faults, vcpu, action).split('\n').at(-1) ?? '';
  const [, place = '', flags = ''] = /gpa (\d+)K? flags (\d)/.exec(result) ?? [];
  if (place !== '' && pick(4) > 0) {
    host.call('KVM_SET_MEMORY_ATTRIBUTES', host.vm, GPA + Number(place) * K, page, Number(flags), 0);
  } else if (!result.endsWith('= 0')) host.call('KVM_SET_REGS', vcpu);
  return result;
}

/** One random call of the VMM; what came of it. */
function act(world: World, faults: Faults): string {
  const { host, page, pick } = world;
  const offset = pick(PAGES) * page;
  const gpa = GPA + offset;
  const shared = 2 ** 39;
  switch (pick(10)) {
    case 0:
    case 1:
      return run(world, faults, 'write', gpa, 1 + pick(9));
    case 2:
      return run(world, faults, 'read', gpa + shared);
    case 3:
      return run(world, faults, 'write', gpa + shared, 5);
    case 4:
    case 5:
      return run(world, faults, 'RSI_IPA_STATE_SET', gpa, gpa + page, pick(2), 1);
    case 6:
      return host.callWith(faults, 'KVM_SET_MEMORY_ATTRIBUTES', host.vm, gpa, page, 0, 0).result;
    case 7:
      return host.callWith(faults, 'KVM_SET_MEMORY_ATTRIBUTES', host.vm, gpa, page, PRIVATE, 0).result;
    case 8:
      return host.callWith(faults, 'fallocate', host.gmem, PUNCH_HOLE, offset, page).result;
    default:
      return host.callWith(faults, 'madvise', host.source, offset, page, 4).result;
  }
}

function closed({ host, vcpu }: World): string {
  host.call('close gmem', host.gmem);
  host.call('munmap', host.source);
  host.call('close vcpu', vcpu);
  host.call('close vm', host.vm);
  const { linux } = host.machine;
  return `${linux.allocator.inUse} in use, ${linux.counters.get(0, 1)} leaked`;
}

describe.each([4, 16, 64])('host pages of %dK', (kilobytes) => {
  const world = (seed: number): World => {
    const page = kilobytes * K;
    return { ...RealmHost.running({ pageSize: page }), page, pick: numbers(seed) };
  };

  test('without faults everything comes back', () => {
    for (let seed = 1; seed <= 12; seed++) {
      const one = world(seed);
      for (let i = 0; i < 60; i++) act(one, {});
      expect(closed(one)).toBe('0 in use, 0 leaked');
    }
  });

  test('with faults what does not come back is leaked', () => {
    for (let seed = 1; seed <= 12; seed++) {
      const one = world(seed);
      for (let i = 0; i < 60; i++) {
        const name = FAILING[one.pick(FAILING.length)] ?? FAILING[0];
        act(one, { [name]: { [1 + one.pick(3)]: INPUT } });
      }
      const [inUse, leaked] = closed(one).split(', ').map(Number.parseFloat);
      expect(inUse).toBe(leaked);
    }
  });
});
