import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ed25519 as curve25519 } from '@noble/curves/ed25519.js';
import fc from 'fast-check';
import { bytes as fromHex } from '../../../test/testing/bytes.ts';
import { RSA_1024, RSA_1025 } from '../../../test/testing/rsa_keys.ts';
import { Random } from '../../core/random.ts';
import { integerBytes, integerOf } from './big_integer.ts';
import { EXAMPLE_RSA_2048 } from './example_rsa_keys.ts';
import { nodeCrypto } from './node.ts';
import { portableCrypto } from './portable.ts';
import { PRIME_CURVES } from './prime_curve.ts';
import {
  AEAD_KEY_LENGTH,
  type AeadName,
  type AgreementGroup,
  type CryptoProvider,
  type EcdsaCurve,
  type EcdsaForm,
  type HashName,
  type RsaPrivateNumbers,
} from './provider.ts';

const HASHES: readonly HashName[] = ['sha1', 'sha256', 'sha384', 'sha512'];
const SHA2 = HASHES.slice(1);
const AEADS = Object.keys(AEAD_KEY_LENGTH) as AeadName[];
const CURVES: readonly EcdsaCurve[] = ['P-256', 'P-384'];
const FORMS: readonly EcdsaForm[] = ['der', 'raw'];

/** Curves in plain JavaScript take milliseconds: few cases, and TEST_SCALE for more. */
const FEW = { numRuns: Math.ceil((fc.readConfigureGlobal().numRuns ?? 100) / 10) };

const bytes = (maxLength: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ maxLength });
const exactly = (length: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ minLength: length, maxLength: length });
const seeds = fc.nat();
const random = (seed: number): Random => Random.fromSeed(seed);

/** What both providers give, which must be the same, and no Buffer. */
function both<Result>(compute: (provider: CryptoProvider) => Result): Result {
  const [fromNode, fromPortable] = [compute(nodeCrypto), compute(portableCrypto)];
  assert.deepEqual(fromNode, fromPortable);
  if (fromNode instanceof Uint8Array) assert.equal(Object.getPrototypeOf(fromNode), Uint8Array.prototype);
  return fromNode;
}

/** The same bytes with one bit turned. */
function bent(whole: Uint8Array, at: number): Uint8Array {
  const copy = whole.slice();
  const i = at % copy.length;
  copy[i] = (copy[i] ?? 0) ^ (1 << (at % 8));
  return copy;
}

test('hashes are the same, in one piece and in many, and looked at on the way', () => {
  fc.assert(
    fc.property(fc.constantFrom(...HASHES), fc.array(bytes(300), { maxLength: 5 }), (name, pieces) => {
      const whole = Uint8Array.from(pieces.flatMap((piece) => [...piece]));
      const digest = both((provider) => provider.hash(name, whole));
      both((provider) => {
        const running = provider.startHash(name);
        const digests = pieces.map((piece) => running.update(piece).digest());
        const fork = running.copy().update(whole);
        assert.deepEqual(running.digest(), digest);
        return [...digests, fork.digest()];
      });
    }),
  );
});

test('HMACs are the same with keys and messages of every length', () => {
  const length = fc.oneof(fc.nat(200), fc.constantFrom(4095, 4096, 4097, 20000));
  fc.assert(
    fc.property(fc.constantFrom(...HASHES), bytes(200), length, fc.nat(255), (name, key, size, fill) => {
      both((provider) => provider.hmac(name, key, new Uint8Array(size).fill(fill)));
    }),
  );
});

test('HKDF gives the same keys, up to 255 outputs of the hash and no more', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...HASHES),
      bytes(80),
      bytes(80),
      bytes(80),
      fc.nat(300),
      (name, salt, key, info, n) => {
        const extracted = both((provider) => provider.hkdfExtract(name, salt, key));
        assert.equal(both((provider) => provider.hkdfExpand(name, extracted, info, n)).length, n);
      },
    ),
  );
  for (const { hkdfExpand } of [nodeCrypto, portableCrypto]) {
    const none = new Uint8Array(0);
    assert.equal(hkdfExpand('sha256', none, none, 255 * 32).length, 255 * 32);
    assert.throws(() => hkdfExpand('sha256', none, none, 255 * 32 + 1), RangeError);
  }
});

test('what one provider seals the other opens, and neither opens what was changed', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...AEADS),
      exactly(32),
      exactly(12),
      bytes(40),
      bytes(200),
      fc.nat(),
      (name, longKey, nonce, associatedData, plaintext, at) => {
        const key = longKey.subarray(0, AEAD_KEY_LENGTH[name]);
        const sealed = both((provider) => provider.prepareAead(name, key).seal(nonce, associatedData, plaintext));
        assert.equal(sealed.length, plaintext.length + 16);
        const into = both((provider) => {
          const out = new Uint8Array(sealed.length + 7).fill(0xa5);
          provider.prepareAead(name, key).sealInto(nonce, associatedData, plaintext, out, 3);
          return out;
        });
        assert.deepEqual([...into], [0xa5, 0xa5, 0xa5, ...sealed, 0xa5, 0xa5, 0xa5, 0xa5]);
        const inPlace = both((provider) => {
          const out = Uint8Array.of(0xa5, ...plaintext, ...new Uint8Array(16));
          const there = out.subarray(1, 1 + plaintext.length);
          provider.prepareAead(name, key).sealInto(nonce, associatedData, there, out, 1);
          return out;
        });
        assert.deepEqual([...inPlace], [0xa5, ...sealed]);
        const open = (aad: Uint8Array, ciphertext: Uint8Array): Uint8Array | undefined =>
          both((provider) => provider.prepareAead(name, key).open(nonce, aad, ciphertext));
        assert.deepEqual(open(associatedData, sealed), plaintext);
        assert.equal(open(associatedData, bent(sealed, at)), undefined);
        assert.equal(open(Uint8Array.of(...associatedData, 0), sealed), undefined);
        assert.equal(open(associatedData, sealed.subarray(0, at % sealed.length)), undefined);
      },
    ),
  );
});

test("an AEAD's key, nonce and room that are the caller's mistake are RangeErrors", () => {
  const none = new Uint8Array(0);
  for (const provider of [nodeCrypto, portableCrypto]) {
    for (const name of AEADS) {
      assert.throws(() => provider.prepareAead(name, new Uint8Array(17)), RangeError);
      const aead = provider.prepareAead(name, new Uint8Array(AEAD_KEY_LENGTH[name]));
      assert.throws(() => aead.seal(new Uint8Array(8), none, none), RangeError);
      assert.throws(() => aead.open(new Uint8Array(13), none, new Uint8Array(16)), RangeError);
      assert.throws(() => aead.sealInto(new Uint8Array(12), none, none, new Uint8Array(20), 5), RangeError);
    }
    assert.throws(() => provider.prepareAead('rot-13' as AeadName, none), /aes-128-gcm/);
  }
});

for (const group of ['X25519', 'P-256', 'P-384'] satisfies AgreementGroup[]) {
  test(`${group}: the same seed gives the same keys, and two ends agree across providers`, () => {
    fc.assert(
      fc.property(seeds, seeds, (one, other) => {
        const alice = both(({ agreement }) => agreement[group].generate(random(one)).publicKey);
        const secret = both(({ agreement }) => agreement[group].generate(random(other)).secret);
        const bob = both(({ agreement }) => agreement[group].importKey(secret).publicKey);
        const shared = both(({ agreement }) => agreement[group].importKey(secret).agree(alice));
        assert.deepEqual(
          both(({ agreement }) => agreement[group].generate(random(one)).agree(bob)),
          shared,
        );
        assert.equal(shared?.length, nodeCrypto.agreement[group].secretLength);
        assert.equal(bob.length, nodeCrypto.agreement[group].publicKeyLength);
      }),
      FEW,
    );
  });

  test(`${group}: whatever comes as a public key gives the same secret or none`, () => {
    const length = nodeCrypto.agreement[group].publicKeyLength;
    const [fromNode, fromPortable] = [nodeCrypto, portableCrypto].map(({ agreement }) =>
      agreement[group].generate(random(1)),
    );
    const point = fromNode?.publicKey ?? new Uint8Array(0);
    const nonsense = fc.oneof(
      exactly(length),
      bytes(length + 1),
      fc.nat().map((at) => bent(point, at)),
      fc.constantFrom(0, 1, 2, 3, 4, 6, 0xff).map((first) => Uint8Array.of(first, ...point.subarray(1))),
      fc.nat(0xff).map((fill) => new Uint8Array(length).fill(fill)),
    );
    fc.assert(
      fc.property(nonsense, (peer) => assert.deepEqual(fromNode?.agree(peer), fromPortable?.agree(peer))),
      FEW,
    );
    assert.equal(fromNode?.agree(new Uint8Array(length)), undefined);
  });
}

test('points of small order agree on nothing with X25519', () => {
  // RFC 7748 §6.1 and the list of Bernstein's Curve25519 page: of order 1, 2, 4 and 8.
  const points = [
    '0000000000000000000000000000000000000000000000000000000000000000',
    '0100000000000000000000000000000000000000000000000000000000000000',
    'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
    '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
    'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
    'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
    'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  ];
  for (const point of points) {
    assert.equal(
      both(({ agreement }) => agreement.X25519.generate(random(3)).agree(fromHex(point))),
      undefined,
    );
  }
});

test('a secret that is no scalar is refused', () => {
  for (const { agreement, ecdsa, ed25519, mlKem768 } of [nodeCrypto, portableCrypto]) {
    for (const curve of CURVES) {
      const { order, length } = PRIME_CURVES[curve];
      for (const secret of [new Uint8Array(length), integerBytes(order, length), new Uint8Array(length - 1).fill(1)]) {
        assert.throws(() => agreement[curve].importKey(secret), RangeError);
        assert.throws(() => ecdsa[curve].importKey(secret), RangeError);
      }
      ecdsa[curve].importKey(integerBytes(order - 1n, length));
    }
    assert.throws(() => agreement.X25519.importKey(new Uint8Array(31)), RangeError);
    assert.throws(() => ed25519.importKey(new Uint8Array(33)), RangeError);
    assert.throws(() => mlKem768.importKey(new Uint8Array(32)), RangeError);
  }
});

test('ECDSA signatures are the same bytes, verify on both, and not for anything else', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...CURVES),
      fc.constantFrom(...HASHES),
      fc.constantFrom(...FORMS),
      seeds,
      bytes(100),
      fc.nat(),
      (curve, hash, form, seed, message, at) => {
        const signature = both(({ ecdsa }) => ecdsa[curve].generate(random(seed)).sign(hash, message, form));
        const point = both(({ ecdsa }) => ecdsa[curve].generate(random(seed)).publicKey.point);
        const verify = (text: Uint8Array, signed: Uint8Array): boolean | undefined =>
          both(({ ecdsa }) => ecdsa[curve].importPublicKey(point)?.verify(hash, text, signed, form));
        assert.equal(verify(message, signature), true);
        assert.equal(verify(Uint8Array.of(...message, 1), signature), false);
        assert.equal(verify(message, bent(signature, at)), false);
        assert.equal(verify(message, signature.subarray(0, at % signature.length)), false);
      },
    ),
    FEW,
  );
});

test('a point that is not on the curve is no key', () => {
  for (const curve of CURVES) {
    const { point } = nodeCrypto.ecdsa[curve].generate(random(5)).publicKey;
    const compressed = Uint8Array.of(2 + ((point.at(-1) ?? 0) & 1), ...point.subarray(1, (point.length + 1) / 2));
    for (const wrong of [bent(point, 30), bent(point, 0), compressed, Uint8Array.of(0), new Uint8Array(0)]) {
      assert.equal(
        both(({ ecdsa }) => ecdsa[curve].importPublicKey(wrong)),
        undefined,
      );
    }
  }
});

test('Ed25519 signatures are the same bytes, verify on both, and not for anything else', () => {
  fc.assert(
    fc.property(seeds, bytes(100), fc.nat(), (seed, message, at) => {
      const signature = both(({ ed25519 }) => ed25519.generate(random(seed)).sign(message));
      const key = both(({ ed25519 }) => ed25519.generate(random(seed)).publicKey.bytes);
      const verify = (text: Uint8Array, signed: Uint8Array): boolean | undefined =>
        both(({ ed25519 }) => ed25519.importPublicKey(key)?.verify(text, signed));
      assert.equal(verify(message, signature), true);
      assert.equal(verify(Uint8Array.of(...message, 1), signature), false);
      assert.equal(verify(message, bent(signature, at)), false);
      assert.equal(verify(message, signature.subarray(0, at % 64)), false);
    }),
    FEW,
  );
});

test('Ed25519 points that are written in a forbidden way, or of small order, mean nothing to both', () => {
  const ends = (first: number, middle: number, last: number): Uint8Array =>
    Uint8Array.of(first, ...new Uint8Array(30).fill(middle), last);
  const ofOrder8 = [
    '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
    'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  ].map(fromHex);
  const points = [
    ends(0x00, 0x00, 0x00), // y = 0: of order 4
    ends(0x01, 0x00, 0x00), // y = 1: the neutral element
    ends(0xec, 0xff, 0x7f), // y = -1: of order 2
    ...ofOrder8,
    ends(0xed, 0xff, 0x7f), // y = p, another way to write 0
    ends(0xee, 0xff, 0x7f), // y = p + 1, another way to write 1
    ends(0xff, 0xff, 0x7f),
  ].flatMap((point) => [point, Uint8Array.of(...point.subarray(0, 31), (point[31] ?? 0) | 0x80)]);
  for (const point of points)
    assert.equal(
      both(({ ed25519 }) => ed25519.importPublicKey(point)),
      undefined,
    );

  // R = 1 and s = k a: the equation holds for an honest key, but R is of small order.
  const { pointBytes, scalar } = curve25519.utils.getExtendedPublicKey(new Uint8Array(32).fill(3));
  const [r, message] = [ends(1, 0, 0), Uint8Array.of(9)];
  const { ORDER } = curve25519.Point.Fn;
  const digest = nodeCrypto.hash('sha512', Uint8Array.of(...r, ...pointBytes, ...message));
  const s = integerBytes((integerOf(digest.toReversed()) * scalar) % ORDER, 32).toReversed();
  const verify = (signature: Uint8Array): boolean | undefined =>
    both(({ ed25519 }) => ed25519.importPublicKey(pointBytes)?.verify(message, signature));
  assert.equal(verify(Uint8Array.of(...r, ...s)), false);

  // A signature stays good if the order is added to s, were it not forbidden.
  const good = nodeCrypto.ed25519.importKey(new Uint8Array(32).fill(3)).sign(message);
  const larger = integerBytes(integerOf(good.slice(32).toReversed()) + ORDER, 32).toReversed();
  assert.equal(verify(good), true);
  assert.equal(verify(Uint8Array.of(...good.subarray(0, 32), ...larger)), false);
});

test('an Ed25519 key with a part of small order is judged without the cofactor by both', () => {
  const { Point, utils } = curve25519;
  const { point, scalar } = utils.getExtendedPublicKey(new Uint8Array(32).fill(3));
  const key = point.add(Point.fromHex('26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05')).toBytes();
  const r = Point.BASE.multiply(777n).toBytes();
  const isGood = Array.from({ length: 40 }, (_, i) => {
    const message = Uint8Array.of(i);
    const k = integerOf(nodeCrypto.hash('sha512', Uint8Array.of(...r, ...key, ...message)).toReversed());
    const s = integerBytes((777n + k * scalar) % Point.Fn.ORDER, 32).toReversed();
    return both(({ ed25519 }) => ed25519.importPublicKey(key)?.verify(message, Uint8Array.of(...r, ...s)));
  });
  // Good where k happens to be a multiple of 8; with the cofactor all would be.
  assert.deepEqual(new Set(isGood), new Set([true, false]));
});

const RSA_KEYS: readonly RsaPrivateNumbers[] = [RSA_1024, RSA_1025, EXAMPLE_RSA_2048];

test('RSA signatures are the same bytes, verify on both, and not for anything else', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...RSA_KEYS),
      fc.constantFrom(...SHA2.slice(0, 2)),
      bytes(50),
      fc.nat(30),
      seeds,
      (numbers, hash, message, saltLength, seed) => {
        const sign = both(({ rsa }) => rsa.importKey(numbers).signPkcs1(hash, message));
        const pss = both(({ rsa }) => rsa.importKey(numbers).signPss(hash, message, random(seed), saltLength));
        const verify = (text: Uint8Array, first: Uint8Array, second: Uint8Array): readonly unknown[] =>
          both(({ rsa }) => {
            const key = rsa.importPublicKey(numbers);
            return [key?.verifyPkcs1(hash, text, first), key?.verifyPss(hash, text, second, saltLength)];
          });
        assert.deepEqual(verify(message, sign, pss), [true, true]);
        assert.deepEqual(verify(Uint8Array.of(...message, 1), sign, pss), [false, false]);
        assert.deepEqual(verify(message, bent(sign, seed), bent(pss, seed)), [false, false]);
        assert.deepEqual(verify(message, pss, sign), [false, false]);
        assert.deepEqual(verify(message, sign.subarray(1), Uint8Array.of(0, ...pss)), [false, false]);
        assert.equal(
          both(({ rsa }) => rsa.importPublicKey(numbers)?.verifyPss(hash, message, pss, saltLength + 1)),
          false,
        );
      },
    ),
    FEW,
  );
});

test('RSA encryption comes back on both, and a changed ciphertext means the same to both', () => {
  fc.assert(
    fc.property(fc.constantFrom(...RSA_KEYS), bytes(60), bytes(20), seeds, (numbers, message, label, seed) => {
      const pkcs1 = both(({ rsa }) => rsa.importPublicKey(numbers)?.encryptPkcs1(message, random(seed)));
      const oaep = both(({ rsa }) => rsa.importPublicKey(numbers)?.encryptOaep('sha256', message, random(seed), label));
      assert.ok(pkcs1 !== undefined && oaep !== undefined);
      const open = (first: Uint8Array, second: Uint8Array): readonly unknown[] =>
        both(({ rsa }) => {
          const key = rsa.importKey(numbers);
          return [key.decryptPkcs1(first), key.decryptOaep('sha256', second, label)];
        });
      assert.deepEqual(open(pkcs1, oaep), [message, message]);
      assert.equal(open(bent(pkcs1, seed), bent(oaep, seed))[1], undefined);
      assert.deepEqual(open(pkcs1.subarray(1), Uint8Array.of(0, ...oaep)), [undefined, undefined]);
      both(({ rsa }) => rsa.importKey(numbers).raw(bent(pkcs1, seed)));
    }),
    FEW,
  );
});

test('OAEP fills what two hashes and two bytes leave, PKCS#1 what eleven bytes leave', () => {
  for (const { rsa } of [nodeCrypto, portableCrypto]) {
    const key = rsa.importKey(RSA_1024);
    const { publicKey } = key;
    const [longest, longestOaep] = [new Uint8Array(128 - 11).fill(7), new Uint8Array(128 - 66).fill(7)];
    assert.deepEqual(key.decryptPkcs1(publicKey.encryptPkcs1(longest, random(1))), longest);
    assert.deepEqual(key.decryptOaep('sha256', publicKey.encryptOaep('sha256', longestOaep, random(1))), longestOaep);
    assert.throws(() => publicKey.encryptPkcs1(new Uint8Array(128 - 10), random(1)), /shorter message/);
    assert.throws(() => publicKey.encryptOaep('sha256', new Uint8Array(128 - 65), random(1)), RangeError);
    assert.throws(() => publicKey.encryptOaep('sha512', new Uint8Array(0), random(1)), RangeError);
  }
});

test('numbers that are no RSA key are undefined from outside and a RangeError from the caller', () => {
  const [even, tiny] = [RSA_1024.modulus.slice(), new Uint8Array(60).fill(0xff)];
  even[even.length - 1] = 0x10;
  const publicExponent = Uint8Array.of(3);
  const wrong = [
    { modulus: even, publicExponent },
    { modulus: tiny, publicExponent },
    { modulus: new Uint8Array(1025).fill(0xff), publicExponent },
    { modulus: RSA_1024.modulus, publicExponent: Uint8Array.of(1) },
    { modulus: RSA_1024.modulus, publicExponent: Uint8Array.of(4) },
    { modulus: RSA_1024.modulus, publicExponent: Uint8Array.of(1, 0, 0, 0, 1) },
    { modulus: new Uint8Array(0), publicExponent: new Uint8Array(0) },
  ];
  for (const numbers of wrong)
    assert.equal(
      both(({ rsa }) => rsa.importPublicKey(numbers)),
      undefined,
    );
  for (const { rsa } of [nodeCrypto, portableCrypto]) {
    for (const numbers of wrong) assert.throws(() => rsa.importKey({ ...RSA_1024, ...numbers }), RangeError);
    for (const field of ['privateExponent', 'prime1', 'exponent1', 'exponent2', 'coefficient'] as const) {
      assert.throws(() => rsa.importKey({ ...RSA_1024, [field]: bent(RSA_1024[field], 41) }), RangeError);
    }
    const withZeros = Uint8Array.of(0, 0, ...RSA_1024.modulus);
    assert.equal(rsa.importPublicKey({ ...RSA_1024, modulus: withZeros })?.length, 128);
  }
});

test('a block of RSA that is not below the modulus, or not as long, has no power', () => {
  for (const { rsa } of [nodeCrypto, portableCrypto]) {
    const { publicKey } = rsa.importKey(RSA_1024);
    assert.equal(publicKey.raw(RSA_1024.modulus), undefined);
    assert.equal(publicKey.raw(new Uint8Array(128).fill(0xff)), undefined);
    assert.equal(publicKey.raw(new Uint8Array(127)), undefined);
    assert.deepEqual(publicKey.raw(new Uint8Array(128)), new Uint8Array(128));
  }
});

test('ML-KEM: the same seed gives the same keys and ciphertexts, and both ends share a secret', () => {
  fc.assert(
    fc.property(seeds, seeds, fc.nat(), (one, other, at) => {
      const publicKey = both(({ mlKem768 }) => mlKem768.generate(random(one)).publicKey);
      const made = both(({ mlKem768 }) => mlKem768.encapsulate(publicKey, random(other)));
      assert.ok(made !== undefined);
      const open = (ciphertext: Uint8Array): Uint8Array | undefined =>
        both(({ mlKem768 }) => mlKem768.generate(random(one)).decapsulate(ciphertext));
      assert.deepEqual(open(made.ciphertext), made.sharedSecret);
      assert.notDeepEqual(open(bent(made.ciphertext, at)), made.sharedSecret);
      assert.equal(open(made.ciphertext.subarray(1)), undefined);
      assert.equal(
        both(({ mlKem768 }) => mlKem768.encapsulate(publicKey.subarray(1), random(other))),
        undefined,
      );
      const outOfRange = publicKey.slice();
      outOfRange.set([0xff, 0xff], at % 1150);
      both(({ mlKem768 }) => mlKem768.encapsulate(outOfRange, random(other)));
    }),
    FEW,
  );
  const outOfRange = new Uint8Array(1184).fill(0xff);
  assert.equal(
    both(({ mlKem768 }) => mlKem768.encapsulate(outOfRange, random(1))),
    undefined,
  );
});

test('password derivations are the same, and refuse the same costs', () => {
  const [password, salt] = [new TextEncoder().encode('correct horse'), new Uint8Array(16).fill(9)];
  for (const hash of HASHES) both(({ passwords }) => passwords.pbkdf2(hash, password, salt, 7, 50));
  for (const [cost, blockSize, parallelism] of [
    [2, 1, 1],
    [16, 8, 2],
    [64, 3, 1],
  ] as const) {
    both(({ passwords }) => passwords.scrypt(password, salt, { cost, blockSize, parallelism }, 40));
  }
  for (const variant of ['argon2d', 'argon2i', 'argon2id'] as const) {
    both(({ passwords }) => passwords.argon2(variant, password, salt, { memory: 64, passes: 2, parallelism: 2 }, 24));
  }
  for (const { passwords } of [nodeCrypto, portableCrypto]) {
    assert.throws(() => passwords.pbkdf2('sha256', password, salt, 0, 32), RangeError);
    for (const costs of [
      { cost: 15, blockSize: 8, parallelism: 1 },
      { cost: 1, blockSize: 8, parallelism: 1 },
      { cost: 2 ** 22, blockSize: 8, parallelism: 1 },
    ]) {
      assert.throws(() => passwords.scrypt(password, salt, costs, 32), RangeError);
    }
    const argon2 = { memory: 64, passes: 1, parallelism: 1 };
    assert.throws(() => passwords.argon2('argon2id', password, salt, { ...argon2, memory: 7 }, 32), RangeError);
    assert.throws(() => passwords.argon2('argon2id', password, salt.subarray(0, 7), argon2, 32), RangeError);
    assert.throws(() => passwords.argon2('argon2id', password, salt, { ...argon2, memory: 2 ** 21 }, 32), RangeError);
  }
});
