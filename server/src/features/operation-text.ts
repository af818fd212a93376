// An operation, a view or a status in Markdown, from its definition alone.
import {
  type AnyOperation,
  GUEST_OPERATIONS,
  OPERATIONS,
  type Parameter,
  typeText,
  type View,
} from '../emulator/index.ts';

/** `rd`, and `size?` for one that may be left out. */
export const parameterName = ({ name, optional }: Parameter): string => (optional ? `${name}?` : name);

/** `RMI_RTT_CREATE(rd, rtt, ipa, level)` */
export const signature = ({ name, params }: { name: string; params: readonly Parameter[] }): string =>
  `${name}(${params.map(parameterName).join(', ')})`;

export const code = (text: string): string => `\`${text}\``;
const list = (lines: readonly string[]) => lines.map((line) => `- ${line}`).join('\n');
export const paragraphs = (parts: readonly (string | undefined)[]): string => parts.filter(Boolean).join('\n\n');

/** What it is, takes, checks and does, in this order. */
export function operationText(operation: AnyOperation): string {
  const { summary, params, outputs, checks, effects, differences, reference, since, actor } = operation;
  const gives = outputs.map(
    ({ name, text, valid }) => `${code(name)} ${text}${valid === 'SUCCESS' ? ', on success' : ''}`,
  );
  const checked = checks.map(({ id, text, statusText, only }, i) => {
    const where = only === undefined ? '' : ` (${only} only)`;
    return `${i + 1}. ${code(id)}: ${text}, else ${code(statusText)}${where}`;
  });
  return paragraphs([
    `\`\`\`cocoscn\n${signature(operation)}\n\`\`\``,
    summary,
    params.length > 0 ? list(params.map(parameterText)) : undefined,
    gives.length > 0 ? `Gives\n${list(gives)}` : undefined,
    checked.length > 0 ? `Checks, in this order\n${checked.join('\n')}` : undefined,
    effects.length > 0 ? `Then\n${list(effects)}` : undefined,
    differences.length > 0 ? `Differs\n${list(differences)}` : undefined,
    `${actor}, since ${since}. ${reference}`,
  ]);
}

/** `rd` (physical address): realm descriptor */
export function parameterText({ name, type, text, flags, structure }: Parameter): string {
  const values = flags ? `: ${Object.keys(flags).map(code).join(', ')}` : '';
  const kind = structure ? structure.name : typeText(type);
  return `${code(name)} (${kind}): ${text}${values}`;
}

/** A field of the structure that a parameter takes. */
export function fieldText({ structure }: Parameter, name: string): string | undefined {
  const field = structure?.fields[name];
  if (!structure || !field) return undefined;
  const { text, size, offset, initial, flags } = field;
  const values = flags ? `: ${Object.keys(flags).map(code).join(', ')}` : '';
  const unset = initial === undefined ? '' : `, ${initial} where it is not named`;
  return `${code(name)} of ${structure.name}: ${text}${values}\n\n${size} bytes at 0x${offset.toString(16)}${unset}`;
}

export function viewText(view: View): string {
  return paragraphs([
    `\`\`\`cocoscn\n${signature(view)}\n\`\`\``,
    view.summary,
    list(view.params.map(parameterText)),
    view.states.length > 0 ? `One of ${view.states.map(code).join(', ')}.` : undefined,
    `No answer where ${view.absent}. ${view.reference}`,
  ]);
}

/** What results mean in general; when an operation returns them follows from its checks. */
const RESULTS: Readonly<Record<string, string>> = {
  RMI_SUCCESS: 'The command did what it was asked.',
  RMI_ERROR_INPUT:
    'A value that the host passed does not fit, or a granule is not in the state that the command needs.',
  RMI_ERROR_REALM: 'The realm is not in the state that the command needs.',
  RMI_ERROR_REC: 'The REC is not in the state that the command needs.',
  RMI_ERROR_RTT:
    'The walk through the translation tables stopped early, or the entry that it found does not fit. The number in brackets is the level where it stopped.',
  GPF: 'Granule protection fault: the page is not in the Non-secure physical address space.',
  SIGBUS: 'Nothing answers at the address, or it is not aligned.',
};

export const isResult = (name: string): boolean => name in RESULTS;

/** The meaning of a result, and the checks by which `operation` returns it. */
export function resultText(name: string, operation: AnyOperation | undefined): string | undefined {
  const meaning = RESULTS[name];
  if (meaning === undefined) return undefined;
  const checks = (operation?.checks ?? []).filter(({ statusText }) => statusText.split('(', 1)[0] === name);
  const unless = checks.map(({ id, text }) => `${text} (${code(id)})`);
  return paragraphs([
    `${code(name)}: ${meaning}`,
    unless.length > 0 ? `${operation?.name} returns it unless\n${list(unless)}` : undefined,
  ]);
}

/** The operation of a name, if it is one: of the realm in a `<` line, else of the host. */
export const operationOf = (name: string, byRealm: boolean): AnyOperation | undefined =>
  (byRealm ? GUEST_OPERATIONS : OPERATIONS).get(name);
