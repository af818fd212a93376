// Entering a realm: what the last exit left open is finished first, in TF-RMM's order. RMM 1.0, A4.2.

import type { Rmm } from '../rmm.ts';
import { entryRipas, RIPAS } from '../rtt-entry.ts';
import { REC_ENTRY_FLAG_EMUL_MMIO, REC_ENTRY_FLAG_INJECT_SEA, REC_ENTRY_FLAG_RIPAS_RESPONSE } from '../structures.ts';
import { leave } from './exit.ts';
import { advancePc, type Guest, speakOfRealm, xAddress } from './guest.ts';
import { inject } from './inject.ts';
import { HOST_CALL_GPRS, realmPage } from './rsi-calls.ts';
import { externalAbort, loadedRegister, syntheticAbort, syntheticHpfar } from './syndrome.ts';

const FLAGS = 0x0;
const GPRS = 0x200;
/** Bits of the flags that have a meaning; the others are ignored. */
const ENTRY_FLAGS = 0x1fn;
const RAM = RIPAS.indexOf('RAM');

/** A 64-bit field of the run page. */
export const runField = ({ pages }: Rmm, run: number, offset: number): bigint =>
  pages.contents.value(pages.bytes(run), offset, 8);

export const entryFlags = (rmm: Rmm, run: number): bigint => runField(rmm, run, FLAGS);

/** Starts the REC of row `rec`. It runs afterwards, unless the page of its host call is gone: then it has exited again. */
export function enter(rmm: Rmm, rec: number, run: number): void {
  const { recs, pes } = rmm;
  const flags = entryFlags(rmm, run);
  const guest: Guest = { rmm, rec, pe: pes.start(rec, run, Number(flags & ENTRY_FLAGS)) };
  recs.set(rec, 'running', guest.pe + 1);
  rmm.entered = 0;
  finishAbort(guest, flags);
  finishRipasChange(guest, (flags & REC_ENTRY_FLAG_RIPAS_RESPONSE) !== 0n);
  if (finishHostCall(guest)) recs.set(rec, 'abort_esr', 0);
}

/** The host emulated the access, or wants the realm to see that it failed. */
function finishAbort(guest: Guest, flags: bigint): void {
  const { rmm, rec, pe } = guest;
  const esr = rmm.recs.get(rec, 'abort_esr');
  if (esr === 0) return;
  if ((flags & REC_ENTRY_FLAG_INJECT_SEA) !== 0n) {
    inject(guest, externalAbort(esr), rmm.recs.get(rec, 'abort_ipa'));
  } else if ((flags & REC_ENTRY_FLAG_EMUL_MMIO) !== 0n) {
    const register = loadedRegister(esr);
    if (register !== undefined) {
      rmm.recs.setX(rec, register, rmm.pages.words.number(runField(rmm, rmm.pes.run(pe), GPRS)));
    }
    rmm.recs.set(rec, 'interrupted', 0);
    advancePc(guest);
  }
}

/** The realm learns how far its RIPAS change went, and whether the host rejected the rest. */
function finishRipasChange({ rmm, rec }: Guest, rejected: boolean): void {
  const { recs } = rmm;
  if (recs.get(rec, 'ripas_base') === recs.get(rec, 'ripas_top')) return;
  const reached = recs.get(rec, 'ripas_addr');
  const open = recs.get(rec, 'ripas_value') === RAM && reached !== recs.get(rec, 'ripas_top');
  recs.setX(rec, 0, 0);
  recs.setX(rec, 1, reached);
  recs.setX(rec, 2, open && rejected ? 1 : 0);
  recs.set(rec, 'ripas_base', 0);
  recs.set(rec, 'ripas_top', 0);
}

/** The host's answer goes to the page of the call. False if the page is gone: then the REC has exited again. */
function finishHostCall(guest: Guest): boolean {
  const { rmm, rec, pe } = guest;
  const { recs, pages } = rmm;
  if (recs.get(rec, 'host_call') === 0) return true;
  speakOfRealm(guest);
  const ipa = xAddress(guest, 1);
  const found = realmPage(guest, ipa);
  if ('pa' in found) {
    const run = pages.bytes(rmm.pes.run(pe));
    const words = Array.from({ length: 31 }, (_, i): [number, bigint] => [
      (found.pa % 4096) + HOST_CALL_GPRS + 8 * i,
      pages.contents.value(run, GPRS + 8 * i, 8),
    ]);
    pages.setBytes(found.pa, pages.contents.rewritten(pages.bytes(found.pa), 0, 0, words));
    recs.setX(rec, 0, 0);
  } else if (!isEmpty(guest)) {
    leave(guest, { reason: 'SYNC', esr: syntheticAbort(found.needsPage), hpfar: syntheticHpfar(rmm.model, ipa) });
    return false;
  }
  recs.set(rec, 'host_call', 0);
  return true;
}

/** Whether the entry where the last walk stopped is EMPTY: then the answer is dropped. */
const isEmpty = ({ rmm }: Guest) => entryRipas(rmm.walk.entry) === 'EMPTY';
