import assert from 'node:assert/strict';
import { test } from 'node:test';
import { p256, p384 } from '@noble/curves/nist.js';
import { bytes } from '../../../test/testing/bytes.ts';
import { hexOf, utf8 } from '../../core/bytes.ts';
import { integerBytes } from './big_integer.ts';
import { nodeCrypto } from './node.ts';
import { portableCrypto } from './portable.ts';
import { drawScalar, isScalar, PRIME_CURVES } from './prime_curve.ts';
import type { EcdsaCurve, HashName } from './provider.ts';

test('the orders are those of the curves', () => {
  assert.equal(PRIME_CURVES['P-256'].order, p256.Point.Fn.ORDER);
  assert.equal(PRIME_CURVES['P-384'].order, p384.Point.Fn.ORDER);
});

test('RFC 6979 §A.2.5 and §A.2.6: the nonces and so the signatures are those of the examples', () => {
  const p256Secret = 'c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721';
  const p384Secret = '6b9d3dad2e1b8c1c05b19875b6659f4de23c3b667bf297ba9aa47740787137d896d5724e4c70a825f872c9ea60d2edf5';
  const examples: readonly (readonly [EcdsaCurve, string, HashName, string, string])[] = [
    [
      'P-256',
      p256Secret,
      'sha256',
      'efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716',
      'f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8',
    ],
    [
      'P-384',
      p384Secret,
      'sha384',
      '94edbb92a5ecb8aad4736e56c691916b3f88140666ce9fa73d64c4ea95ad133c81a648152e44acf96e36dd1e80fabe46',
      '99ef4aeb15f178cea1fe40db2603138f130e740a19624526203b6351d0a3a94fa329c145786e679e7b82c71a38628ac8',
    ],
  ];
  for (const { ecdsa } of [nodeCrypto, portableCrypto]) {
    for (const [curve, secret, hash, r, s] of examples) {
      assert.equal(hexOf(ecdsa[curve].importKey(bytes(secret)).sign(hash, utf8('sample'), 'raw')), r + s);
    }
  }
});

test('signatures are those of another implementation of RFC 6979, where it knows the hash', () => {
  for (let i = 1; i < 20; i++) {
    const [message, secret] = [Uint8Array.of(i), integerBytes(BigInt(i) ** 9n, 32)];
    const theirs = p256.sign(message, secret, { lowS: false });
    assert.deepEqual(nodeCrypto.ecdsa['P-256'].importKey(secret).sign('sha256', message, 'raw'), theirs);
  }
});

test('a scalar is drawn again until it lies from 1 to the order less 1', () => {
  const curve = PRIME_CURVES['P-256'];
  const draws = [new Uint8Array(32), integerBytes(curve.order, 32), new Uint8Array(32).fill(0xff)];
  const last = integerBytes(curve.order - 1n, 32);
  draws.push(last, new Uint8Array(32).fill(1));
  const drawn = drawScalar(curve, { fill: (out) => out.set(draws.shift() ?? assert.fail()) });
  assert.deepEqual(drawn, last);
  assert.equal(draws.length, 1);
  assert.equal(isScalar(curve, new Uint8Array(31).fill(1)), false);
});
