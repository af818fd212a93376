// What a debugger shows of a moment: the step, the names, the realms, the granules by state, and the last changes.

import { errnoText } from '../emulator/errno.ts';
import { hex, outputWord, size } from '../emulator/index.ts';
import { GPT_ENTRIES, GRANULE_STATES, type GranuleState } from '../emulator/rmm/granules.ts';
import { HASH_ALGORITHMS } from '../emulator/rmm/measurement.ts';
import { REALM_STATES } from '../emulator/rmm/realms.ts';
import { show } from '../run/index.ts';
import { type Instruction, isFault, namesAt } from '../scenario/index.ts';
import { kernelVariables } from './kernel-variables.ts';
import type { MomentSource } from './moment.ts';
import { framePlace } from './moment-changes.ts';
import { hasKernel } from './moment-kernel.ts';
import { contentsOf, mappingText } from './moment-runs.ts';
import type { Place } from './panel-model.ts';

export interface Variable {
  readonly name: string;
  readonly value: string;
  readonly branch?: Branch;
  /** An expression of the language that gives the value. */
  readonly expression?: string;
  /** The page that it stands for or is a part of: what a breakpoint on its changes watches. */
  readonly place?: Place;
}

/** What unfolds below a variable. */
export interface Branch {
  /** How many numbered children there are; such a branch is asked for in parts. */
  readonly indexed?: number;
  children(start: number, count: number): readonly Variable[];
}

const branch = (children: () => readonly Variable[]): Branch => ({ children });

/**
 * The scopes, each a variable that unfolds. `instruction` is the statement whose names are seen; `kernelFrame` the frame of a
 * kernel function, from 0 for the outermost.
 */
export function scopesOf(
  source: MomentSource,
  instruction: Instruction | undefined,
  kernelFrame?: number,
): (Variable & { hint?: string })[] {
  const locals = {
    name: 'Locals',
    value: '',
    hint: 'locals',
    branch: branch(() => localVariables(source, kernelFrame)),
  };
  const scopes = [
    ...(kernelFrame === undefined ? [] : [locals]),
    { name: 'Step', value: '', branch: branch(() => stepVariables(source)) },
    { name: 'Names', value: '', hint: 'locals', branch: branch(() => nameVariables(source, instruction)) },
    { name: 'Changes of the last step', value: '', branch: branch(() => changeVariables(source)) },
    ...(hasKernel(source.now()) ? [{ name: 'Kernel', value: '', branch: branch(() => kernelVariables(source)) }] : []),
    { name: 'Realms', value: '', branch: branch(() => realmVariables(source)) },
    { name: 'Granules', value: '', branch: branch(() => granuleVariables(source)) },
  ];
  return scopes;
}

function localVariables({ stepper: { run } }: MomentSource, frame = 0): Variable[] {
  const found = run.machine.flows.stack(0)[frame];
  if (!found) return [];
  const { flow, locals, result } = found;
  const values = Object.entries(locals).map(([name, value]) => ({ name, value: localText(flow.locals[name], value) }));
  return [...values, { name: 'result of the last call', value: localText('errno', result) }];
}

function localText(type: string | undefined, value: number): string {
  if (type === 'errno') return errnoText(value);
  if (type === 'bytes') return size(value);
  return type === 'address' || value >= 4096 ? hex(value) : String(value);
}

function stepVariables(source: MomentSource): Variable[] {
  const { n, actor, call, result, why, status } = source.step();
  const rows: [string, string | undefined][] = [
    ['step', String(n)],
    ['actor', actor],
    ['call', call],
    ['result', result],
    ['why', why],
    ['status', status],
  ];
  const known = rows.flatMap(([name, value]) => (value === undefined ? [] : [{ name, value }]));
  return [...known, ...endVariables(source)];
}

/** How a call ended in this step during which others acted: its result, and what an exit says. Fields that are 0 are left out. */
function endVariables({ told, stepper: { run } }: MomentSource): Variable[] {
  const end = run.log.ended(told);
  if (!end) return [];
  const { instruction, code, outputs } = end;
  const { operation } = instruction;
  const fields = operation.outputs.flatMap(({ name, type }, i): Variable[] => {
    const value = outputs[i] ?? 0;
    if (value === 0 && type !== 'exit_reason') return [];
    return [{ name, value: outputWord(type, value) ?? hex(run.machine.pages.words.value(value)) }];
  });
  return [{ name: operation.name, value: run.resultText(operation, code), branch: branch(() => fields) }];
}

function nameVariables({ stepper: { run }, names }: MomentSource, instruction: Instruction | undefined): Variable[] {
  if (!instruction) return [];
  const { pages } = run.machine;
  return namesAt(instruction).flatMap(({ name, value }) => {
    const now = run.evaluate(value);
    if (isFault(now)) return [];
    const isPage = typeof now === 'number' && pages.has(now) && names.name(now, 'pa') === name;
    return [{ name, value: show(now), expression: name, ...(isPage && { place: framePlace(now) }) }];
  });
}

function changeVariables(source: MomentSource): Variable[] {
  const { rows, more } = source.changes();
  if (rows.length === 0) return [{ name: 'nothing', value: 'the step changed nothing' }];
  const changes = rows.map(({ text, field, before, after, place }) => ({
    name: `${field} ${text}`,
    value: `${before.text} -> ${after.text}`,
    ...(place && { place }),
  }));
  return more === 0 ? changes : [...changes, { name: `and ${more} more`, value: '' }];
}

function realmVariables(source: MomentSource): Variable[] {
  const pages = source.now();
  const { rmm } = source.stepper.run.machine;
  return pages.realmDescriptors.map((rd) => {
    const row = rmm.granules.row(rd);
    const get = (column: Parameters<typeof rmm.realms.get>[1]) => rmm.realms.get(row, column);
    const state = REALM_STATES[get('state')] ?? '';
    const fields: [string, string][] = [
      ['state', state],
      ['ipa_width', String(get('ipa_width'))],
      ['rtt_base', source.names.text(get('rtt_base'), 'pa')],
      ['rtt_level_start', String(get('rtt_level_start'))],
      ['rtt_num_start', String(get('rtt_num_start'))],
      ['vmid', String(get('vmid'))],
      ['hash_algo', HASH_ALGORITHMS[get('hash_algo')] ?? String(get('hash_algo'))],
      ['flags', hex(get('flags'))],
      ['rim', rmm.measurements.text(get('rim'))],
    ];
    return {
      name: source.names.text(rd, 'pa'),
      value: state,
      expression: `realm(${hex(rd)})`,
      place: framePlace(rd),
      branch: branch(() => fields.map(([name, value]) => ({ name, value }))),
    };
  });
}

/** One line a state, below it its pages: thousands of them are asked for in parts. */
function granuleVariables(source: MomentSource): Variable[] {
  const pages = source.now();
  const counts = new Map<GranuleState, number>();
  pages.each((row) => counts.set(pages.state(row), (counts.get(pages.state(row)) ?? 0) + 1));
  return GRANULE_STATES.flatMap((state) => {
    const indexed = counts.get(state);
    if (indexed === undefined) return [];
    const value = indexed === 1 ? '1 page' : `${indexed} pages`;
    return [
      { name: state, value, branch: { indexed, children: (start, count) => pagesIn(source, state, start, count) } },
    ];
  });
}

function pagesIn(source: MomentSource, state: GranuleState, start: number, count: number): Variable[] {
  const pages = source.now();
  const rows: number[] = [];
  let index = 0;
  pages.each((row) => {
    if (pages.state(row) !== state) return;
    if (index >= start && index < start + count) rows.push(row);
    index++;
  });
  return rows.map((row) => {
    const at = source.stepper.run.machine.pages.address(row);
    const mapping = pages.mappingOf(row);
    const parts = [
      `GPT ${GPT_ENTRIES[pages.kind(row) >> 4]}`,
      ...(mapping ? [mappingText(mapping, source.names)] : []),
      contentsOf(pages, row),
    ];
    const name = source.names.name(at, 'pa');
    return {
      name: name ? `${name} (${hex(at)})` : hex(at),
      value: parts.join(', '),
      expression: `granule(${hex(at)})`,
      place: framePlace(at),
    };
  });
}
