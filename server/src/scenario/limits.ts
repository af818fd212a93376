// What a scenario may ask for at most: it comes from a stranger, and the editor must stay quick.

export const LIMITS = {
  /** Statements after sequences are unfolded. */
  instructions: 200_000,
  /** Sequences called within sequences. */
  callDepth: 64,
  /** Files included within included files. */
  includeDepth: 16,
  /** Steps of one run. */
  steps: 1_000_000,
  /** Bytes that the history of one run may take. */
  history: 256 * 1024 ** 2,
  /** Pages that the expectations of one run may look at. */
  looks: 20_000_000,
  /** Bytes of DRAM. */
  dram: 16 * 1024 ** 3,
} as const;

/**
 * The path of an included file, relative to the folder of the scenario; `undefined` if it leads out of that folder.
 * Both separators count, so that a scenario means the same on every system.
 */
export function includePath(from: string, path: string): string | undefined {
  if (/^([/\\]|[A-Za-z]:)/.test(path)) return undefined;
  const parts = from.split('/').slice(0, -1);
  for (const part of path.split(/[/\\]/)) {
    if (part === '..') {
      if (parts.length === 0) return undefined;
      parts.pop();
    } else if (part !== '.' && part !== '') parts.push(part);
  }
  return parts.length === 0 ? undefined : parts.join('/');
}
