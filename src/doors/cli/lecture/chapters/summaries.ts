// Hash functions, randomness, and what the pieces cost.

import { attacked } from '../attacked.ts';
import type { Chapter } from '../entry.ts';

export const summaries: Chapter = {
  title: 'Hashes and randomness',
  entries: [
    {
      item: 114,
      title: 'Sign a summary',
      text: 'Signatures take short messages; so a summary of the long one is signed.',
      ...attacked('block-exchanged', 'signed-block-left-out'),
    },
    {
      item: 115,
      title: 'One way, and no second',
      text: 'From the summary no message is found but by guessing, nor a second message for a summary.',
      ...attacked('second-order-found', 'two-contracts-one-hash'),
    },
    {
      item: 116,
      title: 'Hash tables and adversaries',
      text: 'An attacker who can choose keys that collide makes a table slow.',
      ...attacked('table-flooded'),
    },
    {
      item: 117,
      title: 'A code from a hash',
      text: 'Secret and message hashed together is not enough, since the sum can be continued.',
      ...attacked('hash-of-secret-and-message'),
    },
    {
      item: 118,
      title: 'Passwords',
      text: 'Hashed slowly and with memory, so that guessing is dear.',
      ...attacked('password-database-read', 'one-table-for-all', 'dictionary-tried'),
    },
    {
      item: 119,
      title: 'What does random mean?',
      text: 'That nobody can tell what comes next, whatever he has seen.',
      ...attacked('key-from-the-clock'),
    },
    {
      item: 120,
      title: 'Three properties',
      text: 'Even, and neither the past nor the future follows from what is seen or stolen.',
      ...attacked('key-from-the-clock', 'state-runs-backwards'),
    },
    {
      item: 121,
      title: 'Exercise: how to generate?',
      text: 'From events that others do not see, mixed by a hash.',
      ...attacked('state-runs-backwards'),
    },
    {
      item: 122,
      title: "The system's generator",
      text: 'It gathers from events; early after the start, or on a copied machine, there is little.',
      ...attacked('key-at-early-boot', 'key-of-a-clone'),
    },
    {
      item: 123,
      title: 'A generator from a hash',
      text: 'A state that is hashed forward, once to give out and once to go on.',
      ...attacked('state-runs-backwards'),
    },
    {
      item: 124,
      title: 'Why symmetric at all?',
      text: 'It is a thousand times as fast, adds less, and takes messages of any length; `netarium speed` without `--only` measures all primitives in one table.',
      lookAt: 'the last line, which compares the two.',
      shows: [
        {
          command: ['speed', '--only', 'AES-128', '--only', 'RSA-2048'],
          prints: [
            /^symmetric encryption\n {2}AES-128-GCM seal, 1,400 B /m,
            /^asymmetric encryption\n {2}RSA-2048 OAEP encrypt /m,
            /^signatures\n {2}RSA-2048 PSS sign .* 256 B +256 B$/m,
            // More than ten times, on a machine however busy; it is about a thousand.
            /^AES-128-GCM is \d[\d,]+(?:\.\d+)? times as fast as decrypting with RSA-2048, which takes no more than 190 bytes/m,
          ],
        },
      ],
    },
  ],
};
