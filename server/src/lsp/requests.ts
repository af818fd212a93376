// The requests that ask about a document: each finds the document, asks one feature and answers in the protocol's terms.
import {
  type CodeAction,
  type CompletionItem,
  type Connection,
  ErrorCodes,
  type Location,
  type Position,
  ResponseError,
  type WorkspaceEdit,
} from 'vscode-languageserver/node';
import type { Span } from '../../../grammar/src/index.ts';
import { codeActions } from '../features/code-actions.ts';
import { completion } from '../features/completion.ts';
import { definition, references } from '../features/definition.ts';
import { folds } from '../features/folding.ts';
import { hover } from '../features/hover.ts';
import { links } from '../features/links.ts';
import { renamable, rename } from '../features/rename.ts';
import { signatureHelp } from '../features/signature.ts';
import type { Subject } from '../features/subject.ts';
import { symbols } from '../features/symbols.ts';
import type { SourceFile } from '../scenario/index.ts';
import { includedUri } from './includes.ts';
import {
  completionItem,
  documentSymbol,
  foldingRange,
  highlight,
  quickFix,
  rangeOf,
  signatureInformation,
} from './to-protocol.ts';
import type { Opened, Workspace } from './workspace.ts';

interface Asked {
  readonly textDocument: { readonly uri: string };
}
interface AskedAt extends Asked {
  readonly position: Position;
}

export function answerRequests(
  connection: Connection,
  workspace: Workspace,
  failed: (what: string, uri: string, error: unknown) => void,
): void {
  /** Answers with nothing where there is nothing to say, and where a defect of ours came in between. */
  const guarded =
    <P extends Asked, R>(what: string, answer: (params: P) => R | Promise<R>) =>
    async (params: P): Promise<R | null> => {
      try {
        return await answer(params);
      } catch (error) {
        if (error instanceof ResponseError) throw error;
        failed(what, String(params?.textDocument?.uri), error);
        return null;
      }
    };
  /** Requests that need names and syntax only: answered at once. */
  const on = <P extends Asked, R>(what: string, answer: (opened: Opened, params: P) => R) =>
    guarded<P, R | null>(what, (params) => {
      const opened = workspace.opened(params.textDocument.uri);
      return opened ? answer(opened, params) : null;
    });
  /** Requests that ask what a statement did: answered when the run has ended. */
  const afterRun = <P extends Asked, R>(what: string, answer: (opened: Opened, params: P) => R) =>
    guarded<P, R | null>(what, async (params) => {
      const opened = await workspace.openedAndRun(params.textDocument.uri);
      return opened ? answer(opened, params) : null;
    });

  connection.onHover(
    afterRun('hover', ({ subject }, { position }: AskedAt) => {
      const found = hover(subject, offsetOf(subject, position));
      return (
        found && { contents: { kind: 'markdown', value: found.markdown }, range: rangeOf(subject.file, found.span) }
      );
    }),
  );
  connection.onCompletion(
    on('completion', ({ subject }, { position }: AskedAt): CompletionItem[] => {
      const offset = offsetOf(subject, position);
      const { start, items } = completion(subject, subject.file.text, offset);
      const range = rangeOf(subject.file, { start, end: offset });
      return items.map((item, i) => completionItem(item, i, range));
    }),
  );
  connection.onSignatureHelp(
    on('signature help', ({ subject }, { position }: AskedAt) => {
      const found = signatureHelp(subject, subject.file.text, offsetOf(subject, position));
      return found ? signatureInformation(found) : null;
    }),
  );
  connection.onDefinition(
    on('definition', ({ subject, uriOf }, { position }: AskedAt): Location | null => {
      const found = definition(subject, offsetOf(subject, position));
      return found ? { uri: uriOf(found.file), range: rangeOf(found.file, found.span) } : null;
    }),
  );
  connection.onReferences(
    on(
      'references',
      ({ subject, uriOf }, { position, context }: AskedAt & { context: { includeDeclaration: boolean } }) =>
        references(subject, offsetOf(subject, position))
          .filter(({ isDefinition }) => context.includeDeclaration || !isDefinition)
          .map(({ file, span }) => ({ uri: uriOf(file), range: rangeOf(file, span) })),
    ),
  );
  connection.onDocumentHighlight(
    on('highlights', ({ subject }, { position }: AskedAt) =>
      references(subject, offsetOf(subject, position))
        .filter(({ file }) => file === subject.file)
        .map((occurrence) => highlight(subject.file, occurrence)),
    ),
  );
  connection.onPrepareRename(
    on('rename', ({ subject }, { position }: AskedAt) => {
      const found = renamable(subject, offsetOf(subject, position));
      return found ? { range: rangeOf(subject.file, found.span), placeholder: found.name } : null;
    }),
  );
  connection.onRenameRequest(
    on('rename', ({ subject, uriOf }, { position, newName }: AskedAt & { newName: string }): WorkspaceEdit => {
      const places = rename(subject, offsetOf(subject, position), newName);
      if ('problem' in places) throw new ResponseError(ErrorCodes.InvalidParams, places.problem);
      return edited(
        places.map(({ file, span }) => ({ file, span, text: newName })),
        uriOf,
      );
    }),
  );
  connection.onDocumentSymbol(
    on('symbols', ({ subject }) =>
      symbols(subject.tree, subject.file.text).map((symbol) => documentSymbol(symbol, subject.file)),
    ),
  );
  connection.onFoldingRanges(
    on('folding', ({ subject }) =>
      folds(subject.tree, subject.file.text)
        .map((fold) => foldingRange(fold, subject.file))
        .filter(({ startLine, endLine }) => endLine > startLine),
    ),
  );
  connection.onDocumentLinks(
    on('links', ({ subject, scenario }) =>
      links(subject.tree, subject.file).map(({ span, target }) => ({
        range: rangeOf(subject.file, span),
        target: includedUri(scenario, target),
      })),
    ),
  );
  connection.onCodeAction(
    on(
      'code actions',
      ({ subject, uriOf, diagnosticOf }, { range }: Asked & { range: { start: Position; end: Position } }) => {
        const span = { start: offsetOf(subject, range.start), end: offsetOf(subject, range.end) };
        return codeActions(subject, span).map(
          (action): CodeAction => quickFix(action, edited(action.edits, uriOf), diagnosticOf(action.problem)),
        );
      },
    ),
  );
}

/** A place that the client names, taken to the ends of the text where it lies outside. */
function offsetOf({ file }: Subject, { line, character }: Position): number {
  return file.lines.fromZeroBased({ line, character });
}

function edited(
  edits: readonly { readonly file: SourceFile; readonly span: Span; readonly text: string }[],
  uriOf: (file: SourceFile) => string,
): WorkspaceEdit {
  const changes: NonNullable<WorkspaceEdit['changes']> = {};
  for (const { file, span, text } of edits) {
    const uri = uriOf(file);
    changes[uri] = [...(changes[uri] ?? []), { range: rangeOf(file, span), newText: text }];
  }
  return { changes };
}
