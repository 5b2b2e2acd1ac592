// How many keys it takes, key pairs, and signatures.

import type { Chapter } from '../entry.ts';

export const publicKeys: Chapter = {
  title: 'Public keys and signatures',
  entries: [
    {
      item: 71,
      title: 'Shared secrets do not scale',
      text: 'If each browser shares a secret with each website, there are as many secrets as pairs; with key pairs as many as websites.',
      lookAt: 'how the two counts grow when there are ten times as many browsers.',
      shows: [
        {
          command: ['keys', '--sites', '20', '--browsers', '100'],
          prints: [/^a secret for each pair +2000 +20 +100$/m, /^a key pair for each website +20 +0 +1$/m],
        },
        {
          command: ['keys', '--sites', '20', '--browsers', '1000'],
          prints: [/^a secret for each pair +20000 +20 +1000$/m, /^a key pair for each website +20 +0 +1$/m],
        },
      ],
    },
    {
      item: 72,
      title: 'Where does the first key come from?',
      text: 'From somewhere secure; but to be heard by all is enough, if it needs not be secret, and a few who are known to all may help.',
      waitsFor: 'the channels that are built by hand, and attacks on them',
    },
    {
      item: 73,
      title: 'Key pairs',
      text: 'A public key encrypts, and only the private one decrypts.',
      waitsFor: 'cryptography',
    },
    {
      item: 74,
      title: 'From private to public',
      text: 'The one way is easy and the other hard.',
      waitsFor: 'cryptography',
    },
    {
      item: 75,
      title: 'Easier than trying every key',
      text: 'A small modulus can be factored; compare with the time to try all keys.',
      waitsFor: 'cryptography',
    },
    {
      item: 76,
      title: 'Reactions leak',
      text: 'A server that says in which way a decryption failed can be asked until it has decrypted everything.',
      waitsFor: 'cryptography',
    },
    {
      item: 77,
      title: 'Asymmetric and symmetric, compared',
      text: 'Which keys, how long, how fast: measured.',
      waitsFor: 'cryptography',
    },
    {
      item: 78,
      title: 'Public keys in use',
      text: 'It must be known whose key it is: who stands in the middle hands over his own.',
      waitsFor: 'the channels that are built by hand, and attacks on them',
    },
    {
      item: 79,
      title: 'Signatures',
      text: 'Made with the private key, verified with the public one.',
      waitsFor: 'cryptography',
    },
    {
      item: 80,
      title: 'Signatures in use',
      text: 'The text that is verified is the text that was signed.',
      waitsFor: 'the channels that are built by hand, and attacks on them',
    },
    {
      item: 81,
      title: 'Many ways to do it badly',
      text: 'Good parts do not make a good protocol.',
      waitsFor: 'the channels that are built by hand, and attacks on them',
    },
    {
      item: 82,
      title: 'Proofs',
      text: 'A program that tries everything the attacker may do finds the attacks of the earlier rungs by itself.',
      waitsFor: 'the channels that are built by hand, and attacks on them',
    },
  ],
};
