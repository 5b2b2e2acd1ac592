// A message is longer than a signature takes, so A signs it block by block. M leaves one out.

import { textOf, utf8 } from '../../../core/bytes.ts';
import { integerBytes, integerOf } from '../../../secure/crypto/big_integer.ts';
import type { Program } from '../../../world/app/program.ts';
import type { Attacker } from '../../attack/attacker.ts';
import type { Entry } from '../entry.ts';
import { type Mail, pack, unpack } from '../stage.ts';
import { privatePower, publicPower, type ToyKey, type ToyPublicKey, toyRsaKey } from '../toy_rsa.ts';

/** The key has 264 bits: a signature takes 32 bytes, and a SHA-256 just fits. */
const LIMIT = 32;
const BLOCKS = ['Pay Carol $100 today, ', 'if she has brought the key, ', 'and send me the receipt.'] as const;
const SHORTENED = BLOCKS[0] + BLOCKS[2];

function S(key: ToyKey, message: Uint8Array): Uint8Array {
  if (message.length > LIMIT) throw new RangeError(`a signature takes ${LIMIT} bytes, not ${message.length}`);
  return integerBytes(privatePower(key, integerOf(message)), key.length);
}
const V = (key: ToyPublicKey, message: Uint8Array, signature: Uint8Array): boolean =>
  publicPower(key, integerOf(signature)) === integerOf(message);

// A -> B: first block, S(private key, first block), second block, S(private key, second block), ...
function* checksBlocks(mail: Mail, key: ToyPublicKey): Program<void> {
  let text = '';
  for (let letter = yield* mail.receive(); letter !== undefined; letter = yield* mail.receive()) {
    const [block, signature] = unpack(letter.bytes, 2) ?? [];
    if (block === undefined || signature === undefined || !V(key, block, signature)) return mail.note('refused');
    text += textOf(block);
  }
  mail.note(text);
}

// A -> B: first block, second block, ..., S(private key, hash(all))
function* checksSummary(mail: Mail, key: ToyPublicKey, hash: (message: Uint8Array) => Uint8Array): Program<void> {
  let text = '';
  for (let letter = yield* mail.receive(); letter !== undefined; letter = yield* mail.receive()) {
    const [block, signature] = unpack(letter.bytes, 2) ?? [];
    if (block === undefined || signature === undefined) return mail.note('refused');
    text += textOf(block);
    if (signature.length > 0) return mail.note(V(key, hash(utf8(text)), signature) ? text : 'refused');
  }
}

function leaveOut(m: Attacker): void {
  m.intercepts(({ to, bytes }) => {
    const [block] = unpack(bytes, 2) ?? [];
    return to === 'B' && block !== undefined && textOf(block).startsWith('if ') ? 'drop' : 'pass';
  });
}

export const signedBlockLeftOut: Entry = {
  id: 'signed-block-left-out',
  items: [63, 80, 114],
  rung: 'signature block by block',
  curedBy: 'signed summary',
  claim: 'Every word that B gets is signed by A.',
  position: 'on-path',
  budget: {},
  breaks: 'authentic',
  disturbs: true,
  explanation: [
    'M drops the block that says "if she has brought the key", and B pays without asking.',
    'Each signature is good, and none says what comes before and after its block.',
    'A signature has a size limit as encryption has: sign a summary of the whole message, which is short.',
  ],
  cure: 'A signs the hash of the whole message, once.',
  perform(stage, variant) {
    const { hash } = stage.names;
    const key = toyRsaKey(stage.random('key of A'), 8 * (LIMIT + 1));
    const isWhole = variant === 'cured';
    stage.b.acts((mail) => (isWhole ? checksSummary(mail, key, hash) : checksBlocks(mail, key)));
    stage.a.acts((mail) => {
      for (const block of BLOCKS) {
        const whole = block === BLOCKS[BLOCKS.length - 1] ? S(key, hash(utf8(BLOCKS.join('')))) : '';
        mail.send('B', pack(block, isWhole ? whole : S(key, utf8(block))));
      }
    });
    leaveOut(stage.m);
    return () => ({
      succeeded: stage.b.believes(SHORTENED),
      evidence: `A wrote ${utf8(BLOCKS.join('')).length} bytes, where a signature takes ${LIMIT}: B noted "${stage.b.notes.join()}"`,
      honest: stage.b.believes(BLOCKS.join('')),
    });
  },
};
