// Canaries: secrets that cannot occur by chance, so that finding one means that it has leaked.

import { utf8 } from '../../core/bytes.ts';
import type { Random } from '../../core/random.ts';

const LETTERS = 'abcdefghijkmnpqrstuvwxyz23456789'; // 32 of them: a letter is five bits
const LENGTH = 16;

export interface Secret {
  /** What it is for: `pin`. */
  readonly name: string;
  /** Its text, that stands for nothing else. */
  readonly text: string;
  readonly bytes: Uint8Array;
}

/** Mints a secret: 80 bits that nobody can guess, the same for the same seed and name. */
export function mintSecret(random: Random, name: string): Secret {
  const draws = random.fork(`secret ${name}`);
  let text = `${name}-`;
  for (let i = 0; i < LENGTH; i++) text += LETTERS[draws.below(LETTERS.length)] ?? '';
  return { name, text, bytes: utf8(text) };
}
