// A signs a summary of its order. The summary has 12 bits, and M finds another order that has the same.

import { bytesEqual, textOf, utf8 } from '../../../core/bytes.ts';
import type { Program } from '../../../world/app/program.ts';
import type { Attacker } from '../../attack/attacker.ts';
import type { Entry } from '../entry.ts';
import type { KeyPair, LectureNames } from '../names.ts';
import { type Hash, shortHash } from '../short_hash.ts';
import { type Mail, pack, unpack } from '../stage.ts';

const ORDER = 'Pay Carol $100';
const BITS = 12;

// A -> B: order, S(private key, hash(order))
function a(mail: Mail, keys: KeyPair, hash: Hash, { S }: LectureNames): void {
  mail.send('B', pack(ORDER, S(keys.privateKey, hash(utf8(ORDER)))));
}

function* b(mail: Mail, publicKeyOfA: Uint8Array, hash: Hash, { V }: LectureNames): Program<void> {
  const letter = yield* mail.receive();
  const [order, signature] = (letter && unpack(letter.bytes, 2)) ?? [];
  if (order === undefined || signature === undefined) return;
  mail.note(V(publicKeyOfA, hash(order), signature) ? textOf(order) : 'refused');
}

// Given X and M with hash(M) = X: a second message so that hash(second message) = X.
function findSecond(m: Attacker, order: Uint8Array, hash: Hash): Uint8Array | undefined {
  const wanted = hash(order);
  for (let i = 1; m.computes(); i++) {
    const second = utf8(`Pay M $999, order ${i}`);
    if (bytesEqual(hash(second), wanted)) return second;
  }
  return undefined;
}

function exchangeOrder(m: Attacker, hash: Hash): void {
  m.intercepts(({ bytes }) => {
    const [order, signature] = unpack(bytes, 2) ?? [];
    const second = order && findSecond(m, order, hash);
    return second === undefined || signature === undefined ? 'pass' : pack(second, signature);
  });
}

export const secondOrderFound: Entry = {
  id: 'second-order-found',
  items: [114, 115],
  rung: 'signed summary of 12 bits',
  curedBy: 'signed summary',
  claim: 'The signature of a summary is as good as one of the whole order, and shorter.',
  position: 'on-path',
  budget: { computations: 1 << 16 },
  breaks: 'authentic',
  explanation: [
    'M numbers its own order until the hash is that of the order of A, and puts it in front of the signature.',
    'The signature covers the summary alone, and every 4,096th message has this one.',
    'A second message must be out of reach for guessing: each bit of the hash doubles the work.',
  ],
  cure: 'All 256 bits of the hash are signed, and a second order would take about 2^256 tries.',
  perform(stage, variant) {
    const { names, m } = stage;
    const keys = names.signingKeys(stage.random('keys of A'));
    const [hash, bits] = variant === 'vulnerable' ? [shortHash(names, BITS), BITS] : [names.hash, 256];
    stage.b.acts((mail) => b(mail, keys.publicKey, hash, names));
    stage.a.acts((mail) => a(mail, keys, hash, names));
    exchangeOrder(m, hash);
    return () => {
      const [noted = 'nothing'] = stage.b.notes;
      return {
        succeeded: noted.startsWith('Pay M $999'),
        evidence: `B noted "${noted}" after ${m.spent.computations} tries of M, where 2^${bits} are to be expected`,
        honest: noted === ORDER || noted.startsWith('Pay M $999'),
      };
    };
  },
};
