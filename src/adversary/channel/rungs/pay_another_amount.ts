// A orders a payment under encryption alone. M, who knows what A writes, changes the amount without reading it.

import { bytesEqual, textOf, utf8 } from '../../../core/bytes.ts';
import type { Program } from '../../../world/app/program.ts';
import type { Attacker } from '../../attack/attacker.ts';
import { rewrite, to } from '../../attack/building_blocks.ts';
import type { Entry } from '../entry.ts';
import { E_NONCE_LENGTH } from '../names.ts';
import { type Mail, pack, unpack } from '../stage.ts';

const ORDER = 'Pay Carol $100 today';
const FORGED = 'Pay Carol $999 today';

// A -> B: seal("Pay Carol $100 today")
function a(mail: Mail, seal: (order: Uint8Array) => Uint8Array): void {
  mail.send('B', seal(utf8(ORDER)));
}

function* b(mail: Mail, open: (bytes: Uint8Array) => Uint8Array | undefined): Program<void> {
  const letter = yield* mail.receive();
  const order = letter === undefined ? undefined : open(letter.bytes);
  mail.note(order === undefined ? 'refused' : textOf(order));
}

// E is an XOR with a key stream: (order XOR stream) XOR (order XOR forged) = forged XOR stream.
function flipBits(m: Attacker, at: number): void {
  const order = utf8(ORDER);
  const forged = utf8(FORGED);
  const flip = (bytes: Uint8Array): Uint8Array => {
    const changed = bytes.slice();
    for (let i = 0; i < order.length; i++) {
      changed[at + i] = (changed[at + i] ?? 0) ^ (order[i] ?? 0) ^ (forged[i] ?? 0);
    }
    return changed;
  };
  m.intercepts(rewrite(to('B'), flip));
}

export const payAnotherAmount: Entry = {
  id: 'pay-another-amount',
  items: [61, 62, 64, 143],
  rung: 'encryption alone',
  curedBy: 'encrypt then MAC',
  claim: 'What B decrypts is what A wrote, since nobody else has the key.',
  position: 'on-path',
  budget: {},
  breaks: 'authentic',
  disturbs: true,
  explanation: [
    'M flips the bits in which $100 and $999 differ, and B decrypts an order for $999.',
    'Each bit of this ciphertext stands for one bit of the message, and decryption accepts whatever it is given.',
    'Encryption hides a message; it does not protect it from being changed.',
  ],
  cure: 'A sends MAC(second key, ciphertext) beside it, and B decrypts only what has the right one.',
  perform(stage, variant) {
    const { E, D, MAC } = stage.names;
    const key = stage.key('encryption');
    const macKey = stage.key('authentication');
    if (variant === 'vulnerable') {
      stage.b.acts((mail) => b(mail, (bytes) => D(key, bytes)));
      stage.a.acts((mail) => a(mail, (order) => E(key, order)));
      flipBits(stage.m, E_NONCE_LENGTH);
    } else {
      const seal = (order: Uint8Array): Uint8Array => {
        const ciphertext = E(key, order);
        return pack(ciphertext, MAC(macKey, ciphertext));
      };
      const open = (bytes: Uint8Array): Uint8Array | undefined => {
        const [ciphertext, mac] = unpack(bytes, 2) ?? [];
        if (ciphertext === undefined || mac === undefined) return undefined;
        return bytesEqual(MAC(macKey, ciphertext), mac) ? D(key, ciphertext) : undefined;
      };
      stage.b.acts((mail) => b(mail, open));
      stage.a.acts((mail) => a(mail, seal));
      flipBits(stage.m, 2 + E_NONCE_LENGTH); // behind the length of the first field
    }
    return () => ({
      succeeded: stage.b.believes(FORGED),
      evidence: `B's order reads "${stage.b.notes.join()}"`,
      honest: stage.b.believes(ORDER),
    });
  },
};
