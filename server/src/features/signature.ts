// The parameters of the call that is being written, with the one that comes next.
import { OPERATIONS, VIEWS } from '../emulator/index.ts';
import { openCalls } from './cursor.ts';
import { namesInScope } from './names-at.ts';
import { code, parameterName, parameterText } from './operation-text.ts';
import type { Subject } from './subject.ts';

export interface Signature {
  /** `RMI_GRANULE_DELEGATE(addr)` */
  readonly label: string;
  /** Markdown: what it does and what it returns. */
  readonly documentation: string;
  readonly parameters: readonly { readonly label: string; readonly documentation: string }[];
  /** Position of the parameter that the cursor is in; past the end where there are too many arguments. */
  readonly active: number;
}

export function signatureHelp(subject: Subject, text: string, offset: number): Signature | undefined {
  for (const { callee, index, name } of openCalls(text, offset)) {
    const known = OPERATIONS.get(callee) ?? VIEWS.get(callee);
    if (known) {
      const named = known.params.findIndex((param) => param.name === name);
      const returns = 'results' in known ? `Returns ${known.results.map(code).join(', ')}.` : statesText(known.states);
      const parameters = known.params.map((param) => ({
        label: parameterName(param),
        documentation: parameterText(param),
      }));
      return labelled(
        callee,
        [known.summary, returns].filter(Boolean).join(' '),
        parameters,
        named < 0 ? index : named,
      );
    }
    const sequence = namesInScope(subject, offset).find((info) => info.kind === 'def' && info.name === callee);
    if (sequence) {
      const params = /\(([^)]*)\)/.exec(sequence.text)?.[1]?.split(', ').filter(Boolean) ?? [];
      return labelled(
        callee,
        'A sequence.',
        params.map((label) => ({ label, documentation: '' })),
        index,
      );
    }
  }
  return undefined;
}

const statesText = (states: readonly string[]) => (states.length > 0 ? `One of ${states.map(code).join(', ')}.` : '');

function labelled(name: string, documentation: string, parameters: Signature['parameters'], active: number): Signature {
  return { label: `${name}(${parameters.map(({ label }) => label).join(', ')})`, documentation, parameters, active };
}
