// What must hold after every step; a step that breaks it is a problem wherever it stands, unless the file allows it.
import { type AnyOperation, type FlowEvent, linuxViolations, violations } from '../emulator/index.ts';
import { LEAK, type Problem, type Site } from '../scenario/index.ts';
import { both, NO_PROBLEMS, problemAt } from './problem-at.ts';
import type { Run } from './run.ts';

/** Who can change what the RMM's invariants are about. */
const ACTORS: ReadonlySet<string> = new Set(['RMM', 'realm']);

const NONE: readonly Broken[] = [];

interface Broken {
  readonly invariant: { readonly id: string; readonly text: string };
  readonly text: string;
}

/** Invariants that the writes since the last commit broke; only what they touched is looked at. */
export function brokenInvariants(run: Run, { actor }: AnyOperation, site: Site): readonly Problem[] {
  const { rmm, store } = run.machine;
  const broken = ACTORS.has(actor) ? violations(rmm, store.pendingWritesIn(rmm.firstCell, rmm.endCell)) : NONE;
  const lost = leaks(run, site);
  return broken.length === 0 ? lost : both(lost, told(run, broken, site));
}

/** The same for one step of the kernel: what it changed of Linux, and what the command in it changed of the RMM. */
export function brokenByStep(run: Run, { command }: FlowEvent, site: Site): readonly Problem[] {
  const { machine } = run;
  const linux = told(run, linuxViolations(machine, machine.store.pendingWrites, command?.operation), site);
  return command ? both(linux, brokenInvariants(run, command.operation, site)) : linux;
}

function told(run: Run, broken: readonly Broken[], site: Site): readonly Problem[] {
  if (broken.length === 0) return NO_PROBLEMS;
  return broken
    .filter(({ invariant }) => !run.allows(invariant.id))
    .map(({ invariant, text }) =>
      problemAt('CCS501', site, `${invariant.id} is broken: ${text}`, { expected: invariant.text, actual: text }),
    );
}

/** Pages that the kernel gave up since the last commit, where there are more of them now than the file allows. */
function leaks({ machine, program }: Run, site: Site): readonly Problem[] {
  const { leaked, leakCell } = machine.linux;
  const bound = program.allowed.get(LEAK) ?? 0;
  if (leaked <= bound || machine.store.pendingWritesIn(leakCell, leakCell + 1).length === 0) return NO_PROBLEMS;
  const pages = (count: number) => (count === 1 ? '1 page' : `${count} pages`);
  return [
    problemAt('CCS502', site, `the kernel has leaked ${pages(leaked)}`, {
      expected: bound === 0 ? 'nothing is leaked' : `at most ${pages(bound)}`,
      actual: pages(leaked),
    }),
  ];
}
