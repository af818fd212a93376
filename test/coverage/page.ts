// docs/coverage.md: the rows of the seed list, each with what shows it. `rows.txt` beside says how they are written.
import * as fs from 'node:fs';
import * as path from 'node:path';

export const ROOT: string = path.join(import.meta.dirname, '../..');
const SCENARIOS = 'test/run/coverage';

/** Titles of the scenarios that were written for the table, with their files. */
export const scenarios: ReadonlyMap<string, string> = new Map(
  fs.readdirSync(path.join(ROOT, SCENARIOS)).flatMap((name) => {
    const file = `${SCENARIOS}/${name}`;
    const titles = fs.readFileSync(path.join(ROOT, file), 'utf8').matchAll(/`scenario "(.*)"/g);
    return [...titles].map(([, title = '']): [string, string] => [title, file]);
  }),
);

/** What shows a row: a sample, or a test by its file and title. */
export interface Proof {
  readonly file: string;
  readonly title?: string;
}

export interface Row {
  readonly number: string;
  readonly asks: string;
  readonly proofs: readonly Proof[];
  /** What is missing, where nothing shows the row. */
  readonly open?: string;
}

export interface Coverage {
  readonly rows: readonly Row[];
  /** The rows that are not looked at, as written. */
  readonly out: string;
}

const samples = fs.readdirSync(path.join(ROOT, 'samples'));

export function coverage(): Coverage {
  const lines = fs
    .readFileSync(path.join(import.meta.dirname, 'rows.txt'), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split(' | '));
  const rows = lines.filter(([number]) => number !== 'out').map(row);
  return { rows, out: lines.find(([number]) => number === 'out')?.[1] ?? '' };
}

function row([number = '', asks = '', shown = '']: readonly string[]): Row {
  if (shown.startsWith('open: ')) return { number, asks, proofs: [], open: shown.slice('open: '.length) };
  return { number, asks, proofs: shown.split('; ').map(proof) };
}

function proof(written: string): Proof {
  const [, file = '', title = ''] = /^(\S+) "(.+)"$/.exec(written) ?? [];
  if (title !== '') return { file: file === '~' ? (scenarios.get(title) ?? SCENARIOS) : file, title };
  return { file: `samples/${samples.find((name) => name.startsWith(`${written}-`)) ?? written}` };
}

/** Every number that a list such as `001.01 to 001.19, 001.31` names. */
export function numbersOf(list: string): string[] {
  return list.split(', ').flatMap((part) => {
    const [first = '', last = first] = part.split(' to ');
    const [group = '', from] = first.split('.');
    const length = Number(last.split('.')[1]) - Number(from) + 1;
    return Array.from({ length }, (_, i) => `${group}.${String(Number(from) + i).padStart(2, '0')}`);
  });
}

const proofText = ({ file, title }: Proof): string =>
  title === undefined
    ? `[${path.basename(file, '.cocoscn')}](../${file})`
    : `[${path.basename(file)}](../${file}): ${title}`;

/** The page. */
export function coveragePage(): string {
  const { rows, out } = coverage();
  const open = rows.filter((one) => one.open !== undefined).length;
  return [
    '<!-- Made by `npm run generate` from test/coverage/rows.txt; do not edit. -->',
    '',
    '# Coverage',
    '',
    'What the seed list asks about memory of Linux, KVM, guest_memfd and the CCA host, and the scenario or test that shows it.',
    `Of ${rows.length} rows ${rows.length - open} are shown and ${open} are open.`,
    '',
    '| row | asks | shown by |',
    '|---|---|---|',
    ...rows.map((one) => {
      const shown = one.open === undefined ? one.proofs.map(proofText).join('<br>') : `**open**: ${one.open}`;
      return `| ${one.number} | ${one.asks} | ${shown} |`;
    }),
    '',
    `Not looked at, as they are about SNP, TDX, pKVM, MTE or exclusive pins: ${out}.`,
    '',
  ].join('\n');
}
