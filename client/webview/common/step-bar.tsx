// The step bar: who called what, how it ended and why, where it is written, and where in the run it lies. It never scrolls.
import type { Moment, Source } from '../../../server/src/features/panel-model.ts';
import { contextOf } from './context.ts';
import { BreakGlyph, MarkGlyph, StatusGlyph } from './glyphs.tsx';
import { grouped } from './place.ts';
import { Scrubber } from './scrubber.tsx';
import type { StopPanel } from './stop-panel.ts';

/** Watched things that are named; the bar stays a few lines high. */
const MOST_WATCHED = 6;

interface Props {
  readonly panel: StopPanel;
  readonly moment: Moment;
  readonly touches: readonly number[];
  readonly live: boolean;
}

export function StepBar({ panel, moment, touches, live }: Props) {
  const { step, stack } = moment;
  return (
    <header class="step-bar" data-region="step">
      <div class="head">
        <span class="actor" title="Actor">
          {step.actor}
        </span>
        <code class="call">{step.call}</code>
        <Position panel={panel} moment={moment} live={live} />
      </div>
      <div class="outcome">
        <span class="result">
          <StatusGlyph status={step.status} />
          <code>{step.result}</code>
        </span>
        {step.why ? <span class="reason">{step.why}</span> : null}
        {step.source ? <Origin panel={panel} source={step.source} /> : null}
      </div>
      {stack.length > 0 ? (
        <div class="stack">
          {stack.map((call, depth) => (
            <code key={depth}>{call}</code>
          ))}
        </div>
      ) : null}
      {moment.watched ? <Watched panel={panel} watched={moment.watched} /> : null}
      <Scrubber panel={panel} moment={moment} touches={touches} live={live} />
    </header>
  );
}

/** What stops a movement by changing. */
function Watched({ panel, watched }: { readonly panel: StopPanel; readonly watched: NonNullable<Moment['watched']> }) {
  const shown = watched.slice(0, MOST_WATCHED);
  return (
    <div class="watched">
      <BreakGlyph />
      <span>breaks when</span>
      {shown.map(({ page, text }) => (
        <button
          type="button"
          class="link"
          tabIndex={-1}
          title="Show this page"
          key={text}
          onClick={() => panel.select(page)}
          {...contextOf(page)}
        >
          <code>{text}</code>
        </button>
      ))}
      <span>
        {watched.length > shown.length ? `or one of ${grouped(watched.length - shown.length)} more ` : ''}changes
      </span>
    </div>
  );
}

function Origin({ panel, source }: { readonly panel: StopPanel; readonly source: Source }) {
  return (
    <button
      type="button"
      class="link origin"
      tabIndex={-1}
      title="Go to the statement (Enter)"
      onClick={() => panel.reveal(true)}
    >
      {source.path.split(/[/\\]/).at(-1)}:{source.line}
    </button>
  );
}

function Position({ panel, moment, live }: Omit<Props, 'touches'>) {
  const { step, reached, total } = moment;
  const last = total !== undefined && step.n >= total;
  return (
    <fieldset class="position" aria-label="Step">
      <button
        type="button"
        tabIndex={-1}
        disabled={!live || step.n === 0}
        aria-label="One step back"
        title="One step back (←)"
        onClick={() => panel.step('stepBack')}
      >
        <MarkGlyph mark="back" />
      </button>
      <span class="count">
        <b>{grouped(step.n)}</b> of {grouped(total ?? reached)}
        {total === undefined ? ' so far' : ''}
      </span>
      <button
        type="button"
        tabIndex={-1}
        disabled={!live || last}
        aria-label="One step forward"
        title="One step forward (→)"
        onClick={() => panel.step('stepForward')}
      >
        <MarkGlyph mark="forward" />
      </button>
    </fieldset>
  );
}
