// RMI_REC_ENTER as an operation during which others act: the realm in `<` lines, the host on another PE in `>` lines.
import type { Output } from '../definition.ts';
import type { Machine } from '../machine.ts';
import type { MachineOperation } from '../operation.ts';
import { type ExitRecord, readExit } from './guest/exit.ts';
import { GUEST_OPERATIONS } from './guest/operations.ts';
import { actionToRepeat, endEntry } from './guest/session.ts';

/** Fields of the exit that a scenario may ask for, as they stand in the run page. RMM 1.0, B4.4.25. */
type Field = Omit<Output, 'valid'> & { readonly read: (exit: ExitRecord) => bigint };
const FIELDS: readonly Field[] = [
  { name: 'exit_reason', type: 'exit_reason', text: 'why the REC exited', read: (exit) => BigInt(exit.reasonCode) },
  { name: 'esr', type: 'word', text: 'syndrome of an abort or trap', read: (exit) => exit.esr },
  { name: 'far', type: 'word', text: 'offset of the faulting address in its page', read: (exit) => exit.far },
  { name: 'hpfar', type: 'word', text: 'faulting IPA, bits 51:12 in bits 43:4', read: (exit) => exit.hpfar },
  { name: 'ripas_base', type: 'ipa', text: 'start of the RIPAS change', read: (exit) => exit.ripas_base },
  { name: 'ripas_top', type: 'ipa', text: 'end of the RIPAS change', read: (exit) => exit.ripas_top },
  { name: 'ripas_value', type: 'ripas', text: 'RIPAS that the realm asks for', read: (exit) => exit.ripas_value },
  { name: 'imm', type: 'u64', text: 'immediate of a host call', read: (exit) => exit.imm },
  ...Array.from({ length: 31 }, (_, i) => ({
    name: `gpr${i}`,
    type: 'word' as const,
    text: `register X${i} of the exit`,
    read: ({ gprs }: ExitRecord) => gprs[i] ?? 0n,
  })),
];

/** The REC that an entry is about still runs. */
function isRunning({ rmm }: Machine, [rec = 0]: readonly number[]): boolean {
  return rmm.granules.tracks(rec) && rmm.recs.get(rmm.granules.row(rec), 'running') !== 0;
}

/** Adds the conversation and the exit's fields to the command. */
export function recEnterOperation(command: MachineOperation): MachineOperation {
  return {
    ...command,
    outputs: FIELDS.map(({ name, type, text }) => ({ name, type, text, valid: 'SUCCESS' })),
    readOutputs(machine, [, run = 0]) {
      const exit = readExit(machine, run);
      return FIELDS.map((field) => machine.pages.words.number(field.read(exit)));
    },
    conversation: {
      guest: GUEST_OPERATIONS,
      down: 'sent',
      isRunning,
      code: ({ rmm }) => rmm.entered,
      interrupt: (machine) => void endEntry(machine),
      pending: (machine) => actionToRepeat(machine),
    },
  };
}
