// What the Translation tables panel is told: plain data, with every text and family decided, so that the panel only draws.
import type { PanelMessage, PanelRequest, Place, Value } from './panel-model.ts';

/** Changed by the current step, or the reason why it was refused. */
export type Mark = 'changed' | 'refused';

/** A run of equal neighbouring entries of one table; entries that store addresses are equal while those continue each other. */
export interface EntryRun {
  readonly level: number;
  /** Index of its first entry; concatenated start tables are counted through. */
  readonly first: number;
  readonly count: number;
  /** IPA of the first entry and bytes that one entry covers. */
  readonly ipa: number;
  readonly span: number;
  /** `L3[2 .. 512]`, the end excluded. */
  readonly text: string;
  /** `2G +: 1G`; a single page by its address alone. */
  readonly range: string;
  /** HIPAS and RIPAS: `ASSIGNED RAM`, `UNASSIGNED_NS`, `TABLE`. */
  readonly state: Value;
  /** `0x8812_0000`, `0x8820_0000 +: 2M`, `RTT 0x8800_4000`, or a dash. */
  readonly output: string;
  /** The step that wrote it: `12`; `12 .. 523` where different steps wrote its entries. */
  readonly since: string;
  /** The step that wrote it last, for going there; 0 is the beginning. */
  readonly sinceStep: number;
  /** The PA of the table below and its live entries; of a TABLE only. */
  readonly table?: number;
  readonly live?: number;
  readonly mark?: Mark;
}

/** Runs `from` to `from + rows.length` of `total` in one table, or in all start tables together. */
export interface TableRuns {
  readonly revision: number;
  readonly realm: number;
  /** PA of the table, of the first one for start tables. */
  readonly rtt: number;
  readonly level: number;
  readonly from: number;
  readonly total: number;
  readonly rows: readonly EntryRun[];
}

/** A cell of a level's row: a run, or several runs for which there is no room. */
export interface LevelCell {
  readonly first: number;
  readonly count: number;
  readonly ipa: number;
  /** `2`, `3..511`, the last one included. */
  readonly index: string;
  readonly state: Value;
  /** Second line: how many entries, or the address it stores. */
  readonly note: string;
  /** All of it in words, for those who hear it. */
  readonly label: string;
  /** Share of the row's width; not the share of the addresses. */
  readonly weight: number;
  readonly half: Half;
  /** The walk to the chosen IPA goes through it. */
  readonly walk: boolean;
  readonly mark?: Mark;
}

export type Half = 'protected' | 'unprotected';

export interface Level {
  readonly level: number;
  /** `1G`: what one entry covers. */
  readonly unit: string;
  /** The table that the walk meets at this level; without one `why` says what ended the walk. */
  readonly table?: {
    readonly at: number;
    readonly text: string;
    readonly live: number;
    /** Which of the table's runs the walk goes through, from 0. */
    readonly row: number;
  };
  readonly why?: string;
  readonly cells: readonly LevelCell[];
}

/** One group of bits of an IPA. */
export interface AddressPart {
  /** `38..30`, `39`. */
  readonly bits: string;
  readonly digits: string;
  /** `L1[2]`, `0x000`. */
  readonly text: string;
  /** What it means: `protected half`, `in the page`. */
  readonly note: string;
  /** False below the level where the walk ended. */
  readonly used: boolean;
}

/** Where the walk to an IPA ends. */
export interface Walked {
  readonly ipa: number;
  readonly text: string;
  /** `GPA + 4K`, where the scenario has a name near it. */
  readonly name?: string;
  readonly half: Half;
  /** `bit 39 set`: what makes it lie in that half. */
  readonly bit: string;
  readonly level: number;
  /** `L3[1]`. */
  readonly entry: string;
  readonly state: Value;
  /** The address that the IPA is translated to, if any: `DATA + 8K 0x8810_2000`. */
  readonly output?: string;
  /** What an access by the realm does now. */
  readonly access: string;
}

export interface RealmTables {
  /** PA of the RD. */
  readonly realm: number;
  /** What places of its entries call it. */
  readonly object: string;
  readonly name: string;
  /** `40-bit IPA, start level 1, two start tables`. */
  readonly shape: string;
  /** Granules that are RTTs of this realm, start tables included. */
  readonly granules: number;
  /** PA of the first start table: what `tableRuns` is asked for the first rows. */
  readonly root: number;
  readonly rootText: string;
  readonly halves: readonly { readonly half: Half; readonly text: string; readonly ipa: number }[];
  readonly levels: readonly Level[];
  /** PAs of the tables that the walk goes through, from the start level down; the tree has them open. */
  readonly path: readonly number[];
  /** Why this IPA where none was asked for: `of this step`, `of step 12`, `of the selected page`, `where the selected page would be`. */
  readonly origin: string;
  readonly parts: readonly AddressPart[];
  readonly walk: Walked;
  /** The same page in the other half. */
  readonly alias: Walked;
}

export interface Tables {
  readonly revision: number;
  readonly realms: readonly {
    readonly at: number;
    readonly object: string;
    readonly text: string;
    readonly state: string;
  }[];
  /** Absent while there is no realm. */
  readonly chosen?: RealmTables;
}

/**
 * `cocoscn/tables`: without a realm the one that the step is about; without an IPA that of `page`, and where no realm has a
 * place for that, or there is none, the IPA that the step is about.
 */
export interface TablesRequest {
  readonly type: 'tables';
  readonly revision: number;
  readonly realm?: number;
  readonly ipa?: number;
  readonly page?: Place;
}

/** `cocoscn/tableRuns`: runs `from` on of the table at the PA `rtt`, 100 of them unless `count` says otherwise. */
export interface TableRunsRequest {
  readonly type: 'tableRuns';
  readonly revision: number;
  readonly rtt: number;
  readonly from?: number;
  readonly count?: number;
}

/** What the Translation tables panel may ask. */
export type TablesPanelRequest = PanelRequest | TablesRequest | TableRunsRequest;

/** What it is told; `runs` is absent where there is no table at `rtt` any more. */
export type TablesPanelMessage =
  | PanelMessage
  | { readonly type: 'tables'; readonly tables: Tables }
  | { readonly type: 'tableRuns'; readonly rtt: number; readonly revision: number; readonly runs?: TableRuns };
