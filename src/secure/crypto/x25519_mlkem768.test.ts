import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../../core/random.ts';
import { nodeCrypto } from './node.ts';
import { portableCrypto } from './portable.ts';
import { x25519MlKem768 } from './x25519_mlkem768.ts';

const PROVIDERS = [nodeCrypto, portableCrypto];
const [node, portable] = [x25519MlKem768(nodeCrypto), x25519MlKem768(portableCrypto)];

test('shares and secrets have the lengths of RFC 10024, ML-KEM first', () => {
  const key = node.generate(Random.fromSeed(1));
  const made = node.encapsulate(key.publicKey, Random.fromSeed(2));
  assert.deepEqual([key.publicKey.length, made?.ciphertext.length, made?.sharedSecret.length], [1216, 1120, 64]);
  assert.deepEqual([node.publicKeyLength, node.ciphertextLength, node.sharedSecretLength], [1216, 1120, 64]);
  const [seed, lattice] = [key.seed, nodeCrypto.mlKem768.importKey(key.seed.subarray(0, 64))];
  assert.deepEqual(key.publicKey.subarray(0, 1184), lattice.publicKey);
  const curve = nodeCrypto.agreement.X25519.importKey(seed.subarray(64));
  assert.deepEqual(key.publicKey.subarray(1184), curve.publicKey);
  const { ciphertext, sharedSecret } = made ?? assert.fail();
  assert.deepEqual(sharedSecret.subarray(0, 32), lattice.decapsulate(ciphertext.subarray(0, 1088)));
  assert.deepEqual(sharedSecret.subarray(32), curve.agree(ciphertext.subarray(1088)));
});

test('the same seeds give the same bytes on both providers, and both ends the same secret', () => {
  const keys = [node, portable].map((kem) => kem.generate(Random.fromSeed(1)));
  assert.deepEqual(keys[0]?.publicKey, keys[1]?.publicKey);
  const publicKey = keys[0]?.publicKey ?? assert.fail();
  const made = [node, portable].map((kem) => kem.encapsulate(publicKey, Random.fromSeed(2)));
  assert.deepEqual(made[0], made[1]);
  for (const key of keys)
    assert.deepEqual(key.decapsulate(made[0]?.ciphertext ?? assert.fail()), made[0]?.sharedSecret);
});

test('shares of the wrong length, or with a half that is no key, give nothing', () => {
  for (const provider of PROVIDERS) {
    const kem = x25519MlKem768(provider);
    const key = kem.generate(Random.fromSeed(1));
    const random = Random.fromSeed(2);
    const { ciphertext } = kem.encapsulate(key.publicKey, random) ?? assert.fail();
    const zeroPoint = (share: Uint8Array): Uint8Array => share.slice().fill(0, share.length - 32);
    for (const share of [key.publicKey.subarray(1), Uint8Array.of(...key.publicKey, 0), zeroPoint(key.publicKey)]) {
      assert.equal(kem.encapsulate(share, random), undefined);
    }
    assert.equal(kem.encapsulate(key.publicKey.slice().fill(0xff, 0, 1184), random), undefined);
    for (const share of [
      ciphertext.subarray(1),
      Uint8Array.of(...ciphertext, 0),
      zeroPoint(ciphertext),
      new Uint8Array(0),
    ]) {
      assert.equal(key.decapsulate(share), undefined);
    }
    assert.throws(() => kem.importKey(new Uint8Array(64)), RangeError);
  }
});
