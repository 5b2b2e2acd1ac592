// Hashes of which only the first bits are kept, so that what would take for ever takes a moment.

import type { LectureNames } from './names.ts';

export type Hash = (message: Uint8Array) => Uint8Array;

/** The first `bits` bits of hash(message), and zeros behind them up to a whole byte. */
export function shortHash({ hash }: LectureNames, bits: number): Hash {
  const length = Math.ceil(bits / 8);
  const mask = 0xff << (8 * length - bits);
  return (message) => {
    const summary = hash(message).slice(0, length);
    summary[length - 1] = (summary[length - 1] ?? 0) & mask;
    return summary;
  };
}
