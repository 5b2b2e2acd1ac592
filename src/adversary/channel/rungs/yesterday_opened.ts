// A wants to share a key with B, whose public key it has. E records all, and takes the private key of B when all is over.

import { textOf, utf8 } from '../../../core/bytes.ts';
import { minutes } from '../../../core/time.ts';
import type { Program } from '../../../world/app/program.ts';
import type { Attacker } from '../../attack/attacker.ts';
import type { Entry } from '../entry.ts';
import type { KeyPair, LectureNames } from '../names.ts';
import type { Mail } from '../stage.ts';

const KEY_LENGTH = 32;

function freshKey(mail: Mail): Uint8Array {
  const key = new Uint8Array(KEY_LENGTH);
  mail.random.fill(key);
  return key;
}

// Idea 1: A chooses a key, sends it encrypted to B.
//
// A -> B: PE(public key of B, key)
// A -> B: E(key, message)
function sendsKey(mail: Mail, message: string, publicKeyOfB: Uint8Array, { PE, E }: LectureNames): void {
  const key = freshKey(mail);
  mail.send('B', PE(publicKeyOfB, key) ?? '');
  mail.send('B', E(key, utf8(message)));
}

function* takesKey(mail: Mail, keys: KeyPair, { PD, D }: LectureNames): Program<void> {
  const first = yield* mail.receive();
  const key = first && PD(keys.privateKey, first.bytes);
  const letter = yield* mail.receive();
  if (key !== undefined && letter !== undefined) mail.note(textOf(D(key, letter.bytes) ?? new Uint8Array(0)));
}

// Idea 2: A sends a public key encrypted to B, B chooses a key and sends it back.
//
// A -> B: PE(public key of B, fresh public key of A)
// B -> A: PE(fresh public key of A, key)
// A -> B: E(key, message)
function* asksForKey(mail: Mail, message: string, publicKeyOfB: Uint8Array, names: LectureNames): Program<void> {
  const fresh = names.encryptionKeys(mail.random);
  mail.send('B', names.PE(publicKeyOfB, fresh.publicKey) ?? '');
  const answer = yield* mail.receive();
  const key = answer && names.PD(fresh.privateKey, answer.bytes);
  if (key !== undefined) mail.send('B', names.E(key, utf8(message)));
} // here A forgets the fresh private key, and both forget the key

function* choosesKey(mail: Mail, keys: KeyPair, { PE, PD, D }: LectureNames): Program<void> {
  const first = yield* mail.receive();
  const freshPublicKey = first && PD(keys.privateKey, first.bytes);
  if (freshPublicKey === undefined) return;
  const key = freshKey(mail);
  mail.send('A', PE(freshPublicKey, key) ?? '');
  const letter = yield* mail.receive();
  if (letter !== undefined) mail.note(textOf(D(key, letter.bytes) ?? new Uint8Array(0)));
}

// Whatever the stolen key opens may be a key in turn.
function openRecorded(m: Attacker, stolen: Uint8Array, { PD, D }: LectureNames): void {
  for (const { bytes } of m.heard) {
    const opened = PD(stolen, bytes);
    if (opened === undefined) continue;
    m.knowledge.learn(opened, 'opened with the stolen key');
    if (opened.length !== KEY_LENGTH) continue;
    m.knowledge.learnToDecode({ name: 'decrypted', decode: (heard) => [D(opened, heard)].flatMap((it) => it ?? []) });
  }
}

export const yesterdayOpened: Entry = {
  id: 'yesterday-opened',
  items: [49, 125, 134, 143],
  rung: 'key encrypted to a long-term key',
  curedBy: 'key encrypted to a fresh key',
  claim: 'Only B can decrypt the key that A chose, so that E records in vain.',
  position: 'tap',
  budget: {},
  breaks: 'forward secret',
  explanation: [
    'E records everything, takes the private key off the disk of B when the conversation is long over, and reads it all.',
    'All of the past hangs on one key that is kept for years.',
    'What nobody has any more cannot be stolen: keys that protect a conversation should be made for it and forgotten.',
  ],
  cure: 'A sends a fresh public key, encrypted to B, and B answers with the key, encrypted to that; A forgets the private half.',
  perform(stage, variant) {
    const { names, m } = stage;
    const formula = stage.secret('formula');
    const keys = names.encryptionKeys(stage.random('keys of B'));
    stage.b.disk.set('private key', keys.privateKey);
    if (variant === 'vulnerable') {
      stage.b.acts((mail) => takesKey(mail, keys, names));
      stage.a.acts((mail) => sendsKey(mail, formula.text, keys.publicKey, names));
    } else {
      stage.b.acts((mail) => choosesKey(mail, keys, names));
      stage.a.acts((mail) => asksForKey(mail, formula.text, keys.publicKey, names));
    }
    stage.at(minutes(30), () => openRecorded(m, stage.b.disk.get('private key') ?? new Uint8Array(32), names));
    return () => {
      const path = m.knowledge.pathTo(formula);
      return {
        succeeded: path !== undefined,
        evidence:
          path === undefined ? 'the stolen key opens a public key, and nothing else' : `E has the formula (${path})`,
        honest: stage.b.believes(formula.text),
      };
    };
  },
};
