// Which calls of a run name a page: by its physical address, inside a descriptor, or by the IPA that leads to it.
import { type Parameter, registersOf } from '../emulator/index.ts';
import type { Run } from '../run/index.ts';
import type { Mapped } from './history-index.ts';

const GRANULE = 4096;

/** Positions among the registers of a call that hold such an address. */
interface Naming {
  readonly pages: readonly number[];
  readonly descriptors: readonly number[];
  readonly realms: readonly number[];
  readonly ipas: readonly number[];
  readonly places: readonly { readonly kind: Holder; readonly position: number; readonly isRange: boolean }[];
}

/** What an offset is in. */
type Holder = 'gmem' | 'mapping';
const PLACES: Readonly<Record<string, Holder>> = {
  gmem_at: 'gmem',
  gmem_range: 'gmem',
  mapping_at: 'mapping',
  mapping_range: 'mapping',
};

const NOTHING: Naming = { pages: [], descriptors: [], realms: [], ipas: [], places: [] };

/** What a call may name of a page. */
export interface NamedPage {
  /** A physical address in it. */
  isAt(pa: number, moment: number): boolean;
  /** Bytes of a file or of a mapping. */
  isIn(kind: Holder, handle: number, offset: number, length: number): boolean;
}

/** The page at a physical address, whatever it is part of. */
export const framePage = (at: number): NamedPage => ({
  isAt: (pa) => pa - (pa % GRANULE) === at,
  isIn: () => false,
});

interface Named {
  readonly params: readonly Parameter[];
}

const namings = new WeakMap<Named, Naming>();

/** What the call or command of a moment names; a step of a kernel function that carries out none names nothing. */
function namingAt(run: Run, moment: number): Naming {
  const flow = run.log.flowAt(moment);
  if (flow) return flow.command ? namingOf(flow.command.operation) : NOTHING;
  const instruction = run.instructionAt(moment);
  return instruction?.kind === 'call' ? namingOf(instruction.operation) : NOTHING;
}

function namingOf(operation: Named): Naming {
  const known = namings.get(operation);
  if (known) return known;
  const { params } = operation;
  let next = 0;
  const at = params.map(({ type, name }) => {
    const position = next;
    next += registersOf(type);
    return { type, name, position };
  });
  const those = (test: (param: (typeof at)[number]) => boolean) => at.filter(test).map(({ position }) => position);
  const naming = {
    pages: those(({ type }) => type === 'pa' || type === 'rd'),
    descriptors: those(({ name }) => name === 'desc'),
    realms: those(({ type, name }) => type === 'rd' || name === 'rd'),
    ipas: those(({ type }) => type === 'ipa'),
    places: at.flatMap(({ type, position }): Naming['places'] => {
      const kind = PLACES[type];
      return kind === undefined ? [] : [{ kind, position, isRange: type.endsWith('_range') }];
    }),
  };
  namings.set(operation, naming);
  return naming;
}

/** Moments after `from` whose call has the page among its arguments, and those that have it in a descriptor. */
export function namedMoments(run: Run, page: NamedPage, from: number): Record<'arguments' | 'described', number[]> {
  const { log } = run;
  const found = { arguments: [] as number[], described: [] as number[] };
  for (let moment = from + 1; moment <= run.reached; moment++) {
    const naming = namingAt(run, moment);
    if (naming === NOTHING || log.step(moment) === log.step(moment - 1)) continue;
    const { pages, descriptors, places } = naming;
    if (pages.length + descriptors.length + places.length === 0) continue;
    const registers = log.arguments(moment);
    const isAt = (position: number) => page.isAt(registers[position] ?? 0, moment);
    const isIn = ({ kind, position, isRange }: Naming['places'][number]) =>
      page.isIn(
        kind,
        registers[position] ?? 0,
        registers[position + 1] ?? 0,
        isRange ? (registers[position + 2] ?? 0) : 1,
      );
    const isDescribed = descriptors.some(isAt);
    if (isDescribed) found.described.push(moment);
    if (isDescribed || pages.some(isAt) || places.some(isIn)) found.arguments.push(moment);
  }
  return found;
}

/** Moments after `from` whose call names an IPA while that leads to the page; two IPAs are a range, its end excluded. */
export function withIpa(run: Run, mapped: readonly Mapped[], from: number): number[] {
  const { log } = run;
  const found: number[] = [];
  for (const { realm, ipa, from: first, to } of mapped) {
    for (let moment = Math.max(first, from) + 1; moment <= Math.min(to, run.reached); moment++) {
      const { realms, ipas } = namingAt(run, moment);
      const [rd] = realms;
      const [low, high] = ipas;
      if (rd === undefined || low === undefined) continue;
      if (log.step(moment) === log.step(moment - 1)) continue;
      const registers = log.arguments(moment);
      if (registers[rd] !== realm) continue;
      const begin = registers[low] as number;
      const isNamed = high === undefined ? begin === ipa : begin <= ipa && ipa < (registers[high] as number);
      if (isNamed) found.push(moment);
    }
  }
  return found;
}
