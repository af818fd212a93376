// A state by its real name, with its family's tile before it; and a value before and after.
import type { ComponentChildren } from 'preact';
import type { Value } from '../../../server/src/features/panel-model.ts';
import { Tile } from './glyphs.tsx';

export function ValueText({ value }: { readonly value: Value }) {
  return (
    <>
      {value.family ? <Tile family={value.family} /> : null}
      <code>{value.text}</code>
    </>
  );
}

export function BeforeAfter({ before, after }: { readonly before: Value; readonly after: Value }) {
  return (
    <span class="before-after">
      <span class="was">
        <ValueText value={before} />
      </span>
      <span class="becomes">
        <span class="arrow" role="img" aria-label="becomes">
          →
        </span>
        <span class="is">
          <ValueText value={after} />
        </span>
      </span>
    </span>
  );
}

/** A text in which `step 48` and `line 18` can be followed. */
export function Linked(props: {
  readonly text: string;
  readonly step: (step: number) => void;
  readonly line: (line: number) => void;
}): ComponentChildren {
  return props.text.split(/\b((?:step|line) \d+)\b/).map((part, index) => {
    const [kind, digits] = part.split(' ');
    if (index % 2 === 0 || digits === undefined) return part;
    const follow = () => (kind === 'step' ? props.step(Number(digits)) : props.line(Number(digits)));
    return (
      <button type="button" class="link" key={index} onClick={follow}>
        {part}
      </button>
    );
  });
}
