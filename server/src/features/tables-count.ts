// Counts with the word for what is counted.

/** `1 run`, `4 runs`, `510 entries`. */
export const countedText = (count: number, one: string, many = `${one}s`): string =>
  `${count} ${count === 1 ? one : many}`;
