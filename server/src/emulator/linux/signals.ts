// What an access of a process may end with beside success: signals, and errno values.
import { ERRNO, type Errno, errnoText } from '../errno.ts';
import { isReference } from '../memory/words.ts';
import type { ResultForm } from '../operation.ts';

/** Signals are written as codes below this, errno values above. */
const SIGNALS = -1000;
export const SIGBUS: number = SIGNALS - 7;
export const SIGKILL: number = SIGNALS - 9;
export const SIGSEGV: number = SIGNALS - 11;
/** The kernel itself stumbled: no signal, the machine is gone. Every call that a dead host is asked for ends so. */
export const HOST_CRASH: number = SIGNALS - 100;
export const HOST_CRASH_NAME = 'host_crash';

/** A guest's own exception, which its platform gave it instead of a fault that the host could resolve. */
export const SEA: number = SIGNALS - 200;

const NAMES: Readonly<Record<string, number>> = { SIGBUS, SIGKILL, SIGSEGV, SEA, [HOST_CRASH_NAME]: HOST_CRASH };

export const isSignal = (code: number): boolean => code <= SIGNALS && code > 2 * SIGNALS;

const errnos = (names: readonly Errno[]) => names.map((name) => `-${name}`);

/** `-EAGAIN` or `EAGAIN` as a code. */
const errnoCode = (name: string): number | undefined => {
  const found = ERRNO[name.replace(/^-/, '') as Errno] as number | undefined;
  return found === undefined ? undefined : -found;
};

/** A result as its family writes it; on a dead host no family has anything to say. */
export const codeText = (form: ResultForm, code: number): string =>
  code === HOST_CRASH ? HOST_CRASH_NAME : form.text(code);

/** A system call: 0 or an errno. */
export function syscallForm(possible: readonly Errno[]): ResultForm {
  return {
    names: errnos(possible),
    text: errnoText,
    code: (name) => (name === '0' ? 0 : errnoCode(name)),
    matches: (code, name) => code === (name === '0' ? 0 : errnoCode(name)),
    succeeded: (code) => code >= 0,
  };
}

/** An access to memory: a value, a signal, or the errno of the system call that made it. */
export function accessForm(possible: readonly Errno[] = []): ResultForm {
  const codeOf = (name: string) => NAMES[name] ?? errnoCode(name);
  return {
    names: [...Object.keys(NAMES), ...errnos(possible)],
    text: (code) => Object.keys(NAMES).find((name) => NAMES[name] === code) ?? valueText(code),
    code: codeOf,
    matches: (code, name) => code === codeOf(name),
    succeeded: (code) => code >= 0 || isReference(code),
  };
}

const valueText = (code: number) => (code < 0 && !isReference(code) ? errnoText(code) : `0x${code.toString(16)}`);
