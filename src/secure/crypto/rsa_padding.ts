// What RSA raises to a power: the paddings of RFC 8017, written and read. For signatures EMSA-PKCS1-v1_5 and EMSA-PSS, for
// encryption EME-PKCS1-v1_5 and EME-OAEP. Reading gives undefined or false for whatever is wrong, at the first sight of it:
// how long it took tells which, and that is Manger's and Bleichenbacher's oracle. Not here: the power (rsa.ts).

import { bytesEqual, joinBytes } from '../../core/bytes.ts';
import { HASHES, type HashName, type RandomSource } from './provider.ts';

export type Hash = (name: HashName, message: Uint8Array) => Uint8Array;

// The DER of DigestInfo up to the digest, RFC 8017 §9.2 note 1: parameters NULL.
const DIGEST_INFO: Readonly<Record<HashName, readonly number[]>> = {
  sha1: [0x30, 0x21, 0x30, 0x09, 0x06, 0x05, 0x2b, 0x0e, 0x03, 0x02, 0x1a, 0x05, 0x00, 0x04, 0x14],
  sha256: sha2Info(1, 32),
  sha384: sha2Info(2, 48),
  sha512: sha2Info(3, 64),
};

function sha2Info(arc: number, length: number): readonly number[] {
  const oid = [0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, arc];
  return [0x30, 17 + length, 0x30, 0x0d, ...oid, 0x05, 0x00, 0x04, length];
}

/** RFC 8017 §9.2; undefined if it does not fit. */
export function encodePkcs1Signature(
  hash: Hash,
  name: HashName,
  message: Uint8Array,
  length: number,
): Uint8Array | undefined {
  const info = joinBytes([Uint8Array.from(DIGEST_INFO[name]), hash(name, message)]);
  if (length < info.length + 11) return undefined;
  const block = new Uint8Array(length).fill(0xff);
  block[0] = 0;
  block[1] = 1;
  block[length - info.length - 1] = 0;
  block.set(info, length - info.length);
  return block;
}

/** RFC 8017 §9.1.1, for a modulus of `bits` + 1 bits; undefined if it does not fit. */
export function encodePss(
  hash: Hash,
  name: HashName,
  message: Uint8Array,
  salt: Uint8Array,
  bits: number,
): Uint8Array | undefined {
  const length = Math.ceil(bits / 8);
  const size = HASHES[name].length;
  if (length < size + salt.length + 2) return undefined;
  const digest = pssDigest(hash, name, message, salt);
  const block = new Uint8Array(length);
  const masked = block.subarray(0, length - size - 1);
  masked[masked.length - salt.length - 1] = 1;
  masked.set(salt, masked.length - salt.length);
  xorMask(masked, hash, name, digest);
  masked[0] = (masked[0] ?? 0) & (0xff >> (8 * length - bits));
  block.set(digest, masked.length);
  block[length - 1] = 0xbc;
  return block;
}

/** RFC 8017 §9.1.2. */
export function verifyPss(
  hash: Hash,
  name: HashName,
  message: Uint8Array,
  block: Uint8Array,
  saltLength: number,
  bits: number,
): boolean {
  const size = HASHES[name].length;
  if (block.length < size + saltLength + 2 || block[block.length - 1] !== 0xbc) return false;
  const masked = block.slice(0, block.length - size - 1);
  const digest = block.subarray(masked.length, block.length - 1);
  const leading = 0xff >> (8 * block.length - bits);
  if (((masked[0] ?? 0) & ~leading) !== 0) return false;
  xorMask(masked, hash, name, digest);
  masked[0] = (masked[0] ?? 0) & leading;
  const saltAt = masked.length - saltLength;
  if (masked.findIndex((byte) => byte !== 0) !== saltAt - 1 || masked[saltAt - 1] !== 1) return false;
  return bytesEqual(pssDigest(hash, name, message, masked.subarray(saltAt)), digest);
}

/** RFC 8017 §7.2.1: random bytes, none of them zero, in front. Undefined if it does not fit. */
export function encodePkcs1Encryption(
  message: Uint8Array,
  random: RandomSource,
  length: number,
): Uint8Array | undefined {
  if (message.length > length - 11) return undefined;
  const block = new Uint8Array(length);
  block[1] = 2;
  const filler = block.subarray(2, length - message.length - 1);
  random.fill(filler);
  for (let i = 0; i < filler.length; i++) while (filler[i] === 0) random.fill(filler.subarray(i, i + 1));
  block.set(message, length - message.length);
  return block;
}

/** RFC 8017 §7.2.2. */
export function decodePkcs1Encryption(block: Uint8Array): Uint8Array | undefined {
  const end = block.indexOf(0, 2);
  return block[0] === 0 && block[1] === 2 && end >= 10 ? block.slice(end + 1) : undefined;
}

/** RFC 8017 §7.1.1; undefined if it does not fit. */
export function encodeOaep(
  hash: Hash,
  name: HashName,
  message: Uint8Array,
  label: Uint8Array,
  random: RandomSource,
  length: number,
): Uint8Array | undefined {
  const size = HASHES[name].length;
  if (message.length > length - 2 * size - 2) return undefined;
  const block = new Uint8Array(length);
  const seed = block.subarray(1, 1 + size);
  const masked = block.subarray(1 + size);
  masked.set(hash(name, label));
  masked[masked.length - message.length - 1] = 1;
  masked.set(message, masked.length - message.length);
  random.fill(seed);
  xorMask(masked, hash, name, seed);
  xorMask(seed, hash, name, masked);
  return block;
}

/** RFC 8017 §7.1.2. */
export function decodeOaep(hash: Hash, name: HashName, encoded: Uint8Array, label: Uint8Array): Uint8Array | undefined {
  const size = HASHES[name].length;
  if (encoded.length < 2 * size + 2 || encoded[0] !== 0) return undefined;
  const block = encoded.slice();
  const seed = block.subarray(1, 1 + size);
  const masked = block.subarray(1 + size);
  xorMask(seed, hash, name, masked);
  xorMask(masked, hash, name, seed);
  if (!bytesEqual(masked.subarray(0, size), hash(name, label))) return undefined;
  const rest = masked.subarray(size);
  const one = rest.findIndex((byte) => byte !== 0);
  return rest[one] === 1 ? rest.slice(one + 1) : undefined;
}

function pssDigest(hash: Hash, name: HashName, message: Uint8Array, salt: Uint8Array): Uint8Array {
  return hash(name, joinBytes([new Uint8Array(8), hash(name, message), salt]));
}

/** MGF1, RFC 8017 §B.2.1, laid over `target`. */
function xorMask(target: Uint8Array, hash: Hash, name: HashName, seed: Uint8Array): void {
  const input = new Uint8Array(seed.length + 4);
  input.set(seed);
  const counter = new DataView(input.buffer, seed.length);
  for (let at = 0, i = 0; at < target.length; i++) {
    counter.setUint32(0, i);
    for (const byte of hash(name, input)) if (at < target.length) target[at] = (target[at++] ?? 0) ^ byte;
  }
}
