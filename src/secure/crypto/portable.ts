// Cryptography for any JavaScript engine: on the @noble packages, and on BigInt for RSA. Not here: anything of a platform.

import { gcm } from '@noble/ciphers/aes.js';
import { chacha20poly1305 } from '@noble/ciphers/chacha.js';
import { ed25519 as ed25519Curve, x25519 as x25519Curve } from '@noble/curves/ed25519.js';
import { p256, p384 } from '@noble/curves/nist.js';
import { argon2d, argon2i, argon2id } from '@noble/hashes/argon2.js';
import { hmac as hmacOf } from '@noble/hashes/hmac.js';
import { sha1 } from '@noble/hashes/legacy.js';
import { pbkdf2 } from '@noble/hashes/pbkdf2.js';
import { scrypt } from '@noble/hashes/scrypt.js';
import { sha256, sha384, sha512 } from '@noble/hashes/sha2.js';
import { ml_kem768 } from '@noble/post-quantum/ml-kem.js';
import { bytesEqual, joinBytes } from '../../core/bytes.ts';
import { expectAeadKey, expectLength, expectNonce, expectRoom, expectScalar, unlessThrown } from './argument_checks.ts';
import { integerBytes, integerOf } from './big_integer.ts';
import { ecdsaFromDer, ecdsaToDer } from './ecdsa_signature.ts';
import { isAllowedEd25519Point } from './ed25519_encoding.ts';
import { hkdfExpand, hkdfExtract } from './hkdf.ts';
import { checkArgon2, checkPbkdf2, checkScrypt, MOST_MEMORY } from './password_costs.ts';
import { drawScalar, isUncompressed, PRIME_CURVES, signDigest } from './prime_curve.ts';
import type {
  Aead,
  AeadName,
  AgreementKey,
  CryptoProvider,
  DecapsulationKey,
  Ecdsa,
  EcdsaCurve,
  EcdsaPrivateKey,
  EcdsaPublicKey,
  Ed25519,
  Ed25519PublicKey,
  HashName,
  KeyAgreement,
  KeyEncapsulation,
  PasswordDerivation,
  RunningHash,
} from './provider.ts';
import { rsaOver } from './rsa.ts';
import { privatePower, publicPower } from './rsa_arithmetic.ts';

const HASH = { sha1, sha256, sha384, sha512 };
const NIST = { 'P-256': p256, 'P-384': p384 };
const ARGON2 = { argon2d, argon2i, argon2id };

const hash = (name: HashName, message: Uint8Array): Uint8Array => HASH[name](message);
const hmac = (name: HashName, key: Uint8Array, message: Uint8Array): Uint8Array => hmacOf(HASH[name], key, message);

export const portableCrypto: CryptoProvider = {
  name: 'portable',
  hash,
  startHash: (name) => running(HASH[name].create()),
  hmac,
  hkdfExtract: (name, salt, keyMaterial) => hkdfExtract(hmac, name, salt, keyMaterial),
  hkdfExpand: (name, key, info, length) => hkdfExpand(hmac, name, key, info, length),
  prepareAead,
  agreement: { X25519: x25519(), 'P-256': primeAgreement('P-256'), 'P-384': primeAgreement('P-384') },
  ecdsa: { 'P-256': ecdsa('P-256'), 'P-384': ecdsa('P-384') },
  ed25519: ed25519(),
  rsa: rsaOver({ hash, publicPower, privatePower }),
  mlKem768: mlKem768(),
  passwords: passwords(),
};

interface NobleHash {
  update(piece: Uint8Array): unknown;
  digest(): Uint8Array;
  clone(): NobleHash;
}

function running(state: NobleHash): RunningHash {
  return {
    update(piece) {
      state.update(piece);
      return this;
    },
    digest: () => state.clone().digest(),
    copy: () => running(state.clone()),
  };
}

function prepareAead(name: AeadName, preparedKey: Uint8Array): Aead {
  expectAeadKey(name, preparedKey);
  const key = preparedKey.slice();
  const cipher = name === 'chacha20-poly1305' ? chacha20poly1305 : gcm;
  const seal: Aead['seal'] = (nonce, associatedData, plaintext) => {
    expectNonce(nonce);
    return cipher(key, nonce, associatedData).encrypt(plaintext);
  };
  return {
    name,
    seal,
    sealInto(nonce, associatedData, plaintext, out, at) {
      expectRoom(plaintext, out, at);
      out.set(seal(nonce, associatedData, plaintext), at);
    },
    open(nonce, associatedData, ciphertext) {
      expectNonce(nonce);
      return unlessThrown(() => cipher(key, nonce, associatedData).decrypt(ciphertext));
    },
  };
}

function x25519(): KeyAgreement {
  const importKey = (secret: Uint8Array): AgreementKey => {
    expectLength('the secret of X25519', secret, 32);
    const kept = secret.slice();
    return {
      secret: kept,
      publicKey: x25519Curve.getPublicKey(kept),
      agree: (peer) => unlessThrown(() => x25519Curve.getSharedSecret(kept, peer)),
    };
  };
  return {
    group: 'X25519',
    publicKeyLength: 32,
    secretLength: 32,
    importKey,
    generate(random) {
      const secret = new Uint8Array(32);
      random.fill(secret);
      return importKey(secret);
    },
  };
}

function primeAgreement(name: EcdsaCurve): KeyAgreement {
  const curve = PRIME_CURVES[name];
  const noble = NIST[name];
  const importKey = (secret: Uint8Array): AgreementKey => {
    expectScalar(curve, secret);
    const kept = secret.slice();
    return {
      secret: kept,
      publicKey: noble.getPublicKey(kept, false),
      agree(peer) {
        if (!isUncompressed(curve, peer)) return undefined;
        const point = unlessThrown(() => noble.getSharedSecret(kept, peer, true));
        return point?.slice(1); // after 02 or 03
      },
    };
  };
  return {
    group: name,
    publicKeyLength: 1 + 2 * curve.length,
    secretLength: curve.length,
    importKey,
    generate: (random) => importKey(drawScalar(curve, random)),
  };
}

function ecdsa(name: EcdsaCurve): Ecdsa {
  const curve = PRIME_CURVES[name];
  const { Point, verify } = NIST[name];

  const importPublicKey = (bytes: Uint8Array): EcdsaPublicKey | undefined => {
    if (!isUncompressed(curve, bytes) || unlessThrown(() => Point.fromBytes(bytes)) === undefined) return undefined;
    const point = bytes.slice();
    return {
      point,
      verify(hashName, message, signature, form = 'der') {
        const raw = form === 'der' ? ecdsaFromDer(signature, curve.length) : signature;
        if (raw === undefined || raw.length !== 2 * curve.length) return false;
        const options = { prehash: false, lowS: false, format: 'compact' } as const;
        return unlessThrown(() => verify(raw, hash(hashName, message), point, options)) ?? false;
      },
    };
  };

  const multiplyBase = (scalar: Uint8Array): Uint8Array =>
    integerBytes(Point.BASE.multiply(integerOf(scalar)).x, curve.length);

  const importKey = (secret: Uint8Array): EcdsaPrivateKey => {
    expectScalar(curve, secret);
    const kept = secret.slice();
    const publicKey = importPublicKey(NIST[name].getPublicKey(kept, false));
    if (publicKey === undefined) throw new RangeError('the secret has no public key');
    return {
      secret: kept,
      publicKey,
      sign(hashName, message, form = 'der') {
        const raw = signDigest(curve, kept, hashName, hash(hashName, message), hmac, multiplyBase);
        return form === 'der' ? ecdsaToDer(raw) : raw;
      },
    };
  };

  return { curve: name, importKey, importPublicKey, generate: (random) => importKey(drawScalar(curve, random)) };
}

function ed25519(): Ed25519 {
  const { Point } = ed25519Curve;
  const order = Point.Fn.ORDER;

  const importPublicKey = (given: Uint8Array): Ed25519PublicKey | undefined => {
    if (!isAllowedEd25519Point(given)) return undefined;
    const bytes = given.slice();
    const negated = unlessThrown(() => Point.fromBytes(bytes).negate());
    return {
      bytes,
      // RFC 8032 §5.1.7 without the cofactor, as OpenSSL does it; the library itself multiplies by 8.
      verify(message, signature) {
        if (negated === undefined || signature.length !== 64) return false;
        const r = signature.subarray(0, 32);
        const s = littleEndian(signature.subarray(32));
        if (!isAllowedEd25519Point(r) || s >= order) return false;
        const k = littleEndian(sha512(joinBytes([r, bytes, message]))) % order;
        return bytesEqual(Point.BASE.multiplyUnsafe(s).add(negated.multiplyUnsafe(k)).toBytes(), r);
      },
    };
  };

  const importKey: Ed25519['importKey'] = (secret) => {
    expectLength('the secret of Ed25519', secret, 32);
    const kept = secret.slice();
    const publicKey = importPublicKey(ed25519Curve.getPublicKey(kept));
    if (publicKey === undefined) throw new RangeError('the secret has no public key');
    return { secret: kept, publicKey, sign: (message) => ed25519Curve.sign(message, kept) };
  };

  return {
    importKey,
    importPublicKey,
    generate(random) {
      const secret = new Uint8Array(32);
      random.fill(secret);
      return importKey(secret);
    },
  };
}

function mlKem768(): KeyEncapsulation {
  const importKey = (seed: Uint8Array): DecapsulationKey => {
    expectLength('the seed of ML-KEM-768', seed, 64);
    const { publicKey, secretKey } = ml_kem768.keygen(seed);
    return {
      seed: seed.slice(),
      publicKey,
      decapsulate: (ciphertext) =>
        ciphertext.length === 1088 ? ml_kem768.decapsulate(ciphertext, secretKey) : undefined,
    };
  };
  return {
    publicKeyLength: 1184,
    ciphertextLength: 1088,
    sharedSecretLength: 32,
    importKey,
    generate(random) {
      const seed = new Uint8Array(64);
      random.fill(seed);
      return importKey(seed);
    },
    encapsulate(publicKey, random) {
      const message = new Uint8Array(32);
      random.fill(message);
      const made = unlessThrown(() => ml_kem768.encapsulate(publicKey, message));
      return made && { ciphertext: made.cipherText, sharedSecret: made.sharedSecret };
    },
  };
}

function passwords(): PasswordDerivation {
  return {
    pbkdf2(name, password, salt, iterations, length) {
      checkPbkdf2(iterations, length);
      return pbkdf2(HASH[name], password, salt, { c: iterations, dkLen: length });
    },
    scrypt(password, salt, costs, length) {
      checkScrypt(costs, length);
      const { cost: N, blockSize: r, parallelism: p } = costs;
      return scrypt(password, salt, { N, r, p, dkLen: length, maxmem: MOST_MEMORY });
    },
    argon2(variant, password, salt, costs, length) {
      checkArgon2(salt, costs, length);
      const { memory: m, passes: t, parallelism: p } = costs;
      return ARGON2[variant](password, salt, { m, t, p, dkLen: length, maxmem: MOST_MEMORY });
    },
  };
}

const littleEndian = (bytes: Uint8Array): bigint => integerOf(bytes.toReversed());
