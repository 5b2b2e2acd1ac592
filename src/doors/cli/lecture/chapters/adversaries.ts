// Who takes part, what an attacker can get at, and what one would like to have against it.

import { attacked } from '../attacked.ts';
import type { Chapter } from '../entry.ts';

export const adversaries: Chapter = {
  title: 'Principals, attackers and properties',
  entries: [
    {
      item: 39,
      title: 'Principals',
      text: 'Whoever takes part in a protocol: people, machines, programs, each with a name for the talk about them.',
      lookAt: 'the letters in front of each line: who speaks, and to whom.',
      shows: [{ attack: 'password-on-request-read' }],
    },
    {
      item: 40,
      title: 'A disk is a channel too',
      text: 'What is written today is a message to oneself tomorrow; whoever can get at the disk can change it or put an old one back.',
      ...attacked('file-changed', 'file-rolled-back'),
    },
    {
      item: 41,
      title: 'A, B and C; E and M',
      text: 'Three who want to talk; one who listens to everything; one in the middle who also changes, drops and adds.',
      lookAt: 'the second column: E listens at a tap, M stands on the path.',
      shows: [{ command: ['attack', 'list'], prints: [/ tap /, / on-path /] }],
    },
    {
      item: 42,
      title: 'Listening to the radio',
      text: 'Everyone near an open wireless network hears all of it.',
      ...attacked('open-radio-overheard'),
    },
    {
      item: 43,
      title: 'Controlling the router',
      text: 'Whoever runs the access point, or a machine on the way, sees and changes what passes there.',
      ...attacked('public-key-swapped', 'address-on-path'),
    },
    {
      item: 44,
      title: 'Spoofing',
      text: 'A packet says of itself where it comes from, and nobody checks.',
      ...attacked('address-alone', 'address-with-counted-number'),
    },
    {
      item: 45,
      title: 'Stealing a name',
      text: 'Whoever is believed by DNS about a name gets the visitors of that name.',
      ...attacked('name-stolen'),
    },
    {
      item: 46,
      title: 'Fooling routers',
      text: 'Whoever is believed by routers about a prefix gets the packets for it.',
      ...attacked('route-announced'),
    },
    {
      item: 47,
      title: 'Confidentiality and authenticity',
      text: 'That nobody else reads it, and that it is from whom it seems to be and unchanged.',
      lookAt: 'the columns for both: what is broken on one rung holds on another.',
      shows: [
        {
          command: ['attack', 'matrix'],
          prints: [/^rung +confidential +authentic/m, /^encryption alone +(broken|holds) +broken/m],
        },
      ],
    },
    {
      item: 48,
      title: 'Repudiation',
      text: 'With a shared secret either end could have made a message, so a third cannot tell; with a signature it can.',
      ...attacked('shown-to-a-third'),
    },
    {
      item: 49,
      title: 'Forward secrecy',
      text: 'Who learns a key later still cannot read what was said before.',
      ...attacked('yesterday-opened'),
    },
    {
      item: 50,
      title: 'Anonymity',
      text: 'Not even who talks with whom is known.',
      ...attacked('sender-in-the-address', 'relay-that-knows'),
    },
    {
      item: 51,
      title: 'Properties of a channel',
      text: 'Which of the properties holds for which way of building a channel, found out by running the attack against each.',
      lookAt: 'the table: a row a rung, a column a property, each cell from a run.',
      shows: [
        {
          command: ['attack', 'matrix'],
          prints: [
            /confidential +authentic +fresh +bound to the right principals +forward secret +deniable +anonymous/,
          ],
        },
      ],
    },
  ],
};
