// What a caller of a provider may give, checked with a sentence; and what libraries throw, turned into what the interface
// promises. Bytes from the wire never throw.

import { isScalar, type PrimeCurve } from './prime_curve.ts';
import { AEAD_KEY_LENGTH, AEAD_NONCE_LENGTH, AEAD_TAG_LENGTH, type AeadName } from './provider.ts';

/** @throws RangeError */
export function expectLength(what: string, bytes: Uint8Array, length: number): void {
  if (bytes.length !== length) throw new RangeError(`${what} must be ${length} bytes, not ${bytes.length}`);
}

/** @throws RangeError */
export function expectAeadKey(name: AeadName, key: Uint8Array): void {
  const length = AEAD_KEY_LENGTH[name];
  if (length === undefined) {
    throw new RangeError(`there is no AEAD ${name}; take one of ${Object.keys(AEAD_KEY_LENGTH).join(', ')}`);
  }
  expectLength(`the key of ${name}`, key, length);
}

/** @throws RangeError */
export function expectNonce(nonce: Uint8Array): void {
  if (nonce.length !== AEAD_NONCE_LENGTH) expectLength('the nonce', nonce, AEAD_NONCE_LENGTH);
}

/** @throws RangeError */
export function expectRoom(plaintext: Uint8Array, out: Uint8Array, at: number): void {
  const room = out.length - at;
  const needed = plaintext.length + AEAD_TAG_LENGTH;
  if (at >= 0 && room >= needed) return;
  throw new RangeError(`out must have ${needed} bytes from ${at} on for ciphertext and tag, not ${room}`);
}

/** @throws RangeError */
export function expectScalar(curve: PrimeCurve, secret: Uint8Array): void {
  expectLength(`the secret of ${curve.name}`, secret, curve.length);
  if (!isScalar(curve, secret)) throw new RangeError(`the secret of ${curve.name} must be from 1 to the order less 1`);
}

/** For the libraries, which throw at bytes that are no key, no point, no ciphertext. */
export function unlessThrown<Result>(compute: () => Result): Result | undefined {
  try {
    return compute();
  } catch {
    return undefined;
  }
}
