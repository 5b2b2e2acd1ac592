// The message is encrypted, and the MAC beside it is that of the message. E cannot read the votes, and counts them.

import { bytesEqual, joinBytes, textOf, utf8 } from '../../../core/bytes.ts';
import { milliseconds } from '../../../core/time.ts';
import type { Program } from '../../../world/app/program.ts';
import type { Attacker } from '../../attack/attacker.ts';
import type { Entry } from '../entry.ts';
import type { LectureNames } from '../names.ts';
import type { Mail } from '../stage.ts';
import { encrypted, MAC_LENGTH, type Wrapping, withMac } from '../wrapping.ts';

const VOTES = 32;

// A -> B: *** @@@     *** = E(encrypt key, vote), and @@@ = MAC(MAC key, vote) instead of MAC(MAC key, ***)
function* a(mail: Mail, votes: readonly string[], { wrap }: Wrapping): Program<void> {
  for (const vote of votes) {
    mail.send('B', wrap(utf8(vote)));
    yield* mail.sleep(milliseconds(10));
  }
}

function* b(mail: Mail, { unwrap }: Wrapping): Program<void> {
  for (;;) {
    const letter = yield* mail.receive();
    if (letter === undefined) return;
    const vote = unwrap(letter.bytes);
    mail.note(vote === undefined ? 'refused' : textOf(vote));
  }
}

const macBeside = ({ E, D, MAC }: LectureNames, key: Uint8Array, macKey: Uint8Array): Wrapping => ({
  wrap: (message) => joinBytes([E(key, message), MAC(macKey, message)]),
  unwrap(bytes) {
    const message = D(key, bytes.slice(0, -MAC_LENGTH));
    return message !== undefined && bytesEqual(MAC(macKey, message), bytes.slice(-MAC_LENGTH)) ? message : undefined;
  },
});

// The first vote is E's own, and was yes. Each MAC that equals it stands beside another yes.
function compareMacs(m: Attacker): void {
  const macs = m.heard.map(({ bytes }) => bytes.slice(-MAC_LENGTH));
  const votes = macs.map((mac) => (bytesEqual(mac, macs[0] ?? mac) ? 'yes' : 'nay'));
  m.knowledge.learn(utf8(votes.join(' ')), 'which MACs are equal');
}

export const macOfThePlaintextBeside: Entry = {
  id: 'mac-of-the-plaintext-beside',
  items: [69],
  rung: 'encrypt and MAC',
  curedBy: 'encrypt then MAC',
  claim: 'Encryption hides the message, and the MAC protects it.',
  position: 'tap',
  budget: {},
  breaks: 'confidential',
  explanation: [
    'E, whose own vote was yes, knows all others by comparing their MACs with that of its own.',
    'A MAC has no nonce and is not made to hide anything: that of a message is always the same.',
    'The nonce of the encryption is for nothing where something beside it depends on the message alone.',
  ],
  cure: 'The MAC is that of the ciphertext, which differs each time: MAC(MAC key, E(encrypt key, message)).',
  perform(stage, variant) {
    const { names } = stage;
    const random = stage.random('votes');
    const votes = Array.from({ length: VOTES }, (_, i) => (i === 0 || random.chance(0.5) ? 'yes' : 'nay'));
    const key = stage.key('encryption');
    const macKey = stage.key('authentication');
    const wrapping =
      variant === 'vulnerable' ? macBeside(names, key, macKey) : withMac(names, macKey, encrypted(names, key));
    stage.b.acts((mail) => b(mail, wrapping));
    stage.a.acts((mail) => a(mail, votes, wrapping));
    return () => {
      compareMacs(stage.m);
      const text = votes.join(' ');
      const path = stage.m.knowledge.pathTo({ name: 'votes', text, bytes: utf8(text) });
      return {
        succeeded: path !== undefined,
        evidence: path === undefined ? 'no two MACs are equal' : `E knows ${VOTES} votes (${path})`,
        honest: stage.b.notes.join(' ') === text,
      };
    };
  },
};
