import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { ByteSpan } from './byte_reader.ts';
import { clipped, coverOf, shifted } from './byte_spans.ts';

const OUTER = { start: 1, end: 8, label: 'outer', value: 'all' };
const INNER = { start: 3, end: 5, label: 'inner', value: '7' };

test('each byte stands under the innermost span, in the order of the bytes, and nothing is left out', () => {
  assert.deepEqual(coverOf([INNER, OUTER], 10, 'rest'), [
    { start: 0, end: 1, label: 'rest' },
    { start: 1, end: 3, label: 'outer' },
    INNER,
    { start: 5, end: 8, label: 'outer' },
    { start: 8, end: 10, label: 'rest' },
  ]);
  assert.deepEqual(coverOf([OUTER], 8, 'rest').at(-1), OUTER);
  assert.deepEqual(coverOf([], 0, 'rest'), []);
});

test('a part of a span says which part it is', () => {
  assert.deepEqual(clipped([OUTER, INNER], 4, 9), [
    { start: 0, end: 4, label: 'outer, bytes 4 to 7 of 7', value: 'all' },
    { start: 0, end: 1, label: 'inner, byte 2 of 2', value: '7' },
  ]);
  assert.deepEqual(clipped([OUTER, INNER], 1, 8), shifted([OUTER, INNER], -1));
});

test('whatever spans there are, the cover has no gaps and no overlaps', () => {
  const span = fc.tuple(fc.nat(30), fc.nat(30)).map(([a, b]): ByteSpan => {
    return { start: Math.min(a, b), end: Math.max(a, b), label: `${a}-${b}` };
  });
  fc.assert(
    fc.property(fc.array(span, { maxLength: 8 }), (spans) => {
      let at = 0;
      for (const { start, end } of coverOf(spans, 30, 'rest')) {
        assert.ok(start === at && end > start);
        at = end;
      }
      assert.equal(at, 30);
    }),
  );
});
