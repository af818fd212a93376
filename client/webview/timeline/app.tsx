// The Timeline panel: the whole run as lanes, one for each actor and one for the selected page, and its statements as a list.
import type { Moment } from '../../../server/src/features/panel-model.ts';
import { Shell } from '../common/shell.tsx';
import type { Controller } from './controller.ts';
import { ALL_KEYS, COMMON_KEYS, keysOf } from './keys.ts';
import { Lanes } from './lanes.tsx';
import { Steps } from './steps.tsx';

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
  const { density, rows, cursor } = panel.state;
  return (
    <>
      {density ? <Lanes panel={panel} moment={moment} density={density} tally={rows?.tally} width={width} /> : null}
      <Steps panel={panel} rows={rows} cursor={cursor} width={width} />
    </>
  );
}
