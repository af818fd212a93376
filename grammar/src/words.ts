// The words of the language and how each is used: for messages, completion, hovers and highlighting.

import type { SyntaxCodeName } from './codes.ts';

export interface Word {
  readonly word: string;
  /** Where it stands: at the head of the file, at the start of a statement, or between two operands. */
  readonly place: 'header' | 'statement' | 'inner';
  /** How it is written, with its smallest complete surroundings. */
  readonly shape: string;
  /** One sentence. */
  readonly summary: string;
  /** The code of the problem that says it is not written like this. */
  readonly code: SyntaxCodeName;
}

export const words: readonly Word[] = [
  header(
    'scenario',
    'scenario "what the file shows"',
    'Says in one sentence what the file shows; the first line after the comments.',
  ),
  header(
    'model',
    'model "linux/6.18", "rmm/1.0"',
    'Pins the versions of the kernel and the firmware that the file is written for.',
  ),
  header('platform', 'platform cca, snp', 'Names the platforms the file runs on; each is a run of its own.'),
  header('needs', 'needs NAME, NAME', 'Names the features that a model must have.'),
  header('page', 'page 4K', "The size of the host's pages."),
  header('granule', 'granule 4K', 'The size of the granules that the firmware tracks.'),
  header('nodes', 'nodes 2', 'The NUMA nodes that share the memory.'),
  header('memory', 'memory 0x8000_0000 +: 4G', 'The physical addresses at which the machine has DRAM.'),
  header(
    'link',
    'link "https://…"',
    'Where the situation is described: a mail, a commit, a section of a specification.',
  ),
  header('xfail', 'xfail "why it fails"', 'The file is expected to fail; then success is the surprise.'),
  header('allow', 'allow leak 1', 'Lets an invariant be broken, up to a bound.'),
  header('matrix', 'matrix page = 4K, 64K', 'Makes one run for every value.'),
  statement(
    'include',
    'include "PATH"',
    'Takes the `let`s and `def`s of another file below the same folder.',
    'CCS120',
  ),
  statement('let', 'let NAME = VALUE', 'Names a value.', 'CCS116'),
  statement('def', 'def NAME(PARAMETER, …) {', 'Names a sequence of statements.', 'CCS117'),
  statement('actor', 'actor NAME {', 'Statements that run concurrently with those of the other actors.', 'CCS118'),
  statement('for', 'for NAME in RANGE step SIZE {', 'Repeats statements for every value of a range.', 'CCS119'),
  statement('when', 'when platform == snp {', 'Statements for some platforms or matrix values alone.', 'CCS125'),
  statement(
    'expect',
    'expect VIEW(place) is STATE',
    'Checks a state and changes nothing; on a range it holds for every page.',
    'CCS103',
  ),
  statement('inject', 'inject OPERATION nth NUMBER = RESULT', 'Makes a future call of an operation fail.', 'CCS121'),
  statement('exists', 'exists (CONDITION)', 'Some outcome of the actors shows the condition.', 'CCS103'),
  statement('forall', 'forall (CONDITION)', 'Every outcome of the actors shows the condition.', 'CCS103'),
  statement('never', 'never (CONDITION)', 'No state on the way shows the condition.', 'CCS103'),
  statement('schedule', 'schedule ACTOR.LABEL, ACTOR.LABEL', 'Pins one interleaving of the actors.', 'CCS122'),
  inner('is', 'VIEW(place) is STATE', 'Compares with the name of a state; `|` separates alternatives.', 'CCS123'),
  inner('in', 'for NAME in RANGE {', 'Stands before the range of a `for`.', 'CCS119'),
  inner('step', 'for NAME in RANGE step SIZE {', 'Stands before the distance between two values of a `for`.', 'CCS119'),
  inner(
    'nth',
    'inject OPERATION nth NUMBER = RESULT',
    'Stands before the number of the call that fails, counted from 1.',
    'CCS121',
  ),
];

function header(word: string, shape: string, summary: string): Word {
  return { word, place: 'header', shape, summary, code: 'CCS114' };
}

function statement(word: string, shape: string, summary: string, code: SyntaxCodeName): Word {
  return { word, place: 'statement', shape, summary, code };
}

function inner(word: string, shape: string, summary: string, code: SyntaxCodeName): Word {
  return { word, place: 'inner', shape, summary, code };
}

/** Every operator, as it is written. */
export const operators: readonly string[] = [
  ':=',
  '+:',
  '..',
  '...',
  '&&',
  '||',
  '==',
  '!=',
  '<=',
  '>=',
  '<<',
  '>>',
  '<',
  '>',
  '=',
  '+',
  '-',
  '*',
  '/',
  '&',
  '|',
  '!',
];

const byName: ReadonlyMap<string, Word> = new Map(words.map((word) => [word.word, word]));

/** The word itself, undefined for a name. */
export function wordOf(name: string): Word | undefined {
  return byName.get(name);
}
