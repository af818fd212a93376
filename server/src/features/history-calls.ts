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
}

const NOTHING: Naming = { pages: [], descriptors: [], realms: [], ipas: [] };

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
  };
  namings.set(operation, naming);
  return naming;
}

/** Moments after `from` whose call has the page among its arguments, and those that have it in a descriptor. */
export function namedMoments(run: Run, at: number, from: number): Record<'arguments' | 'described', number[]> {
  const { log } = run;
  const found = { arguments: [] as number[], described: [] as number[] };
  const isPage = (register: number | undefined) => register !== undefined && register - (register % GRANULE) === at;
  for (let moment = from + 1; moment <= run.reached; moment++) {
    const { pages, descriptors } = namingAt(run, moment);
    if (pages.length === 0 && descriptors.length === 0) continue;
    if (log.step(moment) === log.step(moment - 1)) continue;
    const registers = log.arguments(moment);
    if (pages.some((position) => isPage(registers[position]))) found.arguments.push(moment);
    if (!descriptors.some((position) => isPage(registers[position]))) continue;
    found.described.push(moment);
    found.arguments.push(moment);
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
