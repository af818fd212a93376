// The statements of the run as a virtual list: the rail, the call, its result, and what it did to the selected page.
// biome-ignore-all lint/a11y/useSemanticElements: only the visible rows exist, each put where it belongs, and the keys move over rows that do not; table elements could do neither
// biome-ignore-all lint/a11y/useFocusableInteractive: only the visible rows exist, each put where it belongs, and the keys move over rows that do not; table elements could do neither
// biome-ignore-all lint/a11y/useKeyWithClickEvents: only the visible rows exist, each put where it belongs, and the keys move over rows that do not; table elements could do neither
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import type { Tally, TimelineRow } from '../../../server/src/features/timeline-model.ts';
import { BreakGlyph, MarkGlyph, StatusGlyph, statusWords } from '../common/glyphs.tsx';
import { grouped } from '../common/place.ts';
import { useRowKeys } from '../common/use-row-keys.ts';
import { useVisible } from '../common/use-visible.ts';
import type { Controller } from './controller.ts';
import { HollowGlyph, NowGlyph } from './marks.tsx';
import { Rail, railWidth } from './rail.tsx';
import { type RowTable, rowAt } from './state.ts';

/** Below this width, in pixels of the panel, a row has two lines; the style sheet says the same. */
const NARROW = 520;
/** Elements of one row, about. */
const ELEMENTS = 16;

interface Props {
  readonly panel: Controller;
  readonly rows: RowTable | undefined;
  readonly cursor: number | undefined;
  /** Width of the panel in pixels. */
  readonly width: number;
}

export function Steps(props: Props) {
  const { rows } = props;
  return (
    <section class="steps-box" aria-label="Steps">
      <h2>
        Steps
        {rows ? <span class="end">{tallyText(rows.tally)}</span> : null}
      </h2>
      {rows ? <List {...props} rows={rows} /> : null}
    </section>
  );
}

function tallyText({ ok, expected, unexpected }: Tally): string {
  const parts = [`${grouped(ok)} succeeded`];
  if (expected > 0) parts.push(`${grouped(expected)} failed as expected`);
  if (unexpected > 0) parts.push(`${grouped(unexpected)} failed unexpectedly`);
  return parts.join(', ');
}

function List({ panel, rows, cursor, width }: Props & { readonly rows: RowTable }) {
  const grid = useRef<HTMLDivElement>(null);
  const height = width < NARROW ? 44 : 24;
  const { total, current } = rows;
  const ruled = current < total - 1;
  // The rule takes the place of a row.
  const slot = (row: number) => (ruled && row > current ? row + 1 : row);
  const rowIn = (place: number) => (ruled && place > current ? place - 1 : place);
  const slots = total + (ruled ? 1 : 0);
  const [from, to] = useVisible(grid, slots, height, ELEMENTS);
  useEffect(() => panel.needRows(rowIn(from), rowIn(to)));
  useCurrentInSight(grid, current, height);
  const wanted = useRowKeys(grid, panel, {
    counted: 'aria-rowindex',
    first: 0,
    total: rows.total,
    show: (row) => scrollIntoSight(grid.current, slot(row), height),
  });
  const places = Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => from + index);
  const at = cursor ?? Math.max(0, current);
  return (
    <div
      role="grid"
      class="steps"
      aria-label="Steps"
      aria-rowcount={total}
      data-region="rows"
      ref={grid}
      onKeyDown={(event) => wanted(event, at)}
    >
      <div role="rowgroup" class="rows" style={{ height: `${slots * height}px` }}>
        {places.map((place) => {
          const top = { top: `${place * height}px`, height: `${height}px` };
          if (ruled && place === current + 1) return <Rule key="rule" place={top} />;
          const row = rowIn(place);
          return (
            <Row
              key={row}
              index={row}
              row={rowAt(rows, row)}
              panel={panel}
              rows={rows}
              height={height}
              place={top}
              tabStop={row === at || (row === rowIn(from) && (slot(at) < from || slot(at) > to))}
              chosen={row === cursor}
            />
          );
        })}
      </div>
    </div>
  );
}

function Rule({ place }: { readonly place: { readonly top: string; readonly height: string } }) {
  return (
    <div class="rule" role="presentation" style={place}>
      <span>recorded ahead, not yet reached</span>
    </div>
  );
}

/** Rows that stay in sight above and below the one that is shown. */
const CONTEXT = 3;

/** Scrolls the panel so far that a row and some around it lie below the lanes, which stay where they are. */
function scrollIntoSight(grid: HTMLElement | null, row: number, height: number): void {
  const scroller = grid?.closest('main');
  const list = grid?.querySelector('.rows');
  if (!scroller || !list) return;
  const lanes = scroller.querySelector<HTMLElement>('.lanes-box');
  const covered = lanes && getComputedStyle(lanes).position === 'sticky' ? lanes.offsetHeight : 0;
  const top = list.getBoundingClientRect().top - scroller.getBoundingClientRect().top + row * height;
  const around = Math.min(CONTEXT * height, Math.max(0, (scroller.clientHeight - covered) / 2 - height));
  const over = top - around - covered;
  const under = top + height + around - scroller.clientHeight;
  if (over < 0) scroller.scrollTop += over;
  else if (under > 0) scroller.scrollTop += under;
}

/** A stop brings its row into sight, and nothing else scrolls the list. */
function useCurrentInSight(grid: { readonly current: HTMLElement | null }, current: number, height: number): void {
  const shown = useRef<number | undefined>(undefined);
  useLayoutEffect(() => {
    if (shown.current === current) return;
    // The panel begins at its top: there the lanes stand.
    if (shown.current !== undefined || current > 8) scrollIntoSight(grid.current, Math.max(0, current), height);
    shown.current = current;
  }, [grid, current, height]);
}

function Row(props: {
  readonly index: number;
  readonly row: TimelineRow | undefined;
  readonly panel: Controller;
  readonly rows: RowTable;
  readonly height: number;
  readonly place: { readonly top: string; readonly height: string };
  readonly tabStop: boolean;
  readonly chosen: boolean;
}) {
  const { index, row, panel, rows } = props;
  if (!row) return <div role="row" class="row step-row" aria-rowindex={index + 1} style={props.place} />;
  const isNow = index === rows.current;
  const classes = [
    'row step-row',
    isNow ? 'now' : '',
    index > rows.current ? 'later' : '',
    props.chosen ? 'selected' : '',
    row.n === undefined ? 'aside' : '',
  ];
  return (
    <div
      role="row"
      class={classes.filter(Boolean).join(' ')}
      aria-rowindex={index + 1}
      aria-current={isNow ? 'step' : undefined}
      aria-selected={props.chosen}
      aria-label={spoken(row)}
      tabIndex={props.tabStop ? 0 : -1}
      data-copy={copied(row)}
      style={props.place}
      title={row.call}
      onClick={() => panel.goToRow(index)}
      onDblClick={() => panel.revealAt(row.source, true)}
    >
      <span class="arrow-place">
        {row.breakpoint ? <BreakGlyph /> : null}
        {isNow ? <NowGlyph /> : null}
      </span>
      <span role="gridcell" class="number" style={{ minWidth: `${grouped(rows.total).length}ch` }}>
        {row.n === undefined ? '' : grouped(row.n)}
      </span>
      <span class="rail-place" style={{ width: `${railWidth(rows.deepest)}px` }}>
        <Rail row={row} deepest={rows.deepest} height={props.height} />
      </span>
      <span class="touch">
        {row.touch === 'changed' ? <MarkGlyph mark="changed" /> : row.touch === 'touched' ? <HollowGlyph /> : null}
      </span>
      <span role="gridcell" class="what">
        {row.call}
      </span>
      <span role="gridcell" class="result">
        {row.status === 'ok' ? null : <StatusGlyph status={row.status} />}
        <code>{row.result}</code>
      </span>
      <span role="gridcell" class="line">
        {row.origin}
      </span>
    </div>
  );
}

const TOUCHES = { changed: 'changes the selected page', touched: 'touches the selected page' } as const;

function spoken({ n, actor, call, result, status, touch, breakpoint, source }: TimelineRow): string {
  const number = n === undefined ? '' : `step ${n}, `;
  const mark = touch ? `, ${TOUCHES[touch]}` : '';
  const stops = breakpoint ? ', breakpoint' : '';
  return `${number}${actor}: ${call}, ${result}, ${statusWords(status)}${mark}${stops}, line ${source.line}`;
}

const copied = ({ n, call, result, source }: TimelineRow): string =>
  `${n === undefined ? '' : `${n} `}${call} = ${result} (line ${source.line})`;
