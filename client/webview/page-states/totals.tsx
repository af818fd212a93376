// Pages by family: the totals, the legend and the filter in one.
import { useState } from 'preact/hooks';
import type { Family, Moment } from '../../../server/src/features/panel-model.ts';
import { FAMILIES, familyLabel, familyStates } from '../common/families.ts';
import { Tile } from '../common/glyphs.tsx';
import { grouped } from '../common/place.ts';
import type { Controller } from './controller.ts';

/** Shown only where there are some: no machine without them needs to explain them. */
const OPTIONAL: readonly Family[] = ['absent', 'vacant', 'lost'];

export function Totals({ panel, totals }: { readonly panel: Controller; readonly totals: Moment['totals'] }) {
  const pressed = panel.state.family;
  const shown = FAMILIES.filter((family) => totals[family] > 0 || family === pressed || !OPTIONAL.includes(family));
  const [stop, setStop] = useState<Family>();
  const tabStop = stop && shown.includes(stop) ? stop : (pressed ?? shown[0]);
  return (
    <fieldset class="totals" aria-label="Pages by owner; choose one to filter" data-region="totals">
      {shown.map((family) => (
        <button
          type="button"
          key={family}
          class={totals[family] === 0 ? 'total zero' : 'total'}
          data-item="focus"
          data-copy={`${totals[family]} ${familyLabel(family)}`}
          aria-pressed={family === pressed}
          tabIndex={family === tabStop ? 0 : -1}
          title={familyStates(family)}
          onFocus={() => setStop(family)}
          onClick={() => panel.toggleFamily(family)}
        >
          <Tile family={family} />
          <b>{grouped(totals[family])}</b> {familyLabel(family)}
        </button>
      ))}
    </fieldset>
  );
}
