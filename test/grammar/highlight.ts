// Highlights a text with a TextMate grammar as an editor does, as far as this grammar needs it: for tests.

interface Pattern {
  name?: string;
  match?: string;
  begin?: string;
  end?: string;
  include?: string;
  captures?: Record<string, { name?: string }>;
  patterns?: Pattern[];
}

interface Grammar {
  patterns: Pattern[];
  repository: Record<string, { patterns: Pattern[] }>;
}

function isGrammar(value: unknown): value is Grammar {
  return typeof value === 'object' && value !== null && 'patterns' in value && 'repository' in value;
}

export function grammarFrom(json: string): Grammar {
  const value: unknown = JSON.parse(json);
  if (!isGrammar(value)) throw new Error('no TextMate grammar');
  return value;
}

function flat(grammar: Grammar, patterns: readonly Pattern[]): Pattern[] {
  return patterns.flatMap((pattern) =>
    pattern.include === undefined
      ? [pattern]
      : flat(grammar, grammar.repository[pattern.include.slice(1)]?.patterns ?? []),
  );
}

/** The pattern that matches first from `at` on; of several at one place the one that stands first. */
function firstMatch(patterns: readonly Pattern[], line: string, at: number): [Pattern, RegExpExecArray] | undefined {
  let best: [Pattern, RegExpExecArray] | undefined;
  for (const pattern of patterns) {
    const regexp = new RegExp(pattern.match ?? pattern.begin ?? '(?!)', 'dg');
    regexp.lastIndex = at;
    const match = regexp.exec(line);
    if (match !== null && (best === undefined || match.index < best[1].index)) best = [pattern, match];
  }
  return best;
}

/** Where a region that began before `at` ends in this line; what its own patterns match does not end it. */
function endOfRegion({ end, patterns = [] }: Pattern, line: string, at: number): number {
  const found = firstMatch([...patterns, { match: end ?? '' }], line, at);
  if (found === undefined) return line.length;
  const [pattern, match] = found;
  const after = match.index + match[0].length;
  return patterns.includes(pattern) ? endOfRegion({ end: end ?? '', patterns }, line, after) : after;
}

/** Every highlighted piece of a line as `text scope`; a string or block comment that begins in it is one piece. */
export function highlightLine(grammar: Grammar, line: string): string[] {
  const patterns = flat(grammar, grammar.patterns);
  const pieces: string[] = [];
  let at = 0;
  while (at < line.length) {
    const found = firstMatch(patterns, line, at);
    if (found === undefined) break;
    const [pattern, match] = found;
    let end = match.index + match[0].length;
    if (pattern.end !== undefined) end = endOfRegion(pattern, line, end);
    if (pattern.name !== undefined) pieces.push(`${line.slice(match.index, end)} ${short(pattern.name)}`);
    for (const [group, { name }] of Object.entries(pattern.captures ?? {})) {
      const text = match[Number(group)];
      if (text !== undefined && name !== undefined) pieces.push(`${text} ${short(name)}`);
    }
    at = Math.max(end, at + 1);
  }
  return pieces;
}

function short(scope: string): string {
  return scope.replace(/\.cocoscn$/, '');
}
