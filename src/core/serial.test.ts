import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { serialAdd, serialAtMost, serialBefore, serialDistance, serialLater, serialWithin } from './serial.ts';

const CIRCLE = 2n ** 32n;
const anySerial = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });

/** RFC 1982 §3.2 to the letter, on numbers without bounds: how far it is from b forward to a. */
const forward = (b: number, a: number): bigint => (((BigInt(a) - BigInt(b)) % CIRCLE) + CIRCLE) % CIRCLE;

test('numbers compare across the end of the circle', () => {
  assert.equal(serialBefore(-1, 0), true); // 0xffffffff comes before 0
  assert.equal(serialBefore(0x7fff_ffff, -0x8000_0000), true);
  assert.equal(serialBefore(0, -1), false);
  assert.equal(serialBefore(5, 5), false);
  assert.equal(serialAtMost(5, 5), true);
  assert.equal(serialAdd(0x7fff_ffff, 1), -0x8000_0000);
  assert.equal(serialAdd(-1, 2), 1);
});

test('comparing agrees with RFC 1982 wherever that defines an order', () => {
  fc.assert(
    fc.property(anySerial, anySerial, (a, b) => {
      if (forward(a, b) === CIRCLE / 2n) return; // exactly opposite: RFC 1982 leaves it undefined
      const isBefore = forward(a, b) !== 0n && forward(a, b) < CIRCLE / 2n;
      assert.equal(serialBefore(a, b), isBefore);
      assert.equal(serialAtMost(a, b), isBefore || a === b);
      assert.equal(serialLater(a, b), isBefore ? b : a);
    }),
  );
});

test('a distance leads back to where it was taken', () => {
  fc.assert(
    fc.property(anySerial, anySerial, (a, b) => {
      assert.equal(serialAdd(b, serialDistance(a, b)), a);
    }),
  );
});

test('a window holds its first number, not the one behind its last, and may cross the end', () => {
  assert.equal(serialWithin(-2, -2, 4), true);
  assert.equal(serialWithin(1, -2, 4), true);
  assert.equal(serialWithin(2, -2, 4), false);
  assert.equal(serialWithin(-3, -2, 4), false);
  assert.equal(serialWithin(7, 7, 0), false);
  fc.assert(
    fc.property(anySerial, anySerial, fc.nat(0xffff_ffff), (a, start, length) => {
      assert.equal(serialWithin(a, start, length), forward(start, a) < BigInt(length));
    }),
  );
});
