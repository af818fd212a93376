// What an RMI command is made of: a definition, its lookups and checks in the specification's order, and an effect.
import type { CheckText, Operation, Output, Parameter } from '../definition.ts';
import type { Rmm } from './rmm.ts';
import { type Failure, RMI_SUCCESS, STATUSES, type StatusName } from './status.ts';

export type Args<P extends string> = Readonly<Record<P, number>>;

/** A failure condition: `holds` is what the specification requires, `blame` names the cells that decided it. */
export interface Check<A> extends CheckText {
  holds(rmm: Rmm, args: A): boolean;
  readonly status: Failure<Rmm, A>;
  blame?(rmm: Rmm, args: A): readonly number[];
}

/** Between checks: finds what the later ones need, into the scratch of the RMM. Never fails. */
export interface Lookup<A> {
  lookup(rmm: Rmm, args: A): void;
}

type Step<A> = Check<A> | Lookup<A>;

interface Spec<P extends string> {
  readonly name: `RMI_${string}`;
  readonly fid: number;
  readonly section: string;
  readonly summary: string;
  readonly params: Readonly<Record<P, Omit<Parameter, 'name'>>>;
  readonly outputs?: readonly Output[];
  readonly steps: readonly Step<Args<NoInfer<P>>>[];
  readonly effects: readonly string[];
  readonly differences?: readonly string[];
  /** Runs when all checks hold. */
  execute(rmm: Rmm, args: Args<NoInfer<P>>): void;
  /** Output registers of a failed command, where the specification defines them. */
  refused?(rmm: Rmm, args: Args<NoInfer<P>>, code: number): void;
}

/** What came of a command: X0, and the check that refused it. */
export interface Outcome {
  readonly code: number;
  readonly refused: BoundCheck | undefined;
}

/** A check without its arguments' names, as the engine and the explanations use it. */
export type BoundCheck = Check<Readonly<Record<string, number>>>;

export interface RmiCommand extends Operation {
  readonly fid: number;
  readonly checks: readonly BoundCheck[];
  /** Carries the command out; `registers` are X1 upwards. Outputs are left in `rmm.out`. Returns X0. */
  call(rmm: Rmm, registers: readonly number[]): number;
  /** The first check that fails, with nothing changed. */
  refusal(rmm: Rmm, registers: readonly number[]): BoundCheck | undefined;
  /** The cells that made `check` fail. */
  blame(check: BoundCheck, rmm: Rmm, registers: readonly number[]): readonly number[];
}

/** Makes a command from its specification. */
export function command<const P extends string>(spec: Spec<P>): RmiCommand {
  const steps: readonly Step<Args<P>>[] = spec.steps;
  const names = Object.keys(spec.params) as P[];
  const args = Object.fromEntries(names.map((name) => [name, 0])) as Record<P, number>;
  const bind = (registers: readonly number[]) => {
    for (let i = 0; i < names.length; i++) args[names[i] as P] = registers[i] as number;
    return args;
  };
  const firstFailure = (rmm: Rmm): Check<Args<P>> | undefined => {
    for (const step of steps) {
      if ('lookup' in step) step.lookup(rmm, args);
      else if (!step.holds(rmm, args)) return step;
    }
    return undefined;
  };
  const checks = steps.filter((step) => 'holds' in step);
  return {
    name: spec.name,
    fid: spec.fid,
    actor: 'RMM',
    since: 'rmm/1.0',
    summary: spec.summary,
    reference: `DEN0137 1.0-rel0, ${spec.section}`,
    params: names.map((name) => ({ name, ...spec.params[name] })),
    outputs: spec.outputs ?? [],
    results: STATUSES.filter(
      (name) => name === 'RMI_SUCCESS' || checks.some((check) => check.statusText.startsWith(name)),
    ),
    checks: checks as unknown as readonly BoundCheck[],
    effects: spec.effects,
    differences: spec.differences ?? [],
    call(rmm, registers) {
      bind(registers);
      const { out } = rmm;
      out[0] = out[1] = out[2] = out[3] = 0;
      const failed = firstFailure(rmm);
      if (failed === undefined) {
        spec.execute(rmm, args);
        return RMI_SUCCESS;
      }
      const code = failed.status.code(rmm, args);
      spec.refused?.(rmm, args, code);
      return code;
    },
    refusal(rmm, registers) {
      bind(registers);
      return firstFailure(rmm) as BoundCheck | undefined;
    },
    blame(check, rmm, registers) {
      return check.blame?.(rmm, bind(registers)) ?? [];
    },
  };
}

/** A condition under its name in the specification. */
export function check<A>(
  id: string,
  text: string,
  status: Failure<Rmm, NoInfer<A>>,
  holds: (rmm: Rmm, args: A) => boolean,
  blame?: (rmm: Rmm, args: A) => readonly number[],
): Check<A> {
  return { id, text, status, statusText: status.text, holds, ...(blame && { blame }) };
}

export const statusName = (code: number): StatusName | undefined => STATUSES[code & 0xff];
