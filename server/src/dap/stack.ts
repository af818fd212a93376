// The call stack at a stop: the command that was stepped into, the statement, and the calls of the sequences it stands in.
import type { DebugProtocol } from '@vscode/debugprotocol';
import { FLOWS } from '../emulator/index.ts';
import type { Instruction, Site } from '../scenario/index.ts';
import type { Debuggee } from './debuggee.ts';

/** A frame; `site` is the statement whose names it sees. */
export interface Frame {
  readonly name: string;
  readonly site: Site | undefined;
  /** In a listing: which, and its line from 1. */
  readonly listing?: { readonly reference: number; readonly line: number };
  /** In a kernel function: which, and the line of its listing, from 1. */
  readonly flow?: { readonly index: number; readonly line: number };
  /** Of a kernel function: how deep it stands. */
  readonly depth?: number;
}

/** References of kernel functions begin here; below are the listings of commands. */
export const FIRST_FLOW = 1_000_000;
/** Lines above the first step of a kernel function's listing. */
const FLOW_HEAD = 2;

/** A kernel function as text: one line a step. */
export function flowText(index: number): string | undefined {
  const flow = FLOWS[index];
  if (!flow) return undefined;
  const width = Math.max(...flow.steps.map(({ name }) => name.length));
  const steps = flow.steps.map(({ name, text }) => `  ${`${name}:`.padEnd(width + 2)} ${text}`);
  return [`${flow.name}(${flow.params.join(', ')})    // ${flow.reference}`, '', ...steps, ''].join('\n');
}

/** Innermost first. */
export function framesOf({ stepper, analysis }: Debuggee, referenceOf: (moment: number) => number): Frame[] {
  const { site, listing } = stepper;
  const frames: Frame[] = [];
  if (listing) {
    const reference = referenceOf(listing.listing.moment);
    frames.push({ name: listing.listing.name, site, listing: { reference, line: listing.line } });
  }
  // A step of a kernel flow stands in its function, and that in those that called it.
  if (stepper.position.pose !== 'failed') {
    for (const [depth, { flow, step }] of [...analysis.run.machine.flows.stack(0).entries()].reverse()) {
      const line = flow.steps.findIndex(({ name }) => name === step) + FLOW_HEAD + 1;
      frames.push({ name: flow.name, site, flow: { index: flow.index, line }, depth });
    }
  }
  for (let at = site; at; at = at.caller?.site)
    frames.push({ name: at.caller?.name ?? analysis.program.title, site: at });
  return frames;
}

/** The statement that a frame stands at. */
export function instructionOf({ stepper, analysis }: Debuggee, frame: Frame | undefined): Instruction | undefined {
  const { moment, pose } = stepper.position;
  const current = pose === 'before' ? stepper.timeline.nextAt(moment) : analysis.run.instructionAt(moment);
  if (!frame?.site || current?.site === frame.site) return current;
  return analysis.program.instructions.find(({ site }) => site === frame.site);
}

/** Lines and columns that the client counts from 0 or from 1. */
export interface Counting {
  readonly line: number;
  readonly column: number;
}

export function protocolFrame(debuggee: Debuggee, frame: Frame, id: number, from: Counting): DebugProtocol.StackFrame {
  const { name, site, listing, flow } = frame;
  if (flow) {
    const source = { name, sourceReference: FIRST_FLOW + flow.index, origin: 'the kernel function, step by step' };
    return { id, name, source, line: flow.line - 1 + from.line, column: from.column };
  }
  if (listing) {
    const source = { name, sourceReference: listing.reference, origin: 'what the command does' };
    return { id, name, source, line: listing.line - 1 + from.line, column: from.column };
  }
  if (!site) return { id, name, line: 0, column: 0 };
  // Without its end: an editor would select the whole statement.
  const { source, line, column } = placeOf(debuggee, site, from);
  return { id, name, source, line, column };
}

/** A site in the client's terms. */
export function placeOf(debuggee: Debuggee, { file, span }: Pick<Site, 'file' | 'span'>, from: Counting) {
  const begin = file.lines.at(span.start);
  const end = file.lines.at(span.end);
  return {
    source: { name: file.path.slice(file.path.lastIndexOf('/') + 1), path: debuggee.pathOf(file) },
    line: begin.line - 1 + from.line,
    column: begin.column - 1 + from.column,
    endLine: end.line - 1 + from.line,
    endColumn: end.column - 1 + from.column,
  };
}
