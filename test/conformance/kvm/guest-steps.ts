// Steps of the guest: each is one KVM_RUN with the access below it.
import { ensureOn, runs } from './cca-steps.ts';
import type { JsonObject } from './scenario-file.ts';
import type { Writes } from './vm-steps.ts';
import { isWord, number, type Wanted, type Writer } from './writer.ts';

const vcpuOf = ({ step, args }: Wanted) => String(args.vcpu ?? step.actor.split(':')[1] ?? '');

/** ` = KVM_EXIT_MEMORY_FAULT {gpa: …, flags: PRIVATE}`. */
function exitText(step: Wanted): string {
  const { exit } = step.expectation;
  if (!exit) return step.result({});
  const { reason, ...rest } = exit;
  // Nothing is promised about the reason then.
  if (reason === undefined || reason === null || reason === 'UNKNOWN') return step.result({});
  // KVM_HC_MAP_GPA_RANGE is the only hypercall that goes to user space.
  const told = Object.entries(rest).filter(([name, value]) => name !== 'nr' || value !== 'MAP_GPA_RANGE');
  const fields = told.map(([name, value]) => {
    if (name === 'flags') return `flags: ${(Array.isArray(value) ? value : [value]).join(' | ') || '0'}`;
    return `${name}: ${name === 'nr' ? `KVM_HC_${String(value)}` : number(value)}`;
  });
  return ` = KVM_EXIT_${String(reason)}${fields.length > 0 ? ` {${fields.join(', ')}}` : ''}`;
}

/** Lets a vCPU run. */
function run(writer: Writer, step: Wanted, actions: readonly string[]): void {
  const vcpu = vcpuOf(step);
  ensureOn(writer, vcpu);
  runs(writer, vcpu, exitText(step), actions);
  if (!step.succeeds && step.expectation.exit?.reason !== 'MMIO') writer.pending.add(vcpu);
}

/** `KVM_RUN` of the VMM itself: the guest does again what it was about to do. */
function runAgain(writer: Writer, step: Wanted): void {
  const vcpu = vcpuOf(step);
  ensureOn(writer, vcpu);
  writer.line(`KVM_RUN(${vcpu})${exitText(step)}`);
  if (step.succeeds) writer.pending.delete(vcpu);
}

const asked = (step: Wanted) => (step.has('private') ? `, private=${step.args.private === true ? 1 : 0}` : '');

/** An access that only user space answers has the width that the exit names: the case counts bytes of the answer instead. */
function widthOf(step: Wanted): number {
  const exit: JsonObject = step.expectation.exit ?? {};
  if (exit.reason === 'MMIO' && exit.len !== undefined) return Number(exit.len);
  return step.has('len') ? step.value('len') : 1;
}

/**
 * An access that the RMM does not let through. Where the RIPAS is EMPTY the realm takes the abort. Where it is DESTROYED the
 * REC exits with a data abort, and again each time that it is entered, until the realm itself asks for RAM (DEN0137 1.0,
 * A5.2.3): no KVM_RUN completes the access.
 */
function abort(writer: Writer, step: Wanted, action: string): void {
  const exception = step.expectation.guest_exception ?? '';
  if (!exception.endsWith('RIPAS DESTROYED')) return run(writer, step, [`${action} = SEA`]);
  ensureOn(writer, vcpuOf(step));
  runs(writer, vcpuOf(step), ' = KVM_EXIT_INTR', [action]);
  writer.pending.add(vcpuOf(step));
  writer.line(`expect ripas(${writer.lastVm}, ${step.number('gpa')}) is DESTROYED`);
}

function read(writer: Writer, step: Wanted): void {
  const length = widthOf(step);
  const { value, guest_exception } = step.expectation;
  const byte = value === undefined || typeof value === 'object' ? undefined : number(value);
  const at = step.number('gpa');
  if (guest_exception !== undefined) return abort(writer, step, `read(${at}, size=${length}${asked(step)})`);
  if (isWord(length, value) || step.expectation.exit?.reason === 'MMIO') {
    const result = byte === undefined ? '' : ` = ${byte}`;
    return run(writer, step, [`read(${at}, size=${length}${asked(step)})${result}`]);
  }
  const result = byte === undefined ? '*' : '0';
  run(writer, step, [`memchr_inv(${at} +: ${number(length)}, ${byte ?? 0}${asked(step)}) = ${result}`]);
}

function write(writer: Writer, step: Wanted): void {
  const length = widthOf(step);
  const value = number(step.args.value ?? 0);
  const at = step.number('gpa');
  const isMmio = step.expectation.exit?.reason === 'MMIO';
  if (isMmio || isWord(length, step.args.value))
    return run(writer, step, [`write(${at}, ${value}, size=${length}${asked(step)})`]);
  run(writer, step, [`memset(${at} +: ${number(length)}, ${value}${asked(step)})`]);
}

export const GUEST_STEPS: Readonly<Record<string, Writes>> = {
  read,
  write,
  map_gpa(writer, step) {
    const to = `KVM_MAP_GPA_RANGE_${step.string('to') === 'private' ? 'ENCRYPTED' : 'DECRYPTED'}`;
    run(writer, step, [`KVM_HC_MAP_GPA_RANGE(${step.number('gpa')} +: ${step.number('size')}, ${to})`]);
  },
  begin_fault(writer, step) {
    writer.faultAt = step.number('gpa');
    writer.hold({ kind: 'begin fault', vcpu: vcpuOf(step), gpa: step.value('gpa') });
  },
  finish_fault(writer, step) {
    const vm = writer.vcpus.get(vcpuOf(step)) ?? writer.lastVm;
    writer.hold({ kind: 'finish fault', vm, gpa: writer.faultAt, state: step.expectation.state ?? {} });
  },
  ripas_change(writer, step) {
    const range = `${step.number('base')}, ${step.number('top')}`;
    const action = `RSI_IPA_STATE_SET(${range}, RSI_${step.string('to')}, RSI_CHANGE_DESTROYED)`;
    if (!step.succeeds) return run(writer, step, [action]);
    // The VMM is told of it, and lets the vCPU go on.
    ensureOn(writer, vcpuOf(step));
    runs(writer, vcpuOf(step), ' = KVM_EXIT_MEMORY_FAULT', [action]);
    writer.line(`KVM_RUN(${vcpuOf(step)})${step.result({})}`);
  },
  read_concurrently(writer, step) {
    const { value } = step.expectation;
    const vcpus = (step.step.actor.split(':')[1] ?? '').split('+');
    for (const vcpu of vcpus) ensureOn(writer, vcpu, true);
    const asked = step.has('private') ? Number(step.args.private === true) : 2;
    const wanted = typeof value === 'number' ? value : undefined;
    writer.hold({ kind: 'both read', vcpus, gpa: step.value('gpa'), asked, value: wanted });
  },
  kvm_run: runAgain,
  write_each_page(writer, step) {
    const value = number(step.args.value ?? 0);
    const pages = Array.from({ length: step.value('pages') }, (_, i) => step.value('gpa') + i * writer.pageSize);
    run(
      writer,
      step,
      pages.map((gpa) => `write(${number(gpa)}, ${value}, size=1)`),
    );
  },
};
