// A's browser compresses what it sends, and then encrypts it. M, whose page tells the browser what to ask for, sees how
// long the ciphertext becomes.

import { deflateSync, inflateSync } from 'fflate';
import { joinBytes, textOf, utf8 } from '../../../core/bytes.ts';
import { seconds } from '../../../core/time.ts';
import type { Program } from '../../../world/app/program.ts';
import type { Attacker } from '../../attack/attacker.ts';
import { type Inquiry, inquire } from '../../attack/inquiry.ts';
import type { Entry } from '../entry.ts';
import type { Mail } from '../stage.ts';
import { encrypted, type Wrapping } from '../wrapping.ts';

const LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789';
const BEGINNING = 'cookie-'; // of every cookie
/** Of what is known already goes into a guess: up to 10 letters all references are of one size. */
const TAIL = 5;

// M -> A: what to ask for
// A -> B: E(key, compressed(what M wants, and the cookie))
function* a(mail: Mail, cookie: string, { wrap }: Wrapping): Program<void> {
  const ask = (page: Uint8Array): void => mail.send('B', wrap(joinBytes([utf8('GET /'), page, utf8(`\n${cookie}\n`)])));
  ask(utf8('news'));
  for (let wish = yield* mail.receive(); wish !== undefined; wish = yield* mail.receive()) ask(wish.bytes);
}

function* b(mail: Mail, cookie: string, { unwrap }: Wrapping): Program<void> {
  for (;;) {
    const letter = yield* mail.receive();
    if (letter === undefined) return;
    const [, sent] = textOf(unwrap(letter.bytes) ?? new Uint8Array(0)).split('\n');
    mail.note(sent === cookie ? 'served' : 'refused');
  }
}

const compressed = (inner: Wrapping): Wrapping => ({
  wrap: (message) => inner.wrap(deflateSync(message)),
  unwrap(bytes) {
    const message = inner.unwrap(bytes);
    return message === undefined ? undefined : inflated(message);
  },
});

function inflated(bytes: Uint8Array): Uint8Array | undefined {
  try {
    return inflateSync(bytes);
  } catch {
    return undefined; // M's bytes are no compressed text
  }
}

// What was there before is written as a reference to it: the right next letter costs nothing of its own, a wrong one a byte.
// Where the same two letters stand twice in the cookie, either letter behind them looks right: both ways are followed, none
// twice, and the longest is the cookie.
function* longestFrom(found: string): Generator<Uint8Array, string, Uint8Array> {
  const lengths: number[] = [];
  for (const letter of LETTERS) lengths.push((yield utf8(found.slice(-TAIL) + letter)).length);
  const usual = lengths.toSorted((x, y) => x - y)[lengths.length >> 1] ?? 0;
  let longest = found;
  for (const [i, letter] of [...LETTERS].entries()) {
    if ((lengths[i] ?? usual) >= usual || found.includes(found.slice(-2) + letter)) continue;
    const longer = yield* longestFrom(found + letter);
    if (longer.length > longest.length) longest = longer;
  }
  return longest;
}

function* guessLetters(m: Attacker): Inquiry {
  m.knowledge.learn(utf8(yield* longestFrom(BEGINNING)), 'lengths of ciphertexts');
}

export const compressedBeforeEncryption: Entry = {
  id: 'compressed-before-encryption',
  items: [58],
  rung: 'compress then encrypt',
  curedBy: 'encryption alone',
  claim: 'What is compressed first is encrypted as well as anything else.',
  position: 'on-path',
  budget: { messages: 2000 },
  breaks: 'confidential',
  explanation: [
    'M lets the browser of A send guesses beside the cookie, looks for those with a shorter ciphertext, and so finds the cookie letter by letter.',
    'Compression makes what repeats shorter, so that the length says whether a guess equals the secret.',
    'A secret and what an attacker chooses must not be compressed together, however good the encryption is.',
  ],
  cure: 'Nothing that is secret is compressed.',
  perform(stage, variant) {
    const { m } = stage;
    const cookie = stage.secret('cookie');
    const alone = encrypted(stage.names, stage.key('of A and B'));
    const wrapping = variant === 'vulnerable' ? compressed(alone) : alone;
    stage.b.acts((mail) => b(mail, cookie.text, wrapping));
    stage.a.acts((mail) => a(mail, cookie.text, wrapping));
    stage.at(seconds(1), () => inquire(m, { from: 'M', to: 'A' }, { from: 'A', to: 'B' }, guessLetters(m), true));
    return () => {
      const path = m.knowledge.pathTo(cookie);
      return {
        succeeded: path !== undefined,
        evidence: `after ${m.spent.messages} guesses M ${path === undefined ? 'knows nothing' : 'has the cookie'}`,
        honest: stage.b.believes('served') && !stage.b.believes('refused'),
      };
    };
  },
};
