// B sends a number to its desktop's address, and obeys who repeats it. The numbers count: M, who cannot see what B sends to
// others, asks for one of its own and knows the next.

import { utf8 } from '../../../core/bytes.ts';
import { milliseconds, seconds } from '../../../core/time.ts';
import type { Program } from '../../../world/app/program.ts';
import { a, b, type NextNumber, ORDER_OF_M, obeyed, randomNumber } from '../door.ts';
import type { Entry } from '../entry.ts';
import type { Mail, Stage } from '../stage.ts';

// As the first numbers of TCP once did.
function counting(): NextNumber {
  let number = 1_000_000;
  return () => (number += 64_000);
}

// M -> B: hello       twice, under its own name: n, n + step
// A -> B: hello       M's. The answer goes to A, which is switched off
// A -> B: n + 2 step open the door
function* guessNumber(mail: Mail, m: Stage['m']): Program<void> {
  yield* mail.sleep(seconds(1));
  const numbers: number[] = [];
  for (let i = 0; i < 2; i++) {
    mail.send('B', 'hello');
    const answer = yield* mail.receive();
    numbers.push(Number(answer?.text.replace('number', '')));
  }
  const [first = 0, second = 0] = numbers;
  m.sends('A', 'B', utf8('hello'));
  yield* mail.sleep(milliseconds(10));
  m.sends('A', 'B', utf8(`${second + (second - first)} ${ORDER_OF_M}`));
}

export const addressWithCountedNumber: Entry = {
  id: 'address-with-counted-number',
  items: [38, 44],
  rung: 'address and a counted number',
  curedBy: 'address and a random number',
  claim: 'Only who hears what B sends to the desktop knows the number that B wants to be told.',
  position: 'off-path',
  budget: { messages: 4 },
  breaks: 'authentic',
  explanation: [
    'M asks B for two numbers, works out the next one, and gives an order with it in the name of the desktop.',
    'The number is to show that the sender hears what is sent to the address, and a number that can be guessed shows nothing.',
    'TCP keeps a blind attacker off only since its first sequence numbers are hard to guess.',
  ],
  cure: 'Each number is drawn at random from 2^32.',
  perform(stage, variant) {
    const nextNumber = variant === 'cured' ? randomNumber : counting();
    stage.b.acts((mail) => b(mail, nextNumber));
    stage.a.acts((mail) => a(mail, true));
    stage.mallory.acts((mail) => guessNumber(mail, stage.m));
    return () => obeyed(stage.b.notes);
  },
};
