// Loads and stores of the VMM through a mapping, as a scenario writes them.
import type { Parameter } from '../definition.ts';
import type { FlowOperation } from '../operation.ts';
import { copyUser, userCompare, userFill, userLoad, userStore } from './access.ts';
import { accessForm } from './signals.ts';
import { systemCall } from './system-call.ts';

const at: Parameter = { name: 'at', type: 'mapping_at', text: 'where, in a mapping' };
const range: Parameter = { name: 'range', type: 'mapping_range', text: 'the bytes, in a mapping' };
const size: Parameter = { name: 'size', type: 'u64', text: 'bytes: 1, 2, 4 or 8', optional: true, initial: [8] };
const value: Parameter = { name: 'value', type: 'word', text: 'little-endian value' };
const byte: Parameter = { name: 'byte', type: 'u64', text: 'a byte' };

const common = {
  actor: 'VMM',
  since: 'linux/6.8',
  reference: 'mm/memory.c: handle_mm_fault',
  errors: [],
  form: accessForm(['ENOMEM']),
  checks: [],
} as const;

/** read(m[8K]): the VMM loads a word. */
export const readMapping: FlowOperation = systemCall({
  ...common,
  name: 'read',
  summary: 'The VMM loads a little-endian value through a mapping.',
  params: [at, size],
  effects: ['a page that is not there is faulted in first', 'the result is the value, or the signal that the VMM gets'],
  flow: userLoad,
});

export const writeMapping: FlowOperation = systemCall({
  ...common,
  name: 'write',
  summary: 'The VMM stores a little-endian value through a mapping.',
  params: [at, value, size],
  effects: ['a page that is not there is faulted in first'],
  flow: userStore,
});

const done = { name: 'done', type: 'u64', valid: 'always', text: 'bytes gone through before it ended' } as const;

export const memsetMapping: FlowOperation = systemCall({
  ...common,
  name: 'memset',
  summary: 'The VMM sets every byte of a range.',
  params: [range, byte],
  outputs: [done],
  effects: ['every byte of the range is `byte`, up to the first page that cannot be reached'],
  flow: userFill,
});

export const memchrInvMapping: FlowOperation = systemCall({
  ...common,
  name: 'memchr_inv',
  summary: 'The VMM looks for a byte that differs: 0 if all bytes of the range are equal to `byte`, 1 if not.',
  params: [range, byte],
  outputs: [{ ...done, text: 'offset of the first byte that differs, or bytes gone through' }],
  effects: ['pages that are not there are faulted in'],
  flow: userCompare,
});

/** A system call that reads its argument from user memory. */
export const copyFromUser: FlowOperation = systemCall({
  ...common,
  name: 'copy_from_user',
  summary: 'The kernel reads user memory on behalf of a system call of the VMM.',
  params: [range],
  errors: ['EFAULT'],
  form: accessForm(['EFAULT']),
  effects: ['-EFAULT where the VMM itself would get a signal'],
  flow: copyUser,
});
