// A vouches for B to C, and its signature is over B's name alone: M puts its own key beside it.

import type { Entry } from '../entry.ts';
import { a, b, c, introduceOneself, judgeIntroduction, statement } from '../introduction.ts';
import { writer } from '../signed_text.ts';

export const introductionWithoutKey: Entry = {
  id: 'introduction-without-key',
  items: [94, 143],
  rung: 'an introduction that names no key',
  curedBy: 'a signed introduction',
  claim: 'A, whom C trusts, has signed that the one with this key is B.',
  position: 'on-path',
  budget: { messages: 1 },
  breaks: 'bound to the right principals',
  explanation: [
    "M leaves A's signed recommendation of B as it is, and exchanges the key that comes beside it for its own.",
    'What A signed says that B may be trusted, and does not say which key is the key of B.',
    'A certificate must bind a name to a key, with both under the one signature.',
  ],
  cure: 'A signs "B\'s public key is XXX", and C compares that with the key it was given.',
  perform(stage, variant) {
    const { names } = stage;
    const secret = stage.secret('secret');
    const signer = writer(stage, 'A');
    const keysOfB = names.encryptionKeys(stage.random('keys of B'));
    const keysOfM = names.encryptionKeys(stage.random('keys of M'));
    const text = (key: Uint8Array) => (variant === 'vulnerable' ? 'B is my friend, trust B' : statement('B', key));
    stage.b.acts((mail) => b(mail, names, keysOfB));
    stage.c.acts((mail) => c(mail, names, ({ vouching, key }) => signer.verify(vouching) === text(key), secret.bytes));
    stage.a.acts((mail) => a(mail, { vouching: signer.sign(text(keysOfB.publicKey)), key: keysOfB.publicKey }));
    introduceOneself(stage.m, names, keysOfM, ({ vouching }) => ({ vouching, key: keysOfM.publicKey }));
    return () => judgeIntroduction(stage, secret);
  },
};
