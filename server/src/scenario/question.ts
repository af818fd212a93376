// What a reader asks at a moment of a run: an expression of the language, in the words that the scenario knows there.
import { parse } from '../../../grammar/src/index.ts';
import { resolve } from './expression.ts';
import { Problems } from './problem.ts';
import type { Condition, Expression, Instruction } from './program.ts';
import { type Binding, Scope } from './scope.ts';
import { type Site, SourceFile } from './source.ts';
import { resolveCondition } from './statements.ts';
import { Trail } from './trail.ts';

export type Question =
  | { readonly kind: 'value'; readonly value: Expression }
  /** `VIEW(place) is STATE`. */
  | { readonly kind: 'is'; readonly condition: Condition; readonly site: Site };

/** Longest question, in characters: it is typed or pointed at, not generated. */
const LONGEST = 10_000;
const BEFORE = 'scenario ""\nlet it = ';

/** Reads an expression where `instruction` stands. Changes nothing of the program; `problem` is a sentence. */
export function ask(text: string, instruction: Instruction | undefined): Question | { readonly problem: string } {
  const line = text.trim();
  if (line === '') return { problem: 'there is nothing to evaluate' };
  if (line.length > LONGEST || /[\r\n]/.test(line)) return { problem: 'an expression stands on one line' };
  const file = new SourceFile('expression', `${BEFORE}${line}\n`);
  const parsed = parse(file.text);
  const [statement] = parsed.file.statements;
  const wrong = parsed.problems[0]?.message;
  if (wrong !== undefined || statement?.kind !== 'let') return { problem: wrong ?? `${line} is not an expression` };
  const problems = new Problems();
  const context = { file, problems, scope: new Onlooker(instruction?.scope) };
  const expr = statement.value;
  if (expr.kind === 'is') {
    const condition = resolveCondition(expr, context);
    if (condition) return { kind: 'is', condition, site: { file, span: expr } };
  } else {
    const value = resolve(expr, context);
    if (value.kind !== 'unknown') return { kind: 'value', value };
  }
  return { problem: problems.all[0]?.message ?? `${line} has no value here` };
}

/** The names that a statement sees and the values behind them, outputs by `name.output`. */
export function namesAt(instruction: Instruction): { readonly name: string; readonly value: Expression }[] {
  const { scope } = instruction;
  return [...new Set(scope.all())].flatMap((name) => {
    const binding = scope.get(name);
    if (binding?.kind === 'value') return [{ name, value: binding.value }];
    if (binding?.kind !== 'outputs') return [];
    const outputs = [...binding.outputs].filter(([output]) => output !== '');
    return outputs.map(([output, value]) => ({ name: `${name}.${output}`, value }));
  });
}

/** Sees the names of a scope and leaves no trace there: neither a reference nor what a name was used as. */
class Onlooker extends Scope {
  constructor(parent: Scope | undefined) {
    super(parent, new Trail());
  }

  override get(name: string): Binding | undefined {
    const binding = super.get(name);
    if (!binding) return undefined;
    const info = { ...binding.info, references: [] };
    if (binding.kind !== 'value') return { ...binding, info };
    const { value } = binding;
    const tracked = value.tracked && { ...value.tracked };
    return { ...binding, info, value: value.trackedBy(tracked) };
  }
}
