// Packages the extension as cocoscn-VERSION.vsix, minified and without source maps. Usage: npm run package [-- FILE]

import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { createVSIX } from '@vscode/vsce';

/** A download above this many bytes has something in it that does not belong there. */
const LARGEST = 1024 * 1024;

const root = path.dirname(import.meta.dirname);
const { version }: { version: string } = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8'));
const target = path.resolve(process.argv[2] ?? path.join(root, `cocoscn-${version}.vsix`));

execFileSync(process.execPath, [path.join(root, 'scripts/build.ts'), '--minify'], { stdio: 'inherit' });
await createVSIX({
  cwd: root,
  packagePath: target,
  dependencies: false, // they are in the bundles
  allowMissingRepository: true,
  rewriteRelativeLinks: false, // there is no public address yet that the README's links could be made to point to
});
const { size } = fs.statSync(target);
if (size > LARGEST) {
  console.error(`${target} has ${size} bytes, more than ${LARGEST}`);
  process.exitCode = 1;
}
