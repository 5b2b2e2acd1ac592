// C does not know A, and takes the key that shall verify A's statement from the statement itself.

import { hexOf, textOf, utf8 } from '../../../core/bytes.ts';
import type { Entry } from '../entry.ts';
import { a, b, c, type Introduction, introduceOneself, judgeIntroduction, statement } from '../introduction.ts';
import type { KeyPair, LectureNames } from '../names.ts';
import { pack, unpack } from '../stage.ts';

// The statement, the signature, and the key that made it.
function vouch({ S }: LectureNames, signer: KeyPair, key: Uint8Array): Introduction {
  const text = utf8(statement('B', key));
  return { vouching: pack(text, S(signer.privateKey, text), signer.publicKey), key };
}

function isVouchedFor({ V }: LectureNames, { vouching, key }: Introduction, trusted?: Uint8Array): boolean {
  const [text, signature, signer] = unpack(vouching, 3) ?? [];
  if (text === undefined || signature === undefined || signer === undefined) return false;
  if (trusted !== undefined && hexOf(signer) !== hexOf(trusted)) return false;
  return V(signer, text, signature) && textOf(text) === statement('B', key);
}

export const introductionByAStranger: Entry = {
  id: 'introduction-by-a-stranger',
  items: [94],
  rung: 'an introduction by anybody',
  curedBy: 'a signed introduction',
  claim: "The statement about B's key is signed, and C verifies the signature.",
  position: 'on-path',
  budget: { messages: 1 },
  breaks: 'bound to the right principals',
  explanation: [
    'M signs "B\'s public key is XXX" with a key that it has just made, and C finds the signature good.',
    'C takes the key for verifying from the message itself, so that the signature proves only that its writer has a key.',
    'If C does not trust A beforehand, it cannot trust what A vouches for either.',
  ],
  cure: "C has A's public key from before, and accepts statements of no other.",
  perform(stage, variant) {
    const { names } = stage;
    const secret = stage.secret('secret');
    const signer = names.signingKeys(stage.random('signing keys of A'));
    const keysOfB = names.encryptionKeys(stage.random('keys of B'));
    const keysOfM = names.encryptionKeys(stage.random('keys of M'));
    const signerM = names.signingKeys(stage.random('signing keys of M'));
    const trusted = variant === 'vulnerable' ? undefined : signer.publicKey;
    stage.b.acts((mail) => b(mail, names, keysOfB));
    stage.c.acts((mail) => c(mail, names, (heard) => isVouchedFor(names, heard, trusted), secret.bytes));
    stage.a.acts((mail) => a(mail, vouch(names, signer, keysOfB.publicKey)));
    introduceOneself(stage.m, names, keysOfM, () => vouch(names, signerM, keysOfM.publicKey));
    return () => judgeIntroduction(stage, secret);
  },
};
