// The failure of this step: what was expected, what came, and because of what.
import type { Failure } from '../../../server/src/features/panel-model.ts';
import { StatusGlyph } from './glyphs.tsx';
import type { StopPanel } from './stop-panel.ts';
import { Linked } from './value.tsx';

export function FailureBox({ panel, failure }: { readonly panel: StopPanel; readonly failure: Failure }) {
  const step = (n: number) => panel.goTo(n);
  const line = (n: number) => panel.revealLine(n);
  return (
    <section class="failure" role="alert">
      <h1>
        <StatusGlyph status="unexpected" />
        <span>
          {failure.code}: {failure.message}
        </span>
      </h1>
      <dl>
        <dt>expected</dt>
        <dd>
          <code>{failure.expected}</code>
        </dd>
        <dt>actual</dt>
        <dd>
          <code>{failure.actual}</code>
        </dd>
        <dt>because</dt>
        <dd>
          <Linked text={failure.because} step={step} line={line} />
        </dd>
      </dl>
    </section>
  );
}
