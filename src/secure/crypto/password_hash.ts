// Passwords on disk: hashed slowly, with a salt, and written as one line that says how (the PHC string format):
//
//   $argon2id$v=19$m=19456,t=2,p=1$<salt>$<hash>    also argon2i and argon2d
//   $scrypt$ln=17,r=8,p=1$<salt>$<hash>             ln: the cost's exponent of two
//   $pbkdf2-sha256$i=600000$<salt>$<hash>           also sha384 and sha512
//
// The line of a user is read back from a file that may have been tampered with: what it says is checked, and bounded, before
// anything is computed. Not here: the derivations (a provider's), and who asks how often.

import { bytesEqual, utf8 } from '../../core/bytes.ts';
import { checkArgon2, checkPbkdf2, checkScrypt } from './password_costs.ts';
import type { Argon2Costs, Argon2Variant, CryptoProvider, HashName, RandomSource, ScryptCosts } from './provider.ts';

export type PasswordMethod =
  | { readonly kind: Argon2Variant; readonly costs: Argon2Costs }
  | { readonly kind: 'scrypt'; readonly costs: ScryptCosts }
  | { readonly kind: 'pbkdf2'; readonly hash: Exclude<HashName, 'sha1'>; readonly iterations: number };

/** A line, read. */
export interface PasswordHash {
  readonly method: PasswordMethod;
  readonly salt: Uint8Array;
  readonly hash: Uint8Array;
}

/** What OWASP's Password Storage Cheat Sheet asked for at least in 2024, the first of them by preference. */
export const PASSWORD_METHODS: Readonly<Record<'argon2id' | 'argon2i' | 'scrypt' | 'pbkdf2', PasswordMethod>> = {
  argon2id: { kind: 'argon2id', costs: { memory: 19 * 1024, passes: 2, parallelism: 1 } },
  argon2i: { kind: 'argon2i', costs: { memory: 19 * 1024, passes: 3, parallelism: 1 } },
  scrypt: { kind: 'scrypt', costs: { cost: 2 ** 17, blockSize: 8, parallelism: 1 } },
  pbkdf2: { kind: 'pbkdf2', hash: 'sha256', iterations: 600_000 },
};

const SALT_LENGTH = 16; // RFC 9106 §3.1 recommends it
const HASH_LENGTH = 32;
/** Longer ones in a line are nobody's: they would only cost time. */
const LONGEST = 64;

/** The line to keep. @throws RangeError on impossible costs */
export function hashPassword(
  provider: CryptoProvider,
  password: string,
  random: RandomSource,
  method: PasswordMethod = PASSWORD_METHODS.argon2id,
): string {
  const salt = new Uint8Array(SALT_LENGTH);
  random.fill(salt);
  return formatPasswordHash({ method, salt, hash: derive(provider, password, method, salt, HASH_LENGTH) });
}

/** False for another password, and for a line that is none. Takes as long as the line says, up to 1 GiB of memory. */
export function verifyPassword(provider: CryptoProvider, password: string, line: string): boolean {
  const parsed = parsePasswordHash(line);
  if (parsed === undefined) return false;
  const { method, salt, hash } = parsed;
  return bytesEqual(derive(provider, password, method, salt, hash.length), hash);
}

export function formatPasswordHash({ method, salt, hash }: PasswordHash): string {
  return `$${nameOf(method)}$${costsOf(method)}$${base64(salt)}$${base64(hash)}`;
}

/** Undefined unless it is a line that `formatPasswordHash` could have written. */
export function parsePasswordHash(line: string): PasswordHash | undefined {
  const [, name = '', costs = '', saltText = '', hashText = ''] = LINE.exec(line) ?? [];
  const method = methodOf(name, costs);
  const [salt, hash] = [fromBase64(saltText), fromBase64(hashText)];
  if (method === undefined || salt === undefined || hash === undefined) return undefined;
  if (salt.length > LONGEST || hash.length > LONGEST || !isPossible(method, salt, hash.length)) return undefined;
  const parsed = { method, salt, hash };
  return formatPasswordHash(parsed) === line ? parsed : undefined; // one way to write each
}

const LINE = /^\$([a-z0-9-]+)\$((?:v=19\$)?[a-z0-9=,]+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/;

function derive(
  { passwords }: CryptoProvider,
  password: string,
  method: PasswordMethod,
  salt: Uint8Array,
  length: number,
): Uint8Array {
  const bytes = utf8(password);
  switch (method.kind) {
    case 'scrypt':
      return passwords.scrypt(bytes, salt, method.costs, length);
    case 'pbkdf2':
      return passwords.pbkdf2(method.hash, bytes, salt, method.iterations, length);
    default:
      return passwords.argon2(method.kind, bytes, salt, method.costs, length);
  }
}

const nameOf = (method: PasswordMethod): string => (method.kind === 'pbkdf2' ? `pbkdf2-${method.hash}` : method.kind);

function costsOf(method: PasswordMethod): string {
  switch (method.kind) {
    case 'scrypt':
      return `ln=${exponentOf(method.costs.cost)},r=${method.costs.blockSize},p=${method.costs.parallelism}`;
    case 'pbkdf2':
      return `i=${method.iterations}`;
    default:
      return `v=19$m=${method.costs.memory},t=${method.costs.passes},p=${method.costs.parallelism}`;
  }
}

function methodOf(name: string, costs: string): PasswordMethod | undefined {
  const [a = 0, b = 0, c = 0] = (costs.replace('v=19$', '').match(/\d+/g) ?? []).map(Number);
  switch (name) {
    case 'argon2i':
    case 'argon2d':
    case 'argon2id':
      return { kind: name, costs: { memory: a, passes: b, parallelism: c } };
    case 'scrypt':
      return { kind: 'scrypt', costs: { cost: a < 32 ? 2 ** a : 0, blockSize: b, parallelism: c } };
    case 'pbkdf2-sha256':
      return { kind: 'pbkdf2', hash: 'sha256', iterations: a };
    case 'pbkdf2-sha384':
      return { kind: 'pbkdf2', hash: 'sha384', iterations: a };
    case 'pbkdf2-sha512':
      return { kind: 'pbkdf2', hash: 'sha512', iterations: a };
    default:
      return undefined;
  }
}

function isPossible(method: PasswordMethod, salt: Uint8Array, length: number): boolean {
  try {
    if (method.kind === 'scrypt') checkScrypt(method.costs, length);
    else if (method.kind === 'pbkdf2') checkPbkdf2(method.iterations, length);
    else checkArgon2(salt, method.costs, length);
    return true;
  } catch {
    return false;
  }
}

const exponentOf = (cost: number): number => 31 - Math.clz32(cost);

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** Without padding. */
function base64(bytes: Uint8Array): string {
  let text = '';
  for (let bit = 0; bit < 8 * bytes.length; bit += 6) {
    const pair = ((bytes[bit >> 3] ?? 0) << 8) | (bytes[(bit >> 3) + 1] ?? 0);
    text += ALPHABET[(pair >> (10 - (bit & 7))) & 0x3f];
  }
  return text;
}

/** Undefined for a length that no bytes give. What the last character holds too much is for the caller to notice. */
function fromBase64(text: string): Uint8Array | undefined {
  if (text.length % 4 === 1) return undefined;
  const bytes = new Uint8Array((text.length * 3) >> 2);
  let [bits, count, at] = [0, 0, 0];
  for (const character of text) {
    bits = ((bits << 6) | ALPHABET.indexOf(character)) & 0xffff;
    count += 6;
    if (count < 8) continue;
    count -= 8;
    bytes[at++] = bits >> count;
  }
  return bytes;
}
