// Builds the tree of an expression from its operands and operators in the order in which they were written.
//
// C's order of precedence, with one difference: `&` and `|` bind tighter than a comparison, so `flags & F == F` compares.

import type { Binary, Expr, Is, Range, State } from './ast.ts';

/** An operator and what stands to its right: an operand, or the states after `is`. */
export interface Link {
  /** `is` or a binary operator's sign. */
  readonly op: string;
  readonly operand: Expr | undefined;
  readonly states: readonly State[] | undefined;
  /** Where the right side begins and ends, brackets included. */
  readonly start: number;
  readonly end: number;
}

type Operator = Binary['op'] | Range['op'];

const PRECEDENCE: ReadonlyMap<string, number> = new Map([
  ['+:', 1],
  ['..', 1],
  ['||', 2],
  ['&&', 3],
  ['is', 4],
  ['==', 4],
  ['!=', 4],
  ['<', 4],
  ['<=', 4],
  ['>', 4],
  ['>=', 4],
  ['|', 5],
  ['&', 6],
  ['<<', 7],
  ['>>', 7],
  ['+', 8],
  ['-', 8],
  ['*', 9],
  ['/', 9],
]);

const RANGE = 1;
const COMPARISON = 4;

function precedenceOf(op: string): number {
  return PRECEDENCE.get(op) ?? 0;
}

function isOperator(op: string): op is Operator {
  return PRECEDENCE.has(op) && op !== 'is';
}

/** An operand and the place of everything that was written for it, brackets included. */
interface Placed {
  readonly expr: Expr;
  readonly start: number;
  readonly end: number;
}

/** Two comparisons or two ranges in a row; `start` is where the second operand begins. */
export interface Chained {
  readonly what: 'comparison' | 'range';
  readonly start: number;
  readonly end: number;
}

/** Builds the tree. `chained` is told of `a < b < c` and `a .. b .. c`, which mean nothing. */
export function buildTree(first: Placed, links: readonly Link[], chained: (where: Chained) => void): Expr {
  const [only] = links;
  // One operator is what most expressions have.
  if (only && links.length === 1 && only.operand && isOperator(only.op)) {
    return join(first, only.op, only.operand, only.end);
  }
  const operands: Placed[] = [first];
  const pending: Operator[] = [];
  const reduceAbove = (precedence: number): void => {
    for (let op = pending.at(-1); op !== undefined && precedenceOf(op) >= precedence; op = pending.at(-1)) {
      if (precedenceOf(op) === precedence && (precedence === RANGE || precedence === COMPARISON)) {
        const second = operands.at(-1) ?? first;
        chained({ what: precedence === RANGE ? 'range' : 'comparison', start: second.start, end: second.end });
      }
      pending.pop();
      const right = operands.pop() ?? first;
      const left = operands.pop() ?? first;
      operands.push({ expr: join(left, op, right.expr, right.end), start: left.start, end: right.end });
    }
  };
  for (const { op, operand, states, start, end } of links) {
    reduceAbove(precedenceOf(op));
    if (states !== undefined) {
      const subject = operands.pop() ?? first;
      if (subject.expr.kind === 'is') chained({ what: 'comparison', start, end });
      const is: Is = { kind: 'is', start: subject.start, end, subject: subject.expr, states };
      operands.push({ expr: is, start: subject.start, end });
    } else if (operand !== undefined && isOperator(op)) {
      pending.push(op);
      operands.push({ expr: operand, start, end });
    }
  }
  reduceAbove(0);
  return (operands[0] ?? first).expr;
}

function join({ expr: left, start }: Placed, op: Operator, right: Expr, end: number): Expr {
  if (op === '+:' || op === '..') return { kind: 'range', start, end, op, left, right };
  return { kind: 'binary', start, end, op, left, right };
}
