// What the scenario calls a page: the `let` that gives its address, and how far behind it the page lies.
import { hex, size } from '../emulator/index.ts';
import { type Instruction, isInteger, isRange, type NameInfo, type Program } from '../scenario/index.ts';

type Space = 'pa' | 'ipa';

interface Named {
  readonly name: string;
  readonly at: number;
  /** Bytes that the name speaks of, 0 where it gives only an address. */
  readonly length: number;
}

/** A name that gives only an address also names what lies up to here behind it. */
const REACH = 2 * 1024 * 1024;

export class PlaceNames {
  private readonly named: Readonly<Record<Space, readonly Named[]>>;

  constructor(program: Program) {
    const spaces = spacesOf(program);
    const found: Record<Space, Named[]> = { pa: [], ipa: [] };
    for (const info of program.names) {
      const named = info.kind === 'let' ? namedOf(info) : undefined;
      if (!named) continue;
      const used = info.references.map(({ file, span }) => spaces.get(`${file.path}:${span.start}`)).filter(Boolean);
      for (const space of used.length > 0 ? new Set(used as Space[]) : (['pa', 'ipa'] as const))
        found[space].push(named);
    }
    for (const names of Object.values(found)) names.sort((a, b) => a.at - b.at);
    this.named = found;
  }

  /** Places of physical memory that have a name. */
  get frames(): readonly Named[] {
    return this.named.pa;
  }

  /** `RTT0 + 4K`, or the address where nothing near has a name. */
  text(at: number, space: Space): string {
    return this.name(at, space) ?? hex(at);
  }

  /** The name alone, if there is one. */
  name(at: number, space: Space): string | undefined {
    const names = this.named[space];
    let low = 0;
    let high = names.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((names[middle] as Named).at <= at) low = middle + 1;
      else high = middle;
    }
    const nearest = names[low - 1];
    if (!nearest) return undefined;
    const offset = at - nearest.at;
    if (offset === 0) return names.find((one) => one.at === at)?.name;
    return offset < Math.max(nearest.length, REACH) ? `${nearest.name} + ${size(offset)}` : undefined;
  }
}

function namedOf({ name, value }: NameInfo): Named | undefined {
  if (value === undefined) return undefined;
  if (isRange(value)) return { name, at: value.base, length: value.length };
  return isInteger(value) && value >= 4096 && Number(value) % 4096 === 0
    ? { name, at: Number(value), length: 0 }
    : undefined;
}

/** For each name that stands in an argument, by its place: the kind of address that is wanted there. */
function spacesOf({ instructions, names }: Program): ReadonlyMap<string, Space> {
  const args = new Map<
    string,
    { readonly end: number; readonly start: number; readonly path: string; readonly space: Space }
  >();
  for (const instruction of instructions) {
    for (const { start, end, path, space } of argumentsOf(instruction))
      args.set(`${path}:${start}`, { start, end, path, space });
  }
  const found = new Map<string, Space>();
  const sorted = [...args.values()].sort((a, b) => a.start - b.start);
  for (const { references } of names) {
    for (const { file, span } of references) {
      const around = sorted.findLast(
        ({ path, start, end }) => path === file.path && start <= span.start && end >= span.end,
      );
      if (around) found.set(`${file.path}:${span.start}`, around.space);
    }
  }
  return found;
}

function* argumentsOf(instruction: Instruction) {
  if (instruction.kind === 'call') {
    for (const [i, arg] of instruction.args.entries()) {
      const type = instruction.operation.params[i]?.type;
      if (arg.kind === 'value' && (type === 'pa' || type === 'ipa')) {
        yield { ...arg.value.span, path: arg.value.file.path, space: type };
      }
    }
  } else if (instruction.kind === 'expect' && instruction.condition.kind === 'is') {
    const { args, view } = instruction.condition.view;
    for (const [i, arg] of args.entries()) {
      const type = view.params[i]?.type;
      if (type === 'pa' || type === 'ipa') yield { ...arg.span, path: arg.file.path, space: type };
    }
  }
}
