// A challenges B under a shared key; M sends the challenge back to A in a second session, and has the answer from A itself.

import { bytesEqual, joinBytes, utf8 } from '../../../core/bytes.ts';
import { seconds } from '../../../core/time.ts';
import type { Program } from '../../../world/app/program.ts';
import type { Attacker } from '../../attack/attacker.ts';
import type { Entry } from '../entry.ts';
import type { LectureNames } from '../names.ts';
import { type Letter, type Mail, pack, unpack } from '../stage.ts';

/** What `answerer` makes of a challenge. */
export type Proof = (answerer: string, challenge: Uint8Array) => Uint8Array;

// A -> B: challenge
// B -> A: MAC(shared key, challenge)
export function* a(mail: Mail, proof: Proof): Program<void> {
  for (let session = 0; session < 3; session++) {
    const challenge = new Uint8Array(16);
    mail.random.fill(challenge);
    mail.send('B', pack('challenge', challenge));
    for (;;) {
      const letter = yield* mail.receive();
      if (letter === undefined) break;
      const answer = answers(mail, 'A', letter, proof);
      if (answer !== undefined && bytesEqual(answer, proof('B', challenge))) mail.note(`B is there at ${mail.now}`);
    }
  }
}

export function* b(mail: Mail, proof: Proof): Program<void> {
  for (let letter = yield* mail.receive(); letter !== undefined; letter = yield* mail.receive()) {
    answers(mail, 'B', letter, proof);
  }
}

// Either side answers a challenge; what is no challenge is an answer.
function answers(mail: Mail, self: string, { from, bytes }: Letter, proof: Proof): Uint8Array | undefined {
  const [kind, value] = unpack(bytes, 2) ?? [];
  if (kind === undefined || value === undefined) return undefined;
  if (!bytesEqual(kind, utf8('challenge'))) return value;
  mail.send(from, pack('answer', proof(self, value)));
  return undefined;
}

// A sends a message to B, the attacker sends A's message back to A as if it's from B: while B sleeps, this is all it takes.
function sendBack(m: Attacker): void {
  m.intercepts(({ from, to, bytes }) => {
    if (from !== 'A' || m.spent.messages >= 2) return 'pass';
    m.sends(to, from, bytes);
    return 'drop';
  });
}

/** With roles the MAC says who answers. */
export const proofOf =
  ({ MAC }: LectureNames, key: Uint8Array, hasRoles: boolean): Proof =>
  (answerer, challenge) =>
    MAC(key, hasRoles ? joinBytes([utf8(`${answerer} answers: `), challenge]) : challenge);

export const reflection: Entry = {
  id: 'reflection',
  items: [88, 89],
  rung: 'a challenge under a shared key',
  curedBy: 'a challenge under a shared key, with roles',
  claim: "Only B can compute the MAC of A's fresh challenge, since only A and B have the key.",
  position: 'on-path',
  budget: { messages: 2 },
  breaks: 'authentic',
  explanation: [
    "M sends A's challenge back to A as if B were asking, and gives A's own answer to A as the answer of B, who is asleep.",
    'Both sides prove themselves by the same function of the same key, so that A computes what only B should.',
    'With symmetric keys a proof must say who gives it, or each side needs a key of its own.',
  ],
  cure: 'The MAC is over the name of the one that answers, and then the challenge.',
  perform(stage, variant) {
    const proof = proofOf(stage.names, stage.key('of A and B'), variant === 'cured');
    const wakesUp = seconds(4);
    stage.b.acts(function* (mail) {
      yield* mail.sleep(wakesUp);
      mail.note(`awake at ${mail.now}`);
      yield* b(mail, proof);
    });
    stage.a.acts((mail) => a(mail, proof));
    sendBack(stage.m);
    return () => {
      const times = stage.a.notes.map((note) => Number(/at (\d+)$/.exec(note)?.[1]));
      const early = times.some((time) => time < wakesUp);
      return {
        succeeded: early,
        evidence: early ? 'A believes that it talks to B, who is asleep' : 'A waits until B answers',
        honest: times.some((time) => time > wakesUp),
      };
    };
  },
};
