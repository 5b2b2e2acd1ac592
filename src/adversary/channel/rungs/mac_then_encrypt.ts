// The MAC is inside of the encryption, and the padding around it: B decrypts before it can know who wrote what it
// decrypts. M reads the message off what B says of the padding.

import { joinBytes, textOf, utf8 } from '../../../core/bytes.ts';
import { seconds } from '../../../core/time.ts';
import type { Program } from '../../../world/app/program.ts';
import type { Attacker } from '../../attack/attacker.ts';
import { type Inquiry, inquire } from '../../attack/inquiry.ts';
import { BLOCK_LENGTH, chained } from '../blocks.ts';
import type { Entry } from '../entry.ts';
import type { Mail } from '../stage.ts';
import { type Wrapping, withMac } from '../wrapping.ts';

const LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789-';

interface Layer extends Wrapping {
  /** What B says when it is not as it should be. */
  readonly complaint: string;
}

// A -> B: E(encrypt key, message MAC(MAC key, message) padding)         MAC then encrypt
// A -> B: *** MAC(MAC key, ***), with *** = E(encrypt key, message padding)     encrypt then MAC
function a(mail: Mail, message: Uint8Array, [outer, inner]: readonly [Layer, Layer]): void {
  mail.send('B', outer.wrap(inner.wrap(message)));
}

// B -> A: thank you, or: wrong padding, or: wrong MAC
function* b(mail: Mail, [outer, inner]: readonly [Layer, Layer]): Program<void> {
  for (;;) {
    const letter = yield* mail.receive();
    if (letter === undefined) return;
    const inside = outer.unwrap(letter.bytes);
    const message = inside === undefined ? undefined : inner.unwrap(inside);
    if (message !== undefined) mail.note(textOf(message));
    mail.send('A', message !== undefined ? 'thank you' : inside === undefined ? outer.complaint : inner.complaint);
  }
}

// The last byte of what a block decrypts to is a 1, and so right padding, if in the block before it was XORed with the
// letter that stands there, and with 1. Then the two last are 2 2, and so on to the front.
function* readBlocks(m: Attacker, count: number): Inquiry {
  const ciphertext = m.latest('A', 'B')?.bytes ?? new Uint8Array(0);
  const block = (i: number) => ciphertext.slice(i * BLOCK_LENGTH, (i + 1) * BLOCK_LENGTH);
  const text: Uint8Array[] = [];
  for (let i = 0; i < count; i++) {
    const found = new Uint8Array(BLOCK_LENGTH);
    for (let at = BLOCK_LENGTH - 1; at >= 0; at--) {
      for (const letter of utf8(LETTERS)) {
        found[at] = letter;
        const before = block(i).map((byte, k) => (k < at ? byte : byte ^ (found[k] ?? 0) ^ (BLOCK_LENGTH - at)));
        const answer = textOf(yield joinBytes([before, block(i + 1)]));
        if (answer !== 'wrong padding') break;
      }
    }
    text.push(found);
  }
  m.knowledge.learn(joinBytes(text), "B's answers about the padding");
}

export const macThenEncrypt: Entry = {
  id: 'mac-then-encrypt',
  items: [65, 69],
  rung: 'MAC then encrypt',
  curedBy: 'encrypt then MAC',
  claim: 'The MAC is encrypted too, so that it is protected even better.',
  position: 'on-path',
  budget: { messages: 2000 },
  breaks: 'confidential',
  explanation: [
    'M sends changed blocks to B, learns each time whether what they decrypt to ends in right padding, and so finds letter after letter.',
    'B has to decrypt and to remove the padding before it comes to the MAC, and what it says until then tells of the message.',
    'Nothing may be done with a message, not even decryption, before it is known who wrote it.',
  ],
  cure: 'The MAC is that of the ciphertext: B refuses what was changed before it decrypts anything.',
  perform(stage, variant) {
    const { m } = stage;
    const message = stage.secret('the-combination'); // two blocks
    const blocks = { ...chained(stage.key('encryption'), stage.random('A')), complaint: 'wrong padding' };
    const mac = { ...withMac(stage.names, stage.key('authentication')), complaint: 'wrong MAC' };
    const layers = variant === 'vulnerable' ? ([blocks, mac] as const) : ([mac, blocks] as const);
    stage.b.acts((mail) => b(mail, layers));
    stage.a.acts((mail) => a(mail, message.bytes, layers));
    const inquiry = readBlocks(m, message.bytes.length / BLOCK_LENGTH);
    stage.at(seconds(1), () => inquire(m, { from: 'A', to: 'B' }, { from: 'B', to: 'A' }, inquiry));
    return () => {
      const path = m.knowledge.pathTo(message);
      return {
        succeeded: path !== undefined,
        evidence: `M asked ${m.spent.messages} times and ${path === undefined ? 'learned nothing' : 'has the combination'}`,
        honest: stage.b.believes(message.text),
      };
    };
  },
};
