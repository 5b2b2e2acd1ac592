// As in WEP: the key of each message is a nonce, which everybody sees, with the secret behind it. E finds the secret, since
// the keys have so much in common.
//
// The attack is that of Fluhrer, Mantin and Shamir (2001).

import { joinBytes, textOf, utf8 } from '../../../core/bytes.ts';
import { microseconds } from '../../../core/time.ts';
import type { Program } from '../../../world/app/program.ts';
import type { Attacker } from '../../attack/attacker.ts';
import type { Entry } from '../entry.ts';
import { rc4, rc4Mix } from '../rc4.ts';
import type { Mail } from '../stage.ts';

const NONCE_LENGTH = 3;
const SECRET_LENGTH = 5;
/** All frames begin with these bytes: LLC and SNAP. */
const BEGINNING = Uint8Array.of(0xaa, 0xaa, 0x03, 0, 0, 0);
/** How many of the likeliest values of a byte are tried. */
const CANDIDATES = 3;

type KeyOf = (nonce: Uint8Array) => Uint8Array;

// A -> B: nonce, RC4(nonce + secret, message). The nonce counts, and of its 2^24 values A goes through those alone that
// tell something here: the others would only take time.
function* a(mail: Mail, message: string, keyOf: KeyOf): Program<void> {
  const send = (nonce: Uint8Array, text: string) =>
    mail.send('B', joinBytes([nonce, rc4(keyOf(nonce), joinBytes([BEGINNING, utf8(text)]))]));
  for (let first = NONCE_LENGTH; first < NONCE_LENGTH + SECRET_LENGTH; first++) {
    for (let third = 0; third < 256; third++) {
      send(Uint8Array.of(first, 255, third), 'hi');
      yield* mail.sleep(microseconds(1));
    }
  }
  send(Uint8Array.of(1, 2, 3), message);
}

function* b(mail: Mail, keyOf: KeyOf): Program<void> {
  for (;;) {
    const letter = yield* mail.receive();
    if (letter === undefined) return;
    const nonce = letter.bytes.slice(0, NONCE_LENGTH);
    mail.note(textOf(rc4(keyOf(nonce), letter.bytes.slice(NONCE_LENGTH)).slice(BEGINNING.length)));
  }
}

// With the key known up to one byte, RC4 can be followed up to where this byte goes in. With nonces that begin as here, the
// first byte of the key stream is in 5 of 100 cases what this step has put there: each such message has a vote for a value
// of the byte, and the right one has the most.
function likeliest({ heard }: Attacker, found: readonly number[]): number[] {
  const votes = new Array<number>(256).fill(0);
  const at = NONCE_LENGTH + found.length;
  for (const { bytes } of heard) {
    if (bytes[0] !== at || bytes[1] !== 255) continue;
    const { order, j } = rc4Mix(joinBytes([bytes.slice(0, NONCE_LENGTH), Uint8Array.from(found)]), at);
    const one = order[1] ?? 0;
    if (one >= at || one + (order[one] ?? 0) !== at) continue;
    const stream = (bytes[NONCE_LENGTH] ?? 0) ^ (BEGINNING[0] ?? 0);
    const value = (order.indexOf(stream) - j - (order[at] ?? 0)) & 0xff;
    votes[value] = (votes[value] ?? 0) + 1;
  }
  const values = votes.map((_, value) => value);
  return values.sort((x, y) => (votes[y] ?? 0) - (votes[x] ?? 0) || x - y).slice(0, CANDIDATES);
}

function findSecret(m: Attacker, found: readonly number[] = []): boolean {
  if (!m.computes()) return false;
  if (found.length < SECRET_LENGTH) return likeliest(m, found).some((value) => findSecret(m, [...found, value]));
  const decode = (bytes: Uint8Array): Uint8Array => {
    const nonce = bytes.slice(0, NONCE_LENGTH);
    return rc4(joinBytes([nonce, Uint8Array.from(found)]), bytes.slice(NONCE_LENGTH));
  };
  const isRight = m.heard.every(({ bytes }) => BEGINNING.every((byte, i) => decode(bytes)[i] === byte));
  if (isRight) m.knowledge.learnToDecode({ name: 'RC4 with the secret', decode: (bytes) => [decode(bytes)] });
  return isRight;
}

export const keysRelatedAsInWep: Entry = {
  id: 'keys-related-as-in-wep',
  items: [59],
  rung: 'a nonce and the secret as key',
  curedBy: 'a key for each message by a hash',
  claim: 'Each message is encrypted with a key of its own.',
  position: 'tap',
  budget: { computations: 400 },
  breaks: 'confidential',
  explanation: [
    'E listens to messages whose keys differ in the nonce alone, and works out one byte of the secret after the other.',
    'The cipher was made for keys that have nothing to do with each other, and here most of each key is the same and the rest is known.',
    'A key that is made from another must not look like it: that is what hashes are for.',
  ],
  cure: 'The key of a message is a hash of nonce and secret (HKDF), from which nothing can be worked back, and the secret has 128 bits.',
  perform(stage, variant) {
    const message = stage.secret('message');
    const secret = stage.key('of all in this network', variant === 'vulnerable' ? SECRET_LENGTH : 16);
    const related: KeyOf = (nonce) => joinBytes([nonce, secret]);
    const derived: KeyOf = (nonce) => stage.crypto.hkdfExpand('sha256', secret, nonce, 16);
    const keyOf = variant === 'vulnerable' ? related : derived;
    stage.b.acts((mail) => b(mail, keyOf));
    stage.a.acts((mail) => a(mail, message.text, keyOf));
    return () => {
      findSecret(stage.m);
      const path = stage.m.knowledge.pathTo(message);
      return {
        succeeded: path !== undefined,
        evidence: `after ${stage.m.heard.length} messages E ${path === undefined ? 'has no secret that fits' : `reads them (${path})`}`,
        honest: stage.b.believes(message.text),
      };
    };
  },
};
