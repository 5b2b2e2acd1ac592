// B sends a random number to its desktop's address, and obeys who repeats it. M sits on the way and reads the number.

import { utf8 } from '../../../core/bytes.ts';
import { seconds } from '../../../core/time.ts';
import { says } from '../../attack/attacker.ts';
import { a, b, ORDER_OF_M, obeyed, randomNumber } from '../door.ts';
import type { Entry } from '../entry.ts';
import type { Stage } from '../stage.ts';
import { inTheClear, withMac } from '../wrapping.ts';

// A -> B: hello                  M's
// B -> A: number n               read by M, and kept from A
// A -> B: n open the door        M's
function repeatNumber({ m }: Stage): void {
  m.intercepts((message) => {
    if (message.from !== 'B') return 'pass';
    m.sends('A', 'B', utf8(`${says(message).replace('number ', '')} ${ORDER_OF_M}`));
    return 'drop';
  });
  m.sends('A', 'B', utf8('hello'));
}

export const addressOnPath: Entry = {
  id: 'address-on-path',
  items: [38, 43, 44],
  rung: 'address and a random number',
  curedBy: 'MAC with a challenge',
  claim: 'Only the desktop can repeat a random number that was sent to its address.',
  position: 'on-path',
  budget: { messages: 2 },
  breaks: 'authentic',
  explanation: [
    'M asks in the name of the desktop, reads the number on its way to it, and gives an order with it.',
    'Whoever is between B and an address hears all that is sent to the address, and so has the address.',
    'Network addresses do not show who somebody is: B needs something that only the right one knows.',
  ],
  cure: 'The order and the number come with their MAC, for which M lacks the key.',
  perform(stage, variant) {
    const wrapping = variant === 'cured' ? withMac(stage.names, stage.key('of A and B')) : inTheClear;
    stage.b.acts((mail) => b(mail, randomNumber, wrapping));
    stage.a.acts((mail) => a(mail, true, wrapping));
    stage.at(seconds(1), () => repeatNumber(stage));
    return () => obeyed(stage.b.notes);
  },
};
