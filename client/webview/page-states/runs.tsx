// The table of runs of equal pages: a virtual list inside the panel's own scrolling, with the filter above it.
// biome-ignore-all lint/a11y/useSemanticElements: only the visible rows exist, each put where it belongs, and the keys move over rows that do not; table elements could do neither
// biome-ignore-all lint/a11y/useFocusableInteractive: only the visible rows exist, each put where it belongs, and the keys move over rows that do not; table elements could do neither
// biome-ignore-all lint/a11y/useKeyWithClickEvents: only the visible rows exist, each put where it belongs, and the keys move over rows that do not; table elements could do neither
import { useEffect, useMemo, useRef } from 'preact/hooks';
import type { Place, Run } from '../../../server/src/features/panel-model.ts';
import { contextOf } from '../common/context.ts';
import { familyLabel } from '../common/families.ts';
import { Tile } from '../common/glyphs.tsx';
import { counted, grouped, within } from '../common/place.ts';
import { scrollToRow, targetRow, useVisible } from '../common/use-visible.ts';
import type { Controller } from './controller.ts';
import { everywhere, type RunTable, rowAt } from './state.ts';

/** Below this width, in pixels of the panel, a row is always drawn as lines; the style sheets say the same. */
const NARROW = 520;
/** A character's width in pixels at the editor's usual size, and what the gaps and edges of a row take. */
const CHARACTER = 6.62;
const ROOM = 77;
const NONE = 'No page has been touched yet.';
const NO_MATCH = 'No page matches the filter. Esc clears it.';

interface Props {
  readonly panel: Controller;
  readonly runs: RunTable | undefined;
  readonly selected: Place | undefined;
  /** Width of the panel in pixels. */
  readonly width: number;
  /** The pages this step changed, or was refused because of. */
  readonly touched: readonly Place[];
}

export function RunsView(props: Props) {
  const { panel, runs } = props;
  const { family, words } = panel.state;
  return (
    <section class="runs-box" aria-label="Runs of equal pages">
      <h2>
        Runs of equal pages{family ? `, ${familyLabel(family)} only` : ''}
        {runs ? (
          <span class="end">
            {counted(runs.total, 'run')}, {counted(runs.pages, 'page')}
          </span>
        ) : null}
      </h2>
      <input
        class="filter"
        type="text"
        spellcheck={false}
        data-region="filter"
        aria-label="Filter the runs"
        placeholder="filter: a state, an address, private, leaked"
        value={words}
        onInput={(event) => panel.filterBy({ words: event.currentTarget.value })}
      />
      {runs ? <Table {...props} runs={runs} /> : null}
    </section>
  );
}

function Table({ panel, runs, selected, width, touched }: Props & { readonly runs: RunTable }) {
  const grid = useRef<HTMLDivElement>(null);
  const widths = useMemo(() => columnWidths(runs), [runs]);
  const lines = width < NARROW || widths.reduce((sum, wide) => sum + wide, 0) * CHARACTER + ROOM > width;
  const height = rowHeight(width, lines, runs.columns.length);
  const [from, to] = useVisible(grid, runs.total, height, 7 + runs.columns.length);
  const wanted = useWanted(grid, panel, runs, height);
  useEffect(() => panel.needRows(from, to));

  const here = everywhere(panel.state, selected);
  const rows = Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => from + index);
  const chosen = rows.find((index) => here.some((page) => holds(rowAt(runs, index), page, runs.unit)));
  const columns = width < NARROW ? {} : { gridTemplateColumns: template(widths, lines) };
  return (
    <div
      role="grid"
      class={lines ? 'runs lines' : 'runs'}
      aria-label="Runs of equal pages"
      aria-rowcount={runs.total + 1}
      data-region="runs"
      ref={grid}
      onKeyDown={(event) => wanted(event, chosen)}
    >
      <div role="row" class="row heads" aria-rowindex={1} style={columns}>
        {['place', 'pages', 'state', ...runs.columns].map((name, index) => (
          <span role="columnheader" key={index} class={index === 1 ? 'number' : ''}>
            {name}
          </span>
        ))}
      </div>
      <div role="rowgroup" class="rows" style={{ height: `${runs.total * height}px` }}>
        {rows.map((index) => (
          <Row
            key={index}
            index={index}
            run={rowAt(runs, index)}
            panel={panel}
            runs={runs}
            selected={index === chosen}
            touched={touched.some((page) => holds(rowAt(runs, index), page, runs.unit))}
            lines={lines}
            tabStop={index === (chosen ?? rows[0])}
            place={{ ...columns, height: `${height}px`, top: `${index * height}px` }}
          />
        ))}
      </div>
      {runs.total === 0 ? <p class="quiet">{runs.filter === '' ? NONE : NO_MATCH}</p> : null}
    </div>
  );
}

/** A line is 18 px with its gap; in a narrow panel the state has a line of its own. */
function rowHeight(width: number, lines: boolean, columns: number): number {
  if (!lines) return 24;
  return (width < NARROW ? 2 : 1) * 18 + (columns > 0 ? 18 : 0) + 6;
}

function holds(run: Run | undefined, page: Place | undefined, unit: number): boolean {
  return run !== undefined && within(page, run.first, run.count, unit);
}

/** Widths of all columns in characters, from the rows fetched so far, so that scrolling does not move them. */
function columnWidths({ columns, chunks }: RunTable): readonly number[] {
  const rows = [...chunks.values()].flat();
  // A head is not set in the rows' wide font.
  const widest = (head: string, textOf: (run: Run) => string) =>
    rows.reduce((most, run) => Math.max(most, textOf(run).length), Math.ceil(head.length * 0.85)) + 1;
  return [
    widest('place', ({ text }) => text),
    widest('pages', ({ count }) => grouped(count)),
    widest('state', ({ state }) => state.text) + 3, // its tile stands before it
    ...columns.map((head, column) => widest(head, (run) => run.columns[column] ?? '')),
  ];
}

/** The last column takes what is left, so that a chosen row reaches the edge. */
function template(widths: readonly number[], lines: boolean): string {
  const [place = 0, pages = 0] = widths;
  if (lines) return `${place}ch ${pages + 'pages'.length}ch 1fr`;
  return widths.map((wide, column) => (column === widths.length - 1 ? 'minmax(0, 1fr)' : `${wide}ch`)).join(' ');
}

/** Up, Down, Home and End over rows that may not be there yet: scrolls to the row, and chooses it when it has come. */
function useWanted(
  grid: { readonly current: HTMLElement | null },
  panel: Controller,
  runs: RunTable,
  height: number,
): (event: KeyboardEvent, chosen: number | undefined) => void {
  const wanted = useRef<number | undefined>(undefined);
  useEffect(() => {
    const index = wanted.current;
    const run = index === undefined ? undefined : rowAt(runs, index);
    const row = grid.current?.querySelector<HTMLElement>(`[aria-rowindex="${(index ?? -2) + 2}"]`);
    if (!run || !row) return;
    wanted.current = undefined;
    row.focus({ preventScroll: true });
    panel.select(run.first);
  });
  return (event, chosen) => {
    const target = targetRow(event.key, chosen, runs.total);
    if (target === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    wanted.current = target;
    scrollToRow(grid.current, target, height);
    const run = rowAt(runs, target);
    if (run) panel.select(run.first);
  };
}

function Row(props: {
  readonly index: number;
  readonly run: Run | undefined;
  readonly panel: Controller;
  readonly runs: RunTable;
  readonly selected: boolean;
  readonly touched: boolean;
  readonly tabStop: boolean;
  readonly lines: boolean;
  readonly place: { readonly gridTemplateColumns?: string; readonly height: string; readonly top: string };
}) {
  const { index, run, panel, runs, selected, touched } = props;
  if (!run) return <div role="row" class="row coming" aria-rowindex={index + 2} style={props.place} />;
  const classes = ['row', selected ? 'selected' : '', touched ? 'touched' : ''].filter(Boolean).join(' ');
  return (
    <div
      role="row"
      class={classes}
      aria-rowindex={index + 2}
      aria-selected={selected}
      tabIndex={props.tabStop ? 0 : -1}
      data-copy={rowText(run, runs.columns)}
      style={props.place}
      onClick={() => panel.select(run.first)}
      {...contextOf(run.first)}
      onDblClick={() => panel.reveal(true)}
    >
      <span role="gridcell" class="where">
        {run.text}
      </span>
      <span role="gridcell" class="number">
        {props.lines ? counted(run.count, 'page') : grouped(run.count)}
      </span>
      <span role="gridcell" class="state">
        {run.state.family ? <Tile family={run.state.family} /> : null}
        {run.state.text}
      </span>
      <span role="presentation" class="columns">
        {run.columns.map((text, column) => (
          <span role="gridcell" class="more" key={column} title={text} data-head={runs.columns[column]}>
            {text}
          </span>
        ))}
      </span>
    </div>
  );
}

/** A row as one line: `RTT0 .. RTT0 + 8K, 2 pages, RTT, GPT REALM`. */
export function rowText(run: Run, columns: readonly string[]): string {
  const rest = run.columns.map((text, column) => `${columns[column] ?? ''} ${text}`.trim());
  return [run.text, counted(run.count, 'page'), run.state.text, ...rest].join(', ');
}
