// The command line from outside: what it prints where, and its exit status.
// Each case starts a process, which takes a third of a second and more on a busy machine.
import * as fs from 'node:fs';
import * as path from 'node:path';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { MAX_FILE_BYTES } from '../../server/src/edge/files.ts';
import { cocoscn, folderWith, shell } from './process.ts';

vi.setConfig({ testTimeout: 60_000 });

const MEGABYTES = MAX_FILE_BYTES / 1024 / 1024;
const GOOD = `scenario "one page"
model "rmm/1.0"
RMI_GRANULE_DELEGATE(0x8800_0000)
expect granule(0x8800_0000) is DELEGATED
`;
const BAD = `scenario "twice"
model "rmm/1.0"
RMI_GRANULE_DELEGATE(0x8800_0000)
RMI_GRANULE_DELEGATE(0x8800_0000)
`;
const folder = folderWith({
  'good.cocoscn': GOOD,
  'bad.cocoscn': BAD,
  'sub/good.cocoscn': GOOD,
  'wrong.cocoscn': 'scenario "wrong"\nRMI_GRANULE_DELAGATE(0)\n',
  'binary.cocoscn': Uint8Array.from([0x7f, 0x45, 0x4c, 0x46, 0, 1, 2]),
  'latin1.cocoscn': Uint8Array.from([0x2f, 0x2f, 0x20, 0xe9, 0x0a]),
  'big.cocoscn': `// ${'x'.repeat(50 * 1024 * 1024)}\n`,
});
const run = (...args: string[]) => cocoscn(args, { cwd: folder });
afterAll(() => fs.rmSync(folder, { recursive: true }));

describe('run', () => {
  test('prints the trace, the verdict and nothing else', () => {
    expect(run('run', 'good.cocoscn')).toEqual({
      status: 0,
      stderr: '',
      stdout: `one page
good.cocoscn, model rmm/1.0

   1    3  RMI_GRANULE_DELEGATE(0x8800_0000) = RMI_SUCCESS
             GPT 0x8800_0000: NS -> REALM
             granule 0x8800_0000: UNDELEGATED -> DELEGATED
        4  expect granule(0x8800_0000) is DELEGATED

1 step, all expectations hold
`,
    });
  });

  test('ends with 1 and the problems when something does not hold', () => {
    const { status, stdout } = run('run', 'bad.cocoscn');
    expect(status).toBe(1);
    expect(stdout).toContain(
      `   2    4  RMI_GRANULE_DELEGATE(0x8800_0000) = RMI_ERROR_INPUT
             because gran_state requires that granule addr is UNDELEGATED; granule 0x8800_0000 is DELEGATED since step 1 (line 3)
             error CCS301: RMI_GRANULE_DELEGATE returned RMI_ERROR_INPUT

bad.cocoscn:4:22: error CCS301: RMI_GRANULE_DELEGATE returned RMI_ERROR_INPUT
  expected: success
  actual:   RMI_ERROR_INPUT
  because:  gran_state requires that granule addr is UNDELEGATED; granule 0x8800_0000 is DELEGATED since step 1 (line 3)
2 steps, 1 problem
`,
    );
  });

  test('takes several files, and standard input', () => {
    const both = cocoscn(['run', 'good.cocoscn', '-'], { cwd: folder, input: BAD });
    expect(both.status).toBe(1);
    expect(both.stdout).toContain('1 step, all expectations hold\n\ntwice\n<stdin>, model rmm/1.0\n');
    expect(both.stdout).toContain('<stdin>:4:22: error CCS301');
  });

  test('names all models and the platform that a scenario is run with', () => {
    const input = 'scenario "both"\nmodel "linux/cca-v9", "rmm/1.0"\nplatform cca\nm := mmap_anon(4K)\n';
    expect(cocoscn(['run', '-'], { cwd: folder, input }).stdout).toContain(
      'both\n<stdin>, model linux/cca-v9, rmm/1.0, platform cca\n\n',
    );
    const [file] = JSON.parse(cocoscn(['run', '--format', 'json', '-'], { cwd: folder, input }).stdout).files;
    expect(file).toMatchObject({ model: 'rmm/1.0', models: ['linux/cca-v9', 'rmm/1.0'], platforms: ['cca'] });
  });

  test('prints JSON, version 1', () => {
    const { status, stdout } = run('run', '--format', 'json', 'bad.cocoscn', 'sub/good.cocoscn');
    expect(status).toBe(1);
    const { version, command, files } = JSON.parse(stdout);
    expect({ version, command, files: files.length }).toEqual({ version: 1, command: 'run', files: 2 });
    expect(files[1]).toEqual({
      file: 'sub/good.cocoscn',
      title: 'one page',
      description: '',
      model: 'rmm/1.0',
      models: ['rmm/1.0'],
      platforms: [],
      trace: [
        {
          kind: 'step',
          step: 1,
          file: 'sub/good.cocoscn',
          line: 3,
          text: 'RMI_GRANULE_DELEGATE(0x8800_0000)',
          result: 'RMI_SUCCESS',
          outputs: {},
          changes: [
            { field: 'GPT', at: 0x8800_0000, before: 'NS', after: 'REALM', count: 1 },
            { field: 'granule', at: 0x8800_0000, before: 'UNDELEGATED', after: 'DELEGATED', count: 1 },
          ],
          problems: [],
        },
        {
          kind: 'expect',
          file: 'sub/good.cocoscn',
          line: 4,
          text: 'expect granule(0x8800_0000) is DELEGATED',
          outputs: {},
          changes: [],
          problems: [],
        },
      ],
      steps: 1,
      ok: true,
      problems: [],
    });
    expect(files[0].problems[0]).toMatchObject({ code: 'CCS301', line: 4, column: 22, endLine: 4, endColumn: 33 });
  });
});

describe('check', () => {
  test('is silent about a scenario that holds', () => {
    expect(run('check', 'good.cocoscn')).toEqual({ status: 0, stdout: '', stderr: '' });
  });

  test('prints problems as a compiler does, with the folder as it was written', () => {
    const { status, stdout, stderr } = run('check', './wrong.cocoscn', 'sub/../bad.cocoscn');
    expect({ status, stderr }).toEqual({ status: 1, stderr: '' });
    expect(
      stdout,
    ).toBe(`./wrong.cocoscn:2:1: error CCS200: no operation is called RMI_GRANULE_DELAGATE; did you mean RMI_GRANULE_DELEGATE or RMI_GRANULE_UNDELEGATE?
sub/../bad.cocoscn:4:22: error CCS301: RMI_GRANULE_DELEGATE returned RMI_ERROR_INPUT
  expected: success
  actual:   RMI_ERROR_INPUT
  because:  gran_state requires that granule addr is UNDELEGATED; granule 0x8800_0000 is DELEGATED since step 1 (line 3)
`);
  });

  test('prints JSON, version 1', () => {
    const { stdout } = run('check', '--format', 'json', 'good.cocoscn', 'wrong.cocoscn');
    expect(JSON.parse(stdout)).toMatchObject({
      version: 1,
      command: 'check',
      files: [
        { file: 'good.cocoscn', ok: true, problems: [] },
        { file: 'wrong.cocoscn', ok: false, problems: [{ code: 'CCS200', file: 'wrong.cocoscn', line: 2, column: 1 }] },
      ],
    });
  });
});

describe('files that cannot be read end with 2 and say which and why', () => {
  test('each of them', () => {
    const reasons = {
      'missing.cocoscn': 'does not exist',
      sub: 'is a folder, not a file',
      'good.cocoscn/x': 'has a file where a folder should be in its path',
      'binary.cocoscn': 'is a binary file, not a scenario: byte 4 is zero',
      'latin1.cocoscn': 'is not text in UTF-8',
      'big.cocoscn': `is longer than ${MEGABYTES} MB, the most that a scenario may have (it has 50 MB)`,
      '/dev/zero': `is longer than ${MEGABYTES} MB, the most that a scenario may have`,
      ['x'.repeat(300)]: 'has a name longer than the system allows',
    };
    const stderr = Object.entries(reasons).map(([file, reason]) => `cocoscn: ${file} ${reason}\n`);
    expect(run('check', ...Object.keys(reasons))).toEqual({ status: 2, stdout: '', stderr: stderr.join('') });
  });

  test('the other files are still run, and 2 wins over 1', () => {
    const { status, stdout, stderr } = run('run', 'missing.cocoscn', 'bad.cocoscn');
    expect({ status, stderr }).toEqual({ status: 2, stderr: 'cocoscn: missing.cocoscn does not exist\n' });
    expect(stdout).toContain('2 steps, 1 problem');
  });
});

describe('usage', () => {
  test.each([
    [['rnu', 'good.cocoscn'], "unknown command 'rnu'"],
    [['run'], "missing required argument 'file'"],
    [['check', '--format', 'xml', 'good.cocoscn'], "'xml' is invalid. Allowed choices are text, json."],
    [['check', '--colour', 'good.cocoscn'], "unknown option '--colour'"],
    [[], 'Usage: cocoscn'],
  ])('%j is bad usage: 2, told on standard error', (args, message) => {
    const { status, stdout, stderr } = run(...args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain(message);
  });

  test.each([
    [['--help'], 'Usage: cocoscn'],
    [['run', '--help'], 'Usage: cocoscn run'],
    [['check', '--help'], 'Usage: cocoscn check'],
  ])('%j prints help with the exit statuses', (args, usage) => {
    const { status, stdout, stderr } = run(...args);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain(usage);
    expect(stdout).toContain('2  bad usage, or a file that cannot be read');
  });

  test('--version prints the version of the package', () => {
    const manifest = JSON.parse(fs.readFileSync(path.join(import.meta.dirname, '../../package.json'), 'utf8'));
    expect(run('--version')).toEqual({ status: 0, stdout: `${manifest.version}\n`, stderr: '' });
  });
});

describe('explain', () => {
  test.each([
    ['RMI_DATA_CREATE', 'Conditions, in the order they are tested'],
    ['granule', 'The state of a granule.'],
    ['CCS301', 'How to mend it'],
    ['RMI_ERROR_RTT', 'RMI_RTT_DESTROY'],
    ['rtt_walk', 'RMI_DATA_DESTROY'],
  ])('%s', (name, text) => {
    const { status, stdout, stderr } = run('explain', name);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain(text);
  });

  test('a name that nothing has ends with 2 and the nearest names', () => {
    const { status, stderr } = run('explain', 'RMI_DATA_CRAETE');
    expect(status).toBe(2);
    expect(stderr).toContain('cocoscn: nothing is called RMI_DATA_CRAETE; did you mean RMI_DATA_CREATE');
  });

  test('a condition that several operations have is offered once', () => {
    const { stderr } = run('explain', 'dst_state');
    expect(stderr).toMatch(/^cocoscn: nothing is called dst_state; did you mean data_state or rtt_state\b/);
  });
});

describe('a terminal and a pipe', () => {
  test('there are no colours in a pipe', () => {
    const { stdout } = run('run', 'bad.cocoscn');
    expect(stdout).toContain('twice');
    expect(stdout).not.toContain('\x1b');
  });

  test.runIf(fs.existsSync('/usr/bin/script'))('there are colours on a terminal, and none with NO_COLOR', () => {
    const coloured = shell(`script -qec 'cocoscn run bad.cocoscn' /dev/null`, folder);
    expect(coloured.stdout).toContain('\x1b[1mtwice');
    const plain = shell(`NO_COLOR=1 script -qec 'cocoscn run bad.cocoscn' /dev/null`, folder);
    expect(plain.stdout).toContain('twice');
    expect(plain.stdout).not.toContain('\x1b[');
  });

  test('a reader that goes ends the run quietly', () => {
    const long = `scenario "long"\nfor i in 0 .. 20000 {\nRMI_VERSION(0x1_0000)\n}\n`;
    fs.writeFileSync(path.join(folder, 'long.cocoscn'), long);
    const { stdout, stderr } = shell('cocoscn run long.cocoscn | head -1', folder);
    expect({ stdout, stderr }).toEqual({ stdout: 'long\n', stderr: '' });
  });
});

test('every field of the JSON is documented', () => {
  const documented = fs.readFileSync(path.join(import.meta.dirname, '../../docs/command-line.md'), 'utf8');
  const fields = new Set<string>();
  const collect = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    for (const [name, inner] of Object.entries(value)) {
      if (!Array.isArray(value)) fields.add(name);
      if (name !== 'outputs') collect(inner);
    }
  };
  collect(JSON.parse(run('run', '--format', 'json', 'bad.cocoscn', 'good.cocoscn').stdout));
  expect(fields.size).toBeGreaterThan(25);
  expect([...fields].filter((field) => !documented.includes(`\`${field}\``))).toEqual([]);
});
