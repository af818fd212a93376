// How the results of a realm's actions are written: values, statuses of RSI and PSCI, exits, aborts.
import type { ResultForm } from '../../operation.ts';
import { PSCI } from '../psci.ts';
import { ACTION_CODES, isExit, NOT_RUNNING } from './actions.ts';
import { RSI_STATUSES } from './rsi-calls.ts';

const RSI_CODES: ReadonlyMap<string, number> = new Map(RSI_STATUSES.map((name, code) => [name, code]));

const PSCI_CODES: ReadonlyMap<string, number> = new Map([
  ['PSCI_SUCCESS', PSCI.SUCCESS],
  ['PSCI_NOT_SUPPORTED', PSCI.NOT_SUPPORTED],
  ['PSCI_INVALID_PARAMETERS', PSCI.INVALID_PARAMETERS],
  ['PSCI_DENIED', PSCI.DENIED],
  ['PSCI_ALREADY_ON', PSCI.ALREADY_ON],
  ['PSCI_INVALID_ADDRESS', PSCI.INVALID_ADDRESS],
]);

/** The names of one family besides those of exits and aborts; other codes are plain values. */
function form(statuses: ReadonlyMap<string, number>): ResultForm {
  const codes = new Map([...statuses, ...ACTION_CODES]);
  return {
    names: [...codes.keys()],
    text(code) {
      if (code === NOT_RUNNING) return 'no REC runs';
      for (const [name, value] of codes) if (value === code) return name;
      // A register: what is no name and below 0 is a number of 64 bits all the same.
      return `0x${BigInt.asUintN(64, BigInt(code)).toString(16)}`;
    },
    code: (name) => codes.get(name),
    matches: (code, name) => codes.get(name) === code,
    succeeded: (code) => isExit(code) || (statuses.size === 0 ? code >= 0 || code <= WIDE : code === 0),
  };
}

/** Numbers of the machine's words for values above 2^52 are far below all names. */
const WIDE = -(2 ** 40);

export const rsiForm: ResultForm = form(RSI_CODES);
export const psciForm: ResultForm = form(PSCI_CODES);
export const valueForm: ResultForm = form(new Map());
/** An access is done, or it is not: an exit is no success. */
export const accessForm: ResultForm = { ...valueForm, succeeded: (code) => code >= 0 || code <= WIDE };
