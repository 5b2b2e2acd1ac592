// A orders a payment on a condition, under encryption alone. M cuts the condition off without reading it.

import { joinBytes, textOf, utf8 } from '../../../core/bytes.ts';
import type { Program } from '../../../world/app/program.ts';
import type { Attacker } from '../../attack/attacker.ts';
import { rewrite, to } from '../../attack/building_blocks.ts';
import type { Entry } from '../entry.ts';
import { E_NONCE_LENGTH } from '../names.ts';
import type { Mail } from '../stage.ts';
import { encrypted, MAC_LENGTH, type Wrapping, withMac } from '../wrapping.ts';

const KEPT = 'Pay $100 to ABC Corp';
const ORDER = `${KEPT} if they have delivered by Friday`;

// A -> B: E(key, "Pay $100 to ABC Corp if they ...")
function a(mail: Mail, { wrap }: Wrapping): void {
  mail.send('B', wrap(utf8(ORDER)));
}

function* b(mail: Mail, { unwrap }: Wrapping): Program<void> {
  const letter = yield* mail.receive();
  const order = letter === undefined ? undefined : unwrap(letter.bytes);
  mail.note(order === undefined ? 'refused' : textOf(order));
}

// Byte i of the ciphertext is byte i of the message: what is left of it decrypts as before. What stands behind the
// ciphertext is kept.
function cut(m: Attacker, behind: number): void {
  const cut = (bytes: Uint8Array): Uint8Array =>
    joinBytes([bytes.slice(0, E_NONCE_LENGTH + KEPT.length), bytes.slice(bytes.length - behind)]);
  m.intercepts(rewrite(to('B'), cut));
}

export const orderCutShort: Entry = {
  id: 'order-cut-short',
  items: [61, 63],
  rung: 'encryption alone',
  curedBy: 'encrypt then MAC',
  claim: 'What makes sense when decrypted is what A wrote.',
  position: 'on-path',
  budget: {},
  breaks: 'authentic',
  disturbs: true,
  explanation: [
    'M drops the end of the ciphertext, and B decrypts an order without its condition.',
    'Encryption by XOR decrypts the beginning of a message without its end, and nothing says how long it was.',
    'That a message makes sense does not show that it is whole.',
  ],
  cure: 'The MAC covers the whole ciphertext, so that a shorter one is refused.',
  perform(stage, variant) {
    const alone = encrypted(stage.names, stage.key('encryption'));
    const isCured = variant === 'cured';
    const wrapping = isCured ? withMac(stage.names, stage.key('authentication'), alone) : alone;
    stage.b.acts((mail) => b(mail, wrapping));
    stage.a.acts((mail) => a(mail, wrapping));
    cut(stage.m, isCured ? MAC_LENGTH : 0);
    return () => ({
      succeeded: stage.b.believes(KEPT),
      evidence: `B's order reads "${stage.b.notes.join()}"`,
      honest: stage.b.believes(ORDER),
    });
  },
};
