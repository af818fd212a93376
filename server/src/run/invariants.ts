// What must hold after every step; a step that breaks it is a problem wherever it stands.
import { type AnyOperation, type FlowEvent, linuxViolations, violations } from '../emulator/index.ts';
import type { Problem, Site } from '../scenario/index.ts';
import { problemAt } from './problem-at.ts';
import type { Run } from './run.ts';

/** Who can change what the RMM's invariants are about. */
const ACTORS: ReadonlySet<string> = new Set(['RMM', 'realm']);

/** Invariants that the writes since the last commit broke; only what they touched is looked at. */
export function brokenInvariants(run: Run, { actor }: AnyOperation, site: Site): Problem[] {
  if (!ACTORS.has(actor)) return [];
  const { rmm, store } = run.machine;
  return violations(rmm, store.pendingWrites).map(({ invariant, text }) =>
    problemAt('CCS501', site, `${invariant.id} is broken: ${text}`, { expected: invariant.text, actual: text }),
  );
}

/** The same for one step of the kernel: what it changed of Linux, and what the command in it changed of the RMM. */
export function brokenByStep(run: Run, { command }: FlowEvent, site: Site): Problem[] {
  const { machine } = run;
  const linux = linuxViolations(machine, machine.store.pendingWrites, command?.operation).map(({ invariant, text }) =>
    problemAt('CCS501', site, `${invariant.id} is broken: ${text}`, { expected: invariant.text, actual: text }),
  );
  return command ? [...linux, ...brokenInvariants(run, command.operation, site)] : linux;
}
