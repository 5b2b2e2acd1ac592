// A's random numbers are of two bits: M waits until one comes again.

import { type Attacker, says } from '../../attack/attacker.ts';
import type { Entry } from '../entry.ts';
import { a, b, challenged, DOOR, judgeTheDoor, LUNCH } from '../repair_man.ts';
import { writer } from '../signed_text.ts';

const DAYS = 8;

// A "Yes." under each number that has been; when the door's question carries one of them, it is answered at once.
function waitForTheNumber(m: Attacker): void {
  const yes = new Map<string, Uint8Array>();
  let number = '';
  m.intercepts((message) => {
    const text = says(message);
    if (message.from === 'A') {
      const isAtTheDoor = text.includes('at the door');
      number = isAtTheDoor ? (/\[next number (#\d+)\]/.exec(text)?.[1] ?? '') : '';
      return 'pass';
    }
    const [, answered = '', answer] = /(#\d+) (Yes)?/.exec(text) ?? [];
    if (answer !== undefined) yes.set(answered, message.bytes);
    const earlier = yes.get(number);
    return earlier === undefined ? 'pass' : [earlier, message.bytes];
  });
}

export const challengeRepeats: Entry = {
  id: 'challenge-repeats',
  items: [85],
  rung: 'a challenge that repeats',
  curedBy: 'signatures with a challenge',
  claim: 'A checks that the answer carries the random number of its question.',
  position: 'on-path',
  budget: { messages: 10 },
  breaks: 'fresh',
  explanation: [
    'M keeps each "Yes." by its number, and uses one when the question about the repair man carries that number again.',
    'Of two bits there are only four numbers, and after a few days most of them have been used for lunch.',
    'A nonce is a number used once: it must be counted up, or be drawn from so many that none comes twice.',
  ],
  cure: 'The numbers are of 32 bits, or of 128 where the conversation goes on for years.',
  perform(stage, variant) {
    const writers = { a: writer(stage, 'A'), b: writer(stage, 'B') };
    const labels = challenged(variant === 'vulnerable' ? 2 : 32);
    const questions = Array.from({ length: DAYS }, () => [LUNCH, DOOR]).flat();
    stage.b.acts((mail) => b(mail, writers.b, new Map([['A', writers.a]]), labels));
    stage.a.acts((mail) => a(mail, writers.a, writers.b, labels, questions));
    waitForTheNumber(stage.m);
    return () => judgeTheDoor(stage);
  },
};
