import assert from 'node:assert/strict';
import { createCipheriv, createHmac } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { bytesEqual, hexOf, joinBytes, textOf, utf8 } from '../../core/bytes.ts';
import { Random } from '../../core/random.ts';
import { EXAMPLE_RSA_KEYS } from './example_rsa_keys.ts';
import {
  D,
  Dcbc,
  Dctr,
  E,
  Ecbc,
  Ectr,
  hash,
  MAC,
  macFromHash,
  PD,
  PDold,
  PE,
  PEold,
  S,
  shortKey,
  truncatedHash,
  V,
} from './lecture.ts';
import { nodeCrypto } from './node.ts';
import { portableCrypto } from './portable.ts';
import { sha256Padding, sha256Resume } from './sha256_resume.ts';

const KEY = new Uint8Array(32).fill(7);
const NONCE = new Uint8Array(12).fill(9);
const IV = new Uint8Array(16).fill(3);

const xor = (a: Uint8Array, b: Uint8Array): Uint8Array => a.map((byte, i) => byte ^ (b[i] ?? 0));

test('what is encrypted decrypts again, with each cipher', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (message) => {
      assert.deepEqual(D(KEY, NONCE, E(KEY, NONCE, message)), message);
      assert.deepEqual(Dctr(KEY, IV, Ectr(KEY, IV, message)), message);
      assert.deepEqual(Dcbc(KEY, IV, Ecbc(KEY, IV, message)), message);
    }),
  );
});

test('the AES modes are those of OpenSSL', () => {
  const message = utf8('attack at dawn, or a little later');
  const theirs = (name: string): Uint8Array => {
    const cipher = createCipheriv(name, KEY, IV);
    return joinBytes([cipher.update(message), cipher.final()]);
  };
  assert.deepEqual(Ectr(KEY, IV, message), theirs('aes-256-ctr'));
  assert.deepEqual(Ecbc(KEY, IV, message), theirs('aes-256-cbc'));
});

test('a stream cipher is malleable: who knows the message turns $100 into $999 without the key', () => {
  const sealed = E(KEY, NONCE, utf8('pay $100'));
  const changed = xor(sealed, xor(utf8('pay $100'), utf8('pay $999')));
  assert.equal(textOf(D(KEY, NONCE, changed)), 'pay $999');
});

test('a wrong padding shows in CBC, and the padding alone', () => {
  const sealed = Ecbc(KEY, IV, utf8('fifteen letters'));
  const answers = Array.from({ length: 256 }, (_, guess) => {
    const iv = IV.slice();
    iv[15] = (iv[15] ?? 0) ^ guess;
    return Dcbc(KEY, iv, sealed) !== undefined;
  });
  // The last byte is 1: right as it is, and wrong with nearly every other one.
  assert.equal(answers[0], true);
  assert.ok(answers.filter(Boolean).length < 4);
  assert.equal(Dcbc(KEY, IV, sealed.subarray(1)), undefined);
});

test('a key of few secret bits is found by trying', () => {
  const secret = shortKey(0x2a5, 10);
  const sealed = E(secret, NONCE, utf8('known'));
  const found = Array.from({ length: 1 << 10 }, (_, guess) => guess).filter((guess) =>
    bytesEqual(E(shortKey(guess, 10), NONCE, utf8('known')), sealed),
  );
  assert.deepEqual(found, [0x2a5]);
  assert.throws(() => shortKey(1024, 10), RangeError);
  assert.throws(() => shortKey(1, 33), RangeError);
  assert.deepEqual(shortKey(2 ** 32 - 1, 32).subarray(0, 5), Uint8Array.of(255, 255, 255, 255, 0));
});

test('MAC is HMAC-SHA256, and says so to who has the key only', () => {
  assert.equal(hexOf(MAC(KEY, utf8('message'))), createHmac('sha256', KEY).update('message').digest('hex'));
  assert.notDeepEqual(MAC(KEY, utf8('message')), MAC(NONCE, utf8('message')));
});

test('hash(secret + message) can be extended by somebody who does not have the secret, HMAC cannot', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), fc.uint8Array({ maxLength: 100 }), (secret, message) => {
      const known = macFromHash(secret, message);
      const length = secret.length + message.length;
      const padding = sha256Padding(length);
      const more = utf8('&admin=true');
      const resumed = sha256Resume(known, length + padding.length);
      resumed.update(more);
      const forged = joinBytes([message, padding, more]);
      const digest = resumed.digest();
      assert.deepEqual(macFromHash(secret, forged), digest);

      // The same with HMAC, where 64 bytes of padded key come before the message: the outer hash is in the way.
      const inner = 64 + message.length;
      const extended = sha256Resume(MAC(secret, message), inner + sha256Padding(inner).length);
      extended.update(more);
      assert.notDeepEqual(MAC(secret, joinBytes([message, sha256Padding(inner), more])), extended.digest());
    }),
  );
  assert.throws(() => sha256Resume(new Uint8Array(31), 64), RangeError);
  assert.throws(() => sha256Resume(new Uint8Array(32), 63), /padding/);
});

test('public-key encryption: the private key opens, both paddings, and no other key', () => {
  const [a, b] = [EXAMPLE_RSA_KEYS.A, EXAMPLE_RSA_KEYS.B].map((numbers) => portableCrypto.rsa.importKey(numbers));
  assert.ok(a && b);
  const random = Random.fromSeed(1);
  const message = utf8('session key');
  assert.deepEqual(PD(a, PE(a.publicKey, message, random)), message);
  assert.deepEqual(PDold(a, PEold(a.publicKey, message, random)), message);
  assert.equal(PD(b, PE(a.publicKey, message, random)), undefined);
  assert.notDeepEqual(PE(a.publicKey, message, random), PE(a.publicKey, message, random), 'random, so never twice');
  assert.throws(() => PE(a.publicKey, new Uint8Array(63), random), /longer key/);
});

test('the three example keys are keys, and different ones', () => {
  const keys = Object.values(EXAMPLE_RSA_KEYS).map((numbers) => nodeCrypto.rsa.importKey(numbers));
  assert.deepEqual(
    keys.map(({ publicKey }) => publicKey.length),
    [128, 128, 128],
  );
  assert.equal(new Set(keys.map(({ publicKey }) => hexOf(publicKey.numbers.modulus))).size, 3);
});

test('a signature verifies for its message and its signer alone', () => {
  const [a, b] = [1, 2].map((seed) => portableCrypto.ed25519.generate(Random.fromSeed(seed)));
  assert.ok(a && b);
  const signature = S(a, utf8('I owe you'));
  assert.equal(V(a.publicKey, utf8('I owe you'), signature), true);
  assert.equal(V(a.publicKey, utf8('You owe me'), signature), false);
  assert.equal(V(b.publicKey, utf8('I owe you'), signature), false);
});

test('a truncated hash keeps the first bits, and collides when they are few', () => {
  assert.deepEqual(truncatedHash(utf8('x'), 256), hash(utf8('x')));
  const full = hash(utf8('x'));
  assert.deepEqual(truncatedHash(utf8('x'), 12), Uint8Array.of(full[0] ?? 0, (full[1] ?? 0) & 0xf0));
  assert.deepEqual(truncatedHash(utf8('x'), 1), Uint8Array.of((full[0] ?? 0) & 0x80));
  const seen = new Set<string>();
  let count = 0;
  for (; !seen.has(hexOf(truncatedHash(utf8(`${count}`), 20))); count++)
    seen.add(hexOf(truncatedHash(utf8(`${count}`), 20)));
  assert.ok(count > 100 && count < 10_000, `a birthday among 2^20 after ${count}`);
  assert.throws(() => truncatedHash(full, 0), RangeError);
});
