// The panel as a whole, from what happened down to everything else.
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Moment } from '../../../server/src/features/panel-model.ts';
import { Symbols } from '../common/glyphs.tsx';
import { Changes } from './changes.tsx';
import type { Controller } from './controller.ts';
import { FailureBox } from './failure.tsx';
import { KeyFooter, KeyOverlay } from './key-help.tsx';
import { listenToKeys } from './keys.ts';
import { Empty, Ended, Loading, Skeleton, Stale } from './notices.tsx';
import { PlacesView } from './places.tsx';
import { RunsView } from './runs.tsx';
import { StepBar } from './step-bar.tsx';
import { StopSentence } from './stop-sentence.tsx';
import { Strips } from './strips.tsx';
import { Totals } from './totals.tsx';

export function App({ panel }: { readonly panel: Controller }) {
  const [, paint] = useState(0);
  useLayoutEffect(() => panel.onChange(() => paint((count) => count + 1)), [panel]);
  useEffect(() => listenToKeys(panel), [panel]);
  const box = useRef<HTMLDivElement>(null);
  const width = useWidth(box);
  return (
    <div class="panel" ref={box}>
      <Symbols />
      <Body panel={panel} width={width} />
      {panel.state.help ? <KeyOverlay close={() => panel.help(false)} /> : null}
    </div>
  );
}

function Body({ panel, width }: { readonly panel: Controller; readonly width: number }) {
  const { phase, moment, loading, patience, program } = panel.state;
  const running = loading && patience !== 'quiet' ? <Loading panel={panel} loading={loading} /> : null;
  if (loading && (patience === 'skeleton' || !moment)) {
    return (
      <>
        {running}
        {patience === 'skeleton' ? <Skeleton /> : null}
      </>
    );
  }
  if (!moment) return phase === 'empty' ? <Empty panel={panel} program={program} /> : null;
  return (
    <>
      {running}
      <Stop panel={panel} moment={moment} width={width} />
    </>
  );
}

function Stop({
  panel,
  moment,
  width,
}: {
  readonly panel: Controller;
  readonly moment: Moment;
  readonly width: number;
}) {
  const { phase, selected, touches, places, runs } = panel.state;
  const live = phase === 'following';
  const touched = [...moment.changes, ...moment.kept].map(({ place }) => place);
  return (
    <>
      <StepBar panel={panel} moment={moment} touches={touches} live={live} />
      {moment.staleLine === undefined ? null : <Stale panel={panel} line={moment.staleLine} />}
      {live ? null : <Ended panel={panel} />}
      <main>
        {moment.failure ? <FailureBox panel={panel} failure={moment.failure} /> : null}
        <StopSentence moment={moment} quiet={panel.scrubbing} />
        <Changes panel={panel} moment={moment} selected={selected} />
        <Totals panel={panel} totals={moment.totals} />
        <Strips panel={panel} moment={moment} selected={selected} width={width} />
        <PlacesView places={places} />
        <RunsView panel={panel} runs={runs} selected={selected} width={width} touched={touched} />
      </main>
      <KeyFooter />
    </>
  );
}

function useWidth(box: { readonly current: HTMLElement | null }): number {
  const [width, setWidth] = useState(700);
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    const look = () => setWidth(element.clientWidth);
    look();
    const resized = new ResizeObserver(look);
    resized.observe(element);
    return () => resized.disconnect();
  }, [box]);
  return width;
}
