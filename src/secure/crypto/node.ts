// Cryptography on node:crypto, where it is faster than portable.ts and gives the same bytes; the only file below the doors
// that knows the platform. Not from Node:
//
// - ECDSA signatures: Node draws the nonce itself, so it is made here by RFC 6979 and only its point is Node's.
// - RSA paddings: Node draws salts itself, so only the power is Node's.
// - ML-KEM encapsulation: Node draws the message itself, so it is the portable one.
//
// Keys become KeyObjects once: with one, sealing 1,400 bytes is 2.4 times as fast as with bytes. They enter as PEM, which
// every supported Node reads. Buffers leave as plain Uint8Arrays: a Buffer's `slice` would share its bytes.

import { Buffer } from 'node:buffer';
import * as crypto from 'node:crypto';
import { expectAeadKey, expectLength, expectNonce, expectRoom, expectScalar, unlessThrown } from './argument_checks.ts';
import { ecdsaFromDer, ecdsaToDer } from './ecdsa_signature.ts';
import { isAllowedEd25519Point } from './ed25519_encoding.ts';
import { hkdfExpand, hkdfExtract } from './hkdf.ts';
import { checkArgon2, checkPbkdf2, checkScrypt, MOST_MEMORY } from './password_costs.ts';
import { portableCrypto } from './portable.ts';
import { drawScalar, isUncompressed, PRIME_CURVES, signDigest } from './prime_curve.ts';
import {
  AEAD_TAG_LENGTH,
  type Aead,
  type AeadName,
  type AgreementKey,
  type CryptoProvider,
  type DecapsulationKey,
  type Ecdsa,
  type EcdsaCurve,
  type EcdsaPrivateKey,
  type EcdsaPublicKey,
  type Ed25519,
  type Ed25519PublicKey,
  HASHES,
  type HashName,
  type KeyAgreement,
  type KeyEncapsulation,
  type PasswordDerivation,
  type RsaPrivateNumbers,
  type RsaPublicNumbers,
  type RunningHash,
} from './provider.ts';
import { type RsaPower, rsaOver } from './rsa.ts';

// RFC 8410 §7: PrivateKeyInfo and SubjectPublicKeyInfo around 32 bytes.
const X25519_PRIVATE = fromHex('302e020100300506032b656e04220420');
const X25519_PUBLIC = fromHex('302a300506032b656e032100');
const ED25519_PRIVATE = fromHex('302e020100300506032b657004220420');
const ED25519_PUBLIC = fromHex('302a300506032b6570032100');

// OpenSSL's names, and RFC 5480 §2: SubjectPublicKeyInfo up to the point.
const NIST: Readonly<Record<EcdsaCurve, { readonly openssl: string; readonly spki: Uint8Array }>> = {
  'P-256': { openssl: 'prime256v1', spki: fromHex('3059301306072a8648ce3d020106082a8648ce3d030107034200') },
  'P-384': { openssl: 'secp384r1', spki: fromHex('3076301006072a8648ce3d020106052b81040022036200') },
};

// RFC 9935 §6: PrivateKeyInfo around the seed alone, in [0].
const ML_KEM_PRIVATE = fromHex('3054020100300b060960864801650304040204428040');

// A digest leaves Node as text, a byte a character: 0.3 us for a short message, where a Buffer with memory of its own takes 1.0.
const hash = (name: HashName, message: Uint8Array): Uint8Array => bytesOf(crypto.hash(name, message, 'binary'));

function bytesOf(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

export const nodeCrypto: CryptoProvider = {
  name: 'node',
  hash,
  startHash: (name) => running(crypto.createHash(name)),
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

function running(state: crypto.Hash): RunningHash {
  return {
    update(piece) {
      state.update(piece);
      return this;
    },
    digest: () => bytesOf(state.copy().digest('binary')),
    copy: () => running(state.copy()),
  };
}

// RFC 2104 §2, by two hashes in one scratch: a million a second of 50 bytes with SHA-256, where createHmac makes 70,000 and
// @noble/hashes 250,000.
const SHORT = 4096;
const scratch = new Uint8Array(128 + SHORT);

/** What the outer hash is of: the padded key and the inner hash. */
const outer = Object.fromEntries(
  Object.entries(HASHES).map(([name, { length, blockLength }]) => [name, scratch.subarray(0, blockLength + length)]),
) as Readonly<Record<HashName, Uint8Array>>;

function hmac(name: HashName, key: Uint8Array, message: Uint8Array): Uint8Array {
  const { blockLength } = HASHES[name];
  const shortKey = key.length > blockLength ? hash(name, key) : key;
  const inner = innerHash(name, blockLength, shortKey, message);
  padKey(shortKey, blockLength, 0x5c);
  for (let i = 0; i < inner.length; i++) scratch[blockLength + i] = inner.charCodeAt(i);
  return hash(name, outer[name]);
}

function innerHash(name: HashName, blockLength: number, key: Uint8Array, message: Uint8Array): string {
  padKey(key, blockLength, 0x36);
  if (message.length > SHORT) {
    return crypto.createHash(name).update(scratch.subarray(0, blockLength)).update(message).digest('binary');
  }
  scratch.set(message, blockLength);
  return crypto.hash(name, scratch.subarray(0, blockLength + message.length), 'binary');
}

function padKey(key: Uint8Array, blockLength: number, pad: number): void {
  scratch.fill(pad, key.length, blockLength);
  for (let i = 0; i < key.length; i++) scratch[i] = (key[i] ?? 0) ^ pad;
}

function prepareAead(name: AeadName, key: Uint8Array): Aead {
  expectAeadKey(name, key);
  const keyObject = crypto.createSecretKey(key);
  const options = { authTagLength: AEAD_TAG_LENGTH };
  const cipherName = name as 'aes-128-gcm'; // the three have the same methods

  const sealInto: Aead['sealInto'] = (nonce, associatedData, plaintext, out, at) => {
    expectNonce(nonce);
    expectRoom(plaintext, out, at);
    const cipher = crypto.createCipheriv(cipherName, keyObject, nonce, options);
    cipher.setAAD(associatedData, { plaintextLength: plaintext.length });
    out.set(cipher.update(plaintext), at);
    cipher.final();
    out.set(cipher.getAuthTag(), at + plaintext.length);
  };

  return {
    name,
    sealInto,
    seal(nonce, associatedData, plaintext) {
      const out = new Uint8Array(plaintext.length + AEAD_TAG_LENGTH);
      sealInto(nonce, associatedData, plaintext, out, 0);
      return out;
    },
    open(nonce, associatedData, ciphertext) {
      expectNonce(nonce);
      const length = ciphertext.length - AEAD_TAG_LENGTH;
      if (length < 0) return undefined;
      const decipher = crypto.createDecipheriv(cipherName, keyObject, nonce, options);
      decipher.setAAD(associatedData, { plaintextLength: length });
      decipher.setAuthTag(ciphertext.subarray(length));
      const plaintext = decipher.update(ciphertext.subarray(0, length));
      return unlessThrown(() => decipher.final()) && plain(plaintext);
    },
  };
}

function x25519(): KeyAgreement {
  const importKey = (secret: Uint8Array): AgreementKey => {
    expectLength('the secret of X25519', secret, 32);
    const privateKey = privateKeyObject(X25519_PRIVATE, secret);
    return {
      secret: secret.slice(),
      publicKey: publicPart(privateKey),
      agree(peer) {
        if (peer.length !== 32) return undefined;
        // OpenSSL refuses the secret of zeros, which points of small order give: RFC 7748 §6.1.
        const publicKey = publicKeyObject(X25519_PUBLIC, peer);
        return publicKey && unlessThrown(() => plain(crypto.diffieHellman({ privateKey, publicKey })));
      },
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
  const importKey = (secret: Uint8Array): AgreementKey => {
    expectScalar(curve, secret);
    const ecdh = crypto.createECDH(NIST[name].openssl);
    ecdh.setPrivateKey(secret);
    return {
      secret: secret.slice(),
      publicKey: plain(ecdh.getPublicKey()),
      agree: (peer) => (isUncompressed(curve, peer) ? unlessThrown(() => plain(ecdh.computeSecret(peer))) : undefined),
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
  const { openssl, spki } = NIST[name];
  const multiplier = crypto.createECDH(openssl);
  const multiplyBase = (scalar: Uint8Array): Uint8Array => {
    multiplier.setPrivateKey(scalar);
    return plain(multiplier.getPublicKey());
  };

  const importPublicKey = (bytes: Uint8Array): EcdsaPublicKey | undefined => {
    const key = isUncompressed(curve, bytes) ? publicKeyObject(spki, bytes) : undefined;
    if (key === undefined) return undefined;
    return {
      point: bytes.slice(),
      verify(hashName, message, signature, form = 'der') {
        // Node's own `ieee-p1363` takes half as long again.
        const raw = form === 'der' ? ecdsaFromDer(signature, curve.length) : signature;
        if (raw === undefined || raw.length !== 2 * curve.length) return false;
        return crypto.verify(hashName, message, key, form === 'der' ? signature : ecdsaToDer(raw));
      },
    };
  };

  const importKey = (secret: Uint8Array): EcdsaPrivateKey => {
    expectScalar(curve, secret);
    const kept = secret.slice();
    const publicKey = importPublicKey(multiplyBase(kept));
    if (publicKey === undefined) throw new RangeError('the secret has no public key');
    return {
      secret: kept,
      publicKey,
      sign(hashName, message, form = 'der') {
        const x = (nonce: Uint8Array): Uint8Array => multiplyBase(nonce).subarray(1, 1 + curve.length);
        const raw = signDigest(curve, kept, hashName, hash(hashName, message), hmac, x);
        return form === 'der' ? ecdsaToDer(raw) : raw;
      },
    };
  };

  return { curve: name, importKey, importPublicKey, generate: (random) => importKey(drawScalar(curve, random)) };
}

function ed25519(): Ed25519 {
  const importPublicKey = (bytes: Uint8Array): Ed25519PublicKey | undefined => {
    const key = isAllowedEd25519Point(bytes) ? publicKeyObject(ED25519_PUBLIC, bytes) : undefined;
    return (
      key && {
        bytes: bytes.slice(),
        verify: (message, signature) =>
          isAllowedEd25519Point(signature.subarray(0, 32)) && crypto.verify(null, message, key, signature),
      }
    );
  };

  const importKey: Ed25519['importKey'] = (secret) => {
    expectLength('the secret of Ed25519', secret, 32);
    const key = privateKeyObject(ED25519_PRIVATE, secret);
    const publicKey = importPublicKey(publicPart(key));
    if (publicKey === undefined) throw new RangeError('the secret has no public key');
    return { secret: secret.slice(), publicKey, sign: (message) => plain(crypto.sign(null, message, key)) };
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

function publicPower(numbers: RsaPublicNumbers): RsaPower {
  const key = crypto.createPublicKey({ key: publicJwk(numbers), format: 'jwk' });
  return (block) => plain(crypto.publicEncrypt({ key, padding: crypto.constants.RSA_NO_PADDING }, block));
}

function privatePower(numbers: RsaPrivateNumbers): RsaPower {
  const jwk = {
    ...publicJwk(numbers),
    d: base64url(numbers.privateExponent),
    p: base64url(numbers.prime1),
    q: base64url(numbers.prime2),
    dp: base64url(numbers.exponent1),
    dq: base64url(numbers.exponent2),
    qi: base64url(numbers.coefficient),
  };
  const key = crypto.createPrivateKey({ key: jwk, format: 'jwk' });
  return (block) => plain(crypto.privateDecrypt({ key, padding: crypto.constants.RSA_NO_PADDING }, block));
}

const publicJwk = ({ modulus, publicExponent }: RsaPublicNumbers): { kty: string; n: string; e: string } => ({
  kty: 'RSA',
  n: base64url(modulus),
  e: base64url(publicExponent),
});

// Node 24.7 and later.
function mlKem768(): KeyEncapsulation {
  const portable = portableCrypto.mlKem768;
  if (typeof crypto.decapsulate !== 'function') return portable;
  const importKey = (seed: Uint8Array): DecapsulationKey => {
    expectLength('the seed of ML-KEM-768', seed, 64);
    const key = privateKeyObject(ML_KEM_PRIVATE, seed);
    return {
      seed: seed.slice(),
      publicKey: lastBytes(crypto.createPublicKey(key), portable.publicKeyLength),
      decapsulate: (ciphertext) =>
        ciphertext.length === portable.ciphertextLength ? plain(crypto.decapsulate(key, ciphertext)) : undefined,
    };
  };
  return {
    ...portable,
    importKey,
    generate(random) {
      const seed = new Uint8Array(64);
      random.fill(seed);
      return importKey(seed);
    },
  };
}

function passwords(): PasswordDerivation {
  return {
    pbkdf2(name, password, salt, iterations, length) {
      checkPbkdf2(iterations, length);
      return plain(crypto.pbkdf2Sync(password, salt, iterations, length, name));
    },
    scrypt(password, salt, costs, length) {
      checkScrypt(costs, length);
      const { cost, blockSize, parallelism: parallelization } = costs;
      return plain(
        crypto.scryptSync(password, salt, length, { cost, blockSize, parallelization, maxmem: MOST_MEMORY }),
      );
    },
    argon2(variant, password, salt, costs, length) {
      // Node 24.7 and later.
      if (typeof crypto.argon2Sync !== 'function') {
        return portableCrypto.passwords.argon2(variant, password, salt, costs, length);
      }
      checkArgon2(salt, costs, length);
      return plain(crypto.argon2Sync(variant, { message: password, nonce: salt, tagLength: length, ...costs }));
    },
  };
}

const plain = (buffer: Uint8Array): Uint8Array => new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length);

const base64url = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url');

function fromHex(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
}

// As PEM: DER and JWK come inside an object, of which Node finds out by four exceptions that it is no key yet (40 us and more
// behind a deep stack, where reading PEM takes 7).
const pem = (label: string, prefix: Uint8Array, bytes: Uint8Array): string =>
  `-----BEGIN ${label}-----\n${Buffer.concat([prefix, bytes]).toString('base64')}\n-----END ${label}-----`;

const privateKeyObject = (prefix: Uint8Array, secret: Uint8Array): crypto.KeyObject =>
  crypto.createPrivateKey(pem('PRIVATE KEY', prefix, secret));

/** Undefined if OpenSSL finds no key in it. */
const publicKeyObject = (prefix: Uint8Array, bytes: Uint8Array): crypto.KeyObject | undefined =>
  unlessThrown(() => crypto.createPublicKey(pem('PUBLIC KEY', prefix, bytes)));

/** Of X25519 or Ed25519. By way of a JWK it takes 1 us; with a public KeyObject in between, 21. */
const publicPart = (privateKey: crypto.KeyObject): Uint8Array =>
  plain(Buffer.from(privateKey.export({ format: 'jwk' }).x ?? '', 'base64url')).slice();

function lastBytes(publicKey: crypto.KeyObject, length: number): Uint8Array {
  return plain(publicKey.export({ format: 'der', type: 'spki' })).slice(-length);
}
