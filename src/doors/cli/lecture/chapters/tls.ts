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
      waitsFor: 'TLS',
    },
    {
      item: 134,
      title: 'Forward secrecy in TLS',
      text: 'Its long-term key does not open what was recorded.',
      waitsFor: 'TLS',
    },
    {
      item: 135,
      title: 'It is fast',
      text: 'One round trip before the first byte, and then symmetric ciphers.',
      waitsFor: 'TLS',
    },
  ],
};
