// The manifest names only what exists: files, commands, scripts.
import * as fs from 'node:fs';
import * as path from 'node:path';
import { expect, test } from 'vitest';
import { ROOT, read, sourceFiles } from './sources.ts';

const manifest = JSON.parse(read('package.json'));
const { contributes } = manifest;
const client = sourceFiles()
  .filter((file) => file.startsWith('client/src/'))
  .map(read)
  .join('\n');

const exists = (file: string) => fs.existsSync(path.join(ROOT, file));

/** Every string in a value that is a path below the root. */
function pathsIn(value: unknown): string[] {
  if (typeof value === 'string') return value.startsWith('./') ? [value] : [];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(pathsIn) : [];
}

test('every file that is contributed exists', () => {
  const files = [...pathsIn(contributes), manifest.icon];
  expect(files.length).toBeGreaterThan(4);
  expect(files.filter((file) => !exists(file))).toEqual([]);
});

test('main is what the build makes, and bin is a file that is there', () => {
  expect(read('scripts/build.ts')).toContain(path.basename(manifest.main));
  expect(Object.values<string>(manifest.bin).filter((file) => !exists(file))).toEqual([]);
});

test('every command that is contributed is registered, and every menu names one', () => {
  const commands = contributes.commands.map(({ command }: { command: string }) => command);
  expect(commands.filter((command: string) => !client.includes(`'${command}'`))).toEqual([]);
  const menus = Object.values<{ command: string }[]>(contributes.menus).flat();
  expect(menus.map(({ command }) => command).filter((command) => !commands.includes(command))).toEqual([]);
});

test('every debugger and language that is named is contributed', () => {
  const languages = contributes.languages.map(({ id }: { id: string }) => id);
  const named = [
    ...contributes.grammars.map(({ language }: { language: string }) => language),
    ...contributes.breakpoints.map(({ language }: { language: string }) => language),
    ...contributes.debuggers.flatMap((debug: { languages: string[] }) => debug.languages),
  ];
  expect(named.filter((language) => !languages.includes(language))).toEqual([]);
  const types = contributes.debuggers.map(({ type }: { type: string }) => type);
  const events: string[] = manifest.activationEvents;
  const debugged = events.filter((event) => event.startsWith('onDebug')).map((event) => event.split(':')[1]);
  expect(debugged.filter((type) => !types.includes(type))).toEqual([]);
});

test('every script runs a file that exists', () => {
  const files = Object.values<string>(manifest.scripts).flatMap((line) => line.match(/\S+\.ts\b/g) ?? []);
  expect(files.length).toBeGreaterThan(4);
  expect(files.filter((file) => !exists(file))).toEqual([]);
});
