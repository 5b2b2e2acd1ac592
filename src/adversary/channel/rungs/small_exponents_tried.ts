// Diffie-Hellman with numbers that are worked out by hand. E inverts f by trying every exponent.

import { integerOf } from '../../../secure/crypto/big_integer.ts';
import type { Attacker } from '../../attack/attacker.ts';
import { answersShare, f, type Group, keyOf, LARGE, SMALL, sendsShare, UNSIGNED } from '../diffie_hellman.ts';
import type { Entry } from '../entry.ts';
import type { LectureNames } from '../names.ts';
import { unpack } from '../stage.ts';

// Which Y gives f(X, Y)? Then f(f(X, Z), Y) is no secret any more.
function invert(m: Attacker, group: Group, names: LectureNames): bigint | undefined {
  const shareOf = (from: string, to: string): bigint => {
    const [, share] =
      unpack(m.heard.find((one) => one.from === from && one.to === to)?.bytes ?? new Uint8Array(0), 3) ?? [];
    return integerOf(share ?? new Uint8Array(0));
  };
  const ofA = shareOf('A', 'B');
  for (let Y = 1n, share = group.X; m.computes(); Y++, share = (share * group.X) % group.prime) {
    if (share !== ofA) continue;
    const key = keyOf(f(shareOf('B', 'A'), Y, group), group, names);
    m.knowledge.learnToDecode({
      name: `decrypted with Y = ${Y}`,
      decode: (bytes) => [names.D(key, bytes)].flatMap((message) => message ?? []),
    });
    return Y;
  }
  return undefined;
}

export const smallExponentsTried: Entry = {
  id: 'small-exponents-tried',
  items: [126, 127],
  rung: 'Diffie-Hellman with small numbers',
  curedBy: 'Diffie-Hellman',
  claim: 'A and B agree on a secret although E hears every message.',
  position: 'tap',
  budget: { computations: 2000 },
  breaks: 'confidential',
  explanation: [
    'E hears both key shares, tries exponents until one gives the share of A, and computes the key as A does.',
    'Modulo 23 there are 22 exponents, and a function that can be tried out is not hard to invert.',
    'The slide asks for more than f(f(X, Y), Z) = f(f(X, Z), Y): f must be hard to invert, and that is a matter of size.',
  ],
  cure: 'The same f modulo a prime of 2,048 bits, where 2^256 exponents would have to be tried, and the best mathematics known takes about 2^112 steps.',
  perform(stage, variant) {
    const formula = stage.secret('formula');
    const group = variant === 'vulnerable' ? SMALL : LARGE;
    const exchange = { group, names: stage.names, signatures: UNSIGNED };
    stage.b.acts((mail) => answersShare(mail, exchange));
    stage.a.acts((mail) => sendsShare(mail, formula.text, exchange));
    return () => {
      const found = invert(stage.m, group, stage.names);
      const path = stage.m.knowledge.pathTo(formula);
      const { computations } = stage.m.spent;
      return {
        succeeded: path !== undefined,
        evidence:
          found === undefined
            ? `none of ${computations} exponents gave the share`
            : `exponent ${found} after ${computations} tries: E has the formula (${path})`,
        honest: stage.b.believes(`A: ${formula.text}`),
      };
    };
  },
};
