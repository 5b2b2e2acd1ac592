// RSAEP and RSADP (RFC 8017 §5.1) by BigInt, for where the platform has nothing faster.

import { integerBytes, integerOf, modulo, power } from './big_integer.ts';
import type { RsaPrivateNumbers, RsaPublicNumbers } from './provider.ts';
import type { RsaPower } from './rsa.ts';

export function publicPower({ modulus, publicExponent }: RsaPublicNumbers): RsaPower {
  const [n, e] = [integerOf(modulus), integerOf(publicExponent)];
  return (block) => integerBytes(power(integerOf(block), e, n), modulus.length);
}

/** By the Chinese remainder theorem: two powers of half the length, four times as fast. RFC 8017 §5.1.2, 2.b. */
export function privatePower(numbers: RsaPrivateNumbers): RsaPower {
  const [p, q] = [integerOf(numbers.prime1), integerOf(numbers.prime2)];
  const [dP, dQ] = [integerOf(numbers.exponent1), integerOf(numbers.exponent2)];
  const coefficient = integerOf(numbers.coefficient);
  return (block) => {
    const base = integerOf(block);
    const [m1, m2] = [power(base % p, dP, p), power(base % q, dQ, q)];
    const h = modulo((m1 - m2) * coefficient, p);
    return integerBytes(m2 + q * h, numbers.modulus.length);
  };
}
