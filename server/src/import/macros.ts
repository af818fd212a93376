// Recorded macros: one command repeated with stepping addresses until it fails.
import { span } from '../emulator/rmm/rtts.ts';
import { hostOperation } from './operations.ts';
import { statusText } from './results.ts';
import { callText, type Scribe } from './scribe.ts';
import { argumentsOf, type CallRecord } from './trace-file.ts';
import { address, pages, unsigned } from './value-text.ts';

interface Macro {
  readonly command: string;
  /** Which arguments advance. */
  readonly stepping: readonly number[];
  /** Which argument is the level that says by how much; a page where there is none. */
  readonly level?: number;
}

const MACROS: Readonly<Record<string, Macro>> = {
  range_delegate: { command: 'RMI_GRANULE_DELEGATE', stepping: [0] },
  range_undelegate: { command: 'RMI_GRANULE_UNDELEGATE', stepping: [0] },
  range_dcu: { command: 'RMI_DATA_CREATE_UNKNOWN', stepping: [1, 2] },
  range_dd: { command: 'RMI_DATA_DESTROY', stepping: [1] },
  range_map: { command: 'RMI_RTT_MAP_UNPROTECTED', stepping: [1, 3], level: 2 },
  range_unmap: { command: 'RMI_RTT_UNMAP_UNPROTECTED', stepping: [1], level: 2 },
};

export const isMacro = (fn: string): boolean => MACROS[fn] !== undefined;

/** Writes a macro: what succeeded as one statement if a range can say it, and the call that failed. */
export function writeMacro(scribe: Scribe, call: CallRecord): void {
  const macro = MACROS[call.fn];
  if (!macro) return;
  const operation = hostOperation(macro.command);
  const given = argumentsOf(call);
  const args = given.slice(0, -1);
  const count = given.at(-1) ?? 0n;
  const level = macro.level === undefined ? 3n : BigInt.asIntN(64, args[macro.level] ?? 3n);
  const step = level >= 0n && level <= 3n ? BigInt(span(Number(level))) : 0n;
  const at = (i: bigint) => args.map((arg, place) => (macro.stepping.includes(place) ? unsigned(arg + i * step) : arg));
  const done = BigInt(call.ok ?? 0);
  for (let i = 0n; i < done; i++) scribe.perform(operation, at(i));
  const asRange = step === 4096n && macro.stepping.every((place) => (args[place] ?? 0n) < 2n ** 52n);
  if (done > 0n && (asRange || done === 1n)) {
    const texts = at(0n).map((arg, place) =>
      macro.stepping.includes(place) ? pages(arg, done) : argument(operation, arg, place),
    );
    scribe.say(`${operation.name}(${texts.join(', ')})`);
  } else for (let i = 0n; i < done; i++) scribe.say(callText(operation, at(i)));
  if (done === count) return;
  scribe.perform(operation, at(done));
  scribe.say(callText(operation, at(done)), statusText(operation, call.status ?? '*', call.index));
}

/** One argument of a call, as it stands there. */
function argument(operation: Parameters<typeof callText>[0], arg: bigint, place: number): string {
  const param = operation.params[place];
  return param ? callText({ ...operation, name: '', params: [param] }, [arg]).slice(1, -1) : address(arg);
}
