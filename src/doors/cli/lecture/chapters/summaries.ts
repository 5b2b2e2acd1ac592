// Hash functions, randomness, and what the pieces cost.

import type { Chapter } from '../entry.ts';

export const summaries: Chapter = {
  title: 'Hashes and randomness',
  entries: [
    {
      item: 114,
      title: 'Sign a summary',
      text: 'Signatures take short messages; so a summary of the long one is signed.',
      waitsFor: 'cryptography',
    },
    {
      item: 115,
      title: 'One way, and no second',
      text: 'From the summary no message is found but by guessing, nor a second message for a summary.',
      waitsFor: 'cryptography',
    },
    {
      item: 116,
      title: 'Hash tables and adversaries',
      text: 'An attacker who can choose keys that collide makes a table slow.',
      waitsFor: 'a server whose table can be flooded',
    },
    {
      item: 117,
      title: 'A code from a hash',
      text: 'Secret and message hashed together is not enough, since the sum can be continued.',
      waitsFor: 'cryptography',
    },
    {
      item: 118,
      title: 'Passwords',
      text: 'Hashed slowly and with memory, so that guessing is dear.',
      waitsFor: 'cryptography',
    },
    {
      item: 119,
      title: 'What does random mean?',
      text: 'That nobody can tell what comes next, whatever he has seen.',
      waitsFor: 'cryptography',
    },
    {
      item: 120,
      title: 'Three properties',
      text: 'Even, and neither the past nor the future follows from what is seen or stolen.',
      waitsFor: 'cryptography',
    },
    {
      item: 121,
      title: 'Exercise: how to generate?',
      text: 'From events that others do not see, mixed by a hash.',
      waitsFor: 'cryptography',
    },
    {
      item: 122,
      title: "The system's generator",
      text: 'It gathers from events; early after the start, or on a copied machine, there is little.',
      waitsFor: 'cryptography',
    },
    {
      item: 123,
      title: 'A generator from a hash',
      text: 'A state that is hashed forward, once to give out and once to go on.',
      waitsFor: 'cryptography',
    },
    {
      item: 124,
      title: 'Why symmetric at all?',
      text: 'It is faster and its messages are shorter: one table of all primitives, measured.',
      waitsFor: 'cryptography, and netarium speed to measure it',
    },
  ],
};
