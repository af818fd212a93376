// The entry point of the suite in the extension host: runs every *.test file with mocha and writes what came out.

import * as fs from 'node:fs';
import * as path from 'node:path';
import Mocha from 'mocha';

/** The editor calls this; a rejection makes it exit with a failure. */
export async function run(): Promise<void> {
  const resultFile = process.env.COCOSCN_RESULT_FILE;
  if (resultFile === undefined) throw new Error('COCOSCN_RESULT_FILE is not set');
  const mocha = new Mocha({ ui: 'bdd', color: false, timeout: 30_000 });
  for (const file of fs.readdirSync(__dirname).filter((name) => name.endsWith('.test.cjs'))) {
    mocha.addFile(path.join(__dirname, file));
  }
  const lines: string[] = [];
  let passed = 0;
  const failed = await new Promise<number>((resolve) => {
    mocha
      .run(resolve)
      .on('pass', (test) => {
        passed += 1;
        lines.push(`  passed  ${test.fullTitle()} (${test.duration} ms)`);
      })
      .on('fail', (test, error: Error) => {
        lines.push(`  FAILED  ${test.fullTitle()}\n${error.stack ?? error.message}`);
      });
  });
  fs.mkdirSync(path.dirname(resultFile), { recursive: true });
  fs.writeFileSync(resultFile, JSON.stringify({ passed, failed, report: lines.join('\n') }));
  if (failed > 0) throw new Error(`${failed} tests failed`);
}
