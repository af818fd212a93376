// The rail of a row: who called whom, drawn from how deep this row and the one below it stand.
import type { TimelineRow } from '../../../server/src/features/timeline-model.ts';
import { DEEPEST } from './state.ts';

/** Pixels from one level to the next. */
const STEP = 12;

export const railWidth = (deepest: number): number => STEP * (deepest + 1) + 4;

interface Props {
  readonly row: TimelineRow;
  readonly deepest: number;
  readonly height: number;
}

export function Rail({ row, deepest, height }: Props) {
  const depth = Math.min(row.depth, DEEPEST);
  const below = Math.min(row.below, DEEPEST);
  const x = (level: number) => 8 + level * STEP;
  const middle = height / 2;
  const lines: string[] = [];
  for (let level = 1; level <= depth; level++) {
    // A line of the caller goes on while a later row still belongs to it.
    lines.push(`M${x(level - 1)} 0V${below >= level ? height : middle}`);
  }
  if (depth > 0) lines.push(`M${x(depth - 1)} ${middle}H${x(depth)}`);
  if (below > depth) lines.push(`M${x(depth)} ${middle}V${height}`);
  return (
    <svg class="rail-lines" width={railWidth(deepest)} height={height} aria-hidden="true">
      <path class="lines" d={lines.join('')} />
      <Node row={row} x={x(depth)} y={middle} />
    </svg>
  );
}

function Node({ row, x, y }: { readonly row: TimelineRow; readonly x: number; readonly y: number }) {
  if (row.status === 'unexpected') {
    return (
      <>
        <path class="node broken" d={`M${x - 5.5} ${y}a5.5 5.5 0 1 0 11 0a5.5 5.5 0 1 0 -11 0z`} />
        <path class="node cross" d={`M${x - 2.5} ${y - 2.5}l5 5m0 -5l-5 5`} />
      </>
    );
  }
  if (row.status === 'expected') {
    return <path class="node struck" d={`M${x - 5} ${y}a5 5 0 1 0 10 0a5 5 0 1 0 -10 0zM${x - 3.5} ${y + 3.5}l7 -7`} />;
  }
  if (row.head) return <rect class="node head" x={x - 4} y={y - 5.5} width={8} height={11} rx={2} />;
  if (row.n === undefined) return <path class="node check" d={`M${x - 3.5} ${y}h7`} />;
  return <circle class="node step" cx={x} cy={y} r={3.5} />;
}
