// The Realm Management Monitor: its tables and the scratch of the command in flight.
import type { Store } from '../../store/index.ts';
import type { Pages } from '../memory/pages.ts';
import { Granules } from './granules.ts';
import type { ExitReason } from './guest/exit.ts';
import { Measurements } from './measurement.ts';
import { Pes } from './pes.ts';
import { Realms } from './realms.ts';
import { Recs } from './recs.ts';
import { Rtts, type Walk } from './rtts.ts';
import { REALM_FLAG_LPA2 } from './structures.ts';

/** The specification, or TF-RMM where the two differ (see differences.ts). */
export const RMM_MODELS = ['rmm/1.0', 'rmm/1.0-tf'] as const;
export type RmmModel = (typeof RMM_MODELS)[number];

/** 2^n bytes for every IPA width; looking it up is cheaper than computing it. */
const SIZES = Float64Array.from({ length: 64 }, (_, width) => 2 ** width);

export class Rmm {
  readonly model: RmmModel;
  readonly pages: Pages;
  readonly granules: Granules;
  readonly realms: Realms;
  readonly recs: Recs;
  readonly pes: Pes;
  readonly rtts: Rtts;
  readonly measurements: Measurements;
  /** Its tables have the cells [firstCell, endCell). */
  readonly firstCell: number;
  readonly endCell: number;

  /** X1 to X4 of the last command; 0 where it gives none. */
  readonly out: [number, number, number, number] = [0, 0, 0, 0];
  /** X0 of the last RMI_REC_ENTER that ended: its REC exited. */
  entered = 0;
  /** Why it exited. */
  exitReason: ExitReason = 'IRQ';
  /** Scratch: the PE whose REC does the next action; without one it is the PE that was entered last. */
  actingPe: number | undefined = undefined;
  /** The row of the REC that acted last. */
  acted = 0;
  /** Scratch between a command's lookups and its effect: the row of the RD, and where the walk stopped. */
  realm = 0;
  readonly walk: Walk = { rtt: 0, level: 0, index: 0, entry: 0 };

  constructor(store: Store, pages: Pages, model: RmmModel) {
    const rows = pages.dram.size / 4096;
    this.model = model;
    this.pages = pages;
    this.measurements = new Measurements(pages.contents);
    this.firstCell = store.end;
    this.granules = new Granules(store, pages);
    this.realms = new Realms(store, rows);
    this.recs = new Recs(store, rows);
    this.pes = new Pes(store);
    this.rtts = new Rtts(store, rows, this.granules, this.realms);
    this.endCell = store.end;
  }

  /** The lookups, checks and effects that follow are about the realm of this RD. */
  speakOf(rd: number): void {
    this.realm = this.granules.row(rd);
  }

  /** The end of the realm's IPA space, in bytes. */
  get ipaEnd(): number {
    return SIZES[this.realms.ipaWidth(this.realm)] as number;
  }

  /** Whether the realm's tables hold 52-bit addresses. */
  get usesLpa2(): boolean {
    return (this.realms.flags(this.realm) & REALM_FLAG_LPA2) !== 0;
  }

  /** Whether an IPA lies in the protected half of the realm's IPA space. */
  protects(ipa: number): boolean {
    return ipa >= 0 && ipa < this.ipaEnd / 2;
  }
}
