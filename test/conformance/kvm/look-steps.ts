// Steps that look at state, and states that other steps expect: all of them become `expect`.

import { nodeMask } from './host-steps.ts';
import { fdOf, pageOf } from './places.ts';
import { isObject, type Json } from './scenario-file.ts';
import { vmOf, type Writes } from './vm-steps.ts';
import { number, type Wanted, type Writer } from './writer.ts';

/** Parts of a folio's reference count, by the word of the case. */
const REFERENCES: Readonly<Record<string, string>> = {
  pagecache: 'pagecache_refs',
  pte: 'mapcount',
  get: 'get_refs',
  pin: 'pincount',
  pins: 'pincount',
  lru_batch: 'lru_batch',
  kvm_mapping: 'kvm_refs',
  ptes: 'mapcount',
  gets: 'get_refs',
  total: 'refcount',
};

/** All pages of the guest_memfd of a step. */
const wholeFile = (writer: Writer, step: Wanted) => {
  const name = fdOf(writer, step);
  return `${name}[0 +: ${number(writer.gmems.get(name)?.size ?? writer.pageSize)}]`;
};

type State = (writer: Writer, step: Wanted, value: Json) => void;

const is = (writer: Writer, subject: string, holds: Json, [yes, no]: readonly [string, string] = ['yes', 'no']) =>
  writer.line(`expect ${subject} is ${holds === true ? yes : no}`);

/** `garbage` and `ciphertext`: nothing that the host could rely on. */
const CONTENTS: Readonly<Record<string, string>> = {
  zero: 'zero',
  garbage: 'undefined',
  destroyed: 'zero | undefined',
};

const LEVELS: Readonly<Record<string, number>> = { '4K': 3, '2M': 2, '1G': 1 };

const STATES: Readonly<Record<string, State>> = {
  folios: (writer, step, value) => writer.line(`expect folios(${fdOf(writer, step)}) == ${number(value)}`),
  attrs(writer, step, value) {
    const ofVm = `${vmOf(writer, step)}, ${step.unsigned('gpa')} +: ${step.unsigned('size')}`;
    writer.line(
      `expect attr(${step.has('gpa') ? ofVm : wholeFile(writer, step)}) is ${String(value).replace(/^all /, '')}`,
    );
  },
  host_ptes(writer, step, value) {
    if (value === 0) return writer.line(`expect mapped(${wholeFile(writer, step)}) is no`);
    const pages = Math.ceil((writer.gmems.get(fdOf(writer, step))?.size ?? 0) / writer.pageSize);
    const counts = Array.from({ length: pages }, (_, index) => `mapcount(${pageOf(writer, step, index)})`);
    writer.line(`expect ${counts.join(' + ')} == ${number(value)}`);
  },
  mapped(writer, step, value) {
    if (step.has('gpa'))
      is(writer, `stage2(${vmOf(writer, step)}, ${step.number('gpa')})`, value, ['mapped', 'unmapped']);
    else writer.lacks('view for what a fault left behind');
  },
  uptodate: (writer, step, value) => is(writer, `uptodate(${pageOf(writer, step)})`, value),
  contents(writer, step, value) {
    const state = CONTENTS[String(value)];
    if (state === undefined) writer.lacks(`view for contents ${String(value)}`);
    else writer.line(`expect contents(${pageOf(writer, step)}) is ${state}`);
  },
  served_from(writer, step, value) {
    const gpa = step.value('gpa');
    const slot = [...writer.slots.values()].findLast(
      ({ vm, base, size }) => vm === vmOfGuest(writer, step) && gpa >= base && gpa < base + size,
    );
    if (slot === undefined) return writer.lacks('slot that serves the access');
    const within = gpa - slot.base;
    const memory = `mapped(${slot.memory}[${number(within + slot.memoryOffset)}])`;
    if (slot.memory !== undefined) is(writer, memory, value === 'anon');
    is(writer, `allocated(${slot.gmem}[${number(within + slot.offset)}])`, value !== 'anon');
  },
  extra_refs(writer, step, value) {
    if (value === 0) writer.line(`expect leaked(${fdOf(writer, step)}[0]) is no`);
    else writer.lacks('view for extra references');
  },
  host: (writer, _, value) => is(writer, 'host()', String(value).startsWith('alive'), ['alive', 'crashed']),
  // Work can be saved while the host runs.
  user_could_save_work: (writer, _, value) => is(writer, 'host()', value, ['alive', 'crashed']),
  round_trips: (writer, _, value) => writer.line(`expect populate_round_trips() == ${number(value)}`),
  extra_pages: (writer, _, value) => writer.line(`expect populate_extra_pages() == ${number(value)}`),
  copies_per_page: (writer, _, value) => writer.line(`expect populate_copies() == ${number(value)}`),
  // The copies are steps of the case itself.
  copies: (writer, _, value) =>
    value === writer.copies ? undefined : writer.lacks(`view for ${String(value)} copies`),
  leaked_pages: (writer, _, value) => writer.line(`expect leaked_pages() == ${number(value)}`),
  warnings: (writer, _, value) => writer.line(`expect warnings() == ${number(value)}`),
  allocated: (writer, step, value) => is(writer, `allocated(${pageOf(writer, step)})`, value),
  hwpoison: (writer, step, value) => is(writer, `hwpoison(${pageOf(writer, step)})`, value),
  order: (writer, step, value) => writer.line(`expect folio_order(${pageOf(writer, step)}) == ${number(value)}`),
  refcount: (writer, step, value) => writer.line(`expect refcount(${pageOf(writer, step)}) == ${number(value)}`),
  // Written as an output of the step itself.
  written_before_fault: () => undefined,
};

const vmOfGuest = (writer: Writer, { step }: Wanted) =>
  writer.vcpus.get(step.actor.split(':')[1] ?? '') ?? writer.lastVm;

/** Steps whose states the runner looks at itself. */
const ASKED_LATER: ReadonlySet<string> = new Set(['page_state', 'finish_fault']);

/** The states that a step expects. */
export function writeStates(writer: Writer, step: Wanted): void {
  for (const [key, value] of Object.entries(step.expectation.state ?? {})) {
    const [, slot, what] = /^slot(\d+)\.(GMEM_ONLY|gmem)$/.exec(key) ?? [];
    const same = /^ino\((\w+)\)\s*([=!]=)\s*ino\((\w+)\)$/.exec(key);
    const half = /^(shared|private)\(([^)]+)\)$/.exec(key);
    if (ASKED_LATER.has(step.step.op)) continue;
    const state = STATES[key];
    if (state) state(writer, step, value);
    else if (what === 'GMEM_ONLY') is(writer, `gmem_only(${vmOf(writer, step)}, ${slot})`, value);
    else if (what === 'gmem') is(writer, `slot_gmem(${vmOf(writer, step)}, ${slot})`, value !== null);
    else if (same)
      writer.line(`expect ino(${same[1]}) ${(value === true) === (same[2] === '==') ? '==' : '!='} ino(${same[3]})`);
    else if (half) is(writer, stage2Half(writer, step, half[1], half[2]), value, ['mapped', 'unmapped']);
    else writer.lacks(`view for state ${key}`);
  }
}

/** A half of the second stage at an address in words: `shared(G4)`, `private(G4+P)`, where P is a page and Gn are n gigabytes. */
function stage2Half(writer: Writer, step: Wanted, half = '', address = ''): string {
  const terms = address.split('+').map((term) => {
    const [, times = '1', unit = '', gigabytes = '0'] = /^(\d*)(P|G(\d+))?$/.exec(term.trim()) ?? [];
    if (unit === '') return Number(times);
    return Number(times || 1) * (unit === 'P' ? writer.pageSize : Number(gigabytes) * 2 ** 30);
  });
  const gpa = number(terms.reduce((sum, term) => sum + term, 0));
  return `stage2(${vmOf(writer, step)}, ${gpa}, ${half === 'private' ? 2 : 1})`;
}

/** A view whose answer is a number. */
const counted =
  (view: string, place: (writer: Writer, step: Wanted) => string): Writes =>
  (writer, step) => {
    const { value } = step.expectation;
    if (value !== undefined) writer.line(`expect ${view}(${place(writer, step)}) == ${number(value)}`);
  };

/** A check whose states stand in the expectation. */
const states: Writes = () => undefined;

const SHARING: Readonly<Record<string, string>> = { ALL: 'shared', GUEST: 'private' };

export const LOOK_STEPS: Readonly<Record<string, Writes>> = {
  folio: states,
  stage2: states,
  folios: counted('folios', fdOf),
  folio_order: counted('folio_order', (writer, step) => pageOf(writer, step)),
  kvm_core_writes: counted('kvm_core_writes', () => ''),
  leaked_pages: counted('leaked_pages', () => ''),
  attr_ranges(writer, step) {
    const { value } = step.expectation;
    if (!Array.isArray(value)) return;
    const fd = fdOf(writer, step);
    writer.line(`expect attr_ranges(${fd}) == ${value.length}`);
    for (const [first, last, state] of value as readonly (readonly Json[])[]) {
      const from = Number(first) * writer.pageSize;
      const length = (Number(last) + 1) * writer.pageSize - from;
      writer.line(`expect attr(${fd}[${number(from)} +: ${number(length)}]) is ${String(state)}`);
    }
  },
  shareability(writer, step) {
    const [first, last] = step.list('range');
    const from = Number(first) * writer.pageSize;
    const length = (Number(last) + 1) * writer.pageSize - from;
    const state = SHARING[String(step.expectation.value)] ?? String(step.expectation.value);
    writer.line(`expect attr(${fdOf(writer, step)}[${number(from)} +: ${number(length)}]) is ${state}`);
  },
  refs(writer, step) {
    const { value } = step.expectation;
    for (const [part, count] of Object.entries(isObject(value) ? value : {})) {
      const view = REFERENCES[part];
      if (view === undefined) writer.lacks(`view for references of kind ${part}`);
      else writer.line(`expect ${view}(${pageOf(writer, step)}) == ${number(count)}`);
    }
  },
  get_mempolicy(writer, step) {
    const { value } = step.expectation;
    if (!isObject(value)) return;
    const place = `${step.string('map')}[${step.number('offset')}]`;
    if (value.mode !== undefined) writer.line(`expect policy(${place}) is MPOL_${String(value.mode)}`);
    if (Array.isArray(value.nodes)) writer.line(`expect policy_nodes(${place}) == ${nodeMask(value.nodes)}`);
  },
  query_nodes(writer, step) {
    const { value } = step.expectation;
    for (const [i, node] of (Array.isArray(value) ? value : []).entries()) {
      writer.line(`expect node(${step.string('map')}[${number(i * writer.pageSize)}]) == ${number(node)}`);
    }
  },
  folio_private(writer, step) {
    const { value } = step.expectation;
    if (value !== undefined)
      is(writer, `folio_private(${pageOf(writer, step)})`, value !== false && value !== null && value !== 0);
  },
  ripas(writer, step) {
    writer.line(`expect ripas(${vmOf(writer, step)}, ${step.number('ipa')}) is ${String(step.expectation.value)}`);
  },
  rtt_level(writer, step) {
    const level = LEVELS[String(step.expectation.value)] ?? 0;
    writer.line(`expect rtt_level(${writer.lastVm}, ${step.number('ipa')}) == ${level}`);
  },
  // Whose page it is now is asked at the end of the run, when its address is known.
  page_state: states,
  // Whether an invalidation ended since an earlier step shows in the log of the run.
  seq_moved: () => undefined,
};
