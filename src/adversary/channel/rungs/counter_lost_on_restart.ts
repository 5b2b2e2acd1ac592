// A lock counts the orders it has obeyed, in memory: after a restart M says again what A said before it.

import { seconds } from '../../../core/time.ts';
import type { Program } from '../../../world/app/program.ts';
import type { Attacker } from '../../attack/attacker.ts';
import type { Entry } from '../entry.ts';
import { type Writer, writer } from '../signed_text.ts';
import type { Mail } from '../stage.ts';

// A -> B: #1 Open the door. [signature by A]
function aCounts(mail: Mail, own: Writer): void {
  mail.send('B', own.sign('#1 Open the door.'));
}

function* bCounts(mail: Mail, from: Writer): Program<void> {
  let last = 0;
  for (;;) {
    const letter = yield* mail.receive();
    if (letter === undefined) return;
    const [, number] = /^#(\d+) Open the door\.$/.exec(from.verify(letter.bytes) ?? '') ?? [];
    if (number === undefined || Number(number) <= last) continue;
    last = Number(number);
    mail.note('opens');
  }
}

// A -> B: It's me.
// B -> A: [next number #91523]
// A -> B: #91523 Open the door. [signature by A]
function* aAnswers(mail: Mail, own: Writer): Program<void> {
  mail.send('B', "It's me.");
  const challenge = yield* mail.receive();
  if (challenge !== undefined) mail.send('B', own.sign(`${challenge.text} Open the door.`));
}

function* bChallenges(mail: Mail, from: Writer): Program<void> {
  let expected: string | undefined;
  for (;;) {
    const letter = yield* mail.receive();
    if (letter === undefined) return;
    if (letter.text === "It's me.") {
      expected = `#${mail.random.nextUint32()}`;
      mail.send(letter.from, expected);
    } else if (expected !== undefined && from.verify(letter.bytes) === `${expected} Open the door.`) {
      expected = undefined;
      mail.note('opens');
    }
  }
}

function sayAgain(m: Attacker): void {
  for (const { from, to, bytes } of m.heard.filter((message) => message.from === 'A')) m.sends(from, to, bytes);
}

export const counterLostOnRestart: Entry = {
  id: 'counter-lost-on-restart',
  items: [84, 85],
  rung: 'signatures with a counter',
  curedBy: 'signatures with a challenge',
  claim: 'B obeys no number twice, so that an order is worth nothing once it has been obeyed.',
  position: 'on-path',
  budget: { messages: 4 },
  breaks: 'fresh',
  explanation: [
    'B opens for A, loses power, and then opens again for M, who repeats the order that A gave before.',
    'Whoever counts must remember for ever; B begins again at zero, and #1 is new to it.',
    'A counter is state that must not be lost; a fresh random challenge needs no memory of the past.',
  ],
  cure: 'B draws a new number for each order, and A signs that number.',
  perform(stage, variant) {
    const own = writer(stage, 'A');
    const lock = variant === 'vulnerable' ? bCounts : bChallenges;
    stage.b.acts(function* (mail) {
      yield* lock(mail, own);
      mail.note('restarts');
      yield* lock(mail, own);
    });
    stage.a.acts((mail) => (variant === 'vulnerable' ? aCounts(mail, own) : aAnswers(mail, own)));
    stage.at(seconds(8), () => sayAgain(stage.m));
    return () => {
      const notes = stage.b.notes.join(', ');
      return {
        succeeded: notes === 'opens, restarts, opens',
        evidence: `A ordered once; B: ${notes}`,
        honest: notes.startsWith('opens, restarts'),
      };
    };
  },
};
