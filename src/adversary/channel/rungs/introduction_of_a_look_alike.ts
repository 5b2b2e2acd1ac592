// A vouches for whoever comes, under the name that they have; M comes as one whose name looks like another's.

import type { Entry } from '../entry.ts';
import { a, b, c, introduceOneself, judgeIntroduction, statement } from '../introduction.ts';
import { writer } from '../signed_text.ts';

const BANK = 'bank.example';
const LOOK_ALIKE = 'b\u0430nk.example'; // with the Cyrillic letter for a

/** How a reader's eye takes a name. */
const seen = (text: string): string => text.replaceAll('\u0430', 'a').toLowerCase();
const exact = (text: string): string => text;

export const introductionOfALookAlike: Entry = {
  id: 'introduction-of-a-look-alike',
  items: [94, 108],
  rung: 'a signed introduction, read by eye',
  curedBy: 'a signed introduction',
  claim: 'A has signed that this is the key of bank.example.',
  position: 'on-path',
  budget: { messages: 1 },
  breaks: 'bound to the right principals',
  explanation: [
    'A has truly vouched for the key of M under the name of M, which C reads as the name of the bank.',
    'Nothing is forged: two names that differ by a letter look the same to C, who compares them by eye.',
    'An introduction is worth no more than the comparison of the name in it with the name that was wanted.',
  ],
  cure: 'C compares each byte of the name with the one that it wanted.',
  perform(stage, variant) {
    const { names } = stage;
    const secret = stage.secret('secret');
    const signer = writer(stage, 'A');
    const keysOfB = names.encryptionKeys(stage.random('keys of B'));
    const keysOfM = names.encryptionKeys(stage.random('keys of M'));
    const reads = variant === 'vulnerable' ? seen : exact;
    // In advance A vouched for M, as A does for everybody: the name is M's own.
    const vouchedForM = signer.sign(statement(LOOK_ALIKE, keysOfM.publicKey));
    stage.b.acts((mail) => b(mail, names, keysOfB));
    stage.c.acts((mail) =>
      c(
        mail,
        names,
        ({ vouching, key }) => reads(signer.verify(vouching) ?? '') === statement(BANK, key),
        secret.bytes,
      ),
    );
    stage.a.acts((mail) =>
      a(mail, { vouching: signer.sign(statement(BANK, keysOfB.publicKey)), key: keysOfB.publicKey }),
    );
    introduceOneself(stage.m, names, keysOfM, () => ({ vouching: vouchedForM, key: keysOfM.publicKey }));
    return () => judgeIntroduction(stage, secret);
  },
};
