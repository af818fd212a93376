// The tree of tables and runs of entries: a virtual list inside the panel's own scrolling, with the filter above it.
// biome-ignore-all lint/a11y/useSemanticElements: only the visible rows exist, each put where it belongs, and the keys move over rows that do not; table elements could do neither
// biome-ignore-all lint/a11y/useFocusableInteractive: only the visible rows exist, each put where it belongs, and the keys move over rows that do not; table elements could do neither
// biome-ignore-all lint/a11y/useKeyWithClickEvents: only the visible rows exist, each put where it belongs, and the keys move over rows that do not; table elements could do neither
import { useEffect, useRef } from 'preact/hooks';
import type { EntryRun, RealmTables } from '../../../server/src/features/tables-model.ts';
import { contextOf } from '../common/context.ts';
import { Tile } from '../common/glyphs.tsx';
import { grouped } from '../common/place.ts';
import { scrollToRow, targetRow, useVisible } from '../common/use-visible.ts';
import type { Controller } from './controller.ts';
import { CHUNK, type EntryKey, holds, isOpen } from './state.ts';
import { runText, stateText, type TreeRow, treeRows } from './tree-rows.ts';

/** A character's width in pixels at the editor's usual size, and what the gaps and edges of a row take. */
const CHARACTER = 6.62;
const ROOM = 76;
const HEADS = ['entry', 'IPA', 'entries', 'state', 'output address', 'since'];
/** Elements of a row: itself, its cells, the tile's two and the mark to open it. */
const ELEMENTS_OF_ROW = 10;
const LINE = 24;
const TWO_LINES = 46;
const THREE_LINES = 64;
/** Below this width, in pixels of the panel, not even two columns fit beside each other. */
const NARROW = 380;

interface Props {
  readonly panel: Controller;
  readonly chosen: RealmTables;
  readonly entry: EntryKey;
  /** Width of the panel in pixels. */
  readonly width: number;
}

export function TreeView(props: Props) {
  const { panel, chosen } = props;
  const rows = treeRows(panel.state, chosen);
  return (
    <section class="tree-box" aria-label="Entries">
      <h2>
        Entries
        <span class="end">runs of equal entries folded</span>
      </h2>
      <input
        class="filter"
        type="text"
        spellcheck={false}
        data-region="filter"
        aria-label="Filter the entries of the open tables"
        placeholder="filter the open tables: a state, an address, private, shared"
        value={panel.state.words}
        onInput={(event) => panel.filterBy(event.currentTarget.value)}
      />
      <Tree {...props} rows={rows} />
    </section>
  );
}

function Tree({ panel, chosen, entry, width, rows }: Props & { readonly rows: readonly TreeRow[] }) {
  const grid = useRef<HTMLDivElement>(null);
  const widths = columnWidths(rows);
  const lines = widths.reduce((sum, wide) => sum + wide, 0) * CHARACTER + ROOM > width;
  const narrow = width < NARROW;
  const height = narrow ? THREE_LINES : lines ? TWO_LINES : LINE;
  const [from, to] = useVisible(grid, rows.length, height, ELEMENTS_OF_ROW);
  const selected = rows.findIndex((row) => row.kind === 'run' && holds(row.run, entry));
  const onKey = useMoves(grid, panel, rows, height);
  useShown(grid, rows, selected, height, panel.state.tables?.revision);
  useEffect(() => panel.needRows(wantedChunks(panel, chosen, rows, from, to)));
  const columns = lines ? {} : { gridTemplateColumns: template(widths) };
  const shown = rows.slice(from, to + 1);
  const stop = selected >= from && selected <= to ? selected : from + shown.findIndex(({ kind }) => kind === 'run');
  return (
    <div
      role="treegrid"
      class={['runs', lines ? 'lines' : '', narrow ? 'narrow' : ''].filter(Boolean).join(' ')}
      aria-label={`Entries of the tables of ${chosen.name}`}
      aria-rowcount={rows.length + 1}
      data-region="entries"
      ref={grid}
      onKeyDown={(event) => onKey(event, selected)}
    >
      <div role="row" class="row heads" aria-rowindex={1} style={columns}>
        {HEADS.map((head, index) => (
          <span role="columnheader" key={head} class={index === 2 ? 'number' : ''}>
            {head}
          </span>
        ))}
      </div>
      <div role="rowgroup" class="rows" style={{ height: `${rows.length * height}px` }}>
        {shown.map((row, index) => (
          <Row
            key={from + index}
            panel={panel}
            row={row}
            index={from + index}
            selected={from + index === selected}
            tabStop={from + index === stop}
            lines={lines}
            place={{ ...columns, height: `${height}px`, top: `${(from + index) * height}px` }}
          />
        ))}
      </div>
      {rows.length <= 1 && panel.state.words !== '' ? (
        <p class="quiet">No entry of an open table matches the filter. Esc clears it.</p>
      ) : null}
    </div>
  );
}

/** Rows that are seen or on the walk, and with a filter all of the open tables; rows of the last stop are fetched again. */
function wantedChunks(panel: Controller, chosen: RealmTables, rows: readonly TreeRow[], from: number, to: number) {
  const looked = panel.state.words === '' ? rows.slice(from, to + 1) : rows;
  const wanted = new Map([[`${chosen.root} 0`, { rtt: chosen.root, chunk: 0 }]]);
  for (const { table } of chosen.levels) {
    const chunk = Math.floor((table?.row ?? 0) / CHUNK);
    if (table && isOpen(panel.state, table.at)) wanted.set(`${table.at} ${chunk}`, { rtt: table.at, chunk });
  }
  for (const row of looked) if (row.kind === 'coming') wanted.set(`${row.rtt} ${row.chunk}`, row);
  for (const [rtt, { revision }] of panel.state.rows) {
    const open = rows.some((row) => row.kind === 'run' && row.open && row.run.table === rtt);
    if (open && revision !== panel.state.moment?.revision) wanted.set(`${rtt} 0`, { rtt, chunk: 0 });
  }
  return [...wanted.values()];
}

function columnWidths(rows: readonly TreeRow[]): readonly number[] {
  const widths = [8, 11, 6, 10, 14, 5];
  for (const row of rows) {
    if (row.kind !== 'run') continue;
    const { text, range, output, since } = row.run;
    const lengths = [
      text.length + 2 * row.depth + 3,
      range.length,
      0,
      stateText(row.run).length + 3,
      output.length,
      since.length,
    ];
    for (const [column, length] of lengths.entries()) widths[column] = Math.max(widths[column] ?? 0, length);
  }
  return widths;
}

/** The last column takes what is left, so that a chosen row reaches the edge. */
const template = (widths: readonly number[]): string =>
  widths.map((wide, column) => (column === widths.length - 1 ? 'minmax(0, 1fr)' : `${wide}ch`)).join(' ');

/** Up, Down, Home and End go from run to run; the row is chosen, scrolled to and focused once it is there. */
function useMoves(
  grid: { readonly current: HTMLElement | null },
  panel: Controller,
  rows: readonly TreeRow[],
  height: number,
): (event: KeyboardEvent, selected: number) => void {
  const wanted = useRef<number | undefined>(undefined);
  useEffect(() => {
    const index = wanted.current;
    const row = index === undefined ? undefined : rows[index];
    const element = grid.current?.querySelector<HTMLElement>(`[aria-rowindex="${(index ?? -2) + 2}"]`);
    if (row?.kind !== 'run' || !element) return;
    wanted.current = undefined;
    element.focus({ preventScroll: true });
    const { chosen } = panel.state;
    if (!chosen || !holds(row.run, chosen)) panel.choose(row.run);
  });
  return (event, selected) => {
    const back = event.key === 'ArrowUp' || event.key === 'End';
    const now = wanted.current ?? selected; // a row that is still to come is where the reader already is
    let target = targetRow(event.key, now < 0 ? undefined : now, rows.length);
    while (target !== undefined && rows[target]?.kind === 'half') target += back ? -1 : 1;
    if (target === undefined || target < 0 || target >= rows.length) return;
    event.preventDefault();
    event.stopPropagation();
    wanted.current = target;
    scrollToRow(grid.current, target, height);
    const row = rows[target];
    if (row?.kind === 'run') panel.choose(row.run);
  };
}

/** Where the reader is in the list, its focus stays with the chosen entry when a step moves the rows. */
function useShown(
  grid: { readonly current: HTMLElement | null },
  rows: readonly TreeRow[],
  selected: number,
  height: number,
  revision: number | undefined,
): void {
  const last = useRef<number | undefined>(undefined);
  useEffect(() => {
    if (last.current === revision || selected < 0 || rows[selected]?.kind !== 'run') return;
    last.current = revision;
    const focused = document.activeElement;
    if (!focused || !grid.current?.contains(focused)) return;
    scrollToRow(grid.current, selected, height);
    grid.current.querySelector<HTMLElement>(`[aria-rowindex="${selected + 2}"]`)?.focus({ preventScroll: true });
  });
}

interface RowProps {
  readonly panel: Controller;
  readonly row: TreeRow;
  readonly index: number;
  readonly selected: boolean;
  readonly tabStop: boolean;
  readonly lines: boolean;
  readonly place: { readonly gridTemplateColumns?: string; readonly height: string; readonly top: string };
}

function Row(props: RowProps) {
  const { row, index, place } = props;
  const style = { height: place.height, top: place.top };
  switch (row.kind) {
    case 'half':
      return (
        <div role="row" class="row half-row" aria-rowindex={index + 2} aria-level={1} style={style}>
          <span role="gridcell">
            <b>{row.title}</b> {row.text}
          </span>
        </div>
      );
    case 'coming':
      return <div role="row" class="row coming" aria-rowindex={index + 2} style={style} />;
    case 'run':
      return <RunRow {...props} row={row} />;
  }
}

function RunRow(props: RowProps & { readonly row: Extract<TreeRow, { kind: 'run' }> }) {
  const { panel, row, index, selected } = props;
  const { run, depth, open } = row;
  const classes = ['row', selected ? 'selected' : '', run.mark ? 'touched' : '', run.count > 1 ? 'fold' : ''];
  return (
    <div
      role="row"
      class={classes.filter(Boolean).join(' ')}
      aria-rowindex={index + 2}
      aria-level={depth + 1}
      aria-posinset={row.position}
      aria-setsize={row.of}
      aria-selected={selected}
      aria-expanded={run.table === undefined ? undefined : open}
      tabIndex={props.tabStop ? 0 : -1}
      data-copy={runText(run)}
      style={{ ...props.place, '--depth': depth }}
      onClick={() => panel.choose(run)}
      {...contextOf(panel.pageAt(run))}
      onDblClick={() => panel.reveal(true)}
    >
      <span role="gridcell" class="entry">
        <Twisty panel={panel} run={run} open={open} />
        {run.text}
      </span>
      <span role="gridcell" class="range">
        {run.range}
      </span>
      <span role="gridcell" class="number">
        {grouped(run.count)}
      </span>
      <span role="gridcell" class="state">
        {run.state.family ? <Tile family={run.state.family} /> : null}
        {stateText(run)}
      </span>
      <span role="gridcell" class="output">
        {run.output}
      </span>
      <span role="gridcell" class="since" title={`since step ${run.since}`}>
        {run.since}
      </span>
    </div>
  );
}

/** Opens or folds the table of an entry. The row carries the state, and + and − do the same, so it is not a stop of its own. */
function Twisty({ panel, run, open }: { readonly panel: Controller; readonly run: EntryRun; readonly open: boolean }) {
  const { table } = run;
  if (table === undefined) return <span class="twisty" />;
  return (
    <button
      type="button"
      class="twisty"
      tabIndex={-1}
      aria-label={open ? 'Fold this table' : 'Open this table'}
      onClick={(event) => {
        event.stopPropagation();
        panel.open(table, !open);
      }}
    >
      {open ? '▾' : '▸'}
    </button>
  );
}
