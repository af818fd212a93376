// One page in all its places: the frame in the middle, the host's doors left, the realm's right, and what an access does now.
import type { Door, Places } from '../../../server/src/features/panel-model.ts';
import { contextOf } from '../common/context.ts';
import { Tile } from '../common/glyphs.tsx';

const WIRE_WORDS: Readonly<Record<Door['wire'], string>> = {
  open: 'reachable',
  none: 'nothing there',
  barred: 'refused',
};

export function PlacesView({ places }: { readonly places: Places | undefined }) {
  if (!places) return null;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: every part of the panel is one stop of the Tab key, the one that is only read too
    <section aria-label={`${places.title} in all its places`} data-region="places" tabIndex={0} class="places-box">
      <h2>{places.title} in all its places</h2>
      <div class="places" {...contextOf(places.page)}>
        <Side label="Host side" side="host" doors={places.host} />
        <Frame places={places} />
        <Side label="Realm side" side="guest" doors={places.guest} />
      </div>
      <dl class="access">
        {places.access.map(({ who, outcome, ok }) => (
          <div key={who}>
            <dt>{who}</dt>
            <dd>
              <svg class="glyph" role="img" aria-label={ok ? 'goes through' : 'is refused'}>
                <use href={ok ? '#status-ok' : '#status-expected'} />
              </svg>
              <code>{outcome}</code>
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function Side(props: { readonly label: string; readonly side: 'host' | 'guest'; readonly doors: readonly Door[] }) {
  return (
    <ul class={`doors ${props.side}`} aria-label={props.label}>
      {props.doors.map((door, index) => (
        <li class={`door ${door.wire}`} key={index}>
          <span class="box">
            <span class="title">{door.title}</span>
            <code>{door.text}</code>
          </span>
          <span class="wire" role="img" aria-label={WIRE_WORDS[door.wire]} title={WIRE_WORDS[door.wire]} />
        </li>
      ))}
    </ul>
  );
}

function Frame({ places }: { readonly places: Places }) {
  const { state, frame } = places;
  return (
    <div class={`frame ${state.family ?? 'host'}`}>
      <div class="state">
        {state.family ? <Tile family={state.family} /> : null}
        <code>{state.text}</code>
      </div>
      <dl>
        {frame.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              <code>{value}</code>
            </dd>
          </div>
        ))}
      </dl>
    </div>
  );
}
