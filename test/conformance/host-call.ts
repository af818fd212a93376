// What the scripted guest does before RSI_HOST_CALL: it fills the structure in its own memory.
import type { Guest } from '../../server/src/emulator/rmm/guest/guest.ts';
import { translate } from '../../server/src/emulator/rmm/guest/memory.ts';
import { HOST_CALL_GPRS } from '../../server/src/emulator/rmm/guest/rsi-calls.ts';

const STRUCTURE_BYTES = 256;

/** Writes imm and registers, if an immediate is given and the IPA is aligned and mapped; the rest of the structure is zero. */
export function prepareHostCall(guest: Guest, [address = 0n, imm, ...gprs]: readonly bigint[]): void {
  const ipa = Number(address);
  if (imm === undefined || ipa % STRUCTURE_BYTES !== 0) return;
  const found = translate(guest, ipa, 'write');
  if (!('pa' in found)) return;
  const { pages } = guest.rmm;
  const at = found.pa % 4096;
  const words: [number, bigint][] = [
    [at, imm],
    ...gprs.map((value, i): [number, bigint] => [at + HOST_CALL_GPRS + 8 * i, value]),
  ];
  pages.setBytes(found.pa, pages.contents.rewritten(pages.bytes(found.pa), at, STRUCTURE_BYTES, words));
}
