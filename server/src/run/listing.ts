// A command taken apart: what it checks, what it changes and what it returns, as lines that one can step through.
import { type AnyOperation, type CellText, describeWrite, hex } from '../emulator/index.ts';
import type { CallInstruction } from '../scenario/index.ts';
import { structureCell } from './arguments.ts';
import { reasonAt } from './explain.ts';
import { refusalAt } from './refusal.ts';
import type { Run } from './run.ts';

/** A line where a step stops. */
export interface ListingStop {
  /** In `lines`, from 1. */
  readonly line: number;
  /** How many writes of the moment are done when the arrow stands on it. */
  readonly writes: number;
}

export interface Listing {
  readonly name: string;
  /** The moment that the call leads to. */
  readonly moment: number;
  readonly lines: readonly string[];
  readonly stops: readonly ListingStop[];
  /** What each write of the moment means, in their order; bookkeeping means nothing. */
  readonly writes: readonly (CellText | undefined)[];
}

const HELD = '✓';
const FAILED = '✗';
const NOT_REACHED = ' ';

/** The listing of the call that led to an executed moment. Leaves the run at that moment. */
export function listingOf(run: Run, moment: number, instruction: CallInstruction): Listing {
  run.seek(moment);
  const { operation } = instruction;
  const listing: { lines: string[]; stops: ListingStop[] } = { lines: [], stops: [] };
  listing.lines.push(
    `${titleOf(operation, run.log.arguments(moment))}`,
    `// ${operation.summary} ${operation.reference}.`,
  );
  const parameters = structureCell(run.machine);
  // Described while the machine is at the end of the moment; between two writes a table may not be one yet.
  const writes = run.machine.store
    .writesOf(moment)
    .map((write) => (write.cell === parameters ? undefined : describeWrite(run.machine, write)));
  addChecks(listing, run, moment, operation);
  for (const [done, text] of writes.entries()) {
    if (!text) continue;
    listing.stops.push({ line: listing.lines.length + 1, writes: done });
    listing.lines.push(`  ${text.field} ${hex(text.at)}: ${text.before} -> ${text.after}`);
  }
  listing.stops.push({ line: listing.lines.length + 1, writes: writes.length });
  listing.lines.push(`= ${run.resultText(operation, run.log.code(moment))}${outputsOf(run, moment, operation)}`);
  return { name: operation.name, moment, writes, ...listing };
}

const titleOf = ({ name, params }: AnyOperation, registers: readonly number[]) =>
  `${name}(${params.map((param, i) => `${param.name} = ${hex(registers[i] ?? 0)}`).join(', ')})`;

/** One line a check, in the specification's order; those behind the one that failed were not reached. */
function addChecks(
  { lines, stops }: { lines: string[]; stops: ListingStop[] },
  run: Run,
  moment: number,
  operation: AnyOperation,
): void {
  const injected = run.log.injected(moment) !== undefined;
  const failed = refusalAt(run, moment, operation)?.check;
  const why = injected || failed ? reasonAt(run, moment)?.text : undefined;
  if (injected) {
    stops.push({ line: lines.length + 1, writes: 0 });
    lines.push(`${FAILED} ${why}`);
  }
  const model = run.program.machine.rmm ?? 'rmm/1.0';
  const checks = operation.checks.filter(({ only }) => only === undefined || only === model);
  const width = Math.max(0, ...checks.map(({ id }) => id.length));
  let reached = !injected;
  for (const check of checks) {
    const mark = !reached ? NOT_REACHED : check === failed ? FAILED : HELD;
    if (reached) stops.push({ line: lines.length + 1, writes: 0 });
    lines.push(`${mark} ${check.id.padEnd(width)}  ${check.text}${check === failed ? ` -> ${check.statusText}` : ''}`);
    if (check !== failed) continue;
    reached = false;
    lines.push(`  // ${why}`);
  }
}

function outputsOf(run: Run, moment: number, operation: AnyOperation): string {
  const values = run.log.outputs(moment);
  const succeeded = operation.form.succeeded(run.log.code(moment));
  const shown = operation.outputs.flatMap(({ name, valid }, i) => {
    const value = values[i];
    return value !== undefined && (succeeded || valid === 'always') ? [`${name}: ${hex(value)}`] : [];
  });
  return shown.length === 0 ? '' : ` {${shown.join(', ')}}`;
}
