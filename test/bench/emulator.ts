// RMI calls a second through the commands' own entry, journal and hash on.
import { Machine } from '../../server/src/emulator/machine.ts';
import type { RmiCommand } from '../../server/src/emulator/rmm/command.ts';
import { RMI_COMMANDS } from '../../server/src/emulator/rmm/commands/index.ts';
import { RMI_REALM_PARAMS, writeStructure } from '../../server/src/emulator/rmm/structures.ts';
import { type Figure, seconds } from './figure.ts';

const BASE = 0x8000_0000;
export const RD: number = BASE;
const PARAMS = BASE + 0x1000;
const START = BASE + 0x2000;
const TABLES = [BASE + 0x4000, BASE + 0x5000];
const DATA = BASE + 0x20_0000;

export const byName = (name: string): RmiCommand => {
  const command = RMI_COMMANDS.find((candidate) => candidate.name === name);
  if (!command) throw new RangeError(`no command ${name}`);
  return command;
};

/** One call and one commit, as a step of a run makes them. A call that fails here would measure something else. */
export function step({ rmm, store }: Machine, command: RmiCommand, registers: readonly number[]): void {
  const code = command.call(rmm, registers);
  store.commit();
  if (code !== 0) throw new Error(`${command.name} returned ${code}`);
}

export const delegate: RmiCommand = byName('RMI_GRANULE_DELEGATE');
export const undelegate: RmiCommand = byName('RMI_GRANULE_UNDELEGATE');

/** A realm with tables down to level 3 at IPA 0, start level 1, so that a walk reads three entries. */
export function realm(): Machine {
  const machine = new Machine();
  for (const granule of [RD, START, START + 0x1000, ...TABLES]) step(machine, delegate, [granule]);
  const { contents } = machine.pages;
  machine.pages.setBytes(
    PARAMS,
    writeStructure(RMI_REALM_PARAMS, contents, { rtt_base: BigInt(START), rtt_num_start: 2n }),
  );
  step(machine, byName('RMI_REALM_CREATE'), [RD, PARAMS]);
  for (const [i, table] of TABLES.entries()) step(machine, byName('RMI_RTT_CREATE'), [RD, table, 0, 2 + i]);
  return machine;
}

const GRANULES = 500;

function rate(prepare: () => Machine, calls: number, run: (machine: Machine) => void): number {
  return (
    calls /
    seconds(() => {
      run(prepare());
    })
  );
}

/** `repeat` rounds over the pages of one table, two calls a page. */
function pairs(machine: Machine, repeat: number, first: RmiCommand, second: RmiCommand, at: (i: number) => number[][]) {
  const registers = Array.from({ length: GRANULES }, (_, i) => at(i));
  for (let round = 0; round < repeat; round++) {
    for (const [a = []] of registers) step(machine, first, a);
    for (const [, b = []] of registers) step(machine, second, b);
  }
}

export async function measure(): Promise<Figure[]> {
  const rounds = 100;
  const calls = 2 * GRANULES * rounds;
  const granules = rate(
    () => new Machine(),
    calls,
    (machine) => pairs(machine, rounds, delegate, undelegate, (i) => [[DATA + i * 4096], [DATA + i * 4096]]),
  );
  const withPages = () => {
    const machine = realm();
    for (let i = 0; i < GRANULES; i++) step(machine, delegate, [DATA + i * 4096]);
    return machine;
  };
  const data = rate(withPages, calls, (machine) =>
    pairs(machine, rounds, byName('RMI_DATA_CREATE_UNKNOWN'), byName('RMI_DATA_DESTROY'), (i) => [
      [RD, DATA + i * 4096, i * 4096],
      [RD, i * 4096],
    ]),
  );
  const readEntry = byName('RMI_RTT_READ_ENTRY');
  const reads = rate(realm, calls, (machine) =>
    pairs(machine, rounds, readEntry, readEntry, (i) => [
      [RD, i * 4096, 3],
      [RD, i * 4096, 3],
    ]),
  );
  return [
    { name: 'RMI calls: delegate + undelegate', value: granules, unit: 'calls/s', target: 5_000_000 },
    { name: 'RMI calls: data_create_unknown + data_destroy', value: data, unit: 'calls/s', target: 2_000_000 },
    { name: 'RMI calls: read_entry through three levels', value: reads, unit: 'calls/s', target: 5_000_000 },
  ];
}
