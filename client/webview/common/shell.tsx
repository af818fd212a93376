// A panel as a whole: its step bar and notices, what the step did, then its own parts, and the keys.
import type { ComponentChildren } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Moment, Place } from '../../../server/src/features/panel-model.ts';
import { Changes } from './changes.tsx';
import { FailureBox } from './failure.tsx';
import type { Following } from './following.ts';
import { Symbols } from './glyphs.tsx';
import { KeyFooter, KeyOverlay, type Keys } from './key-help.tsx';
import { type KeyOptions, listenToKeys } from './keys.ts';
import { Empty, Ended, Loading, Skeleton, Stale } from './notices.tsx';
import { StepBar } from './step-bar.tsx';
import type { StopPanel } from './stop-panel.ts';
import { StopSentence } from './stop-sentence.tsx';
import { useWidth } from './use-width.ts';

export interface ShellProps<P extends StopPanel> {
  readonly panel: P;
  readonly keys: (panel: P) => KeyOptions;
  readonly commonKeys: readonly Keys[];
  readonly allKeys: readonly Keys[];
  /** Read at every drawing. */
  readonly state: () => Following & { readonly selected: Place | undefined };
  readonly children: (moment: Moment, width: number) => ComponentChildren;
}

export function Shell<P extends StopPanel>(props: ShellProps<P>) {
  const { panel, keys } = props;
  const [, paint] = useState(0);
  useLayoutEffect(() => panel.onChange(() => paint((count) => count + 1)), [panel]);
  useEffect(() => listenToKeys(panel, keys(panel)), [panel, keys]);
  const box = useRef<HTMLDivElement>(null);
  const width = useWidth(box);
  return (
    <div class="panel" ref={box}>
      <Symbols />
      <Body {...props} width={width} />
      {props.state().help ? <KeyOverlay keys={props.allKeys} close={() => panel.help(false)} /> : null}
    </div>
  );
}

function Body<P extends StopPanel>(props: ShellProps<P> & { readonly width: number }) {
  const { panel } = props;
  const { phase, moment, loading, patience, program } = props.state();
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
      <Stop {...props} moment={moment} />
    </>
  );
}

function Stop<P extends StopPanel>(props: ShellProps<P> & { readonly moment: Moment; readonly width: number }) {
  const { panel, moment, width } = props;
  const { phase, selected, touches, listed } = props.state();
  const live = phase === 'following';
  return (
    <>
      <StepBar panel={panel} moment={moment} touches={touches} live={live} />
      {moment.staleLine === undefined ? null : <Stale panel={panel} line={moment.staleLine} />}
      {live ? null : <Ended panel={panel} />}
      <main>
        {moment.failure ? <FailureBox panel={panel} failure={moment.failure} /> : null}
        <StopSentence moment={moment} quiet={panel.scrubbing} />
        <Changes panel={panel} moment={moment} selected={selected} listed={listed} />
        {props.children(moment, width)}
      </main>
      <KeyFooter keys={props.commonKeys} />
    </>
  );
}
