// A name of the scenario in Markdown: what it stands for, and its value in the units that people think in.
import { hex, OPERATIONS, size } from '../emulator/index.ts';
import { type Instruction, isFault, isInteger, isRange, type NameInfo, type Value } from '../scenario/index.ts';
import type { Analysis } from './analysis.ts';
import { code, paragraphs } from './operation-text.ts';
import { contains } from './syntax-path.ts';

export function nameText(analysis: Analysis, info: NameInfo): string {
  const source = `\`\`\`cocoscn\n${info.text.trimEnd()}\n\`\`\``;
  switch (info.kind) {
    case 'let':
      return paragraphs([
        source,
        info.value === undefined ? 'Its value depends on the moment.' : valueText(info.value),
      ]);
    case 'loop':
      return paragraphs([source, loopText(analysis, info)]);
    case 'result':
      return paragraphs([`${code(info.name)}: ${info.text}`, outputsText(analysis, info)]);
    case 'def':
      return paragraphs([source, 'A sequence: its statements run where it is called.']);
    case 'parameter':
      return `${code(info.name)}: ${info.text}`;
  }
}

/** In hexadecimal, in decimal, and in powers of 1024. */
export function valueText(value: Value): string | undefined {
  if (isFault(value)) return value.fault || undefined;
  if (isRange(value)) {
    const { base, length } = value;
    return `${code(`${hex(base)} .. ${hex(base + length)}`)}, ${amount(length)} long`;
  }
  if (!isInteger(value)) return code(String(value));
  return `${code(hex(value))} = ${typeof value === 'number' && value >= 1024 ? amount(value) : value}`;
}

/** In powers of 1024 where that is shorter to read: `2176M`, but not `2228240K`. */
const amount = (bytes: number) => (/^\d{1,4}[KMGT]$/.test(size(bytes)) ? `${size(bytes)} (${bytes})` : `${bytes}`);

/** The statements that a name was made by; a sequence that is called twice makes it twice. */
const madeBy = ({ program }: Analysis, { file, definition }: NameInfo): Instruction | undefined =>
  program.instructions.find(({ site }) => site.file === file && contains(site.span, definition.start));

function loopText(analysis: Analysis, info: NameInfo): string | undefined {
  const loop = madeBy(analysis, info);
  if (loop?.kind !== 'loop') return undefined;
  const range = loop.range.constant;
  const step = loop.step ? loop.step.constant : 1;
  if (range === undefined || !isRange(range) || typeof step !== 'number' || step <= 0) return undefined;
  const times = Math.ceil(range.length / step);
  if (times === 0) return 'It takes no value: the range is empty.';
  const last = range.base + (times - 1) * step;
  return `${times} ${times === 1 ? 'value' : 'values'}: ${code(hex(range.base))} to ${code(hex(last))} in steps of ${size(step)}`;
}

/** The values that its call gave when it ran first. */
function outputsText(analysis: Analysis, info: NameInfo): string | undefined {
  const call = madeBy(analysis, info);
  if (call?.kind !== 'call') return undefined;
  const { run, program } = analysis;
  const pc = program.instructions.indexOf(call);
  let moment = 1;
  while (moment <= run.reached && run.log.instruction(moment) !== pc) moment++;
  if (moment > run.reached) return undefined;
  try {
    run.seek(moment);
    const outputs = OPERATIONS.get(call.operation.name)?.outputs ?? [];
    const lines = call.binds.map((slot, i) => {
      const name = outputs.length === 1 ? info.name : `${info.name}.${outputs[i]?.name}`;
      return `- ${code(`${name} = ${hex(run.slot(slot))}`)} ${outputs[i]?.text ?? ''}`;
    });
    return lines.join('\n');
  } finally {
    run.seek(run.reached);
  }
}
