// A memslot goes away while populate uses it: every interleaving of the two calls.
import { expect, test } from 'vitest';
import { OPERATIONS } from '../../../server/src/emulator/index.ts';
import { linuxViolations } from '../../../server/src/emulator/linux/invariants.ts';
import { violations } from '../../../server/src/emulator/rmm/invariants.ts';
import { GPA, RealmHost } from './realm-host.ts';

const K = 1024;
const PRIVATE = 8;
const POPULATE = 0;
const DELETION = 1;

type Call = readonly [name: string, ...registers: number[]];

/** What came of every interleaving, each once: what populate returned, and to whom the pages belong in the end. */
function outcomes(host: RealmHost, populate: Call): string[] {
  const { machine } = host;
  const { flows, store } = machine;
  const calls: readonly Call[] = [populate, ['KVM_SET_USER_MEMORY_REGION2', host.vm, 0, 0, 0, 0, 0, 0, 0, 0]];
  const forms = calls.map(([name, ...registers], actor) => {
    const operation = OPERATIONS.get(name);
    if (!operation || !('flow' in operation)) throw new Error(`no ${name}`);
    flows.start(actor, operation.flow, registers);
    return operation.form;
  });
  const found = new Set<string>();
  const visited = new Set<string>();
  const ends = (actor: number, ended: number | undefined) =>
    ended === undefined ? '' : `${actor === POPULATE ? 'populate' : 'deletion'} ${forms[actor]?.text(ended)}; `;

  const explore = (moment: number, said: string): void => {
    let progressed = false;
    for (const actor of [POPULATE, DELETION]) {
      store.seek(moment);
      if (flows.depth(actor) === 0) continue;
      const { waiting, ended, command } = flows.step(actor);
      if (waiting) continue;
      progressed = true;
      const next = store.commit();
      const writes = store.writesOf(next);
      expect(linuxViolations(machine, writes, command?.operation)).toEqual([]);
      expect(violations(machine.rmm, writes)).toEqual([]);
      const told = said + ends(actor, ended);
      const state = `${store.hash} ${told}`;
      if (visited.has(state)) continue;
      visited.add(state);
      explore(next, told);
    }
    store.seek(moment);
    if (progressed) return;
    expect([flows.depth(POPULATE), flows.depth(DELETION)]).toEqual([0, 0]);
    const pages = host.pfn() === 0 ? 'no page' : host.granules() + host.granules(4 * K);
    found.add(`${said}pages ${pages}, ${machine.linux.leaked} leaked`);
  };
  explore(store.commit(), '');
  return [...found].sort();
}

test('v9 looks slots up under SRCU: the deletion waits, and then takes back what populate has done', () => {
  const host = new RealmHost({ bytes: 8 * K });
  host.call('KVM_CAP_ARM_RME_CREATE_REALM', host.vm);
  host.call('KVM_CAP_ARM_RME_INIT_RIPAS_REALM', host.vm, GPA, 8 * K);
  expect(outcomes(host, ['KVM_CAP_ARM_RME_POPULATE_REALM', host.vm, GPA, 8 * K, 0])).toMatchInlineSnapshot(`
    [
      "deletion 0; populate -EFAULT; pages no page, 0 leaked",
      "deletion 0; populate 0; pages UU, 0 leaked",
      "populate -EFAULT; deletion 0; pages no page, 0 leaked",
      "populate 0; deletion 0; pages UU, 0 leaked",
    ]
  `);
});

test('so does populate through temporary pages', () => {
  const host = new RealmHost({ bytes: 8 * K });
  host.call('KVM_CAP_ARM_RME_CREATE_REALM', host.vm);
  host.call('KVM_CAP_ARM_RME_INIT_RIPAS_REALM', host.vm, GPA, 8 * K);
  host.call('fallocate', host.gmem, 1, 0, 8 * K);
  host.call('set_policy', 0, 1);
  expect(outcomes(host, ['KVM_CAP_ARM_RME_POPULATE_REALM', host.vm, GPA, 8 * K, 0])).toMatchInlineSnapshot(`
    [
      "deletion 0; populate -EFAULT; pages UU, 0 leaked",
      "deletion 0; populate -EINVAL; pages UU, 0 leaked",
      "deletion 0; populate 0; pages UU, 0 leaked",
      "populate -EFAULT; deletion 0; pages UU, 0 leaked",
      "populate -EINVAL; deletion 0; pages UU, 0 leaked",
      "populate 0; deletion 0; pages UU, 0 leaked",
    ]
  `);
});

test('v13 holds the lock of the slots: one after the other', () => {
  const host = new RealmHost({ profile: 'linux/cca-v13', bytes: 8 * K });
  host.call('KVM_SET_MEMORY_ATTRIBUTES', host.vm, GPA, 8 * K, PRIVATE, 0);
  host.call('memset', host.source, 0, 8 * K, 0x42);
  expect(outcomes(host, ['KVM_ARM_RMI_POPULATE', host.vm, GPA, 8 * K, host.source, 0, 0, 0])).toMatchInlineSnapshot(`
    [
      "deletion 0; populate -EINVAL; pages no page, 0 leaked",
      "populate 0; deletion 0; pages UU, 0 leaked",
    ]
  `);
});
