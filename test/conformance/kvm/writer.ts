// A case as the text of a scenario, line by line; which step each line is for is kept.
import { type AnyOperation, hex, OPERATIONS } from '../../../server/src/emulator/index.ts';
import type { Meanwhile } from './meanwhile.ts';
import { type Expectation, isObject, type Json, type JsonObject, type Step } from './scenario-file.ts';

/** A guest_memfd, by the name that the case gives its descriptor. */
export interface GmemName {
  readonly name: string;
  readonly size: number;
}

export interface SlotName {
  readonly vm: string;
  readonly base: number;
  readonly size: number;
  /** The mapping behind it, and where in it. */
  readonly memory: string | undefined;
  readonly memoryOffset: number;
  readonly gmem: string | undefined;
  readonly offset: number;
}

export interface MapName {
  readonly name: string;
  readonly length: number;
  readonly gmem: string | undefined;
}

/** A fault whose line says `nth ?` so far. */
export interface Fault {
  /** Of its statement, from 0. */
  readonly line: number;
  readonly operation: string;
  readonly result: string;
  /** Which page of the call that it is for, and which granule of it; granules are counted through where no page is named. */
  readonly page: number | undefined;
  readonly granule: number;
}

/** Writes statements and remembers what names stand for. */
export class Writer {
  readonly lines: string[] = [];
  /** For each line the step that it belongs to; 0 for the header. */
  readonly steps: number[] = [];
  /** What the case needs that cannot be written. */
  readonly missing: string[] = [];
  readonly gmems: Map<string, GmemName> = new Map();
  readonly slots: Map<string, SlotName> = new Map();
  /** The memory that a slot has or had. */
  readonly memories: Map<string, { readonly name: string; readonly offset: number }> = new Map();
  readonly maps: Map<string, MapName> = new Map();
  readonly vcpus: Map<string, string> = new Map();
  /** What is pinned still, by the place that the case names. */
  readonly pins: { readonly key: string; readonly pin: string }[] = [];
  /** vCPUs that have an access pending. */
  readonly pending: Set<string> = new Set();
  /** The VMs as the case calls them, in the order in which they were made. */
  readonly vms: string[] = [];
  /** The VM and the guest_memfd made last, for steps that name none. */
  lastVm = 'vmA';
  lastGmem = '';
  lastMap = '';
  pageSize = 4096;
  /** Where a fault began that is held. */
  faultAt = '0';
  /** A case that begins with pages that firmware has: where it names a page, there is one. */
  pagesAreThere = false;
  /** The kernel. */
  readonly model: string;
  /** VMs that are realms, and how far those of them are that exist for the RMM. */
  readonly realmVms: Set<string> = new Set();
  readonly realms: Map<string, 'NEW' | 'ACTIVE'> = new Map();
  /** Slots whose memory was declared as RAM. */
  readonly declared: Set<SlotName> = new Set();
  /** vCPUs that have a REC, and those that were switched on. */
  readonly finalized: Set<string> = new Set();
  readonly on: Set<string> = new Set();
  /** Ranges that became private or shared, one after the other. */
  readonly conversions: {
    readonly vm: string;
    readonly from: number;
    readonly to: number;
    readonly isPrivate: boolean;
  }[] = [];
  /** Faults whose place in the order of calls is looked up when all is written. */
  readonly faults: Fault[] = [];
  /** Pages of the kernel that firmware did not give back, and what they were given out again as. */
  readonly pages: Set<string> = new Set();
  readonly reused: Map<string, { readonly name: string; readonly isUser: boolean }> = new Map();
  /** How often populate steps and copies came so far. */
  populated = 0;
  copies = 0;
  private step = 0;
  private readonly counts = new Map<string, number>();

  constructor(model: string) {
    this.model = model;
  }

  /** The parts of [from, to) that no step has made private. */
  sharedIn(vm: string, from: number, to: number): readonly (readonly [from: number, to: number])[] {
    const of = this.conversions.filter((one) => one.vm === vm && one.from < to && one.to > from);
    const edges = [from, to, ...of.flatMap((one) => [one.from, one.to])].filter((edge) => edge >= from && edge <= to);
    const sorted = [...new Set(edges)].sort((a, b) => a - b);
    return sorted.slice(1).flatMap((end, i) => {
      const begin = sorted[i] ?? from;
      const last = of.findLast((one) => one.from <= begin && one.to >= end);
      return last?.isPrivate === true ? [] : [[begin, end] as const];
    });
  }

  /** What a case takes for granted: it is no part of the step. */
  aside(write: () => void): void {
    const { step } = this;
    this.step = 0;
    write();
    this.step = step;
  }

  begin(step: number): void {
    this.step = step;
  }

  line(text: string): void {
    for (const one of text.split('\n')) {
      this.lines.push(one);
      this.steps.push(this.step);
    }
  }

  /** Work that the runner carries out itself, by the line of a statement that holds anyway. */
  readonly meanwhile: Map<number, Meanwhile> = new Map();

  /** Lets the runner do it here. */
  hold(what: Meanwhile): void {
    this.line(`expect host() is alive    // ${what.kind}`);
    this.meanwhile.set(this.lines.length, what);
  }

  /** The case needs something that is not there: `operation for fork`. */
  lacks(what: string): void {
    this.missing.push(what);
    this.line(`// there is no ${what}`);
  }

  /** A name that was not given before: `pin`, `pin2`, … */
  fresh(name: string): string {
    const count = (this.counts.get(name) ?? 0) + 1;
    this.counts.set(name, count);
    return count === 1 ? name : `${name}${count}`;
  }

  get text(): string {
    return `${this.lines.join('\n')}\n`;
  }
}

/** One step with the expectations at it. */
export class Wanted {
  readonly step: Step;
  readonly args: JsonObject;
  readonly expectation: Expectation;

  constructor(step: Step, expectations: readonly Expectation[]) {
    this.step = step;
    this.args = step.args;
    const here = expectations.filter(({ at }) => at === step.n);
    const state: JsonObject = Object.assign({}, ...here.map((one) => one.state));
    this.expectation = { ...(Object.assign({ at: step.n }, ...here) as Expectation), state };
  }

  get succeeds(): boolean {
    const { ret, signal, exit } = this.expectation;
    return (ret === undefined || ret === 'ok') && signal === undefined && exit === undefined;
  }

  /** The case looks at what the step does and not at how it ends. */
  private get isOpen(): boolean {
    const { ret, signal, exit, value, guest_exception, trace } = this.expectation;
    return trace !== undefined && [ret, signal, exit, value, guest_exception].every((one) => one === undefined);
  }

  /** ` = -EAGAIN {error_offset: 8K}`; empty where it must just succeed. */
  result(fields: JsonObject = isObject(this.expectation.value) ? this.expectation.value : {}): string {
    const { ret, signal } = this.expectation;
    const outputs = Object.entries(fields).map(([name, value]) => `${name}: ${number(value)}`);
    const record = outputs.length > 0 ? ` {${outputs.join(', ')}}` : '';
    const result = signal ?? (ret === undefined || ret === 'ok' ? '0' : ret);
    if (this.isOpen) return ' = *';
    return result === '0' && record === '' ? '' : ` = ${result}${record}`;
  }

  has(key: string): boolean {
    return this.args[key] !== undefined && this.args[key] !== null;
  }

  string(key: string): string {
    return String(this.args[key] ?? '');
  }

  /** As it is written in a scenario. */
  number(key: string): string {
    return number(this.args[key] ?? 0);
  }

  /** The same where the kernel takes 64 bits without a sign: -4096 is 2^64 - 4096. */
  unsigned(key: string): string {
    const value = this.args[key] ?? 0;
    const isNegative = (typeof value === 'number' || typeof value === 'bigint') && value < 0;
    return number(isNegative ? BigInt.asUintN(64, BigInt(value)) : value);
  }

  /** For calculations: exact below 2^53. */
  value(key: string): number {
    return Number(this.args[key] ?? 0);
  }

  list(key: string): readonly Json[] {
    const value = this.args[key];
    return Array.isArray(value) ? value : [];
  }
}

const UNITS: readonly (readonly [number, string])[] = [
  [2 ** 30, 'G'],
  [2 ** 20, 'M'],
  [2 ** 10, 'K'],
];

/** A number as a reader would write it: 8K, 0x1_0000_0000, 255. */
export function number(value: Json): string {
  if (typeof value === 'string' && value.length === 1) return String(value.charCodeAt(0));
  if (typeof value === 'boolean') return value ? '1' : '0';
  if (typeof value === 'bigint') return value < 0n ? `-${hex(-value)}` : hex(value);
  if (typeof value !== 'number') return String(value);
  if (value < 0) return `-${number(-value)}`;
  const unit = UNITS.find(([size]) => value >= size && value % size === 0 && value < 2 ** 32);
  if (unit) return `${value / unit[0]}${unit[1]}`;
  return value < 65536 ? String(value) : hex(value);
}

/** Whether an access is a single load or store: of a byte, or of a value that is none. Otherwise the value fills all bytes. */
export const isWord = (length: number, value: unknown): boolean =>
  length === 1 ||
  ([2, 4, 8].includes(length) && (typeof value === 'number' || typeof value === 'bigint') && value > 255);

/** Flags by name, joined; a `BIT5` as a number; 0 if there are none. */
export function flags(names: readonly Json[], word: (name: string) => string): string {
  const words = names.map((name) => {
    const bit = /^BIT(\d+)$/.exec(String(name));
    return bit ? `1 << ${bit[1]}` : word(String(name));
  });
  return words.length === 0 ? '0' : words.join(' | ');
}

/** A base and a length as the operation takes them: one range, or two numbers by name. */
export function span(operation: string, base: string, size: string, names: readonly [string, string]): string {
  const known: AnyOperation | undefined = OPERATIONS.get(operation);
  const isRange = known === undefined || known.params.some(({ type }) => type === 'range');
  return isRange ? `${base} +: ${size}` : `${names[0]}=${base}, ${names[1]}=${size}`;
}
