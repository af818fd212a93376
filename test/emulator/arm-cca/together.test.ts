// Two vCPUs of a realm run at the same time, each on a PE of its own.
import { expect, test } from 'vitest';
import { GUEST_OPERATIONS, OPERATIONS } from '../../../server/src/emulator/index.ts';
import type { GuestAction } from '../../../server/src/emulator/kvm/guest.ts';
import { guestRead, guestWrite } from '../../../server/src/emulator/kvm/guest-access.ts';
import { GPA, RealmHost } from './realm-host.ts';

function twoVcpus(): { host: RealmHost; vcpus: readonly [number, number] } {
  const host = new RealmHost();
  host.call('KVM_CAP_ARM_RME_CREATE_REALM', host.vm);
  host.call('KVM_CAP_ARM_RME_INIT_RIPAS_REALM', host.vm, GPA, 2 ** 21);
  const vcpus = [host.vcpu(0), host.vcpu(1)] as const;
  for (const vcpu of vcpus) host.call('KVM_ARM_VCPU_FINALIZE', vcpu, 8);
  host.call('KVM_CAP_ARM_RME_ACTIVATE_REALM', host.vm);
  host.run(vcpus[0], ['PSCI_CPU_ON', 1, GPA, 0]);
  return { host, vcpus };
}

/** Runs both vCPUs step by step in turn, `ahead` steps of the first before the second; the actions of each are given. */
function together(
  { host, vcpus }: ReturnType<typeof twoVcpus>,
  actions: readonly [GuestAction[], GuestAction[]],
  ahead: number,
): string {
  const { machine } = host;
  machine.guest = { next: (_, vcpu) => actions[vcpu === vcpus[0] ? 0 : 1].shift() };
  const run = OPERATIONS.get('KVM_RUN');
  if (!run || !('flow' in run)) throw new Error('no KVM_RUN');
  const told: string[] = [];
  const step = (actor: number) => {
    const { command, ended = 0 } = machine.flows.step(actor);
    if (ended !== 0) told.push(`${actor}: KVM_RUN = ${run.form.text(ended)}`);
    machine.store.commit();
    const name = command?.operation.name ?? '';
    const isTold = name.includes('DATA_CREATE') || command?.operation.actor === 'guest';
    if (command && isTold && command.code !== -3000) {
      told.push(`${actor}: ${name} = ${command.operation.form.text(command.code)}`);
    }
  };
  machine.flows.start(0, run.flow, [vcpus[0]]);
  machine.flows.start(1, run.flow, [vcpus[1]]);
  for (let i = 0; i < ahead; i++) step(0);
  for (let steps = 0; machine.flows.depth(0) + machine.flows.depth(1) > 0; steps++) {
    if (steps > 2000) throw new Error('the vCPUs do not end');
    for (const actor of [0, 1]) if (machine.flows.depth(actor) > 0) step(actor);
  }
  return told.join('\n');
}

const action = (operation: GuestAction['operation'] | undefined, ...registers: number[]): GuestAction => {
  if (!operation) throw new Error('no such action');
  return { operation, registers };
};

test('the first run activates the realm, and another vCPU that is run meanwhile waits for it', () => {
  const host = new RealmHost({ profile: 'linux/cca-v13' });
  host.call('KVM_SET_MEMORY_ATTRIBUTES', host.vm, GPA, 2 ** 21, 8, 0);
  const vcpus = [host.vcpu(0), host.vcpu(1)] as const;
  const told = together({ host, vcpus }, [[action(guestRead, GPA, 8, 1)], []], 0);
  expect(told.split('\n').at(-1)).toBe('0: read = 0x0');
  expect(told).not.toContain('KVM_RUN');
});

test('a call of one is not a call of the other', () => {
  const world = twoVcpus();
  const off = action(GUEST_OPERATIONS.get('PSCI_CPU_OFF'));
  together(world, [[off], [action(GUEST_OPERATIONS.get('WFI')), action(GUEST_OPERATIONS.get('WFI'))]], 0);
  const { rmm, cca } = world.host.machine;
  const runnable = world.vcpus.map((vcpu) => rmm.recs.get(rmm.granules.row(cca.recs.get(vcpu, 'rec')), 'runnable'));
  expect(runnable).toEqual([0, 1]);
});

test('both fault on one page, and it is made once, whoever comes first', () => {
  const outcomes = new Set<string>();
  for (let ahead = 0; ahead < 24; ahead++) {
    const world = twoVcpus();
    const told = together(world, [[action(guestWrite, GPA, 0x5a, 8, 2)], [action(guestRead, GPA, 8, 2)]], ahead);
    expect(world.host.look('kvm_refs', world.host.pfn() * 4096)).toBe('1');
    expect(world.host.granules()).toBe('*');
    outcomes.add(told.split('\n').sort().join(' | '));
  }
  expect([...outcomes].sort().join('\n')).toMatchInlineSnapshot(`
    "0: RMI_DATA_CREATE_UNKNOWN = RMI_ERROR_RTT(2) | 0: RMI_DATA_CREATE_UNKNOWN = RMI_SUCCESS | 0: write = 0x0 | 1: read = 0x0
    0: RMI_DATA_CREATE_UNKNOWN = RMI_ERROR_RTT(2) | 0: RMI_DATA_CREATE_UNKNOWN = RMI_SUCCESS | 0: write = 0x0 | 1: read = 0x5a"
  `);
});
