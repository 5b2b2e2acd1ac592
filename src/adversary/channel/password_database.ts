// A server that keeps passwords on its disk, in one way or another, and users who register and log in over a channel that
// is secure. Not here: how the disk is read by others (the entries).

import { bytesEqual, joinBytes, utf8 } from '../../core/bytes.ts';
import type { Random } from '../../core/random.ts';
import type { CryptoProvider } from '../../secure/crypto/provider.ts';
import type { Program } from '../../world/app/program.ts';
import type { Secret } from '../attack/secret.ts';
import { type Mail, type Principal, pack, unpack } from './stage.ts';

/** How a password is kept: pack(salt, digest). */
export interface Keeping {
  readonly saltLength: number;
  /** What one digest costs, in computations of a hash. */
  readonly cost: number;
  digest(password: Uint8Array, salt: Uint8Array): Uint8Array;
}

export const inTheClear: Keeping = { saltLength: 0, cost: 1, digest: (password) => password };

/** hash(salt + password); without a salt all who have one password have one digest. */
export const hashed = ({ hash }: CryptoProvider, saltLength: number): Keeping => ({
  saltLength,
  cost: 1,
  digest: (password, salt) => hash('sha256', joinBytes([salt, password])),
});

/** Argon2id over 64 KiB, a toy's cost: each of the 64 blocks of 1 KiB counts as one computation, and takes more. */
export const slowlyHashed = ({ passwords }: CryptoProvider): Keeping => ({
  saltLength: 16,
  cost: 64,
  digest: (password, salt) =>
    passwords.argon2('argon2id', password, salt, { memory: 64, passes: 1, parallelism: 1 }, 32),
});

// A -> B: register, name, password
// A -> B: log in, name, password
// B -> A: welcome
export function* keepsPasswords(mail: Mail, disk: Map<string, Uint8Array>, keeping: Keeping): Program<void> {
  for (;;) {
    const letter = yield* mail.receive();
    if (letter === undefined) return;
    const [, name = '', password = ''] = letter.text.split(' ');
    if (letter.text.startsWith('register')) {
      const salt = randomBytes(mail.random, keeping.saltLength);
      disk.set(name, pack(salt, keeping.digest(utf8(password), salt)));
    } else {
      const [salt, digest] = unpack(disk.get(name) ?? new Uint8Array(0), 2) ?? [];
      if (salt === undefined || digest === undefined) continue;
      mail.send(letter.from, bytesEqual(keeping.digest(utf8(password), salt), digest) ? 'welcome' : 'wrong password');
    }
  }
}

export function* logsIn(mail: Mail, name: string, password: string): Program<void> {
  mail.send('B', `register ${name} ${password}`);
  mail.send('B', `login ${name} ${password}`);
  const answer = yield* mail.receive();
  if (answer !== undefined) mail.note(answer.text);
}

function randomBytes(random: Random, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  random.fill(bytes);
  return bytes;
}

const FIRST = ['sunny', 'happy', 'lucky', 'super', 'magic', 'crazy', 'sweet', 'angry', 'funny', 'silly'];
const SECOND = ['tiger', 'monkey', 'dragon', 'banana', 'flower', 'rocket', 'cookie', 'pirate', 'summer', 'winter'];

/** A thousand passwords that people choose, as attackers have them in lists. */
export const COMMON_PASSWORDS: readonly string[] = FIRST.flatMap((first) =>
  SECOND.flatMap((second) => Array.from({ length: 10 }, (_, digit) => `${first}${second}${digit}`)),
);

/** Any one of them. */
export function commonPassword(random: Random, name: string): Secret {
  const text = COMMON_PASSWORDS[random.below(COMMON_PASSWORDS.length)] ?? '';
  return { name, text, bytes: utf8(text) };
}

/** What lies on the disk, by name. */
export function stored({ disk }: Principal): { name: string; salt: Uint8Array; digest: Uint8Array }[] {
  return [...disk].flatMap(([name, bytes]) => {
    const [salt, digest] = unpack(bytes, 2) ?? [];
    return salt === undefined || digest === undefined ? [] : [{ name, salt, digest }];
  });
}
