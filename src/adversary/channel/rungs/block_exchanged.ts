// A message is longer than public-key encryption takes, so A encrypts it block by block. M keeps one block and puts its own
// in the place of the other.

import { bytesEqual, joinBytes, textOf, utf8 } from '../../../core/bytes.ts';
import type { Random } from '../../../core/random.ts';
import type { Program } from '../../../world/app/program.ts';
import type { Attacker } from '../../attack/attacker.ts';
import type { Entry } from '../entry.ts';
import type { LectureNames } from '../names.ts';
import type { Mail } from '../stage.ts';
import { decryptPadded, encryptPadded, PADDING, type ToyKey, type ToyPublicKey, toyRsaKey } from '../toy_rsa.ts';

const ORDER = 'Pay Carol $100 today.';
const FORGED = 'Pay M now the $999!!!';

// A -> B: PE(public key, first block) PE(public key, second block) ...
function byBlocks(key: ToyPublicKey, message: Uint8Array, random: Random): Uint8Array {
  const size = key.length - PADDING;
  const blocks = Array.from({ length: Math.ceil(message.length / size) }, (_, i) =>
    message.slice(i * size, (i + 1) * size),
  );
  return joinBytes(blocks.map((block) => encryptPadded(key, block, random) ?? new Uint8Array(0)));
}

function fromBlocks(key: ToyKey, bytes: Uint8Array): Uint8Array | undefined {
  const blocks: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += key.length) {
    const block = decryptPadded(key, bytes.slice(at, at + key.length));
    if (block === undefined) return undefined;
    blocks.push(block);
  }
  return joinBytes(blocks);
}

// A -> B: PE(public key, K) E(K1, message) MAC(K2, all of this), K1 and K2 made from K
const MAC_LENGTH = 32;
const madeFrom = (K: Uint8Array, what: string, { hash }: LectureNames): Uint8Array => hash(joinBytes([utf8(what), K]));

function hybrid(key: ToyPublicKey, message: Uint8Array, random: Random, names: LectureNames): Uint8Array {
  const K = new Uint8Array(16);
  random.fill(K);
  const wrapped = encryptPadded(key, K, random) ?? new Uint8Array(0);
  const all = joinBytes([wrapped, names.E(madeFrom(K, 'encrypt', names), message)]);
  return joinBytes([all, names.MAC(madeFrom(K, 'MAC', names), all)]);
}

function fromHybrid(key: ToyKey, bytes: Uint8Array, names: LectureNames): Uint8Array | undefined {
  const all = bytes.slice(0, -MAC_LENGTH);
  const K = decryptPadded(key, all.slice(0, key.length));
  if (K === undefined || !bytesEqual(names.MAC(madeFrom(K, 'MAC', names), all), bytes.slice(-MAC_LENGTH)))
    return undefined;
  return names.D(madeFrom(K, 'encrypt', names), all.slice(key.length));
}

// What has the code in front is from A, who alone has it beside B.
function* b(mail: Mail, code: string, decrypt: (bytes: Uint8Array) => Uint8Array | undefined): Program<void> {
  const letter = yield* mail.receive();
  const text = textOf((letter && decrypt(letter.bytes)) ?? new Uint8Array(0));
  mail.note(text.startsWith(code) ? text.slice(code.length) : 'refused');
}

// The first block stays, though M cannot read it. The second is encrypted by M, as anybody can.
function exchangeBlock(m: Attacker, key: ToyPublicKey, random: Random): void {
  m.intercepts(({ to, bytes }) => {
    if (to !== 'B') return 'pass';
    const own = encryptPadded(key, utf8(FORGED), random) ?? new Uint8Array(0);
    return joinBytes([bytes.slice(0, key.length), own, bytes.slice(2 * key.length)]);
  });
}

export const blockExchanged: Entry = {
  id: 'block-exchanged',
  items: [77, 114],
  rung: 'public-key encryption block by block',
  curedBy: 'hybrid encryption',
  claim: 'Nobody can put an order behind the code that A and B share, since it is encrypted with it.',
  position: 'on-path',
  budget: {},
  breaks: 'authentic',
  disturbs: true,
  explanation: [
    'M leaves the block with the code as it is, and encrypts an order of its own to B in the place of the next block.',
    'Public-key encryption takes only what is shorter than the key, and blocks that are encrypted one by one do not hold together.',
    'Encrypt a key to B, and with that the message, at any length and as one piece; it is faster, too.',
  ],
  cure: 'A encrypts a fresh key to B, and the message under that key with a MAC over everything.',
  perform(stage, variant) {
    const { names, m } = stage;
    const code = stage.secret('code');
    const key = toyRsaKey(stage.random('key of B'), 256);
    const message = utf8(code.text + ORDER);
    const isWhole = variant === 'cured';
    stage.b.acts((mail) =>
      b(mail, code.text, (bytes) => (isWhole ? fromHybrid(key, bytes, names) : fromBlocks(key, bytes))),
    );
    stage.a.acts((mail) =>
      mail.send('B', isWhole ? hybrid(key, message, mail.random, names) : byBlocks(key, message, mail.random)),
    );
    exchangeBlock(m, key, stage.random('M'));
    return () => ({
      succeeded: stage.b.believes(FORGED) && !m.knowledge.knows(code),
      evidence: `${message.length} bytes, where ${key.length - PADDING} fit into one encryption: B noted "${stage.b.notes.join()}"`,
      honest: stage.b.believes(ORDER),
    });
  },
};
