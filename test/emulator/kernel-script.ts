// Kernel calls in, the same lines with what came of them out, with nothing between: a small driver for tests of flows.

import type { Intercept } from '../../server/src/emulator/flow.ts';
import {
  isReference,
  Machine,
  type MachineOptions,
  type Parameter,
  registersOf,
} from '../../server/src/emulator/index.ts';
import type { GuestAction } from '../../server/src/emulator/kvm/guest.ts';
import { GUEST_OPERATIONS } from '../../server/src/emulator/kvm/guest-access.ts';
import { linuxViolations } from '../../server/src/emulator/linux/invariants.ts';
import { LINUX_OPERATIONS, LINUX_PIECES } from '../../server/src/emulator/linux/operations.ts';
import { LINUX_VIEWS } from '../../server/src/emulator/linux/views.ts';
import type { AnyOperation, MachineOperation } from '../../server/src/emulator/operation.ts';

/** 64 MiB and a version of Linux. */
export const kernel = (profile: string, more: MachineOptions['linux'] = {}, megabytes = 64): MachineOptions => ({
  dram: { base: 0x8000_0000, size: megabytes * 2 ** 20 },
  linux: { profile, ...more },
});

const UNITS: Readonly<Record<string, number>> = { K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 };
const SILENT = new Set(['set_pte', 'clear_pte', 'remove_folio']);

interface Injection {
  readonly name: string;
  waits: number;
  readonly code: number;
}

/**
 * Lines: `x := OP(args)`, `OP(args)`, `  < guest access` below KVM_RUN, `? view(args)`, `inject OP nth N -ERRNO`, `trace OP(args)`
 * (prints the pieces of kernel work after `|`). What stands behind ` = ` is replaced by what came of the line.
 */
export class KernelScript {
  readonly machine: Machine;
  private readonly names = new Map<string, number>();
  private readonly injections: Injection[] = [];
  private guest: string[] = [];
  private accesses: string[] = [];
  /** Invariants are looked at after every step. */
  checked = true;

  constructor(options: MachineOptions) {
    this.machine = new Machine(options);
    this.machine.guest = { next: () => this.nextAction() };
  }

  transcript(text: string): string {
    const lines = text.split('\n');
    const out: string[] = [];
    for (let i = 0; i < lines.length; i++) {
      const line = lines[i] ?? '';
      const [words = ''] = line.split(' = ');
      if (words.trim() === '' || words.trim().startsWith('//')) {
        out.push(line);
        continue;
      }
      this.guest = [];
      while (lines[i + 1]?.startsWith('  < ')) this.guest.push((lines[++i] ?? '').split(' = ')[0] ?? '');
      const guest = [...this.guest];
      this.accesses = [];
      out.push(this.line(words.trimEnd()));
      guest.forEach((access, n) => {
        const result = this.accesses[n];
        out.push(result === undefined ? access : `${access} = ${result}`);
      });
    }
    return out.join('\n');
  }

  private line(words: string): string {
    const inject = /^inject (\w+) nth (\d+) (-\w+)$/.exec(words);
    if (inject) {
      const piece = LINUX_PIECES.find(({ name }) => name === inject[1]);
      const code = piece?.form.code(inject[3] ?? '', undefined) ?? -1;
      this.injections.push({ name: inject[1] ?? '', waits: Number(inject[2]), code });
      return words;
    }
    const [, flag, bound, name = '', args = ''] = /^(trace |\? )?(?:(\w+) := )?(\w+)\((.*)\)$/.exec(words) ?? [];
    if (flag === '? ') return `${words} = ${this.look(name, args)}`;
    const operation = this.chosen(LINUX_OPERATIONS, name, args) as AnyOperation | undefined;
    if (!operation) throw new Error(`no operation ${words}`);
    const { code, outputs, trace } = this.run(operation, this.registers(operation.params, args));
    if (bound !== undefined) this.names.set(bound, outputs[0] ?? 0);
    const shown = operation.outputs
      .map((output, i) => ({ output, value: outputs[i] ?? 0 }))
      .filter(({ output, value }) => value !== 0 && !['vm', 'vcpu', 'gmem', 'mapping', 'pin'].includes(output.type))
      .map(({ output, value }) => `${output.name}: ${value < 10 ? value : `0x${value.toString(16)}`}`);
    const fields = shown.length > 0 ? ` {${shown.join(', ')}}` : '';
    const events = flag === 'trace ' ? ` | ${trace.join(' ')}` : '';
    return `${words} = ${this.value(operation, code)}${fields}${events}`.trimEnd();
  }

  private run(
    operation: AnyOperation,
    registers: number[],
  ): { code: number; outputs: readonly number[]; trace: string[] } {
    const { machine } = this;
    const trace: string[] = [];
    if ('call' in operation) {
      const code = operation.call(machine, registers);
      this.commit(operation);
      return { code, outputs: operation.readOutputs(machine, registers), trace };
    }
    const intercept: Intercept = (piece) => this.fault(piece.name);
    machine.flows.start(0, operation.flow, registers);
    for (let steps = 0; steps < 50_000_000; steps++) {
      const event = machine.flows.step(0, intercept);
      if (event.command) {
        const { operation: piece, code, injected } = event.command;
        if (piece.actor === 'guest') {
          if (code !== -3000) this.accesses.push(this.value(piece, code));
        } else if (!SILENT.has(piece.name)) trace.push(injected ? `${piece.name} FAIL` : piece.name);
      }
      if (event.waiting) throw new Error(`${event.flow.name} waits in ${event.step}`);
      this.commit(event.command?.operation);
      if (event.ended !== undefined) {
        return { code: event.ended, outputs: operation.readOutputs(machine, registers), trace };
      }
    }
    throw new Error(`${operation.name} does not end`);
  }

  /** Ends the step; the kernel's invariants must hold after each. */
  private commit(operation?: MachineOperation): void {
    const { store } = this.machine;
    const moment = store.commit();
    const [broken] = this.checked ? linuxViolations(this.machine, store.writesOf(moment), operation) : [];
    if (broken) throw new Error(`${broken.invariant.id}: ${broken.text}`);
  }

  /** A result as text; a 64-bit value in full. */
  private value({ form }: { readonly form: MachineOperation['form'] }, code: number): string {
    return isReference(code) ? `0x${this.machine.pages.words.value(code).toString(16)}` : form.text(code);
  }

  private fault(name: string): number | undefined {
    for (const injection of this.injections) {
      if (injection.name === name && injection.waits > 0 && --injection.waits === 0) return injection.code;
    }
    return undefined;
  }

  private look(name: string, args: string): string {
    const view = this.chosen(LINUX_VIEWS, name, args);
    if (!view) throw new Error(`no view ${name}`);
    return String(view.read(this.machine, this.registers(view.params, args)) ?? view.absent);
  }

  private nextAction(): GuestAction | undefined {
    const line = this.guest.shift();
    const [, name = '', args = ''] = /< (\w+)\((.*)\)/.exec(line ?? '') ?? [];
    const operation = GUEST_OPERATIONS.find((candidate) => candidate.name === name);
    return operation && { operation, registers: this.registers(operation.params, args) };
  }

  /** The operation or view of that name whose first parameter fits the way the first argument is written. */
  private chosen<
    T extends { readonly name: string; readonly params: readonly Parameter[]; readonly overloads?: readonly T[] },
  >(all: readonly T[], name: string, args: string): T | undefined {
    const found = all.filter((candidate) => candidate.name === name);
    const forms = found.flatMap((candidate) => [candidate, ...(candidate.overloads ?? [])]);
    const [first = ''] = args.split(', ');
    const kind = this.kindOf(first);
    return forms.find(({ params }) => params[0] !== undefined && kind.includes(params[0].type)) ?? forms[0];
  }

  private kindOf(word: string): readonly string[] {
    const name = /^(\w+)/.exec(word)?.[1] ?? '';
    const kind = this.kinds.get(name) ?? '';
    if (word.includes('+:')) return [`${kind}_range`];
    return word.includes('[') ? [`${kind}_at`] : [kind];
  }

  /** Names are what their first letter says: v VM, c vCPU, g guest_memfd, m mapping, p pin. */
  private get kinds(): ReadonlyMap<string, string> {
    const letters: Readonly<Record<string, string>> = { v: 'vm', c: 'vcpu', g: 'gmem', m: 'mapping', p: 'pin' };
    return new Map([...this.names.keys()].map((name) => [name, letters[name[0] ?? ''] ?? '']));
  }

  private registers(params: readonly Parameter[], args: string): number[] {
    const words = args === '' ? [] : args.split(', ');
    const named = new Map(words.flatMap((word) => (/^\w+=/.test(word) ? [word.split('=') as [string, string]] : [])));
    const positional = words.filter((word) => !/^\w+=/.test(word));
    return params.flatMap((param) => {
      const word = named.get(param.name) ?? positional.shift();
      const width = registersOf(param.type);
      if (word === undefined) return Array.from({ length: width }, (_, i) => param.initial?.[i] ?? 0);
      return this.place(word, param, width);
    });
  }

  private place(word: string, param: Parameter, width: number): number[] {
    const [, object = '', inside] = /^(\w+)\[(.*)\]$/.exec(word) ?? [];
    const body = inside ?? word;
    const [base = '0', length] = body.split(' +: ');
    const numbers = [...(inside === undefined ? [] : [this.names.get(object) ?? 0]), this.number(base, param)];
    if (length !== undefined) numbers.push(this.number(length, param));
    while (numbers.length < width) numbers.push(0);
    return numbers;
  }

  private number(word: string, { flags, type }: Parameter): number {
    const known = this.names.get(word);
    if (known !== undefined) return known;
    if (flags && /[A-Z]/.test(word) && !/^\d/.test(word)) {
      return word.split('|').reduce((sum, name) => sum | (flags[name] ?? 0), 0);
    }
    const [, digits = '0', unit] = /^(-?[0-9a-fx_]+)([KMGT])?$/.exec(word) ?? [];
    const value = BigInt(digits.replaceAll('_', '')) * BigInt(UNITS[unit ?? ''] ?? 1);
    if (type === 'word') return this.machine.pages.words.number(value);
    const wide = BigInt.asUintN(64, value);
    return wide < 2n ** 53n ? Number(wide) : 2 ** 52 + Number(BigInt.asUintN(40, wide));
  }
}

/** A fresh machine for each text. */
export const kernelTranscript = (options: MachineOptions, text: string): string =>
  new KernelScript(options).transcript(text);
