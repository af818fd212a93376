// RMI_PSCI_COMPLETE: the host names the target of a PSCI request and says whether it agrees. RMM 1.0, B4.3.7.
import { toRegister } from '../../registers.ts';
import { addressChecks, granuleState, INPUT } from '../checks.ts';
import { type Args, check, command } from '../command.ts';
import { recIndex } from '../mpidr.ts';
import { PSCI, psciNumber } from '../psci.ts';
import { GPRS } from '../recs.ts';
import type { Rmm } from '../rmm.ts';

type Recs = Args<'calling_rec' | 'target_rec'>;
type Call = Args<'calling_rec' | 'target_rec' | 'status'>;

const SUCCESS = 0;
const DENIED = toRegister(PSCI.DENIED, 'flags');

const calling = ({ granules }: Rmm, { calling_rec }: Args<'calling_rec'>) => granules.row(calling_rec);
const target = ({ granules }: Rmm, { target_rec }: Args<'target_rec'>) => granules.row(target_rec);

/** The PSCI function that the calling REC waits for. */
const isCpuOn = (rmm: Rmm, args: Recs) => {
  const fid = rmm.recs.x(calling(rmm, args), 0);
  return fid === PSCI.CPU_ON || fid === PSCI.CPU_ON_32;
};

/** A REC is on while it may run or does. */
const isOn = (rmm: Rmm, rec: number) => rmm.recs.get(rec, 'runnable') === 1 || rmm.recs.get(rec, 'running') !== 0;

export const psciComplete = command({
  name: 'RMI_PSCI_COMPLETE',
  fid: 0xc4000164,
  section: 'B4.3.7',
  summary: 'Completes a PSCI request of a REC that concerns another REC.',
  params: {
    calling_rec: { type: 'pa', text: 'REC that asked' },
    target_rec: { type: 'pa', text: 'REC that it asked about' },
    status: {
      type: 'flags',
      text: 'what the host answers',
      flags: { PSCI_SUCCESS: PSCI.SUCCESS, PSCI_DENIED: PSCI.DENIED },
    },
  },
  steps: [
    addressChecks('calling_rec', 'calling')[0],
    addressChecks('target_rec', 'target')[0],
    check<Recs>(
      'alias',
      'calling_rec and target_rec differ',
      INPUT,
      (_rmm, args) => args.calling_rec !== args.target_rec,
    ),
    addressChecks('calling_rec', 'calling')[1],
    granuleState('calling_rec', 'calling_state', 'REC'),
    addressChecks('target_rec', 'target')[1],
    granuleState('target_rec', 'target_state', 'REC'),
    {
      ...check<Args<'calling_rec'>>(
        'calling_running',
        'calling_rec does not run',
        INPUT,
        (rmm, args) => rmm.model === 'rmm/1.0' || rmm.recs.get(calling(rmm, args), 'running') === 0,
        (rmm, args) => [rmm.recs.cell(calling(rmm, args), 'running')],
      ),
      only: 'rmm/1.0-tf',
    },
    check<Args<'calling_rec'>>(
      'pending',
      'calling_rec waits for a PSCI request',
      INPUT,
      (rmm, args) => rmm.recs.get(calling(rmm, args), 'psci_pending') === 1,
      (rmm, args) => [rmm.recs.cell(calling(rmm, args), 'psci_pending')],
    ),
    check<Recs>(
      'owner',
      'both RECs belong to one realm',
      INPUT,
      (rmm, args) => rmm.recs.get(calling(rmm, args), 'owner') === rmm.recs.get(target(rmm, args), 'owner'),
    ),
    check<Recs>(
      'target',
      'target_rec is the REC that calling_rec asked about',
      INPUT,
      (rmm, args) =>
        recIndex(rmm.pages.words.value(rmm.recs.x(calling(rmm, args), 1))) === rmm.recs.get(target(rmm, args), 'index'),
      (rmm, args) => [rmm.recs.cell(calling(rmm, args), 'x1'), rmm.recs.cell(target(rmm, args), 'index')],
    ),
    check<Call>(
      'status',
      'status is PSCI_SUCCESS, or PSCI_DENIED for PSCI_CPU_ON',
      INPUT,
      (rmm, args) => args.status === SUCCESS || (args.status === DENIED && isCpuOn(rmm, args)),
    ),
    check<Call>(
      'status',
      'PSCI_CPU_ON is denied only for a REC that is off',
      INPUT,
      (rmm, args) => args.status === SUCCESS || !isOn(rmm, target(rmm, args)),
      (rmm, args) => [rmm.recs.cell(target(rmm, args), 'runnable'), rmm.recs.cell(target(rmm, args), 'running')],
    ),
  ],
  effects: [
    'calling_rec may be entered again, with the result in X0 and zero in X1 to X3',
    'PSCI_CPU_ON: target_rec becomes runnable at the entry point, with the context in X0; PSCI_ALREADY_ON if it is on',
    'PSCI_AFFINITY_INFO: the result is ON or OFF',
  ],
  execute(rmm, args) {
    answer(rmm, calling(rmm, args), result(rmm, args));
  },
  refused(rmm, args, _code, failed) {
    const completes =
      rmm.model === 'rmm/1.0-tf' && failed.id === 'status' && args.status === DENIED && isCpuOn(rmm, args);
    if (completes) answer(rmm, calling(rmm, args), PSCI.ALREADY_ON);
  },
});

/** What the realm is told; turns the target on where that was asked for. */
function result(rmm: Rmm, args: Call): number {
  const to = target(rmm, args);
  const on = isOn(rmm, to);
  if (!isCpuOn(rmm, args)) return on ? PSCI.ON : PSCI.OFF;
  if (on) return PSCI.ALREADY_ON;
  if (args.status === DENIED) return PSCI.DENIED;
  const from = calling(rmm, args);
  const { recs } = rmm;
  if (rmm.model === 'rmm/1.0') for (let i = 1; i < GPRS; i++) recs.setX(to, i, 0);
  recs.set(to, 'pc', recs.x(from, 2));
  recs.setX(to, 0, recs.x(from, 3));
  recs.set(to, 'runnable', 1);
  return PSCI.SUCCESS;
}

/** Ends the request: the result in X0, zero in X1 to X3. */
function answer({ recs, pages }: Rmm, rec: number, code: number): void {
  recs.set(rec, 'psci_pending', 0);
  recs.setX(rec, 0, psciNumber(pages.words, code));
  for (let i = 1; i <= 3; i++) recs.setX(rec, i, 0);
}
