// Every feature at many places of every sample, whole and cut off in the middle: none throws, and places lie in the text.
import * as fs from 'node:fs';
import * as path from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Analysis, analyse } from '../../server/src/features/analysis.ts';
import { codeActions } from '../../server/src/features/code-actions.ts';
import { completion } from '../../server/src/features/completion.ts';
import { definition, references } from '../../server/src/features/definition.ts';
import { diagnosticsOf } from '../../server/src/features/diagnostics.ts';
import { folds } from '../../server/src/features/folding.ts';
import { hover } from '../../server/src/features/hover.ts';
import { links } from '../../server/src/features/links.ts';
import { renamable } from '../../server/src/features/rename.ts';
import { signatureHelp } from '../../server/src/features/signature.ts';
import { ownSubject } from '../../server/src/features/subject.ts';
import { symbols } from '../../server/src/features/symbols.ts';

const folder = path.join(path.dirname(path.dirname(import.meta.dirname)), 'samples');
const samples = fs.readdirSync(folder).filter((name) => name.endsWith('.cocoscn'));

/** Statements that a run takes here: enough to pass through every kind of one. */
const MOMENTS = 500;

function read(name: string, text: string): Analysis {
  const analysis = analyse(name, text, (file) => {
    const found = path.join(folder, file);
    return fs.existsSync(found) ? { text: fs.readFileSync(found, 'utf8') } : { problem: 'there is no such file' };
  });
  analysis.run.advanceBy(MOMENTS);
  return analysis;
}

/** Asks everything at one place; the places of the answers. */
function askAt(analysis: Analysis, text: string, offset: number): number[] {
  const subject = ownSubject(analysis);
  const here = { start: offset, end: offset };
  const offered = completion(subject, text, offset);
  const shown = hover(subject, offset);
  const named = renamable(subject, offset);
  signatureHelp(subject, text, offset);
  definition(subject, offset);
  references(subject, offset);
  codeActions(subject, here);
  return [offered.start, shown?.span.start ?? 0, shown?.span.end ?? 0, named?.span.end ?? 0];
}

function askWhole(analysis: Analysis, text: string): void {
  const { tree, main } = analysis.program;
  symbols(tree, text);
  folds(tree, text);
  links(tree, main);
  diagnosticsOf(analysis, true);
}

describe('every feature answers everywhere', () => {
  // Some hundred places a sample, each with a dozen questions.
  test.each(samples)(
    '%s',
    (name) => {
      const text = fs.readFileSync(path.join(folder, name), 'utf8');
      const whole = read(name, text);
      askWhole(whole, text);
      for (let offset = 0; offset <= text.length; offset += 5) {
        for (const place of askAt(whole, text, offset)) expect(place).toBeLessThanOrEqual(text.length);
      }
      expect(whole.run.now).toBe(whole.run.reached);
      for (let end = 0; end <= text.length; end += 97) {
        const cut = text.slice(0, end);
        const analysis = read(name, cut);
        askWhole(analysis, cut);
        for (const place of askAt(analysis, cut, end)) expect(place).toBeLessThanOrEqual(end);
      }
    },
    30_000,
  );
});
