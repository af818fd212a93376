// What an RMM's log does not have: the parameters of realms and RECs. What later calls of the log tell of them.
import { span } from '../emulator/rmm/rtts.ts';
import type { LoggedCall } from './log-lines.ts';

export interface RealmGuess {
  readonly s2sz: number;
  readonly levelStart: number;
  readonly numStart: number;
  /** What the log says of each, for a comment. */
  readonly why: string;
}

/** IPA widths that a start level can resolve with at most 16 tables, and the usual one. */
const WIDTHS: Readonly<Record<number, { least: number; most: number; usual: number }>> = {
  0: { least: 40, most: 48, usual: 48 },
  1: { least: 32, most: 43, usual: 40 },
  2: { least: 32, most: 34, usual: 33 },
};

const named = (call: LoggedCall, name: string): bigint | undefined => {
  const place = call.operation.params.findIndex((param) => param.name === name);
  return place < 0 ? undefined : call.args[place];
};

export const argumentNamed = named;
const isSuccess = ({ status }: LoggedCall) => status === 'RMI_SUCCESS';

/** The calls about a realm after it was created, up to its end. */
export function lifeOf(calls: readonly LoggedCall[], created: number): readonly LoggedCall[] {
  const rd = calls[created]?.args[0];
  const after = calls.slice(created + 1);
  const end = after.findIndex(
    (call) => isSuccess(call) && call.operation.name === 'RMI_REALM_DESTROY' && call.args[0] === rd,
  );
  return (end < 0 ? after : after.slice(0, end)).filter((call) => named(call, 'rd') === rd);
}

/** Start level and IPA width of a realm, as far as the calls about it show them. */
export function realmFrom(life: readonly LoggedCall[]): RealmGuess {
  const levels = life.flatMap((call) => {
    if (call.status === 'RMI_ERROR_RTT') return [call.index];
    const level = named(call, 'level');
    return call.operation.name === 'RMI_RTT_CREATE' && isSuccess(call) && level !== undefined
      ? [Number(level) - 1]
      : [];
  });
  const lowest = Math.min(2, ...levels);
  const levelStart = levels.length > 0 ? Math.max(0, lowest) : 1;
  const { least, most, usual } = WIDTHS[levelStart] ?? { least: 32, most: 43, usual: 40 };
  const unprotected = life.flatMap((call) => {
    const ipa = call.operation.name === 'RMI_RTT_MAP_UNPROTECTED' && isSuccess(call) ? named(call, 'ipa') : undefined;
    return ipa === undefined ? [] : [bits(ipa)];
  });
  const inside = life.flatMap((call) => {
    const ipa = named(call, 'ipa') ?? named(call, 'base');
    const isProtected = /DATA_CREATE|INIT_RIPAS|SET_RIPAS/.test(call.operation.name);
    return isSuccess(call) && ipa !== undefined ? [bits(ipa) + (isProtected ? 1 : 0)] : [];
  });
  const needed = Math.max(least, ...inside);
  const width = unprotected.length > 0 ? Math.max(...unprotected) : Math.max(usual, needed);
  const s2sz = Math.min(most, Math.max(least, width));
  const numStart = Math.max(1, 2 ** s2sz / (span(levelStart) * 512));
  const level =
    levels.length > 0
      ? `level ${levelStart} from the levels of its calls`
      : `level ${levelStart}, which nothing in the log shows`;
  const ipa =
    unprotected.length > 0
      ? 's2sz from an unprotected mapping'
      : `s2sz ${s2sz}, which only has to be at least ${needed}`;
  return { s2sz, levelStart, numStart, why: `${level}; ${ipa}` };
}

/** Bits that an address needs. */
const bits = (address: bigint) => address.toString(2).length;

/** Whether a REC was made so that it may run: the log enters it, and no other REC turned it on before. */
export function startsRunnable(calls: readonly LoggedCall[], created: number): boolean {
  const rec = calls[created]?.args[1];
  const first = calls.slice(created + 1).find((call) => {
    const { name } = call.operation;
    const isEntry = name === 'RMI_REC_ENTER' && call.args[0] === rec && call.status !== 'RMI_ERROR_INPUT';
    return isEntry || (name === 'RMI_PSCI_COMPLETE' && call.args[1] === rec && isSuccess(call)) || isEnd(call, rec);
  });
  return first?.operation.name === 'RMI_REC_ENTER' && first.status !== 'RMI_ERROR_REC';
}

const isEnd = (call: LoggedCall, rec: bigint | undefined) =>
  call.operation.name === 'RMI_REC_DESTROY' && call.args[0] === rec && isSuccess(call);
