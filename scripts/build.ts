// Bundles the extension, its server, the debug adapter, the command line and the panels into dist/.
// Usage: node scripts/build.ts [--minify]    --minify is for the package: small files, no source maps.

import * as fs from 'node:fs';
import * as path from 'node:path';
import { type BuildOptions, type BuildResult, build } from 'esbuild';
import { writeNotices } from './notices.ts';

interface Bundle {
  readonly entry: string;
  readonly outfile: string;
  readonly options: BuildOptions;
}

/** Node 20 is what Debian ships and what the oldest supported editor runs its extension host on. */
const forNode: BuildOptions = { platform: 'node', format: 'cjs', target: 'node20' };
const forPanels: BuildOptions = {
  platform: 'browser',
  format: 'iife',
  target: 'es2023',
  jsx: 'automatic',
  jsxImportSource: 'preact',
};

const bundles: readonly Bundle[] = [
  { entry: 'client/src/extension.ts', outfile: 'extension.cjs', options: { ...forNode, external: ['vscode'] } },
  { entry: 'server/src/lsp/main.ts', outfile: 'server.cjs', options: forNode },
  { entry: 'server/src/dap/main.ts', outfile: 'adapter.cjs', options: forNode },
  { entry: 'server/src/cli/main.ts', outfile: 'cli.cjs', options: forNode },
  { entry: 'client/webview/page-states/main.tsx', outfile: 'webview/page-states.js', options: forPanels },
  {
    entry: 'client/webview/translation-tables/main.tsx',
    outfile: 'webview/translation-tables.js',
    options: forPanels,
  },
  { entry: 'client/webview/timeline/main.tsx', outfile: 'webview/timeline.js', options: forPanels },
  { entry: 'client/webview/page-history/main.tsx', outfile: 'webview/page-history.js', options: forPanels },
];

const root = path.dirname(import.meta.dirname);
const dist = path.join(root, 'dist');
const minify = process.argv.includes('--minify');

const started = performance.now();

const results = await Promise.all(bundles.map(bundle)).catch(() => process.exit(1)); // esbuild has printed the errors

const notices = path.join(dist, 'third-party-notices.txt');
const inputs = results.flatMap(({ metafile }) => Object.keys(metafile.inputs));
writeNotices(root, inputs, notices);

removeStale(
  new Set([
    notices,
    ...results.flatMap(({ metafile }) => Object.keys(metafile.outputs).map((file) => path.join(root, file))),
  ]),
);

for (const { metafile } of results) {
  for (const [file, { bytes }] of Object.entries(metafile.outputs)) {
    if (!file.endsWith('.map')) console.log(`${file.padEnd(32)} ${(bytes / 1024).toFixed(0).padStart(6)} KiB`);
  }
}
console.log(`built in ${Math.round(performance.now() - started)} ms`);

function bundle({ entry, outfile, options }: Bundle): Promise<BuildResult<{ metafile: true }>> {
  return build({
    ...options,
    absWorkingDir: root,
    entryPoints: [entry],
    outfile: path.join(dist, outfile),
    bundle: true,
    metafile: true,
    minify,
    sourcemap: !minify,
    legalComments: 'none', // dist/third-party-notices.txt carries the licences whole
    logLevel: 'warning',
  });
}

/** At the end and not at the start, so that a program that runs from dist/ meanwhile does not lose its files. */
function removeStale(written: ReadonlySet<string>): void {
  for (const entry of fs.readdirSync(dist, { recursive: true, withFileTypes: true })) {
    const file = path.join(entry.parentPath, entry.name);
    if (entry.isFile() && !written.has(file)) fs.rmSync(file);
  }
}
