// The text that a string stands for.

/** The value, and where the first unknown escape stands in the image (-1: nowhere). */
export interface StringReading {
  readonly value: string;
  readonly badEscape: number;
}

const ESCAPES: Readonly<Record<string, string>> = { '"': '"', '\\': '\\', n: '\n', t: '\t' };

/** Reads a string with its quotes. An unknown escape stands for the character behind the `\`. */
export function readString(image: string): StringReading {
  const inner = image.slice(1, -1);
  if (!inner.includes('\\')) return { value: inner, badEscape: -1 };
  let badEscape = -1;
  const value = inner.replace(/\\(.)/g, (_, char: string, at: number) => {
    const meant = ESCAPES[char];
    if (meant === undefined && badEscape < 0) badEscape = at + 1;
    return meant ?? char;
  });
  return { value, badEscape };
}
