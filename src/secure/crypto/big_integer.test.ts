import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { hexOf } from '../../core/bytes.ts';
import { bitLength, integerBytes, integerOf, inverse, modulo, power } from './big_integer.ts';

const FIBONACCI: bigint[] = [1n, 1n];
for (let i = 2; i < 370; i++) FIBONACCI.push((FIBONACCI[i - 1] ?? 0n) + (FIBONACCI[i - 2] ?? 0n));

test('bytes of every length become a number and the same bytes again', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      const value = integerOf(bytes);
      assert.equal(value, bytes.length === 0 ? 0n : BigInt(`0x${hexOf(bytes)}`));
      assert.deepEqual(integerBytes(value, bytes.length), bytes);
    }),
  );
});

test('only the bytes of the view count, not those around it', () => {
  assert.equal(integerOf(Uint8Array.of(0xff, 1, 2, 0xff).subarray(1, 3)), 0x0102n);
});

test('powers are what multiplying again and again gives', () => {
  fc.assert(
    fc.property(fc.bigInt(0n, 1n << 80n), fc.integer({ min: 0, max: 200 }), fc.bigInt(1n, 1n << 80n), (b, e, m) => {
      let expected = 1n % m;
      for (let i = 0; i < e; i++) expected = (expected * b) % m;
      assert.equal(power(b, BigInt(e), m), expected);
    }),
  );
});

test('a long exponent gives the product of the powers of its parts', () => {
  fc.assert(
    fc.property(fc.bigInt(2n, 1n << 100n), fc.bigInt(1n << 64n, 1n << 300n), fc.bigInt(2n, 1n << 100n), (b, e, m) => {
      const [high, low] = [e >> 61n, e & ((1n << 61n) - 1n)];
      const raised = power(power(b, high, m), 1n << 61n, m);
      assert.equal(power(b, e, m), (raised * power(b, low, m)) % m);
    }),
  );
});

/** Euclid's algorithm, step by step. */
const commonFactor = (a: bigint, b: bigint): bigint => (b === 0n ? a : commonFactor(b, a % b));

test('a number times its inverse is 1, and only a common factor leaves none', () => {
  const any = fc.integer({ min: 1, max: 400 }).chain((bits) => fc.bigInt(-(1n << BigInt(bits)), 1n << BigInt(bits)));
  // Quotients of 1 throughout, and one huge one: what the leading bits decide all of, and none of.
  const special = fc.constantFrom(
    1n,
    2n,
    3n,
    FIBONACCI.at(-1) ?? 0n,
    FIBONACCI.at(-2) ?? 0n,
    1n << 200n,
    (1n << 256n) - 1n,
  );
  const value = fc.oneof(any, special);
  fc.assert(
    fc.property(value, value, (a, given) => {
      const modulus = (given < 0n ? -given : given) + 2n;
      const found = inverse(a, modulus);
      if (found === undefined) assert.notEqual(commonFactor(modulus, modulo(a, modulus)), 1n);
      else assert.equal(modulo(found * a, modulus), 1n);
    }),
    { numRuns: 10 * (fc.readConfigureGlobal().numRuns ?? 100) },
  );
  assert.equal(inverse(6n, 9n), undefined);
  assert.equal(inverse(0n, 9n), undefined);
  assert.equal(inverse(2n, 9n), 5n);
});

test('the length in bits is that of the binary number', () => {
  assert.deepEqual([0n, 1n, 2n, 255n, 256n, 1n << 2047n].map(bitLength), [0, 1, 2, 8, 9, 2048]);
});
