// The later series: realms are created by the first populate and activated by the first KVM_RUN.
import { describe, expect, test } from 'vitest';
import { OPERATIONS } from '../../../server/src/emulator/index.ts';
import { GPA, RealmHost } from './realm-host.ts';

const INPUT = 1;
const K = 1024;
const PRIVATE = 8;

function host(profile = 'linux/cca-v13'): RealmHost {
  const made = new RealmHost({ profile, bytes: 64 * K });
  made.call('KVM_SET_MEMORY_ATTRIBUTES', made.vm, GPA, 64 * K, PRIVATE, 0);
  made.call('memset', made.source, 0, 64 * K, 0x42);
  return made;
}

/** Output registers of populate: base and size, from the beginning of the slot on. */
const populate = (made: RealmHost, base: number, length: number, source = made.source, flags = 0) => {
  const { sent, result, outputs } = made.call('KVM_ARM_RMI_POPULATE', made.vm, base, length, source, 0, flags, 0);
  return [...sent, `${result} {base: ${(outputs[0] ?? 0) - GPA}, size: ${outputs[1]}}`].join('\n');
};

test.each(['linux/cca-v12', 'linux/cca-v13'])('%s: populate creates, the first run activates', (profile) => {
  const made = host(profile);
  const vcpu = made.vcpu(0);
  expect(populate(made, GPA, 8 * K, made.source, 1)).toMatchSnapshot();
  expect(made.look('realm_state', made.vm)).toBe('NEW');
  const lines = made.run(vcpu, ['read', GPA, 1]).split('\n');
  expect(lines.filter((line) => !line.startsWith('DELEGATE')).join('\n')).toMatchSnapshot();
  expect(made.look('ripas', made.rd, GPA + 60 * K)).toBe('RAM');
  expect(made.look('kvm_refs', made.pfn() * 4 * K)).toBe(profile === 'linux/cca-v12' ? '1' : '0');
  expect(populate(made, GPA + 8 * K, 4 * K)).toBe(`-EBUSY {base: ${8 * K}, size: ${4 * K}}`);
});

test('a run without populate', () => {
  const made = host();
  expect(made.run(made.vcpu(0), ['read', GPA]).split('\n').at(-1)).toBe('KVM_RUN = 0');
});

test('an activation that fails leaves a dead realm', () => {
  const made = host();
  const vcpu = made.vcpu(0);
  expect(
    made
      .runWith({ RMI_REALM_ACTIVATE: { 1: INPUT } }, vcpu)
      .split('\n')
      .at(-1),
  ).toBe('KVM_RUN = -ENXIO');
  expect(made.look('realm_state', made.vm)).toBe('DEAD');
  expect(made.run(vcpu)).toBe('KVM_RUN = -EINVAL');
  expect(populate(made, GPA, 4 * K)).toBe(`-ENXIO {base: 0, size: ${4 * K}}`);
});

test('calls that are refused', () => {
  const made = host();
  const results = [
    populate(made, GPA + 1, 4 * K),
    populate(made, GPA, 4 * K, made.source, 2),
    populate(made, GPA, 4 * K, 0)
      .split('\n')
      .at(-1),
    populate(made, GPA - 4 * K, 4 * K),
  ];
  expect(results.join('\n')).toMatchInlineSnapshot(`
    "-EINVAL {base: 1, size: 4096}
    -EINVAL {base: 0, size: 4096}
    -EOPNOTSUPP {base: 0, size: 4096}
    -EINVAL {base: -4096, size: 4096}"
  `);
});

test('a page that fails half way is not counted', () => {
  const made = host();
  const { result, outputs } = made.callWith(
    { RMI_DATA_CREATE: { 4: INPUT } },
    'KVM_ARM_RMI_POPULATE',
    made.vm,
    GPA,
    16 * K,
    made.source,
    0,
    0,
    0,
  );
  expect(`${result} ${outputs[1]} left`).toMatchInlineSnapshot(`"0 8192 left"`);
});

describe.each(['linux/cca-v12', 'linux/cca-v13'])(
  '%s: the destination by a private fault that populate simulates',
  (profile) => {
    /** Flows and RMI commands of one populate, each once. */
    function passed(made: RealmHost): string[] {
      const { flows, store } = made.machine;
      const call = OPERATIONS.get('KVM_ARM_RMI_POPULATE');
      if (!call || !('flow' in call)) throw new Error('no such call');
      const seen = new Set<string>();
      flows.start(0, call.flow, [made.vm, GPA, 4 * K, made.source, 0, 0, 0]);
      for (;;) {
        const { flow, command, ended } = flows.step(0);
        store.commit();
        seen.add(flow.name);
        if (command?.operation.actor === 'RMM') seen.add(command.operation.name);
        if (ended !== undefined) return [...seen, call.form.text(ended)];
      }
    }

    test('finds the page that a lookup finds, and the realm begins the same', () => {
      const outcomes = [0, 1].map((destination) => {
        const made = host(profile);
        const vcpu = made.vcpu(0);
        made.call('set_policy', 0, 0, 0, 0, destination);
        const names = passed(made);
        const faults = names.includes('kvm_handle_guest_abort');
        const refs = made.look('kvm_refs', made.pfn() * 4 * K);
        const ran = made
          .run(vcpu, ['read', GPA, 1])
          .split('\n')
          .filter((line) => !line.startsWith('DELEGATE'));
        return { faults, end: names.at(-1), unknown: names.includes('RMI_DATA_CREATE_UNKNOWN'), refs, ran };
      });
      const [lookup, fault] = outcomes;
      expect(lookup?.faults).toBe(false);
      expect(fault).toEqual({ ...lookup, faults: true });
      expect(fault?.end).toBe('0');
      expect(fault?.unknown).toBe(false);
    });

    test('needs a vCPU, which a call on the VM does not name', () => {
      const made = host(profile);
      made.call('set_policy', 0, 0, 0, 0, 1);
      expect(passed(made).at(-1)).toBe('-EINVAL');
    });
  },
);

test.each(['linux/cca-v9', 'linux/inplace-v8'])('%s cannot simulate one', (profile) => {
  const made = new RealmHost({ profile, bytes: 64 * K });
  expect(made.call('set_policy', 0, 0, 0, 0, 1).result).toBe('-EINVAL');
});

describe('populate through temporary pages', () => {
  test.each([1, 3, 16, 15])('%d pages for 16', (pages) => {
    const made = host();
    populate(made, GPA, 4 * K);
    made.call('set_policy', 0, pages);
    made.call('fallocate', made.gmem, 1, 0, 64 * K);
    const { linux } = made.machine;
    const inode = linux.gmem.inodeOf(made.gmem);
    for (let i = 1; i < 16; i++) {
      linux.folios.pages.setBytes(linux.gmem.pfnAt(inode, i) * 4 * K, linux.folios.pages.contents.filled(i));
    }
    const inUse = made.machine.linux.allocator.inUse;
    const text = populate(made, GPA + 4 * K, 60 * K, 0)
      .split('\n')
      .at(-1);
    const views = ['populate_round_trips', 'populate_extra_pages', 'populate_copies'].map((view) => made.look(view));
    expect([text, views.join(' ')].join('\n')).toMatchSnapshot();
    expect(made.look('contents', made.pfn(20 * K) * 4 * K)).toBe('0x5 all over');
    expect(made.machine.linux.allocator.inUse - inUse).toBe(0);
  });
});
