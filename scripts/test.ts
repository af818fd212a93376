// Runs every check of the project, phase by phase, and ends with one line `N passed, N failed` over all runners.
// Usage: npm test [-- PHASE …]    without phases: all of them

import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { CHROMIUM_MISSING, chromiumPath } from './editor/browser.ts';
import { type Outcome, readOutcome } from './test-results.ts';

interface Phase {
  readonly name: string;
  readonly command: readonly string[];
  /** Written by the phase's test runner; a phase without one only says yes or no and counts no tests. */
  readonly results?: string;
  readonly needsChromium?: boolean;
}

const results = 'out/results';
/** In a log, colours are noise, and on a build machine vitest adds them. $NO_COLOR would reach the programs under test. */
const plain = process.stdout.isTTY ? [] : ['--no-color'];
const vitest = (project: string): readonly string[] => [
  ...['vitest', 'run', '--project', project, '--reporter=default', '--reporter=json', ...plain],
  `--outputFile.json=${results}/${project}.json`,
];

const phases: readonly Phase[] = [
  { name: 'lint', command: ['biome', 'check', '--error-on-warnings'] },
  { name: 'types', command: ['tsc', '-p', '.'] },
  { name: 'build', command: ['node', 'scripts/build.ts'] },
  { name: 'unit', command: vitest('unit'), results: `${results}/unit.json` },
  { name: 'panels', command: vitest('panels'), results: `${results}/panels.json`, needsChromium: true },
  { name: 'editor', command: ['node', 'scripts/editor/fetch.ts'], needsChromium: true },
  {
    name: 'extension-host',
    command: ['node', 'test/editor/run-suite.ts'],
    results: `${results}/extension-host.json`,
    needsChromium: true,
  },
  { name: 'workbench', command: vitest('workbench'), results: `${results}/workbench.json`, needsChromium: true },
];

process.chdir(path.dirname(import.meta.dirname));
const chosen = process.argv.slice(2);
const unknown = chosen.filter((name) => !phases.some((phase) => phase.name === name));
if (unknown.length > 0) {
  console.error(`no phase ${unknown.join(', ')}; there are ${phases.map(({ name }) => name).join(', ')}`);
  process.exit(2);
}
fs.rmSync(results, { recursive: true, force: true });

const rows = phases.filter(({ name }) => chosen.length === 0 || chosen.includes(name)).map(runPhase);

console.log('');
for (const { name, seconds, outcome, ok } of rows) {
  const tests = outcome.passed + outcome.failed > 0 ? `${outcome.passed} passed, ${outcome.failed} failed` : '';
  console.log(`  ${ok ? 'ok    ' : 'FAILED'} ${name.padEnd(16)} ${seconds.toFixed(1).padStart(6)} s   ${tests}`);
}
const total = (key: 'passed' | 'failed'): number => rows.reduce((sum, { outcome }) => sum + outcome[key], 0);
console.log(`\n${total('passed')} passed, ${total('failed')} failed`);
process.exitCode = rows.every(({ ok }) => ok) ? 0 : 1;

interface Row {
  readonly name: string;
  readonly seconds: number;
  readonly outcome: Outcome;
  readonly ok: boolean;
}

function runPhase(phase: Phase): Row {
  console.log(`\n=== ${phase.name} ===`);
  const started = performance.now();
  const exitedWell = phase.needsChromium === true && chromiumPath() === undefined ? noChromium() : run(phase.command);
  const counted = phase.results === undefined ? { passed: 0, failed: 0 } : readOutcome(phase.results);
  const ok =
    exitedWell && counted !== undefined && (phase.results === undefined || counted.passed > 0) && counted.failed === 0;
  // A phase that fails without a failed test (a type error, a runner that died) still counts as one failure.
  const failed = Math.max(counted?.failed ?? 0, ok ? 0 : 1);
  return {
    name: phase.name,
    seconds: (performance.now() - started) / 1000,
    outcome: { passed: counted?.passed ?? 0, failed },
    ok,
  };
}

function noChromium(): boolean {
  console.error(CHROMIUM_MISSING);
  return false;
}

function run([command, ...args]: readonly string[]): boolean {
  const { status, error } = spawnSync(command ?? '', args, {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (error !== undefined) console.error(error.message);
  return status === 0;
}
