// The step bar: who called what, how it ended and why, where it is written, and where in the run it lies. It never scrolls.
import type { Moment, Source } from '../../../server/src/features/panel-model.ts';
import { MarkGlyph, StatusGlyph } from './glyphs.tsx';
import { grouped } from './place.ts';
import { Scrubber } from './scrubber.tsx';
import type { StopPanel } from './stop-panel.ts';

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
      <Scrubber panel={panel} moment={moment} touches={touches} live={live} />
    </header>
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
