// Lines that say where the panel stands when it is not simply following: edited since, ended, loading, nothing to show.
import { FAMILIES, familyLabel, familyStates } from './families.ts';
import type { Following } from './following.ts';
import { Tile } from './glyphs.tsx';
import { grouped } from './place.ts';
import type { StopPanel } from './stop-panel.ts';

function RunButton({ panel, children }: { readonly panel: StopPanel; readonly children: string }) {
  return (
    <button type="button" class="action" onClick={() => panel.ask('run')}>
      {children}
    </button>
  );
}

/** The text was edited after the run began: what stands here belongs to the text before. */
export function Stale({ panel, line }: { readonly panel: StopPanel; readonly line: number }) {
  return (
    <div class="notice" role="status">
      <span>
        <b>Line {line} changed since this run.</b> The panel keeps the moment of the text before.
      </span>
      <RunButton panel={panel}>Run again</RunButton>
    </div>
  );
}

export function Ended({ panel }: { readonly panel: StopPanel }) {
  return (
    <div class="notice" role="status">
      <span>
        <b>The session has ended.</b> This is its last moment.
      </span>
      <RunButton panel={panel}>Run again</RunButton>
    </div>
  );
}

export function Loading({ panel, loading }: { readonly panel: StopPanel; readonly loading: Following['loading'] }) {
  const { done = 0, total } = loading ?? {};
  return (
    <div class="notice" role="status">
      <span>Running</span>
      {total ? <progress value={done} max={total} aria-label="Steps run" /> : <span class="gap" />}
      <span class="quiet count">
        step {grouped(done)}
        {total ? ` of ${grouped(total)}` : ''}
      </span>
      <button type="button" class="action" onClick={() => panel.ask('pause')}>
        Stop here
      </button>
    </div>
  );
}

/** The outline of the panel, shown in place of a moment that has grown too old. */
export function Skeleton() {
  return (
    <main aria-busy="true" class="skeleton" aria-label="Running">
      <div class="bar" />
      <div class="bar long" />
      <div class="block" />
      <div class="three">
        <div class="block tall" />
        <div class="block tall" />
        <div class="block tall" />
      </div>
      <div class="bar long" />
      <div class="bar" />
      <div class="bar long" />
    </main>
  );
}

export function Empty({ panel, program }: { readonly panel: StopPanel; readonly program: string | undefined }) {
  const file = program?.split(/[/\\]/).at(-1);
  return (
    <main class="empty">
      <div class="ghost" aria-hidden="true">
        {Array.from({ length: 12 }, (_, index) => (
          <span class="cell absent" key={index} />
        ))}
      </div>
      <h1>No moment to show</h1>
      <p>
        Press <kbd>F5</kbd> in a scenario to debug it. This panel then follows the step you stand on, forwards and
        backwards.
      </p>
      <RunButton panel={panel}>{file ? `Debug ${file}` : 'Debug the open scenario'}</RunButton>
      <h2>What the marks mean</h2>
      <ul class="legend">
        {FAMILIES.map((family) => (
          <li key={family}>
            <Tile family={family} />
            <b>{familyLabel(family)}</b>
            <span class="quiet">{familyStates(family)}</span>
          </li>
        ))}
      </ul>
    </main>
  );
}
