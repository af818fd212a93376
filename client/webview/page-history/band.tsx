// The page's life as one band over all steps: its state in tint, border, pattern and glyph, and its name where there is room.
import type { Life, Segment } from '../../../server/src/features/history-model.ts';
import { dragging } from '../common/dragging.ts';
import { FamilyGlyph } from '../common/glyphs.tsx';
import { counted } from '../common/place.ts';
import type { Controller } from './controller.ts';

/** Pixels of the panel that the band does not have. */
const EDGES = 36;
/** Pixels for a glyph, and of a character of a name. */
const GLYPH = 20;
const CHARACTER = 7.2;
/** Pixels between two numbers below the band, and of one of their digits. */
const APART = 10;
const DIGIT = 7;

interface Props {
  readonly panel: Controller;
  readonly life: Life;
  /** The last step recorded. */
  readonly last: number;
  readonly now: number;
  /** Width of the panel in pixels. */
  readonly width: number;
}

interface Drawn {
  readonly segment: Segment;
  /** Shares of the band's width. */
  readonly left: number;
  readonly wide: number;
}

export function Band({ panel, life, last, now, width }: Props) {
  const drawn = layOut(life.band, last);
  const pixels = Math.max(1, width - EDGES);
  const seek = (event: PointerEvent) => {
    const box = (event.currentTarget as HTMLElement).getBoundingClientRect();
    panel.goTo(Math.round(Math.min(1, Math.max(0, (event.clientX - box.left) / box.width)) * last));
  };
  return (
    <section class="band-box" aria-label="The page’s life">
      <div class="band" role="img" aria-label={spoken(life, last)} {...dragging(panel, seek)}>
        {drawn.map((one) => (
          <SegmentBox key={one.segment.since} drawn={one} pixels={pixels} later={one.segment.since > now} />
        ))}
        <span class="band-now" style={{ left: `${(100 * now) / Math.max(1, last)}%` }} />
      </div>
      <div class="band-steps" aria-hidden="true">
        {numbers(drawn, pixels).map(({ segment, left }) => (
          <span key={segment.since} style={{ left: `${100 * left}%` }}>
            {segment.since}
          </span>
        ))}
      </div>
    </section>
  );
}

function layOut(band: readonly Segment[], last: number): Drawn[] {
  const all = Math.max(1, last);
  return band.map((segment, index) => {
    const end = band[index + 1]?.since ?? all;
    return { segment, left: segment.since / all, wide: Math.max(0, end - segment.since) / all };
  });
}

function SegmentBox(props: { readonly drawn: Drawn; readonly pixels: number; readonly later: boolean }) {
  const { segment, left, wide } = props.drawn;
  const { state, folded } = segment;
  const room = wide * props.pixels;
  const text = folded ? counted(folded, 'change') : state.text;
  const named = room >= GLYPH + text.length * CHARACTER;
  const classes = ['tile segment', folded ? 'folded' : (state.family ?? ''), props.later ? 'later' : ''];
  return (
    <div
      class={classes.filter(Boolean).join(' ')}
      title={`${folded ? `${counted(folded, 'change')}, the first to ${state.text},` : state.text} from step ${segment.since}`}
      style={{ left: `${100 * left}%`, width: `max(3px, ${100 * wide}% - 1px)` }}
    >
      {room >= GLYPH && state.family && !folded ? <FamilyGlyph family={state.family} /> : null}
      {named ? <code>{text}</code> : null}
    </div>
  );
}

/** The first step of each segment, as far as the numbers do not touch. */
function numbers(drawn: readonly Drawn[], pixels: number): Drawn[] {
  let free = 0;
  return drawn.filter(({ segment, left }) => {
    if (left * pixels < free) return false;
    free = left * pixels + APART + DIGIT * String(segment.since).length;
    return true;
  });
}

function spoken({ band, changes, touches }: Life, last: number): string {
  const states = band.slice(0, 40).map(({ since, state }) => `${state.text} from step ${since}`);
  const more = band.length > 40 ? `, and ${band.length - 40} more` : '';
  return `${states.join(', ')}${more}, to step ${last}; ${counted(changes, 'change')}, ${counted(touches, 'touch', 'touches')} without one`;
}
