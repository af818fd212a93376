// RMI_REALM_ACTIVATE: the realm's initial contents are complete. RMM 1.0, B4.3.8.
import { realm, realmIsNew } from '../checks.ts';
import { command } from '../command.ts';
import { REALM_STATES } from '../realms.ts';

export const realmActivate = command({
  name: 'RMI_REALM_ACTIVATE',
  fid: 0xc4000157,
  section: 'B4.3.8',
  summary: 'Ends the construction of a realm: from here its RIM is fixed and its RECs may run.',
  params: { rd: { type: 'pa', text: 'realm descriptor' } },
  steps: [realm, realmIsNew],
  effects: ['the realm becomes ACTIVE'],
  execute({ realms, realm: rd }) {
    realms.set(rd, 'state', REALM_STATES.indexOf('ACTIVE'));
  },
});
