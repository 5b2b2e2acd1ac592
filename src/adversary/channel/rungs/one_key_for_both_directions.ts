// A and B use one key and count their records. M gives A's own first record back to A, as the first of B.

import { joinBytes, utf8 } from '../../../core/bytes.ts';
import type { Program } from '../../../world/app/program.ts';
import type { Attacker } from '../../attack/attacker.ts';
import type { Entry } from '../entry.ts';
import { countedEnd, type RecordEnd } from '../records.ts';
import type { Mail } from '../stage.ts';

const AGREED = 'I agree to pay half of it.';
const REFUSED = 'I pay nothing.';

// A -> B: AE(key, #0, 'I agree to pay half of it.')
// B -> A: AE(key, #0, 'I pay nothing.')
function* a(mail: Mail, end: RecordEnd): Program<void> {
  mail.send('B', end.write(AGREED));
  for (let letter = yield* mail.receive(); letter !== undefined; letter = yield* mail.receive()) {
    const text = end.read(letter.bytes);
    if (text !== undefined) mail.note(`B says: ${text}`);
  }
}

function* b(mail: Mail, end: RecordEnd): Program<void> {
  const letter = yield* mail.receive();
  if (letter !== undefined && end.read(letter.bytes) === AGREED) mail.send('A', end.write(REFUSED));
}

function giveBack(m: Attacker): void {
  m.intercepts(({ from, bytes }) => {
    const own = m.latest('A', 'B');
    return from === 'B' && own !== undefined ? [own.bytes, bytes] : 'pass';
  });
}

export const oneKeyForBothDirections: Entry = {
  id: 'one-key-for-both-directions',
  items: [89, 130],
  rung: 'authenticated encryption with one key for both directions',
  curedBy: 'authenticated encryption with a key for each direction',
  claim: 'What opens under the key that A and B share was written by B, if A did not write it.',
  position: 'on-path',
  budget: { messages: 1 },
  breaks: 'authentic',
  explanation: [
    "M gives A's record back to A, which opens as record #0 of B: A believes that B agrees to pay.",
    'The same key and the same number are used in both directions, so that nothing tells the ends apart.',
    'A record must show which way it goes, and a key for each direction shows it at no cost.',
  ],
  cure: 'Keys are derived as hash(direction + shared secret), one for each direction.',
  perform(stage, variant) {
    const shared = stage.key('shared secret');
    // take hash(something + shared secret) to derive each key
    const key = (direction: string): Uint8Array =>
      stage.names.hash(joinBytes([utf8(variant === 'vulnerable' ? 'key' : direction), shared]));
    const [toB, toA] = [key('A to B'), key('B to A')];
    stage.b.acts((mail) => b(mail, countedEnd(stage.crypto, { write: toA, read: toB })));
    stage.a.acts((mail) => a(mail, countedEnd(stage.crypto, { write: toB, read: toA })));
    giveBack(stage.m);
    return () => ({
      succeeded: stage.a.believes(`B says: ${AGREED}`),
      evidence: `A: "${stage.a.notes.join(' ')}"`,
      honest: variant === 'vulnerable' || stage.a.believes(`B says: ${REFUSED}`),
    });
  },
};
