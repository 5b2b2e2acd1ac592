// M writes two contracts with one hash, has A sign the fair one, and shows B the other.

import { textOf, utf8 } from '../../../core/bytes.ts';
import type { Program } from '../../../world/app/program.ts';
import type { Attacker } from '../../attack/attacker.ts';
import type { Entry } from '../entry.ts';
import type { KeyPair, LectureNames } from '../names.ts';
import { type Hash, shortHash } from '../short_hash.ts';
import { type Mail, pack, unpack } from '../stage.ts';

const BITS = 24;
const FAIR = 'A sells its car to M for $9000. Copy';
const UNFAIR = 'A sells its car to M for $9. Copy';

// M -> A: contract
// A -> M: S(private key of A, hash(contract))
function* a(mail: Mail, keys: KeyPair, hash: Hash, { S }: LectureNames): Program<void> {
  for (let letter = yield* mail.receive(); letter !== undefined; letter = yield* mail.receive()) {
    if (letter.text.startsWith(FAIR)) mail.send(letter.from, S(keys.privateKey, hash(letter.bytes)));
  }
}

// M -> B: contract, S(private key of A, hash(contract))
function* b(mail: Mail, publicKeyOfA: Uint8Array, hash: Hash, { V }: LectureNames): Program<void> {
  for (let letter = yield* mail.receive(); letter !== undefined; letter = yield* mail.receive()) {
    const [contract, signature] = unpack(letter.bytes, 2) ?? [];
    if (contract === undefined || signature === undefined) continue;
    mail.note(V(publicKeyOfA, hash(contract), signature) ? textOf(contract) : 'refused');
  }
}

// C is as M seems to be.
function* c(mail: Mail): Program<void> {
  mail.send('A', `${FAIR} of C`);
  const signature = yield* mail.receive();
  if (signature !== undefined) mail.send('B', pack(`${FAIR} of C`, signature.bytes));
}

// Two lists, each as long as the square root of the number of hashes: among so many pairs one is equal.
function findPair(m: Attacker, hash: Hash): readonly [fair: string, unfair: string] {
  const keyOf = (text: string): string => String.fromCharCode(...hash(utf8(text)));
  const seen = { fair: new Map<string, string>(), unfair: new Map<string, string>() };
  for (let i = 1; m.computes(2); i++) {
    const [fair, unfair] = [`${FAIR} ${i}`, `${UNFAIR} ${i}`];
    const [fairHash, unfairHash] = [keyOf(fair), keyOf(unfair)];
    seen.fair.set(fairHash, fair);
    seen.unfair.set(unfairHash, unfair);
    const fairBefore = seen.fair.get(unfairHash);
    if (fairBefore !== undefined) return [fairBefore, unfair];
    const unfairBefore = seen.unfair.get(fairHash);
    if (unfairBefore !== undefined) return [fair, unfairBefore];
  }
  return [FAIR, UNFAIR];
}

function* haveOneSigned(mail: Mail, m: Attacker, hash: Hash): Program<void> {
  const [fair, unfair] = findPair(m, hash);
  m.sends('M', 'A', utf8(fair));
  const signature = yield* mail.receive();
  if (signature !== undefined) m.sends('M', 'B', pack(unfair, signature.bytes));
}

export const twoContractsOneHash: Entry = {
  id: 'two-contracts-one-hash',
  items: [114, 115],
  rung: 'signed summary of 24 bits',
  curedBy: 'signed summary',
  claim: 'To find a contract with the hash of another takes 2^24 tries, and so A may sign what it has read.',
  position: 'same-segment',
  budget: { messages: 2, computations: 32_000 },
  breaks: 'authentic',
  explanation: [
    'M numbers a fair contract and an unfair one until two of them have the same hash, has A sign the one, and shows the other.',
    'Who writes both messages need not find one given hash: a few thousand of each make millions of pairs, as with birthdays.',
    'A hash that others may choose messages for needs twice as many bits: 2^(bits / 2) tries find two that are equal.',
  ],
  cure: 'All 256 bits of the hash are signed, and two equal ones would take about 2^128 tries.',
  perform(stage, variant) {
    const { names, m } = stage;
    const keys = names.signingKeys(stage.random('keys of A'));
    const hash = variant === 'vulnerable' ? shortHash(names, BITS) : names.hash;
    stage.a.acts((mail) => a(mail, keys, hash, names));
    stage.b.acts((mail) => b(mail, keys.publicKey, hash, names));
    stage.c.acts(c);
    stage.mallory.acts((mail) => haveOneSigned(mail, m, hash));
    return () => {
      const noted = stage.b.notes.find((note) => !note.endsWith('of C')) ?? 'nothing';
      return {
        succeeded: noted.startsWith(UNFAIR),
        evidence: `B noted "${noted}" after ${m.spent.computations} hashes of M, where one given hash of 24 bits takes ${1 << BITS}`,
        honest: stage.b.believes(`${FAIR} of C`),
      };
    };
  },
};
