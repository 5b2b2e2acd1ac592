// Who takes part, what an attacker can get at, and what one would like to have against it.

import type { Chapter } from '../entry.ts';

export const adversaries: Chapter = {
  title: 'Principals, attackers and properties',
  entries: [
    {
      item: 39,
      title: 'Principals',
      text: 'Whoever takes part in a protocol: people, machines, programs, each with a name for the talk about them.',
      waitsFor: 'attackers that listen and attackers that change what passes',
    },
    {
      item: 40,
      title: 'A disk is a channel too',
      text: 'What is written today is a message to oneself tomorrow; whoever can get at the disk can change it or put an old one back.',
      waitsFor: 'the channels that are built by hand, and attacks on them',
    },
    {
      item: 41,
      title: 'A, B and C; E and M',
      text: 'Three who want to talk; one who listens to everything; one in the middle who also changes, drops and adds.',
      waitsFor: 'attackers that listen and attackers that change what passes',
    },
    {
      item: 42,
      title: 'Listening to the radio',
      text: 'Everyone near an open wireless network hears all of it.',
      waitsFor: 'attackers, and wireless networks that encrypt',
    },
    {
      item: 43,
      title: 'Controlling the router',
      text: 'Whoever runs the access point, or a machine on the way, sees and changes what passes there.',
      waitsFor: 'attackers that listen and attackers that change what passes',
    },
    {
      item: 44,
      title: 'Spoofing',
      text: 'A packet says of itself where it comes from, and nobody checks.',
      waitsFor: 'attackers that listen and attackers that change what passes',
    },
    {
      item: 45,
      title: 'Stealing a name',
      text: 'Whoever is believed by DNS about a name gets the visitors of that name.',
      waitsFor: 'attackers that listen and attackers that change what passes',
    },
    {
      item: 46,
      title: 'Fooling routers',
      text: 'Whoever is believed by routers about a prefix gets the packets for it.',
      waitsFor: 'routers that tell each other about routes',
    },
    {
      item: 47,
      title: 'Confidentiality and authenticity',
      text: 'That nobody else reads it, and that it is from whom it seems to be and unchanged.',
      waitsFor: 'the channels that are built by hand, and attacks on them',
    },
    {
      item: 48,
      title: 'Repudiation',
      text: 'With a shared secret either end could have made a message, so a third cannot tell; with a signature it can.',
      waitsFor: 'the channels that are built by hand, and attacks on them',
    },
    {
      item: 49,
      title: 'Forward secrecy',
      text: 'Who learns a key later still cannot read what was said before.',
      waitsFor: 'the channels that are built by hand, and attacks on them',
    },
    {
      item: 50,
      title: 'Anonymity',
      text: 'Not even who talks with whom is known.',
      waitsFor: 'a relay of several hops',
    },
    {
      item: 51,
      title: 'Properties of a channel',
      text: 'Which of the properties holds for which way of building a channel, found out by running the attack against each.',
      waitsFor: 'the channels that are built by hand, and attacks on them',
    },
  ],
};
