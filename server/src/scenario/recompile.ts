// Compiling what an edit left: if it can, only the statements that the edit touched, otherwise all from there on.
import type { Parsed } from '../../../grammar/src/index.ts';
import type { Compiled } from './compile.ts';
import { compileFrom, type Mark } from './compiler.ts';
import type { Continuation, Instruction } from './program.ts';
import type { Note } from './trail.ts';

interface Recompiled {
  /** For the statements from the first touched one on, and behind the last. */
  readonly made: readonly Mark[];
  readonly rest: Continuation['rest'];
}

/** Compiles what an edit left of a file; `first` is the mark of the first statement that it touched. */
export function recompiled(compiled: Compiled, parsed: Parsed, first: Mark): Recompiled {
  const { compiler, marks } = compiled;
  const { before, after } = parsed.kept;
  const [was, end] = [marks.at(-1 - after), marks.at(-1)];
  // What a problem behind the edit says may name lines. Files that were included there are not looked for.
  const standsAlone = after > 0 && was && end?.problems === was.problems && end.files === first.files;
  if (!standsAlone || was.bindings !== first.bindings) return rest(compiled, parsed, first, compiler.backTo(first));
  const behind = compiler.cut(was);
  const touched = compiler.backTo(first);
  compiler.trail.horizon = parsed.file.statements.at(-after)?.start ?? 0;
  const made = compileFrom(compiler, parsed, before, -after);
  compiler.trail.horizon = Number.POSITIVE_INFINITY;
  const is = made.at(-1) as Mark;
  if (!leavesTheSame(first, is, was) || !saysTheSame(made, marks.slice(before, -1 - after))) {
    compiler.backTo(first);
    compiler.takeBack(behind);
    return rest(compiled, parsed, first, [...touched, ...behind.instructions]);
  }
  for (const instruction of behind.instructions) move(instruction, is.instructions - was.instructions);
  compiler.join(behind);
  return {
    made: [...made.slice(0, -1), ...marks.slice(-1 - after).map((mark) => moved(mark, was, is))],
    rest: { from: was.instructions, to: is.instructions, was: behind.instructions },
  };
}

/** Behind the edit nothing is seen of it that was not seen before; least of all a fault, which later calls meet. */
const leavesTheSame = (first: Mark, is: Mark, was: Mark): boolean =>
  is.bindings === first.bindings &&
  is.files === first.files &&
  is.slots === was.slots &&
  is.injections === first.injections &&
  was.injections === first.injections;

/** The statements use names of others as the same. */
function saysTheSame(made: readonly Mark[], marks: readonly Mark[]): boolean {
  const [is, was] = [made, marks].map((list) => list.flatMap(({ notes }) => notes)) as [Note[], Note[]];
  return is.length === was.length && is.every(({ name, kind }, i) => name === was[i]?.name && kind === was[i].kind);
}

const moved = (mark: Mark, from: Mark, to: Mark): Mark => ({
  ...mark,
  instructions: mark.instructions - from.instructions + to.instructions,
  problems: mark.problems - from.problems + to.problems,
  trail: mark.trail - from.trail + to.trail,
});

/** Jumps go `by` instructions further. */
function move(instruction: Instruction, by: number): void {
  switch (instruction.kind) {
    case 'call':
      if (instruction.within) instruction.within.call += by;
      if (instruction.leave !== undefined) instruction.leave += by;
      return;
    case 'loop':
    case 'enter':
      instruction.end += by;
      return;
    case 'next':
      instruction.loop += by;
      return;
    case 'leave':
      instruction.call += by;
      return;
    case 'expect':
    case 'inject':
      return;
  }
}

/** Compiles all statements from the first one on that the edit touched; `old` are their instructions before it. */
function rest({ compiler, marks }: Compiled, parsed: Parsed, first: Mark, old: readonly Instruction[]): Recompiled {
  const { before, after } = parsed.kept;
  const wrong = marks.at(-1)?.problems ?? 0;
  const made = compileFrom(compiler, parsed, before);
  const [is, was] = [made.at(-1 - after), marks.at(-1 - after)];
  if (!is || !was || was.bindings !== first.bindings || !leavesTheSame(first, is, was))
    return { made, rest: undefined };
  if (compiler.problems.all.length - is.problems !== wrong - was.problems) return { made, rest: undefined };
  const wasThere = old.slice(was.instructions - first.instructions);
  const isThere = compiler.instructions.slice(is.instructions);
  const alike = wasThere.length === isThere.length && wasThere.every((one, i) => isAlike(one, isThere[i]));
  return { made, rest: alike ? { from: was.instructions, to: is.instructions, was: wasThere } : undefined };
}

function isAlike(a: Instruction, b: Instruction | undefined): boolean {
  if (a.kind !== b?.kind) return false;
  return a.kind !== 'call' || (b.kind === 'call' && a.operation === b.operation && a.talk.length === b.talk.length);
}
