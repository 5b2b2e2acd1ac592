// Diffie-Hellman in numbers that nobody inverts. M does not invert: it agrees on one key with A and on another with B.

import type { Random } from '../../../core/random.ts';
import { integerOf } from '../../../secure/crypto/big_integer.ts';
import type { Attacker } from '../../attack/attacker.ts';
import {
  answersShare,
  f,
  type Group,
  keyOf,
  LARGE,
  randomExponent,
  sendsShare,
  shareBytes,
  signatures,
  UNSIGNED,
} from '../diffie_hellman.ts';
import type { Entry } from '../entry.ts';
import type { LectureNames } from '../names.ts';
import { pack, unpack } from '../stage.ts';

// A -> M(B): f(X, Y)      M(A) -> B: f(X, W)
// B -> M(A): f(X, Z)      M(B) -> A: f(X, W)
// A and M have f(f(X, Y), W); M and B have f(f(X, Z), W).
function standBetween(m: Attacker, random: Random, group: Group, names: LectureNames): void {
  const W = randomExponent(random, group);
  const own = shareBytes(f(group.X, W, group), group);
  const keys = new Map<string, Uint8Array>();
  m.intercepts(({ from, to, bytes }) => {
    const [name, share, signature] = unpack(bytes, 3) ?? [];
    if (name !== undefined && share !== undefined && signature !== undefined) {
      keys.set(from, keyOf(f(integerOf(share), W, group), group, names));
      return pack(name, own, signature);
    }
    const [theirs, others] = [keys.get(from), keys.get(to)];
    const message = theirs === undefined ? undefined : names.D(theirs, bytes);
    if (message === undefined || others === undefined) return 'pass';
    m.knowledge.learn(message, `decrypted with the key that ${from} shares with M`);
    return names.E(others, message);
  });
}

export const betweenTwoExchanges: Entry = {
  id: 'between-two-exchanges',
  items: [126, 127],
  rung: 'Diffie-Hellman',
  curedBy: 'signed key shares',
  claim: 'Only the two who exchanged key shares can compute the key.',
  position: 'on-path',
  budget: {},
  breaks: 'confidential',
  disturbs: true,
  explanation: [
    'M answers A in the name of B and B in the name of A, and passes on what it reads, encrypted anew.',
    'The claim is true, and each of the two has exchanged key shares with M.',
    'Key agreement says that there is a secret; it does not say with whom.',
  ],
  cure: 'Each signs its share with a key that the other knows, and M has no signature for a share of its own.',
  perform(stage, variant) {
    const { names } = stage;
    const formula = stage.secret('formula');
    const pairs = new Map(['A', 'B'].map((name) => [name, names.signingKeys(stage.random(`keys of ${name}`))]));
    const signed = signatures(names, pairs, (_from, _to, [own]) => own ?? new Uint8Array(0));
    const exchange = { group: LARGE, names, signatures: variant === 'vulnerable' ? UNSIGNED : signed };
    stage.b.acts((mail) => answersShare(mail, exchange));
    stage.a.acts((mail) => sendsShare(mail, formula.text, exchange));
    standBetween(stage.m, stage.random('M'), LARGE, names);
    return () => {
      const path = stage.m.knowledge.pathTo(formula);
      const served = stage.b.believes(`A: ${formula.text}`);
      return {
        succeeded: path !== undefined,
        evidence:
          path === undefined
            ? `the share of M has no signature: ${stage.b.believes('refused') ? 'B refused it' : 'nobody took it'}`
            : `M has the formula (${path}), and B ${served ? 'has it too' : 'has nothing'}`,
        honest: served,
      };
    };
  },
};
