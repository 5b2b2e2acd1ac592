// Secrets, encryption with a shared key, what it does not give, and message authentication codes.

import { attacked } from '../attacked.ts';
import type { Chapter } from '../entry.ts';

export const encryption: Chapter = {
  title: 'Encryption and authentication with a shared secret',
  entries: [
    {
      item: 52,
      title: 'Secrets',
      text: 'What keeps the one in the middle from doing what the others do is something that they know and he does not.',
      lookAt: 'what E hears: a secret helps only while it is not said.',
      shows: [{ attack: 'password-on-request-read' }],
    },
    {
      item: 53,
      title: 'A bad use of a secret',
      text: 'A password that is sent when asked for is read by who listens, and passed on by who stands in the middle.',
      ...attacked('password-on-request-read', 'password-on-request-relayed'),
    },
    {
      item: 54,
      title: 'Encrypt and decrypt',
      text: 'Two functions with a key: what the one makes of a message only the other undoes, and only with the key.',
      lookAt: 'the second run: under E, what E hears is nothing that it can read.',
      shows: [{ attack: 'password-on-request-read' }],
    },
    {
      item: 55,
      title: 'Hard means trying every key',
      text: 'With a short key one can measure how long that takes, and compute how long it takes with a long one.',
      ...attacked('short-key'),
    },
    {
      item: 56,
      title: 'A part of the message',
      text: 'It counts as broken as soon as anything about a message can be told: its length, or that it is the same as before.',
      ...attacked('length-of-the-answer', 'time-of-the-answer', 'equal-ciphertexts'),
    },
    {
      item: 57,
      title: 'Known plaintext',
      text: 'It must hold although the attacker knows some messages with what became of them.',
      ...attacked('known-plaintext'),
    },
    {
      item: 58,
      title: 'Chosen plaintext',
      text: 'It must hold although the attacker may have messages of his own choice encrypted.',
      ...attacked('compressed-before-encryption', 'block-by-block'),
    },
    {
      item: 59,
      title: 'Related keys',
      text: 'It must hold although keys resemble each other, as those of old wireless networks did.',
      ...attacked('keys-related-as-in-wep'),
    },
    {
      item: 60,
      title: 'Using encryption',
      text: 'Both ends hold the key; who listens sees only what came out.',
      lookAt: 'the second run: the same talk, each message under E.',
      shows: [{ attack: 'password-on-request-read' }],
    },
    {
      item: 61,
      title: 'Encryption is not enough',
      text: 'It keeps a message from being read, not from being changed.',
      ...attacked('pay-another-amount', 'order-cut-short'),
    },
    {
      item: 62,
      title: 'Flipping bits',
      text: 'Where a message is combined with a stream of bits, a bit turned on the way is a bit turned in the message.',
      ...attacked('pay-another-amount'),
    },
    {
      item: 63,
      title: 'Shortening',
      text: 'A message cut on the way may still decrypt to something.',
      ...attacked('order-cut-short'),
    },
    {
      item: 64,
      title: 'Pay less, pay more',
      text: 'Who knows where the amount stands can change it without the key.',
      ...attacked('pay-another-amount'),
    },
    {
      item: 65,
      title: 'Damaging and watching',
      text: 'From how the receiver takes a damaged message one can learn what was in it.',
      ...attacked('answer-to-malformed-input'),
    },
    {
      item: 66,
      title: 'Message authentication codes',
      text: 'A function with a key makes a short tag for a message; who has no key can neither make nor move it.',
      lookAt: 'the second run: what M has changed does not have the right code, and B refuses it.',
      shows: [{ attack: 'pay-another-amount' }],
    },
    {
      item: 67,
      title: 'A tag is no checksum',
      text: 'A checksum finds accidents and anyone can compute it; a tag finds intent. The checksum is shorter and faster.',
      lookAt: 'the first two columns, and how many bytes each adds; then who can compute it.',
      shows: [
        {
          command: ['speed', '--only', 'checksum', '--only', 'HMAC-SHA-256'],
          prints: [
            /^ {2}Internet checksum, 1,400 B .* 2 B$/m,
            /^ {2}HMAC-SHA-256, 1,400 B .* 32 B +32 B$/m,
            // More than ten times; it is about a hundred.
            /^The Internet checksum is \d[\d,]+(?:\.\d+)? times as fast as HMAC-SHA-256 .* 2 bytes instead of 32/m,
          ],
        },
      ],
    },
    {
      item: 68,
      title: 'A tag without encryption',
      text: 'The message can be read by all and changed by none.',
      ...attacked('mac-alone-read'),
    },
    {
      item: 69,
      title: 'Encrypt, then authenticate',
      text: 'The tag is made for what is sent, so that nothing is decrypted that was changed.',
      ...attacked('mac-of-the-plaintext-beside', 'mac-then-encrypt'),
    },
    {
      item: 70,
      title: 'Authenticated encryption',
      text: 'Both in one function, so that nobody has to put them together.',
      ...attacked('nonce-used-twice'),
    },
  ],
};
