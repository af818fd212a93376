// The page allocator gives no page out twice, whatever the orders of folios that come and go.
import { expect, test } from 'vitest';
import { Machine } from '../../../server/src/emulator/index.ts';

test('folios of all orders never share a page', () => {
  const { linux } = new Machine({ dram: { base: 0x8000_0000, size: 64 * 2 ** 20 } });
  const { allocator } = linux;
  const held = new Map<number, number>();
  const owners = new Map<number, number>();
  const orders = [0, 6, 0, 1, 9, 0, 6, 1, 0, 0, 9, 6];
  for (let round = 0; round < 4; round++) {
    for (const order of orders) {
      const first = allocator.take(order);
      expect(first).not.toBe(0);
      for (let page = first; page < first + 2 ** order; page++) {
        expect(owners.get(page), `page ${page} of order ${order}`).toBeUndefined();
        owners.set(page, first);
      }
      held.set(first, order);
    }
    // Every second folio goes back, so that the lists are neither empty nor in order.
    for (const [i, [first, order]] of [...held].entries()) {
      if (i % 2 === 1) continue;
      allocator.give(first);
      held.delete(first);
      for (let page = first; page < first + 2 ** order; page++) owners.delete(page);
    }
  }
  expect(allocator.inUse).toBe(owners.size);
});
