// Visits on which B announces its public key and A encrypts to it: what A makes of the announcement decides who can read.
// With the one who stands between them. Not here: who is whom (the entries that use this).

import { bytesEqual, textOf, utf8 } from '../../core/bytes.ts';
import { seconds } from '../../core/time.ts';
import type { Program } from '../../world/app/program.ts';
import type { Attacker } from '../attack/attacker.ts';
import type { KeyPair, LectureNames } from './names.ts';
import type { Mail, Principal } from './stage.ts';

const QUESTION = 'What is your public key?';

/** The key that A encrypts to, after it was announced one; nothing when A would rather not. */
export type Belief = (announced: Uint8Array) => Uint8Array | undefined;

/** Trust on first use: the first key is believed and kept, and another one later is not. */
export const firstUse =
  ({ disk }: Principal): Belief =>
  (announced) => {
    const kept = disk.get('public key of B');
    if (kept === undefined) disk.set('public key of B', announced);
    return kept === undefined || bytesEqual(kept, announced) ? announced : undefined;
  };

// A -> B: What is your public key?
// B -> A: public key
// A -> B: PE(public key, 'The secret formula is ...')
export function* visitsB(
  mail: Mail,
  formulas: readonly string[],
  believes: Belief,
  names: LectureNames,
): Program<void> {
  for (const formula of formulas) {
    mail.send('B', QUESTION);
    const announced = yield* mail.receive();
    const key = announced === undefined ? undefined : believes(announced.bytes);
    const ciphertext = key === undefined ? undefined : names.PE(key, utf8(`The secret formula is ${formula}`));
    if (ciphertext === undefined) return mail.note('this is not the key of B');
    mail.send('B', ciphertext);
    yield* mail.sleep(seconds(10));
  }
}

export function* announcesKey(mail: Mail, keys: KeyPair, names: LectureNames): Program<void> {
  for (;;) {
    const letter = yield* mail.receive(seconds(30));
    if (letter === undefined) return;
    if (letter.text === QUESTION) mail.send(letter.from, keys.publicKey);
    else mail.note(textOf(names.PD(keys.privateKey, letter.bytes) ?? utf8('cannot be read')));
  }
}

/** M announces its own key in place of B's, reads what is encrypted to it, and encrypts it to B, who notices nothing. */
export function standsBetween(m: Attacker, own: KeyPair, names: LectureNames, fromVisit = 1): void {
  let visit = 0;
  let keyOfB: Uint8Array | undefined;
  m.intercepts(({ to, bytes }) => {
    if (to === 'A') {
      visit++;
      if (visit < fromVisit) return 'pass';
      keyOfB = bytes;
      return own.publicKey;
    }
    const message = keyOfB === undefined ? undefined : names.PD(own.privateKey, bytes);
    if (message === undefined || keyOfB === undefined) return 'pass';
    m.knowledge.learn(message, 'encrypted to the key of M');
    return names.PE(keyOfB, message) ?? 'drop';
  });
}
