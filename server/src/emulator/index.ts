// What the machine can do, by name.
import { hostRead, hostWrite } from './memory/host-access.ts';
import type { MachineOperation } from './operation.ts';
import { RMI_OPERATIONS } from './rmm/operations.ts';

export const OPERATIONS: ReadonlyMap<string, MachineOperation> = new Map(
  [...RMI_OPERATIONS, hostRead, hostWrite].map((operation) => [operation.name, operation]),
);

export type { CheckText, Operation, Output, Parameter, Structure, ValueType } from './definition.ts';
export { Machine, type MachineOptions } from './machine.ts';
export type { MachineOperation, Refusal, ResultForm } from './operation.ts';
export { toRegister } from './registers.ts';
