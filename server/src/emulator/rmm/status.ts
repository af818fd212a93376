// RMI return codes: X0 of a command. RMM 1.0, B4.2.1: status in bits 7:0, index in bits 15:8.

export const STATUSES = [
  'RMI_SUCCESS',
  'RMI_ERROR_INPUT',
  'RMI_ERROR_REALM',
  'RMI_ERROR_REC',
  'RMI_ERROR_RTT',
] as const;
export type StatusName = (typeof STATUSES)[number];

export const RMI_SUCCESS = 0;
export const RMI_ERROR_INPUT = 1;

/** The return code of a status and its index: the RTT level, or what the command says of REALM. A level of -1 is 0xff. */
export function rmiCode(status: StatusName, index = 0): number {
  return STATUSES.indexOf(status) + ((index & 0xff) << 8);
}

/** `RMI_SUCCESS`, `RMI_ERROR_RTT(2)`; an index of 0 is written for RTT only, where it is a level. */
export function rmiText(code: number): string {
  const status = STATUSES[code & 0xff];
  const index = code >>> 8;
  if (status === undefined) return `0x${code.toString(16)}`;
  return index === 0 && status !== 'RMI_ERROR_RTT' ? status : `${status}(${(index << 24) >> 24})`;
}

/** How a check reports that it failed: a code that may depend on where a walk stopped, and how documentation writes it. */
export interface Failure<M, A> {
  readonly text: string;
  code(machine: M, args: A): number;
}
