// Recorded macros: one command repeated with stepping addresses until it fails.
import { span } from '../../server/src/emulator/rmm/rtts.ts';
import type { CallRecord, CallResult } from './trace.ts';

interface Macro {
  readonly command: string;
  run(call: CallRecord, single: (args: readonly bigint[]) => CallResult): CallResult;
}

/** `stepping`: which of the arguments advance; the last argument is the count, `level` the place of the level if there is one. */
function macro(command: string, stepping: readonly number[], level?: number): Macro {
  return {
    command,
    run(call, single) {
      const args = (call.args ?? []).map(BigInt);
      const count = Number(args.at(-1) ?? 0n);
      const at = level === undefined ? 3 : Number(BigInt.asIntN(64, args[level] ?? 3n));
      const step = at >= 0 && at <= 3 ? BigInt(span(at)) : 0n;
      let last: CallResult = { status: 'RMI_SUCCESS' };
      for (let ok = 0; ok < count; ok++) {
        const offset = BigInt(ok) * step;
        last = single(args.slice(0, -1).map((value, i) => (stepping.includes(i) ? value + offset : value)));
        if (last.status !== 'RMI_SUCCESS') return { ...withoutOutputs(last), ok };
      }
      return { ...withoutOutputs(last), ok: count };
    },
  };
}

function withoutOutputs({ status, index }: CallResult): CallResult {
  return { ...(status !== undefined && { status }), ...(index !== undefined && { index }) };
}

export const MACROS: Readonly<Record<string, Macro>> = {
  range_delegate: macro('granule_delegate', [0]),
  range_undelegate: macro('granule_undelegate', [0]),
  range_dcu: macro('data_create_unknown', [1, 2]),
  range_dd: macro('data_destroy', [1]),
  range_map: macro('rtt_map_unprotected', [1, 3], 2),
  range_unmap: macro('rtt_unmap_unprotected', [1], 2),
};
