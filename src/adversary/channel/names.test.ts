import assert from 'node:assert/strict';
import { createCipheriv } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { joinBytes, textOf, utf8 } from '../../core/bytes.ts';
import { Random } from '../../core/random.ts';
import { portableCrypto } from '../../secure/crypto/portable.ts';
import { chained, separate } from './blocks.ts';
import { E_NONCE_LENGTH, lectureNames } from './names.ts';

const { E, D, MAC, PE, PD, S, V, encryptionKeys, signingKeys } = lectureNames(portableCrypto, Random.fromSeed(1));
const KEY = new Uint8Array(32).fill(7);

test('what E makes, D reads; equal messages look different; and whatever comes, something comes out', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (message) => {
      const ciphertext = E(KEY, message);
      assert.equal(ciphertext.length, E_NONCE_LENGTH + message.length);
      assert.deepEqual(D(KEY, ciphertext), message);
      assert.notDeepEqual(E(KEY, message), ciphertext);
      assert.equal(D(MAC(KEY, message), ciphertext)?.length, message.length);
    }),
  );
  assert.equal(D(KEY, new Uint8Array(E_NONCE_LENGTH - 1)), undefined);
});

test('who knows the message turns $100 into $999 without the key', () => {
  const [order, forged] = [utf8('pay $100'), utf8('pay $999')];
  const ciphertext = E(KEY, order);
  order.forEach((byte, i) => {
    const at = E_NONCE_LENGTH + i;
    ciphertext[at] = (ciphertext[at] ?? 0) ^ byte ^ (forged[i] ?? 0);
  });
  assert.equal(textOf(D(KEY, ciphertext) ?? order), 'pay $999');
});

test('PD opens what PE made for its key, and nothing else, changed or for others', () => {
  const [mine, other] = [encryptionKeys(Random.fromSeed(2)), encryptionKeys(Random.fromSeed(3))];
  const ciphertext = PE(mine.publicKey, utf8('hello'));
  assert.ok(ciphertext !== undefined);
  assert.equal(textOf(PD(mine.privateKey, ciphertext) ?? KEY), 'hello');
  assert.equal(PD(other.privateKey, ciphertext), undefined);
  assert.equal(PD(mine.privateKey, ciphertext.slice(0, -1)), undefined);
  assert.equal(PD(mine.privateKey, ciphertext.slice(0, 5)), undefined);
  assert.equal(PE(new Uint8Array(32), utf8('to nobody')), undefined);
});

test('a signature is good for its message and its signer alone', () => {
  const [mine, other] = [signingKeys(Random.fromSeed(2)), signingKeys(Random.fromSeed(3))];
  const signature = S(mine.privateKey, utf8('yes'));
  assert.ok(V(mine.publicKey, utf8('yes'), signature));
  assert.ok(!V(mine.publicKey, utf8('no'), signature) && !V(other.publicKey, utf8('yes'), signature));
  assert.ok(!V(new Uint8Array(3), utf8('yes'), signature));
});

test('blocks are those of AES, chained or each for itself, and a wrong padding shows', () => {
  const message = utf8('attack at dawn, or a little later');
  const theirs = (name: string, iv: Uint8Array | null): Uint8Array => {
    const cipher = createCipheriv(name, KEY, iv);
    return joinBytes([cipher.update(message), cipher.final()]);
  };
  const { wrap, unwrap } = chained(KEY, Random.fromSeed(4));
  const ciphertext = wrap(message);
  const first = ciphertext.slice(0, 16);
  assert.deepEqual(ciphertext, joinBytes([first, theirs('aes-256-cbc', first)]));
  assert.deepEqual(unwrap(ciphertext), message);
  assert.deepEqual(separate(KEY).wrap(message), theirs('aes-256-ecb', null));
  const answers = Array.from({ length: 256 }, (_, guess) => {
    const changed = ciphertext.slice(0, 32);
    changed[15] = (changed[15] ?? 0) ^ guess;
    return unwrap(changed) !== undefined;
  });
  assert.ok(answers.filter(Boolean).length < 4, 'nearly every last byte is a wrong padding');
});
