// Marks that only the panels over time have.

/** A step that names the page and leaves it as it is. */
export function HollowGlyph() {
  return (
    <svg class="glyph" viewBox="0 0 16 16" aria-hidden="true">
      <path d="M8 2.9 13.1 8 8 13.1 2.900 8z" fill="none" stroke="currentColor" stroke-width="1.6" />
    </svg>
  );
}

/** The debugger's arrow. */
export function NowGlyph() {
  return (
    <svg class="glyph now-glyph" viewBox="0 0 16 16" role="img" aria-label="current step">
      <path d="M2 4.5h6.5L14 8l-5.500 3.500H2z" stroke-width="1" />
    </svg>
  );
}
