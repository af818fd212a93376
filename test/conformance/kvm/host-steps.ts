// Steps of the VMM's own memory: mappings, loads and stores, pins, policies; and of the system below it.
import { fdOf, pageOf } from './places.ts';
import { vmOf, type Writes } from './vm-steps.ts';
import { isWord, number, type Wanted, type Writer } from './writer.ts';

/** The mapping that a step names, or the one made last. */
const mapOf = (writer: Writer, step: Wanted) => {
  const name = step.has('map') ? step.string('map') : writer.lastMap;
  return writer.maps.get(name)?.name ?? name;
};

/** The memory that the slot of that number got last, whichever VM has it. */
const memoryOfSlot = ({ memories }: Writer, slot: string) =>
  [...memories].findLast(([key]) => key.endsWith(` ${slot}`))?.[1];

/** The memory behind a slot. */
function slotMemory(writer: Writer, step: Wanted, slot: string = step.string('slot'), within: number = 0) {
  const memory = writer.memories.get(`${vmOf(writer, step)} ${slot}`) ?? memoryOfSlot(writer, slot);
  return { name: memory?.name ?? 'no_memory', at: (memory?.offset ?? 0) + step.value('offset') + within };
}

/** Loads: more than a byte by the byte that all of it consists of. */
function load(writer: Writer, step: Wanted, name: string, at: number): void {
  const length = step.has('len') ? step.value('len') : 1;
  const { value, signal } = step.expectation;
  const byte = typeof value === 'object' ? undefined : value;
  if (isWord(length, byte)) {
    const result = signal ?? (byte === undefined ? undefined : number(byte));
    const expected = result === undefined ? step.result() : ` = ${result}`;
    writer.line(`read(${name}[${number(at)}], ${length})${expected}`);
    return;
  }
  const expected = signal ?? (step.succeeds && byte === undefined ? '*' : '0');
  writer.line(`memchr_inv(${name}[${number(at)} +: ${number(length)}], ${number(byte ?? 0)}) = ${expected}`);
}

function store(writer: Writer, step: Wanted, name: string, at: number): void {
  const length = step.has('len') ? step.value('len') : 1;
  const done = step.expectation.state?.written_before_fault;
  const fields = done === undefined ? undefined : { done };
  const value = number(step.args.value ?? 0);
  if (isWord(length, step.args.value))
    writer.line(`write(${name}[${number(at)}], ${value}, ${length})${step.result()}`);
  else writer.line(`memset(${name}[${number(at)} +: ${number(length)}], ${value})${step.result(fields)}`);
}

const GUP: Readonly<Record<string, readonly [string, string]>> = {
  get: ['get_user_pages', 'FOLL_WRITE'],
  pin: ['pin_user_pages', 'FOLL_WRITE'],
  pin_longterm: ['pin_user_pages', 'FOLL_WRITE | FOLL_LONGTERM'],
};

/** What a pin is known by: the place that was pinned. */
const pinKey = (step: Wanted) => step.string('hva') + step.string('offset');

/** `slot1+4096`, `m+4096`, or a mapping and an offset. */
function pinnedPlace(writer: Writer, step: Wanted): { readonly name: string; readonly at: number } {
  const [, named = '', more = '0'] = /^(\w+?)(?:\+(\d+))?$/.exec(step.string('hva')) ?? [];
  const [, slot] = /^slot(\d+)$/.exec(named) ?? [];
  if (slot !== undefined) return slotMemory(writer, step, slot, Number(more));
  const map = writer.maps.get(named)?.name;
  return { name: map ?? mapOf(writer, step), at: step.value('offset') + (map === undefined ? 0 : Number(more)) };
}

function pinPages(writer: Writer, step: Wanted): void {
  const [operation, how] = GUP[step.string('kind')] ?? [step.string('kind'), 'FOLL_WRITE'];
  const { name, at } = pinnedPlace(writer, step);
  const length = step.has('len') ? step.number('len') : number(writer.pageSize);
  const pin = writer.fresh('pin');
  const place = `${name}[${number(at)} +: ${length}]`;
  writer.line(`${step.succeeds ? `${pin} := ` : ''}${operation}(${place}, ${how})${step.result()}`);
  if (step.succeeds) writer.pins.push({ key: pinKey(step), pin });
}

/** The pin taken last at the place of a step, or the last one of all where the case names another. */
function lastPin({ pins }: Writer, step: Wanted): string {
  const at = pins.findLastIndex(({ key }) => key === pinKey(step));
  return pins.splice(at, 1)[0]?.pin ?? 'no_pin';
}

/** An access through a mapping: the VMM's own, or the copy that a child has of it. */
const throughMapping =
  (then: (writer: Writer, step: Wanted, name: string, at: number) => void): Writes =>
  (writer, step) => {
    const name = mapOf(writer, step);
    const child = step.step.actor === 'vmm' ? undefined : writer.maps.get(`child ${name}`)?.name;
    then(writer, step, child ?? name, step.value('offset'));
  };

const atSlot =
  (then: (writer: Writer, step: Wanted, name: string, at: number) => void): Writes =>
  (writer, step) => {
    const { name, at } = slotMemory(writer, step);
    then(writer, step, name, at);
  };

/** The nodes of a policy as a bit mask. */
export const nodeMask = (nodes: readonly unknown[]): number =>
  nodes.reduce<number>((mask, node) => mask + 2 ** Number(node), 0);

const mapping =
  (operation: string, ...more: readonly ((step: Wanted) => string)[]): Writes =>
  (writer, step) => {
    const place = `${mapOf(writer, step)}[${step.number('offset')} +: ${step.number('len')}]`;
    writer.line(`${operation}(${[place, ...more.map((text) => text(step))].join(', ')})${step.result()}`);
  };

/** What the test rig does to a page of a guest_memfd. */
const onPage =
  (operation: string): Writes =>
  (writer, step) => {
    const page = pageOf(writer, step);
    if (writer.pagesAreThere) {
      const where = `${number(step.value('index') * writer.pageSize)}, ${number(writer.pageSize)}`;
      writer.aside(() => writer.line(`fallocate(${fdOf(writer, step)}, FALLOC_FL_KEEP_SIZE, ${where})`));
    }
    writer.line(`${operation}(${page})${step.result()}`);
  };

export const HOST_STEPS: Readonly<Record<string, Writes>> = {
  mmap(writer, step) {
    const name = step.string('map');
    const prot = { r: 'PROT_READ', w: 'PROT_WRITE', x: 'PROT_EXEC' } as const;
    const wanted = [...(step.has('prot') ? step.string('prot') : 'rw')].flatMap((letter) => prot[letter as 'r'] ?? []);
    const given = [
      fdOf(writer, step),
      `${step.number('offset')} +: ${step.number('len')}`,
      wanted.join(' | ') || 'PROT_NONE',
      step.string('share') === 'PRIVATE' ? 'MAP_PRIVATE' : 'MAP_SHARED',
    ];
    writer.line(`${step.succeeds ? `${name} := ` : ''}mmap(${given.join(', ')})${step.result()}`);
    if (!step.succeeds) return;
    writer.maps.set(name, { name, length: step.value('len'), gmem: step.string('fd') });
    writer.lastMap = name;
  },
  munmap: (writer, step) => writer.line(`munmap(${mapOf(writer, step)})${step.result()}`),
  munmap_hva(writer, step) {
    const { name, at } = slotMemory(writer, step);
    writer.line(`munmap(${name}[${number(at)} +: ${step.number('len')}])${step.result()}`);
  },
  host_read: throughMapping(load),
  host_write: throughMapping(store),
  host_read_hva: atSlot(load),
  host_write_hva: atSlot(store),
  touch_all(writer, step) {
    const map = writer.maps.get(writer.lastMap);
    writer.line(`memset(${map?.name}[0 +: ${number(map?.length ?? 0)}], ${step.number('value')})`);
  },
  write_syscall_from(writer, step) {
    const { name, at } = slotMemory(writer, step);
    writer.line(`copy_from_user(${name}[${number(at)} +: ${step.number('len')}])${step.result()}`);
  },
  alloc_buf(writer, step) {
    const name = step.string('buf');
    writer.line(`${name} := mmap_anon(${step.number('len')})`);
    if (step.has('value')) writer.line(`memset(${name}[0 +: ${step.number('len')}], ${step.number('value')})`);
    writer.maps.set(name, { name, length: step.value('len'), gmem: undefined });
  },
  read_buf(writer, step) {
    const map = writer.maps.get(step.string('buf'));
    load(writer, step, map?.name ?? step.string('buf'), 0);
  },
  gup: pinPages,
  gup_put(writer, step) {
    writer.line(`unpin_user_pages(${lastPin(writer, step)})${step.result()}`);
  },
  madvise: mapping('madvise', (step) => step.string('advice').replace(/^(?!MADV_)/, 'MADV_')),
  mbind: mapping(
    'mbind',
    (step) => (typeof step.args.mode === 'string' ? `MPOL_${step.string('mode')}` : step.number('mode')),
    (step) => number(nodeMask(step.list('nodes'))),
  ),
  fork(writer, step) {
    for (const map of [...writer.maps.values()]) {
      const name = `${map.name}_of_${step.string('child')}`;
      writer.line(`${name} := fork(${map.name})`);
      // Whatever the case calls it: its steps are those of the actor `child`.
      writer.maps.set(`child ${map.name}`, { ...map, name });
    }
  },
  memory_failure: onPage('memory_failure'),
  migrate_folio: onPage('migrate_folio'),
  leak_page: onPage('leak_page'),
  get_ref: onPage('get_page'),
  transient_ref: onPage('folio_try_get'),
  gmem_mark_in_use: onPage('gmem_mark_in_use'),
  folio_attach_private: onPage('folio_attach_private'),
  drop_stage2: (writer, step) => writer.line(`kvm_mmu_zap_all(${vmOf(writer, step)})`),
  raise_signal_after: (writer, step) => writer.line(`raise_signal_after(${step.number('pages')})`),
  truncate_range(writer, step) {
    const range = `${step.number('offset')} +: ${step.number('len')}`;
    writer.line(`truncate_inode_pages_range(${fdOf(writer, step)}, ${range})${step.result()}`);
  },
};
