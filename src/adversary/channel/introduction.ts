// The conversation of an introduction: A sends C a statement about B and a key beside it, and C, where it is content with
// that, writes to B under the key. What differs from rung to rung is what is stated, and whose signature C accepts.

import { hexOf, textOf } from '../../core/bytes.ts';
import type { Program } from '../../world/app/program.ts';
import type { Attacker } from '../attack/attacker.ts';
import type { Secret } from '../attack/secret.ts';
import type { Judgement } from './entry.ts';
import type { KeyPair, LectureNames } from './names.ts';
import { type Mail, pack, type Stage, unpack } from './stage.ts';

/** "B's public key is XXX" */
export const statement = (name: string, key: Uint8Array): string => `${name}'s public key is ${hexOf(key)}`;

/** A key, and what is said for it. */
export interface Introduction {
  readonly vouching: Uint8Array;
  readonly key: Uint8Array;
}

export const writeIntroduction = ({ vouching, key }: Introduction): Uint8Array => pack(vouching, key);

export function readIntroduction(bytes: Uint8Array): Introduction | undefined {
  const [vouching, key] = unpack(bytes, 2) ?? [];
  return vouching === undefined || key === undefined ? undefined : { vouching, key };
}

// A -> C: "B's public key is XXX" AND Sign(A's private key, "B's public key is XXX")
export function a(mail: Mail, introduction: Introduction): void {
  mail.send('C', writeIntroduction(introduction));
}

// If C trusts A, now C has B's public key:
// C -> B: PE(B's public key, secret)
export function* c(
  mail: Mail,
  { PE }: LectureNames,
  isTrusted: (introduction: Introduction) => boolean,
  secret: Uint8Array,
): Program<void> {
  for (;;) {
    const letter = yield* mail.receive();
    if (letter === undefined) return;
    const introduction = readIntroduction(letter.bytes);
    if (introduction === undefined || !isTrusted(introduction)) continue;
    const sealed = PE(introduction.key, secret);
    if (sealed !== undefined) mail.send('B', sealed);
    return;
  }
}

export function* b(mail: Mail, { PD }: LectureNames, own: KeyPair): Program<void> {
  const letter = yield* mail.receive();
  const text = letter === undefined ? undefined : PD(own.privateKey, letter.bytes);
  if (text !== undefined) mail.note(textOf(text));
}

/** M puts an introduction of its own in front of A's, and reads what is encrypted to its own key. */
export function introduceOneself(
  m: Attacker,
  { PD }: LectureNames,
  own: KeyPair,
  forge: (heard: Introduction) => Introduction,
): void {
  m.knowledge.learnToDecode({
    name: "decrypted with M's private key",
    decode(bytes) {
      const text = PD(own.privateKey, bytes);
      return text === undefined ? [] : [text];
    },
  });
  m.intercepts(({ from, bytes }) => {
    const heard = from === 'A' ? readIntroduction(bytes) : undefined;
    return heard === undefined ? 'pass' : [writeIntroduction(forge(heard)), bytes];
  });
}

/** Who can read what C wrote to B? */
export function judgeIntroduction(stage: Stage, secret: Secret): Judgement {
  const path = stage.m.knowledge.pathTo(secret);
  return {
    succeeded: path !== undefined,
    evidence: path === undefined ? "C's message is under B's key" : `M reads what C wrote to B (${path})`,
    honest: path !== undefined || stage.b.believes(secret.text),
  };
}
