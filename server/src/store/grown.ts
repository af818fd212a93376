/** A longer copy of an array of numbers, with zeros behind: twice as long, or as often twice as `least` asks for. */
export function grown<T extends Uint32Array | Float64Array>(array: T, make: (length: number) => T, least = 0): T {
  let length = array.length * 2;
  while (length < least) length *= 2;
  const larger = make(length);
  larger.set(array);
  return larger;
}
