// What this step changed, a line for each cell; for a refused command, what it left as it was.
import type { Change, Moment, Place } from '../../../server/src/features/panel-model.ts';
import { contextOf } from './context.ts';
import { CHANGES, type Listed } from './following.ts';
import { grouped, samePage } from './place.ts';
import type { StopPanel } from './stop-panel.ts';
import { BeforeAfter, ValueText } from './value.tsx';

/** Lines drawn; a step that changes more says how many, and lists them when it is asked to. */
const LINES = 12;

interface Props {
  readonly panel: StopPanel;
  readonly moment: Moment;
  readonly selected: Place | undefined;
  readonly listed: Listed | undefined;
}

export function Changes({ panel, moment, selected, listed }: Props) {
  const nothing = moment.changes.length === 0;
  const all = nothing ? moment.kept : moment.changes;
  const total = all.length + (moment.moreChanges ?? 0);
  const lines = listed?.rows ?? all.slice(0, LINES);
  const stop = Math.max(
    0,
    lines.findIndex(({ place }) => place !== undefined && samePage(place, selected)),
  );
  return (
    <section class={nothing ? 'changes none' : 'changes'} aria-label="What this step changed" data-region="changes">
      {nothing ? <p class="wide">{nothingChanged(moment)}</p> : null}
      {lines.map((change, index) => (
        <Line panel={panel} change={change} kept={nothing} key={index} tabStop={index === stop} />
      ))}
      {listed || total > LINES ? <More panel={panel} listed={listed} total={total} /> : null}
    </section>
  );
}

/** What there is beside the lines that are shown, and how to get at it. */
function More({ panel, listed, total }: { panel: StopPanel; listed: Listed | undefined; total: number }) {
  const to = (label: string, from: number | undefined) => (
    <button type="button" class="link" tabIndex={0} onClick={() => panel.listChanges(from)}>
      {label}
    </button>
  );
  if (!listed) return <p class="wide quiet">{to(`and ${grouped(total - LINES)} more`, 0)}</p>;
  const end = listed.from + listed.rows.length;
  return (
    <p class="wide quiet more">
      <span>
        {grouped(listed.from + 1)} to {grouped(end)} of {grouped(listed.total)} changes
      </span>
      {listed.from > 0 ? to('earlier', Math.max(0, listed.from - CHANGES)) : null}
      {end < listed.total ? to('later', end) : null}
      {to('fewer', undefined)}
    </p>
  );
}

function nothingChanged({ step, kept }: Moment) {
  if (kept.length > 0) {
    return (
      <>
        <b>Nothing changed.</b> The command was refused before it wrote.
      </>
    );
  }
  if (step.n === 0) {
    return (
      <>
        <b>Nothing has run yet.</b> This is the machine as the scenario finds it.
      </>
    );
  }
  return <b>Nothing changed.</b>;
}

function Line(props: {
  readonly panel: StopPanel;
  readonly change: Change;
  readonly kept: boolean;
  readonly tabStop: boolean;
}) {
  const { panel, change, kept } = props;
  const { place } = change;
  const item = {
    class: 'place-name',
    'data-item': place ? 'select' : 'focus',
    'data-copy': changeText(change, kept),
    tabIndex: props.tabStop ? 0 : -1,
    ...contextOf(place),
  };
  return (
    <div class="change">
      <span class="field">{change.field}</span>
      {place ? (
        <button {...item} type="button" title="Show this page" onClick={() => panel.select(place)}>
          <code>{change.text}</code>
        </button>
      ) : (
        <span {...item}>{change.text}</span>
      )}
      {kept ? <Stays panel={panel} change={change} /> : <BeforeAfter before={change.before} after={change.after} />}
    </div>
  );
}

function Stays({ panel, change }: { readonly panel: StopPanel; readonly change: Change }) {
  const { since } = change;
  return (
    <span class="before-after">
      <span class="kept">
        stays <ValueText value={change.after} />
      </span>
      {since !== undefined ? (
        <span class="quiet">
          since{' '}
          <button type="button" class="link" tabIndex={-1} onClick={() => panel.goTo(since)}>
            step {since}
          </button>
        </span>
      ) : null}
    </span>
  );
}

/** A change as one line of text, for the clipboard and for the sentence of a stop. */
export function changeText({ field, text, before, after }: Change, kept: boolean): string {
  return kept ? `${field} ${text} stays ${after.text}` : `${field} ${text}: ${before.text} becomes ${after.text}`;
}
