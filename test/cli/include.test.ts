// Included files on a real disk: below the folder of the scenario, and nowhere else.
import * as fs from 'node:fs';
import * as path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { fileResolver, readScenario } from '../../server/src/edge/files.ts';
import { folderWith } from './process.ts';

const outside = folderWith({ 'secret.cocoscn': 'let SECRET = 1\n' });
const folder = folderWith({
  'main.cocoscn': 'include "lib/a.cocoscn"\n',
  'lib/a.cocoscn': 'let A = 1\n',
  'lib/binary.cocoscn': Uint8Array.from([1, 2, 0]),
});
fs.symlinkSync(path.join(outside, 'secret.cocoscn'), path.join(folder, 'link.cocoscn'));
fs.symlinkSync(outside, path.join(folder, 'linked'));
fs.symlinkSync(path.join(folder, 'lib'), path.join(folder, 'inner'));
fs.symlinkSync('loop.cocoscn', path.join(folder, 'loop.cocoscn'));
fs.symlinkSync('/dev/zero', path.join(folder, 'zero.cocoscn'));

afterAll(() => {
  fs.rmSync(folder, { recursive: true });
  fs.rmSync(outside, { recursive: true });
});

test.each([
  ['lib/a.cocoscn', { text: 'let A = 1\n' }],
  ['inner/a.cocoscn', { text: 'let A = 1\n' }],
  ['lib/missing.cocoscn', { problem: 'there is no such file' }],
  ['lib', { problem: 'it is a folder, not a file' }],
  ['lib/binary.cocoscn', { problem: 'it is a binary file, not a scenario: byte 2 is zero' }],
  ['link.cocoscn', { problem: 'it lies outside the folder of the scenario' }],
  ['linked/secret.cocoscn', { problem: 'it lies outside the folder of the scenario' }],
  ['zero.cocoscn', { problem: 'it lies outside the folder of the scenario' }],
  ['loop.cocoscn', { problem: 'it is a symbolic link that leads back to itself' }],
  ['../etc/passwd', { problem: 'there is no such file' }],
])('%s', (include, expected) => {
  expect(fileResolver(folder)(include)).toEqual(expected);
});

test('an editor that holds a file is asked before the disk', () => {
  const opened = (file: string) => (file.endsWith('a.cocoscn') ? 'let A = 2\n' : undefined);
  expect(fileResolver(folder, opened)('lib/a.cocoscn')).toEqual({ text: 'let A = 2\n' });
});

test('a scenario is named as it was written', () => {
  expect(readScenario(path.join(folder, 'main.cocoscn'))).toMatchObject({ name: 'main.cocoscn', folder: `${folder}/` });
});
