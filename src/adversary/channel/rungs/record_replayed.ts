// After the handshake all records are encrypted and authenticated, and not numbered: M sends one again.

import type { Program } from '../../../world/app/program.ts';
import type { Attacker } from '../../attack/attacker.ts';
import { replay, to } from '../../attack/building_blocks.ts';
import type { Entry } from '../entry.ts';
import { countedEnd, type RecordEnd, uncountedEnd } from '../records.ts';
import type { Mail } from '../stage.ts';

const ORDER = 'Pay C $100.';

// A -> B: AE(key, 'Pay C $100.')
function a(mail: Mail, end: RecordEnd): void {
  mail.send('B', end.write(ORDER));
}

function* b(mail: Mail, end: RecordEnd): Program<void> {
  for (let letter = yield* mail.receive(); letter !== undefined; letter = yield* mail.receive()) {
    const order = end.read(letter.bytes);
    if (order !== undefined) mail.note(order);
  }
}

function repeat(m: Attacker): void {
  m.intercepts(replay(to('B'), 3));
}

export const recordReplayed: Entry = {
  id: 'record-replayed',
  items: [131],
  rung: 'authenticated encryption',
  curedBy: 'authenticated encryption with a counter',
  claim: 'B does only what A has written, since nobody else has the key.',
  position: 'on-path',
  budget: { messages: 2 },
  breaks: 'fresh',
  explanation: [
    'M sends the one order of A three times, without being able to read it, and B pays three times.',
    'A copy of a good record is a good record: the tag shows who wrote it, and not how often.',
    'Records need a number in the tag or the nonce, also when the handshake was fresh.',
  ],
  cure: 'The nonce is the count of records so far, kept by both ends, so that a record opens in its place alone.',
  perform(stage, variant) {
    const keys = { write: stage.key('A to B'), read: stage.key('A to B') };
    const end = (mail: Mail): RecordEnd =>
      variant === 'vulnerable' ? uncountedEnd(stage.crypto, keys, mail) : countedEnd(stage.crypto, keys);
    stage.b.acts((mail) => b(mail, end(mail)));
    stage.a.acts((mail) => a(mail, end(mail)));
    repeat(stage.m);
    return () => ({
      succeeded: stage.b.notes.length > 1,
      evidence: `A orders once; payments that B makes: ${stage.b.notes.length}`,
      honest: stage.b.believes(ORDER),
    });
  },
};
