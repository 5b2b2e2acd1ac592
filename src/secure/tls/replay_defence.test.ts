import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { SingleUseWindow } from './replay_defence.ts';

/** 1 November 2026. */
const NOW = 1_793_491_200_000;
const binder = (number: number): Uint8Array => Uint8Array.of(number >> 8, number & 255, 3, 4);

test('a hello is admitted once', () => {
  const defence = new SingleUseWindow();
  assert.equal(defence.admit(binder(1), NOW, NOW), true);
  assert.equal(defence.admit(binder(1), NOW, NOW), false);
  assert.equal(defence.admit(binder(2), NOW, NOW), true);
});

test('a hello from more than ten seconds before or after its time is not admitted', () => {
  const early = [-10_001, -10_000, 0, 10_000, 10_001].map((by) =>
    new SingleUseWindow().admit(binder(1), NOW + by, NOW),
  );
  assert.deepEqual(early, [false, true, true, true, false]);
  assert.equal(new SingleUseWindow().admit(binder(1), Number.NaN, NOW), false);
});

test('no hello is admitted twice, whenever it is sent again', () => {
  const moment = fc.integer({ min: 0, max: 500 });
  const sent = fc.array(fc.tuple(fc.nat(5), moment), { maxLength: 60 });
  fc.assert(
    fc.property(fc.array(moment, { minLength: 6, maxLength: 6 }), sent, (expected, arrivals) => {
      const defence = new SingleUseWindow(50);
      const admitted = arrivals
        .toSorted(([, a], [, b]) => a - b)
        .filter(([which, at]) => defence.admit(binder(which), NOW + (expected[which] ?? 0), NOW + at))
        .map(([which]) => which);
      assert.equal(new Set(admitted).size, admitted.length);
    }),
  );
});

test('when it is full it admits nobody, until what it knows is too old to be sent again', () => {
  const defence = new SingleUseWindow(100, 3);
  const admit = (number: number, after: number): boolean => defence.admit(binder(number), NOW + after, NOW + after);
  assert.deepEqual([admit(1, 0), admit(2, 0), admit(3, 0), admit(4, 0)], [true, true, true, false]);
  assert.equal(admit(5, 100), false);
  assert.equal(admit(6, 500), true);
});

test('a window or a capacity of nothing is refused', () => {
  assert.throws(() => new SingleUseWindow(0), /above 0 milliseconds/);
  assert.throws(() => new SingleUseWindow(10, 0), /above 0 hellos/);
});
