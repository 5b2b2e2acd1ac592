// B obeys its desktop's address. M, from anywhere, writes that address into its own message.

import { utf8 } from '../../../core/bytes.ts';
import { seconds } from '../../../core/time.ts';
import { a, b, ORDER_OF_M, obeyed, randomNumber } from '../door.ts';
import type { Entry } from '../entry.ts';

export const addressAlone: Entry = {
  id: 'address-alone',
  items: [38, 44],
  rung: 'the address alone',
  curedBy: 'address and a random number',
  claim: 'B allows only the address of the desktop, so that only the desktop can give orders.',
  position: 'off-path',
  budget: { messages: 1 },
  breaks: 'authentic',
  explanation: [
    'M sends one message with the address of the desktop as its source, and B opens the door.',
    'The sender writes the source address, and the network brings the message where the destination says.',
    'An address says where answers go, and not where a message comes from.',
  ],
  cure: 'B sends a random number to the address first, and obeys only who repeats it.',
  perform(stage, variant) {
    const nextNumber = variant === 'cured' ? randomNumber : undefined;
    stage.b.acts((mail) => b(mail, nextNumber));
    stage.a.acts((mail) => a(mail, nextNumber !== undefined));
    stage.at(seconds(1), () => stage.m.sends('A', 'B', utf8(ORDER_OF_M)));
    return () => obeyed(stage.b.notes);
  },
};
