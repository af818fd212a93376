// The language server's process: over stdio, or over the IPC channel of the process that started it.
import { createConnection, IPCMessageReader, IPCMessageWriter, ProposedFeatures } from 'vscode-languageserver/node';
import { Framing } from './framing.ts';
import { serve } from './server.ts';
import { warmUp } from './warm-up.ts';

/** `--node-ipc` and `--stdio` say it; without either a parent that opened a channel means the channel. */
const overIpc =
  process.argv.includes('--node-ipc') || (!process.argv.includes('--stdio') && process.send !== undefined);

const connection = overIpc ? overChannel() : overStdio();

// A defect that got past a request's own guard must not end the server: the texts are the user's work.
process.on('uncaughtException', (error) => connection.console.error(`unexpected: ${error.stack ?? error.message}`));
process.on('unhandledRejection', (reason) => connection.console.error(`unexpected: ${String(reason)}`));

serve(connection);
warmUp();

function overChannel() {
  // The client is gone: nobody is left to answer.
  process.on('disconnect', () => process.exit(1));
  return createConnection(ProposedFeatures.all, new IPCMessageReader(process), new IPCMessageWriter(process));
}

function overStdio() {
  const input = new Framing((header) =>
    connection.console.warn(`a message without a length was passed over: ${header}`),
  );
  process.stdin.pipe(input);
  process.stdin.on('close', () => input.end());
  return createConnection(ProposedFeatures.all, input, process.stdout);
}
