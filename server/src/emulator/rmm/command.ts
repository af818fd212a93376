// What an RMI command is made of: a definition, its lookups and checks in the specification's order, and an effect.
import type { CheckText, Operation, Output, Parameter } from '../definition.ts';
import { differencesOf } from './differences.ts';
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
  lookup(rmm: Rmm, args: A): undefined;
}

/** Checks that nearly always hold together, tested at once; one by one only where `all` says that some check fails. */
export interface Group<A> {
  all(rmm: Rmm, args: A): boolean;
  readonly checks: readonly Check<A>[];
}

type Step<A> = Check<A> | Lookup<A> | Group<A>;

interface Spec<P extends ArgumentName> {
  readonly name: `RMI_${string}`;
  readonly fid: number;
  readonly section: string;
  readonly summary: string;
  readonly params: Readonly<Record<P, Omit<Parameter, 'name'>>>;
  readonly outputs?: readonly Output[];
  readonly steps: readonly Step<Args<NoInfer<P>>>[];
  readonly effects: readonly string[];
  /** Runs when all checks hold. */
  execute(rmm: Rmm, args: Args<NoInfer<P>>): void;
  /** Output registers of a failed command, where the specification defines them. */
  refused?(rmm: Rmm, args: Args<NoInfer<P>>, code: number, failed: CheckText): void;
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

/** Only `false` means that something does not hold: a lookup answers nothing. */
type Test<A> = (rmm: Rmm, args: A) => boolean | undefined;

const ARGUMENT_NAMES = [
  'rd',
  'rec',
  'rtt',
  'data',
  'src',
  'addr',
  'params_ptr',
  'run_ptr',
  'calling_rec',
  'target_rec',
  'ipa',
  'base',
  'top',
  'level',
  'desc',
  'flags',
  'status',
  'req',
  'index',
] as const;
type ArgumentName = (typeof ARGUMENT_NAMES)[number];

/** The arguments of the command in flight. */
const VALUES = new Float64Array(ARGUMENT_NAMES.length);

/**
 * The same by name. One object for all commands: engines run checks that many commands share several times faster when they
 * always see the same shape.
 */
const ARGUMENTS = {} as Record<ArgumentName, number>;
for (const [i, name] of ARGUMENT_NAMES.entries()) Object.defineProperty(ARGUMENTS, name, { get: () => VALUES[i] });

function testOf<A>(step: Step<A>): Test<A> {
  if ('holds' in step) return step.holds;
  return 'all' in step ? step.all : step.lookup;
}

/** Makes a command from its specification. */
export function command<const P extends ArgumentName>(spec: Spec<P>): RmiCommand {
  const steps: readonly Step<Args<P>>[] = spec.steps;
  const names = Object.keys(spec.params) as P[];
  const args: Record<P, number> = ARGUMENTS;
  const places = names.map((name) => ARGUMENT_NAMES.indexOf(name));
  const bind = (registers: readonly number[]) => {
    for (let i = 0; i < places.length; i++) VALUES[places[i] as number] = registers[i] as number;
    return args;
  };
  const tests = steps.map(testOf);
  const checksOf = (step: Step<Args<P>>) => ('holds' in step ? [step] : 'all' in step ? step.checks : []);
  const firstFailure = (rmm: Rmm): Check<Args<P>> | undefined => {
    for (let i = 0; i < tests.length; i++) {
      if ((tests[i] as Test<Args<P>>)(rmm, args) !== false) continue;
      return checksOf(steps[i] as Step<Args<P>>).find((check) => !check.holds(rmm, args));
    }
    return undefined;
  };
  const checks = steps.flatMap(checksOf);
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
    differences: differencesOf(spec.name),
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
      spec.refused?.(rmm, args, code, failed);
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
