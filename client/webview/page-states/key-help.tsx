// The keys: the common ones below the panel, all of them over it on `?`.
import { useEffect, useRef } from 'preact/hooks';

const COMMON: readonly (readonly [keys: readonly string[], does: string])[] = [
  [['←', '→'], 'step'],
  [['↑', '↓'], 'page'],
  [['[', ']'], 'change of page'],
  [['Enter'], 'statement'],
  [['/'], 'filter'],
  [['?'], 'all keys'],
];

const ALL: readonly (readonly [keys: readonly string[], does: string])[] = [
  [['←', '→'], 'one step back, forward'],
  [['Shift ←', 'Shift →'], 'one statement back, forward'],
  [['↑', '↓', 'Home', 'End'], 'previous, next, first, last page, row or total'],
  [['[', ']'], 'previous, next step that touches the selected page'],
  [['Enter'], 'show the statement, the focus stays here'],
  [['Ctrl Enter'], 'go to the statement'],
  [['/'], 'filter the runs'],
  [['Esc'], 'clear the filter; then leave to the editor'],
  [['c'], 'copy the row as text'],
  [['Tab'], 'next part: position, changes, totals, memory, places, filter, runs'],
  [['?'], 'these keys'],
];

function Keys({ keys }: { readonly keys: readonly string[] }) {
  return (
    <span class="keys">
      {keys.map((key) => (
        <kbd key={key}>{key}</kbd>
      ))}
    </span>
  );
}

export function KeyFooter() {
  return (
    <footer class="key-footer">
      {COMMON.map(([keys, does]) => (
        <span key={does}>
          <Keys keys={keys} /> {does}
        </span>
      ))}
    </footer>
  );
}

export function KeyOverlay({ close }: { readonly close: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  const onKey = (event: KeyboardEvent) => (event.key === '?' ? close() : undefined);
  return (
    <dialog
      class="key-overlay"
      ref={dialog}
      aria-labelledby="keys-title"
      onClose={close}
      onClick={close}
      onKeyDown={onKey}
    >
      <h1 id="keys-title">Keys</h1>
      <dl>
        {ALL.map(([keys, does]) => (
          <div key={does}>
            <dt>
              <Keys keys={keys} />
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
    </dialog>
  );
}
