// RSA (RFC 8017) over whatever raises a block to a power: what a key may be, signatures and encryption. Both providers
// share it, so that they accept and refuse the same. Not here: paddings (rsa_padding.ts), and the arithmetic itself.

import { bytesEqual } from '../../core/bytes.ts';
import { bitLength, integerOf } from './big_integer.ts';
import type { HashName, Rsa, RsaPrivateKey, RsaPrivateNumbers, RsaPublicKey, RsaPublicNumbers } from './provider.ts';
import { HASHES } from './provider.ts';
import * as padding from './rsa_padding.ts';

/** A block below the modulus and as long as it, to another. */
export type RsaPower = (block: Uint8Array) => Uint8Array;

/** What a provider has to say about RSA. The numbers are checked and without zeros in front. */
export interface RsaArithmetic {
  readonly hash: padding.Hash;
  publicPower(numbers: RsaPublicNumbers): RsaPower;
  privatePower(numbers: RsaPrivateNumbers): RsaPower;
}

const SMALLEST = 512; // bits
const LARGEST = 8192;

export function rsaOver(arithmetic: RsaArithmetic): Rsa {
  return {
    importPublicKey(numbers) {
      const trimmed = trimmedPublic(numbers);
      return problemOfPublic(trimmed) === undefined ? publicKeyOf(arithmetic, trimmed) : undefined;
    },
    importKey(numbers) {
      const trimmed = trimmedPrivate(numbers);
      const problem = problemOfPublic(trimmed) ?? problemOfPrivate(trimmed);
      if (problem !== undefined) throw new RangeError(`this is no RSA key: ${problem}`);
      return privateKeyOf(arithmetic, trimmed);
    },
  };
}

function publicKeyOf(
  { hash, publicPower }: RsaArithmetic,
  { modulus, publicExponent }: RsaPublicNumbers,
): RsaPublicKey {
  const numbers = { modulus, publicExponent };
  const { length } = modulus;
  const bits = bitLength(integerOf(modulus)) - 1; // RFC 8017 §8.1.1: a bit less than the modulus
  const power = publicPower(numbers);
  const raw = (block: Uint8Array): Uint8Array | undefined => (isBelow(block, modulus) ? power(block) : undefined);
  return {
    numbers,
    length,
    raw,
    verifyPkcs1(name, message, signature) {
      const block = raw(signature);
      const expected = padding.encodePkcs1Signature(hash, name, message, length);
      // RFC 8017 §8.2.2: compared as a whole. Parsing it instead has let forgeries through.
      return block !== undefined && expected !== undefined && bytesEqual(block, expected);
    },
    verifyPss(name, message, signature, saltLength = HASHES[name].length) {
      const block = raw(signature);
      if (block === undefined) return false;
      // With 8n + 1 bits of modulus the block is a byte shorter than the signature.
      const excess = length - Math.ceil(bits / 8);
      if (excess === 1 && block[0] !== 0) return false;
      return padding.verifyPss(hash, name, message, block.subarray(excess), saltLength, bits);
    },
    encryptPkcs1: (message, random) => power(fitting(padding.encodePkcs1Encryption(message, random, length), length)),
    encryptOaep: (name, message, random, label = NO_LABEL) =>
      power(fitting(padding.encodeOaep(hash, name, message, label, random, length), length)),
  };
}

function privateKeyOf(arithmetic: RsaArithmetic, numbers: RsaPrivateNumbers): RsaPrivateKey {
  const { hash } = arithmetic;
  const publicKey = publicKeyOf(arithmetic, numbers);
  const { length } = publicKey;
  const bits = bitLength(integerOf(numbers.modulus)) - 1;
  const power = arithmetic.privatePower(numbers);
  const raw = (block: Uint8Array): Uint8Array | undefined =>
    isBelow(block, numbers.modulus) ? power(block) : undefined;
  return {
    publicKey,
    raw,
    signPkcs1: (name, message) => power(fitting(padding.encodePkcs1Signature(hash, name, message, length), length)),
    signPss(name, message, random, saltLength = HASHES[name].length) {
      const salt = new Uint8Array(saltLength);
      random.fill(salt);
      const block = new Uint8Array(length);
      const encoded = fitting(padding.encodePss(hash, name, message, salt, bits), length);
      block.set(encoded, length - encoded.length);
      return power(block);
    },
    decryptPkcs1(ciphertext) {
      const block = raw(ciphertext);
      return block && padding.decodePkcs1Encryption(block);
    },
    decryptOaep(name: HashName, ciphertext: Uint8Array, label = NO_LABEL) {
      const block = raw(ciphertext);
      return block && padding.decodeOaep(hash, name, block, label);
    },
  };
}

const NO_LABEL = new Uint8Array(0);

/** @throws RangeError */
function fitting(block: Uint8Array | undefined, length: number): Uint8Array {
  if (block === undefined) {
    throw new RangeError(`it does not fit an RSA key of ${length} bytes: take a shorter message, or a longer key`);
  }
  return block;
}

function problemOfPublic({ modulus, publicExponent }: RsaPublicNumbers): string | undefined {
  if (modulus.length > LARGEST / 8) return `the modulus is longer than ${LARGEST} bits`;
  if (publicExponent.length > 4) return 'the public exponent is longer than 32 bits';
  const [n, e] = [integerOf(modulus), integerOf(publicExponent)];
  if (bitLength(n) < SMALLEST) return `the modulus is shorter than ${SMALLEST} bits`;
  if (n % 2n === 0n) return 'the modulus is even';
  return e < 3n || e % 2n === 0n ? 'the public exponent must be odd, and 3 or more' : undefined;
}

function problemOfPrivate(numbers: RsaPrivateNumbers): string | undefined {
  const [n, e, d] = [integerOf(numbers.modulus), integerOf(numbers.publicExponent), integerOf(numbers.privateExponent)];
  const [p, q] = [integerOf(numbers.prime1), integerOf(numbers.prime2)];
  if (p < 3n || q < 3n || p * q !== n) return 'the modulus is not the product of the primes';
  if ((e * d) % (p - 1n) !== 1n || (e * d) % (q - 1n) !== 1n) return 'the exponents do not belong together';
  if (integerOf(numbers.exponent1) !== d % (p - 1n) || integerOf(numbers.exponent2) !== d % (q - 1n)) {
    return "exponent1 and exponent2 are not the private exponent's remainders";
  }
  return (integerOf(numbers.coefficient) * q) % p === 1n ? undefined : 'the coefficient is not the inverse of prime2';
}

function trimmedPublic({ modulus, publicExponent }: RsaPublicNumbers): RsaPublicNumbers {
  return { modulus: trimmed(modulus), publicExponent: trimmed(publicExponent) };
}

function trimmedPrivate(numbers: RsaPrivateNumbers): RsaPrivateNumbers {
  return {
    ...trimmedPublic(numbers),
    privateExponent: trimmed(numbers.privateExponent),
    prime1: trimmed(numbers.prime1),
    prime2: trimmed(numbers.prime2),
    exponent1: trimmed(numbers.exponent1),
    exponent2: trimmed(numbers.exponent2),
    coefficient: trimmed(numbers.coefficient),
  };
}

function trimmed(bytes: Uint8Array): Uint8Array {
  const first = bytes.findIndex((byte) => byte !== 0);
  return first === -1 ? new Uint8Array(0) : bytes.slice(first);
}

/** RFC 8017 §5.1.1, §8.2.2 step 1: as long as the modulus, and a smaller number. */
function isBelow(block: Uint8Array, modulus: Uint8Array): boolean {
  if (block.length !== modulus.length) return false;
  const at = block.findIndex((byte, i) => byte !== modulus[i]);
  return at !== -1 && (block[at] ?? 0) < (modulus[at] ?? 0);
}
