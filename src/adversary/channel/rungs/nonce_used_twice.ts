// Authenticated encryption wants a nonce that was never used before. A counts, and counts from the beginning when it
// starts again.

import { joinBytes, textOf, utf8, viewOf } from '../../../core/bytes.ts';
import { seconds } from '../../../core/time.ts';
import { AEAD_NONCE_LENGTH, AEAD_TAG_LENGTH, type Aead } from '../../../secure/crypto/provider.ts';
import type { Program } from '../../../world/app/program.ts';
import type { Attacker } from '../../attack/attacker.ts';
import type { Entry } from '../entry.ts';
import type { Mail } from '../stage.ts';

const ANNOUNCEMENT = 'The office is closed on Monday, and open again from Tuesday on.';
const NO_BYTES = new Uint8Array(0);

// A -> B: counter, AE(key, counter, message)
function send(mail: Mail, aead: Aead, counters: Map<string, Uint8Array>, message: string): void {
  const nonce = counters.get('counter') ?? new Uint8Array(AEAD_NONCE_LENGTH);
  mail.send('B', joinBytes([nonce, aead.seal(nonce, NO_BYTES, utf8(message))]));
  const next = nonce.slice();
  viewOf(next).setUint32(8, viewOf(nonce).getUint32(8) + 1);
  counters.set('counter', next);
}

function* b(mail: Mail, aead: Aead): Program<void> {
  for (;;) {
    const letter = yield* mail.receive();
    if (letter === undefined) return;
    const nonce = letter.bytes.slice(0, AEAD_NONCE_LENGTH);
    const isWhole = letter.bytes.length >= AEAD_NONCE_LENGTH;
    const message = isWhole ? aead.open(nonce, NO_BYTES, letter.bytes.slice(AEAD_NONCE_LENGTH)) : undefined;
    mail.note(message === undefined ? 'refused' : textOf(message));
  }
}

// (one XOR stream) XOR (other XOR stream) = one XOR other. The first message was for everybody, and E knows it.
function xorBoth(m: Attacker): void {
  const [one = NO_BYTES, other = NO_BYTES] = m.heard.map(({ bytes }) =>
    bytes.slice(AEAD_NONCE_LENGTH, -AEAD_TAG_LENGTH),
  );
  const known = utf8(ANNOUNCEMENT);
  const read = other.map((byte, i) => byte ^ (one[i] ?? 0) ^ (known[i] ?? 0));
  m.knowledge.learn(read, 'XOR of two ciphertexts and a known message');
}

export const nonceUsedTwice: Entry = {
  id: 'nonce-used-twice',
  items: [57, 70],
  rung: 'authenticated encryption, counter in memory',
  curedBy: 'authenticated encryption',
  claim: 'Authenticated encryption keeps the message secret and whole.',
  position: 'tap',
  budget: {},
  breaks: 'confidential',
  explanation: [
    'A forgets its counter when it starts again, and E reads the second message with the help of the first.',
    'With the same key and nonce the key stream is the same, and two ciphertexts XORed are two messages XORed.',
    'The promise of authenticated encryption holds as long as no nonce comes twice, and to see to that is up to its user.',
  ],
  cure: 'The counter is kept on the disk, where it outlives a restart.',
  perform(stage, variant) {
    const secret = stage.secret('combination');
    const aead = stage.crypto.prepareAead('chacha20-poly1305', stage.key('of A and B'));
    stage.b.acts((mail) => b(mail, aead));
    for (const [start, message] of [ANNOUNCEMENT, `The combination is ${secret.text}`].entries()) {
      stage.a.acts(function* (mail) {
        yield* mail.sleep(seconds(start)); // a machine that starts has an empty memory
        send(mail, aead, variant === 'vulnerable' ? new Map() : stage.a.disk, message);
      });
    }
    return () => {
      xorBoth(stage.m);
      const path = stage.m.knowledge.pathTo(secret);
      return {
        succeeded: path !== undefined,
        evidence: path === undefined ? 'the two key streams differ' : `E has the combination (${path})`,
        honest: stage.b.notes.length === 2 && !stage.b.believes('refused'),
      };
    };
  },
};
