// What the machine can do, by name.
import { CCA_CONVERSIONS } from './arm-cca/conversions.ts';
import { CCA_OPERATIONS } from './arm-cca/operations.ts';
import { CCA_PIECES } from './arm-cca/pieces.ts';
import { CCA_VIEWS } from './arm-cca/views.ts';
import type { Conversion } from './conversion.ts';
import { LINUX_CONVERSIONS } from './linux/conversions.ts';
import { LINUX_OPERATIONS, LINUX_PIECES } from './linux/operations.ts';
import { LINUX_VIEWS } from './linux/views.ts';
import { hostMemset, hostRead, hostWrite } from './memory/host-access.ts';
import type { AnyOperation, MachineOperation } from './operation.ts';
import { RMI_OPERATIONS } from './rmm/operations.ts';
import { RMM_VIEWS } from './rmm/views.ts';
import type { View } from './view.ts';

/** Views of one name that take several kinds of places are found with their overloads. */
export const VIEWS: ReadonlyMap<string, View> = new Map(
  [...LINUX_VIEWS, ...CCA_VIEWS, ...RMM_VIEWS].map((view): [string, View] => {
    const kernel = LINUX_VIEWS.find(({ name }) => name === view.name);
    if (!kernel || kernel === view) return [view.name, view];
    return [view.name, { ...view, overloads: [kernel, ...(kernel.overloads ?? [])] }];
  }),
);

/** Operations that are done in one step. */
export const COMMANDS: ReadonlyMap<string, MachineOperation> = new Map(
  [...RMI_OPERATIONS, hostRead, hostWrite, hostMemset].map((operation) => [operation.name, operation]),
);

/** All that a statement can call; operations of one name that take other arguments are the overloads of the first. */
export const OPERATIONS: ReadonlyMap<string, AnyOperation> = named([
  ...COMMANDS.values(),
  ...LINUX_OPERATIONS,
  ...CCA_OPERATIONS,
]);

/** All that can be made to fail: what a statement calls, and the pieces that kernel flows are made of. */
export const INJECTABLE: ReadonlyMap<string, AnyOperation> = new Map([
  ...OPERATIONS,
  ...[...LINUX_PIECES, ...CCA_PIECES].map((piece): [string, AnyOperation] => [piece.name, piece]),
]);

function named<T extends { readonly name: string; readonly overloads?: readonly T[] }>(
  all: readonly T[],
): Map<string, T> {
  const byName = new Map<string, T>();
  for (const one of all) {
    const first = byName.get(one.name);
    byName.set(one.name, first ? { ...first, overloads: [...(first.overloads ?? []), one] } : one);
  }
  return byName;
}

/** From one address space to another; those of one name are told apart by what they take. */
export const CONVERSIONS: readonly Conversion[] = [...LINUX_CONVERSIONS, ...CCA_CONVERSIONS];

export type { Conversion } from './conversion.ts';
export type { CheckText, Operation, Output, Parameter, Structure, ValueType } from './definition.ts';
export { isHandle, OUTPUT_WORDS, type OutputType, outputWord, registersOf, typeText } from './definition.ts';
export { type CellText, describeCell, describeWrite, isDescribed } from './describe.ts';
export type { FlowEvent, FrameView } from './flow.ts';
export { FLOWS, type Flow } from './flow.ts';
export { hex, nearest, size } from './format.ts';
export { GUEST_FAULTED } from './kvm/guest-access.ts';
export { LINUX_INVARIANTS, linuxViolations } from './linux/invariants.ts';
export { PROFILES } from './linux/profiles.ts';
export { codeText, HOST_CRASH, HOST_CRASH_NAME } from './linux/signals.ts';
export { Machine, type MachineOptions } from './machine.ts';
export { isReference } from './memory/words.ts';
export type { AnyOperation, Conversation, FlowOperation, MachineOperation, Refusal, ResultForm } from './operation.ts';
export { toRegister } from './registers.ts';
export { GUEST_OPERATIONS } from './rmm/guest/operations.ts';
export { type ActionCall, actionToRepeat, endEntry, isRunning } from './rmm/guest/session.ts';
export { RMM_INVARIANTS, violations } from './rmm/invariants.ts';
export { RMM_MODELS, type RmmModel } from './rmm/rmm.ts';
export { writeStructure } from './rmm/structures.ts';
export type { View } from './view.ts';
