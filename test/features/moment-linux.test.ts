// What the panel is told of a scenario with the kernel in it: files, mappings, folios, guests, and one page in all its places.
import * as path from 'node:path';
import { expect, test } from 'vitest';
import { analyse } from '../../server/src/features/analysis.ts';
import { MomentSource } from '../../server/src/features/moment.ts';
import type { Change, Moment, Place, Places, Strip } from '../../server/src/features/panel-model.ts';
import { Breakpoints, Stepper } from '../../server/src/run/index.ts';
import { expectGolden } from '../golden.ts';
import { leaked, pinned, populated, punched } from './kernel-scenarios.ts';

interface Opened {
  readonly stepper: Stepper;
  readonly source: MomentSource;
}

function scenario(text: string): Opened {
  const { run, program } = analyse('a.cocoscn', text, () => ({ problem: 'none' }));
  expect(program.problems).toEqual([]);
  const stepper = new Stepper(run, (timeline) => new Breakpoints(timeline));
  stepper.start(true);
  return { stepper, source: new MomentSource(stepper, { session: 'test', pathOf: (file) => file.path }) };
}

/** Goes to the end of the run. */
function endOf({ stepper }: Opened): void {
  while (!stepper.ended) stepper.continue();
}

/** The first step at or after `from` whose moment holds. */
function find({ stepper, source }: Opened, holds: (moment: Moment) => boolean, from = 1): Moment {
  for (let n = from; ; n++) {
    stepper.gotoStep(n);
    const moment = source.moment(n);
    if (holds(moment)) return moment;
    if (moment.step.n < n) throw new Error('no step is like that');
  }
}

const stripText = ({ title, about, cells, more, folios = [], moreFolios = 0 }: Strip) =>
  [
    `  ${title}: ${about ?? ''}`,
    `    ${cells
      .map(
        ({ text, at, state, detail, mark, count }) =>
          `${text ?? at.toString(16)} ${state.text} (${state.family}${detail ? `; ${detail}` : ''})${count > 1 ? ` x${count}` : ''}${mark ? ` ${mark}` : ''}`,
      )
      .join(' | ')}${more > 0 ? ` and ${more} more` : ''}`,
    ...folios.map(
      ({ at, count, pfn, size, refcount, pins, flags }) =>
        `    ${at / 1024}K x${count}: ${pfn}, ${size}, ${refcount}, pins ${pins}${flags.map((flag) => `, ${flag}`).join('')}`,
    ),
    ...(moreFolios > 0 ? [`    and ${moreFolios} more folios`] : []),
  ].join('\n');

const changeText = ({ text, field, before, after, place }: Change) =>
  `  ${field} ${text}: ${before.text} -> ${after.text}${place ? ` [${place.kind} ${place.object}]` : ''}`;

function momentText({ step, changes, totals, strips, focus }: Moment): string {
  return [
    `${step.n} ${step.actor}: ${step.call} = ${step.result}`,
    ...changes.map(changeText),
    `  pages: ${Object.entries(totals)
      .filter(([, count]) => count !== 0)
      .map(([family, count]) => `${count} ${family}`)
      .join(', ')}`,
    ...strips.map(stripText),
    ...(focus ? [`  focus ${focus.kind} ${focus.object} ${focus.at}`] : []),
  ].join('\n');
}

const placesText = ({ title, state, frame, host, guest, access }: Places) =>
  [
    `${title} ${state.text} (${state.family})`,
    ...frame.map(([name, value]) => `  ${name}: ${value}`),
    ...host.map((door) => `  host | ${door.title}: ${door.text} [${door.wire}]`),
    ...guest.map((door) => `  guest | ${door.title}: ${door.text} [${door.wire}]`),
    ...access.map(({ who, outcome, ok }) => `  ${who}: ${outcome}${ok ? '' : ' !'}`),
  ].join('\n');

const runsText = ({ source }: Opened, filter = '') => {
  const { columns, rows, total, pages } = source.runs(1, { from: 0, count: 50 }, filter);
  return [
    `${total} runs, ${pages} pages: ${columns.join(' | ')}`,
    ...rows.map((row) => `  ${[row.text, row.count, row.state.text, ...row.columns].join(' | ')}`),
  ].join('\n');
};

const golden = (name: string, text: string) =>
  expectGolden(path.join(import.meta.dirname, 'golden', `kernel-${name}.txt`), `${text}\n`);

const page = (kind: Place['kind'], object: string, at: number): Place => ({ kind, object, at });

test('an in-place conversion meets a pin', () => {
  const opened = scenario(pinned);
  const told: string[] = [];
  const tell = (moment: Moment) =>
    told.push(momentText(moment), runsText(opened), placesText(opened.source.places(1, page('gmem', 'gm', 8192))), '');
  tell(find(opened, ({ step }) => step.call.startsWith('gup(')));
  tell(find(opened, ({ step }) => step.call.startsWith('unmap_host(')));
  endOf(opened);
  tell(find(opened, ({ step }) => step.call.startsWith('attr_store(')));
  golden('pinned', told.join('\n'));
});

test('a hole is punched below a mapping and a pin', () => {
  const opened = scenario(punched);
  const told: string[] = [];
  let last = '';
  for (let n = 1; ; n++) {
    opened.stepper.gotoStep(n);
    const moment = opened.source.moment(n);
    if (moment.step.n < n) break;
    const pages = JSON.stringify([moment.totals, moment.strips.map(({ cells }) => cells.map(({ state }) => state))]);
    if (pages !== last && moment.changes.length > 0) told.push(momentText(moment), runsText(opened), '');
    last = pages;
    if (opened.stepper.ended) break;
  }
  golden('punched', told.join('\n'));
});

test('a leaked page is leaked in every view of it, also when its file has let it go', () => {
  const opened = scenario(leaked);
  const during = find(opened, ({ totals }) => totals.leaked > 0);
  const text = momentText(during);
  endOf(opened);
  golden(
    'leaked',
    [text, momentText(opened.source.moment(1)), runsText(opened), runsText(opened, 'leaked')].join('\n'),
  );
});

test('a realm: granules, tables and both halves of its address space', () => {
  const opened = scenario(populated);
  endOf(opened);
  const places = ['gm', 'src'].map((object) => page(object === 'gm' ? 'gmem' : 'mapping', object, 0));
  const told = places.map((place) => placesText(opened.source.places(1, place)));
  golden('populated', [momentText(opened.source.moment(1)), runsText(opened), ...told].join('\n'));
});

test('a page is the same by its offset, its mapping, its frame and its guest address', () => {
  const opened = scenario(pinned);
  find(opened, ({ step }) => step.call.startsWith('gup('));
  const told = [
    page('gmem', 'gm', 8192),
    page('mapping', 'm', 8192),
    page('frame', 'granules', 0x9000_2000),
    page('gpa', 'vm', 0x1_0000_2000),
  ].map((place) => placesText(opened.source.places(1, place)));
  expect(new Set(told).size).toBe(1);
  expect(opened.source.places(1, page('mapping', 'm', 8192)).everywhere).toEqual([
    page('gmem', 'gm', 8192),
    page('mapping', 'm', 8192),
    page('frame', 'granules', 0x9000_2000),
  ]);
});

test('16,384 pages are told within a frame', () => {
  const opened = scenario(`scenario "many"
model "linux/inplace-v8"
platform sw-protected
vm := KVM_CREATE_VM(KVM_X86_SW_PROTECTED_VM)
gm := KVM_CREATE_GUEST_MEMFD(vm, 64M, GUEST_MEMFD_FLAG_MMAP | GUEST_MEMFD_FLAG_INIT_SHARED)
m  := mmap(gm, 0 +: 64M, PROT_READ | PROT_WRITE, MAP_SHARED)
KVM_SET_USER_MEMORY_REGION2(vm, slot=0, gpa=0x1_0000_0000, size=64M, gmem=gm[0])
memset(m[0 +: 64M], 0x5a)
KVM_SET_MEMORY_ATTRIBUTES2(gm, 4M +: 4K, KVM_MEMORY_ATTRIBUTE_PRIVATE)
`);
  endOf(opened);
  const { source } = opened;
  const times = Array.from({ length: 15 }, () => {
    const begin = performance.now();
    source.moment(1);
    return performance.now() - begin;
  }).sort((a, b) => a - b);
  const { strips, totals } = source.moment(1);
  expect(totals).toMatchObject({ shared: 16_383, private: 1 });
  expect(strips.reduce((sum, { cells }) => sum + cells.length, 0)).toBeLessThan(10);
  // Ten times the budget: the machine that runs tests may be busy with other things.
  expect(times[7]).toBeLessThan(160);
});

test('a dead host is the reason why a call is refused, whatever the call would have met', () => {
  const opened = scenario(`scenario "dead"
model "linux/cca-v9", "rmm/1.0"
platform cca
lost := alloc_page()
RMI_GRANULE_DELEGATE(lost)
kernel_access(lost)        = host_crash
RMI_GRANULE_DELEGATE(lost) = host_crash
`);
  const { step, kept = [] } = find(
    opened,
    (moment) => moment.step.call.startsWith('RMI_GRANULE_DELEGATE') && moment.step.n > 3,
  );
  expect(step.why).toBe('refused: host_alive, as line 7 expects');
  expect(
    kept.map(({ field, text, after, since }) => `${field} ${text} stays ${after.text} since step ${since}`),
  ).toEqual(['kernel of the host stays crashed since step 3']);
});
