// What TLS is made of, and what it promises.

import { attacked } from '../attacked.ts';
import type { Chapter } from '../entry.ts';

export const tls: Chapter = {
  title: 'TLS',
  entries: [
    {
      item: 132,
      title: 'Versions and modes',
      text: 'Not all of them promise the same, and one can be talked down to a worse one, unless the worse one tells.',
      ...attacked('older-version-taken'),
    },
    {
      item: 133,
      title: 'Who is at the other end',
      text: 'The server is the one in the certificate; the client is the same from beginning to end.',
      lookAt: 'who is refused for another certificate; and the one who says what the client said, and gets no further.',
      shows: [
        { scenario: 'coffee-shop-mitm', expects: ['certificate is refused'] },
        {
          scenario: 'early-data-replayed',
          expects: ['the bank answers the recording with a hello of its own', 'and with nothing else'],
        },
      ],
    },
    {
      item: 134,
      title: 'Forward secrecy in TLS',
      text: 'Its long-term key does not open what was recorded.',
      lookAt: 'what Eve reads with the stolen key, and what she does not.',
      shows: [
        {
          scenario: 'forward-secrecy',
          expects: [
            "with the bank's key in her hands Eve cannot read it",
            'though she heard every frame',
            'and reads what she is told',
          ],
        },
      ],
    },
    {
      item: 135,
      title: 'It is fast',
      text: 'One round trip before the first byte, and then symmetric ciphers.',
      lookAt:
        'the round trips until the first byte of the page: two without TLS, three with, two for who has been here before.',
      shows: [
        {
          scenario: 'tls-round-trips',
          expects: ['without TLS', 'the whole handshake', 'a session goes on', 'the page with the first message'],
        },
        { scenario: 'tls-round-trips', variant: 'the-server-asks-again', expects: ['one round trip more'] },
        { command: ['speed'], prints: [/AES-128-GCM|aes-128-gcm/, /X25519/] },
      ],
    },
  ],
};
