// RSA with moduli of any size, from a seed: small enough to be factored, or to be asked a few hundred questions. Raw powers,
// and encryption with the random padding of PKCS #1 v1.5. Not here: RSA that protects (secure/crypto/rsa.ts).

import type { Random } from '../../core/random.ts';
import { bitLength, integerBytes, integerOf, inverse, power } from '../../secure/crypto/big_integer.ts';
import { decodePkcs1Encryption, encodePkcs1Encryption } from '../../secure/crypto/rsa_padding.ts';

export interface ToyPublicKey {
  readonly modulus: bigint;
  readonly exponent: bigint;
  /** Of the modulus, in bytes. */
  readonly length: number;
}

export interface ToyKey extends ToyPublicKey {
  readonly privateExponent: bigint;
}

/** Bytes that random padding takes of a block: RFC 8017 §7.2.1. */
export const PADDING = 11;

const EXPONENT = 65_537n;

/** A key whose modulus has exactly `bits` bits, an even number from 32 on. */
export function toyRsaKey(random: Random, bits: number): ToyKey {
  for (;;) {
    const [p, q] = [randomPrime(random, bits / 2), randomPrime(random, bits / 2)];
    const key = toyKeyOf(p, q);
    if (key !== undefined && p !== q && bitLength(key.modulus) === bits) return key;
  }
}

/** What two primes make; whoever has found them has the private key. */
export function toyKeyOf(p: bigint, q: bigint): ToyKey | undefined {
  const privateExponent = inverse(EXPONENT, (p - 1n) * (q - 1n));
  if (privateExponent === undefined) return undefined;
  const modulus = p * q;
  return { modulus, exponent: EXPONENT, privateExponent, length: Math.ceil(bitLength(modulus) / 8) };
}

/** The same number always gives the same: textbook RSA. */
export const publicPower = ({ modulus, exponent }: ToyPublicKey, value: bigint): bigint =>
  power(value % modulus, exponent, modulus);

export const privatePower = ({ modulus, privateExponent }: ToyKey, value: bigint): bigint =>
  power(value % modulus, privateExponent, modulus);

/** With random padding in front; nothing if the message is longer than the modulus less 11 bytes. */
export function encryptPadded(key: ToyPublicKey, message: Uint8Array, random: Random): Uint8Array | undefined {
  const block = encodePkcs1Encryption(message, random, key.length);
  return block && integerBytes(publicPower(key, integerOf(block)), key.length);
}

/** Nothing if there is no such padding. */
export function decryptPadded(key: ToyKey, ciphertext: Uint8Array): Uint8Array | undefined {
  return decodePkcs1Encryption(integerBytes(privatePower(key, integerOf(ciphertext)), key.length));
}

const SMALL_PRIMES = [2n, 3n, 5n, 7n, 11n, 13n, 17n, 19n, 23n, 29n, 31n, 37n];

// The highest two bits are set, so that the product of two has all its bits.
function randomPrime(random: Random, bits: number): bigint {
  const bytes = new Uint8Array(Math.ceil(bits / 8));
  for (;;) {
    random.fill(bytes);
    const candidate = BigInt.asUintN(bits, integerOf(bytes)) | (3n << BigInt(bits - 2)) | 1n;
    if (isPrime(candidate)) return candidate;
  }
}

// Miller and Rabin, to twelve bases: certain below 3 * 10^24, and for random numbers beyond that as good as.
function isPrime(candidate: bigint): boolean {
  if (SMALL_PRIMES.some((prime) => candidate % prime === 0n)) return SMALL_PRIMES.includes(candidate);
  let odd = candidate - 1n;
  let twos = 0;
  for (; odd % 2n === 0n; odd /= 2n) twos++;
  return SMALL_PRIMES.every((base) => {
    let value = power(base, odd, candidate);
    if (value === 1n) return true;
    for (let i = 0; i < twos; i++, value = (value * value) % candidate) if (value === candidate - 1n) return true;
    return false;
  });
}
