// The chosen IPA taken apart into the bits that each level looks at, and where the walks from both of its sides end.
import type { AddressPart, RealmTables, Walked } from '../../../server/src/features/tables-model.ts';
import { ValueText } from '../common/value.tsx';
import type { Controller } from './controller.ts';

interface Props {
  readonly panel: Controller;
  readonly chosen: RealmTables;
}

export function AddressView({ panel, chosen }: Props) {
  const { state } = panel;
  const pinned = [state.chosen, state.realm, state.page].some((choice) => choice !== undefined);
  const { walk, alias, parts } = chosen;
  return (
    <section class="address-box" aria-label={`IPA ${walk.text}`} data-region="address">
      <h2>
        IPA {walk.text}
        {walk.name ? <span class="quiet">{walk.name},</span> : null}
        <span class="quiet">{state.chosen ? 'chosen here' : chosen.origin}</span>
        {pinned ? (
          <span class="end">
            <button type="button" class="link" onClick={() => panel.unselect()}>
              follow the step
            </button>
          </span>
        ) : null}
      </h2>
      <div class="parts" style={{ gridTemplateColumns: parts.map(widthOf).join(' ') }}>
        {parts.map((part) => (
          <div class={part.used ? 'part' : 'part unused'} key={part.bits}>
            <code>{part.text}</code>
            {part.digits && part.digits !== part.text ? <code class="digits">{part.digits}</code> : null}
            <span class="quiet">
              {part.bits.includes('.') ? '' : 'bit '}
              {part.bits}
              {part.note && part.bits.includes('.') ? `, ${part.note}` : ''}
            </span>
          </div>
        ))}
      </div>
      <dl class="sides">
        <Side panel={panel} walked={walk} tabStop />
        <Side panel={panel} walked={alias} tabStop={false} />
      </dl>
    </section>
  );
}

const widthOf = ({ digits }: AddressPart): string =>
  digits === '' ? 'minmax(0, 1.3fr)' : digits.length === 1 ? 'minmax(2.6em, auto)' : 'minmax(0, 1fr)';

function Side({
  panel,
  walked,
  tabStop,
}: {
  readonly panel: Controller;
  readonly walked: Walked;
  readonly tabStop: boolean;
}) {
  const { half, bit, text, entry, state, output, access } = walked;
  const spelled = `${half} ${text}, ${bit}, ends at ${entry} ${state.text}, ${output ?? 'no output address'}, ${access}`;
  return (
    <div>
      <dt>
        {half}
        <span class="bit">{bit}</span>
      </dt>
      <dd>
        <button
          type="button"
          class="place-name"
          data-item="focus"
          data-copy={spelled}
          tabIndex={tabStop ? 0 : -1}
          title="Show the walk to this IPA"
          onClick={() => panel.walkTo({ level: walked.level, ipa: walked.ipa })}
        >
          <code>{text}</code>
        </button>
        <span class="ends">
          ends at <code>{entry}</code> <ValueText value={state} />
          {output ? <code>→ {output}</code> : null}
        </span>
        <span class="access-now">
          <span class="quiet">an access</span> {access}
        </span>
      </dd>
    </div>
  );
}
