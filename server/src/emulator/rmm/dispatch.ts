// From a function identifier to its command, as the SMC handler of the RMM does. RMM 1.0, B3 and B4.3.
import { toRegister } from '../registers.ts';
import type { RmiCommand } from './command.ts';
import { RMI_COMMANDS } from './commands/index.ts';
import type { Rmm } from './rmm.ts';

/** X0 of a call that nobody implements: SMC_NOT_SUPPORTED. */
export const NOT_SUPPORTED = -1;

/** Bit 16: the caller's hint that it holds no live SVE state. It does not name another function. */
const SVE_HINT = 0x1_0000n;

const byFid: ReadonlyMap<bigint, RmiCommand> = new Map(RMI_COMMANDS.map((command) => [BigInt(command.fid), command]));

export const commandOf = (fid: bigint): RmiCommand | undefined => byFid.get(fid & ~SVE_HINT);

/** Any SMC of the host by number. Returns X0 and commits nothing. */
export function callByFid(rmm: Rmm, fid: bigint, registers: readonly bigint[]): number {
  const command = commandOf(fid);
  if (!command) return NOT_SUPPORTED;
  return command.call(
    rmm,
    command.params.map(({ type }, i) => toRegister(registers[i] ?? 0n, type)),
  );
}
