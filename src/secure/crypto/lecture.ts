// Cryptography by the letters of a lecture, for protocols that are read as an argument:
//
//   E D        symmetric encryption and decryption, without any check of what arrives
//   MAC        message authentication code
//   PE PD      public-key encryption and decryption
//   S V        sign, verify
//   hash       a one-way hash
//
// They do what the letter says and no more, which is what the attacks on them are about. On the portable provider, since
// rungs count messages, not megabytes. Not here: authenticated encryption, which is the cure (provider.ts, prepareAead).

import { cbc, ctr } from '@noble/ciphers/aes.js';
import { chacha20 } from '@noble/ciphers/chacha.js';
import { joinBytes } from '../../core/bytes.ts';
import { expectLength, unlessThrown } from './argument_checks.ts';
import { portableCrypto } from './portable.ts';
import type { Ed25519PrivateKey, Ed25519PublicKey, RandomSource, RsaPrivateKey, RsaPublicKey } from './provider.ts';

/** The message XOR a stream that key (32 bytes) and nonce (12) decide: ChaCha20, RFC 8439 §2.4. */
export function E(key: Uint8Array, nonce: Uint8Array, message: Uint8Array): Uint8Array {
  expectLength('the key', key, 32);
  expectLength('the nonce', nonce, 12);
  return chacha20(key, nonce, message);
}

/** XOR again. Whatever arrives decrypts to something. */
export const D: typeof E = E;

/** The same with AES: counter mode, with a key of 16 or 32 bytes and a first counter block of 16. */
export function Ectr(key: Uint8Array, counter: Uint8Array, message: Uint8Array): Uint8Array {
  expectLength('the counter', counter, 16);
  return ctr(key, counter).encrypt(message);
}

export const Dctr: typeof Ectr = Ectr;

/** Block by block, each XORed with the ciphertext before it: AES-CBC, padded to 16 bytes as in PKCS#7. */
export function Ecbc(key: Uint8Array, iv: Uint8Array, message: Uint8Array): Uint8Array {
  expectLength('the initialization vector', iv, 16);
  return cbc(key, iv).encrypt(message);
}

/** Undefined for a wrong padding: who lets others see that has built a padding oracle. */
export function Dcbc(key: Uint8Array, iv: Uint8Array, ciphertext: Uint8Array): Uint8Array | undefined {
  expectLength('the initialization vector', iv, 16);
  return unlessThrown(() => cbc(key, iv).decrypt(ciphertext));
}

/** A key of 32 bytes of which only the first `bits` are secret: to be found by trying. `value` is those bits. */
export function shortKey(value: number, bits: number): Uint8Array {
  if (!Number.isInteger(bits) || bits < 1 || bits > 32) throw new RangeError(`bits must be from 1 to 32, not ${bits}`);
  if (!Number.isInteger(value) || value < 0 || value >= 2 ** bits) {
    throw new RangeError(`value must be a whole number below 2^${bits}, not ${value}`);
  }
  const key = new Uint8Array(32);
  new DataView(key.buffer).setUint32(0, value * 2 ** (32 - bits));
  return key;
}

/** HMAC-SHA256: 32 bytes. */
export const MAC = (key: Uint8Array, message: Uint8Array): Uint8Array => portableCrypto.hmac('sha256', key, message);

/** A MAC made from a hash in the obvious way, which sha256_resume.ts extends: hash(secret + message). */
export const macFromHash = (secret: Uint8Array, message: Uint8Array): Uint8Array => hash(joinBytes([secret, message]));

/** RSA-OAEP with SHA-256. @throws RangeError if the message is longer than the key's length less 66 bytes */
export const PE = (key: RsaPublicKey, message: Uint8Array, random: RandomSource): Uint8Array =>
  key.encryptOaep('sha256', message, random);

/** Undefined for a ciphertext that was changed. */
export const PD = (key: RsaPrivateKey, ciphertext: Uint8Array): Uint8Array | undefined =>
  key.decryptOaep('sha256', ciphertext);

/** RSA with the older padding of PKCS#1 v1.5. @throws RangeError if the message is longer than the length less 11 bytes */
export const PEold = (key: RsaPublicKey, message: Uint8Array, random: RandomSource): Uint8Array =>
  key.encryptPkcs1(message, random);

/** Undefined for a wrong padding: Bleichenbacher's oracle. */
export const PDold = (key: RsaPrivateKey, ciphertext: Uint8Array): Uint8Array | undefined =>
  key.decryptPkcs1(ciphertext);

/** Ed25519: 64 bytes. */
export const S = (key: Ed25519PrivateKey, message: Uint8Array): Uint8Array => key.sign(message);

export const V = (key: Ed25519PublicKey, message: Uint8Array, signature: Uint8Array): boolean =>
  key.verify(message, signature);

/** SHA-256: 32 bytes. */
export const hash = (message: Uint8Array): Uint8Array => portableCrypto.hash('sha256', message);

/** Its first `bits`, from 1 to 256: a hash whose collisions can be found. Bits beyond the last one are zero. */
export function truncatedHash(message: Uint8Array, bits: number): Uint8Array {
  if (!Number.isInteger(bits) || bits < 1 || bits > 256)
    throw new RangeError(`bits must be from 1 to 256, not ${bits}`);
  const first = hash(message).slice(0, Math.ceil(bits / 8));
  const last = first.length - 1;
  first[last] = (first[last] ?? 0) & (0xff << (8 * first.length - bits));
  return first;
}
