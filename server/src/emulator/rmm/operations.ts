// The RMI commands as operations of the machine.
import type { MachineOperation, ResultForm } from '../operation.ts';
import { blamedArgument } from './blame.ts';
import { type RmiCommand, statusName } from './command.ts';
import { RMI_COMMANDS } from './commands/index.ts';
import { recEnter } from './commands/rec-enter.ts';
import { callByFid, commandOf, NOT_SUPPORTED } from './dispatch.ts';
import { recEnterOperation } from './rec-enter-operation.ts';
import { RMI_SUCCESS, rmiCode, rmiText, STATUSES, type StatusName } from './status.ts';

const rmiForm: ResultForm = {
  names: STATUSES,
  text: rmiText,
  code: (name, arg) => (STATUSES.includes(name as StatusName) ? rmiCode(name as StatusName, arg) : undefined),
  matches: (code, name, arg) =>
    statusName(code) === name && (arg === undefined || code === rmiCode(name as StatusName, arg)),
  succeeded: (code) => code === RMI_SUCCESS,
};

const operation = (command: RmiCommand): MachineOperation => ({
  ...command,
  form: rmiForm,
  call: ({ rmm }, registers) => command.call(rmm, registers),
  readOutputs: ({ rmm }) => rmm.out.slice(0, command.outputs.length),
  refusal({ rmm }, registers) {
    const check = command.refusal(rmm, registers);
    if (check === undefined) return undefined;
    const cells = command.blame(check, rmm, registers);
    return { check, cells, argument: blamedArgument(check.id, command.params) };
  },
});

/** X0 as it is: a call by number may be of any function, or of none. */
const numberForm: ResultForm = {
  names: [],
  text: (code) => `0x${BigInt.asUintN(64, BigInt(code)).toString(16)}`,
  code: () => undefined,
  matches: () => false,
  succeeded: (code) => code === RMI_SUCCESS,
};

const SMC_ARGUMENTS = 5;

/** A call of the RMM by number, also of one that does not exist. RMI_REC_ENTER has to be called by its name. */
const smc: MachineOperation = {
  name: 'SMC',
  actor: 'host',
  since: 'rmm/1.0',
  summary: 'The host makes a call by number.',
  reference: 'DEN0028 SMCCC; DEN0137 1.0-rel0, B4.1',
  params: [
    { name: 'fid', type: 'u64', text: 'function identifier' },
    ...Array.from({ length: SMC_ARGUMENTS }, (_, i) => ({
      name: `x${i + 1}`,
      type: 'word' as const,
      text: `X${i + 1}`,
      optional: true as const,
    })),
  ],
  outputs: [],
  results: [],
  checks: [],
  effects: ['the result is X0: status and index, or all ones for a function that does not exist'],
  differences: [],
  form: numberForm,
  call({ rmm }, [fid = 0, ...args]) {
    if (commandOf(BigInt(fid)) === recEnter) return NOT_SUPPORTED;
    return callByFid(
      rmm,
      BigInt(fid),
      args.map((arg) => rmm.pages.words.value(arg)),
    );
  },
  readOutputs: () => [],
  refusal: () => undefined,
};

export const RMI_OPERATIONS: readonly MachineOperation[] = [
  ...RMI_COMMANDS.map((command) => (command === recEnter ? recEnterOperation(operation(command)) : operation(command))),
  smc,
];
