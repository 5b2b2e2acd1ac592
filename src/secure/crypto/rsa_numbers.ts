// An RSA private key from its two primes. Not here: finding primes.

import { bitLength, integerBytes, inverse } from './big_integer.ts';
import type { RsaPrivateNumbers } from './provider.ts';

/** RFC 8017 §3.2. @throws RangeError if the exponent has a factor in common with a prime less 1 */
export function rsaNumbers(prime1: bigint, prime2: bigint, publicExponent = 65537n): RsaPrivateNumbers {
  const privateExponent = inverse(publicExponent, (prime1 - 1n) * (prime2 - 1n));
  const coefficient = inverse(prime2, prime1);
  if (privateExponent === undefined || coefficient === undefined) {
    throw new RangeError('publicExponent must have no factor in common with a prime less 1: take other primes');
  }
  return {
    modulus: bytesOf(prime1 * prime2),
    publicExponent: bytesOf(publicExponent),
    privateExponent: bytesOf(privateExponent),
    prime1: bytesOf(prime1),
    prime2: bytesOf(prime2),
    exponent1: bytesOf(privateExponent % (prime1 - 1n)),
    exponent2: bytesOf(privateExponent % (prime2 - 1n)),
    coefficient: bytesOf(coefficient),
  };
}

const bytesOf = (value: bigint): Uint8Array => integerBytes(value, Math.ceil(bitLength(value) / 8));
