// What panels are told is kept from stop to stop as far as nothing was written: it must be what a first look would tell. Takes
// some seconds: every look is compared with one that keeps nothing, in samples of the kernel gone through in both directions.
import * as fs from 'node:fs';
import * as path from 'node:path';
import { expect, test } from 'vitest';
import { analyse } from '../../server/src/features/analysis.ts';
import { MomentSource } from '../../server/src/features/moment.ts';
import { Breakpoints, Stepper } from '../../server/src/run/index.ts';

const SAMPLES = path.join(import.meta.dirname, '../../samples');
/** Looks at a sample. */
const LOOKS = 60;

const samples = fs.readdirSync(SAMPLES).filter((name) => /^(30|3[1-9]|4\d)-.*\.cocoscn$/.test(name));

test.each(samples)('%s', { timeout: 30_000 }, (name) => {
  const folder = path.join(SAMPLES, name);
  const { run } = analyse(name, fs.readFileSync(folder, 'utf8'), (file) => ({
    text: fs.readFileSync(path.join(SAMPLES, file), 'utf8'),
  }));
  const stepper = new Stepper(run, (timeline) => new Breakpoints(timeline));
  stepper.stopOnFailure = false;
  const source = () => new MomentSource(stepper, { session: 'test', pathOf: (file) => file.path });
  const kept = source();
  stepper.start(false);
  const last = run.log.lastStep;
  const told = (one: MomentSource) => ({ moment: one.moment(1), runs: one.runs(1, { from: 0, count: 500 }, '') });
  // Large folios make a first look slow: fewer of them tell as much.
  const looks = name.startsWith('34') ? 12 : LOOKS;
  for (let i = 0; i < looks; i++) {
    // A jump, and some steps forwards or back from there.
    const isJump = i % 4 === 0;
    stepper.gotoStep(isJump ? (i * 7919) % (last + 1) : Math.max(0, run.step + (i % 8 < 4 ? 1 : -1)));
    expect(told(kept), `step ${run.step}`).toEqual(told(source()));
  }
});
