import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { arrayOf, countOf, itemAt, type OneOrMany, withItem, withoutItem } from './one_or_many.ts';

interface Item {
  readonly n: number;
}

test('one item is itself, and no item is nothing', () => {
  const item = { n: 1 };
  assert.equal(withItem(undefined, 0, item), item);
  assert.equal(withoutItem(item, 0), undefined);
  const other = { n: 2 };
  assert.equal(withoutItem(withItem(item, 1, other), 0), other);
});

test('any sequence of changes leaves what an array would hold', () => {
  const change = fc.record({ isAdded: fc.boolean(), at: fc.nat(1000) });
  fc.assert(
    fc.property(fc.array(change, { maxLength: 60 }), (changes) => {
      const expected: Item[] = [];
      let list: OneOrMany<Item>;
      for (const [n, { isAdded, at }] of changes.entries()) {
        if (isAdded) {
          const place = at % (expected.length + 1);
          expected.splice(place, 0, { n });
          list = withItem(list, place, expected[place] ?? { n });
        } else if (expected.length > 0) {
          const place = at % expected.length;
          expected.splice(place, 1);
          list = withoutItem(list, place);
        }
        assert.equal(countOf(list), expected.length);
        assert.deepEqual([...arrayOf(list)], expected);
        for (let i = 0; i <= expected.length; i++) assert.equal(itemAt(list, i), expected[i]);
      }
    }),
  );
});
