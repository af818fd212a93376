// The store: time goes both ways, differences and histories are right, and the hash depends on the state alone.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Store } from '../../server/src/store/index.ts';

/** A store with one table of ten rows of a and b; `steps` are the writes of each moment as `row column value`. */
function recorded(...steps: string[]) {
  const store = new Store();
  const table = store.table('things', ['a', 'b'], 10);
  const write = (text: string) => {
    for (const [row = 0, column = 0, value = 0] of text.split(', ').map((w) => w.split(' ').map(Number))) {
      table.set(row, column, value);
    }
    return store.commit();
  };
  for (const text of steps) write(text);
  return { store, table, write, cell: (row: number, column: number) => table.cell(row, column) };
}

describe('time', () => {
  test('goes back and forward and shows each moment as it was', () => {
    const { store, table } = recorded('0 0 1', '0 0 2, 1 1 5', '0 0 7');
    const seen = [0, 1, 2, 3, 1, 3, 0].map((moment) => {
      store.seek(moment);
      return `${store.now}: ${table.get(0, 0)} ${table.get(1, 1)}`;
    });
    expect(seen).toEqual(['0: 0 0', '1: 1 0', '2: 2 5', '3: 7 5', '1: 1 0', '3: 7 5', '0: 0 0']);
  });

  test('a write in the past drops the moments after it', () => {
    const { store, table, write } = recorded('0 0 1', '0 0 2', '0 0 3');
    store.seek(1);
    expect(write('0 1 9')).toBe(2);
    expect(store.reached).toBe(2);
    expect([table.get(0, 0), table.get(0, 1)]).toEqual([1, 9]);
    store.seek(0);
    store.seek(2);
    expect([table.get(0, 0), table.get(0, 1)]).toEqual([1, 9]);
    expect(() => store.seek(3)).toThrow('moment 3 is not recorded');
  });

  test('an empty commit in the past drops them as well', () => {
    const { store } = recorded('0 0 1', '0 0 2');
    store.seek(0);
    expect(store.commit()).toBe(1);
    expect(store.reached).toBe(1);
  });

  test('writes that were not committed are lost by seeking', () => {
    const { store, table } = recorded('0 0 1', '0 0 2');
    table.set(0, 0, 50);
    expect(store.pendingWrites).toEqual([{ cell: table.cell(0, 0), before: 2, after: 50 }]);
    store.seek(1);
    store.seek(2);
    expect(table.get(0, 0)).toBe(2);
    expect(store.pendingWrites).toEqual([]);
  });

  test('peeking inside a moment shows its writes one by one', () => {
    const { store, table } = recorded('0 0 1', '0 0 2, 0 1 3, 1 0 4');
    store.seek(1);
    const seen = [0, 1, 2, 3, 9].map((writes) => {
      store.peekInside(writes);
      return [table.get(0, 0), table.get(0, 1), table.get(1, 0)].join(' ');
    });
    expect(seen).toEqual(['1 0 0', '2 0 0', '2 3 0', '2 3 4', '2 3 4']);
    store.seek(2);
    expect(store.hash).toBe(recorded('0 0 2, 0 1 3, 1 0 4').store.hash);
  });
});

describe('what happened', () => {
  test('writesOf lists a moment in order, also a cell that was written twice', () => {
    const { store, cell } = recorded('0 0 1', '0 0 2, 0 0 3, 1 0 4');
    expect(store.writesOf(2)).toEqual([
      { cell: cell(0, 0), before: 1, after: 2 },
      { cell: cell(0, 0), before: 2, after: 3 },
      { cell: cell(1, 0), before: 0, after: 4 },
    ]);
  });

  test('diff gives each cell that differs once, in both directions, and leaves the moment as it was', () => {
    const { store, cell } = recorded('0 0 1', '0 0 2, 1 0 4', '0 0 3, 1 0 0');
    store.seek(2);
    expect(store.diff(1, 3)).toEqual([{ cell: cell(0, 0), before: 1, after: 3 }]);
    expect(store.diff(3, 1)).toEqual([{ cell: cell(0, 0), before: 3, after: 1 }]);
    expect(store.now).toBe(2);
  });

  test('history and lastWrite name the moments that wrote a cell', () => {
    const { store, cell } = recorded('0 0 1', '1 0 1', '0 0 2, 0 0 3', '1 0 2');
    expect(store.history(cell(0, 0))).toEqual([1, 3]);
    expect(store.history(cell(0, 0), 2)).toEqual([1]);
    expect(store.lastWrite(cell(0, 0))).toBe(3);
    expect(store.lastWrite(cell(0, 0), 2)).toBe(1);
    expect(store.lastWrite(cell(5, 1))).toBe(0);
    expect(store.history(cell(5, 1))).toEqual([]);
  });

  test('a write of the value that is there leaves no trace', () => {
    const { store } = recorded('0 0 1', '0 0 1');
    expect(store.writesOf(2)).toEqual([]);
  });
});

describe('the hash', () => {
  test('depends on the state and not on the way there', () => {
    const direct = recorded('0 0 2, 3 1 5').store.hash;
    expect(recorded('3 1 5', '0 0 7', '0 0 2').store.hash).toBe(direct);
    expect(recorded('0 0 2', '3 1 4', '3 1 5').store.hash).toBe(direct);
    expect(recorded('0 0 2', '3 1 6').store.hash).not.toBe(direct);
  });

  test('of a state in which all is zero again is that of the beginning', () => {
    expect(recorded('0 0 2, 1 1 8', '0 0 0', '1 1 0').store.hash).toBe(new Store().hash);
  });
});

describe('tables', () => {
  test('know their cells, rows and columns', () => {
    const store = new Store();
    store.table('first', ['x'], 5000);
    const second = store.table('second', ['x', 'y', 'z'], 4);
    const cell = second.cell(2, 1);
    expect([store.tableOf(cell).name, second.rowOf(cell), second.columnOf(cell)]).toEqual(['second', 2, 'y']);
  });

  test('a row that nobody wrote takes no memory, and too many rows are refused', () => {
    const store = new Store();
    const table = store.table('wide', ['x'], 2 ** 31);
    table.set(2 ** 31 - 1, 0, 4);
    expect([table.get(2 ** 31 - 1, 0), table.get(5, 0)]).toEqual([4, 0]);
    expect(() => store.table('wider', ['x'], 2 ** 32)).toThrow(
      'table wider: 4294967296 rows do not fit the cell space',
    );
  });
});

type Action = { kind: 'write'; row: number; value: number } | { kind: 'commit' } | { kind: 'seek'; to: number };

const action: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('write' as const),
      row: fc.nat(9),
      value: fc.oneof(fc.nat(3), fc.integer({ min: -(2 ** 52), max: 2 ** 52 })),
    }),
  },
  { weight: 3, arbitrary: fc.constant({ kind: 'commit' as const }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('seek' as const), to: fc.nat(30) }) },
);

/** The same as the store, in the plainest way: a copy of everything for each moment. */
class Model {
  moments: Map<number, number>[] = [new Map()];
  now = 0;
  state: Map<number, number> = new Map();

  write(row: number, value: number): void {
    if ((this.state.get(row) ?? 0) === value) return;
    this.moments.length = this.now + 1;
    this.state.set(row, value);
  }

  commit(): void {
    this.moments.length = this.now + 1;
    this.moments.push(new Map(this.state));
    this.now++;
  }

  seek(to: number): void {
    this.now = to;
    this.state = new Map(this.moments[to]);
  }
}

test('any mixture of writes, commits and seeks agrees with a plain model', () => {
  fc.assert(
    fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
      const store = new Store();
      const table = store.table('t', ['v'], 10);
      const model = new Model();
      const hashes = new Map<string, string>();
      for (const step of actions) {
        if (step.kind === 'write') {
          table.set(step.row, 0, step.value);
          model.write(step.row, step.value);
        } else if (step.kind === 'commit') {
          store.commit();
          model.commit();
        } else {
          const to = step.to % model.moments.length;
          store.seek(to);
          model.seek(to);
        }
        const state = Array.from({ length: 10 }, (_, row) => table.get(row, 0));
        expect(state).toEqual(Array.from({ length: 10 }, (_, row) => model.state.get(row) ?? 0));
        expect([store.now, store.reached]).toEqual([model.now, model.moments.length - 1]);
        const known = hashes.get(state.join());
        if (known !== undefined) expect(store.hash).toBe(known);
        hashes.set(state.join(), store.hash);
      }
    }),
    { numRuns: 300 },
  );
});
