// The encryption is as good as can be, and the key has 16 bits. E tries them all.

import { bytesEqual, utf8, viewOf } from '../../../core/bytes.ts';
import type { Program } from '../../../world/app/program.ts';
import type { Attacker } from '../../attack/attacker.ts';
import { search } from '../../attack/building_blocks.ts';
import type { Entry } from '../entry.ts';
import { E_NONCE_LENGTH, type LectureNames } from '../names.ts';
import type { Mail } from '../stage.ts';
import { encrypted, textIn, type Wrapping } from '../wrapping.ts';

const BEGINNING = 'The secret formula is ';
const SHORT_BITS = 16;

// A -> B: ***      *** = E(key, 'The secret formula is...')
function a(mail: Mail, formula: string, { wrap }: Wrapping): void {
  mail.send('B', wrap(utf8(BEGINNING + formula)));
}

// B computes D(key, ***) = 'The secret formula is ...'
function* b(mail: Mail, wrapping: Wrapping): Program<void> {
  const letter = yield* mail.receive();
  if (letter !== undefined) mail.note(textIn(wrapping, letter.bytes));
}

/** A key of which all but the lowest bits of the first four bytes are zero. */
function shortKey(value: number): Uint8Array {
  const key = new Uint8Array(32);
  viewOf(key).setUint32(0, value);
  return key;
}

// "hard" = would have to try every possible key
function tryEveryKey(m: Attacker, { D }: LectureNames): void {
  const ciphertext = m.latest('A', 'B')?.bytes ?? new Uint8Array(0);
  const beginning = ciphertext.slice(0, E_NONCE_LENGTH + BEGINNING.length);
  const expected = utf8(BEGINNING);
  const value = search(m, allKeys(), (tried) => bytesEqual(D(shortKey(tried), beginning) ?? beginning, expected));
  if (value === undefined) return;
  const key = shortKey(value);
  m.knowledge.learnToDecode({ name: `D with key ${value}`, decode: (bytes) => [D(key, bytes) ?? bytes] });
}

function* allKeys(): Iterable<number> {
  for (let value = 0; value < 2 ** SHORT_BITS; value++) yield value;
}

export const shortKeyTried: Entry = {
  id: 'short-key',
  items: [55],
  rung: 'encryption with a short key',
  curedBy: 'encryption alone',
  claim: 'To read the message one would have to try every key.',
  position: 'tap',
  budget: { computations: 2 ** SHORT_BITS },
  breaks: 'confidential',
  explanation: [
    'E decrypts the beginning with one key after the other, until it reads the words with which A is known to begin.',
    'There are 65,536 keys of 16 bits, and one after the other can be tried; each bit more doubles the work.',
    'Hard means that there are too many keys to try, and each bit more doubles their number.',
  ],
  cure: 'A key of 128 bits or more, each of them chosen at random.',
  perform(stage, variant) {
    const formula = stage.secret('formula');
    const short = shortKey(stage.random('short key').below(2 ** SHORT_BITS));
    const wrapping = encrypted(stage.names, variant === 'vulnerable' ? short : stage.key('of A and B'));
    stage.b.acts((mail) => b(mail, wrapping));
    stage.a.acts((mail) => a(mail, formula.text, wrapping));
    return () => {
      tryEveryKey(stage.m, stage.names);
      const path = stage.m.knowledge.pathTo(formula);
      const tried = `E tried ${stage.m.spent.computations} keys`;
      return {
        succeeded: path !== undefined,
        evidence:
          path === undefined
            ? `${tried} of 2^256 in vain`
            : `${tried} of 2^${SHORT_BITS} and has the formula (${path})`,
        honest: stage.b.believes(BEGINNING + formula.text),
      };
    };
  },
};
