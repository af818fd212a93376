// The Realm Services Interface, as the RMM answers it. RMM 1.0, B5.3.
import type { CheckText } from '../../definition.ts';
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

/** A condition of an RSI call, under its name in the specification. */
export interface RsiCheck extends CheckText {
  holds(guest: Guest): boolean;
}

const input = (id: string, text: string, holds: (guest: Guest) => boolean): RsiCheck => ({
  id,
  text,
  statusText: 'RSI_ERROR_INPUT',
  holds,
});

export interface RsiFunction extends SmcFunction {
  readonly checks: readonly RsiCheck[];
}

/** A function that answers RSI_ERROR_INPUT unless all checks hold. */
function rsi(fid: number, checks: readonly RsiCheck[], run: (guest: Guest) => SmcOutcome): RsiFunction {
  return {
    fid,
    checks,
    call(guest) {
      speakOfRealm(guest);
      return checks.every((check) => check.holds(guest)) ? run(guest) : { returns: [ERROR_INPUT] };
    },
  };
}

const protects = ({ rmm }: Guest, ipa: number) => rmm.protects(ipa);
const measurementOf = (index: number) => (['rim', 'rem1', 'rem2', 'rem3', 'rem4'] as const)[index];

/** Checks of a range in X1 and X2. */
const range: readonly RsiCheck[] = [
  input('base_align', 'base is aligned to 4 KiB', (guest) => isAligned(xAddress(guest, 1), PAGE_LEVEL)),
  input('top_align', 'top is aligned to 4 KiB', (guest) => isAligned(xAddress(guest, 2), PAGE_LEVEL)),
  input('size_valid', 'top is above base', (guest) => xAddress(guest, 2) > xAddress(guest, 1)),
  input(
    'rgn_bound',
    'the whole range is protected',
    (guest) => protects(guest, xAddress(guest, 1)) && protects(guest, xAddress(guest, 2) - 1),
  ),
];

/** Checks of a page or a part of it in X1 that the RMM reads or writes. */
const page = (bytes: number): readonly RsiCheck[] => [
  input('addr_align', `addr is aligned to ${bytes} bytes`, (guest) => xAddress(guest, 1) % bytes === 0),
  input('addr_bound', 'addr is protected', (guest) => protects(guest, xAddress(guest, 1))),
  input(
    'addr_ripas',
    'the RIPAS of addr is not EMPTY',
    (guest) => entryRipas(entryOf(guest, xAddress(guest, 1))) !== 'EMPTY',
  ),
];

const entryOf = ({ rmm }: Guest, ipa: number) => rmm.rtts.walk(rmm.realm, ipa, PAGE_LEVEL, rmm.walk).entry;

/** PA of a page that is ASSIGNED_RAM; otherwise the level where the walk stopped. */
export function realmPage(guest: Guest, ipa: number): { pa: number } | { needsPage: number } {
  const entry = entryOf(guest, ipa);
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

/** Registers X1 to X8 are set even where the call fails. */
const measurementRead: RsiFunction = {
  fid: 0xc400_0192,
  checks: [input('index_bound', 'index is 0 to 4', (guest) => measurementOf(xAddress(guest, 1)) !== undefined)],
  call(guest) {
    speakOfRealm(guest);
    const { rmm } = guest;
    const name = measurementOf(xAddress(guest, 1));
    if (!name) return { returns: [ERROR_INPUT] };
    const bytes = new Uint8Array(8 * MEASUREMENT_WORDS);
    bytes.set(rmm.measurements.bytes(rmm.realms.get(rmm.realm, name)));
    const view = new DataView(bytes.buffer);
    const words = Array.from({ length: MEASUREMENT_WORDS }, (_, i) => view.getBigUint64(8 * i, true));
    return { returns: [SUCCESS, ...words] };
  },
};

const measurementExtend = rsi(
  0xc400_0193,
  [
    input('index_bound', 'index is 1 to 4', (guest) => {
      const index = xAddress(guest, 1);
      return index >= 1 && measurementOf(index) !== undefined;
    }),
    input('size_bound', 'size is at most 64', (guest) => xAddress(guest, 2) <= 8 * MEASUREMENT_WORDS),
  ],
  (guest) => {
    const { realms, realm, measurements, pages } = guest.rmm;
    const name = measurementOf(xAddress(guest, 1)) ?? 'rem1';
    const words = Array.from({ length: MEASUREMENT_WORDS }, (_, i) => [8 * i, xValue(guest, 3 + i)] as const);
    const value = pages.contents.rewritten(pages.contents.filled(0), 0, 0, words);
    const old = realms.get(realm, name);
    realms.set(realm, name, measurements.rem(realms.get(realm, 'hash_algo'), old, value, xAddress(guest, 2)));
    return { returns: [SUCCESS] };
  },
);

const CONFIG_BYTES = 4096;

const realmConfig = rsi(0xc400_0196, page(CONFIG_BYTES), (guest) => {
  const found = realmPage(guest, xAddress(guest, 1));
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
  [...range, input('ripas_valid', 'ripas is RSI_EMPTY or RSI_RAM', (guest) => xValue(guest, 3) <= 1n)],
  (guest) => {
    const { recs } = guest.rmm;
    const [base, top, ripas] = [xAddress(guest, 1), xAddress(guest, 2), xAddress(guest, 3)];
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
const ipaStateGet = rsi(0xc400_0198, range, (guest) => {
  const { rtts, walk } = guest.rmm;
  const [base, end] = [xAddress(guest, 1), xAddress(guest, 2)];
  const ripas = entryRipas(entryOf(guest, base));
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

const hostCall = rsi(0xc400_0199, page(HOST_CALL_BYTES), (guest) => {
  const found = realmPage(guest, xAddress(guest, 1));
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
} as const satisfies Readonly<Record<string, SmcFunction>>;

export const RSI_FUNCTIONS: readonly SmcFunction[] = Object.values(RSI);
