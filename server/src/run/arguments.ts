// Arguments of a call at one moment: expressions become registers, and a range one call a granule.
import { type Machine, registersOf, toRegister, writeStructure } from '../emulator/index.ts';
import { type CallInstruction, type Environment, filledFor, filling, isInteger } from '../scenario/index.ts';

type Span = CallInstruction['name'];

/** Registers of one call, and how many calls the statement makes. */
export type Arranged =
  | { readonly registers: readonly number[]; readonly times: number }
  | { readonly fault: string; readonly span: Span };

const GRANULE = 4096;

/** The page in which the host passes structures: the last one of the DRAM. */
export const structurePage = ({ pages }: Machine): number => pages.dram.base + pages.dram.size - GRANULE;

/** The cell of what that page contains: written before a command begins, and so no change that the command makes. */
export const structureCell = (machine: Machine): number =>
  machine.pages.table.cell(machine.pages.row(structurePage(machine)), 0);

/** A range repeats the call, granule by granule; several ranges go in step and have equal lengths. */
export function arrange({ args, operation }: CallInstruction, repeat: number, environment: Environment): Arranged {
  const registers: number[] = [];
  let times: number | undefined;
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] as CallInstruction['args'][number];
    const param = operation.params[i] as CallInstruction['operation']['params'][number];
    if (arg.kind === 'structure') {
      registers.push(structurePage(environment.machine));
    } else if (arg.kind === 'absent') {
      for (let r = 0; r < registersOf(param.type); r++) registers.push(param.initial?.[r] ?? 0);
    } else {
      const value = arg.value.evaluate(environment);
      if (isInteger(value) && registersOf(param.type) === 1) {
        registers.push(toRegister(value, param.type, environment.machine.pages.words));
        continue;
      }
      const found = filling(param, value, environment);
      const { span } = arg.value;
      if ('fault' in found) return { fault: found.fault, span };
      if (found.times !== undefined && times !== undefined && found.times !== times) {
        return { fault: 'the ranges of one call have different lengths', span };
      }
      times ??= found.times;
      for (const register of filledFor(found, repeat)) registers.push(register);
    }
  }
  return { registers, times: times ?? 1 };
}

/** Writes the fields of structures to the page that the host passes. What it cannot write, the RMM will refuse. */
export function passStructures(
  { args, operation }: CallInstruction,
  registers: readonly number[],
  environment: Environment,
): void {
  const { rmm, pages } = environment.machine;
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] as CallInstruction['args'][number];
    const structure = operation.params[i]?.structure;
    const address = registers[i] ?? 0;
    if (arg.kind !== 'structure' || !structure || rmm.granules.gpt(address) !== 'NS') continue;
    const fields = arg.fields.map(({ name, value }) => [name, value.evaluate(environment)] as const);
    const values = fields.flatMap(([name, value]) => (isInteger(value) ? [[name, BigInt(value)] as const] : []));
    pages.setBytes(address, writeStructure(structure, pages.contents, Object.fromEntries(values)));
  }
}
