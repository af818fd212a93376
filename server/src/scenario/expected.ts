// What stands after `=`: results and output fields, checked against what the operation can return.
import type { Result, Results } from '../../../grammar/src/index.ts';
import { type AnyOperation, HOST_CRASH_NAME, nearest, OUTPUT_WORDS, type OutputType } from '../emulator/index.ts';
import { type Context, did, resolve } from './expression.ts';
import type { Alternative, Expected } from './program.ts';

/** The demand of a statement; parts in error are left out after a problem was reported. */
export function resolveExpected(results: Results, operation: AnyOperation, context: Context): Expected {
  const { file } = context;
  const alternatives = results.alternatives
    .map((result) => resolveResult(result, operation, context))
    .filter((result) => result !== undefined);
  const fields = (results.record?.fields ?? []).flatMap(({ name, value }) => {
    const output = operation.outputs.findIndex((candidate) => candidate.name === name.text);
    const found = operation.outputs[output];
    if (found === undefined) {
      const outputs = operation.outputs.map((candidate) => candidate.name);
      const there = outputs.length > 0 ? `it gives ${outputs.join(', ')}` : 'it gives none';
      context.problems.error('CCS211', file, name, `${operation.name} gives no output ${name.text}; ${there}`);
      return [];
    }
    const words = found.flags ?? wordsOf(found.type);
    const resolved = resolve(value, { ...context, ...(words && { words }) });
    return resolved.kind === 'unknown' ? [] : [{ output, name: name.text, value: resolved }];
  });
  return {
    text: file.slice(results).replace(/\s+/g, ' '),
    span: results,
    alternatives: alternatives.length > 0 ? alternatives : [{ kind: 'any' }],
    fields,
  };
}

/** The names that the values of an output have. */
function wordsOf(type: OutputType): Readonly<Record<string, number>> | undefined {
  const names = type in OUTPUT_WORDS ? OUTPUT_WORDS[type as keyof typeof OUTPUT_WORDS] : undefined;
  return names && Object.fromEntries(names.map((name, value) => [name, value]));
}

function resolveResult(result: Result, operation: AnyOperation, context: Context): Alternative | undefined {
  const { file, problems } = context;
  switch (result.kind) {
    case 'any':
      return { kind: 'any' };
    case 'value':
      return { kind: 'code', code: result.value };
    case 'errno': {
      const name = `-${result.name.text}`;
      if (operation.form.names.includes(name)) return { kind: 'name', name, arg: undefined };
      problems.error('CCS207', file, result, `${operation.name} never returns ${name}; ${possible(operation)}`);
      return undefined;
    }
    case 'status': {
      const { name, arg } = result;
      if (name.text === HOST_CRASH_NAME) return { kind: 'name', name: name.text, arg: undefined };
      if (!operation.results.includes(name.text)) {
        const near = did(nearest(name.text, operation.results));
        problems.error(
          'CCS207',
          file,
          name,
          `${operation.name} never returns ${name.text}${near || `; ${possible(operation)}`}`,
        );
        return undefined;
      }
      return { kind: 'name', name: name.text, arg: arg && resolve(arg, context) };
    }
  }
}

const possible = (operation: AnyOperation) => `it returns ${operation.results.join(', ')}`;
