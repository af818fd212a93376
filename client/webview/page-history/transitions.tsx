// Every step that changed the page, with each of its places before and after, and those that only named it.
// biome-ignore-all lint/a11y/useSemanticElements: only the rows in sight exist, each put where it belongs, and the keys move over rows that do not; list elements could do neither
// biome-ignore-all lint/a11y/useFocusableInteractive: only the rows in sight exist, each put where it belongs, and the keys move over rows that do not; list elements could do neither
// biome-ignore-all lint/a11y/useKeyWithClickEvents: only the rows in sight exist, each put where it belongs, and the keys move over rows that do not; list elements could do neither
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Transition } from '../../../server/src/features/history-model.ts';
import { StatusGlyph, statusWords, Tile } from '../common/glyphs.tsx';
import { counted, grouped } from '../common/place.ts';
import { useRowKeys } from '../common/use-row-keys.ts';
import { BeforeAfter } from '../common/value.tsx';
import type { Controller } from './controller.ts';
import { type ListLayout, layOut, RULE, rowAtHeight } from './list-layout.ts';
import type { Story } from './state.ts';

/** Below this width, in pixels of the panel, a change has two lines; the style sheet says the same. */
const NARROW = 520;
/** Rows kept ready above and below those in sight. */
const AHEAD = 5;

interface Props {
  readonly panel: Controller;
  readonly story: Story;
  /** Width of the panel in pixels. */
  readonly width: number;
}

export function Transitions({ panel, story, width }: Props) {
  const list = useRef<HTMLDivElement>(null);
  const { life, head, rows } = story;
  const narrow = width < NARROW;
  const current = head.current - life.first;
  const layout = useMemo(() => layOut(life.lines, current, narrow), [life.lines, current, narrow]);
  const [from, to] = useInSight(list, layout);
  useEffect(() => panel.needRows(life.first + from, life.first + to));
  useCurrentInSight(list, layout, current, head.title);
  const onKey = useRowKeys(list, panel, {
    counted: 'aria-posinset',
    first: life.first,
    total: Math.min(life.lines.length, head.total),
    show: (row) => scrollTo(list.current, layout, row),
  });
  const at = panel.state.cursor ?? Math.max(0, head.current);
  const shown = Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => from + i);
  const inSight = at - life.first >= from && at - life.first <= to;
  return (
    <section class="changes-box" aria-label="Changes of this page">
      <h2>
        Changes
        <span class="end">
          {counted(life.changes, 'change')}, {counted(life.touches, 'touch', 'touches')} without one
        </span>
      </h2>
      {life.first > 0 ? (
        <p class="quiet">{grouped(life.first)} earlier ones: go to a step among them to see them.</p>
      ) : null}
      <div role="list" class="transitions" data-region="rows" ref={list} onKeyDown={(event) => onKey(event, at)}>
        <div class="rows" style={{ height: `${layout.height}px` }}>
          {shown.map((i) => (
            <Row
              key={life.first + i}
              index={life.first + i}
              row={rows.get(life.first + i)}
              panel={panel}
              story={story}
              top={layout.tops[i] ?? 0}
              height={
                (layout.tops[i + 1] ?? 0) -
                (layout.tops[i] ?? 0) -
                (i === current && layout.rule !== undefined ? RULE : 0)
              }
              tabStop={life.first + i === at || (!inSight && i === from)}
              chosen={life.first + i === panel.state.cursor}
            />
          ))}
          {layout.rule === undefined ? null : (
            <div class="rule" style={{ top: `${layout.rule}px` }}>
              <span>recorded ahead, not yet reached</span>
            </div>
          )}
        </div>
      </div>
      {life.first + life.lines.length < head.total ? (
        <p class="quiet">
          {grouped(head.total - life.first - life.lines.length)} later ones: go to a step among them to see them.
        </p>
      ) : null}
      {head.total === 0 ? <p class="quiet">No step so far has changed or named this page.</p> : null}
    </section>
  );
}

/** First and last row to draw, from where the panel is scrolled to. */
function useInSight(list: { readonly current: HTMLElement | null }, layout: ListLayout): readonly [number, number] {
  const [range, setRange] = useState<readonly [number, number]>([0, AHEAD * 2]);
  useLayoutEffect(() => {
    const scroller = list.current?.closest('main');
    const rows = list.current?.querySelector('.rows');
    if (!scroller || !rows) return;
    const look = () => {
      const above = scroller.getBoundingClientRect().top - rows.getBoundingClientRect().top;
      const first = Math.max(0, rowAtHeight(layout, above) - AHEAD);
      const last = rowAtHeight(layout, above + scroller.clientHeight) + AHEAD;
      setRange((old) => (old[0] === first && old[1] === last ? old : [first, last]));
    };
    look();
    const resized = new ResizeObserver(look);
    resized.observe(scroller);
    scroller.addEventListener('scroll', look, { passive: true });
    return () => {
      resized.disconnect();
      scroller.removeEventListener('scroll', look);
    };
  });
  const last = layout.tops.length - 2;
  return [Math.min(range[0], Math.max(0, last)), Math.min(range[1], last)];
}

function scrollTo(list: HTMLElement | null, layout: ListLayout, row: number): void {
  const scroller = list?.closest('main');
  const rows = list?.querySelector('.rows');
  if (!scroller || !rows) return;
  const life = scroller.querySelector<HTMLElement>('.life-box');
  const covered = life && getComputedStyle(life).position === 'sticky' ? life.offsetHeight : 0;
  const offset = rows.getBoundingClientRect().top - scroller.getBoundingClientRect().top;
  const over = offset + (layout.tops[row] ?? 0) - 4 - covered;
  const under = offset + (layout.tops[row + 1] ?? layout.height) + 4 - scroller.clientHeight;
  if (over < 0) scroller.scrollTop += over;
  else if (under > 0) scroller.scrollTop += under;
}

/** A stop brings its row into sight, and nothing else scrolls the list. */
function useCurrentInSight(
  list: { readonly current: HTMLElement | null },
  layout: ListLayout,
  current: number,
  title: string,
): void {
  const shown = useRef('');
  useLayoutEffect(() => {
    const key = `${title} ${current}`;
    if (shown.current === key) return;
    if (current >= 0) scrollTo(list.current, layout, current);
    shown.current = key;
  }, [list, layout, current, title]);
}

function Row(props: {
  readonly index: number;
  readonly row: Transition | undefined;
  readonly panel: Controller;
  readonly story: Story;
  readonly top: number;
  readonly height: number;
  readonly tabStop: boolean;
  readonly chosen: boolean;
}) {
  const { index, row, panel, story } = props;
  const { head } = story;
  const place = { top: `${props.top}px`, height: `${props.height}px`, '--digits': grouped(head.last).length };
  if (!row) return <div role="listitem" class="passage" aria-posinset={index + 1} style={place} />;
  const isNow = row.n === head.now;
  const classes = [
    'row passage',
    row.state.family ?? '',
    isNow ? 'now' : '',
    index > head.current ? 'later' : '',
    props.chosen ? 'selected' : '',
  ];
  return (
    <div
      role="listitem"
      class={classes.filter(Boolean).join(' ')}
      aria-posinset={index + 1}
      aria-setsize={head.total}
      aria-current={isNow ? 'step' : undefined}
      aria-label={spoken(row)}
      tabIndex={props.tabStop ? 0 : -1}
      data-copy={spoken(row)}
      style={place}
      onClick={() => panel.goToRow(index)}
      onDblClick={() => panel.revealAt(row.source, true)}
    >
      <span class="number">{grouped(row.n)}</span>
      <span class="life-line">{row.state.family ? <Tile family={row.state.family} /> : null}</span>
      <div class="told">
        <div class="told-head">
          <span class="actor">{row.actor}</span>
          <span class="what" title={row.call}>
            {row.call}
          </span>
          <span class="line">{row.origin}</span>
        </div>
        <Lines row={row} />
      </div>
    </div>
  );
}

function Lines({ row }: { readonly row: Transition }) {
  if (row.note !== undefined) {
    return (
      <div class="told-line note">
        <span class="kept" title={row.note}>
          <StatusGlyph status={row.status} />
          <span class="why">
            {row.status === 'ok' ? null : <code>{row.result} </code>}
            {row.note}
          </span>
        </span>
      </div>
    );
  }
  return (
    <>
      {row.changes.map((change, index) => (
        <div class="told-line" key={index}>
          <span class="field">{change.field}</span>
          <BeforeAfter before={change.before} after={change.after} />
        </div>
      ))}
      {row.more > 0 ? <div class="told-line quiet">and {counted(row.more, 'more change')}</div> : null}
    </>
  );
}

function spoken({ n, actor, call, result, status, changes, more, note, source }: Transition): string {
  const lines = changes.map(({ field, before, after }) => `${field} ${before.text} becomes ${after.text}`);
  if (more > 0) lines.push(`and ${more} more`);
  if (note !== undefined) lines.push(note);
  return `step ${n}, ${actor}: ${call}, ${result}, ${statusWords(status)}; ${lines.join('; ')}; line ${source.line}`;
}
