// Equal messages give equal ciphertexts. E cannot read one of them, and sees on which day something happened.

import { bytesEqual, joinBytes, textOf, utf8 } from '../../../core/bytes.ts';
import { milliseconds } from '../../../core/time.ts';
import type { Program } from '../../../world/app/program.ts';
import type { Attacker } from '../../attack/attacker.ts';
import type { Entry } from '../entry.ts';
import { E_NONCE_LENGTH, type LectureNames } from '../names.ts';
import type { Mail } from '../stage.ts';
import { encrypted, type Wrapping } from '../wrapping.ts';

const DAYS = 32;
const QUIET = 'all is quiet';
const ALARM = 'they attack!';

// A -> B: E(key, "all is quiet"), or E(key, "they attack!"), once a day
function* a(mail: Mail, days: readonly string[], { wrap }: Wrapping): Program<void> {
  for (const report of days) {
    mail.send('B', wrap(utf8(report)));
    yield* mail.sleep(milliseconds(10));
  }
}

function* b(mail: Mail, { unwrap }: Wrapping): Program<void> {
  for (;;) {
    const letter = yield* mail.receive();
    if (letter === undefined) return;
    mail.note(textOf(unwrap(letter.bytes) ?? new Uint8Array(0)));
  }
}

// The key alone decides what becomes of a message: no nonce is chosen.
const deterministic = ({ D, MAC }: LectureNames, key: Uint8Array): Wrapping => ({
  wrap(message) {
    const nonce = MAC(key, message).slice(0, E_NONCE_LENGTH);
    return joinBytes([nonce, D(key, joinBytes([nonce, message])) ?? message]); // an XOR: D encrypts as well
  },
  unwrap: (bytes) => D(key, bytes),
});

// Everybody knows that the first day was quiet.
function compareCiphertexts(m: Attacker): void {
  const [first] = m.heard;
  const days = m.heard.map(({ bytes }) => (first !== undefined && bytesEqual(bytes, first.bytes) ? QUIET : ALARM));
  m.knowledge.learn(utf8(days.join()), 'which ciphertexts are equal');
}

export const equalCiphertexts: Entry = {
  id: 'equal-ciphertexts',
  items: [56],
  rung: 'encryption without a nonce',
  curedBy: 'encryption alone',
  claim: 'E learns nothing about messages of one length that are sent at fixed times.',
  position: 'tap',
  budget: {},
  breaks: 'confidential',
  explanation: [
    'E knows that the first day was quiet, and finds the other quiet days by their equal ciphertexts.',
    'An encryption that is a function of key and message alone gives the same for the same.',
    'Encryption must be different each time, even for a message that was sent before.',
  ],
  cure: 'A nonce that is chosen anew for each message goes into the encryption, and is sent in front.',
  perform(stage, variant) {
    const random = stage.random('days');
    const days = Array.from({ length: DAYS }, (_, day) => (day > 0 && random.chance(0.5) ? ALARM : QUIET));
    const key = stage.key('of A and B');
    const wrapping = variant === 'vulnerable' ? deterministic(stage.names, key) : encrypted(stage.names, key);
    stage.b.acts((mail) => b(mail, wrapping));
    stage.a.acts((mail) => a(mail, days, wrapping));
    return () => {
      compareCiphertexts(stage.m);
      const text = days.join();
      const path = stage.m.knowledge.pathTo({ name: 'days', text, bytes: utf8(text) });
      return {
        succeeded: path !== undefined,
        evidence: path === undefined ? 'no two ciphertexts are equal' : `E knows what happened on ${DAYS} days`,
        honest: stage.b.notes.join() === text,
      };
    };
  },
};
