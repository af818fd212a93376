// RMI_REC_ENTER: runs a REC until it exits. RMM 1.0, B4.3.14.
import { granule, hostPage, hostReadable, REC, recIsReady } from '../checks.ts';
import { type Args, check, command } from '../command.ts';
import { isValidGicEntry } from '../gic.ts';
import { enter, entryFlags } from '../guest/entry.ts';
import { REALM_STATES } from '../realms.ts';
import type { Rmm } from '../rmm.ts';
import { type Failure, rmiCode } from '../status.ts';
import { REC_ENTRY_FLAG_EMUL_MMIO, REC_ENTRY_FLAG_INJECT_SEA, RMI_REC_RUN } from '../structures.ts';

type Entry = Args<'rec' | 'run_ptr'>;

const realmFailure = (index: 0 | 1): Failure<Rmm, unknown> => ({
  text: `RMI_ERROR_REALM(${index})`,
  code: () => rmiCode('RMI_ERROR_REALM', index),
});

const row = ({ granules }: Rmm, { rec }: Entry) => granules.row(rec);
const stateCell = (rmm: Rmm, args: Entry) => [rmm.realms.cell(rmm.recs.get(row(rmm, args), 'owner'), 'state')];

const realmState = (id: string, text: string, state: 'NEW' | 'SYSTEM_OFF', failure: Failure<Rmm, unknown>) =>
  check<Entry>(
    id,
    text,
    failure,
    (rmm, args) => rmm.realms.get(rmm.recs.get(row(rmm, args), 'owner'), 'state') !== REALM_STATES.indexOf(state),
    stateCell,
  );

const asks = (rmm: Rmm, { run_ptr }: Entry, flag: bigint) => (entryFlags(rmm, run_ptr) & flag) !== 0n;
const wasEmulatable = (rmm: Rmm, args: Entry) => rmm.recs.get(row(rmm, args), 'abort_esr') !== 0;
const abortCell = (rmm: Rmm, args: Entry) => [rmm.recs.cell(row(rmm, args), 'abort_esr')];

export const recEnter = command({
  name: 'RMI_REC_ENTER',
  fid: 0xc400015c,
  section: 'B4.3.14',
  summary: 'Runs a REC until something happens that the host must know of.',
  params: {
    rec: { type: 'pa', text: 'the REC' },
    run_ptr: {
      type: 'structure',
      text: 'page of the host for entry and exit, or the fields to write there',
      structure: RMI_REC_RUN,
    },
  },
  steps: [
    ...hostPage('run_ptr', 'run'),
    granule('rec', 'rec', 'REC', 'rec_gran_state'),
    recIsReady,
    hostReadable('run_ptr', 'run'),
    realmState('realm_new', 'the realm is not NEW', 'NEW', realmFailure(0)),
    realmState('system_off', 'the realm is not SYSTEM_OFF', 'SYSTEM_OFF', realmFailure(1)),
    check<Entry>(
      'rec_runnable',
      'the REC is runnable',
      REC,
      (rmm, args) => rmm.recs.get(row(rmm, args), 'runnable') === 1,
      (rmm, args) => [rmm.recs.cell(row(rmm, args), 'runnable')],
    ),
    check<Entry>(
      'rec_psci',
      'no PSCI request of the REC waits for the host',
      REC,
      (rmm, args) => rmm.recs.get(row(rmm, args), 'psci_pending') === 0,
      (rmm, args) => [rmm.recs.cell(row(rmm, args), 'psci_pending')],
    ),
    check<Entry>(
      'rec_gicv3',
      'gicv3_hcr and the list registers hold only what a host may set',
      REC,
      (rmm, { run_ptr }) => isValidGicEntry(rmm.pages.contents, rmm.pages.bytes(run_ptr)),
    ),
    {
      ...check<Entry>(
        'inject_sea',
        'with inject_sea, the last exit was a data abort at an unprotected IPA',
        REC,
        (rmm, args) =>
          rmm.model === 'rmm/1.0' || !asks(rmm, args, REC_ENTRY_FLAG_INJECT_SEA) || wasEmulatable(rmm, args),
        abortCell,
      ),
      only: 'rmm/1.0-tf',
    },
    check<Entry>(
      'rec_mmio',
      'with emul_mmio and without inject_sea, the last exit was an Emulatable Data Abort',
      REC,
      (rmm, args) =>
        !asks(rmm, args, REC_ENTRY_FLAG_EMUL_MMIO) ||
        asks(rmm, args, REC_ENTRY_FLAG_INJECT_SEA) ||
        wasEmulatable(rmm, args),
      abortCell,
    ),
  ],
  effects: [
    'what the last exit left open is finished: an emulated access, an abort for the realm, a RIPAS change, a host call',
    'the REC is RUNNING until it exits; then the exit stands in the run page and the REC is READY',
    'if the run page is not the host’s any more by then, the result is RMI_ERROR_INPUT and the REC did run',
  ],
  execute(rmm, { rec, run_ptr }) {
    enter(rmm, rmm.granules.row(rec), run_ptr);
  },
});
