// When what pages are told from was written last: what was not written since is told as before.
import type { Machine } from '../emulator/index.ts';
import { GRANULE } from '../emulator/memory/pages.ts';
import { span } from '../emulator/rmm/rtts.ts';

/** Page frames, and entries of an array of the kernel, that have one stamp. */
const CHUNK_SHIFT = 9;
export const CHUNK: number = 2 ** CHUNK_SHIFT;
/** Guest addresses that have one stamp: what an entry of level 2 spans. */
const IPAS = span(2);

/** Stamps are turns of a clock that goes on at each stop with another state than the last, in whichever direction. */
export class Stamps {
  private turn = 0;
  /** By 512 frames of the host, from the first of DRAM on: their folios, granules and contents. */
  private readonly frames: Uint32Array;
  /** By node of the kernel's arrays. */
  private readonly nodes: Uint32Array;
  private readonly ipas = new Map<number, number>();
  private tables = 0;
  private slots = 0;
  private readonly machine: Machine;
  /** Granules in DRAM before the first whole frame of the host. */
  private readonly before: number;
  private readonly granules: number;

  constructor(machine: Machine) {
    this.machine = machine;
    const { folios, xarrays } = machine.linux;
    this.granules = folios.granules;
    this.before = folios.firstPfn * folios.granules - Math.floor(machine.pages.dram.base / GRANULE);
    this.frames = new Uint32Array(Math.ceil((folios.endPfn - folios.firstPfn) / CHUNK) + 1);
    this.nodes = new Uint32Array(xarrays.nodes.rows / CHUNK);
  }

  get now(): number {
    return this.turn;
  }

  advance(): void {
    this.turn++;
  }

  /** A folio, by its row. */
  folio(row: number): void {
    this.frames[row >>> CHUNK_SHIFT] = this.turn;
  }

  /** A granule or its contents, by its row. */
  granule(row: number): void {
    this.frames[Math.max(0, Math.floor((row - this.before) / this.granules / CHUNK))] = this.turn;
  }

  /** An entry of an array, by its row. */
  node(row: number): void {
    this.nodes[row >>> CHUNK_SHIFT] = this.turn;
  }

  memslot(): void {
    this.slots = this.turn;
  }

  /** An entry of an RTT. A table that comes or goes is told by its parent's entry. */
  entry(rtt: number, index: number): void {
    const { rtts } = this.machine.rmm;
    const size = span(rtts.level(rtt));
    if (size > IPAS) this.tables = this.turn;
    else this.ipas.set(Math.floor((rtts.ipa(rtt) + index * size) / IPAS), this.turn);
  }

  /** The stamp of the 512 frames that one is among. */
  ofFrame(pfn: number): number {
    return this.frames[Math.floor((pfn - this.machine.linux.folios.firstPfn) / CHUNK)] as number;
  }

  ofNode(node: number): number {
    return this.nodes[node] as number;
  }

  ofIpas(from: number, to: number): number {
    let last = this.tables;
    for (let at = Math.floor(from / IPAS); at * IPAS < to; at++) last = Math.max(last, this.ipas.get(at) ?? 0);
    return last;
  }

  get ofSlots(): number {
    return this.slots;
  }
}
