// The answers are encrypted and of one length, and it can be seen by the time which of them took B some work.

import { textOf, utf8 } from '../../../core/bytes.ts';
import { after, elapsed, milliseconds } from '../../../core/time.ts';
import type { Program } from '../../../world/app/program.ts';
import type { Attacker } from '../../attack/attacker.ts';
import type { Entry } from '../entry.ts';
import type { Mail } from '../stage.ts';
import { encrypted, padded, textIn, type Wrapping } from '../wrapping.ts';

const PATIENTS = 32;
const PADDED_LENGTH = 64;
/** How long B searches the file of one who is known to it. */
const SEARCH = milliseconds(40);
/** Longer than any search takes. */
const ANSWER_AFTER = milliseconds(100);

// A -> B: E(key, "Was patient 1 treated?")
function* a(mail: Mail, wrapping: Wrapping): Program<void> {
  for (let patient = 1; patient <= PATIENTS; patient++) {
    mail.send('B', wrapping.wrap(utf8(`Was patient ${patient} treated?`)));
    const answer = yield* mail.receive();
    if (answer !== undefined) mail.note(textIn(wrapping, answer.bytes));
  }
}

// B -> A: E(key, "yes") after a search, or E(key, "no") at once
function* b(mail: Mail, treated: readonly boolean[], answersAtOnce: boolean, wrapping: Wrapping): Program<void> {
  for (;;) {
    const question = yield* mail.receive();
    if (question === undefined) return;
    const due = after(mail.now, ANSWER_AFTER);
    const [patient] = /\d+/.exec(textOf(wrapping.unwrap(question.bytes) ?? new Uint8Array(0))) ?? [];
    const isKnown = treated[Number(patient) - 1] === true;
    if (isKnown) yield* mail.sleep(SEARCH);
    if (!answersAtOnce) yield* mail.sleep(elapsed(mail.now, due));
    mail.send('A', wrapping.wrap(utf8(isKnown ? 'yes' : 'no')));
  }
}

// From each question to its answer: the quick ones are no.
function compareTimes(m: Attacker): void {
  const times = m.heard.map(({ at }) => at ?? 0);
  const waits = m.heard.flatMap(({ from }, i) => (from === 'B' ? [(times[i] ?? 0) - (times[i - 1] ?? 0)] : []));
  const middle = (Math.min(...waits) + Math.max(...waits)) / 2;
  m.knowledge.learn(utf8(waits.map((wait) => (wait > middle ? 'yes' : 'no')).join(' ')), 'times of the answers');
}

export const timeOfTheAnswer: Entry = {
  id: 'time-of-the-answer',
  items: [56],
  rung: 'answers of equal length',
  curedBy: 'answers of equal length at equal times',
  claim: 'E learns nothing about an encrypted answer that looks like every other.',
  position: 'tap',
  budget: {},
  breaks: 'confidential',
  explanation: [
    'E takes the time between each question and its answer, and knows which patients were treated.',
    'B has to search where the answer is yes and not where it is no, and the network shows when B is done.',
    'When a message is sent is part of what it says, as its length is.',
  ],
  cure: 'B answers a fixed time after the question, longer than its longest search.',
  perform(stage, variant) {
    const random = stage.random('patients');
    const treated = Array.from({ length: PATIENTS }, () => random.chance(0.5));
    const text = treated.map((is) => (is ? 'yes' : 'no')).join(' ');
    const wrapping = padded(PADDED_LENGTH, encrypted(stage.names, stage.key('of A and B')));
    stage.b.acts((mail) => b(mail, treated, variant === 'vulnerable', wrapping));
    stage.a.acts((mail) => a(mail, wrapping));
    return () => {
      compareTimes(stage.m);
      const path = stage.m.knowledge.pathTo({ name: 'answers', text, bytes: utf8(text) });
      return {
        succeeded: path !== undefined,
        evidence: `E knows ${path === undefined ? 'nothing of' : 'all of'} ${PATIENTS} answers`,
        honest: stage.a.notes.join(' ') === text,
      };
    };
  },
};
