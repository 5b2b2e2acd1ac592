// The calls of the sockets interface, and programs written with them.

import type { Chapter } from '../entry.ts';

export const sockets: Chapter = {
  title: 'Sockets',
  entries: [
    {
      item: 150,
      title: 'Connected UDP sockets',
      text: 'Connecting sends nothing. A message comes all at once, or cut; never joined with the next.',
      waitsFor: 'the interface of sockets by their POSIX names',
    },
    {
      item: 151,
      title: 'sendto and recvfrom',
      text: 'Each message with its address.',
      waitsFor: 'the interface of sockets by their POSIX names',
    },
    {
      item: 152,
      title: 'socket, bind, listen, accept',
      text: 'The four calls of a server.',
      waitsFor: 'the interface of sockets by their POSIX names',
    },
    {
      item: 153,
      title: 'Any address, or one',
      text: 'A machine with two addresses may listen on both or on one.',
      waitsFor: 'the interface of sockets by their POSIX names',
    },
    {
      item: 154,
      title: '127.0.0.1',
      text: 'Only programs of the same machine get there.',
      waitsFor: 'the interface of sockets by their POSIX names',
    },
    {
      item: 155,
      title: 'An FTP server',
      text: 'A small server with commands and answers.',
      waitsFor: 'the interface of sockets by their POSIX names',
    },
    {
      item: 156,
      title: 'The backlog',
      text: 'Connections that wait to be accepted.',
      waitsFor: 'the interface of sockets by their POSIX names',
    },
    {
      item: 157,
      title: 'A client with an address by hand',
      text: 'The address is put together number by number.',
      waitsFor: 'the interface of sockets by their POSIX names',
    },
    {
      item: 158,
      title: 'Network order',
      text: 'Which byte comes first, and what a number looks like that was not turned.',
      waitsFor: 'the interface of sockets by their POSIX names',
    },
    {
      item: 159,
      title: 'Echo client and server',
      text: 'What is written comes back; one read is not one write.',
      waitsFor: 'the interface of sockets by their POSIX names',
    },
    {
      item: 160,
      title: 'getaddrinfo for a server',
      text: 'Without a host, and passive: any address.',
      waitsFor: 'the interface of sockets by their POSIX names',
    },
    {
      item: 161,
      title: 'A port to be chosen',
      text: 'Zero or nothing: the system chooses.',
      waitsFor: 'the interface of sockets by their POSIX names',
    },
    {
      item: 162,
      title: 'What getaddrinfo returns',
      text: 'A list that says what to call socket with, and that is given back.',
      waitsFor: 'the interface of sockets by their POSIX names',
    },
    {
      item: 163,
      title: 'IPv4, IPv6, or either',
      text: 'The family that is asked for.',
      waitsFor: 'the interface of sockets by their POSIX names, and IPv6',
    },
    {
      item: 164,
      title: 'One address after the other',
      text: 'The first that answers is taken.',
      waitsFor: 'the interface of sockets by their POSIX names',
    },
    {
      item: 165,
      title: 'Why there are several',
      text: 'Copies of a server, two versions of IP, a cable and a radio on one machine.',
      waitsFor: 'the interface of sockets by their POSIX names',
    },
    {
      item: 166,
      title: 'gethostbyname',
      text: 'The old way to look up a name.',
      waitsFor: 'the interface of sockets by their POSIX names',
    },
    {
      item: 167,
      title: 'Ports below 1024',
      text: 'Only the administrator may listen there.',
      waitsFor: 'the interface of sockets by their POSIX names',
    },
    {
      item: 168,
      title: 'Programs in these very calls',
      text: 'Nine small programs that run here and on a real machine, unchanged.',
      waitsFor: 'the interface of sockets by their POSIX names',
    },
  ],
};
