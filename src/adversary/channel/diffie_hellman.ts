// Diffie-Hellman as on the slide: some f with f(f(X, Y), Z) = f(f(X, Z), Y) that is hard to invert, here X^Y modulo a prime.
// In numbers that are worked out by hand, and in numbers that nobody inverts. With the exchange of key shares, signed or not.
//
//   A -> B: A, f(X, Y), signature
//   B -> A: B, f(X, Z), signature
//   A -> B: E(key, message), the key made from f(f(X, Z), Y) = f(f(X, Y), Z)

import { textOf, utf8 } from '../../core/bytes.ts';
import type { Random } from '../../core/random.ts';
import { integerBytes, integerOf, power } from '../../secure/crypto/big_integer.ts';
import type { Program } from '../../world/app/program.ts';
import type { KeyPair, LectureNames } from './names.ts';
import { type Mail, pack, unpack } from './stage.ts';

/** What is chosen in advance. */
export interface Group {
  readonly X: bigint;
  readonly prime: bigint;
  /** Of a key share, in bytes. */
  readonly length: number;
}

/** By hand: 5^6 modulo 23 is 8, and whoever sees 8 has 22 exponents to try. */
export const SMALL: Group = { X: 5n, prime: 23n, length: 1 };

/** The group of 2,048 bits of RFC 3526 §3. */
export const LARGE: Group = {
  X: 2n,
  prime: BigInt(
    `0x${[
      'ffffffffffffffffc90fdaa22168c234c4c6628b80dc1cd129024e088a67cc74',
      '020bbea63b139b22514a08798e3404ddef9519b3cd3a431b302b0a6df25f1437',
      '4fe1356d6d51c245e485b576625e7ec6f44c42e9a637ed6b0bff5cb6f406b7ed',
      'ee386bfb5a899fa5ae9f24117c4b1fe649286651ece45b3dc2007cb8a163bf05',
      '98da48361c55d39a69163fa8fd24cf5f83655d23dca3ad961c62f356208552bb',
      '9ed529077096966d670c354e4abc9804f1746c08ca18217c32905e462e36ce3b',
      'e39e772c180e86039b2783a2ec07a28fb5c55df06f4c52c9de2bcbf695581718',
      '3995497cea956ae515d2261898fa051015728e5a8aacaa68ffffffffffffffff',
    ].join('')}`,
  ),
  length: 256,
};

export const f = (base: bigint, exponent: bigint, { prime }: Group): bigint => power(base, exponent, prime);

/** A random Y, from 1 to the prime less 2, and at most 256 bits of it. */
export function randomExponent(random: Random, { prime }: Group): bigint {
  const bytes = new Uint8Array(32);
  random.fill(bytes);
  return (integerOf(bytes) % (prime - 2n)) + 1n;
}

export const shareBytes = (share: bigint, { length }: Group): Uint8Array => integerBytes(share, length);

/** The key that both get from what both get. */
export const keyOf = (shared: bigint, group: Group, { hash }: LectureNames): Uint8Array =>
  hash(shareBytes(shared, group));

/** What goes with a share, so that it is known whose it is. `shares`: one's own, and the one that it answers, if any. */
export interface Signatures {
  sign(from: string, to: string, ...shares: readonly Uint8Array[]): Uint8Array;
  verify(signature: Uint8Array, from: string, to: string, ...shares: readonly Uint8Array[]): boolean;
}

export const UNSIGNED: Signatures = { sign: () => new Uint8Array(0), verify: () => true };

/** What of all this a signature covers. */
export type Covers = (from: string, to: string, shares: readonly Uint8Array[]) => Uint8Array;

/** With the pairs that are there: who has no private key signs nothing that is good. */
export function signatures({ S, V }: LectureNames, pairs: ReadonlyMap<string, KeyPair>, covers: Covers): Signatures {
  return {
    sign: (from, to, ...shares) => S(pairs.get(from)?.privateKey ?? new Uint8Array(32), covers(from, to, shares)),
    verify: (signature, from, to, ...shares) =>
      V(pairs.get(from)?.publicKey ?? new Uint8Array(32), covers(from, to, shares), signature),
  };
}

export interface Exchange {
  readonly group: Group;
  readonly names: LectureNames;
  readonly signatures: Signatures;
}

export function* sendsShare(mail: Mail, message: string, exchange: Exchange): Program<void> {
  const { group, names, signatures } = exchange;
  const Y = randomExponent(mail.random, group);
  const own = shareBytes(f(group.X, Y, group), group);
  mail.send('B', pack('A', own, signatures.sign('A', 'B', own)));
  const answer = yield* mail.receive();
  const [, theirs, signature] = (answer && unpack(answer.bytes, 3)) ?? [];
  if (theirs === undefined || signature === undefined) return;
  if (!signatures.verify(signature, 'B', 'A', theirs, own)) return mail.note('refused');
  mail.send('B', names.E(keyOf(f(integerOf(theirs), Y, group), group, names), utf8(message)));
}

export function* answersShare(mail: Mail, exchange: Exchange): Program<void> {
  const { group, names, signatures } = exchange;
  const first = yield* mail.receive();
  const [name, theirs, signature] = (first && unpack(first.bytes, 3)) ?? [];
  if (first === undefined || name === undefined || theirs === undefined || signature === undefined) return;
  const peer = textOf(name);
  if (!signatures.verify(signature, peer, 'B', theirs)) return mail.note('refused');
  const Z = randomExponent(mail.random, group);
  const own = shareBytes(f(group.X, Z, group), group);
  mail.send(first.from, pack('B', own, signatures.sign('B', peer, own, theirs)));
  const letter = yield* mail.receive();
  const key = keyOf(f(integerOf(theirs), Z, group), group, names);
  if (letter !== undefined) mail.note(`${peer}: ${textOf(names.D(key, letter.bytes) ?? new Uint8Array(0))}`);
}
