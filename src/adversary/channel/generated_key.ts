// A makes a key with its generator of random numbers, gives it to B in a way that is secure, and encrypts with it. Whether
// the key is a secret depends on the generator alone. Not here: the generators.

import { textOf, utf8 } from '../../core/bytes.ts';
import type { RandomSource } from '../../secure/crypto/provider.ts';
import type { Program } from '../../world/app/program.ts';
import type { Attacker } from '../attack/attacker.ts';
import type { LectureNames } from './names.ts';
import type { Mail } from './stage.ts';

export const KEY_LENGTH = 32;

export const saying = (formula: string): string => `The secret formula is ${formula}`;

export function generate(generator: RandomSource): Uint8Array {
  const key = new Uint8Array(KEY_LENGTH);
  generator.fill(key);
  return key;
}

// A -> B: E(key, 'The secret formula is ...')
export function sendsUnderNewKey(
  mail: Mail,
  generator: RandomSource,
  formula: string,
  keysOfB: Uint8Array[],
  { E }: LectureNames,
): void {
  const key = generate(generator);
  keysOfB.push(key);
  mail.send('B', E(key, utf8(saying(formula))));
}

export function* readsWithGivenKeys(mail: Mail, keys: Uint8Array[], { D }: LectureNames): Program<void> {
  for (;;) {
    const letter = yield* mail.receive();
    const key = keys.shift();
    if (letter === undefined || key === undefined) return;
    mail.note(textOf(D(key, letter.bytes) ?? new Uint8Array(0)));
  }
}

/** What E hears is from now on decrypted with this key as well. */
export function triesKey({ knowledge }: Attacker, key: Uint8Array, name: string, { D }: LectureNames): void {
  knowledge.learnToDecode({ name, decode: (bytes) => [D(key, bytes)].flatMap((message) => message ?? []) });
}
