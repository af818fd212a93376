// Runs the command line as a process of its own, in a folder made for the test.
import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';

const MAIN = path.join(import.meta.dirname, '../../server/src/cli/main.ts');

export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface Setting {
  readonly cwd?: string;
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** `cocoscn ARGS`. */
export function cocoscn(args: readonly string[], { cwd, input = '', env = {} }: Setting = {}): Ended {
  const { status, stdout, stderr, error } = spawnSync(process.execPath, [MAIN, ...args], {
    cwd: cwd ?? process.cwd(),
    input,
    encoding: 'utf8',
    env: { ...process.env, ...env },
    maxBuffer: 256 * 1024 * 1024,
    timeout: 60_000,
  });
  if (error) throw error;
  return { status, stdout, stderr };
}

/** A folder for the PATH in which `cocoscn` is the command line: a file, since not every shell hands functions on. */
let bin: string | undefined;

function binFolder(): string {
  if (bin === undefined) {
    const made = folderWith({ cocoscn: `#!/bin/sh\nexec '${process.execPath}' '${MAIN}' "$@"\n` });
    fs.chmodSync(path.join(made, 'cocoscn'), 0o755);
    process.on('exit', () => fs.rmSync(made, { recursive: true, force: true }));
    bin = made;
  }
  return bin;
}

/** A shell line in which `cocoscn` stands for the command line. */
export function shell(line: string, cwd: string): Ended {
  const env = { ...process.env, PATH: `${binFolder()}:${process.env.PATH}` };
  const { status, stdout, stderr } = spawnSync('bash', ['-c', line], { cwd, env, encoding: 'utf8', timeout: 60_000 });
  return { status, stdout, stderr };
}

/** A folder with these files, to be removed with `fs.rmSync`. Names may have folders in them. */
export function folderWith(files: Readonly<Record<string, string | Uint8Array>>): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'cocoscn-'));
  for (const [name, content] of Object.entries(files)) {
    fs.mkdirSync(path.join(folder, path.dirname(name)), { recursive: true });
    fs.writeFileSync(path.join(folder, name), content);
  }
  return folder;
}
