// The lanes: who acted in which step, what belongs together, what failed, and where the selected page was changed or touched.
import type { ComponentChild } from 'preact';
import { useRef } from 'preact/hooks';
import type { Moment } from '../../../server/src/features/panel-model.ts';
import type { Density, Lane, PageLane, Stretch, Tally } from '../../../server/src/features/timeline-model.ts';
import { contextOf } from '../common/context.ts';
import { dragging } from '../common/dragging.ts';
import { BreakGlyph, MarkGlyph, StatusGlyph } from '../common/glyphs.tsx';
import { counted, grouped } from '../common/place.ts';
import type { Controller } from './controller.ts';
import { barsPath, binOf, captionOf, linesPath, middleOf, stepUnder } from './lane-layout.ts';
import { HollowGlyph } from './marks.tsx';

/** More marks than this in one lane become lines of 2 px. */
const MOST_GLYPHS = 60;
/** Height of a stretch, of the steps below, and of the unit that paths are drawn in. */
const STRETCH = 17;
const STEPS = 18;
/** What the names take of the panel's width, about. */
const NAMES = 110;

interface Props {
  readonly panel: Controller;
  readonly moment: Moment;
  readonly density: Density;
  readonly tally: Tally | undefined;
  /** Width of the panel in pixels. */
  readonly width: number;
}

export function Lanes({ panel, moment, density, tally, width }: Props) {
  const plot = useRef<HTMLDivElement>(null);
  const { n } = moment.step;
  const now = binOf(density, n);
  const inSight = n >= density.from && n <= density.to;
  const seek = (event: PointerEvent) => panel.goTo(stepUnder(plot.current, density, event.clientX));
  return (
    <section class="lanes-box" data-region="lanes" aria-label="The run by actor">
      <Title panel={panel} density={density} />
      <div
        class="lanes"
        role="img"
        aria-label={summaryOf(density, n)}
        {...dragging(panel, seek)}
        onWheel={(event) => {
          if (!event.ctrlKey) return;
          event.preventDefault();
          panel.zoom(event.deltaY > 0 ? 1.5 : 1 / 1.5, stepUnder(plot.current, density, event.clientX));
        }}
      >
        {density.lanes.map((lane, index) => (
          <LaneRow
            key={lane.name}
            lane={lane}
            density={density}
            now={now}
            width={width - NAMES}
            gridRow={String(index + 1)}
          />
        ))}
        {density.page ? (
          <PageRow lane={density.page} density={density} now={now} gridRow={String(density.lanes.length + 1)} />
        ) : null}
        {density.breaks.length > 0 ? (
          <BreakRow density={density} now={now} gridRow={String(density.lanes.length + 2)} />
        ) : null}
        <div class="now-column" ref={plot}>
          {inSight && n > 0 ? (
            <div
              class="now-mark"
              style={{ left: `${(100 * now) / density.bins}%`, width: `max(3px, ${100 / density.bins}%)` }}
            />
          ) : null}
        </div>
      </div>
      <Legend density={density} tally={tally} />
    </section>
  );
}

function Title({ panel, density }: Pick<Props, 'panel' | 'density'>) {
  const { from, to, last, bins } = density;
  const steps = to - from + 1;
  const whole = panel.state.window === undefined;
  return (
    <h2>
      <span>{whole ? 'The whole run' : `Steps ${grouped(from)} to ${grouped(to)}`}</span>
      {whole ? null : (
        <button type="button" class="link" onClick={() => panel.whole()}>
          show all {grouped(last)}
        </button>
      )}
      <span class="end">
        {steps === bins
          ? counted(steps, 'step')
          : `${counted(steps, 'step')}, height = steps, at most ${grouped(density.most)}`}
      </span>
    </h2>
  );
}

function summaryOf({ lanes, page, breaks, from, to }: Density, n: number): string {
  const parts = lanes.map(({ name, steps, expected, unexpected }) => {
    const failed = expected.length + unexpected.length;
    return `${name} ${counted(
      steps.reduce((sum, count) => sum + count, 0),
      'step',
    )}${failed > 0 ? `, ${failed} with failures` : ''}`;
  });
  const touches = page
    ? `; ${page.text} changed in ${page.changed.length} places, touched in ${page.touched.length}`
    : '';
  const stops = breaks.length > 0 ? `; breakpoints stop in ${counted(breaks.length, 'place')}` : '';
  return `Steps ${from} to ${to}, now ${n}: ${parts.join('; ')}${touches}${stops}`;
}

interface RowProps {
  readonly density: Density;
  /** The bin of the current step. */
  readonly now: number;
}

interface PlacedProps extends RowProps {
  readonly gridRow: string;
}

function LaneRow({
  lane,
  density,
  now,
  width,
  gridRow,
}: PlacedProps & { readonly lane: Lane; readonly width: number }) {
  const { name, why, steps, stretches } = lane;
  const nested = stretches.reduce((most, { depth }) => Math.max(most, depth + 1), 0);
  const height = nested * STRETCH + (steps.length > 0 || nested === 0 ? STEPS : 0);
  return (
    <>
      <span class="lane-name" style={{ gridRow }}>
        {name}
      </span>
      <div class="lane" style={{ gridRow, height: `${height + 5}px` }}>
        {why ? <span class="quiet">{why}</span> : null}
        {stretches.map((stretch, index) => (
          <StretchBar key={index} stretch={stretch} density={density} now={now} width={width} />
        ))}
        {steps.length > 0 ? <StepBars lane={lane} density={density} now={now} top={nested * STRETCH} /> : null}
      </div>
    </>
  );
}

function StretchBar(props: RowProps & { readonly stretch: Stretch; readonly width: number }) {
  const { stretch, density, now, width } = props;
  const { from, to, depth, text } = stretch;
  const first = Math.max(0, binOf(density, Math.max(from, density.from)));
  const end = Math.min(density.bins, binOf(density, Math.min(to, density.to)) + 1);
  const share = (end - first) / density.bins;
  return (
    <div
      class={first > now ? 'stretch later' : 'stretch'}
      title={`${text}, steps ${from} to ${to}`}
      style={{
        left: `${(100 * first) / density.bins}%`,
        width: `calc(${100 * share}% - 1px)`,
        top: `${depth * STRETCH + 2}px`,
      }}
    >
      {captionOf(text, share * width)}
    </div>
  );
}

function StepBars({ lane, density, now, top }: RowProps & { readonly lane: Lane; readonly top: number }) {
  const { steps, expected, unexpected } = lane;
  const failed = expected.length + unexpected.length;
  const asGlyphs = failed <= MOST_GLYPHS && density.bins <= 400;
  const without = new Set(asGlyphs ? [...expected, ...unexpected] : []);
  const style = { top: `${top + 2}px`, height: `${STEPS - 2}px` };
  return (
    <>
      <svg class="bars" viewBox={`0 0 ${density.bins} 1`} preserveAspectRatio="none" style={style} aria-hidden="true">
        <path class="done" d={barsPath(steps, density.most, 0, now + 1, without)} />
        <path class="later" d={barsPath(steps, density.most, now + 1, steps.length, without)} />
        {asGlyphs ? null : (
          <>
            <path class="failed" d={linesPath(expected)} />
            <path class="broken" d={linesPath(unexpected)} />
          </>
        )}
      </svg>
      {asGlyphs
        ? (['expected', 'unexpected'] as const).flatMap((status) =>
            lane[status].map((bin) => (
              <span
                class={bin > now ? 'mark later' : 'mark'}
                key={`${status} ${bin}`}
                style={{ left: middleOf(density, bin), top: `${top + 1 + STEPS / 2}px` }}
              >
                <StatusGlyph status={status} />
              </span>
            )),
          )
        : null}
    </>
  );
}

/** Bins of one kind, with their glyph and the line that stands for one where they are many. */
interface Marked {
  readonly bins: readonly number[];
  readonly glyph: ComponentChild;
  readonly line: { readonly class: string; readonly height?: number };
}

/** Marks in the middle of a lane: a glyph each while they are few, then lines. */
function Marks(props: { readonly density: Density; readonly now: number; readonly kinds: readonly Marked[] }) {
  const { density, now, kinds } = props;
  if (kinds.reduce((sum, { bins }) => sum + bins.length, 0) <= MOST_GLYPHS) {
    const glyphs = kinds.flatMap(({ bins, glyph }, kind) =>
      bins.map((bin) => (
        <span
          class={bin > now ? 'mark later' : 'mark'}
          key={`${kind} ${bin}`}
          style={{ left: middleOf(density, bin), top: '50%' }}
        >
          {glyph}
        </span>
      )),
    );
    return <>{glyphs}</>;
  }
  return (
    <svg
      class="bars"
      viewBox={`0 0 ${density.bins} 1`}
      preserveAspectRatio="none"
      style={{ top: '3px', height: '16px' }}
      aria-hidden="true"
    >
      {kinds.map(({ bins, line }, kind) => (
        <path class={line.class} d={linesPath(bins, line.height)} key={kind} />
      ))}
    </svg>
  );
}

function PageRow({ lane, density, now, gridRow }: PlacedProps & { readonly lane: PageLane }) {
  const { text, changed, touched, page } = lane;
  const kinds = [
    { bins: changed, glyph: <MarkGlyph mark="changed" />, line: { class: 'failed' } },
    { bins: touched, glyph: <HollowGlyph />, line: { class: 'failed', height: 0.6 } },
  ];
  return (
    <>
      <code class="lane-name" style={{ gridRow }} {...contextOf(page)}>
        {text}
      </code>
      <div class="lane" style={{ gridRow, height: '22px' }} {...contextOf(page)}>
        <Marks density={density} now={now} kinds={kinds} />
      </div>
    </>
  );
}

/** Where breakpoints stop: before a step, or behind one that changes what is watched. */
function BreakRow({ density, now, gridRow }: PlacedProps) {
  const kinds = [{ bins: density.breaks, glyph: <BreakGlyph />, line: { class: 'breaks' } }];
  return (
    <>
      <span class="lane-name" style={{ gridRow }}>
        break
      </span>
      <div class="lane" style={{ gridRow, height: '22px' }}>
        <Marks density={density} now={now} kinds={kinds} />
      </div>
    </>
  );
}

function Legend({ density, tally }: Pick<Props, 'density' | 'tally'>) {
  const name = density.page?.text;
  return (
    <p class="lane-legend">
      <span>
        <StatusGlyph status="expected" /> failed as expected{tally ? `, ${grouped(tally.expected)}` : ''}
      </span>
      <span>
        <StatusGlyph status="unexpected" /> failed unexpectedly{tally ? `, ${grouped(tally.unexpected)}` : ''}
      </span>
      {name ? (
        <>
          <span>
            <MarkGlyph mark="changed" /> changes {name}
          </span>
          <span>
            <HollowGlyph /> touches it, no change
          </span>
        </>
      ) : null}
      {density.breaks.length > 0 ? (
        <span>
          <BreakGlyph /> a breakpoint stops here
        </span>
      ) : null}
    </p>
  );
}
