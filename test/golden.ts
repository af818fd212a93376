// Golden files: what a test printed once, read by a person, and must print again. `UPDATE=1` rewrites them.
import * as fs from 'node:fs';
import { expect } from 'vitest';

export function expectGolden(file: string, actual: string): void {
  if (process.env.UPDATE === '1') fs.writeFileSync(file, actual);
  const golden = fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : '';
  expect(actual, `${file} differs; UPDATE=1 rewrites it`).toBe(golden);
}
