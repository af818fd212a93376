// The Realm Services Interface, as the RMM answers it. RMM 1.0, B5.3.
import type { CheckText } from '../../definition.ts';
import type { Rmm } from '../rmm.ts';
import { entryAddress, entryRipas, entryState, isTable, RIPAS } from '../rtt-entry.ts';
import { ENTRIES, isAligned, PAGE_LEVEL, span } from '../rtts.ts';
import { type Guest, speakOfRealm, xAddress, xValue } from './guest.ts';
import type { SmcFunction, SmcOutcome } from './smc.ts';

export const RSI_STATUSES = [
  'RSI_SUCCESS',
  'RSI_ERROR_INPUT',
  'RSI_ERROR_STATE',
  'RSI_INCOMPLETE',
  'RSI_ERROR_UNKNOWN',
] as const;

const SUCCESS = 0n;
const ERROR_INPUT = 1n;
const REVISION = 0x1_0000n;

/** Arguments as addresses or sizes: `x[1]` is X1. Values beyond 2^53 are out of range for everything. */
type Registers = readonly number[];

/** A condition of an RSI call, under its name in the specification. The realm is the one that `rmm` speaks of. */
export interface RsiCheck extends CheckText {
  holds(rmm: Rmm, x: Registers): boolean;
}

const input = (id: string, text: string, holds: (rmm: Rmm, x: Registers) => boolean): RsiCheck => ({
  id,
  text,
  statusText: 'RSI_ERROR_INPUT',
  holds,
});

export interface RsiFunction extends SmcFunction {
  readonly checks: readonly RsiCheck[];
}

/** A function that answers RSI_ERROR_INPUT unless all checks hold. */
function rsi(fid: number, checks: readonly RsiCheck[], run: (guest: Guest, x: Registers) => SmcOutcome): RsiFunction {
  return {
    fid,
    checks,
    call(guest) {
      speakOfRealm(guest);
      const x = Array.from({ length: CHECKED_REGISTERS }, (_, i) => xAddress(guest, i));
      return checks.every((check) => check.holds(guest.rmm, x)) ? run(guest, x) : { returns: [ERROR_INPUT] };
    },
  };
}

/** The function and up to four arguments. */
const CHECKED_REGISTERS = 5;

const measurementOf = (index: number) => (['rim', 'rem1', 'rem2', 'rem3', 'rem4'] as const)[index];

/** Checks of a range in X1 and X2. */
const range: readonly RsiCheck[] = [
  input('base_align', 'base is aligned to 4 KiB', (_rmm, [, base = 0]) => isAligned(base, PAGE_LEVEL)),
  input('top_align', 'top is aligned to 4 KiB', (_rmm, [, , top = 0]) => isAligned(top, PAGE_LEVEL)),
  input('size_valid', 'top is above base', (_rmm, [, base = 0, top = 0]) => top > base),
  input(
    'rgn_bound',
    'the whole range is protected',
    (rmm, [, base = 0, top = 0]) => rmm.protects(base) && rmm.protects(top - 1),
  ),
];

/** Checks of a page or a part of it in X1 that the RMM reads or writes. */
const page = (bytes: number): readonly RsiCheck[] => [
  input('addr_align', `addr is aligned to ${bytes} bytes`, (_rmm, [, addr = 0]) => addr % bytes === 0),
  input('addr_bound', 'addr is protected', (rmm, [, addr = 0]) => rmm.protects(addr)),
  input(
    'addr_ripas',
    'the RIPAS of addr is not EMPTY',
    (rmm, [, addr = 0]) => entryRipas(entryOf(rmm, addr)) !== 'EMPTY',
  ),
];

const entryOf = (rmm: Rmm, ipa: number) => rmm.rtts.walk(rmm.realm, ipa, PAGE_LEVEL, rmm.walk).entry;

/** PA of a page that is ASSIGNED_RAM; otherwise the level where the walk stopped. */
export function realmPage(guest: Guest, ipa: number): { pa: number } | { needsPage: number } {
  const entry = entryOf(guest.rmm, ipa);
  const { level } = guest.rmm.walk;
  return entryState(entry) === 'ASSIGNED_RAM'
    ? { pa: entryAddress(entry) + (ipa % span(level)) }
    : { needsPage: level };
}

const version = rsi(0xc400_0190, [], (guest) => ({
  returns: [xValue(guest, 1) === REVISION ? SUCCESS : ERROR_INPUT, REVISION, REVISION],
}));

const features = rsi(0xc400_0191, [], () => ({ returns: [SUCCESS, 0n] }));

const MEASUREMENT_WORDS = 8;

const measurementRead = rsi(
  0xc400_0192,
  [input('index_bound', 'index is 0 to 4', (_rmm, [, index = 0]) => measurementOf(index) !== undefined)],
  ({ rmm }, [, index = 0]) => {
    const bytes = new Uint8Array(8 * MEASUREMENT_WORDS);
    bytes.set(rmm.measurements.bytes(rmm.realms.get(rmm.realm, measurementOf(index) ?? 'rim')));
    const view = new DataView(bytes.buffer);
    const words = Array.from({ length: MEASUREMENT_WORDS }, (_, i) => view.getBigUint64(8 * i, true));
    return { returns: [SUCCESS, ...words] };
  },
);

const measurementExtend = rsi(
  0xc400_0193,
  [
    input('index_bound', 'index is 1 to 4', (_rmm, [, index = 0]) => index >= 1 && measurementOf(index) !== undefined),
    input('size_bound', 'size is at most 64', (_rmm, [, , size = 0]) => size <= 8 * MEASUREMENT_WORDS),
  ],
  (guest, [, index = 0, size = 0]) => {
    const { realms, realm, measurements, pages } = guest.rmm;
    const name = measurementOf(index) ?? 'rem1';
    const words = Array.from({ length: MEASUREMENT_WORDS }, (_, i) => [8 * i, xValue(guest, 3 + i)] as const);
    const value = pages.contents.rewritten(pages.contents.filled(0), 0, 0, words);
    const old = realms.get(realm, name);
    realms.set(realm, name, measurements.rem(realms.get(realm, 'hash_algo'), old, value, size));
    return { returns: [SUCCESS] };
  },
);

const CONFIG_BYTES = 4096;

const realmConfig = rsi(0xc400_0196, page(CONFIG_BYTES), (guest, [, addr = 0]) => {
  const found = realmPage(guest, addr);
  if ('needsPage' in found) return found;
  const { realms, realm, pages, model } = guest.rmm;
  const rpv = BigInt(realms.get(realm, 'rpv')) * 0x0101_0101_0101_0101n;
  const words: [number, bigint][] = [
    [0x0, BigInt(realms.ipaWidth(realm))],
    [0x8, BigInt(realms.get(realm, 'hash_algo'))],
    ...Array.from({ length: 8 }, (_, i): [number, bigint] => [0x200 + 8 * i, rpv]),
  ];
  const old = pages.bytes(found.pa);
  if (model === 'rmm/1.0-tf')
    words[1] = [0x8, (pages.contents.value(old, 0x8, 8) & ~0xffn) | BigInt(realms.get(realm, 'hash_algo'))];
  pages.setBytes(found.pa, pages.contents.rewritten(old, 0, model === 'rmm/1.0' ? CONFIG_BYTES : 0, words));
  return { returns: [SUCCESS] };
});

const CHANGE_DESTROYED = 1n;

const ipaStateSet = rsi(
  0xc400_0197,
  [...range, input('ripas_valid', 'ripas is RSI_EMPTY or RSI_RAM', (_rmm, [, , , ripas = 0]) => ripas <= 1)],
  (guest, [, base = 0, top = 0, ripas = 0]) => {
    const { recs } = guest.rmm;
    recs.set(guest.rec, 'ripas_base', base);
    recs.set(guest.rec, 'ripas_top', top);
    recs.set(guest.rec, 'ripas_addr', base);
    recs.set(guest.rec, 'ripas_value', ripas);
    recs.set(guest.rec, 'ripas_destroyed', xValue(guest, 4) === CHANGE_DESTROYED ? 1 : 0);
    for (let i = 0; i < 4; i++) recs.setX(guest.rec, i, 0);
    return { exit: { reason: 'RIPAS_CHANGE', ripas_base: base, ripas_top: top, ripas_value: ripas } };
  },
);

/** The RIPAS at base, and how far it reaches in the same table. */
const ipaStateGet = rsi(0xc400_0198, range, ({ rmm }, [, base = 0, end = 0]) => {
  const { rtts, walk } = rmm;
  const ripas = entryRipas(entryOf(rmm, base));
  const size = span(walk.level);
  let top = base - (base % size) + size;
  for (let index = walk.index + 1; index < ENTRIES && top < end; index++, top += size) {
    const entry = rtts.entry(walk.rtt, index);
    if (isTable(entry) || entryRipas(entry) !== ripas) break;
  }
  return { returns: [SUCCESS, BigInt(Math.min(top, end)), BigInt(RIPAS.indexOf(ripas))] };
});

const HOST_CALL_BYTES = 256;
/** Where the registers stand in RsiHostCall; the immediate stands at 0. */
export const HOST_CALL_GPRS = 8;

const hostCall = rsi(0xc400_0199, page(HOST_CALL_BYTES), (guest, [, addr = 0]) => {
  const found = realmPage(guest, addr);
  if ('needsPage' in found) return found;
  const { pages, recs, model } = guest.rmm;
  const at = (offset: number) => pages.contents.value(pages.bytes(found.pa), (found.pa % 4096) + offset, 8);
  recs.set(guest.rec, 'host_call', 1);
  const gprs = Array.from({ length: 31 }, (_, i) => pages.words.number(at(HOST_CALL_GPRS + 8 * i)));
  const imm = Number(at(0) & (model === 'rmm/1.0-tf' ? 0xffff_ffffn : 0xffffn));
  return { exit: { reason: 'HOST_CALL', imm, gprs } };
});

export const RSI = {
  RSI_VERSION: version,
  RSI_FEATURES: features,
  RSI_MEASUREMENT_READ: measurementRead,
  RSI_MEASUREMENT_EXTEND: measurementExtend,
  RSI_REALM_CONFIG: realmConfig,
  RSI_IPA_STATE_SET: ipaStateSet,
  RSI_IPA_STATE_GET: ipaStateGet,
  RSI_HOST_CALL: hostCall,
} as const satisfies Readonly<Record<string, RsiFunction>>;

export const RSI_FUNCTIONS: readonly SmcFunction[] = Object.values(RSI);
