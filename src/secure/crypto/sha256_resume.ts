// SHA-256 that goes on from a digest: what somebody needs who knows hash(secret + message) and its length, and wants the
// hash of a longer message with the same beginning. That this is possible is why HMAC hashes twice.
//
//   known      hash(secret + message)
//   forged     message + padding of (secret + message) + more
//   its hash   sha256Resume(known, length with padding).update(more).digest()
//
// Not here: SHA-256 itself.

import { _SHA256 } from '@noble/hashes/sha2.js';

/**
 * What SHA-256 appends to a message of so many bytes: a bit, zeros, the length in bits, up to a multiple of 64 bytes.
 * FIPS 180-4 §5.1.1.
 */
export function sha256Padding(length: number): Uint8Array {
  const padding = new Uint8Array(64 - ((length + 8) % 64) + 8);
  padding[0] = 0x80;
  new DataView(padding.buffer).setBigUint64(padding.length - 8, BigInt(length) * 8n);
  return padding;
}

/** `length`: of what was hashed so far, its padding included, in bytes. @throws RangeError */
export function sha256Resume(
  digest: Uint8Array,
  length: number,
): { update(more: Uint8Array): unknown; digest(): Uint8Array } {
  if (digest.length !== 32) throw new RangeError(`the digest must be 32 bytes, not ${digest.length}`);
  if (!Number.isSafeInteger(length) || length < 0 || length % 64 !== 0) {
    throw new RangeError(`length must be a multiple of 64 bytes, not ${length}: add the padding`);
  }
  return new ResumedSha256(digest, length);
}

class ResumedSha256 extends _SHA256 {
  constructor(digest: Uint8Array, length: number) {
    super();
    const view = new DataView(digest.buffer, digest.byteOffset, digest.byteLength);
    const word = (i: number): number => view.getInt32(4 * i);
    // The digest is the state: FIPS 180-4 §6.2.2.
    this.set(word(0), word(1), word(2), word(3), word(4), word(5), word(6), word(7));
    this.length = length;
  }
}
