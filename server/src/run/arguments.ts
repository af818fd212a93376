// Arguments of a call at one moment: expressions become registers, a range one register a call.
import { type Machine, toRegister } from '../emulator/index.ts';
import {
  type CallInstruction,
  type Environment,
  isFault,
  isInteger,
  isRange,
  type RangeValue,
  type Value,
} from '../scenario/index.ts';

type Span = CallInstruction['name'];

/** Registers of one call, and how many calls the statement makes. */
export type Arranged =
  | { readonly registers: readonly number[]; readonly times: number }
  | { readonly fault: string; readonly span: Span };

const GRANULE = 4096;

/** The page in which the host passes structures: the last one of the DRAM. */
export const structurePage = ({ pages }: Machine): number => pages.dram.base + pages.dram.size - GRANULE;

/** A range repeats the call, granule by granule; several ranges go in step and have equal lengths. */
export function arrange({ args, operation }: CallInstruction, repeat: number, environment: Environment): Arranged {
  const registers: number[] = [];
  let times: number | undefined;
  for (const [i, arg] of args.entries()) {
    if (arg.kind === 'structure') {
      registers.push(structurePage(environment.machine));
      continue;
    }
    const { span } = arg.value;
    const value = arg.value.evaluate(environment);
    if (isFault(value)) return { fault: value.fault, span };
    if (isRange(value)) {
      const bad = unevenRange(value, times);
      if (bad !== undefined) return { fault: bad, span };
      times = value.length / GRANULE;
      registers.push(value.base + repeat * GRANULE);
    } else if (isInteger(value)) {
      registers.push(toRegister(value, operation.params[i]?.type ?? 'u64'));
    } else return { fault: `${operation.params[i]?.name} takes a number`, span };
  }
  return { registers, times: times ?? 1 };
}

function unevenRange({ length }: RangeValue, times: number | undefined): string | undefined {
  if (length === 0) return 'the range is empty';
  if (length % GRANULE !== 0) return 'a range in a call is made of whole 4K granules';
  if (times !== undefined && times * GRANULE !== length) return 'the ranges of one call have different lengths';
  return undefined;
}

/** The pages of the arguments of a view: one list of numbers a page. */
export function pagesOf(
  values: readonly Value[],
): { readonly pages: readonly number[][] } | { readonly fault: string } {
  let times: number | undefined;
  for (const value of values) {
    if (isFault(value)) return value;
    if (!isRange(value)) continue;
    const bad = unevenRange(value, times);
    if (bad !== undefined) return { fault: bad };
    times = value.length / GRANULE;
  }
  const at = (value: Value, i: number) => (isRange(value) ? value.base + i * GRANULE : Number(value));
  return { pages: Array.from({ length: times ?? 1 }, (_, i) => values.map((value) => at(value, i))) };
}
