// Which room may import which: arrows run one way, and only the edges know a process, a file system or an editor.
import { describe, expect, test } from 'vitest';
import { type Import, importsOf, sourceFiles } from './sources.ts';

interface Room {
  /** Rooms and packages that it may import besides its own files. */
  readonly imports: readonly string[];
  /** Rooms of which it may import types only. */
  readonly types?: readonly string[];
  /** May use `node:*`. */
  readonly node?: true;
  /** What is lost when an arrow is added. */
  readonly why: string;
}

const BELOW = 'it runs in a browser unchanged, and knows nothing of what stands above it';
const EDGE = 'an edge turns a protocol into plain data and back; what it knows, no other edge needs';

/** The longest name that begins a path decides. */
const ROOMS: Readonly<Record<string, Room>> = {
  grammar: { imports: ['chevrotain'], why: 'the language has no meaning of its own, so that every tool can read it' },
  'server/src/store': { imports: [], why: 'cells and their journal know nothing of what they hold' },
  'server/src/emulator': { imports: ['server/src/store', '@noble/hashes'], why: BELOW },
  'server/src/scenario': { imports: ['grammar', 'server/src/emulator'], why: BELOW },
  'server/src/run': {
    imports: ['server/src/store', 'server/src/emulator', 'server/src/scenario', 'grammar'],
    why: BELOW,
  },
  'server/src/import': { imports: ['grammar', 'server/src/emulator'], why: BELOW },
  'server/src/features': {
    imports: ['server/src/run', 'server/src/store', 'server/src/emulator', 'server/src/scenario', 'grammar'],
    why: 'features are plain data in and out, for any editor',
  },
  'server/src/report': {
    imports: ['server/src/run', 'server/src/store', 'server/src/emulator', 'server/src/scenario', 'grammar'],
    why: 'reports are text about a run, for any edge',
  },
  'server/src/edge': { imports: ['grammar', 'server/src/scenario'], node: true, why: EDGE },
  'server/src/lsp': {
    imports: ['server/src', 'grammar', 'vscode-languageserver', 'vscode-languageserver-textdocument', 'vscode-uri'],
    node: true,
    why: EDGE,
  },
  'server/src/dap': {
    imports: ['server/src', 'grammar', '@vscode/debugadapter', '@vscode/debugprotocol'],
    node: true,
    why: EDGE,
  },
  'server/src/cli': { imports: ['server/src', 'grammar', 'commander', 'package.json'], node: true, why: EDGE },
  'client/src': {
    imports: ['vscode', 'vscode-languageclient', 'server/src/dap', 'server/src/edge'],
    types: ['server/src/features'],
    node: true,
    why: 'the client registers; what it shows is computed on the server',
  },
  'client/webview': { imports: ['preact'], types: ['server/src/features'], why: 'a panel draws what it is sent' },
};

/** Edges stand side by side: none imports another. */
const EDGES = ['server/src/lsp', 'server/src/dap', 'server/src/cli'];

const within = (name: string, room: string) => name === room || name.startsWith(`${room}/`);

function roomOf(file: string): string | undefined {
  return Object.keys(ROOMS)
    .filter((room) => within(file, room))
    .sort((a, b) => b.length - a.length)[0];
}

/** What is wrong with an import, `undefined` if nothing is. */
function wrong({ file, line, target, isType }: Import): string | undefined {
  const from = roomOf(file);
  const room = from === undefined ? undefined : ROOMS[from];
  if (from === undefined || room === undefined) return undefined;
  const complain = (why: string) => `${file}:${line}: ${from} must not import ${target}: ${why}`;
  if (within(target, from)) return undefined;
  if (target.startsWith('node:')) return room.node ? undefined : complain(room.why);
  if (EDGES.includes(from) && EDGES.some((edge) => edge !== from && within(target, edge)))
    return complain('no edge imports another');
  if (room.imports.some((allowed) => within(target, allowed))) return undefined;
  if (isType && room.types?.some((allowed) => within(target, allowed))) return undefined;
  return complain(room.why);
}

const files = sourceFiles();

test('every source file lies in a room, in scripts or in test', () => {
  const homeless = files.filter((file) => roomOf(file) === undefined && !/^(scripts|test)\//.test(file));
  expect(homeless.filter((file) => !file.endsWith('.d.ts'))).toEqual([]);
});

test('no arrow runs the wrong way', () => {
  const imports = files.flatMap(importsOf);
  expect(imports.length).toBeGreaterThan(300);
  expect(imports.map(wrong).filter((complaint) => complaint !== undefined)).toEqual([]);
});

describe('the rule itself', () => {
  test.each([
    ['server/src/store/store.ts', 'server/src/emulator/index.ts', false],
    ['server/src/run/run.ts', 'node:fs', false],
    ['server/src/features/hover.ts', 'vscode-languageserver', false],
    ['grammar/src/parser.ts', 'server/src/scenario/index.ts', false],
    ['server/src/report/text.ts', 'server/src/features/analysis.ts', false],
    ['server/src/lsp/main.ts', 'server/src/cli/output.ts', false],
    ['client/webview/page-states/app.tsx', 'server/src/features/panel-model.ts', false],
    ['server/src/cli/main.ts', 'node:fs', true],
    ['server/src/run/run.ts', 'server/src/store/index.ts', true],
  ])('%s -> %s', (file, target, allowed) => {
    expect(wrong({ file, line: 1, target, isType: false }) === undefined).toBe(allowed);
  });

  test('says which arrow and why', () => {
    expect(wrong({ file: 'server/src/run/run.ts', line: 3, target: 'node:fs', isType: false })).toBe(
      `server/src/run/run.ts:3: server/src/run must not import node:fs: ${BELOW}`,
    );
  });
});
