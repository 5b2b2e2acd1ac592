// A writes to B encrypted, and by name to nobody: E, at B's door, reads from whom each message comes.

import type { Attacker } from '../../attack/attacker.ts';
import type { Entry } from '../entry.ts';
import { hop, receiver, relay, wrap } from '../onion.ts';

/** E stands at B's door, and sees nothing of what passes elsewhere. */
const sendersSeen = (m: Attacker): string[] => m.heard.filter(({ to }) => to === 'B').map(({ from }) => from);

export const senderInTheAddress: Entry = {
  id: 'sender-in-the-address',
  items: [50],
  rung: 'public-key encryption without a relay',
  curedBy: 'public-key encryption over one relay',
  claim: 'The message names no sender, and nobody but B can read it.',
  position: 'tap',
  budget: {},
  breaks: 'anonymous',
  explanation: [
    "E listens at B's door and reads A's address on the encrypted message, as B itself does.",
    'Encryption hides what is said; a network must know from where to where, and shows it to all on the way.',
    'Whoever wants to be anonymous needs somebody else to send the message.',
  ],
  cure: 'A sends PE(R, "to B", message) to a relay R, which sends the message on under its own address.',
  perform(stage, variant) {
    const { names } = stage;
    const secret = stage.secret('tip');
    const b = hop(stage, 'B');
    const relays = variant === 'vulnerable' ? [] : [hop(stage, 'R1')];
    stage.b.acts((mail) => receiver(mail, names, b));
    for (const one of relays) stage.principal(one.name).acts((mail) => relay(mail, names, one));
    // A -> B: PE(B, tip), or A -> R1: PE(R1, 'to B', PE(B, tip))
    stage.a.acts((mail) => mail.send(relays[0]?.name ?? 'B', wrap(names, relays, b, secret.text)));
    return () => {
      const seen = sendersSeen(stage.m);
      return {
        succeeded: seen.includes('A'),
        evidence: `at B's door, messages come from ${seen.join(', ')}`,
        honest: stage.b.believes(secret.text) && !stage.m.knowledge.knows(secret),
      };
    };
  },
};
