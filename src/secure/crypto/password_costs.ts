// Which costs a password derivation takes, the same with every provider. Not here: which of them are wise
// (password_hash.ts).

import type { Argon2Costs, ScryptCosts } from './provider.ts';

/** What a derivation may allocate, in bytes. */
export const MOST_MEMORY: number = 2 ** 30;

/** RFC 8018 §5.2. @throws RangeError */
export function checkPbkdf2(iterations: number, length: number): void {
  expectInteger('iterations', iterations, 1, 2 ** 31 - 1);
  expectInteger('length', length, 1, 2 ** 31 - 1);
}

/** RFC 7914 §2, §6. @throws RangeError */
export function checkScrypt({ cost, blockSize, parallelism }: ScryptCosts, length: number): void {
  expectInteger('cost', cost, 2, 2 ** 31);
  if ((BigInt(cost) & BigInt(cost - 1)) !== 0n) throw new RangeError(`cost must be a power of two, not ${cost}`);
  expectInteger('blockSize', blockSize, 1, 2 ** 20);
  expectInteger('parallelism', parallelism, 1, 2 ** 20);
  expectInteger('length', length, 1, 2 ** 31 - 1);
  const needed = 128 * blockSize * (cost + parallelism + 2);
  if (needed <= MOST_MEMORY) return;
  throw new RangeError(`these costs need ${needed} bytes of memory, more than ${MOST_MEMORY}: take a lower cost`);
}

/** RFC 9106 §3.1. @throws RangeError */
export function checkArgon2(salt: Uint8Array, { memory, passes, parallelism }: Argon2Costs, length: number): void {
  expectInteger('parallelism', parallelism, 1, 2 ** 24 - 1);
  expectInteger('memory', memory, 8 * parallelism, MOST_MEMORY / 1024 - 64);
  expectInteger('passes', passes, 1, 2 ** 31 - 1);
  expectInteger('length', length, 4, 2 ** 31 - 1);
  if (salt.length < 8) throw new RangeError(`the salt must have 8 bytes or more, not ${salt.length}`);
}

function expectInteger(what: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw new RangeError(`${what} must be a whole number from ${least} to ${most}, not ${value}`);
}
