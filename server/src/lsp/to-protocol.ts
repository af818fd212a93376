// From the features' plain data to the protocol's: offsets to positions, problems to diagnostics.
import {
  CodeActionKind,
  type CompletionItem,
  CompletionItemKind,
  DiagnosticSeverity,
  type DocumentHighlight,
  DocumentHighlightKind,
  type FoldingRange,
  InsertTextFormat,
  type CodeAction as LspCodeAction,
  type Diagnostic as LspDiagnostic,
  type DocumentSymbol as LspDocumentSymbol,
  type Range,
  type SignatureHelp,
  SymbolKind,
  type WorkspaceEdit,
} from 'vscode-languageserver/node';
import type { Span } from '../../../grammar/src/index.ts';
import type { CodeAction } from '../features/code-actions.ts';
import type { Completion, CompletionKind } from '../features/completion.ts';
import type { Diagnostic } from '../features/diagnostics.ts';
import type { Fold } from '../features/folding.ts';
import type { Occurrence } from '../features/names-at.ts';
import type { Signature } from '../features/signature.ts';
import type { DocumentSymbol } from '../features/symbols.ts';
import { details } from '../report/text.ts';
import type { SourceFile } from '../scenario/index.ts';

export const rangeOf = ({ lines }: SourceFile, { start, end }: Span): Range => ({
  start: lines.toZeroBased(start),
  end: lines.toZeroBased(end),
});

const SEVERITIES = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  information: DiagnosticSeverity.Information,
} as const;

/** The text is the command line's: the message, then expected, actual and because. */
export function toDiagnostic(diagnostic: Diagnostic, uriOf: (file: SourceFile) => string): LspDiagnostic {
  const { file, span, code, severity, message, again, related = [] } = diagnostic;
  const more = again === 0 ? [] : [`  …and ${again} more ${again === 1 ? 'time' : 'times'}`];
  return {
    range: rangeOf(file, span),
    severity: SEVERITIES[severity],
    code,
    source: 'cocoscn',
    message: [message, ...details(diagnostic), ...more].join('\n'),
    relatedInformation: related.map((place) => ({
      location: { uri: uriOf(place.file), range: rangeOf(place.file, place.span) },
      message: place.message,
    })),
  };
}

const markdown = (value: string) => ({ kind: 'markdown' as const, value });

const COMPLETION_KINDS: Readonly<Record<CompletionKind, CompletionItemKind>> = {
  operation: CompletionItemKind.Function,
  view: CompletionItemKind.Method,
  sequence: CompletionItemKind.Module,
  name: CompletionItemKind.Variable,
  word: CompletionItemKind.Keyword,
  flag: CompletionItemKind.EnumMember,
  field: CompletionItemKind.Field,
  state: CompletionItemKind.EnumMember,
  result: CompletionItemKind.Constant,
  text: CompletionItemKind.Text,
};

/** `rank`: place in the list, best first. */
export function completionItem(item: Completion, rank: number, range: Range): CompletionItem {
  const { label, kind, insert, snippet, detail, documentation } = item;
  return {
    label,
    kind: COMPLETION_KINDS[kind],
    sortText: String(rank).padStart(4, '0'),
    textEdit: { range, newText: insert },
    ...(snippet && { insertTextFormat: InsertTextFormat.Snippet }),
    ...(detail !== undefined && { detail }),
    ...(documentation !== undefined && { documentation: markdown(documentation) }),
  };
}

export function signatureInformation({ label, documentation, parameters, active }: Signature): SignatureHelp {
  return {
    signatures: [
      {
        label,
        documentation: markdown(documentation),
        parameters: parameters.map((parameter) => ({
          label: parameter.label,
          documentation: markdown(parameter.documentation),
        })),
      },
    ],
    activeSignature: 0,
    activeParameter: active,
  };
}

const SYMBOL_KINDS: Readonly<Record<DocumentSymbol['kind'], SymbolKind>> = {
  scenario: SymbolKind.File,
  let: SymbolKind.Constant,
  def: SymbolKind.Function,
  actor: SymbolKind.Class,
  block: SymbolKind.Namespace,
  call: SymbolKind.Event,
  expect: SymbolKind.Boolean,
  include: SymbolKind.Module,
};

export function documentSymbol(symbol: DocumentSymbol, file: SourceFile): LspDocumentSymbol {
  const { name, kind, detail, span, nameSpan, children } = symbol;
  return {
    name,
    kind: SYMBOL_KINDS[kind],
    detail,
    range: rangeOf(file, span),
    selectionRange: rangeOf(file, nameSpan),
    children: children.map((child) => documentSymbol(child, file)),
  };
}

export function foldingRange({ start, end, kind }: Fold, { lines }: SourceFile): FoldingRange {
  const [startLine, endLine] = [lines.toZeroBased(start).line, lines.toZeroBased(end).line];
  return { startLine, endLine, kind };
}

export const highlight = (file: SourceFile, { span, isDefinition }: Occurrence): DocumentHighlight => ({
  range: rangeOf(file, span),
  kind: isDefinition ? DocumentHighlightKind.Write : DocumentHighlightKind.Read,
});

export const quickFix = (action: CodeAction, edit: WorkspaceEdit, diagnostic: LspDiagnostic): LspCodeAction => ({
  title: action.title,
  kind: CodeActionKind.QuickFix,
  diagnostics: [diagnostic],
  isPreferred: action.preferred,
  edit,
});
