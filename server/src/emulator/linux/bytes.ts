// Bytes of physical memory as a CPU loads and stores them, whoever owns the page.
import { GRANULE, type Pages } from '../memory/pages.ts';

const WORD = 8;

/** Little-endian value of `size` bytes (1 to 8) that do not leave their page. */
export function load(pages: Pages, pa: number, size: number): bigint {
  const contents = pages.bytes(pa);
  const offset = pa % GRANULE;
  if (WORD - (offset % WORD) >= size && isPower(size)) return pages.contents.value(contents, offset, size);
  let value = 0n;
  for (let i = 0; i < size; i++) value |= pages.contents.value(contents, offset + i, 1) << BigInt(WORD * i);
  return value;
}

/** Stores `size` bytes (1 to 8) that do not leave their page. */
export function store(pages: Pages, pa: number, size: number, value: bigint): void {
  const offset = pa % GRANULE;
  const { contents } = pages;
  if (WORD - (offset % WORD) >= size && isPower(size)) {
    pages.setBytes(pa, contents.written(pages.bytes(pa), offset, size, value));
    return;
  }
  for (let i = 0; i < size; i++) {
    pages.setBytes(pa, contents.written(pages.bytes(pa), offset + i, 1, value >> BigInt(WORD * i)));
  }
}

/** Makes every byte of [pa, pa + size) the same; the range lies in one page of the firmware. */
export function fill(pages: Pages, pa: number, size: number, byte: number): void {
  if (size === GRANULE) {
    pages.setBytes(pa, pages.contents.filled(byte));
    return;
  }
  for (let done = 0; done < size; ) {
    const step = (pa + done) % WORD === 0 && size - done >= WORD ? WORD : 1;
    store(pages, pa + done, step, step === 1 ? BigInt(byte) : BigInt(byte) * 0x0101_0101_0101_0101n);
    done += step;
  }
}

/** The offset from `pa` of the first byte that differs from `byte`; -1 if all `size` are equal. Within one page. */
export function firstOther(pages: Pages, pa: number, size: number, byte: number): number {
  const contents = pages.bytes(pa);
  if (contents === pages.contents.filled(byte)) return -1;
  const bytes = pages.contents.bytes(contents);
  const offset = pa % GRANULE;
  for (let i = 0; i < size; i++) if (bytes[offset + i] !== byte) return i;
  return -1;
}

const isPower = (size: number) => size === 1 || size === 2 || size === 4 || size === WORD;
