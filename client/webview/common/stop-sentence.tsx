// One sentence a stop for those who hear the panel; none while scrubbing.
import { useRef } from 'preact/hooks';
import type { Moment } from '../../../server/src/features/panel-model.ts';
import { changeText } from './changes.tsx';
import { statusWords } from './glyphs.tsx';

export function StopSentence({ moment, quiet }: { readonly moment: Moment; readonly quiet: boolean }) {
  const said = useRef('');
  if (!quiet) said.current = sentence(moment);
  return (
    <p class="heard" aria-live="polite">
      {said.current}
    </p>
  );
}

function sentence({ step, changes, kept }: Moment): string {
  const what = `Step ${step.n}, ${step.actor}: ${step.call} ${statusWords(step.status)}, ${step.result}`;
  const first = changes[0] ?? kept[0];
  if (!first) return `${what}; nothing changed.`;
  if (changes.length === 0) return `${what}; nothing changed, ${changeText(first, true)}.`;
  const more = changes.length > 1 ? `, and ${changes.length - 1} more` : '';
  return `${what}; ${changeText(first, false)}${more}.`;
}
