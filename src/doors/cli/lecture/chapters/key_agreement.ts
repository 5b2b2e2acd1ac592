// How two who share nothing come to share a secret in public.

import type { Chapter } from '../entry.ts';

export const keyAgreement: Chapter = {
  title: 'Key agreement',
  entries: [
    {
      item: 125,
      title: 'Two ideas',
      text: 'Either one sends a key to the other, encrypted for him; or for a key pair that is made for this talk alone.',
      waitsFor: 'the channels that are built by hand, and attacks on them',
    },
    {
      item: 126,
      title: 'Key shares',
      text: 'Each sends what follows from a secret number and keeps the number; both compute the same.',
      waitsFor: 'cryptography',
    },
    {
      item: 127,
      title: 'Small numbers',
      text: 'The same by hand, with numbers that fit a sheet of paper, and with somebody in the middle.',
      waitsFor: 'cryptography',
    },
    {
      item: 128,
      title: 'Encryption to a key from key agreement',
      text: 'A share that stays is a public key.',
      waitsFor: 'cryptography',
    },
    {
      item: 129,
      title: 'The handshake',
      text: 'Shares, certificate, signature, and a code over everything that was said so far.',
      waitsFor: 'TLS, and a channel built by hand that forgets the last part',
    },
    {
      item: 130,
      title: 'Several keys from one',
      text: 'One for each direction and use, by a hash.',
      waitsFor: 'the channels that are built by hand, and attacks on them',
    },
    {
      item: 131,
      title: 'Numbers after the handshake',
      text: 'Records are counted, and each count is used once.',
      waitsFor: 'the channels that are built by hand, and attacks on them',
    },
  ],
};
