// Pages that something in a sequence may look at besides the call that passes parameters in them.
import { span } from '../emulator/rmm/rtts.ts';
import { argumentsOf, type CallRecord, guestWords, numeral, type Sequence } from './trace-file.ts';

const GRANULE = 4096n;
const OUTPUT_ADDRESS = 0xf_ffff_ffff_f000n;

/** Where each call has the pointer to a page that the host wrote as a whole just before. */
const POINTERS: Readonly<Record<string, number>> = { realm_create: 1, rec_create: 2, rec_enter: 1, data_create: 3 };

type Range = readonly [from: bigint, to: bigint];

/** Whether no call but those that pass parameters in a page can notice what the page holds, or whose it is. */
export function privatePages({ calls }: Sequence): (page: number) => boolean {
  const ranges = calls.flatMap(lookedAt);
  const known = new Map<number, boolean>();
  return (page) => {
    const found = known.get(page);
    if (found !== undefined) return found;
    const at = BigInt(page);
    const isPrivate = !ranges.some(([from, to]) => at < to && at + GRANULE > from);
    known.set(page, isPrivate);
    return isPrivate;
  };
}

/** A call that was refused has looked at states only, which are the same however parameters are passed. */
const isRefused = ({ status, ok = 0 }: CallRecord) => status !== undefined && status !== 'RMI_SUCCESS' && ok === 0;

function lookedAt(call: CallRecord): Range[] {
  if (isRefused(call)) return [];
  const args = argumentsOf(call);
  const pointer = call.params || call.fn === 'rec_enter' ? POINTERS[call.fn] : undefined;
  const macro = call.fn.startsWith('range_');
  const pages = macro ? (args.at(-1) ?? 1n) : 1n;
  const plain = args.flatMap((arg, i): Range[] => (i === pointer ? [] : [[arg, arg + pages * GRANULE]]));
  const host = guestWords(call).filter(([name]) => name === 'host');
  const nested = host.flatMap(([, fn = '', ...more]) => lookedAt({ fn, args: more.map((word) => `${numeral(word)}`) }));
  return [...plain, ...mapped(call.fn, args, pages), ...nested];
}

/** The memory of the host that an unprotected mapping shows to the realm. */
function mapped(fn: string, [, , level = 3n, descriptor = 0n]: readonly bigint[], count: bigint): Range[] {
  if (fn !== 'rtt_map_unprotected' && fn !== 'range_map') return [];
  const size = level <= 3n ? BigInt(span(Number(level))) : GRANULE;
  const from = descriptor & OUTPUT_ADDRESS;
  return [[from, from + count * size]];
}
