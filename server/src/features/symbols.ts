// The outline of a scenario: its names, its sequences and loops with what is in them, its calls and expectations.
import type { File, Span, Stmt } from '../../../grammar/src/index.ts';

export interface DocumentSymbol {
  readonly name: string;
  readonly kind: 'scenario' | 'let' | 'def' | 'actor' | 'block' | 'call' | 'expect' | 'include';
  readonly detail: string;
  readonly span: Span;
  /** The part of `span` that is selected. */
  readonly nameSpan: Span;
  readonly children: readonly DocumentSymbol[];
}

/** Deepest nesting that the outline shows. */
const MOST_DEPTH = 20;

export function symbols(file: File, text: string): DocumentSymbol[] {
  const body = file.statements.flatMap((statement) => symbolOf(statement, text, MOST_DEPTH));
  const { scenario } = file;
  if (!scenario) return body;
  const span = { start: Math.min(scenario.start, file.start), end: Math.max(scenario.end, file.end) };
  return [
    { name: scenario.value || 'scenario', kind: 'scenario', detail: '', span, nameSpan: scenario, children: body },
  ];
}

function symbolOf(statement: Stmt, text: string, depth: number): DocumentSymbol[] {
  if (depth === 0) return [];
  const source = (part: Span) => text.slice(part.start, part.end).replace(/\s+/g, ' ');
  const make = (
    kind: DocumentSymbol['kind'],
    name: string,
    nameSpan: Span,
    detail = '',
    body: readonly Stmt[] = [],
  ): DocumentSymbol[] => {
    const span = { start: statement.start, end: Math.max(statement.end, nameSpan.end) };
    const children = body.flatMap((inner) => symbolOf(inner, text, depth - 1));
    return name === '' ? children : [{ name, kind, detail, span, nameSpan, children }];
  };
  switch (statement.kind) {
    case 'let':
      return make('let', statement.name.text, statement.name, source(statement.value));
    case 'def': {
      const params = statement.params.map((param) => param.text).join(', ');
      return make('def', statement.name.text, statement.name, `(${params})`, statement.block.body);
    }
    case 'actor':
      return make('actor', statement.name.text, statement.name, '', statement.block.body);
    case 'for':
      return make('block', `for ${statement.name.text}`, statement.name, source(statement.range), statement.block.body);
    case 'when':
      return make('block', 'when', statement.condition, source(statement.condition), statement.block.body);
    case 'include':
      return make('include', statement.path.value, statement.path);
    case 'expect':
      return make('expect', `expect ${source(statement.condition)}`, statement.condition);
    case 'op': {
      const { label, call, results } = statement;
      const name = `${label ? `${label.text}: ` : ''}${call.callee.text}`;
      const args = call.args.map(source).join(', ');
      return make('call', call.callee.text && name, call.callee, `(${args})${results ? ` = ${source(results)}` : ''}`);
    }
    case 'inject':
    case 'verdict':
    case 'schedule':
      return [];
  }
}
