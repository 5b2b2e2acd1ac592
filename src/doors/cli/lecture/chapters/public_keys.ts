// How many keys it takes, key pairs, and signatures.

import { attacked } from '../attacked.ts';
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
          prints: [/^a secret for each pair +2000 +20 +100 +0$/m, /^a key pair for each website +20 +0 +1 +20$/m],
        },
        {
          command: ['keys', '--sites', '20', '--browsers', '1000'],
          prints: [/^a secret for each pair +20000 +20 +1000 +0$/m, /^a key pair for each website +20 +0 +1 +20$/m],
        },
      ],
    },
    {
      item: 72,
      title: 'Where does the first key come from?',
      text: 'From somewhere secure; but to be heard by all is enough, if it needs not be secret, and a few who are known to all may help.',
      ...attacked('first-contact-taken'),
    },
    {
      item: 73,
      title: 'Key pairs',
      text: 'A public key encrypts, and only the private one decrypts.',
      ...attacked('guess-confirmed', 'public-key-swapped'),
    },
    {
      item: 74,
      title: 'From private to public',
      text: 'The one way is easy and the other hard.',
      ...attacked('small-modulus-factored'),
    },
    {
      item: 75,
      title: 'Easier than trying every key',
      text: 'A small modulus can be factored; compare with the time to try all keys.',
      ...attacked('small-modulus-factored'),
    },
    {
      item: 76,
      title: 'Reactions leak',
      text: 'A server that says in which way a decryption failed can be asked until it has decrypted everything.',
      ...attacked('answers-that-decrypt'),
    },
    {
      item: 77,
      title: 'Asymmetric and symmetric, compared',
      text: 'Asymmetric: a key pair for each who receives, and who can encrypt cannot decrypt. Symmetric: a key for each pair, and who can encrypt can decrypt. How long and how fast is measured.',
      lookAt: 'the columns "key", "adds" and "largest message", and the speeds; then the keys that there are.',
      shows: [
        {
          command: ['speed', '--only', 'AES-128', '--only', 'RSA-2048'],
          prints: [
            /^ {2}AES-128-GCM seal, 16,384 B .* MB\/s +16 B +16 B$/m,
            /^ {2}RSA-2048 OAEP decrypt .* MB\/s +256 B +66 B +190 B$/m,
          ],
        },
        {
          command: ['keys', '--sites', '20', '--browsers', '100'],
          prints: [/^a secret for each pair +2000 +20 +100 +0$/m, /^a key pair for each website +20 +0 +1 +20$/m],
        },
      ],
    },
    {
      item: 78,
      title: 'Public keys in use',
      text: 'It must be known whose key it is: who stands in the middle hands over his own.',
      ...attacked('public-key-swapped', 'first-contact-taken'),
    },
    {
      item: 79,
      title: 'Signatures',
      text: 'Made with the private key, verified with the public one.',
      ...attacked('repair-man-replayed', 'shown-to-a-third'),
    },
    {
      item: 80,
      title: 'Signatures in use',
      text: 'The text that is verified is the text that was signed.',
      ...attacked('signed-block-left-out'),
    },
    {
      item: 81,
      title: 'Many ways to do it badly',
      text: 'Good parts do not make a good protocol.',
      lookAt: 'how many there are.',
      shows: [{ command: ['attack', 'list'], prints: [/(?:.*\n){46}/] }],
    },
    {
      item: 82,
      title: 'Proofs',
      text: 'A program that tries everything the attacker may do finds the attacks of the earlier rungs by itself.',
      lookAt: 'the attack that the search finds by itself, and "none within 5 messages" where it is mended.',
      shows: [
        {
          command: ['explore'],
          prints: [/without the cure: .*with \d+ messages from M/, /with the cure: none within 5 messages/],
        },
      ],
    },
  ],
};
