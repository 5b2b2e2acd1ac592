// A server keeps memory and computes a signature for each first message. M, from elsewhere, sends nothing but first
// messages, under an address that is not its own.

import { bytesEqual, textOf, utf8 } from '../../../core/bytes.ts';
import { type Instant, seconds } from '../../../core/time.ts';
import type { Program } from '../../../world/app/program.ts';
import type { Attacker } from '../../attack/attacker.ts';
import type { Entry } from '../entry.ts';
import type { LectureNames } from '../names.ts';
import { type Mail, pack, unpack } from '../stage.ts';

/** How many clients the server can have in mind, and for how long. */
const PLACES = 8;
const PATIENT_FOR = seconds(30);
const FLOOD = 40;

/** What the server does before it has seen that the client can hear it. */
interface Server {
  readonly names: LectureNames;
  readonly signingKey: Uint8Array;
  readonly cookieKey: Uint8Array;
  readonly asksForCookie: boolean;
}

// A -> B: hello, A's number, no cookie yet
// B -> A: cookie = MAC(B's own key, A's address and number)          (the cure: B forgets A at once)
// A -> B: hello, A's number, cookie
// B -> A: S(B's private key, A's number)                             (B computes, and remembers A)
// A -> B: request, A's number
function* b(mail: Mail, { names, signingKey, cookieKey, asksForCookie }: Server): Program<void> {
  const places = new Map<string, Instant>();
  for (let letter = yield* mail.receive(); letter !== undefined; letter = yield* mail.receive()) {
    const [kind, number, cookie] = unpack(letter.bytes, 3) ?? [];
    if (kind === undefined || number === undefined || cookie === undefined) continue;
    const client = `${letter.from} ${textOf(number)}`;
    for (const [one, since] of places) if (mail.now - since > PATIENT_FOR) places.delete(one);
    if (textOf(kind) === 'request') {
      if (places.delete(client)) mail.send(letter.from, pack('answer', 'here you are'));
      continue;
    }
    const expected = names.MAC(cookieKey, utf8(client));
    if (asksForCookie && !bytesEqual(cookie, expected)) {
      mail.send(letter.from, pack('cookie', expected));
    } else if (places.size < PLACES) {
      places.set(client, mail.now);
      mail.note(`signs for ${letter.from}`);
      mail.send(letter.from, pack('signature', names.S(signingKey, number)));
    }
  }
}

function* a(mail: Mail): Program<void> {
  yield* mail.sleep(seconds(2));
  const number = `${mail.random.nextUint32()}`;
  mail.send('B', pack('hello', number, ''));
  for (let letter = yield* mail.receive(); letter !== undefined; letter = yield* mail.receive()) {
    const [kind, value] = unpack(letter.bytes, 2) ?? [];
    if (kind === undefined || value === undefined) continue;
    if (textOf(kind) === 'cookie') mail.send('B', pack('hello', number, value));
    if (textOf(kind) === 'signature') mail.send('B', pack('request', number, ''));
    if (textOf(kind) === 'answer') return mail.note('served');
  }
}

// M never hears what B sends to the address that M has borrowed.
function flood(m: Attacker): void {
  for (let i = 0; i < FLOOD; i++) m.sends('C', 'B', pack('hello', `${i}`, ''));
}

export const firstMessages: Entry = {
  id: 'first-messages',
  items: [138],
  rung: 'a server that works for each first message',
  curedBy: 'a server that asks for a cookie first',
  claim: 'B serves everybody who asks.',
  position: 'off-path',
  budget: { messages: FLOOD },
  breaks: 'available',
  explanation: [
    'M sends first messages under an address that it does not have, each takes a place and a signature of B, and A finds none free.',
    'A first message costs M a few bytes, and B a signature and memory for half a minute.',
    'A server should do nothing dear for a client that has not shown that it can be reached.',
  ],
  cure: 'B first answers with a cookie that it can check without remembering it, and works only for clients that send it back.',
  perform(stage, variant) {
    const server: Server = {
      names: stage.names,
      signingKey: stage.names.signingKeys(stage.random('signing keys of B')).privateKey,
      cookieKey: stage.key('of the cookies'),
      asksForCookie: variant === 'cured',
    };
    stage.b.acts((mail) => b(mail, server));
    stage.a.acts((mail) => a(mail));
    stage.at(seconds(1), () => flood(stage.m));
    return () => {
      const isServed = stage.a.believes('served');
      const forM = stage.b.notes.filter((note) => note === 'signs for C').length;
      return {
        succeeded: !isServed,
        evidence: `A is ${isServed ? 'served' : 'not served'}; for ${FLOOD} messages of M, B computes ${forM} signatures and keeps ${forM} of ${PLACES} places`,
        honest: isServed,
      };
    };
  },
};
