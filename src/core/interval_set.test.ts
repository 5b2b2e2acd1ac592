import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { IntervalSet } from './interval_set.ts';

const text = (set: IntervalSet): string => {
  const ranges: string[] = [];
  for (let i = 0; i < set.size; i++) ranges.push(`${set.start(i)}-${set.end(i)}`);
  return ranges.join(' ');
};

test('ranges that touch or overlap become one', () => {
  const set = new IntervalSet(8);
  set.add(10, 20);
  set.add(30, 40);
  set.add(50, 60);
  assert.equal(text(set), '10-20 30-40 50-60');
  set.add(20, 30);
  assert.equal(text(set), '10-40 50-60');
  set.add(5, 55);
  assert.equal(text(set), '5-60');
});

test('a range too many is refused, one that joins others is not', () => {
  const set = new IntervalSet(2);
  assert.ok(set.add(0, 1));
  assert.ok(set.add(10, 11));
  assert.ok(!set.add(5, 6));
  assert.equal(text(set), '0-1 10-11');
  assert.ok(set.add(1, 10));
  assert.equal(text(set), '0-11');
});

test('an empty range adds nothing', () => {
  const set = new IntervalSet(2);
  assert.ok(set.add(5, 5));
  assert.equal(set.size, 0);
});

// Around the point where serial numbers change sign, and where they wrap from the last to the first.
for (const base of [0, 0x7fff_fff0, -16]) {
  test(`behaves as a set of numbers does, around ${base}`, () => {
    const number = fc.nat(63);
    const action = fc.oneof(
      fc.record({ kind: fc.constant('add' as const), at: number, length: fc.nat(12) }),
      fc.record({ kind: fc.constant('removeBefore' as const), at: number, length: fc.constant(0) }),
    );
    fc.assert(
      fc.property(fc.array(action, { maxLength: 20 }), (actions) => {
        const set = new IntervalSet(100);
        const model = new Set<number>();
        for (const { kind, at, length } of actions) {
          if (kind === 'add') {
            set.add((base + at) | 0, (base + at + length) | 0);
            for (let i = at; i < at + length; i++) model.add(i);
          } else {
            set.removeBefore((base + at) | 0);
            for (let i = 0; i < at; i++) model.delete(i);
          }
        }
        assert.equal(set.count, model.size);
        for (let i = 0; i < 80; i++) assert.equal(set.has((base + i) | 0), model.has(i), `${i}`);
        for (let i = 1; i < set.size; i++) {
          assert.ok(((set.start(i) - set.end(i - 1)) | 0) > 0, 'sorted, disjoint, not adjoining');
        }
      }),
    );
  });
}
