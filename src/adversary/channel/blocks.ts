// Encryption in blocks of 16 bytes, with AES, for rungs about what blocks make possible.
//
//   chained      first, E(block 1 XOR first), E(block 2 XOR ciphertext 1), ...     CBC; the first is random
//   separate     E(block 1), E(block 2), ...                                       ECB
//
// The message is padded to whole blocks: ... 1, or 2 2, or 3 3 3. Not here: E and D of the other rungs (names.ts).

import { cbc, ecb } from '@noble/ciphers/aes.js';
import { joinBytes } from '../../core/bytes.ts';
import type { Random } from '../../core/random.ts';
import type { Wrapping } from './wrapping.ts';

export const BLOCK_LENGTH = 16;

/** Nothing comes out where the padding is wrong. */
export const chained = (key: Uint8Array, random: Random): Wrapping => ({
  wrap(message) {
    const first = new Uint8Array(BLOCK_LENGTH);
    random.fill(first);
    return joinBytes([first, cbc(key, first, { disablePadding: true }).encrypt(pad(message))]);
  },
  unwrap(bytes) {
    const first = bytes.slice(0, BLOCK_LENGTH);
    const blocks = bytes.slice(BLOCK_LENGTH);
    return isWhole(blocks) ? unpad(cbc(key, first, { disablePadding: true }).decrypt(blocks)) : undefined;
  },
});

export const separate = (key: Uint8Array): Wrapping => ({
  wrap: (message) => ecb(key, { disablePadding: true }).encrypt(pad(message)),
  unwrap: (bytes) => (isWhole(bytes) ? unpad(ecb(key, { disablePadding: true }).decrypt(bytes)) : undefined),
});

const isWhole = (blocks: Uint8Array): boolean => blocks.length > 0 && blocks.length % BLOCK_LENGTH === 0;

function pad(message: Uint8Array): Uint8Array {
  const count = BLOCK_LENGTH - (message.length % BLOCK_LENGTH);
  return joinBytes([message, new Uint8Array(count).fill(count)]);
}

function unpad(blocks: Uint8Array): Uint8Array | undefined {
  const count = blocks.at(-1) ?? 0;
  const isPadding = count >= 1 && count <= BLOCK_LENGTH && blocks.slice(-count).every((byte) => byte === count);
  return isPadding ? blocks.slice(0, -count) : undefined;
}
