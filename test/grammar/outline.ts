// A syntax tree as a few lines of text: one a statement, expressions with all their brackets.

import type {
  Arg,
  Block,
  Expr,
  File,
  Header,
  RecordLit,
  Result,
  Results,
  State,
  Stmt,
} from '../../grammar/src/index.ts';

export function outlineExpr(expr: Expr): string {
  switch (expr.kind) {
    case 'name':
      return expr.text === '' ? '<missing>' : expr.text;
    case 'number':
      return String(expr.value);
    case 'string':
      return JSON.stringify(expr.value);
    case 'binary':
    case 'range':
      return `(${outlineExpr(expr.left)} ${expr.op} ${outlineExpr(expr.right)})`;
    case 'unary':
      return `${expr.op}${outlineExpr(expr.operand)}`;
    case 'is':
      return `(${outlineExpr(expr.subject)} is ${expr.states.map(outlineState).join(' | ')})`;
    case 'call':
      return `${outlineExpr(expr.callee)}(${expr.args.map(outlineArg).join(', ')})`;
    case 'index':
      return `${outlineExpr(expr.object)}[${outlineExpr(expr.index)}]`;
    case 'record':
      return outlineRecord(expr);
    case 'star':
      return '*';
  }
}

function outlineArg({ name, value }: Arg): string {
  return name === undefined ? outlineExpr(value) : `${name.text}=${outlineExpr(value)}`;
}

function outlineState({ name, record }: State): string {
  return record === undefined ? name.text : `${name.text} ${outlineRecord(record)}`;
}

function outlineRecord({ fields }: RecordLit): string {
  return `{${fields.map(({ name, value }) => `${name.text}: ${outlineExpr(value)}`).join(', ')}}`;
}

function outlineResult(result: Result): string {
  switch (result.kind) {
    case 'any':
      return '*';
    case 'value':
      return String(result.value);
    case 'errno':
      return `errno ${result.name.text}`;
    case 'status':
      return result.arg === undefined ? result.name.text : `${result.name.text}(${outlineExpr(result.arg)})`;
  }
}

function outlineResults(results: Results | undefined): string {
  if (results === undefined) return '';
  const record = results.record === undefined ? '' : ` ${outlineRecord(results.record)}`;
  return ` = ${results.alternatives.map(outlineResult).join(' | ')}${record}`;
}

function outlineBlock({ body }: Block): string[] {
  return body.flatMap(outlineStmt).map((line) => `  ${line}`);
}

export function outlineStmt(stmt: Stmt): string[] {
  switch (stmt.kind) {
    case 'op': {
      const label = stmt.label === undefined ? '' : `${stmt.label.text}: `;
      const binds = stmt.binds === undefined ? '' : `${stmt.binds.text} := `;
      const talk = stmt.talk.map(
        ({ direction, call, results }) =>
          `  ${direction} ${call === undefined ? '...' : outlineExpr(call)}${outlineResults(results)}`,
      );
      return [`op ${label}${binds}${outlineExpr(stmt.call)}${outlineResults(stmt.results)}`, ...talk];
    }
    case 'include':
      return [`include ${JSON.stringify(stmt.path.value)}`];
    case 'let':
      return [`let ${stmt.name.text} = ${outlineExpr(stmt.value)}`];
    case 'def':
      return [`def ${stmt.name.text}(${stmt.params.map(({ text }) => text).join(', ')})`, ...outlineBlock(stmt.block)];
    case 'actor':
      return [`actor ${stmt.name.text}`, ...outlineBlock(stmt.block)];
    case 'for': {
      const step = stmt.step === undefined ? '' : ` step ${outlineExpr(stmt.step)}`;
      return [`for ${stmt.name.text} in ${outlineExpr(stmt.range)}${step}`, ...outlineBlock(stmt.block)];
    }
    case 'when':
      return [`when ${outlineExpr(stmt.condition)}`, ...outlineBlock(stmt.block)];
    case 'expect':
      return [`expect ${outlineExpr(stmt.condition)}`];
    case 'inject':
      return [`inject ${stmt.op.text} nth ${stmt.nth.value}${outlineResults(stmt.results)}`];
    case 'verdict':
      return [`${stmt.quantifier} ${outlineExpr(stmt.condition)}`];
    case 'schedule':
      return [`schedule ${stmt.steps.map(({ text }) => text).join(', ')}`];
  }
}

function outlineHeader(header: Header): string {
  switch (header.kind) {
    case 'model':
    case 'link':
    case 'xfail':
      return `${header.kind} ${header.values.map(({ value }) => JSON.stringify(value)).join(', ')}`;
    case 'platform':
    case 'needs':
      return `${header.kind} ${header.values.map(({ text }) => text).join(', ')}`;
    case 'page':
    case 'granule':
    case 'nodes':
      return `${header.kind} ${header.size.value}`;
    case 'memory':
      return `memory ${outlineExpr(header.range)}`;
    case 'allow':
      return `allow ${header.what.text}${header.bound === undefined ? '' : ` ${header.bound.value}`}`;
    case 'matrix':
      return `matrix ${header.name.text} = ${header.values.map(outlineExpr).join(', ')}`;
  }
}

/** The whole file, the description left out. */
export function outline(file: File): string {
  const scenario = file.scenario === undefined ? [] : [`scenario ${JSON.stringify(file.scenario.value)}`];
  return [...scenario, ...file.headers.map(outlineHeader), ...file.statements.flatMap(outlineStmt)].join('\n');
}
