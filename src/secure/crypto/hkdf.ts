// HKDF (RFC 5869) over whatever computes HMAC. Not here: the labels that TLS and HPKE put into it.

import { type CryptoProvider, HASHES, type HashName } from './provider.ts';

type Hmac = CryptoProvider['hmac'];

/** RFC 5869 §2.2: HMAC pads its key with zeros, so that an empty salt is the same as a salt of zeros. */
export const hkdfExtract = (hmac: Hmac, name: HashName, salt: Uint8Array, keyMaterial: Uint8Array): Uint8Array =>
  hmac(name, salt, keyMaterial);

/** RFC 5869 §2.3. @throws RangeError */
export function hkdfExpand(
  hmac: Hmac,
  name: HashName,
  pseudorandomKey: Uint8Array,
  info: Uint8Array,
  length: number,
): Uint8Array {
  const size = HASHES[name].length;
  if (!Number.isInteger(length) || length < 0 || length > 255 * size) {
    throw new RangeError(`length must be from 0 to ${255 * size} bytes with ${name}, not ${length}`);
  }
  const out = new Uint8Array(length);
  const block = new Uint8Array(size + info.length + 1); // T(i - 1), info, i
  block.set(info, size);
  for (let at = 0, i = 1; at < length; at += size, i++) {
    block[block.length - 1] = i;
    const next = hmac(name, pseudorandomKey, i === 1 ? block.subarray(size) : block);
    out.set(next.subarray(0, length - at), at);
    block.set(next);
  }
  return out;
}
