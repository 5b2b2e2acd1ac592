// A tells B something in confidence, and B shows it to C. Here the attacker is B, who has all that B has.

import { bytesEqual, textOf, utf8 } from '../../../core/bytes.ts';
import type { Program } from '../../../world/app/program.ts';
import type { Entry } from '../entry.ts';
import { type Mail, pack, unpack } from '../stage.ts';

const SAID = 'I broke the vase.';
const NEVER_SAID = 'I stole the lamp.';

/** How A's messages are authenticated: what A computes, what B can compute, and what anybody checks with B's help. */
interface Proof {
  readonly byA: (text: Uint8Array) => Uint8Array;
  /** The best that B can do for a text of its own, with all that it holds and has received. */
  readonly byB: (text: Uint8Array, received: Uint8Array) => Uint8Array;
  readonly isGood: (text: Uint8Array, proof: Uint8Array) => boolean;
}

// A -> B: I broke the vase. [signature by A], or MAC(shared key, 'I broke the vase.')
function a(mail: Mail, { byA }: Proof): void {
  mail.send('B', pack(SAID, byA(utf8(SAID))));
}

// B -> C: look what A wrote to me
function* b(mail: Mail, { byB, isGood }: Proof): Program<void> {
  const letter = yield* mail.receive();
  const [text, proof] = unpack(letter?.bytes ?? new Uint8Array(0), 2) ?? [];
  if (text === undefined || proof === undefined || !isGood(text, proof)) return;
  mail.note(textOf(text));
  mail.send('C', pack(text, proof));
  mail.send('C', pack(NEVER_SAID, byB(utf8(NEVER_SAID), proof)));
}

// C has whatever it takes to check: A's public key, or the shared key, which B gives away gladly.
function* c(mail: Mail, { isGood }: Proof): Program<void> {
  for (let letter = yield* mail.receive(); letter !== undefined; letter = yield* mail.receive()) {
    const [text, proof] = unpack(letter.bytes, 2) ?? [];
    if (text !== undefined && proof !== undefined && isGood(text, proof)) mail.note(textOf(text));
  }
}

export const shownToAThird: Entry = {
  id: 'shown-to-a-third',
  items: [48, 79],
  rung: 'signed messages between two',
  curedBy: 'messages with a MAC between two',
  claim: 'A and B can be sure of each other, and what they say stays between them.',
  position: 'same-segment',
  budget: {},
  breaks: 'deniable',
  explanation: [
    "B shows C what A wrote, and C verifies A's signature and is convinced, since what B makes up does not verify.",
    'A signature can be made by A alone and checked by everybody, so that B holds a proof for any judge.',
    'A MAC convinces B, who knows that it did not write the message, and nobody else, since B has the key to write any.',
  ],
  cure: "A sends a MAC under the shared key: C's check accepts what B has forged just as well.",
  perform(stage, variant) {
    const { S, V, MAC, signingKeys } = stage.names;
    const ofA = signingKeys(stage.random('signing keys of A'));
    const key = stage.key('of A and B');
    const signature: Proof = {
      byA: (text) => S(ofA.privateKey, text),
      byB: (_text, received) => received, // there is nothing better than to copy a signature
      isGood: (text, proof) => V(ofA.publicKey, text, proof),
    };
    const mac: Proof = {
      byA: (text) => MAC(key, text),
      byB: (text) => MAC(key, text),
      isGood: (text, proof) => bytesEqual(MAC(key, text), proof),
    };
    const proof = variant === 'vulnerable' ? signature : mac;
    stage.c.acts((mail) => c(mail, proof));
    stage.b.acts((mail) => b(mail, proof));
    stage.a.acts((mail) => a(mail, proof));
    return () => {
      const isConvinced = stage.c.believes(SAID) && !stage.c.believes(NEVER_SAID);
      return {
        succeeded: isConvinced,
        evidence: isConvinced
          ? `C knows that A wrote "${SAID}"`
          : `C's check accepts "${stage.c.notes.join('" and "')}", of which B has forged one`,
        honest: stage.b.believes(SAID),
      };
    };
  },
};
