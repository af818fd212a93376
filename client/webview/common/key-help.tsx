// The keys: the common ones below the panel, all of them over it on `?`.
import { useEffect, useRef } from 'preact/hooks';

/** Keys that do one thing, and what they do. */
export type Keys = readonly [keys: readonly string[], does: string];

/** The same in all panels. */
export const stepKeys: readonly Keys[] = [
  [['←', '→'], 'one step back, forward'],
  [['Shift ←', 'Shift →'], 'one statement back, forward'],
];

/** What is done to the selected page or row, the same in all panels. */
export const pageKeys: readonly Keys[] = [
  [['b'], 'breakpoint on the statement, or none'],
  [['w'], 'break when the selected page changes, or no longer'],
  [['g'], 'show the statement that changed the selected page last'],
  [['e'], 'copy what the selected page is as an `expect`'],
  [['c'], 'copy the row as text'],
];

function KeyCaps({ keys }: { readonly keys: readonly string[] }) {
  return (
    <span class="keys">
      {keys.map((key) => (
        <kbd key={key}>{key}</kbd>
      ))}
    </span>
  );
}

export function KeyFooter({ keys: shown }: { readonly keys: readonly Keys[] }) {
  return (
    <footer class="key-footer">
      {shown.map(([keys, does]) => (
        <span key={does}>
          <KeyCaps keys={keys} /> {does}
        </span>
      ))}
    </footer>
  );
}

export function KeyOverlay({ keys: shown, close }: { readonly keys: readonly Keys[]; readonly close: () => void }) {
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
        {shown.map(([keys, does]) => (
          <div key={does}>
            <dt>
              <KeyCaps keys={keys} />
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
    </dialog>
  );
}
