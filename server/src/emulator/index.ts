// What the machine can do, by name.
import { hostMemset, hostRead, hostWrite } from './memory/host-access.ts';
import type { MachineOperation } from './operation.ts';
import { RMI_OPERATIONS } from './rmm/operations.ts';
import { RMM_VIEWS } from './rmm/views.ts';
import type { View } from './view.ts';

export const VIEWS: ReadonlyMap<string, View> = new Map(RMM_VIEWS.map((view) => [view.name, view]));

export const OPERATIONS: ReadonlyMap<string, MachineOperation> = new Map(
  [...RMI_OPERATIONS, hostRead, hostWrite, hostMemset].map((operation) => [operation.name, operation]),
);

export { CONVERSIONS, type Conversion } from './conversion.ts';
export type { CheckText, Operation, Output, Parameter, Structure, ValueType } from './definition.ts';
export { OUTPUT_WORDS, type OutputType, outputWord, registersOf, typeText } from './definition.ts';
export { type CellText, describeCell, describeWrite } from './describe.ts';
export { hex, nearest, size } from './format.ts';
export { Machine, type MachineOptions } from './machine.ts';
export { isReference } from './memory/words.ts';
export type { Conversation, MachineOperation, Refusal, ResultForm } from './operation.ts';
export { toRegister } from './registers.ts';
export { GUEST_OPERATIONS } from './rmm/guest/operations.ts';
export { type ActionCall, actionToRepeat, endEntry, isRunning } from './rmm/guest/session.ts';
export { RMM_MODELS, type RmmModel } from './rmm/rmm.ts';
export { writeStructure } from './rmm/structures.ts';
export type { View } from './view.ts';
