// What the scenario calls the files, mappings and VMs that its calls made.
import { type CellText, hex, size } from '../emulator/index.ts';
import type { Run } from './run.ts';

/** An inode, a mapping, a VM, a vCPU or a pin, by its row. */
export interface KernelObject {
  readonly kind: 'gmem' | 'mapping' | 'gpa' | 'vcpu' | 'pin';
  readonly row: number;
}

/** A name that a call's output was bound to, and the slot that has its handle. */
interface Handle {
  readonly name: string;
  readonly kind: KernelObject['kind'];
  readonly slot: number;
}

const KINDS: Readonly<Record<string, KernelObject['kind']>> = {
  gmem: 'gmem',
  mapping: 'mapping',
  vm: 'gpa',
  vcpu: 'vcpu',
  pin: 'pin',
};
const UNNAMED: Readonly<Record<KernelObject['kind'], string>> = {
  gmem: 'inode',
  mapping: 'mapping',
  gpa: 'VM',
  vcpu: 'vCPU',
  pin: 'pin',
};

const found = new WeakMap<Run, readonly Handle[]>();

function handlesOf(run: Run): readonly Handle[] {
  const known = found.get(run);
  if (known) return known;
  const { instructions, names } = run.program;
  const results = names.filter(({ kind }) => kind === 'result');
  const handles = instructions.flatMap((instruction): Handle[] => {
    if (instruction.kind !== 'call' || instruction.binds.length === 0) return [];
    const { operation, binds, site } = instruction;
    const info = results.find(
      ({ file, definition: { start } }) => file === site.file && start >= site.span.start && start < site.span.end,
    );
    if (!info) return [];
    return operation.outputs.flatMap(({ type }, i) => {
      const kind = KINDS[type];
      const slot = binds[i];
      return kind === undefined || slot === undefined ? [] : [{ name: info.name, kind, slot }];
    });
  });
  found.set(run, handles);
  return handles;
}

/** The names at the moment that the machine is at. What no name stands for is called by its row: `inode 2`. */
export class ObjectNames {
  private readonly names = new Map<string, string>();

  constructor(run: Run) {
    for (const { name, kind, slot } of handlesOf(run)) {
      const handle = run.slot(slot);
      const row = kind === 'gmem' ? run.machine.linux.gmem.inodeOf(handle) : handle;
      if (row !== 0 && !this.names.has(`${kind} ${row}`)) this.names.set(`${kind} ${row}`, name);
    }
  }

  text({ kind, row }: KernelObject): string {
    return this.names.get(`${kind} ${row}`) ?? `${UNNAMED[kind]} ${row}`;
  }

  /** The object of a name that `text` gave. */
  find(kind: KernelObject['kind'], text: string): number | undefined {
    for (const [key, name] of this.names)
      if (name === text && key.startsWith(`${kind} `)) return Number(key.split(' ')[1]);
    const row = Number(text.replace(`${UNNAMED[kind]} `, ''));
    return Number.isInteger(row) && row > 0 ? row : undefined;
  }

  /** Where a described write lies, with `length` bytes: `0x9000_0000`, `gm[8K]`, `gm[0 .. 64K]`, `vm 0x1_0000_0000`. */
  placeOf({ kind, object = 0, at, whole }: CellText, length = 0, unit = 0): string {
    if (kind === 'frame' || kind === 'entry') return length > unit ? `${hex(at)} .. ${hex(at + length)}` : hex(at);
    if (kind === 'host') return 'the host';
    const name = this.text({ kind, row: object });
    if (whole) return name;
    if (kind === 'gpa') return `${name} ${hex(at)}${length > unit ? ` .. ${hex(at + length)}` : ''}`;
    return length > unit ? `${name}[${size(at)} .. ${size(at + length)}]` : `${name}[${size(at)}]`;
  }
}
