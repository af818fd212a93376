// The Page states panel: below what happened come the totals, the memory, one page in its places, and everything else.
import type { Moment } from '../../../server/src/features/panel-model.ts';
import { Shell } from '../common/shell.tsx';
import type { Controller } from './controller.ts';
import { ALL_KEYS, COMMON_KEYS, keysOf } from './keys.ts';
import { PlacesView } from './places.tsx';
import { RunsView } from './runs.tsx';
import { Strips } from './strips.tsx';
import { Totals } from './totals.tsx';

export function App({ panel }: { readonly panel: Controller }) {
  return (
    <Shell panel={panel} keys={keysOf} commonKeys={COMMON_KEYS} allKeys={ALL_KEYS} state={() => panel.state}>
      {(moment, width) => <Parts panel={panel} moment={moment} width={width} />}
    </Shell>
  );
}

interface Props {
  readonly panel: Controller;
  readonly moment: Moment;
  readonly width: number;
}

function Parts({ panel, moment, width }: Props) {
  const { selected, places, runs } = panel.state;
  const touched = [...moment.changes, ...moment.kept].flatMap(({ place }) => place ?? []);
  return (
    <>
      <Totals panel={panel} totals={moment.totals} />
      <Strips panel={panel} moment={moment} selected={selected} width={width} />
      <PlacesView places={places} />
      <RunsView panel={panel} runs={runs} selected={selected} width={width} touched={touched} />
    </>
  );
}
