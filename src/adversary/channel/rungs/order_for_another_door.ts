// Two doors obey A, and each counts for itself: what A orders of one, M shows to the other.

import type { Program } from '../../../world/app/program.ts';
import type { Attacker } from '../../attack/attacker.ts';
import type { Entry } from '../entry.ts';
import { type Writer, writer } from '../signed_text.ts';
import type { Mail } from '../stage.ts';

type Order = (door: string, number: number) => string;

// A -> B: #1 Open the door. [signature by A]
function a(mail: Mail, own: Writer, order: Order): void {
  mail.send('B', own.sign(order('B', 1)));
}

function* door(mail: Mail, name: string, from: Writer, order: Order): Program<void> {
  for (let next = 1; ; ) {
    const letter = yield* mail.receive();
    if (letter === undefined) return;
    if (from.verify(letter.bytes) !== order(name, next)) continue;
    next++;
    mail.note('opens');
  }
}

function showToTheOther(m: Attacker): void {
  m.intercepts(({ from, to, bytes }) => {
    if (from === 'A' && to === 'B') m.sends('A', 'C', bytes);
    return 'pass';
  });
}

export const orderForAnotherDoor: Entry = {
  id: 'order-for-another-door',
  items: [84, 88],
  rung: 'signatures with a counter',
  curedBy: 'signatures with names and context',
  claim: 'A door obeys each number once, so that a copy of an order opens nothing.',
  position: 'on-path',
  budget: { messages: 1 },
  breaks: 'bound to the right principals',
  explanation: [
    'A orders door B to open, and M sends a copy of the order to door C, which opens too.',
    'Each door counts for itself, and number 1 is new to C although B has obeyed it.',
    'A counter belongs to one sender and one receiver, and the message must say which two these are.',
  ],
  cure: 'The order names the door that it is for, under the signature.',
  perform(stage, variant) {
    const own = writer(stage, 'A');
    const order: Order =
      variant === 'vulnerable'
        ? (_name, number) => `#${number} Open the door.`
        : (name, number) => `A to ${name}: #${number} Open the door.`;
    stage.b.acts((mail) => door(mail, 'B', own, order));
    stage.c.acts((mail) => door(mail, 'C', own, order));
    stage.a.acts((mail) => a(mail, own, order));
    showToTheOther(stage.m);
    return () => ({
      succeeded: stage.c.believes('opens'),
      evidence: stage.c.believes('opens') ? 'C opens, though A gave no order to C' : 'C stays shut',
      honest: stage.b.believes('opens'),
    });
  },
};
