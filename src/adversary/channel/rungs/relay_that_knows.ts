// One relay between A and B: whoever has the relay knows who talks to whom. With three, no single one does.

import type { Attacker } from '../../attack/attacker.ts';
import type { Entry } from '../entry.ts';
import type { LectureNames } from '../names.ts';
import { type Hop, hop, receiver, relay, unwrap, wrap } from '../onion.ts';

/** Whom E learns of at one relay whose key it has: who writes to it, and where what is inside goes. */
function seenAt({ heard }: Attacker, names: LectureNames, own: Hop): Set<string> {
  const seen = new Set<string>();
  for (const { from, to, bytes } of heard) {
    if (to !== own.name) continue;
    seen.add(from);
    // As deep as the relay's key goes.
    for (let found = unwrap(names, own, bytes); found !== undefined; found = unwrap(names, own, found.inner)) {
      seen.add(found.next);
    }
  }
  return seen;
}

export const relayThatKnows: Entry = {
  id: 'relay-that-knows',
  items: [50],
  rung: 'public-key encryption over one relay',
  curedBy: 'public-key encryption over three relays',
  claim: 'B and all who listen at its door see only the relay.',
  position: 'tap',
  budget: {},
  breaks: 'anonymous',
  explanation: [
    "E has taken over a relay, sees A's address on what comes in, and finds B's name under the layer that it takes off.",
    'A single relay has both ends in its hands, so that A must trust it as much as it mistrusts all others.',
    'With three relays each knows only its neighbours; who watches the first and the last can still compare the times.',
  ],
  cure: 'A wraps a layer for each of three relays: the first knows A, the last knows B, and none knows both.',
  perform(stage, variant) {
    const { names } = stage;
    const secret = stage.secret('tip');
    const b = hop(stage, 'B');
    const relays = (variant === 'vulnerable' ? ['R1'] : ['R1', 'R2', 'R3']).map((name) => hop(stage, name));
    stage.b.acts((mail) => receiver(mail, names, b));
    for (const one of relays) stage.principal(one.name).acts((mail) => relay(mail, names, one));
    // A -> R1: PE(R1, 'to R2', PE(R2, 'to R3', PE(R3, 'to B', PE(B, tip))))
    stage.a.acts((mail) => mail.send('R1', wrap(names, relays, b, secret.text)));
    return () => {
      const views = relays.map((one) => ({ at: one.name, seen: seenAt(stage.m, names, one) }));
      return {
        succeeded: views.some(({ seen }) => seen.has('A') && seen.has('B')), // whichever relay E has
        evidence: views.map(({ at, seen }) => `${at} knows of ${[...seen].join(' and ')}`).join('; '),
        honest: stage.b.believes(secret.text),
      };
    };
  },
};
