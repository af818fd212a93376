// From an RMM's log to a scenario that makes the same calls and expects what was logged.
import { size } from '../emulator/format.ts';
import { GUEST_OPERATIONS } from '../emulator/rmm/guest/operations.ts';
import { type LoggedCall, readLog } from './log-lines.ts';
import { memoryFor, OWN } from './log-memory.ts';
import { argumentNamed, lifeOf, realmFrom, startsRunnable } from './log-realms.ts';
import { hostOperation } from './operations.ts';
import { resultText } from './results.ts';
import { callText, Scribe } from './scribe.ts';
import { address, type Fields, type Given } from './value-text.ts';

const GRANULE = 4096;
const AUX = 16;

export interface ImportedLog {
  readonly text: string;
  readonly calls: number;
  /** Lines that tell of no RMI call. */
  readonly others: number;
  readonly unusable: readonly string[];
  /** Calls that the emulator answers as the log does. */
  readonly agreeing: number;
}

/** The scenario of a log; `origin` is the name of the file. */
export function scenarioOfLog(text: string, origin: string): ImportedLog {
  const { calls, others, unusable } = readLog(text);
  const writer = new Writer(calls);
  return { text: writer.write(origin, unusable), calls: calls.length, others, unusable, agreeing: writer.agreeing };
}

const HEAD =
  'An RMM logs neither what the host wrote in pages nor what a realm did. Parameters of realms and RECs are chosen so that ' +
  'the calls can do what the log says, contents of pages are zero, and entries go on until an interrupt; comments say where.';

class Writer {
  agreeing = 0;
  private readonly calls: readonly LoggedCall[];
  private readonly scribe: Scribe;
  /** Next granule of the scenario's own. */
  private own: number;
  private vmid = 0;
  /** MPIDR of each REC, and how many each realm has. */
  private readonly affinities = new Map<bigint, bigint>();
  private readonly recs = new Map<bigint, number>();

  constructor(calls: readonly LoggedCall[]) {
    this.calls = calls;
    const dram = memoryFor(calls);
    this.scribe = new Scribe({ dram, rmm: 'rmm/1.0-tf' });
    this.own = dram.base + dram.size - OWN;
  }

  write(origin: string, unusable: readonly string[]): string {
    const { scribe } = this;
    const { base, size: bytes } = scribe.machine.pages.dram;
    scribe.comment(`Imported from the RMM log ${origin}.`);
    scribe.comment(HEAD);
    scribe.line(`scenario "RMM log: ${origin.replace(/["\\]|\p{Cc}/gu, ' ')}"`);
    scribe.line('model    "rmm/1.0-tf"');
    scribe.line('platform cca');
    scribe.line(`memory   ${address(BigInt(base))} +: ${size(bytes)}`);
    scribe.line('');
    for (const line of unusable) scribe.comment(`left out: ${line}`);
    for (const [i, call] of this.calls.entries()) this.call(call, i);
    return scribe.text;
  }

  private call(call: LoggedCall, at: number): void {
    const { scribe } = this;
    const { operation, status } = call;
    const given = status === 'RMI_SUCCESS' ? this.successful(call, at) : this.failing(call);
    const place = scribe.reserve();
    const code = scribe.perform(operation, given);
    if (code === operation.form.code(status, call.index)) this.agreeing++;
    scribe.settle(place, callText(operation, given), resultText(operation, recorded(call)));
    if (operation.name === 'RMI_REC_ENTER' && code === 0) this.entered(call, at);
  }

  private failing({ operation, args }: LoggedCall): readonly Given[] {
    return operation.name === 'RMI_REC_ENTER' ? [args[0] ?? 0n, { flags: 0n }] : args;
  }

  /** Arguments of a call that has to succeed, with what it needs before it. */
  private successful(call: LoggedCall, at: number): readonly Given[] {
    const { operation, args } = call;
    const [first = 0n, second = 0n] = args;
    switch (operation.name) {
      case 'RMI_REALM_CREATE':
        this.delegated(first);
        return [first, this.realm(at)];
      case 'RMI_REC_CREATE':
        this.delegated(second);
        return [first, second, this.rec(first, second, at)];
      case 'RMI_REC_ENTER':
        return [first, { flags: 0n }];
      case 'RMI_RTT_CREATE':
      case 'RMI_DATA_CREATE':
      case 'RMI_DATA_CREATE_UNKNOWN':
        this.delegated(second);
        return args;
      default:
        return args;
    }
  }

  /** RMMs do not log every delegation. */
  private delegated(granule: bigint): void {
    const { rmm } = this.scribe.machine;
    const at = Number(granule);
    if (!rmm.granules.tracks(at) || rmm.granules.state(at) !== 'UNDELEGATED') return;
    this.delegate(at, 1, 'not in the log');
  }

  private delegate(at: number, count: number, why: string): void {
    const operation = hostOperation('RMI_GRANULE_DELEGATE');
    for (let i = 0; i < count; i++) this.scribe.perform(operation, [BigInt(at + i * GRANULE)]);
    const range = count === 1 ? '' : ` +: ${size(count * GRANULE)}`;
    this.scribe.say(`${`RMI_GRANULE_DELEGATE(${address(BigInt(at))}${range})`.padEnd(56)} // ${why}`);
  }

  private realm(at: number): Fields {
    const { s2sz, levelStart, numStart, why } = realmFrom(lifeOf(this.calls, at));
    this.vmid++;
    const spare = this.spare(at, numStart, numStart);
    const base = spare ?? this.ownGranules(numStart, 'start tables that the log does not name');
    const tables =
      spare === undefined
        ? 'the start tables are none of the log'
        : 'the start tables are granules that the log uses for nothing else';
    this.scribe.comment(
      `Not in the log: ${why}; ${tables}; hash_algo, vmid and all other parameters are the scenario's.`,
    );
    return {
      s2sz: BigInt(s2sz),
      rtt_level_start: BigInt(levelStart),
      rtt_num_start: BigInt(numStart),
      rtt_base: BigInt(base),
      vmid: BigInt(this.vmid),
    };
  }

  private rec(rd: bigint, rec: bigint, at: number): Fields {
    const index = this.recs.get(rd) ?? 0;
    this.recs.set(rd, index + 1);
    const mpidr = BigInt(index % 16) | (BigInt(index >> 4) << 8n);
    this.affinities.set(rec, mpidr);
    const spare = this.spare(at, AUX, 1);
    const aux = spare ?? this.ownGranules(AUX, 'auxiliary granules that the log does not name');
    const runs = startsRunnable(this.calls, at);
    const granules = spare === undefined ? 'aux' : 'aux (granules that the log uses for nothing else)';
    this.scribe.comment(
      `Not in the log: ${granules}, pc, registers; ${runs ? 'runnable, because it is entered' : 'not runnable, because nothing enters it first'}.`,
    );
    return { flags: runs ? 1n : 0n, mpidr, aux: BigInt(aux) };
  }

  private ownGranules(count: number, why: string): number {
    const align = count * GRANULE;
    const at = Math.ceil(this.own / align) * align;
    this.own = at + align;
    this.delegate(at, count, why);
    return at;
  }

  /** Neighbouring granules, aligned to some of them, that are delegated and that no later call of the log names. */
  private spare(at: number, count: number, aligned: number): number | undefined {
    const { rmm, pages } = this.scribe.machine;
    const named = new Set(this.calls.slice(at).flatMap((call) => (undelegates(call) ? [] : call.args.map(Number))));
    const free = (page: number) => pages.has(page) && rmm.granules.state(page) === 'DELEGATED' && !named.has(page);
    const delegated = this.calls.slice(0, at).flatMap((call) => (delegates(call) ? [Number(call.args[0])] : []));
    return [...new Set(delegated)].find(
      (base) =>
        base % (aligned * GRANULE) === 0 && Array.from({ length: count }, (_, i) => base + i * GRANULE).every(free),
    );
  }

  /** What the realm must have done in an entry, where the calls after it show that. */
  private entered({ args: [rec = 0n] }: LoggedCall, at: number): void {
    const { scribe } = this;
    const action = this.actionBehind(rec, at);
    if (!action) {
      hostOperation('RMI_REC_ENTER').conversation?.interrupt(scribe.machine, []);
      scribe.machine.store.commit();
      return;
    }
    const operation = GUEST_OPERATIONS.get(action.name);
    if (!operation) return;
    scribe.comment(`Not in the log; ${action.why}.`, '  ');
    scribe.perform(operation, action.given);
    scribe.say(callText(operation, action.given), action.result, '  < ');
    // A realm that was answered at once goes on until an interrupt.
    hostOperation('RMI_REC_ENTER').conversation?.interrupt(scribe.machine, []);
    scribe.machine.store.commit();
  }

  private actionBehind(rec: bigint, at: number) {
    const after = this.calls.slice(at + 1);
    const next = after.findIndex((call) => call.operation.name === 'RMI_REC_ENTER' && call.args[0] === rec);
    const until = next < 0 ? after : after.slice(0, next);
    const change = until.filter(
      (call) =>
        call.operation.name === 'RMI_RTT_SET_RIPAS' && call.args[1] === rec && call.status !== 'RMI_ERROR_INPUT',
    );
    const [first] = change;
    if (first) {
      const base = argumentNamed(first, 'base') ?? 0n;
      const top = change.map((call) => argumentNamed(call, 'top') ?? 0n).reduce((a, b) => (a > b ? a : b));
      const why = 'RMI_RTT_SET_RIPAS answers it; whether RAM or EMPTY is asked for is not known';
      return { name: 'RSI_IPA_STATE_SET', given: [base, top, 1n], result: 'RMI_EXIT_RIPAS_CHANGE', why };
    }
    const complete = until.find(
      (call) => call.operation.name === 'RMI_PSCI_COMPLETE' && call.args[0] === rec && call.status === 'RMI_SUCCESS',
    );
    const target = complete && this.affinities.get(complete.args[1] ?? 0n);
    if (target === undefined) return undefined;
    const why = 'RMI_PSCI_COMPLETE answers it, or a PSCI_AFFINITY_INFO';
    return { name: 'PSCI_CPU_ON', given: [target, 0n, 0n], result: 'RMI_EXIT_PSCI', why };
  }
}

const delegates = ({ operation, status }: LoggedCall) =>
  operation.name === 'RMI_GRANULE_DELEGATE' && status === 'RMI_SUCCESS';
const undelegates = ({ operation }: LoggedCall) => operation.name === 'RMI_GRANULE_UNDELEGATE';

/** A logged call in the form of a recorded one: outputs only where they have a meaning. */
function recorded({ operation, status, index, out }: LoggedCall) {
  const isValid = (i: number) => status === 'RMI_SUCCESS' || operation.outputs[i]?.valid === 'always';
  const values = operation.name === 'RMI_REC_ENTER' ? [] : out;
  return { fn: '', status, index, out: values.map((value, i) => (isValid(i) ? `${value}` : null)) };
}
