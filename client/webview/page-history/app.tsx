// The Page history panel: what the page is called, its life as one band, and every step that has to do with it.
import type { Moment } from '../../../server/src/features/panel-model.ts';
import { contextOf } from '../common/context.ts';
import { Shell } from '../common/shell.tsx';
import { Band } from './band.tsx';
import type { Controller } from './controller.ts';
import { ALL_KEYS, COMMON_KEYS, keysOf } from './keys.ts';
import { Transitions } from './transitions.tsx';

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
  const { story, selected } = panel.state;
  if (!selected) {
    return (
      <section class="history-head">
        <p class="quiet">No page is chosen: choose one in any panel, or step to a command that names one.</p>
      </section>
    );
  }
  if (!story) return null;
  const { head, life } = story;
  return (
    <>
      <div class="life-box" {...contextOf(selected)}>
        <section class="history-head" aria-label="The page">
          <h1>
            <code>{head.title}</code>
          </h1>
          <div class="history-names quiet">
            {head.names.map((name) => (
              <code key={name}>{name}</code>
            ))}
          </div>
        </section>
        {life.band.length > 0 ? (
          <Band panel={panel} life={life} last={head.last} now={moment.step.n} width={width} />
        ) : null}
      </div>
      <Transitions panel={panel} story={story} width={width} />
    </>
  );
}
