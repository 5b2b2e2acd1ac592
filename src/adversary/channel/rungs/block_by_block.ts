// Each block is encrypted for itself. M, who may choose what stands in front of the secret, finds it letter by letter.

import { bytesEqual, utf8 } from '../../../core/bytes.ts';
import { seconds } from '../../../core/time.ts';
import type { Program } from '../../../world/app/program.ts';
import type { Attacker } from '../../attack/attacker.ts';
import { type Inquiry, inquire } from '../../attack/inquiry.ts';
import { BLOCK_LENGTH, separate } from '../blocks.ts';
import type { Entry } from '../entry.ts';
import type { Mail } from '../stage.ts';
import { encrypted, textIn, type Wrapping } from '../wrapping.ts';

const LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789-';
const FILLER = 'x';

// M -> A: a message that M chooses
// A -> B: E(key, that message, and the password of A)
function* a(mail: Mail, password: string, { wrap }: Wrapping): Program<void> {
  mail.send('B', wrap(utf8(`hello, ${password}`)));
  for (;;) {
    const chosen = yield* mail.receive();
    if (chosen === undefined) return;
    mail.send('B', wrap(utf8(chosen.text + password)));
  }
}

function* b(mail: Mail, password: string, wrapping: Wrapping): Program<void> {
  for (;;) {
    const letter = yield* mail.receive();
    if (letter === undefined) return;
    mail.note(textIn(wrapping, letter.bytes).endsWith(password) ? 'served' : 'refused');
  }
}

// A block that ends in the first unknown letter is compared with one block for each letter that it could be. All of them
// fit into one chosen message.
function* guessLetters(m: Attacker): Inquiry {
  const start = FILLER.repeat(BLOCK_LENGTH - 1);
  for (let found = ''; ; ) {
    const before = (start + found).slice(1 - BLOCK_LENGTH);
    const guesses = [...LETTERS].map((letter) => before + letter).join('');
    const shift = FILLER.repeat(BLOCK_LENGTH - 1 - (found.length % BLOCK_LENGTH));
    const ciphertext = yield utf8(guesses + shift);
    const block = (i: number) => ciphertext.slice(i * BLOCK_LENGTH, (i + 1) * BLOCK_LENGTH);
    const wanted = block(LETTERS.length + Math.floor(found.length / BLOCK_LENGTH));
    const letter = [...LETTERS].find((_, i) => bytesEqual(block(i), wanted));
    if (letter === undefined) {
      m.knowledge.learn(utf8(found), 'equal blocks');
      return;
    }
    found += letter;
  }
}

export const blockByBlock: Entry = {
  id: 'block-by-block',
  items: [56, 58],
  rung: 'each block encrypted for itself',
  curedBy: 'encryption alone',
  claim: 'Knowing other messages and their ciphertexts does not help to read this one.',
  position: 'on-path',
  budget: { messages: 100 },
  breaks: 'confidential',
  explanation: [
    'M has A encrypt each letter that might come next, and sees which of the blocks equals the one with the secret.',
    'Equal blocks give equal ciphertexts, and the attacker decides where a block ends and what stands beside the secret in it.',
    'Encryption must hold even when the attacker chooses messages, since it often can.',
  ],
  cure: 'E with a nonce: the same message gives another ciphertext each time, and so does each part of it.',
  perform(stage, variant) {
    const { m } = stage;
    const password = stage.secret('password');
    const wrapping =
      variant === 'vulnerable' ? separate(stage.key('blocks')) : encrypted(stage.names, stage.key('of A and B'));
    stage.b.acts((mail) => b(mail, password.text, wrapping));
    stage.a.acts((mail) => a(mail, password.text, wrapping));
    stage.at(seconds(1), () => inquire(m, { from: 'M', to: 'A' }, { from: 'A', to: 'B' }, guessLetters(m), true));
    return () => {
      const path = m.knowledge.pathTo(password);
      return {
        succeeded: path !== undefined,
        evidence: `after ${m.spent.messages} chosen messages M ${path === undefined ? 'knows nothing' : 'has the password'}`,
        honest: stage.b.believes('served') && !stage.b.believes('refused'),
      };
    };
  },
};
