// The language server: what it can do, and which request goes where.
import {
  CodeActionKind,
  type Connection,
  DidChangeWatchedFilesNotification,
  type InitializeParams,
  type InitializeResult,
  TextDocumentSyncKind,
  TextDocuments,
} from 'vscode-languageserver/node';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { keyOf } from './includes.ts';
import { answerRequests } from './requests.ts';
import { warmUpWhile } from './warm-up.ts';
import { Workspace } from './workspace.ts';

export function serve(connection: Connection): void {
  const log = (what: string, uri: string, error: unknown) =>
    connection.console.error(
      `${what} ${uri}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
    );
  const workspace = new Workspace({
    publish: (params) => void connection.sendDiagnostics(params),
    failed: log,
  });
  const documents = new TextDocuments(TextDocument);
  documents.onDidChangeContent(({ document }) => workspace.changed(document));
  documents.onDidClose(({ document }) => workspace.closed(document));
  connection.onDidChangeWatchedFiles(({ changes }) => {
    for (const { uri } of changes) workspace.fileChanged(keyOf(uri));
  });
  answerRequests(connection, workspace, log);
  let watches = false;
  connection.onInitialize((params) => {
    watches = canWatch(params);
    return CAPABILITIES;
  });
  connection.onInitialized(() => {
    if (watches) watchFiles(connection);
    warmUpWhile(() => documents.keys().length === 0);
  });
  documents.listen(connection);
  connection.listen();
}

const canWatch = ({ capabilities }: InitializeParams) =>
  capabilities?.workspace?.didChangeWatchedFiles?.dynamicRegistration === true;

/** Included files that are not open change too. */
function watchFiles(connection: Connection): void {
  const registered = connection.client.register(DidChangeWatchedFilesNotification.type, {
    watchers: [{ globPattern: '**/*.cocoscn' }],
  });
  registered.catch((error: unknown) => connection.console.warn(`included files are not watched: ${String(error)}`));
}

const CAPABILITIES: InitializeResult = {
  capabilities: {
    textDocumentSync: { openClose: true, change: TextDocumentSyncKind.Incremental },
    hoverProvider: true,
    completionProvider: { triggerCharacters: ['(', ',', '{', '=', ' ', '|', '"'] },
    signatureHelpProvider: { triggerCharacters: ['(', ','], retriggerCharacters: [')'] },
    definitionProvider: true,
    referencesProvider: true,
    documentHighlightProvider: true,
    renameProvider: { prepareProvider: true },
    documentSymbolProvider: true,
    foldingRangeProvider: true,
    documentLinkProvider: {},
    codeActionProvider: { codeActionKinds: [CodeActionKind.QuickFix] },
  },
  serverInfo: { name: 'cocoscn' },
};
