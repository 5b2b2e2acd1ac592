// hash(secret + message) as a MAC, without the other details. M goes on hashing where A has stopped.

import { bytesEqual, joinBytes, textOf, utf8 } from '../../../core/bytes.ts';
import { sha256Padding, sha256Resume } from '../../../secure/crypto/sha256_resume.ts';
import type { Program } from '../../../world/app/program.ts';
import type { Attacker } from '../../attack/attacker.ts';
import type { Entry } from '../entry.ts';
import type { LectureNames } from '../names.ts';
import type { Mail } from '../stage.ts';
import { MAC_LENGTH, type Wrapping, withMac } from '../wrapping.ts';

const ORDER = 'to=M&amount=100';
const MORE = '&amount=999';
const LONGEST_SECRET = 64;

// "hash message + secret info"
const hashed = ({ hash }: LectureNames, secret: Uint8Array): Wrapping => ({
  wrap: (message) => joinBytes([message, hash(joinBytes([secret, message]))]),
  unwrap(bytes) {
    const message = bytes.slice(0, -MAC_LENGTH);
    return bytesEqual(hash(joinBytes([secret, message])), bytes.slice(-MAC_LENGTH)) ? message : undefined;
  },
});

// A -> B: to=M&amount=100 @@@
function a(mail: Mail, { wrap }: Wrapping): void {
  mail.send('B', wrap(utf8(ORDER)));
}

// Fields have names, and the last of a name counts.
function* b(mail: Mail, { unwrap }: Wrapping): Program<void> {
  for (;;) {
    const letter = yield* mail.receive();
    if (letter === undefined) return;
    const order = unwrap(letter.bytes);
    if (order === undefined) continue;
    const fields = textOf(order)
      .split('&')
      .map((field) => field.split('='));
    const amount = fields.findLast(([name]) => name === 'amount')?.[1] ?? '';
    mail.note(`paid ${amount.replace(/\D.*/s, '')}`);
  }
}

// The hash of a message is the state in which its last block has left SHA-256. M goes on from there. How long the secret
// is it does not know, and tries each length.
function extend(m: Attacker): void {
  m.intercepts(({ to, bytes }) => {
    if (to !== 'B') return 'pass';
    const message = bytes.slice(0, -MAC_LENGTH);
    const known = bytes.slice(-MAC_LENGTH);
    const forged: Uint8Array[] = [];
    for (let secretLength = 0; secretLength <= LONGEST_SECRET && m.computes(); secretLength++) {
      const padding = sha256Padding(secretLength + message.length);
      const state = sha256Resume(known, secretLength + message.length + padding.length);
      state.update(utf8(MORE));
      forged.push(joinBytes([message, padding, utf8(MORE), state.digest()]));
    }
    return [bytes, ...forged];
  });
}

export const hashOfSecretAndMessage: Entry = {
  id: 'hash-of-secret-and-message',
  items: [117],
  rung: 'hash of secret and message',
  curedBy: 'MAC alone',
  claim: 'Without the secret nobody can work out the hash of another message.',
  position: 'on-path',
  budget: { messages: 65, computations: LONGEST_SECRET + 1 },
  breaks: 'authentic',
  explanation: [
    'M appends to the order of A, works out the right hash without knowing the secret, and B pays 999.',
    'SHA-256 goes over its input block by block, and what it gives is all that it remembers: whoever has the hash can go on from it.',
    'A hash is not yet a MAC, and the other details are what makes it one.',
  ],
  cure: 'HMAC hashes the result once more together with the secret, so that nobody sees a state to go on from.',
  perform(stage, variant) {
    const secret = stage.key('of A and B', 20 + stage.random('secret').below(20));
    const wrapping = variant === 'vulnerable' ? hashed(stage.names, secret) : withMac(stage.names, secret);
    stage.b.acts((mail) => b(mail, wrapping));
    stage.a.acts((mail) => a(mail, wrapping));
    extend(stage.m);
    return () => ({
      succeeded: stage.b.believes('paid 999'),
      evidence: `of ${stage.m.spent.computations} extended messages B accepted ${stage.b.notes.length - 1}: ${stage.b.notes.join(', ')}`,
      honest: stage.b.believes('paid 100'),
    });
  },
};
