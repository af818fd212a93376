// `cocoscn lsp` and `cocoscn dap`: the servers for editors, over standard input and output.
import * as fs from 'node:fs';
import * as path from 'node:path';
import { pathToFileURL } from 'node:url';

const SERVERS = {
  lsp: { bundle: 'server.cjs', source: '../lsp/main.ts' },
  dap: { bundle: 'adapter.cjs', source: '../dap/main.ts' },
} as const;

/** Loads a server, which then lives until its client goes. It is a bundle of its own, so that nothing else waits for it. */
export async function serve(kind: keyof typeof SERVERS): Promise<void> {
  // Built, this file is a CommonJS module in dist/ beside the servers; run from its source it is none.
  const isBuilt = typeof __dirname === 'string';
  const folder = isBuilt ? __dirname : path.dirname(fs.realpathSync(process.argv[1] ?? ''));
  const file = path.join(folder, isBuilt ? SERVERS[kind].bundle : SERVERS[kind].source);
  // The servers read the rest of the command line themselves.
  if (!process.argv.includes('--stdio')) process.argv.push('--stdio');
  await import(pathToFileURL(file).href);
}
