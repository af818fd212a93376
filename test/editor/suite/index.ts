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
  const failed = await new Promise<number>((resolve) => {
    const runner = mocha.run((failures) => {
      const passed = runner.stats?.passes ?? 0;
      fs.mkdirSync(path.dirname(resultFile), { recursive: true });
      fs.writeFileSync(resultFile, JSON.stringify({ passed, failed: failures }));
      resolve(failures);
    });
  });
  if (failed > 0) throw new Error(`${failed} tests failed`);
}
