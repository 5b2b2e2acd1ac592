// Seeded randomness. The generator is xoshiro128** 1.1 (Blackman and Vigna, 2018); a fork's seed is SipHash-2-4 of its
// label under the parent's seed. Both are frozen: other bytes for the same seed would be another version of the world.
//
// A fork depends on who the parent is, never on how much it has drawn: one more host, or one more draw, moves nobody
// else's bytes.

import { utf8 } from './bytes.ts';
import { type SipKey, sipHashBytes } from './siphash.ts';

/** What generators can be forked from, and nothing drawn. */
export type RandomForks = Pick<Random, 'fork'>;

export class Random {
  // The seed and the state, 32 bits each, signed: eight fields take 64 bytes, two arrays 310.
  private readonly k0: number;
  private readonly k1: number;
  private readonly k2: number;
  private readonly k3: number;
  private s0: number;
  private s1: number;
  private s2: number;
  private s3: number;

  constructor(seed: SipKey) {
    this.k0 = seed[0] | 0;
    this.k1 = seed[1] | 0;
    this.k2 = seed[2] | 0;
    this.k3 = seed[3] | 0;
    // All zeros is the one state that the generator never leaves.
    this.s0 = (this.k0 | this.k1 | this.k2 | this.k3) === 0 ? 1 : this.k0;
    this.s1 = this.k1;
    this.s2 = this.k2;
    this.s3 = this.k3;
  }

  get seed(): SipKey {
    return [this.k0, this.k1, this.k2, this.k3];
  }

  /** The root of a world: an integer from 0 to 2^53 - 1. @throws RangeError on any other number */
  static fromSeed(seed: number): Random {
    if (!Number.isSafeInteger(seed) || seed < 0) {
      throw new RangeError(`the seed must be an integer from 0 to 2^53 - 1, not ${seed}`);
    }
    return new Random([seed | 0, Math.floor(seed / 0x1_0000_0000), 0x6e657461, 0x7269756d]).fork('world');
  }

  /** An independent generator: the same for the same label, whatever was drawn before. */
  fork(label: string): Random {
    const length = writeAscii(label);
    const bytes = length < 0 ? utf8(label) : LABEL;
    const end = length < 0 ? bytes.length : length;
    const [a, b] = sipHashBytes(this.seed, bytes, end);
    const [c, d] = sipHashBytes([this.k2, this.k3, this.k0, ~this.k1], bytes, end);
    return new Random([a, b, c, d]);
  }

  /** 32 random bits, unsigned. */
  nextUint32(): number {
    const { s0, s1 } = this;
    const s2 = this.s2 ^ s0;
    const s3 = this.s3 ^ s1;
    const scrambled = Math.imul(rotate(Math.imul(s1, 5), 7), 9);
    this.s0 = s0 ^ s3;
    this.s1 = s1 ^ s2;
    this.s2 = s2 ^ (s1 << 9);
    this.s3 = rotate(s3, 11);
    return scrambled >>> 0;
  }

  /** A whole number from 0 to `bound` - 1, each equally likely; `bound` from 1 to 2^32. */
  below(bound: number): number {
    const limit = 0x1_0000_0000 - (0x1_0000_0000 % bound);
    let drawn = this.nextUint32();
    while (drawn >= limit) drawn = this.nextUint32();
    return drawn % bound;
  }

  /** From 0 up to but not including 1, in steps of 2^-32. */
  nextFraction(): number {
    return this.nextUint32() / 0x1_0000_0000;
  }

  /** True with the given probability; draws only when the outcome is open. */
  chance(probability: number): boolean {
    if (probability <= 0) return false;
    return probability >= 1 || this.nextUint32() < probability * 0x1_0000_0000;
  }

  fill(out: Uint8Array): void {
    for (let i = 0; i < out.length; i += 4) {
      const word = this.nextUint32();
      for (let k = 0; k < 4 && i + k < out.length; k++) out[i + k] = word >>> (8 * k);
    }
  }
}

// The usual label, short and of ASCII, without an array of its own.
const LABEL = new Uint8Array(64);

// Its length, or -1 for any other label.
function writeAscii(label: string): number {
  if (label.length > LABEL.length) return -1;
  for (let i = 0; i < label.length; i++) {
    const code = label.charCodeAt(i);
    if (code > 0x7f) return -1;
    LABEL[i] = code;
  }
  return label.length;
}

const rotate = (word: number, count: number): number => (word << count) | (word >>> (32 - count));
