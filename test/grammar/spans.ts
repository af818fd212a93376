// Checks every place in a syntax tree against the text: children lie in their parents, leaves read as they are written.

import { type File, parse } from '../../grammar/src/index.ts';

interface Placed {
  readonly start: number;
  readonly end: number;
  readonly kind?: unknown;
  readonly text?: unknown;
  readonly value?: unknown;
}

function isPlaced(value: unknown): value is Placed {
  return (
    typeof value === 'object' && value !== null && 'start' in value && 'end' in value && typeof value.start === 'number'
  );
}

/** What is wrong, one sentence a fault; empty when everything stands where it should. */
export function spanFaults(text: string, file: File): string[] {
  const faults: string[] = [];
  const stack: { value: unknown; within: Placed }[] = [{ value: file, within: file }];
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    const { value, within } = next;
    let parent = within;
    if (isPlaced(value)) {
      parent = value;
      if (!(value.start >= within.start && value.end <= within.end && value.start <= value.end)) {
        faults.push(`${String(value.kind)} ${value.start}-${value.end} is not within ${within.start}-${within.end}`);
      }
      const fault = leafFault(value, text.slice(value.start, value.end));
      if (fault !== undefined) faults.push(fault);
    }
    if (typeof value === 'object' && value !== null) {
      for (const child of Object.values(value)) stack.push({ value: child, within: parent });
    }
  }
  return faults;
}

function leafFault({ kind, text, value }: Placed, written: string): string | undefined {
  if (kind === 'name' && text !== written) return `name ${String(text)} is written ${written}`;
  if (kind === 'star' && written !== '*') return `* is written ${written}`;
  if (kind === 'string' && !(written.startsWith('"') && written.endsWith('"'))) return `a string is written ${written}`;
  if (kind !== 'number') return undefined;
  const [again] = parse(`let x = ${written}`).file.statements;
  const same = again?.kind === 'let' && again.value.kind === 'number' && again.value.value === value;
  return same ? undefined : `the number ${String(value)} is written ${written}`;
}
