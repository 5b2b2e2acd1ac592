// A checksum finds accidents. M, who changes a message on purpose, works it out anew.

import { bytesEqual, joinBytes, textOf, utf8, viewOf } from '../../../core/bytes.ts';
import { sumBytes } from '../../../wire/checksum.ts';
import type { Program } from '../../../world/app/program.ts';
import type { Attacker } from '../../attack/attacker.ts';
import type { Entry } from '../entry.ts';
import type { Mail } from '../stage.ts';
import { MAC_LENGTH, type Wrapping, withMac } from '../wrapping.ts';

const ORDER = 'Please pay $100 to M.';
const FORGED = 'Please pay $999 to M.';
const CHECKSUM_LENGTH = 2;

// The sum that IP, UDP and TCP have. It needs no key.
function checksum(message: Uint8Array): Uint8Array {
  const sum = sumBytes(viewOf(message), 0, message.length);
  return Uint8Array.of(sum >> 8, sum & 0xff);
}

const withChecksum: Wrapping = {
  wrap: (message) => joinBytes([message, checksum(message)]),
  unwrap(bytes) {
    const message = bytes.slice(0, -CHECKSUM_LENGTH);
    return bytesEqual(checksum(message), bytes.slice(-CHECKSUM_LENGTH)) ? message : undefined;
  },
};

// A -> B: Please pay $100 to M. @@@
function a(mail: Mail, { wrap }: Wrapping): void {
  mail.send('B', wrap(utf8(ORDER)));
}

// B rejects if it doesn't match @@@
function* b(mail: Mail, { unwrap }: Wrapping): Program<void> {
  for (;;) {
    const letter = yield* mail.receive();
    if (letter === undefined) return;
    const order = unwrap(letter.bytes);
    mail.note(order === undefined ? 'refused' : textOf(order));
  }
}

// First an accident, one bit of the message: then what was meant to happen, and then M's own message.
function forge(m: Attacker): void {
  m.intercepts(({ to, bytes }) => {
    if (to !== 'B') return 'pass';
    const accident = bytes.slice();
    accident[0] = (accident[0] ?? 0) ^ 1;
    return [accident, bytes, withChecksum.wrap(utf8(FORGED))];
  });
}

export const checksumInsteadOfMac: Entry = {
  id: 'checksum-instead-of-mac',
  items: [67],
  rung: 'checksum',
  curedBy: 'MAC alone',
  claim: 'A message whose checksum is right was not changed.',
  position: 'on-path',
  budget: { messages: 2 },
  breaks: 'authentic',
  explanation: [
    'M writes a message of its own and the checksum of it, and B finds everything right.',
    'A checksum is worked out from the message alone, so that whoever can write the message can write the checksum.',
    'A checksum is short and quick and protects against accidents; only something that takes a key protects against an attacker.',
  ],
  cure: 'MAC(key, message) stands in its place: M cannot work it out without the key.',
  perform(stage, variant) {
    const isCured = variant === 'cured';
    const wrapping = isCured ? withMac(stage.names, stage.key('authentication')) : withChecksum;
    stage.b.acts((mail) => b(mail, wrapping));
    stage.a.acts((mail) => a(mail, wrapping));
    forge(stage.m);
    return () => ({
      succeeded: stage.b.believes(FORGED),
      evidence: `with ${isCured ? `a MAC of ${MAC_LENGTH}` : `a checksum of ${CHECKSUM_LENGTH}`} bytes B has seen, after an accident: ${stage.b.notes.join(', ')}`,
      honest: stage.b.believes(ORDER) && (stage.m.isIdle || stage.b.notes[0] === 'refused'),
    });
  },
};
