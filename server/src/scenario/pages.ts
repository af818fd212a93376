// Registers of an argument: one value fills one to three of them, and a range stands for its pages, one after the other.
import { type Parameter, registersOf, toRegister } from '../emulator/index.ts';
import { LIMITS } from './limits.ts';
import type { Environment, Expression } from './program.ts';
import { type Fault, fault, isFault, isInteger, isPages, isPlace, isRange, kindOf, type Value } from './value.ts';

/** Bytes that a range in a call or a view goes forward at a time. */
const GRANULE = 4096;

/** No handle, as no row has this number: a bare number where a place in a mapping may stand. */
export const NO_HANDLE = 0;

/** How an argument fills its registers. */
interface Filling {
  /** Pages of a range; `undefined` for a single value, which goes with any range. */
  readonly times: number | undefined;
  /** For its first page; for each further one the last register is a granule further on. */
  readonly registers: readonly number[];
  /** Pages that stand anywhere, instead of one behind the other. */
  readonly pages?: readonly number[];
}

/** The registers for page `i` of the range that an argument may be. */
export function filledFor({ times, registers, pages }: Filling, i: number): readonly number[] {
  if (i === 0 || times === undefined) return registers;
  if (pages) return [pages[i] as number];
  const last = registers.length - 1;
  return registers.with(last, (registers[last] as number) + i * GRANULE);
}

/** The registers for a value, by the type of the parameter. */
export function filling({ name, type }: Parameter, value: Value, { machine }: Environment): Filling | Fault {
  if (isFault(value)) return value;
  switch (type) {
    case 'range':
      // Calls refuse what lies beyond 64 bits themselves: that is what a scenario may be about.
      return isRange(value)
        ? once([toRegister(value.base, 'u64'), toRegister(value.length, 'u64')])
        : fault(`${name} takes a range`);
    case 'gmem_range':
    case 'mapping_range':
      if (isPlace(value) && value.length !== undefined) return once([value.object, value.at, value.length]);
      return fault(`${name} takes a range of it, as in x[0 +: 4K]`);
    case 'gmem_at':
    case 'mapping_at':
      return placeFilling(name, value);
    default:
      return isInteger(value)
        ? once([toRegister(value, type, machine.pages.words)])
        : addressFilling(name, type, value);
  }
}

const once = (registers: readonly number[]): Filling => ({ times: undefined, registers });

function placeFilling(name: string, value: Value): Filling | Fault {
  if (typeof value === 'number') return once([value, 0]);
  if (!isPlace(value)) return fault(`${name} takes a place`);
  const { object, at, length } = value;
  if (length === undefined) return once([object, at]);
  return uneven(length) ?? { times: length / GRANULE, registers: [object, at] };
}

function addressFilling(name: string, type: Parameter['type'], value: Value): Filling | Fault {
  if (isPages(value)) return { times: value.pages.length, registers: value.pages.slice(0, 1), pages: value.pages };
  if (!isRange(value) || type === 'level' || type === 'flags')
    return fault(`${name} takes a number, not ${kindOf(value)}`);
  return uneven(value.length, value.base) ?? { times: value.length / GRANULE, registers: [value.base] };
}

function uneven(length: number, base = 0): Fault | undefined {
  if (!Number.isSafeInteger(base + length)) return fault('the range does not fit 53 bits');
  if (length === 0) return fault('the range is empty');
  if (length / GRANULE > LIMITS.steps) return fault(`the range has more than ${LIMITS.steps} pages`);
  return length % GRANULE === 0 ? undefined : fault('a range here is made of whole 4K granules');
}

/** All arguments page by page: ranges go in step and have equal lengths, single values stay. */
export function pagesOf(
  params: readonly Parameter[],
  args: readonly Expression[],
  environment: Environment,
): { readonly pages: readonly (readonly number[])[] } | Fault {
  const fillings: Filling[] = [];
  let times: number | undefined;
  let uneven = false;
  for (let i = 0; i < params.length; i++) {
    const param = params[i] as Parameter;
    const found = args[i] ? filling(param, (args[i] as Expression).evaluate(environment), environment) : absent(param);
    if ('fault' in found) return found;
    fillings.push(found);
    if (found.times !== undefined) uneven ||= times !== undefined && times !== found.times;
    times ??= found.times;
  }
  if (uneven) return fault('the ranges have different lengths');
  const [only] = fillings;
  // One place is what most expectations are about.
  if (only && fillings.length === 1 && (times ?? 1) === 1) return { pages: [only.registers] };
  return { pages: Array.from({ length: times ?? 1 }, (_, i) => fillings.flatMap((found) => filledFor(found, i))) };
}

/** An argument that was left out. */
const absent = ({ initial, type }: Parameter): Filling => once(initial ?? Array(registersOf(type)).fill(0));
