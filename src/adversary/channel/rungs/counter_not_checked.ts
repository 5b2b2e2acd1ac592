// B numbers its answers, and A never looks at the number: the repair man gets in as before.

import type { Entry } from '../entry.ts';
import { a, answerWithAnEarlierYes, b, counted, judgeTheDoor } from '../repair_man.ts';
import { writer } from '../signed_text.ts';

export const counterNotChecked: Entry = {
  id: 'counter-not-checked',
  items: [84, 86],
  rung: 'a counter that nobody checks',
  curedBy: 'signatures with a counter',
  claim: 'The numbers are under the signature, so that an old answer cannot pass for a new one.',
  position: 'on-path',
  budget: { messages: 1 },
  breaks: 'fresh',
  explanation: [
    'M answers question #3 with "#1 Yes.", whose signature is good, and A lets the repair man in.',
    'The number came along and was signed, but A reads only the text behind it.',
    'A nonce protects only those who compare it with the one that they expect.',
  ],
  cure: 'A takes an answer only if its number is that of the question just asked.',
  perform(stage, variant) {
    const writers = { a: writer(stage, 'A'), b: writer(stage, 'B') };
    const labels = counted({ areChecked: variant === 'cured' }); // the switch that puts the bug back
    stage.b.acts((mail) => b(mail, writers.b, new Map([['A', writers.a]]), labels));
    stage.a.acts((mail) => a(mail, writers.a, writers.b, labels));
    answerWithAnEarlierYes(stage.m);
    return () => judgeTheDoor(stage);
  },
};
