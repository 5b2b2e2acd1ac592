// The curves P-256 and P-384 as far as scalars go: order, lengths, drawing one, and ECDSA signing by RFC 6979 over
// whatever multiplies the base point. Not here: points, and how signatures are written (ecdsa_signature.ts).

import { integerBytes, integerOf, inverse, modulo } from './big_integer.ts';
import type { EcdsaCurve, HashName, RandomSource } from './provider.ts';

export interface PrimeCurve {
  readonly name: EcdsaCurve;
  /** Of the base point: the number of points. SEC 2 §2.4.2, §2.5.1. */
  readonly order: bigint;
  /** Of a scalar and of a coordinate, in bytes. */
  readonly length: number;
}

export const PRIME_CURVES: Readonly<Record<EcdsaCurve, PrimeCurve>> = {
  'P-256': {
    name: 'P-256',
    order: 0xffff_ffff_0000_0000_ffff_ffff_ffff_ffff_bce6_faad_a717_9e84_f3b9_cac2_fc63_2551n,
    length: 32,
  },
  'P-384': {
    name: 'P-384',
    order:
      0xffff_ffff_ffff_ffff_ffff_ffff_ffff_ffff_ffff_ffff_ffff_ffff_c763_4d81_f437_2ddf_581a_0db2_48b0_a77a_ecec_196a_ccc5_2973n,
    length: 48,
  },
};

export const isScalar = ({ order, length }: PrimeCurve, secret: Uint8Array): boolean =>
  secret.length === length && isInRange(integerOf(secret), order);

/** FIPS 186-5 §A.2.2: drawn until one fits. */
export function drawScalar(curve: PrimeCurve, random: RandomSource): Uint8Array {
  const secret = new Uint8Array(curve.length);
  do random.fill(secret);
  while (!isScalar(curve, secret));
  return secret;
}

/** 04 x y: SEC 1 §2.3.3. */
export const isUncompressed = ({ length }: PrimeCurve, point: Uint8Array): boolean =>
  point.length === 1 + 2 * length && point[0] === 4;

export type Hmac = (name: HashName, key: Uint8Array, message: Uint8Array) => Uint8Array;

/** r and s, one after the other. `multiplyBase` gives the x coordinate of `scalar` times the base point. */
export function signDigest(
  curve: PrimeCurve,
  secret: Uint8Array,
  hash: HashName,
  digest: Uint8Array,
  hmac: Hmac,
  multiplyBase: (scalar: Uint8Array) => Uint8Array,
): Uint8Array {
  const { order, length } = curve;
  const signed = new Uint8Array(2 * length);
  for (const nonce of nonces(curve, secret, hash, digest, hmac)) {
    const r = integerOf(multiplyBase(nonce)) % order;
    // A nonce from 1 to order - 1 has an inverse: the order is prime.
    const s = modulo((inverse(integerOf(nonce), order) ?? 0n) * (bits(curve, digest) + r * integerOf(secret)), order);
    if (r === 0n || s === 0n) continue; // RFC 6979 §3.4: as good as never
    signed.set(integerBytes(r, length));
    signed.set(integerBytes(s, length), length);
    break;
  }
  return signed;
}

// RFC 6979 §3.2, with one HMAC of joined pieces where the RFC writes ||. V and K keep its names.
function* nonces(
  curve: PrimeCurve,
  secret: Uint8Array,
  hash: HashName,
  digest: Uint8Array,
  hmac: Hmac,
): Generator<Uint8Array, void, void> {
  const { order, length } = curve;
  const digestOctets = integerBytes(bits(curve, digest) % order, length); // bits2octets, §2.3.4
  const seed = new Uint8Array(digest.length + 1 + 2 * length);
  seed.set(secret, digest.length + 1);
  seed.set(digestOctets, digest.length + 1 + length);
  let v = new Uint8Array(digest.length).fill(1);
  let k = new Uint8Array(digest.length);
  for (const separator of [0, 1]) {
    seed.set(v);
    seed[v.length] = separator;
    k = new Uint8Array(hmac(hash, k, seed));
    v = new Uint8Array(hmac(hash, k, v));
  }
  for (;;) {
    const drawn = new Uint8Array(Math.ceil(length / v.length) * v.length);
    for (let at = 0; at < drawn.length; at += v.length) {
      v = new Uint8Array(hmac(hash, k, v));
      drawn.set(v, at);
    }
    const nonce = bits(curve, drawn);
    if (isInRange(nonce, order)) yield integerBytes(nonce, length);
    const retry = new Uint8Array(v.length + 1);
    retry.set(v);
    k = new Uint8Array(hmac(hash, k, retry));
    v = new Uint8Array(hmac(hash, k, v));
  }
}

/** bits2int, RFC 6979 §2.3.2: the leftmost bits, as many as the order has. Both orders fill their bytes. */
const bits = ({ length }: PrimeCurve, bytes: Uint8Array): bigint => integerOf(bytes.subarray(0, length));

const isInRange = (value: bigint, order: bigint): boolean => value > 0n && value < order;
