// A gives a fresh random number with each question, and then takes an answer with any number.

import type { Entry } from '../entry.ts';
import { a, answerWithAnEarlierYes, b, challenged, judgeTheDoor } from '../repair_man.ts';
import { writer } from '../signed_text.ts';

export const challengeNotChecked: Entry = {
  id: 'challenge-not-checked',
  items: [85, 86],
  rung: 'a challenge that nobody checks',
  curedBy: 'signatures with a challenge',
  claim: 'Each question has a number that never was, so that no old answer fits it.',
  position: 'on-path',
  budget: { messages: 1 },
  breaks: 'fresh',
  explanation: [
    'M answers the question about the repair man with the "Yes." that B wrote under the number of another question.',
    'A drew the numbers well and forgot them, so that any signed answer of B will do.',
    'What makes an answer fresh is the comparison, and not the number that was sent.',
  ],
  cure: 'A remembers the number of the question that is open, and takes an answer with no other.',
  perform(stage, variant) {
    const writers = { a: writer(stage, 'A'), b: writer(stage, 'B') };
    const labels = challenged(32, { areChecked: variant === 'cured' }); // the switch that puts the bug back
    stage.b.acts((mail) => b(mail, writers.b, new Map([['A', writers.a]]), labels));
    stage.a.acts((mail) => a(mail, writers.a, writers.b, labels));
    answerWithAnEarlierYes(stage.m);
    return () => judgeTheDoor(stage);
  },
};
