// The failure of this step: what was expected, what came, and because of what.
import type { Failure } from '../../../server/src/features/panel-model.ts';
import { StatusGlyph } from '../common/glyphs.tsx';
import { Linked } from '../common/value.tsx';
import type { Controller } from './controller.ts';

export function FailureBox({ panel, failure }: { readonly panel: Controller; readonly failure: Failure }) {
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
