// Running a program.
export { structurePage } from './arguments.ts';
export { show } from './condition.ts';
export { type Reason, reasonAt, refused, since } from './explain.ts';
export type { Log } from './log.ts';
export { type CallOutcome, Run } from './run.ts';
