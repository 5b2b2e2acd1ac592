// Project Wycheproof's vectors, on both providers. A vector that is not judged is counted, with the reason; the counts are
// written down here, so that none goes missing.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nodeCrypto } from '../../src/secure/crypto/node.ts';
import { portableCrypto } from '../../src/secure/crypto/portable.ts';
import type { AeadName, CryptoProvider, EcdsaCurve, HashName, RandomSource } from '../../src/secure/crypto/provider.ts';
import { bytes, hex } from '../testing/bytes.ts';
import { readVectors } from './vectors.ts';

interface Vector {
  readonly tcId: number;
  readonly comment?: string;
  readonly flags?: readonly string[];
  readonly result: 'valid' | 'invalid' | 'acceptable';
  readonly size?: number;
  readonly iterationCount?: number;
  readonly dkLen?: number;
  readonly private?: string;
  readonly msg?: string;
}

interface Group {
  readonly keySize?: number;
  readonly tagSize?: number;
  readonly sLen?: number;
  readonly publicKey?: Readonly<Record<string, string>>;
  readonly privateKey?: Readonly<Record<string, string>>;
  readonly tests: readonly Vector[];
}

/** What came of one vector: whether it was accepted (`valid` is), or why it was not judged. */
type Outcome = boolean | string;
type Judge = (provider: CryptoProvider, group: Group, vector: Vector) => Outcome;

interface File {
  readonly name: string;
  readonly judge: Judge;
  readonly judged: number;
  /** Reason and number. */
  readonly notJudged?: Readonly<Record<string, number>>;
  /** Of the `acceptable` ones, which we accept. */
  readonly accepts?: (vector: Vector) => boolean;
}

function field(source: object, name: string): Uint8Array {
  const value = (source as Record<string, unknown>)[name];
  assert.equal(typeof value, 'string', `the field ${name}`);
  return bytes(String(value));
}

const judgeAead =
  (names: Readonly<Record<number, AeadName>>): Judge =>
  (provider, { keySize = 0 }, vector) => {
    const name = names[keySize];
    if (name === undefined) return `keys of ${keySize} bits`;
    const [nonce, associatedData] = [field(vector, 'iv'), field(vector, 'aad')];
    const [plaintext, sealed] = [field(vector, 'msg'), Uint8Array.of(...field(vector, 'ct'), ...field(vector, 'tag'))];
    const key = provider.prepareAead(name, field(vector, 'key'));
    if (nonce.length !== 12) {
      assert.throws(() => key.open(nonce, associatedData, sealed), RangeError);
      return vector.result === 'invalid' ? false : 'nonces that are not 12 bytes';
    }
    const opened = key.open(nonce, associatedData, sealed);
    if (opened === undefined) return false;
    assert.equal(hex(opened), hex(plaintext));
    assert.equal(hex(key.seal(nonce, associatedData, plaintext)), hex(sealed));
    return true;
  };

const judgeEcdsa =
  (curve: EcdsaCurve, hash: HashName): Judge =>
  (provider, { publicKey }, vector) => {
    const key = provider.ecdsa[curve].importPublicKey(field(publicKey ?? {}, 'uncompressed'));
    assert.ok(key !== undefined);
    return key.verify(hash, field(vector, 'msg'), field(vector, 'sig'));
  };

const judgeHkdf =
  (hash: HashName): Judge =>
  (provider, _group, vector) => {
    const key = provider.hkdfExtract(hash, field(vector, 'salt'), field(vector, 'ikm'));
    try {
      const expanded = provider.hkdfExpand(hash, key, field(vector, 'info'), vector.size ?? 0);
      return hex(expanded) === hex(field(vector, 'okm'));
    } catch (error) {
      if (error instanceof RangeError) return false;
      throw error;
    }
  };

const judgeHmac =
  (hash: HashName): Judge =>
  (provider, { tagSize = 0 }, vector) => {
    const tag = provider.hmac(hash, field(vector, 'key'), field(vector, 'msg'));
    return hex(tag.subarray(0, tagSize / 8)) === hex(field(vector, 'tag'));
  };

/** Secrets are written as integers, with a zero too much or zeros too few. */
function scalar(vector: Vector, length: number): Uint8Array {
  const digits = String(vector.private).replace(/^0+/, '');
  return bytes(digits.padStart(2 * length, '0'));
}

const judgeEcdh =
  (curve: EcdsaCurve): Judge =>
  ({ agreement: { [curve]: group } }, _group, vector) => {
    const shared = group.importKey(scalar(vector, group.secretLength)).agree(field(vector, 'public'));
    if (shared === undefined) return false;
    assert.equal(hex(shared), hex(field(vector, 'shared')));
    return true;
  };

const judgeX25519: Judge = (provider, _group, vector) => {
  const shared = provider.agreement.X25519.importKey(field(vector, 'private')).agree(field(vector, 'public'));
  if (shared === undefined) return false;
  assert.equal(hex(shared), hex(field(vector, 'shared')));
  return true;
};

const judgeEd25519: Judge = (provider, { publicKey }, vector) => {
  const key = provider.ed25519.importPublicKey(field(publicKey ?? {}, 'pk'));
  return key?.verify(field(vector, 'msg'), field(vector, 'sig')) === true;
};

const judgeEncapsulation: Judge = (provider, _group, vector) => {
  const random: RandomSource = { fill: (out) => out.set(field(vector, 'm')) };
  const made = provider.mlKem768.encapsulate(field(vector, 'ek'), random);
  if (made === undefined) return false;
  return hex(made.ciphertext) === hex(field(vector, 'c')) && hex(made.sharedSecret) === hex(field(vector, 'K'));
};

const judgeDecapsulation: Judge = (provider, _group, vector) => {
  const seed = field(vector, 'seed');
  if (seed.length !== 64) {
    assert.throws(() => provider.mlKem768.importKey(seed), RangeError);
    return false;
  }
  const key = provider.mlKem768.importKey(seed);
  const secret = key.decapsulate(field(vector, 'c'));
  if (secret === undefined) return false;
  assert.equal(hex(key.publicKey), hex(field(vector, 'ek')));
  return hex(secret) === hex(field(vector, 'K'));
};

const judgePbkdf2: Judge = (provider, _group, vector) => {
  const { iterationCount = 0, dkLen = 0 } = vector;
  const [password, salt] = [field(vector, 'password'), field(vector, 'salt')];
  return hex(provider.passwords.pbkdf2('sha256', password, salt, iterationCount, dkLen)) === hex(field(vector, 'dk'));
};

const judgeRsa =
  (scheme: 'pss' | 'pkcs1', hash: HashName): Judge =>
  (provider, { publicKey, privateKey, sLen }, vector) => {
    const numbers = publicKey ?? privateKey ?? {};
    const key = provider.rsa.importPublicKey({
      modulus: field(numbers, 'modulus'),
      publicExponent: field(numbers, 'publicExponent'),
    });
    assert.ok(key !== undefined);
    const [message, signature] = [field(vector, 'msg'), field(vector, 'sig')];
    return scheme === 'pss' ? key.verifyPss(hash, message, signature, sLen) : key.verifyPkcs1(hash, message, signature);
  };

const isSmallOrder = (vector: Vector): boolean => vector.flags?.includes('ZeroSharedSecret') === true;

const FILES: readonly File[] = [
  {
    name: 'aes_gcm',
    judge: judgeAead({ 128: 'aes-128-gcm', 256: 'aes-256-gcm' }),
    judged: 137,
    notJudged: { 'keys of 192 bits': 103, 'nonces that are not 12 bytes': 76 },
  },
  { name: 'chacha20_poly1305', judge: judgeAead({ 256: 'chacha20-poly1305' }), judged: 325 },
  // Acceptable: a compressed point. TLS 1.3 has none (RFC 8446 §4.2.8.2, now 9846).
  { name: 'ecdh_secp256r1_ecpoint', judge: judgeEcdh('P-256'), judged: 355, accepts: () => false },
  { name: 'ecdh_secp384r1_ecpoint', judge: judgeEcdh('P-384'), judged: 790, accepts: () => false },
  { name: 'ecdsa_secp256r1_sha256', judge: judgeEcdsa('P-256', 'sha256'), judged: 484 },
  { name: 'ecdsa_secp384r1_sha384', judge: judgeEcdsa('P-384', 'sha384'), judged: 504 },
  { name: 'ed25519', judge: judgeEd25519, judged: 151 },
  { name: 'hkdf_sha256', judge: judgeHkdf('sha256'), judged: 86 },
  { name: 'hkdf_sha384', judge: judgeHkdf('sha384'), judged: 83 },
  { name: 'hmac_sha256', judge: judgeHmac('sha256'), judged: 174 },
  { name: 'hmac_sha384', judge: judgeHmac('sha384'), judged: 174 },
  { name: 'mlkem_768_encaps', judge: judgeEncapsulation, judged: 265 },
  { name: 'mlkem_768', judge: judgeDecapsulation, judged: 193 },
  { name: 'pbkdf2_hmacsha256', judge: judgePbkdf2, judged: 60 },
  { name: 'rsa_pss_2048_sha256_mgf1_32', judge: judgeRsa('pss', 'sha256'), judged: 108 },
  { name: 'rsa_pss_2048_sha384_mgf1_48', judge: judgeRsa('pss', 'sha384'), judged: 141 },
  { name: 'rsa_pss_4096_sha512_mgf1_64', judge: judgeRsa('pss', 'sha512'), judged: 179 },
  // Acceptable: AlgorithmIdentifier without NULL. RFC 8017 §9.2 wants one, and we compare the whole block.
  { name: 'rsa_signature_2048_sha256', judge: judgeRsa('pkcs1', 'sha256'), judged: 259, accepts: () => false },
  { name: 'rsa_signature_2048_sha384', judge: judgeRsa('pkcs1', 'sha384'), judged: 258, accepts: () => false },
  { name: 'rsa_signature_2048_sha512', judge: judgeRsa('pkcs1', 'sha512'), judged: 259, accepts: () => false },
  // Acceptable: points on the twist, written non-canonically, or of small order. RFC 7748 §6.1 lets the last be refused.
  { name: 'x25519', judge: judgeX25519, judged: 518, accepts: (vector) => !isSmallOrder(vector) },
];

for (const { name, judge, judged, notJudged = {}, accepts = () => false } of FILES) {
  const { testGroups } = readVectors(`wycheproof/${name}_test`) as { testGroups: readonly Group[] };
  for (const provider of [nodeCrypto, portableCrypto]) {
    test(`${name} on ${provider.name}: each vector has the result that its authors state`, () => {
      const reasons = new Map<string, number>();
      let count = 0;
      for (const group of testGroups) {
        for (const vector of group.tests) {
          const outcome = judge(provider, group, vector);
          if (typeof outcome === 'string') {
            reasons.set(outcome, (reasons.get(outcome) ?? 0) + 1);
            continue;
          }
          const expected = vector.result === 'acceptable' ? accepts(vector) : vector.result === 'valid';
          assert.equal(outcome, expected, `${name} ${vector.tcId}: ${vector.comment} ${vector.flags?.join(' ')}`);
          count++;
        }
      }
      assert.deepEqual([count, Object.fromEntries(reasons)], [judged, notJudged]);
    });
  }
}

test('the judge of signatures would notice a wrong result', () => {
  const { testGroups } = readVectors('wycheproof/ed25519_test') as { testGroups: readonly Group[] };
  const [group] = testGroups;
  const valid = group?.tests.find(({ result }) => result === 'valid');
  assert.ok(group && valid);
  assert.equal(judgeEd25519(nodeCrypto, group, { ...valid, msg: `${valid.msg}00` }), false);
});
