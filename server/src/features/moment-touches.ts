// The steps of a run that have to do with one page.
import type { Run } from '../run/index.ts';

/** Numbers of the steps that wrote the page's cells or have it among their arguments, in order. */
export function touchesOf(run: Run, at: number): number[] {
  const { machine, log } = run;
  if (!machine.pages.has(at)) return [];
  const { granules } = machine.rmm;
  const cells = [granules.stateCell(at), granules.gptCell(at), machine.pages.table.cell(machine.pages.row(at), 0)];
  const steps = new Set(cells.flatMap((cell) => machine.store.history(cell)).map((moment) => log.step(moment)));
  for (let moment = 1; moment <= run.reached; moment++) {
    const instruction = run.instructionAt(moment);
    if (instruction?.kind !== 'call') continue;
    const { params } = instruction.operation;
    if (log.arguments(moment).some((value, i) => params[i]?.type === 'pa' && value === at)) steps.add(log.step(moment));
  }
  return [...steps].filter((step) => step > 0).sort((a, b) => a - b);
}
