// Which 32 bytes may be an Ed25519 point in a key or a signature. Both providers ask this first, since libraries and their
// versions differ about it. Not here: whether there is a point with that y.

import { bytesEqual } from '../../core/bytes.ts';

const LENGTH = 32;
const SIGN = 0x80;

/** 2^255 - 19, as its bytes lie in an encoding: little-endian. */
const PRIME = ends(0xed, 0xff, 0x7f);

/** The y of the points of order 1, 2, 4 and 8. */
const SMALL_ORDER: readonly Uint8Array[] = [
  ends(0x01, 0x00, 0x00),
  ends(0xec, 0xff, 0x7f),
  ends(0x00, 0x00, 0x00),
  Uint8Array.of(
    ...[0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0],
    ...[0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05],
  ),
  Uint8Array.of(
    ...[0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f],
    ...[0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a],
  ),
];

/**
 * RFC 8032 §5.1.3: y below 2^255 - 19. Nor a point of small order, which RFC 8032 leaves open: with such a key anybody
 * makes signatures, and one signature stands for many messages.
 */
export function isAllowedEd25519Point(bytes: Uint8Array): boolean {
  if (bytes.length !== LENGTH) return false;
  const y = bytes.slice();
  y[LENGTH - 1] = (y[LENGTH - 1] ?? 0) & ~SIGN;
  // Where x is zero there is no sign to write; y is 1 or -1 then, of small order anyway.
  return isBelowPrime(y) && !SMALL_ORDER.some((point) => bytesEqual(point, y));
}

function isBelowPrime(y: Uint8Array): boolean {
  for (let i = LENGTH - 1; i >= 0; i--) if (y[i] !== PRIME[i]) return (y[i] ?? 0) < (PRIME[i] ?? 0);
  return false;
}

function ends(first: number, middle: number, last: number): Uint8Array {
  const bytes = new Uint8Array(LENGTH).fill(middle);
  bytes[0] = first;
  bytes[LENGTH - 1] = last;
  return bytes;
}
