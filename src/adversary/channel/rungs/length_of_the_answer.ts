// Whether B answers yes or no is encrypted, and can be seen by the length of the answer.

import { textOf, utf8 } from '../../../core/bytes.ts';
import { milliseconds } from '../../../core/time.ts';
import type { Program } from '../../../world/app/program.ts';
import type { Attacker } from '../../attack/attacker.ts';
import type { Entry } from '../entry.ts';
import type { Mail } from '../stage.ts';
import { encrypted, padded, textIn, type Wrapping } from '../wrapping.ts';

const FIELDS = 32;
const PADDED_LENGTH = 64;
const NO = 'no, nothing at all down there';

// A -> B: E(key, "Is there oil under field 1?")
function* a(mail: Mail, wrapping: Wrapping): Program<void> {
  for (let field = 1; field <= FIELDS; field++) {
    mail.send('B', wrapping.wrap(utf8(`Is there oil under field ${field}?`)));
    const answer = yield* mail.receive();
    if (answer !== undefined) mail.note(textIn(wrapping, answer.bytes));
    yield* mail.sleep(milliseconds(10));
  }
}

// B -> A: E(key, "yes"), or E(key, "no, nothing at all down there")
function* b(mail: Mail, hasOil: readonly boolean[], { wrap, unwrap }: Wrapping): Program<void> {
  for (;;) {
    const question = yield* mail.receive();
    if (question === undefined) return;
    const [field] = /\d+/.exec(textOf(unwrap(question.bytes) ?? new Uint8Array(0))) ?? [];
    mail.send('A', wrap(utf8(hasOil[Number(field) - 1] === true ? 'yes' : NO)));
  }
}

// The short ones are yes.
function compareLengths(m: Attacker): void {
  const lengths = m.heard.filter(({ from }) => from === 'B').map(({ bytes }) => bytes.length);
  const shortest = Math.min(...lengths);
  const answers = lengths.map((length) => (length === shortest ? 'yes' : 'no'));
  m.knowledge.learn(utf8(answers.join(' ')), 'lengths of the answers');
}

export const lengthOfTheAnswer: Entry = {
  id: 'length-of-the-answer',
  items: [56],
  rung: 'encryption alone',
  curedBy: 'answers of equal length',
  claim: 'E learns nothing about an encrypted answer.',
  position: 'tap',
  budget: {},
  breaks: 'confidential',
  explanation: [
    'E measures the encrypted answers, and knows by their length under which fields there is oil.',
    'A ciphertext is as long as its message, and where there are two messages of two lengths that is everything.',
    'Encryption hides what is said and not how much: length is part of the message.',
  ],
  cure: 'Every message is padded to the same length before it is encrypted.',
  perform(stage, variant) {
    const random = stage.random('oil');
    const hasOil = Array.from({ length: FIELDS }, () => random.chance(0.5));
    const text = hasOil.map((oil) => (oil ? 'yes' : 'no')).join(' ');
    const alone = encrypted(stage.names, stage.key('of A and B'));
    const wrapping = variant === 'vulnerable' ? alone : padded(PADDED_LENGTH, alone);
    stage.b.acts((mail) => b(mail, hasOil, wrapping));
    stage.a.acts((mail) => a(mail, wrapping));
    return () => {
      compareLengths(stage.m);
      const path = stage.m.knowledge.pathTo({ name: 'answers', text, bytes: utf8(text) });
      return {
        succeeded: path !== undefined,
        evidence: `E knows ${path === undefined ? 'nothing of' : 'all of'} ${FIELDS} answers`,
        honest: stage.a.notes.map((answer) => (answer === NO ? 'no' : answer)).join(' ') === text,
      };
    };
  },
};
