// The rows of the tree of entries, in their order: each open table's runs below its own entry, a heading for each half.
import type { EntryRun, RealmTables } from '../../../server/src/features/tables-model.ts';
import { CHUNK, isOpen, type PanelState } from './state.ts';

export type TreeRow =
  | { readonly kind: 'half'; readonly title: string; readonly text: string }
  | {
      readonly kind: 'run';
      readonly run: EntryRun;
      readonly depth: number;
      readonly open: boolean;
      /** Place among the runs of its table, from 1, and how many there are. */
      readonly position: number;
      readonly of: number;
    }
  /** Not fetched yet. */
  | { readonly kind: 'coming'; readonly rtt: number; readonly chunk: number };

/** With words only runs that hold all of them, and the TABLE entries above those. */
export function treeRows(state: PanelState, chosen: RealmTables): TreeRow[] {
  const words = state.words.toLowerCase().split(/\s+/).filter(Boolean);
  const rows = rowsOf(state, chosen.root, 0, words);
  const titled: TreeRow[] = [];
  const [lower, upper] = chosen.halves;
  for (const row of rows) {
    const ipa = row.kind === 'run' && row.depth === 0 ? row.run.ipa : undefined;
    if (lower && titled.length === 0) titled.push({ kind: 'half', title: 'Protected half', text: lower.text });
    if (upper && ipa !== undefined && ipa >= upper.ipa && !titled.some(({ kind }, i) => kind === 'half' && i > 0)) {
      titled.push({ kind: 'half', title: 'Unprotected half', text: upper.text });
    }
    titled.push(row);
  }
  return titled;
}

function rowsOf(state: PanelState, rtt: number, depth: number, words: readonly string[]): TreeRow[] {
  const table = state.rows.get(rtt);
  if (!table) return [{ kind: 'coming', rtt, chunk: 0 }];
  const rows: TreeRow[] = [];
  for (let index = 0; index < table.total; index++) {
    const chunk = Math.floor(index / CHUNK);
    const run = table.chunks.get(chunk)?.[index % CHUNK];
    if (!run) {
      rows.push({ kind: 'coming', rtt, chunk });
      continue;
    }
    const open = run.table !== undefined && isOpen(state, run.table);
    const below = open && run.table !== undefined ? rowsOf(state, run.table, depth + 1, words) : [];
    if (words.length > 0 && !below.some(({ kind }) => kind === 'run') && !matches(run, words)) continue;
    rows.push({ kind: 'run', run, depth, open, position: index + 1, of: table.total }, ...below);
  }
  return rows;
}

function matches(run: EntryRun, words: readonly string[]): boolean {
  const text = runText(run).toLowerCase();
  return words.every((word) => text.includes(word) || run.state.family === word);
}

/** `ASSIGNED RAM`, `TABLE, live 2`. */
export const stateText = ({ state, live }: EntryRun): string =>
  live === undefined ? state.text : `${state.text}, live ${live}`;

/** A run as one line: `L3[2], 0x8000_2000, UNASSIGNED DESTROYED, since step 20`. */
export function runText(run: EntryRun): string {
  const amount = run.count > 1 ? [`${run.count} entries`] : [];
  const output = run.output === '–' ? [] : [run.output];
  const steps = run.since.includes('..') ? 'steps' : 'step';
  const touched = run.mark === 'changed' ? ['changed by this step'] : run.mark ? ['refused by this step'] : [];
  return [run.text, run.range, ...amount, stateText(run), ...output, `since ${steps} ${run.since}`, ...touched].join(
    ', ',
  );
}
