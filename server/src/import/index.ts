// Recordings of what an RMM was asked and answered, as scenarios.
export { ImportError } from './import-error.ts';
export { isLog } from './log-lines.ts';
export { type ImportedLog, scenarioOfLog } from './log-scenario.ts';
export { type Sequence, sequenceNamed, sequencesOf } from './trace-file.ts';
export { scenarioOf } from './trace-scenario.ts';
