// M asks B a question of its own under the number that A will use, and shows B's answer to A.

import type { Entry } from '../entry.ts';
import { a, answerWithAnEarlierYes, b, counted, judgeTheDoor, LUNCH } from '../repair_man.ts';
import { writer } from '../signed_text.ts';

export const shownToSomeoneElse: Entry = {
  id: 'shown-to-someone-else',
  items: [87, 88],
  rung: 'signatures with a counter',
  curedBy: 'signatures with names and context',
  claim: 'Each number is used for one question, so that an answer of B fits no other.',
  position: 'on-path',
  budget: { messages: 3 },
  breaks: 'bound to the right principals',
  explanation: [
    'M asks B "#3 Did you order lunch?" under its own name, and shows the signed "#3 Yes." to A, whose question #3 is another.',
    'B counts with each one it talks to, and nothing in what it signs says to whom or to what it is an answer.',
    'A message must say all that it depends on: a number alone is the same number for everybody.',
  ],
  cure: 'B signs who answers whom and what was asked, together with the number.',
  perform(stage, variant) {
    const writers = { a: writer(stage, 'A'), b: writer(stage, 'B'), m: writer(stage, 'M') };
    const others = new Map([
      ['A', writers.a],
      ['M', writers.m],
    ]);
    const labels = counted({ sayWho: variant === 'cured' });
    stage.b.acts((mail) => b(mail, writers.b, others, labels));
    stage.a.acts((mail) => a(mail, writers.a, writers.b, labels));
    // M -> B: #3 Did you order lunch? [signature by M]
    stage.mallory.acts((mail) => mail.send('B', writers.m.sign(`#3 ${LUNCH}`)));
    answerWithAnEarlierYes(stage.m);
    return () => judgeTheDoor(stage);
  },
};
