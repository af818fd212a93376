// The position in the run as a slider: a drag seeks, and marks above it stand for the steps that touch the selected page.
import { useMemo, useState } from 'preact/hooks';
import type { Moment } from '../../../server/src/features/panel-model.ts';
import { statusWords } from './glyphs.tsx';
import type { StopPanel } from './stop-panel.ts';

/** More marks than this cannot be told apart on any screen; they fall together. */
const BINS = 500;

interface Props {
  readonly panel: StopPanel;
  readonly moment: Moment;
  readonly touches: readonly number[];
  readonly live: boolean;
}

export function Scrubber({ panel, moment, touches, live }: Props) {
  const { step, reached, total } = moment;
  const last = Math.max(1, total ?? reached, step.n);
  const [dragged, setDragged] = useState<number>();
  const share = (n: number) => `${(100 * n) / last}%`;
  const marks = useMemo(() => markPath(touches, last), [touches, last]);

  const stepUnder = (event: PointerEvent) => {
    const rail = (event.currentTarget as HTMLElement).querySelector('.rail')?.getBoundingClientRect();
    if (!rail || rail.width === 0) return step.n;
    return Math.round(Math.min(1, Math.max(0, (event.clientX - rail.left) / rail.width)) * last);
  };
  const seek = (event: PointerEvent) => {
    const target = stepUnder(event);
    if (target === dragged) return;
    setDragged(target);
    panel.goTo(target);
  };
  const release = () => {
    setDragged(undefined);
    panel.scrub(false);
  };

  return (
    <div
      class="scrubber"
      role="slider"
      tabIndex={0}
      data-slider-last={last}
      aria-label="Position in the run"
      aria-valuemin={0}
      aria-valuemax={last}
      aria-valuenow={step.n}
      aria-valuetext={`step ${step.n} of ${last}, ${step.call}, ${step.result}, ${statusWords(step.status)}`}
      aria-disabled={!live}
      onPointerDown={(event) => {
        if (!live || event.button !== 0) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        panel.scrub(true);
        seek(event);
      }}
      onPointerMove={(event) => (dragged === undefined ? undefined : seek(event))}
      onPointerUp={release}
      onPointerCancel={release}
    >
      <div class="rail">
        <div class="recorded" style={{ width: share(Math.max(reached, step.n)) }} />
        <div class="passed" style={{ width: share(step.n) }} />
        <svg class="touches" viewBox={`0 0 ${BINS} 4`} preserveAspectRatio="none" aria-hidden="true">
          <path d={marks} />
        </svg>
        <div class="thumb" style={{ left: share(dragged ?? step.n) }} />
      </div>
    </div>
  );
}

/** All marks as one path, so that a thousand of them are one element. */
function markPath(steps: readonly number[], last: number): string {
  const bins = new Set(steps.map((n) => Math.round((BINS * n) / last)));
  return [...bins].map((x) => `M${x} 0v4`).join('');
}
