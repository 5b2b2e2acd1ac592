// A's challenge is passed on: M asks B another question under the same number, while A waits.

import { type Attacker, type Message, says } from '../../attack/attacker.ts';
import type { Entry } from '../entry.ts';
import { a, b, challenged, judgeTheDoor, LUNCH } from '../repair_man.ts';
import { type Writer, writer } from '../signed_text.ts';

// M takes part as itself, with keys of its own, and B talks to it as to anybody.
function passOn(m: Attacker, own: Writer): void {
  let held: Message | undefined;
  m.intercepts((message) => {
    const [, number] = /at the door.*\[next number (#\d+)\]/.exec(says(message)) ?? [];
    if (message.from === 'A' && number !== undefined) {
      held = message;
      m.sends('M', 'B', own.sign(`${LUNCH} [next number ${number}]`));
      return 'drop';
    }
    if (message.from === 'B' && message.to === 'M' && held !== undefined) {
      m.sends('B', 'A', message.bytes);
      m.sends('A', 'B', held.bytes); // and A has its answer in the end
    }
    return 'pass';
  });
}

export const challengePassedOn: Entry = {
  id: 'challenge-passed-on',
  items: [85, 87, 88],
  rung: 'signatures with a challenge',
  curedBy: 'signatures with names and context',
  claim: "Whoever signs A's fresh number is answering A now.",
  position: 'on-path',
  budget: { messages: 3 },
  breaks: 'bound to the right principals',
  explanation: [
    "M holds A's question back, asks B about lunch under A's number, and gives A the signed answer.",
    'B cannot see that the number is not of M, and A cannot see that B was not answering A.',
    'A challenge proves that somebody answers now; it does not prove to whom.',
  ],
  cure: 'B signs who answers whom and what was asked, together with the number.',
  perform(stage, variant) {
    const writers = { a: writer(stage, 'A'), b: writer(stage, 'B'), m: writer(stage, 'M') };
    const others = new Map([
      ['A', writers.a],
      ['M', writers.m],
    ]);
    const labels = challenged(32, { sayWho: variant === 'cured' });
    stage.b.acts((mail) => b(mail, writers.b, others, labels));
    stage.a.acts((mail) => a(mail, writers.a, writers.b, labels));
    passOn(stage.m, writers.m);
    return () => judgeTheDoor(stage);
  },
};
