// A reads its mail over a wireless network. Whoever is near enough hears each frame of it; where the network encrypts, the
// station and the access point share a key, and what E hears is of no use to it.

import { utf8 } from '../../../core/bytes.ts';
import type { Program } from '../../../world/app/program.ts';
import type { Entry } from '../entry.ts';
import type { Mail } from '../stage.ts';
import { encrypted, inTheClear, textIn, type Wrapping } from '../wrapping.ts';

// A -> B (the access point): my PIN is ...
function a(mail: Mail, pin: string, { wrap }: Wrapping): void {
  mail.send('B', wrap(utf8(`my PIN is ${pin}`)));
}

function* b(mail: Mail, air: Wrapping): Program<void> {
  const letter = yield* mail.receive();
  if (letter !== undefined) mail.note(textIn(air, letter.bytes));
}

export const openRadioOverheard: Entry = {
  id: 'open-radio-overheard',
  items: [42],
  rung: 'an open wireless network',
  curedBy: 'a wireless network that encrypts',
  claim: 'What A sends is for the access point.',
  position: 'tap',
  budget: {},
  breaks: 'confidential',
  explanation: [
    'E sits in the same room with an antenna and reads what A sends to the access point.',
    'Radio goes to everyone near it, and an open network sends its frames as they are.',
    'A network that encrypts keeps out those who do not have its key, and nobody else.',
  ],
  cure: 'The stations and the access point share a key, under which each frame is encrypted.',
  perform(stage, variant) {
    const pin = stage.secret('pin');
    const air = variant === 'vulnerable' ? inTheClear : encrypted(stage.names, stage.key('of the wireless network'));
    stage.b.acts((mail) => b(mail, air));
    stage.a.acts((mail) => a(mail, pin.text, air));
    return () => {
      const path = stage.m.knowledge.pathTo(pin);
      return {
        succeeded: path !== undefined,
        evidence: path === undefined ? 'E heard only what it cannot read' : `E has the PIN (${path})`,
        honest: stage.b.notes.some((note) => note.includes(pin.text)),
      };
    };
  },
};
