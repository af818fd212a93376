// RMI_REC_CREATE: makes a REC of a new realm. RMM 1.0, B4.3.12.
import { granule, hostPage, hostReadable, INPUT, REALM, realm, realmIsNew } from '../checks.ts';
import { type Args, check, command } from '../command.ts';
import { MAX_RECS_ORDER } from '../features.ts';
import { isMpidr, recIndex } from '../mpidr.ts';
import { addRec } from '../realm-recs.ts';
import { AUX_GRANULES } from '../recs.ts';
import type { Rmm } from '../rmm.ts';
import { isAligned, PAGE_LEVEL } from '../rtts.ts';
import { RMI_REC_PARAMS } from '../structures.ts';

type Params = Args<'params_ptr'>;

const MAX_RECS = 2 ** MAX_RECS_ORDER - 1;
const OFFSETS = { flags: 0x0, mpidr: 0x100, pc: 0x200, gprs: 0x300, numAux: 0x800, aux: 0x808 } as const;
/** Registers that the host may set. */
const INITIAL_GPRS = 8;
const RUNNABLE = 1n;

const field = ({ pages }: Rmm, { params_ptr }: Params, offset: number): bigint =>
  pages.contents.value(pages.bytes(params_ptr), offset, 8);

/** TF-RMM looks at the lower half of the field. */
const numAux = (rmm: Rmm, args: Params) =>
  Number(BigInt.asUintN(rmm.model === 'rmm/1.0-tf' ? 32 : 64, field(rmm, args, OFFSETS.numAux)));

const aux = (rmm: Rmm, args: Params) =>
  Array.from({ length: numAux(rmm, args) }, (_, i) => Number(field(rmm, args, OFFSETS.aux + 8 * i)));

const isDelegated = ({ granules }: Rmm, pa: number) => granules.tracks(pa) && granules.state(pa) === 'DELEGATED';

/** The page of parameters as it is measured: the flags, the pc and the registers. RMM 1.0, A7.1.1. */
function measuredPage(rmm: Rmm, args: Params): number {
  const { contents } = rmm.pages;
  const offsets = [OFFSETS.flags, OFFSETS.pc, ...Array.from({ length: INITIAL_GPRS }, (_, i) => OFFSETS.gprs + 8 * i)];
  const words = offsets.map((offset) => [offset, field(rmm, args, offset)] as const);
  return contents.rewritten(contents.filled(0), 0, 0, words);
}

export const recCreate = command({
  name: 'RMI_REC_CREATE',
  fid: 0xc400015a,
  section: 'B4.3.12',
  summary: 'Makes a REC, a virtual CPU of a realm that is still NEW.',
  params: {
    rd: { type: 'pa', text: 'realm descriptor' },
    rec: { type: 'pa', text: 'becomes the REC, DELEGATED' },
    params_ptr: {
      type: 'structure',
      text: 'page of the host with the parameters, or the fields to write there',
      structure: RMI_REC_PARAMS,
    },
  },
  steps: [
    ...hostPage('params_ptr', 'params'),
    hostReadable('params_ptr', 'params'),
    check<Params>('num_aux', 'num_aux is at most 16', INPUT, (rmm, args) => numAux(rmm, args) <= AUX_GRANULES),
    check<Params>('aux_align', 'every auxiliary granule is aligned to 4 KiB', INPUT, (rmm, args) =>
      aux(rmm, args).every((pa) => isAligned(pa, PAGE_LEVEL)),
    ),
    check<Params>(
      'aux_state',
      'every auxiliary granule is DELEGATED',
      INPUT,
      (rmm, args) => aux(rmm, args).every((pa) => isDelegated(rmm, pa)),
      (rmm, args) =>
        aux(rmm, args)
          .filter((pa) => rmm.granules.tracks(pa) && !isDelegated(rmm, pa))
          .map((pa) => rmm.granules.stateCell(pa)),
    ),
    check<Params>('aux_alias', 'no auxiliary granule is named twice', INPUT, (rmm, args) => {
      const named = aux(rmm, args);
      return new Set(named).size === named.length;
    }),
    granule('rec', 'rec', 'DELEGATED'),
    check<Params & Args<'rec'>>(
      'rec_state',
      'rec is none of the auxiliary granules',
      INPUT,
      (rmm, args) => !aux(rmm, args).includes(args.rec),
    ),
    realm,
    check(
      'num_recs',
      `the realm has fewer than ${MAX_RECS} RECs`,
      REALM,
      (rmm) => rmm.realms.get(rmm.realm, 'num_recs') < MAX_RECS,
      (rmm) => [rmm.realms.cell(rmm.realm, 'num_recs')],
    ),
    realmIsNew,
    check<Params>(
      'mpidr_index',
      'mpidr is that of the next REC of the realm',
      INPUT,
      (rmm, args) => {
        const mpidr = field(rmm, args, OFFSETS.mpidr);
        return isMpidr(mpidr) && recIndex(mpidr) === rmm.realms.get(rmm.realm, 'rec_index');
      },
      (rmm) => [rmm.realms.cell(rmm.realm, 'rec_index')],
    ),
    check<Params>('num_aux', `num_aux is ${AUX_GRANULES}`, INPUT, (rmm, args) => numAux(rmm, args) === AUX_GRANULES),
  ],
  effects: [
    'granule rec becomes REC, the auxiliary granules become REC_AUX',
    'the REC is READY, runnable if the flag says so, with pc and X0 to X7 as given',
    'the next REC of the realm has the next index, even if this one is destroyed',
    'if the REC is runnable, the RIM is extended with the hash of flags, pc and X0 to X7',
  ],
  execute(rmm, args) {
    const { granules, realms, recs, measurements, realm: rd } = rmm;
    const { words } = rmm.pages;
    const flags = field(rmm, args, OFFSETS.flags);
    const rec = granules.row(args.rec);
    granules.move(args.rec, 'REC');
    for (const [i, pa] of aux(rmm, args).entries()) {
      granules.move(pa, 'REC_AUX');
      recs.setAuxiliary(rec, i, pa);
    }
    addRec(rmm, rd, rec);
    recs.set(rec, 'runnable', Number(flags & RUNNABLE));
    recs.set(rec, 'pc', words.number(field(rmm, args, OFFSETS.pc)));
    for (let i = 0; i < INITIAL_GPRS; i++) recs.setX(rec, i, words.number(field(rmm, args, OFFSETS.gprs + 8 * i)));
    if ((flags & RUNNABLE) === 0n) return;
    realms.set(rd, 'rim', measurements.rec(realms.get(rd, 'rim'), measuredPage(rmm, args)));
  },
});
