// A host with a realm, call by call: what the kernel sends to the RMM comes out as text, with names for the pages.
import type { Intercept } from '../../../server/src/emulator/flow.ts';
import {
  type AnyOperation,
  codeText,
  type FlowOperation,
  GUEST_OPERATIONS,
  Machine,
  type MachineOperation,
  OPERATIONS,
  registersOf,
  size,
  VIEWS,
} from '../../../server/src/emulator/index.ts';
import { GUEST_OPERATIONS as ACCESSES } from '../../../server/src/emulator/kvm/guest-access.ts';
import { linuxViolations } from '../../../server/src/emulator/linux/invariants.ts';
import { violations } from '../../../server/src/emulator/rmm/invariants.ts';

export const GPA = 0x8000_0000;
export const MEASURE = 1;
const REALM_TYPE = 0x100;
const REC_FEATURE = 8;

/** Replaces the results of RMI commands and of pieces of kernel work: the nth call of that name, from 1. */
export type Faults = Readonly<Record<string, Readonly<Record<number, number>>>>;

export interface Options {
  readonly profile?: string;
  readonly pageSize?: number;
  readonly ipaBits?: number;
  /** Bytes of the guest_memfd and of the source behind the slot. */
  readonly bytes?: number;
}

/** What one call of the VMM came to. */
export interface Outcome {
  readonly result: string;
  /** The commands that went down and the events of memory management, one line each. */
  readonly sent: readonly string[];
  readonly outputs: readonly number[];
}

/** Work that is told beside the RMI commands. */
const EVENTS: ReadonlySet<string> = new Set(['warn', 'leak', 'poison', 'gmem_mark_in_use', 'BUG_ON']);

export class RealmHost {
  readonly machine: Machine;
  readonly vm: number;
  readonly gmem: number;
  readonly source: number;
  /** Guest actions of the next KVM_RUN, and what became of them. */
  private actions: { readonly operation: MachineOperation; readonly registers: readonly number[] }[] = [];
  private done: string[] = [];
  private readonly bytes: number;
  private readonly seen = new Map<number, string>();

  constructor({ profile = 'linux/cca-v9', pageSize = 4096, ipaBits = 40, bytes = 2 ** 21 }: Options = {}) {
    this.bytes = bytes;
    const dram = { base: 0x8000_0000, size: 256 * 2 ** 20 };
    this.machine = new Machine({ dram, linux: { profile, arch: 'arm64', pageSize } });
    this.machine.guest = { next: () => this.actions.shift() };
    this.vm = this.call('KVM_CREATE_VM', REALM_TYPE, ipaBits).outputs[0] ?? 0;
    this.gmem = this.call('KVM_CREATE_GUEST_MEMFD', this.vm, bytes, 0).outputs[0] ?? 0;
    this.source = this.call('mmap_anon', bytes, 3).outputs[0] ?? 0;
    this.call('KVM_SET_USER_MEMORY_REGION2', this.vm, 0, GPA, bytes, this.source, 0, this.gmem, 0, 0);
  }

  /** A realm with its first vCPU that may run. */
  static running(options: Options = {}): { readonly host: RealmHost; readonly vcpu: number } {
    const host = new RealmHost(options);
    host.call('KVM_CAP_ARM_RME_CREATE_REALM', host.vm);
    host.call('KVM_CAP_ARM_RME_INIT_RIPAS_REALM', host.vm, GPA, host.bytes);
    const vcpu = host.vcpu(0);
    host.call('KVM_ARM_VCPU_FINALIZE', vcpu, REC_FEATURE);
    host.call('KVM_CAP_ARM_RME_ACTIVATE_REALM', host.vm);
    return { host, vcpu };
  }

  vcpu(id: number): number {
    return this.call('KVM_CREATE_VCPU', this.vm, id).outputs[0] ?? 0;
  }

  call(name: string, ...registers: readonly number[]): Outcome {
    return this.callWith({}, name, ...registers);
  }

  /** Runs an operation to its end; `close vm` names a form by its first parameter. */
  callWith(faults: Faults, name: string, ...registers: readonly number[]): Outcome {
    const operation = OPERATIONS.get(name.split(' ')[0] ?? '');
    if (!operation) throw new Error(`no operation ${name}`);
    const flow = this.formOf(operation, registers.length, name.split(' ')[1]);
    return this.flow(faults, flow, registers);
  }

  /** Runs a flow alone. */
  flow(faults: Faults, { flow, form }: Pick<FlowOperation, 'flow' | 'form'>, registers: readonly number[]): Outcome {
    const count = new Map<string, number>();
    const intercept: Intercept = (command) => {
      const calls = (count.get(command.name) ?? 0) + 1;
      count.set(command.name, calls);
      return faults[command.name]?.[calls];
    };
    const { flows, store } = this.machine;
    const sent: string[] = [];
    flows.start(0, flow, registers);
    for (let steps = 0; steps < 1_000_000; steps++) {
      const { command, ended } = flows.step(0, intercept);
      const writes = store.writesOf(store.commit());
      const [broken] = [
        ...linuxViolations(this.machine, writes, command?.operation),
        ...violations(this.machine.rmm, writes),
      ];
      if (broken) throw new Error(`${broken.invariant.id}: ${broken.text}`);
      if (command) this.tell(command.operation, command.registers, command.code, sent);
      if (ended !== undefined) return { result: codeText(form, ended), sent, outputs: [...flows.out] };
    }
    throw new Error(`${flow.name} does not end`);
  }

  /** KVM_RUN with what the guest does meanwhile; each action with what became of it, after the result. */
  run(vcpu: number, ...actions: readonly (readonly [name: string, ...registers: number[]])[]): string {
    return this.runWith({}, vcpu, ...actions);
  }

  runWith(faults: Faults, vcpu: number, ...actions: readonly (readonly [name: string, ...number[]])[]): string {
    this.actions = actions.map(([name, ...registers]) => {
      const operation = ACCESSES.find((access) => access.name === name) ?? GUEST_OPERATIONS.get(name);
      if (!operation) throw new Error(`no action ${name}`);
      const defaults = operation.params.flatMap(({ type, initial = [] }) =>
        Array.from({ length: registersOf(type) }, (_, i) => initial[i] ?? 0),
      );
      return { operation, registers: defaults.map((value, i) => registers[i] ?? value) };
    });
    this.done = [];
    const { result, sent, outputs } = this.callWith(faults, 'KVM_RUN', vcpu);
    const [gpa = 0, flags = 0, length = 0] = outputs;
    const fields = gpa === 0 ? '' : ` gpa ${this.place(gpa)} flags ${flags} size ${size(length)}`;
    return [...sent, ...this.done, `KVM_RUN = ${result}${fields}`].join('\n');
  }

  /** What a view answers. */
  look(name: string, ...args: readonly number[]): string {
    const view = VIEWS.get(name);
    const forms = view ? [view, ...(view.overloads ?? [])] : [];
    const fitting = forms.find(
      ({ params }) => params.reduce((sum, { type }) => sum + registersOf(type), 0) === args.length,
    );
    return String(fitting?.read(this.machine, args));
  }

  get rd(): number {
    return this.machine.linux.vms.rows.get(this.vm, 'object');
  }

  /** Granule states of the page of the guest_memfd at an offset, one letter each: U, D for DELEGATED, * for DATA. */
  granules(offset = 0): string {
    const { linux, rmm } = this.machine;
    const pfn = linux.gmem.pfnAt(linux.gmem.inodeOf(this.gmem), Math.floor(offset / linux.pageSize));
    return Array.from({ length: linux.folios.granules }, (_, i) => {
      const state = rmm.granules.state(linux.folios.address(pfn) + i * 4096);
      return state === 'DATA' ? '*' : state[0];
    }).join('');
  }

  pfn(offset = 0): number {
    const { linux } = this.machine;
    return linux.gmem.pfnAt(linux.gmem.inodeOf(this.gmem), Math.floor(offset / linux.pageSize));
  }

  /** The form with that many registers; `first` is the type of its first parameter. */
  private formOf(operation: AnyOperation, registers: number, first?: string): FlowOperation {
    const forms = [operation, ...(operation.overloads ?? [])];
    for (const form of forms) {
      const needed = form.params.reduce((sum, { type }) => sum + registersOf(type), 0);
      const optional = form.params.filter((param) => param.optional).reduce((n, { type }) => n + registersOf(type), 0);
      if (first !== undefined && form.params[0]?.type !== first) continue;
      if ('flow' in form && registers <= needed && registers >= needed - optional) return form;
    }
    throw new Error(`arguments of ${operation.name}`);
  }

  private tell(operation: MachineOperation, registers: readonly number[], code: number, sent: string[]): void {
    const result = operation.form.text(code);
    if (operation.actor === 'RMM') {
      const args = registers.map((value, i) => this.argument(value, operation.params[i]?.type ?? 'u64'));
      const status = result === 'RMI_SUCCESS' ? '' : ` = ${result.replace('RMI_ERROR_', '')}`;
      sent.push(`${operation.name.replace(/^RMI_(GRANULE_)?/, '')} ${args.join(' ')}${status}`);
    } else if (operation.actor === 'guest' || operation.actor === 'realm') {
      if (code !== -3000) this.done.push(`< ${operation.name} = ${result}`);
    } else if (EVENTS.has(operation.name)) sent.push(operation.name);
  }

  private argument(value: number, type: string): string {
    if (type === 'ipa') return this.place(value);
    return type === 'pa' || type === 'structure' || type === 'rd' ? this.page(value) : String(value);
  }

  /** An IPA from the beginning of the slot on; `+` for the shared alias. */
  private place(ipa: number): string {
    const shared = 2 ** (this.machine.linux.vms.rows.get(this.vm, 'ipa bits') - 1);
    return ipa >= shared ? `shared ${size(ipa - shared - GPA)}` : size(ipa - GPA);
  }

  /** What a physical address is: a page of the guest_memfd, of the source, or a page of the kernel by number. */
  private page(pa: number): string {
    const { linux } = this.machine;
    const { folios, gmem, spaces } = linux;
    const pfn = folios.pfnOf(pa);
    const within = pa % linux.pageSize;
    if (this.gmem !== 0 && gmem.inodeOf(this.gmem) === folios.inodeOf(folios.head(pfn))) {
      return `gm[${size(folios.get(pfn, 'index') * linux.pageSize + within)}]`;
    }
    if (this.source !== 0) {
      const first = spaces.address(this.source) / linux.pageSize;
      for (let i = 0; i < this.bytes / linux.pageSize; i++) {
        const pte = spaces.pte(linux.vmm, first + i);
        if (Math.floor(pte / 2) === pfn && pte !== 0) return `src[${size(i * linux.pageSize + within)}]`;
      }
    }
    const known = this.seen.get(pa) ?? `p${this.seen.size + 1}`;
    this.seen.set(pa, known);
    return known;
  }
}
