// The AC repair man at the door: all messages are signed, and M answers A's question with B's answer to an earlier one.

import type { Entry } from '../entry.ts';
import { a, answerWithAnEarlierYes, b, counted, judgeTheDoor, UNLABELLED } from '../repair_man.ts';
import { writer } from '../signed_text.ts';

export const repairManReplayed: Entry = {
  id: 'repair-man-replayed',
  items: [79, 83, 84, 143],
  rung: 'signatures alone',
  curedBy: 'signatures with a counter',
  claim: "Attackers can't manipulate or forge messages, so that everything's okay.",
  position: 'on-path',
  budget: { messages: 1 },
  breaks: 'fresh',
  explanation: [
    'A asks whether to let the repair man in, and M hands over the signed "Yes." that B wrote when A asked about lunch.',
    'The signature is over "Yes." alone, and is as good for this question as for the one that B answered.',
    'A signature says who wrote a text, and nothing about when, or in answer to what.',
  ],
  cure: 'Questions carry a counter, and an answer the number of its question, both under the signature.',
  perform(stage, variant) {
    const writers = { a: writer(stage, 'A'), b: writer(stage, 'B') };
    const labels = variant === 'vulnerable' ? UNLABELLED : counted();
    stage.b.acts((mail) => b(mail, writers.b, new Map([['A', writers.a]]), labels));
    stage.a.acts((mail) => a(mail, writers.a, writers.b, labels));
    answerWithAnEarlierYes(stage.m);
    return () => judgeTheDoor(stage);
  },
};
