// Signed key shares, where the signature covers the share alone. M, whom B knows as one of its customers, signs A's share as
// its own: A believes that it talks to B, which is true, and B believes that it talks to M.

import type { Attacker } from '../../attack/attacker.ts';
import { answersShare, type Covers, LARGE, type Signatures, sendsShare, signatures } from '../diffie_hellman.ts';
import type { Entry } from '../entry.ts';
import { pack, unpack } from '../stage.ts';

const CHEQUE = 'Credit my account with this cheque of $100';

// A -> M(B): A, f(X, Y), signature of A
// M(A) -> B: M, f(X, Y), signature of M
function putOwnName(m: Attacker, { sign }: Signatures): void {
  m.intercepts(({ to, bytes }) => {
    const [, share] = unpack(bytes, 3) ?? [];
    return to === 'B' && share !== undefined ? pack('M', share, sign('M', 'B', share)) : 'pass';
  });
}

export const shareUnderAnotherName: Entry = {
  id: 'share-under-another-name',
  items: [88, 126, 129],
  rung: 'signed key shares',
  curedBy: 'signed key shares that name both',
  claim: 'Whoever signed the share is the one with whom the key is shared.',
  position: 'on-path',
  budget: {},
  breaks: 'bound to the right principals',
  disturbs: true,
  explanation: [
    'M takes the signature of A off the share, puts its own on it, and B credits the cheque that A sends to M.',
    'M cannot read a word, but a signature of the share alone can be exchanged for another, and the answer of B says nowhere whom it is for.',
    'A key must be tied to both names and to all that was said: TLS does it with MAC(key, Hash(everything so far)).',
  ],
  cure: 'Each signs who it is, whom it answers and both shares, so that A sees that B has answered M.',
  perform(stage, variant) {
    const { names } = stage;
    const pairs = new Map(['A', 'B', 'M'].map((name) => [name, names.signingKeys(stage.random(`keys of ${name}`))]));
    const covers: Covers =
      variant === 'vulnerable'
        ? (_from, _to, [own]) => own ?? new Uint8Array(0)
        : (from, to, shares) => pack(from, to, ...shares);
    const exchange = { group: LARGE, names, signatures: signatures(names, pairs, covers) };
    stage.b.acts((mail) => answersShare(mail, exchange));
    stage.a.acts((mail) => sendsShare(mail, CHEQUE, exchange));
    const ofM = new Map([...pairs].filter(([name]) => name === 'M'));
    putOwnName(stage.m, signatures(names, ofM, covers));
    return () => ({
      succeeded: stage.b.believes(`M: ${CHEQUE}`),
      evidence: stage.a.believes('refused') ? 'A refused: what B signed is for M' : `B noted "${stage.b.notes.join()}"`,
      honest: stage.b.believes(`A: ${CHEQUE}`),
    });
  },
};
