// The steps of a run that have to do with one page.
import type { Run } from '../run/index.ts';

const FOLIO_COLUMNS = ['owner', 'mapcount', 'gets', 'pins', 'leaked', 'flags'] as const;

/** Numbers of the steps that wrote the page's cells or have it among their arguments, in order. */
export function touchesOf(run: Run, at: number): number[] {
  const { machine, log } = run;
  if (!machine.pages.has(at)) return [];
  const { granules } = machine.rmm;
  const page = machine.pages.table.cell(machine.pages.row(at), 0);
  const cells = [granules.stateCell(at), granules.gptCell(at), page, ...folioCells(run, at)];
  const steps = new Set(cells.flatMap((cell) => machine.store.history(cell)).map((moment) => log.step(moment)));
  for (let moment = 1; moment <= run.reached; moment++) {
    const instruction = run.instructionAt(moment);
    if (instruction?.kind !== 'call') continue;
    const { params } = instruction.operation;
    if (log.arguments(moment).some((value, i) => params[i]?.type === 'pa' && value === at)) steps.add(log.step(moment));
  }
  return [...steps].filter((step) => step > 0).sort((a, b) => a - b);
}

/** What the kernel keeps of the folio, where it takes part at all. */
function folioCells({ machine: { linux }, program }: Run, at: number): number[] {
  if (program.machine.linux?.profile === undefined) return [];
  const head = linux.folios.head(linux.folios.pfnOf(at));
  return FOLIO_COLUMNS.map((column) => linux.folios.cell(head, column));
}
