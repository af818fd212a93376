// Choosing between the alternatives that the list discussed, where a kernel would have to be rebuilt.
import { type Flow, flow } from '../flow.ts';
import { INVALIDATE_PLACES } from '../guest-memfd/arch-invalidate.ts';
import { POPULATE_FIRST, REFUSE_RUN } from '../linux/linux.ts';
import { type Checks, firstFailure, systemCall } from '../linux/system-call.ts';
import { POPULATE_DESTINATION, POPULATE_DESTINATIONS, TEMPORARY_PAGES, UNDELEGATE_POLICIES } from './host.ts';

/** Pages that a populate call may borrow at most: 1 GiB of pages of 4K. */
const MOST_TEMPORARY_PAGES = 2 ** 18;

/** Whether pages are converted before they are populated, or afterwards. */
const POPULATE_ORDERS = { convert_first: 0, populate_first: 1 } as const;

/** What KVM_RUN does while a process maps a private page. */
const MAPPED_PRIVATE = { run: 0, refuse_run: 1 } as const;

const checks: Checks = [
  {
    id: 'policy',
    text: 'each is one of its alternatives, and temporary_pages is at most 262144',
    errno: 'EINVAL',
    argument: 'on_undelegate_failure',
    holds: (_, [policy = 0, pages = 0, order = 0, run = 0, destination = 0]) =>
      policy < UNDELEGATE_POLICIES.length &&
      pages <= MOST_TEMPORARY_PAGES &&
      order <= POPULATE_ORDERS.populate_first &&
      run <= MAPPED_PRIVATE.refuse_run &&
      destination <= POPULATE_DESTINATIONS.private_fault,
  },
  {
    id: 'private_fault',
    text: 'populate_destination=private_fault: populate calls the platform for each page, and lookups take no lock that it holds then',
    errno: 'EINVAL',
    argument: 'populate_destination',
    holds: ({ linux: { profile } }, [, , , , destination = 0]) =>
      destination === POPULATE_DESTINATIONS.lookup || (profile.cca !== 'v9' && profile.attributes === 'vm'),
  },
  {
    id: 'gmem_invalidate',
    text: 'gmem_invalidate is one of the alternatives',
    errno: 'EINVAL',
    argument: 'gmem_invalidate',
    holds: (_, [, , , , , place = 0]) => place < INVALIDATE_PLACES.length,
  },
];

const choose: Flow = flow({
  name: 'set_policy',
  reference: 'no kernel has such a call: each alternative is another kernel',
  params: ['undelegate', 'pages', 'order', 'run', 'destination', 'invalidate'],
  locals: { undelegate: 'flag', pages: 'number', order: 'flag', run: 'flag', destination: 'flag', invalidate: 'flag' },
  steps: {
    set: {
      text: 'a kernel that decides otherwise is built',
      run(f) {
        const failed = firstFailure(checks, f.machine, [
          f.undelegate,
          f.pages,
          f.order,
          f.run,
          f.destination,
          f.invalidate,
        ]);
        if (failed !== 0) return f.return(failed);
        const { policy } = f.machine.cca;
        f.machine.linux.gmem.policy.set(0, 0, f.invalidate);
        policy.set(0, 0, f.undelegate);
        policy.set(0, TEMPORARY_PAGES, f.pages);
        policy.set(0, POPULATE_DESTINATION, f.destination);
        f.machine.linux.policy.set(0, POPULATE_FIRST, f.order);
        f.machine.linux.policy.set(0, REFUSE_RUN, f.run);
      },
    },
  },
});

const [GET_PAGE = 0, HWPOISON = 0, IN_USE = 0, WARN = 0, BUG_ON = 0] = UNDELEGATE_POLICIES.map((_, i) => i);

export const setPolicy = systemCall({
  name: 'set_policy',
  actor: 'host',
  since: 'linux/6.18',
  summary:
    'Chooses between alternatives of the list: each is another kernel. What is left out is as the version has it.',
  reference:
    'the threads on the populate patch of the CCA host series v9, on in-place conversion and populate, and on pins of guest memory; RFC gmem v1 of 2023-10',
  params: [
    {
      name: 'on_undelegate_failure',
      type: 'flags',
      text: 'a host page of which the RMM does not give a granule back, because it cannot be undelegated or not be taken from the realm: keep a reference, poison it, tell guest_memfd, only warn, or stop the host',
      flags: { get_page: GET_PAGE, hwpoison: HWPOISON, gmem_mark_in_use: IN_USE, WARN, BUG_ON },
      optional: true,
    },
    {
      name: 'temporary_pages',
      type: 'u64',
      text: '0: populate takes a source of the VMM; otherwise it copies the pages themselves through this many temporary ones',
      optional: true,
    },
    {
      name: 'populate_order',
      type: 'flags',
      text: 'private pages alone are populated, or shared ones too, which the VMM converts afterwards',
      flags: POPULATE_ORDERS,
      optional: true,
    },
    {
      name: 'on_mapped_private',
      type: 'flags',
      text: 'a process maps a private page when a vCPU is to run: it runs, or KVM_RUN is -EBUSY',
      flags: MAPPED_PRIVATE,
      optional: true,
    },
    {
      name: 'populate_destination',
      type: 'flags',
      text: 'populate finds the page to fill by a lookup in the guest_memfd, or by a private fault that it simulates, as TDX does',
      flags: POPULATE_DESTINATIONS,
      optional: true,
    },
    {
      name: 'gmem_invalidate',
      type: 'flags',
      text: 'none: what a realm loses is given back at once; otherwise it stays delegated until guest_memfd tells the architecture that pages go away: when a folio is freed, at holes and release, at the end of the inode, or when a folio is invalidated, with data on the folio that a split loses, that is searched for after it, or that truncation keeps',
      flags: Object.fromEntries(INVALIDATE_PLACES.map((place, i) => [place, i])),
      optional: true,
    },
  ],
  errors: ['EINVAL'],
  checks,
  effects: ['later calls behave as the kernel of that alternative would'],
  flow: choose,
});
