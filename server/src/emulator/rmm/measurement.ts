// Measurements of a realm: chains of extensions, hashed only when somebody looks. RMM 1.0, A7.1.
import { sha256, sha512 } from '@noble/hashes/sha2.js';
import type { ContentsTable } from '../memory/contents.ts';

/** Hash algorithms in the ABI's numbering. */
export const HASH_ALGORITHMS = ['RMI_HASH_SHA_256', 'RMI_HASH_SHA_512'] as const;

/** The measurement that nothing extended yet. */
export const NO_MEASUREMENT = 0;

const DESCRIPTOR_BYTES = 0x100;
const TYPES = { data: 0, rec: 1, ripas: 2 } as const;

/**
 * An extension, or for `ripas` a run of them; equal chains have equal numbers. `contents` is a page: the data, or the
 * parameters that are measured; for `ripas` the number of entries, of `b` bytes each.
 */
interface Link {
  readonly type: 'realm' | 'rem' | keyof typeof TYPES;
  readonly algorithm: number;
  readonly previous: number;
  readonly a: number;
  readonly b: number;
  /** -1 for none. */
  readonly contents: number;
}

export class Measurements {
  private readonly contents: ContentsTable;
  private readonly links: Link[] = [];
  private readonly digests: (Uint8Array | undefined)[] = [];
  /** The newest link of each key, and for each link the one before it that has its key; 0 for none. */
  private readonly newest = new Map<number, number>();
  private readonly older: number[] = [];

  constructor(contents: ContentsTable) {
    this.contents = contents;
  }

  /** The RIM that REALM_CREATE leaves: the hash of the measured fields in a page of parameters. */
  realm(algorithm: number, parameters: number): number {
    return this.number({ type: 'realm', algorithm, previous: NO_MEASUREMENT, a: 0, b: 0, contents: parameters });
  }

  /** DATA_CREATE; `contents` is undefined where they are not measured. */
  data(previous: number, ipa: number, flags: number, contents: number | undefined): number {
    return this.extend(previous, 'data', ipa, flags, contents ?? -1);
  }

  /** RTT_INIT_RIPAS: one extension for each of `entries` entries of `span` bytes from `base` on; they make one link. */
  ripas(previous: number, base: number, span: number, entries: number): number {
    const last = this.link(previous);
    const continues = last.type === 'ripas' && last.b === span && last.a + last.contents * span === base;
    if (continues) return this.extend(last.previous, 'ripas', last.a, span, last.contents + entries);
    return this.extend(previous, 'ripas', base, span, entries);
  }

  /** REC_CREATE of a runnable REC; `parameters` is the page of what is measured. */
  rec(previous: number, parameters: number): number {
    return this.extend(previous, 'rec', 0, 0, parameters);
  }

  /** RSI_MEASUREMENT_EXTEND: the first `size` bytes of the page `value` are hashed behind the old measurement. */
  rem(algorithm: number, previous: number, value: number, size: number): number {
    return this.number({ type: 'rem', algorithm, previous, a: size, b: 0, contents: value });
  }

  /** The digest: 32 or 64 bytes. */
  digest(measurement: number): Uint8Array {
    const missing: number[] = [];
    for (let i = measurement; i !== NO_MEASUREMENT && this.digests[i] === undefined; i = this.link(i).previous) {
      missing.push(i);
    }
    for (const i of missing.reverse()) this.digests[i] = this.hash(this.link(i));
    return this.digests[measurement] as Uint8Array;
  }

  /** The digest; nothing for no measurement. */
  bytes(measurement: number): Uint8Array {
    return measurement === NO_MEASUREMENT ? new Uint8Array() : this.digest(measurement);
  }

  /** The digest in hexadecimal digits; all zero for no measurement. */
  text(measurement: number): string {
    if (measurement === NO_MEASUREMENT) return '0'.repeat(64);
    return Array.from(this.digest(measurement), (byte) => byte.toString(16).padStart(2, '0')).join('');
  }

  private extend(previous: number, type: keyof typeof TYPES, a: number, b: number, contents: number): number {
    return this.number({ type, algorithm: this.link(previous).algorithm, previous, a, b, contents });
  }

  private hash({ type, algorithm, previous, a, b, contents }: Link): Uint8Array {
    const hash = algorithm === 0 ? sha256 : sha512;
    if (type === 'realm') return hash(this.contents.bytes(contents));
    if (type === 'rem') {
      const old = previous === NO_MEASUREMENT ? new Uint8Array(algorithm === 0 ? 32 : 64) : this.digest(previous);
      return hash(Uint8Array.from([...old, ...this.contents.bytes(contents).subarray(0, a)]));
    }
    const bytes = new Uint8Array(DESCRIPTOR_BYTES);
    const view = new DataView(bytes.buffer);
    bytes[0] = TYPES[type];
    view.setBigUint64(0x08, BigInt(DESCRIPTOR_BYTES), true);
    bytes.set(this.digest(previous), 0x10);
    if (type === 'ripas') return hashRipas(hash, bytes, view, { base: a, span: b, entries: contents });
    if (type === 'rec') {
      bytes.set(hash(this.contents.bytes(contents)), 0x50);
    } else {
      view.setBigUint64(0x50, BigInt(a), true);
      view.setBigUint64(0x58, BigInt(b), true);
      if (contents >= 0) bytes.set(hash(this.contents.bytes(contents)), 0x60);
    }
    return hash(bytes);
  }

  /** Bytes that the chains take, roughly. */
  get size(): number {
    return this.links.length * LINK_BYTES;
  }

  private link(measurement: number): Link {
    const link = this.links[measurement - 1];
    if (!link) throw new RangeError(`no measurement ${measurement}`);
    return link;
  }

  private number(link: Link): number {
    const key = keyOf(link);
    const newest = this.newest.get(key) ?? 0;
    for (let i = newest; i !== 0; i = this.older[i - 1] as number) if (isSame(this.link(i), link)) return i;
    this.links.push(link);
    this.older.push(newest);
    this.newest.set(key, this.links.length);
    return this.links.length;
  }
}

/** Links that are the same have the same key; others rarely do. */
function keyOf({ previous, a, b, contents }: Link): number {
  let key = Math.imul(previous ^ Math.imul(contents, 0x9e3779b1), 0x85ebca77);
  key = Math.imul(key ^ (key >>> 15) ^ (a / 4096), 0xc2b2ae3d);
  return Math.imul(key ^ (key >>> 13) ^ (b / 4096), 0x27d4eb2f);
}

const isSame = (one: Link, other: Link): boolean =>
  one.previous === other.previous &&
  one.a === other.a &&
  one.b === other.b &&
  one.contents === other.contents &&
  one.type === other.type &&
  one.algorithm === other.algorithm;

const LINK_BYTES = 150;

/** Extends entry by entry; the descriptor holds the measurement before the first of them. */
function hashRipas(
  hash: (bytes: Uint8Array) => Uint8Array,
  descriptor: Uint8Array,
  view: DataView,
  { base, span, entries }: { base: number; span: number; entries: number },
): Uint8Array {
  let digest = new Uint8Array();
  for (let i = 0; i < entries; i++) {
    if (i > 0) descriptor.set(digest, 0x10);
    view.setBigUint64(0x50, BigInt(base + i * span), true);
    view.setBigUint64(0x58, BigInt(base + (i + 1) * span), true);
    digest = new Uint8Array(hash(descriptor));
  }
  return digest;
}
