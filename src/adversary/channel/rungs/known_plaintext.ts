// A cipher that is an XOR with a key that repeats. E knows how one letter begins, and then the key.

import { utf8 } from '../../../core/bytes.ts';
import { milliseconds } from '../../../core/time.ts';
import type { Program } from '../../../world/app/program.ts';
import type { Attacker } from '../../attack/attacker.ts';
import type { Entry } from '../entry.ts';
import type { Mail } from '../stage.ts';
import { encrypted, textIn, type Wrapping } from '../wrapping.ts';

const BEGINNING = 'Dear Bob, thank you for your letter. ';
const KEY_LENGTH = 12;
const LONGEST_KEY = 18;

const xorRepeated = (key: Uint8Array, bytes: Uint8Array): Uint8Array =>
  bytes.map((byte, i) => byte ^ (key[i % key.length] ?? 0));

// A -> B: E(key, 'Dear Bob, thank you for your letter. ...')
// A -> B: E(key, ...)
function* a(mail: Mail, message: string, { wrap }: Wrapping): Program<void> {
  mail.send('B', wrap(utf8(`${BEGINNING}I am well.`)));
  yield* mail.sleep(milliseconds(10));
  mail.send('B', wrap(utf8(message)));
}

function* b(mail: Mail, wrapping: Wrapping): Program<void> {
  for (;;) {
    const letter = yield* mail.receive();
    if (letter === undefined) return;
    mail.note(textIn(wrapping, letter.bytes));
  }
}

// Message XOR ciphertext = key. Where the key begins to repeat, the shortest period is its length.
function findKey(m: Attacker): void {
  const [first] = m.heard;
  if (first === undefined) return;
  const stream = xorRepeated(utf8(BEGINNING), first.bytes.slice(0, BEGINNING.length));
  for (let length = 1; length <= LONGEST_KEY && m.computes(); length++) {
    const key = stream.slice(0, length);
    if (!stream.every((byte, i) => byte === key[i % length])) continue;
    m.knowledge.learnToDecode({ name: 'the key', decode: (bytes) => [xorRepeated(key, bytes)] });
    return;
  }
}

export const knownPlaintext: Entry = {
  id: 'known-plaintext',
  items: [57],
  rung: 'XOR with a repeated key',
  curedBy: 'encryption alone',
  claim: 'The key is random, so that nobody can find it out.',
  position: 'tap',
  budget: { computations: LONGEST_KEY },
  breaks: 'confidential',
  explanation: [
    'E knows with which words A begins its letters, works out the key from one of them and reads the next.',
    'XOR gives the key back to whoever has a message and its ciphertext, and here the key is used again and again.',
    'Encryption must hold even against one who knows many messages, since parts of messages can always be guessed.',
  ],
  cure: 'E with a nonce: from a known message E learns the key stream of that message, and nothing of key or other streams.',
  perform(stage, variant) {
    const secret = stage.secret('combination');
    const short = stage.key('short', KEY_LENGTH);
    const repeated: Wrapping = {
      wrap: (bytes) => xorRepeated(short, bytes),
      unwrap: (bytes) => xorRepeated(short, bytes),
    };
    const wrapping = variant === 'vulnerable' ? repeated : encrypted(stage.names, stage.key('of A and B'));
    stage.b.acts((mail) => b(mail, wrapping));
    stage.a.acts((mail) => a(mail, secret.text, wrapping));
    return () => {
      findKey(stage.m);
      const path = stage.m.knowledge.pathTo(secret);
      return {
        succeeded: path !== undefined,
        evidence: path === undefined ? 'the known words give no key' : `E has the combination (${path})`,
        honest: stage.b.believes(secret.text),
      };
    };
  },
};
