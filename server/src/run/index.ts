// Running a program.

export { type FlowAct, flowActAt, flowStack } from './act.ts';
export { structureCell, structurePage } from './arguments.ts';
export { type Breakpoint, Breakpoints, breakpointLines, type Changes, type Wanted } from './breakpoints.ts';
export { show } from './condition.ts';
export { type Reason, reasonAt, reasonOf, since } from './explain.ts';
export { type Listing, listingOf } from './listing.ts';
export type { Log, LoggedEnd } from './log.ts';
export { type KernelObject, ObjectNames } from './objects.ts';
export { refusalAt } from './refusal.ts';
export { type CallOutcome, Run } from './run.ts';
export type { Pose, Position } from './search.ts';
export { Stepper, type Stop, type StopReason } from './stepper.ts';
export type { Timeline } from './timeline.ts';
