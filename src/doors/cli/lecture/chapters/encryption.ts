// Secrets, encryption with a shared key, what it does not give, and message authentication codes.

import type { Chapter } from '../entry.ts';

export const encryption: Chapter = {
  title: 'Encryption and authentication with a shared secret',
  entries: [
    {
      item: 52,
      title: 'Secrets',
      text: 'What keeps the one in the middle from doing what the others do is something that they know and he does not.',
      waitsFor: 'the channels that are built by hand, and attacks on them',
    },
    {
      item: 53,
      title: 'A bad use of a secret',
      text: 'A password that is sent when asked for is read by who listens, and passed on by who stands in the middle.',
      waitsFor: 'the channels that are built by hand, and attacks on them',
    },
    {
      item: 54,
      title: 'Encrypt and decrypt',
      text: 'Two functions with a key: what the one makes of a message only the other undoes, and only with the key.',
      waitsFor: 'cryptography',
    },
    {
      item: 55,
      title: 'Hard means trying every key',
      text: 'With a short key one can measure how long that takes, and compute how long it takes with a long one.',
      waitsFor: 'cryptography',
    },
    {
      item: 56,
      title: 'A part of the message',
      text: 'It counts as broken as soon as anything about a message can be told: its length, or that it is the same as before.',
      waitsFor: 'cryptography',
    },
    {
      item: 57,
      title: 'Known plaintext',
      text: 'It must hold although the attacker knows some messages with what became of them.',
      waitsFor: 'cryptography',
    },
    {
      item: 58,
      title: 'Chosen plaintext',
      text: 'It must hold although the attacker may have messages of his own choice encrypted.',
      waitsFor: 'cryptography',
    },
    {
      item: 59,
      title: 'Related keys',
      text: 'It must hold although keys resemble each other, as those of old wireless networks did.',
      waitsFor: 'cryptography',
    },
    {
      item: 60,
      title: 'Using encryption',
      text: 'Both ends hold the key; who listens sees only what came out.',
      waitsFor: 'the channels that are built by hand, and attacks on them',
    },
    {
      item: 61,
      title: 'Encryption is not enough',
      text: 'It keeps a message from being read, not from being changed.',
      waitsFor: 'the channels that are built by hand, and attacks on them',
    },
    {
      item: 62,
      title: 'Flipping bits',
      text: 'Where a message is combined with a stream of bits, a bit turned on the way is a bit turned in the message.',
      waitsFor: 'the channels that are built by hand, and attacks on them',
    },
    {
      item: 63,
      title: 'Shortening',
      text: 'A message cut on the way may still decrypt to something.',
      waitsFor: 'the channels that are built by hand, and attacks on them',
    },
    {
      item: 64,
      title: 'Pay less, pay more',
      text: 'Who knows where the amount stands can change it without the key.',
      waitsFor: 'the channels that are built by hand, and attacks on them',
    },
    {
      item: 65,
      title: 'Damaging and watching',
      text: 'From how the receiver takes a damaged message one can learn what was in it.',
      waitsFor: 'the channels that are built by hand, and attacks on them',
    },
    {
      item: 66,
      title: 'Message authentication codes',
      text: 'A function with a key makes a short tag for a message; who has no key can neither make nor move it.',
      waitsFor: 'cryptography',
    },
    {
      item: 67,
      title: 'A tag is no checksum',
      text: 'A checksum finds accidents and anyone can compute it; a tag finds intent. The checksum is shorter and faster.',
      waitsFor: 'cryptography',
    },
    {
      item: 68,
      title: 'A tag without encryption',
      text: 'The message can be read by all and changed by none.',
      waitsFor: 'the channels that are built by hand, and attacks on them',
    },
    {
      item: 69,
      title: 'Encrypt, then authenticate',
      text: 'The tag is made for what is sent, so that nothing is decrypted that was changed.',
      waitsFor: 'the channels that are built by hand, and attacks on them',
    },
    {
      item: 70,
      title: 'Authenticated encryption',
      text: 'Both in one function, so that nobody has to put them together.',
      waitsFor: 'cryptography',
    },
  ],
};
