// Transcripts of kernel calls: what stands behind each line in the .txt files beside must come out. UPDATE=1 rewrites them.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { kernel, kernelTranscript } from './kernel-script.ts';

const here = dirname(fileURLToPath(import.meta.url));
const update = process.env.UPDATE === '1';

/** `# title | linux/6.18 | key=value …` begins a transcript. */
interface Transcript {
  readonly header: string;
  readonly title: string;
  readonly profile: string;
  readonly options: Readonly<Record<string, string>>;
  readonly text: string;
}

function transcriptsOf(text: string): Transcript[] {
  return text
    .split(/^(?=# )/m)
    .filter((part) => part.startsWith('# '))
    .map((part) => {
      const [header = '', ...lines] = part.split('\n');
      const [title = '', profile = '', options = ''] = header.slice(2).split(' | ');
      const pairs = options.split(' ').filter((pair) => pair !== '');
      return {
        header,
        title,
        profile,
        options: Object.fromEntries(pairs.map((pair) => pair.split('='))),
        text: lines.join('\n'),
      };
    });
}

function run({ profile, options, text }: Transcript): string {
  const arch = options.arch === 'arm64' ? 'arm64' : 'x86';
  const page = Number(options.page ?? 4096);
  return kernelTranscript(
    kernel(profile, { arch, pageSize: page, nodes: Number(options.nodes ?? 1) }, Number(options.mib ?? 64)),
    text,
  );
}

for (const folder of ['linux', 'guest-memfd', 'kvm']) {
  const files = readdirSync(join(here, folder)).filter((name) => name.endsWith('.txt'));
  describe.each(files)(`${folder}/%s`, (name) => {
    const path = join(here, folder, name);
    const transcripts = transcriptsOf(readFileSync(path, 'utf8'));
    if (update) writeFileSync(path, transcripts.map((one) => `${one.header}\n${run(one)}`).join(''));
    test.each(transcripts)('$title', (transcript) => {
      expect(run(transcript)).toBe(update ? run(transcript) : transcript.text);
    });
  });
}
