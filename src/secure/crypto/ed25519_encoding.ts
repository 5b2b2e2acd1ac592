// How an Ed25519 public key may be written. Both providers ask this first, since libraries differ about the encodings that
// RFC 8032 rules out. Not here: whether there is a point with that y.

const LENGTH = 32;
const SIGN = 0x80;
/** 2^255 - 19, as its bytes lie in an encoding: little-endian. */
const PRIME = Uint8Array.from({ length: LENGTH }, (_, i) => (i === 0 ? 0xed : i === LENGTH - 1 ? 0x7f : 0xff));

/** RFC 8032 §5.1.3: y below 2^255 - 19, and no sign where x is zero, which is so for y = 1 and y = -1. */
export function isCanonicalEd25519(bytes: Uint8Array): boolean {
  if (bytes.length !== LENGTH) return false;
  const y = bytes.slice();
  const last = y[LENGTH - 1] ?? 0;
  y[LENGTH - 1] = last & ~SIGN;
  const [toPrime, isOne] = [compare(y, PRIME), y[0] === 1 && y.subarray(1).every((byte) => byte === 0)];
  if (toPrime >= 0) return false;
  const isMinusOne = y[0] === 0xec && compare(y.subarray(1), PRIME.subarray(1)) === 0;
  return last < SIGN || !(isOne || isMinusOne);
}

/** Little-endian. */
function compare(a: Uint8Array, b: Uint8Array): number {
  for (let i = a.length - 1; i >= 0; i--) if (a[i] !== b[i]) return (a[i] ?? 0) - (b[i] ?? 0);
  return 0;
}
