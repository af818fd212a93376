// What a realm reads and writes: 64-bit accesses through its translation tables, and what becomes of those that fault.
import { GRANULE } from '../../memory/pages.ts';
import { entryAddress, entryAttributes, entryRipas, entryState } from '../rtt-entry.ts';
import { PAGE_LEVEL, span } from '../rtts.ts';
import { leave } from './exit.ts';
import { type Guest, speakOfRealm } from './guest.ts';
import { inject } from './inject.ts';
import {
  dataAbort,
  externalAbort,
  FSC_GPF,
  FSC_PERMISSION,
  FSC_TRANSLATION,
  hostAbort,
  hostEmulatableAbort,
  hpfar,
  instructionAbort,
} from './syndrome.ts';

export type Access = 'read' | 'write' | 'fetch';

/** HPFAR_EL2 holds bits 51:12 of an address; TF-RMM takes the address from there. */
const HPFAR_END = 2 ** 52;

/** S2AP of an unprotected mapping, as in the descriptor. */
const S2AP_READ = 0x40;
const S2AP_WRITE = 0x80;

/** The physical address behind an IPA, or the fault status that the hardware reports. */
export function translate(guest: Guest, ipa: number, access: Access): { pa: number } | { fsc: number } {
  speakOfRealm(guest);
  const { rmm } = guest;
  if (ipa >= rmm.ipaEnd) return { fsc: FSC_TRANSLATION + rmm.realms.rttLevelStart(rmm.realm) };
  const { level, entry } = rmm.rtts.walk(rmm.realm, ipa, PAGE_LEVEL, rmm.walk);
  const state = entryState(entry);
  const pa = entryAddress(entry) + (ipa % span(level));
  if (state === 'ASSIGNED_RAM') return { pa };
  if (state !== 'ASSIGNED_NS') return { fsc: FSC_TRANSLATION + level };
  const permission = access === 'write' ? S2AP_WRITE : S2AP_READ;
  if (access === 'fetch' || (entryAttributes(entry) & permission) === 0) return { fsc: FSC_PERMISSION + level };
  const reachable = rmm.granules.tracks(pa) && rmm.granules.gpt(pa) === 'NS';
  return reachable ? { pa } : { fsc: FSC_GPF };
}

/** What became of an access: the value, an exit to the host, or an abort in the realm. */
export type AccessOutcome = { readonly value: bigint } | 'exit' | 'SEA';

/** `address` is the whole 64-bit address that the realm uses; its first stage maps it to itself. */
export function access(guest: Guest, kind: Access, address: bigint, stored = 0n): AccessOutcome {
  const ipa = Number(address);
  const found = translate(guest, ipa, kind);
  if ('fsc' in found) return fault(guest, kind, ipa, found.fsc, stored);
  const { pages } = guest.rmm;
  if (kind !== 'write') return { value: pages.contents.value(pages.bytes(found.pa), found.pa % GRANULE, 8) };
  pages.setBytes(found.pa, pages.contents.written(pages.bytes(found.pa), found.pa % GRANULE, 8, stored));
  return { value: stored };
}

/** What the RMM makes of a fault in the second stage. RMM 1.0, A4.3.3 and A5.3. */
function fault(guest: Guest, kind: Access, address: number, fsc: number, stored: bigint): 'exit' | 'SEA' {
  const { rmm, rec } = guest;
  const ipa = rmm.model === 'rmm/1.0-tf' ? address % HPFAR_END : address;
  const esr = kind === 'fetch' ? instructionAbort(fsc) : dataAbort(fsc, kind === 'write');
  const isProtected = rmm.protects(ipa);
  const isEmpty = () => entryRipas(rmm.rtts.walk(rmm.realm, ipa, PAGE_LEVEL, rmm.walk).entry) === 'EMPTY';
  const isLost = ipa >= rmm.ipaEnd || (isProtected ? isEmpty() : kind === 'fetch');
  if (isLost) {
    inject(guest, externalAbort(esr), ipa);
    return 'SEA';
  }
  if (isProtected) {
    leave(guest, { reason: 'SYNC', esr: hostAbort(esr), hpfar: hpfar(address) });
    return 'exit';
  }
  rmm.recs.set(rec, 'abort_esr', esr);
  rmm.recs.set(rec, 'abort_ipa', ipa);
  leave(guest, {
    reason: 'SYNC',
    esr: hostEmulatableAbort(esr),
    far: ipa % GRANULE,
    hpfar: hpfar(address),
    gprs: kind === 'write' ? [rmm.pages.words.number(stored)] : [],
  });
  return 'exit';
}
