// How two who share nothing come to share a secret in public.

import { attacked } from '../attacked.ts';
import type { Chapter } from '../entry.ts';

export const keyAgreement: Chapter = {
  title: 'Key agreement',
  entries: [
    {
      item: 125,
      title: 'Two ideas',
      text: 'Either one sends a key to the other, encrypted for him; or for a key pair that is made for this talk alone.',
      ...attacked('yesterday-opened'),
    },
    {
      item: 126,
      title: 'Key shares',
      text: 'Each sends what follows from a secret number and keeps the number; both compute the same.',
      ...attacked('between-two-exchanges'),
    },
    {
      item: 127,
      title: 'Small numbers',
      text: 'The same by hand, with numbers that fit a sheet of paper, and with somebody in the middle.',
      ...attacked('small-exponents-tried', 'between-two-exchanges'),
    },
    {
      item: 128,
      title: 'Encryption to a key from key agreement',
      text: 'A share that stays is a public key.',
      ...attacked('anybody-can-encrypt'),
    },
    {
      item: 129,
      title: 'The handshake',
      text: 'Shares, certificate, signature, and a code over everything that was said so far.',
      ...attacked('transcript-not-bound'),
    },
    {
      item: 130,
      title: 'Several keys from one',
      text: 'One for each direction and use, by a hash.',
      ...attacked('one-key-for-both-directions'),
    },
    {
      item: 131,
      title: 'Numbers after the handshake',
      text: 'Records are counted, and each count is used once.',
      ...attacked('record-replayed', 'records-reordered'),
    },
  ],
};
