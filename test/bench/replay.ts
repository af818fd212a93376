// Recorded sequences, replayed: calls a second with everything a call does, and the journal's bytes a call. A macro counts as
// the calls that it stands for.
import * as fs from 'node:fs';
import * as path from 'node:path';
import * as zlib from 'node:zlib';
import { Machine } from '../../server/src/emulator/machine.ts';
import { toRegister } from '../../server/src/emulator/registers.ts';
import { perform } from '../conformance/calls.ts';
import type { Driver } from '../conformance/guest.ts';
import { MACROS } from '../conformance/macros.ts';
import { writeParameters } from '../conformance/parameters.ts';
import { STD1 } from '../conformance/replay.ts';
import { type CallRecord, type Sequence, sequencesOf } from '../conformance/trace.ts';
import { byName } from './emulator.ts';
import { type Figure, seconds } from './figure.ts';

type Step = (machine: Machine, driver: Driver) => void;

/** The steps of a call, with its arguments read beforehand. */
function stepsOf(call: CallRecord): Step[] {
  const macro = MACROS[call.fn];
  if (macro) {
    const steps: Step[] = [];
    macro.run(call, (args) => {
      steps.push(single(macro.command, args));
      return { status: steps.length <= (call.ok ?? 0) ? 'RMI_SUCCESS' : 'failed' };
    });
    return steps;
  }
  if (call.fn === 'rec_enter' || call.fn === 'raw' || call.fn === 'ns_fill') {
    return [(machine, driver) => void perform(machine, driver, call)];
  }
  const step = single(call.fn, (call.args ?? []).map(BigInt));
  if (!call.params) return [step];
  return [
    (machine, driver) => {
      writeParameters(machine, call);
      step(machine, driver);
    },
  ];
}

function single(name: string, args: readonly bigint[]): Step {
  const command = byName(`RMI_${name.toUpperCase()}`);
  const registers = command.params.map(({ type }, i) => toRegister(args[i] ?? 0n, type));
  return ({ rmm, store }) => {
    command.call(rmm, registers);
    store.commit();
  };
}

const excerpt = path.join(import.meta.dirname, '../conformance/fixtures/excerpt.jsonl');
const traces = path.join(import.meta.dirname, '../../../shared/conformance/rmm');

/** All recorded traces where they stand beside the checkout, else the excerpt of them that the tests have. */
function sequences(): Sequence[] {
  if (!fs.existsSync(traces)) return [...sequencesOf(fs.readFileSync(excerpt, 'utf8'), excerpt)];
  const files = fs.readdirSync(traces).filter((name) => name.endsWith('.jsonl.gz'));
  return files.flatMap((name) => {
    const file = path.join(traces, name);
    return [...sequencesOf(zlib.gunzipSync(fs.readFileSync(file)).toString(), file)];
  });
}

const planOf = ({ calls }: Sequence): Step[] => calls.filter(({ fn }) => !fn.startsWith('dbg_')).flatMap(stepsOf);

export async function measure(): Promise<Figure[]> {
  const plans = sequences().map(planOf);
  const count = plans.reduce((sum, plan) => sum + plan.length, 0);
  let bytes = 0;
  const replay = (history: boolean) =>
    seconds(() => {
      bytes = 0;
      for (const plan of plans) {
        const machine = new Machine({ ...STD1, history });
        const driver: Driver = new Map();
        for (const step of plan) step(machine, driver);
        bytes += machine.store.journalBytes;
      }
    }, 5);
  const off = count / replay(false);
  const on = count / replay(true);
  return [
    { name: 'replay of recorded sequences, journal on', value: on, unit: 'calls/s', target: 500_000 },
    { name: 'replay of recorded sequences, journal off', value: off, unit: 'calls/s' },
    { name: 'journal: recorded sequences', value: bytes / count, unit: 'bytes/call', target: 100, atMost: true },
  ];
}
