// The marks of the panels, drawn once as symbols and used by reference: a glyph is two elements wherever it stands.
import type { Family, Status } from '../../../server/src/features/panel-model.ts';

export type Mark = 'changed' | 'refused' | 'back' | 'forward';

/** The symbols themselves; once in a page, before the first glyph. */
export function Symbols() {
  return (
    <svg class="symbols" aria-hidden="true">
      <defs>
        <FamilySymbols />
        <StatusSymbols />
        <MarkSymbols />
      </defs>
    </svg>
  );
}

const box = { viewBox: '0 0 16 16' };
const line = { fill: 'none', stroke: 'currentColor', 'stroke-width': '1.7' };

function FamilySymbols() {
  return (
    <>
      <symbol id="host" {...box}>
        <circle cx="8" cy="8" r="5.3" {...line} />
      </symbol>
      <symbol id="transition" {...box}>
        <circle cx="8" cy="8" r="5.3" {...line} />
        <path d="M8 2.700A5.3 5.3 0 0 0 8 13.300z" fill="currentColor" />
      </symbol>
      <symbol id="private" {...box}>
        <circle cx="8" cy="8" r="6" fill="currentColor" />
      </symbol>
      <symbol id="shared" {...box}>
        <circle cx="5.5" cy="8" r="4" {...line} />
        <circle cx="10.5" cy="8" r="4" {...line} />
      </symbol>
      <symbol id="firmware" {...box}>
        <path d="M2.5 2.500h11v11h-11z M6 6v4h4V6z" fill="currentColor" fill-rule="evenodd" />
      </symbol>
      <symbol id="leaked" {...box}>
        <path d="M8 1.5 15 14H1z M7.2 6v4h1.600V6z M7.2 11v1.700h1.600V11z" fill="currentColor" fill-rule="evenodd" />
      </symbol>
      <symbol id="absent" {...box}>
        <path d="M4 8h8" {...line} />
      </symbol>
      <symbol id="vacant" {...box}>
        <circle cx="8" cy="8" r="5.3" {...line} stroke-dasharray="2.6 2" />
      </symbol>
      <symbol id="lost" {...box}>
        <circle cx="8" cy="8" r="5.3" {...line} stroke-dasharray="2.6 2" />
        <path d="M3 13 13 3" {...line} />
      </symbol>
    </>
  );
}

function StatusSymbols() {
  return (
    <>
      <symbol id="status-ok" {...box}>
        <path d="m3 8.5 3.3 3.300L13 4.5" {...line} />
      </symbol>
      <symbol id="status-expected" {...box}>
        <circle cx="8" cy="8" r="5.6" {...line} />
        <path d="m4.2 11.8 7.6-7.6" {...line} />
      </symbol>
      <symbol id="status-unexpected" {...box}>
        <path
          d="M8 1a7 7 0 1 0 0 14A7 7 0 1 0 8 1z M5.7 4.5 8 6.800l2.3-2.3 1.2 1.200L9.2 8l2.3 2.3-1.2 1.200L8 9.200l-2.3 2.3-1.2-1.200L6.8 8 4.5 5.700z"
          fill="currentColor"
          fill-rule="evenodd"
        />
      </symbol>
      <symbol id="status-open" {...box}>
        <path d="m4 6 4 4 4-4" {...line} />
      </symbol>
    </>
  );
}

function MarkSymbols() {
  return (
    <>
      <symbol id="mark-changed" {...box}>
        <path d="M8 2.5 13.5 8 8 13.5 2.5 8z" fill="currentColor" />
      </symbol>
      <symbol id="mark-refused" {...box}>
        <circle cx="8" cy="8" r="5.6" {...line} />
        <path d="m4.2 11.8 7.6-7.6" {...line} />
      </symbol>
      <symbol id="mark-back" {...box}>
        <path d="M10 3 5 8l5 5" {...line} />
      </symbol>
      <symbol id="mark-forward" {...box}>
        <path d="m6 3 5 5-5 5" {...line} />
      </symbol>
    </>
  );
}

export function MarkGlyph({ mark }: { readonly mark: Mark }) {
  return (
    <svg class="glyph" aria-hidden="true">
      <use href={`#mark-${mark}`} />
    </svg>
  );
}

/** The editor's dot of a breakpoint. */
export function BreakGlyph() {
  return (
    <svg class="glyph break-glyph" viewBox="0 0 16 16" aria-hidden="true">
      <circle cx="8" cy="8" r="5" />
    </svg>
  );
}

const STATUS_WORDS: Readonly<Record<Status, string>> = {
  ok: 'succeeded',
  expected: 'failed as expected',
  unexpected: 'failed unexpectedly',
  open: 'not finished',
};

export function statusWords(status: Status): string {
  return STATUS_WORDS[status];
}

export function StatusGlyph({ status }: { readonly status: Status }) {
  return (
    <svg class={`glyph status ${status}`} role="img" aria-label={STATUS_WORDS[status]}>
      <use href={`#status-${status}`} />
    </svg>
  );
}

export function FamilyGlyph({ family }: { readonly family: Family }) {
  return (
    <svg class="glyph" aria-hidden="true">
      <use href={`#${family}`} />
    </svg>
  );
}

/** A family's tile: tint, border, pattern and glyph in one. */
export function Tile({ family }: { readonly family: Family }) {
  return (
    <svg class={`tile ${family}`} aria-hidden="true">
      <use href={`#${family}`} />
    </svg>
  );
}
