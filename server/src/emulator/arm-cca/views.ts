// What can be asked of the host's side of realms.
import type { View } from '../view.ts';
import { COPIES_PER_PAGE, EXTRA_PAGES, REALM_STATES, ROUND_TRIPS } from './host.ts';

/** A number about the last populate through temporary pages. */
const ofPopulate = (name: string, summary: string, column: number): View => ({
  name,
  summary,
  states: [],
  reference: 'the thread on in-place conversion and populate',
  params: [],
  absent: 'there is no such thing',
  read: ({ cca }) => cca.policy.get(0, column),
  cells: ({ cca }) => [cca.policy.cell(0, column)],
});

export const CCA_VIEWS: readonly View[] = [
  {
    name: 'realm_state',
    summary: 'What KVM thinks of a realm, beside what the RMM says.',
    states: REALM_STATES,
    reference: 'arch/arm64/include/asm/kvm_rme.h: enum realm_state, CCA host series v9',
    params: [{ name: 'vm', type: 'vm', text: 'the VM' }],
    absent: 'there is no such VM',
    read: ({ linux }, [vm = 0]) => REALM_STATES[linux.vms.rows.get(vm, 'state')],
    cells: ({ linux }, [vm = 0]) => [linux.vms.rows.cell(vm, 'state')],
  },
  ofPopulate('populate_round_trips', 'Chunks in which the last populate through temporary pages went.', ROUND_TRIPS),
  ofPopulate('populate_extra_pages', 'Pages that the last populate through temporary pages borrowed.', EXTRA_PAGES),
  ofPopulate('populate_copies', 'Copies of each page in the last populate through temporary pages.', COPIES_PER_PAGE),
];
