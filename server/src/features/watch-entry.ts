// The changes of one entry of a realm's tables: where the walk to an IPA ends, and what stands there. The walk says by itself
// which cells it read, so that only moments that wrote one of them are looked at.
import { hex } from '../emulator/index.ts';
import { entryWords } from '../emulator/rmm/describe.ts';
import { GRANULE_STATES } from '../emulator/rmm/granules.ts';
import { entryAddress, isLive } from '../emulator/rmm/rtt-entry.ts';
import { ENTRIES, PAGE_LEVEL } from '../emulator/rmm/rtts.ts';
import type { Changes, Run } from '../run/index.ts';
import { elsewhere } from './elsewhere.ts';
import type { PlaceNames } from './moment-names.ts';
import type { Place } from './panel-model.ts';
import { firstFrom } from './timeline-track.ts';

/** What a walk found: `RTT L3[2] ASSIGNED RAM 0x8812_4000`, and the cells that it comes from. */
interface Found {
  readonly words: string;
  readonly cells: readonly number[];
}

const RD = GRANULE_STATES.indexOf('RD');

export class WalkChanges implements Changes {
  private readonly run: Run;
  private readonly names: PlaceNames;
  private readonly place: Place;
  private readonly name: string;
  private realm: number | undefined;
  private readonly moments: number[] = [];
  /** Before the first change and after each. */
  private readonly found: Found[] = [];
  private upto = -1;

  constructor(run: Run, names: PlaceNames, place: Place, name: string) {
    this.run = run;
    this.names = names;
    this.place = place;
    this.name = name;
    this.realm = this.realmNow();
  }

  get missing(): string | undefined {
    return this.realm === undefined ? `there is no realm ${this.place.object} yet` : undefined;
  }

  count(moment: number): number {
    if (this.upto < this.run.reached) elsewhere(this.run, () => this.update());
    return firstFrom(this.moments.length, (i) => (this.moments[i] as number) > moment);
  }

  moment(nth: number): number {
    return this.moments[nth - 1] as number;
  }

  text(moment: number): string {
    const nth = this.count(moment);
    return `${this.name}: ${this.found[nth - 1]?.words} -> ${this.found[nth]?.words}`;
  }

  private update(): void {
    const { run } = this;
    const { store } = run.machine;
    run.seek(run.reached);
    this.realm ??= this.realmNow();
    if (this.realm === undefined) return;
    if (this.upto < 0) {
      run.seek(0);
      this.found.push(this.look(this.realm));
      this.upto = 0;
    }
    for (;;) {
      const last = this.found.at(-1) as Found;
      const [next] = store.momentsOf(last.cells, this.upto, 1);
      this.upto = next ?? run.reached;
      if (next === undefined) return;
      run.seek(next);
      const now = this.look(this.realm);
      if (now.words === last.words) this.found[this.found.length - 1] = now;
      else {
        this.moments.push(next);
        this.found.push(now);
      }
    }
  }

  private look(rd: number): Found {
    const { rmm, pages } = this.run.machine;
    const { at, level = PAGE_LEVEL } = this.place;
    const state = rmm.granules.stateCell(rd);
    const realm = rmm.granules.row(rd);
    if (rmm.granules.state(rd) !== 'RD') return { words: 'no realm', cells: [state] };
    const cells = [state];
    for (let target = rmm.realms.rttLevelStart(realm); ; target++) {
      const walk = rmm.rtts.walk(realm, at, target, { rtt: 0, level: 0, index: 0, entry: 0 });
      cells.push(rmm.rtts.entries.base + walk.rtt * ENTRIES + walk.index);
      if (walk.level === target && target < level) continue;
      const address =
        isLive(walk.entry) && pages.has(entryAddress(walk.entry)) ? ` ${hex(entryAddress(walk.entry))}` : '';
      return { words: `RTT L${walk.level}[${walk.index}] ${entryWords(walk.entry)}${address}`, cells };
    }
  }

  /** PA of the realm that the place names, if there is one where the run stands. */
  private realmNow(): number | undefined {
    const { rmm, pages } = this.run.machine;
    const { table } = rmm.granules;
    for (let row = 0; row < table.rows; row++) {
      if (table.get(row, 0) !== RD) continue;
      const rd = pages.address(row);
      if (this.names.text(rd, 'pa') === this.place.object) return rd;
    }
    return undefined;
  }
}
