// The calls of the sockets interface, and programs written with them.

import type { Chapter, ExampleShow, Pattern } from '../entry.ts';

/** A program of examples/posix. */
const posix = (name: string, ...prints: ExampleShow['prints']): ExampleShow => ({
  example: `examples/posix/${name}.ts`,
  prints,
});

/** A scene of such a program, from its title: the lines that follow it. */
const scene = (title: string, ...lines: readonly string[]): Pattern => [title, ...lines, ''].join('\n');

export const sockets: Chapter = {
  title: 'Sockets',
  entries: [
    {
      item: 150,
      title: 'Connected UDP sockets',
      text: 'Connecting sends nothing. A message comes all at once, or cut; never joined with the next.',
      lookAt:
        'the count of packets after connect; then two messages and two reads, and what a short buffer leaves of one.',
      shows: [
        {
          example: 'examples/connect_sends_nothing.ts',
          prints: [
            /^connect, for datagrams: 0 packets until now$/m,
            /^write, and the answer that nobody is there: 2 packets until now$/m,
            /^connect, for a stream .*: 4 packets until now$/m,
          ],
        },
        posix(
          'udp_connected',
          scene(
            'two messages, two reads: never joined',
            '  bob: receiver',
            '    read 12 bytes: hello, world',
            '    recv 3 bytes: bye',
          ),
          scene(
            'a datagram too long for the buffer is cut, and the rest is gone',
            '  bob: receiver',
            '    read 5 bytes: hello',
            '    recv 3 bytes: bye',
          ),
          scene(
            'a connected socket hears nobody else',
            '  bob: receiver',
            '    read 12 bytes: hello, world',
            '    recv 3 bytes: bye',
            '  carol: stranger',
            '    read: Connection refused',
          ),
        ),
      ],
    },
    {
      item: 151,
      title: 'sendto and recvfrom',
      text: 'Each message goes to an address of its own, and tells from where it came.',
      lookAt: 'the address and port that Bob learns with the message, and answers to.',
      shows: [
        posix(
          'udp_unconnected',
          scene(
            'there and back',
            '  bob: server',
            '    12 bytes from 128.143.67.10 port 9998: hello, world',
            '  alice: client',
            '    sent 12 bytes',
            '    128.143.67.11 answers: hello, world',
          ),
          scene('a datagram too long for any packet', '  alice: client', '    sendto: Message too long'),
        ),
      ],
    },
    {
      item: 152,
      title: 'socket, bind, listen, accept',
      text: 'The four calls of a server; after them there is a descriptor for each connection.',
      lookAt: 'the four calls in examples/posix/tcp_server.ts, and what each says when it cannot.',
      shows: [
        posix(
          'tcp_server',
          '    accepted a connection from 128.143.67.10\n  alice: client\n    connected to 128.143.67.11\n    read welcome\n',
          /^port in use\n[\s\S]*? {2}bob: server\n {4}server: bind: Address already in use$/m,
          scene('an address of another machine', '  bob: server', '    server: bind: Cannot assign requested address'),
          scene('nobody listens', '  alice: client', '    128.143.67.11: Connection refused'),
        ),
      ],
    },
    {
      item: 153,
      title: 'Any address, or one',
      text: 'A machine with two addresses may listen on both or on one.',
      lookAt: 'to which of the two addresses Alice gets, in the first scene and in the second.',
      shows: [
        posix(
          'tcp_server',
          /^INADDR_ANY: .*\n[\s\S]*? {4}connected to 128\.143\.67\.11\n {4}read welcome\n {4}connected to 128\.143\.67\.12\n {4}read welcome$/m,
          /^a specific address\n(?: .*\n)* {4}128\.143\.67\.12: Connection refused\n {4}connected to 128\.143\.67\.11\n {4}read welcome$/m,
        ),
        {
          scenario: 'two-interfaces',
          expects: [
            'echo over the cable',
            'echo over the radio',
            'the page over the cable',
            'is refused over the radio',
          ],
        },
      ],
    },
    {
      item: 154,
      title: '127.0.0.1',
      text: 'Only programs of the same machine get there.',
      lookAt: 'who is refused, on either of its tries, and who is not.',
      shows: [
        posix(
          'tcp_server',
          scene(
            '127.0.0.1 seen from elsewhere',
            '  bob: server',
            '    accepted a connection from 127.0.0.1',
            '  alice: client',
            '    128.143.67.11: Connection refused',
            '    127.0.0.1: Connection refused',
            '  bob: client',
            '    connected to 127.0.0.1',
            '    read welcome',
          ),
        ),
        posix(
          'udp_connected',
          scene('127.0.0.1 seen from elsewhere', '  bob: local_receiver', '    recv: Resource temporarily unavailable'),
        ),
      ],
    },
    {
      item: 155,
      title: 'An FTP server',
      text: 'A small server with commands and answers on one connection, and files and lists on others.',
      lookAt:
        'the port that PASV opens before each transfer; and that on 127.0.0.1 the server is for its own machine alone.',
      shows: [
        posix(
          'ftp_server',
          /^ {4}> PASV\n {4}< 227 Entering Passive Mode\n {4}> RETR motd\n {4}< 150 .*\n {6}Be welcome\.\n {6}Wipe your feet\.\n {4}< 226 done$/m,
          /^ {4}> STOR autumn\n {4}< 150 .*\n {4}< 226 done[\s\S]*? {4}> LIST\n {4}< 150 .*\n {6}autumn\n {6}spring\n {4}< 226 done$/m,
          /^ {4}> PASS guess\n {4}< 530 no$/m,
          /^two clients at a time\n {2}bob: server\n {4}client 1 .*\n {4}client 2 /m,
          /^bound to 127\.0\.0\.1: .*\n(?: .*\n)*? {2}alice: client\n {4}connect: Connection refused\n {2}bob: client\n {4}< 220 ready$/m,
        ),
      ],
    },
    {
      item: 156,
      title: 'The backlog',
      text: 'Connections that are open and wait to be accepted; listen says how many may.',
      lookAt: 'when the third connection opens: two may wait, and nobody is accepted before the fifth second.',
      shows: [
        {
          example: 'examples/backlog.ts',
          prints: [
            /^1\.0 s: alice's connection 1 is open\n2\.0 s: alice's connection 2 is open\n5\.0 s: bob accepts connection 1\n5\.0 s: bob accepts connection 2\n(?:[6-9]|1\d)\.\d s: alice's connection 3 is open$/m,
            /^(?:[4-9]|\d\d) SYNs for three connections$/m,
          ],
        },
        posix(
          'tcp_server',
          scene(
            'connections wait until they are accepted',
            '  bob: slow_server',
            '    accepted a connection',
            '    accepted a connection',
            '  alice: client',
            '    connected to 128.143.67.11',
            '  alice: client',
            '    connected to 128.143.67.12',
          ),
        ),
      ],
    },
    {
      item: 157,
      title: 'A client with an address by hand',
      text: 'Family, address and port are put into the structure one by one.',
      lookAt: 'the client in examples/posix/tcp_client.ts, and that one message may come in three reads.',
      shows: [
        posix(
          'tcp_client',
          scene(
            'port 80, which root serves',
            '  bob: server, as root',
            '    read 12 bytes: hello, world',
            '  alice: client',
            '    to 128.143.67.11 port 80',
            '    connected to 128.143.67.11',
            '    read until the end: these were 12 bytes',
          ),
          scene(
            'one read is less than one write',
            '  bob: server',
            '    read 5 bytes: hello',
            '    read 5 bytes: , wor',
            '    read 2 bytes: ld',
          ),
        ),
      ],
    },
    {
      item: 158,
      title: 'Network order',
      text: 'The greatest byte goes first: 2156872459 is 128.143.67.11. A number that was not turned is another address, or another port.',
      lookAt: 'where Alice is going when she forgot htonl, and when she forgot htons.',
      shows: [
        posix(
          'tcp_client',
          '  alice: client\n    to 128.143.67.11 port 8080\n    connected to 128.143.67.11\n',
          scene(
            'htons forgotten',
            '  alice: client',
            '    to 128.143.67.11 port 36895',
            '    connect: Connection refused',
          ),
          scene(
            'htonl forgotten',
            '  alice: client',
            '    to 11.67.143.128 port 8080',
            '    connect: Network is unreachable',
          ),
        ),
      ],
    },
    {
      item: 159,
      title: 'Echo client and server',
      text: 'What is written comes back; one read is not one write.',
      lookAt: 'the second answer that Alice reads with a buffer of five bytes.',
      shows: [
        posix(
          'echo',
          scene(
            'two lines there and back',
            '  bob: server',
            '    echoed 12 bytes',
            '    echoed 3 bytes',
            '    that was all',
            '  alice: client',
            '    hello, world',
            '    bye',
          ),
          /^one read is less than one write: .*\n(?: .*\n)* {2}alice: client\n {4}hello\n {4}, wor$/m,
          /^one read is more than one write: .*\n {2}bob: server\n {4}echoed 5 bytes\n {4}echoed 5 bytes\n {4}echoed 2 bytes\n/m,
          /^the server has gone: .*\n(?: .*\n)* {4}end of file$/m,
        ),
      ],
    },
    {
      item: 160,
      title: 'getaddrinfo for a server',
      text: 'Without a host, and passive: any address.',
      lookAt: 'the address on which the server listens, with a host and without.',
      shows: [
        posix(
          'getaddrinfo_server',
          scene(
            'no hostname: use all possible addresses',
            '  bob: server',
            '    listening on 0.0.0.0 port 9999',
            '    accepted a connection',
            '  alice: client',
            '    read welcome',
          ),
          /^127\.0\.0\.1 seen from elsewhere\n {2}bob: server\n {4}listening on 127\.0\.0\.1 port 9999$/m,
          scene(
            'neither a hostname nor a portname',
            '  bob: server',
            '    server: getaddrinfo: Name or service not known',
          ),
        ),
      ],
    },
    {
      item: 161,
      title: 'A port to be chosen',
      text: 'Zero or nothing: the system chooses.',
      lookAt: 'that the port is none of the first 1024, and that the client, who is told it, gets there.',
      shows: [
        posix(
          'getaddrinfo_server',
          scene(
            'no portname: choose a port number for me',
            '  bob: server',
            '    a port was chosen for me, above 1023: true',
            '    accepted a connection',
            '  alice: client',
            '    read welcome',
          ),
        ),
      ],
    },
    {
      item: 162,
      title: 'What getaddrinfo returns',
      text: 'A list that says what to call socket and connect with, and that is given back with freeaddrinfo.',
      lookAt: 'the client, which names no family, kind or protocol when it calls socket; and the errors of a look-up.',
      shows: [
        posix(
          'getaddrinfo_client',
          /^ {4}www\.foo\.test is 128\.143\.67\.11 port 8080\n {4}read hello$/m,
          /^https is port 443, .*\n(?: .*\n)* {4}www\.foo\.test is 128\.143\.67\.11 port 443\n {4}read hello$/m,
          scene('there is no such name', '  alice: client', '    nobody.foo.test: Name or service not known'),
          scene(
            'there is no such service',
            '  alice: client',
            '    www.foo.test: Servname not supported for ai_socktype',
          ),
        ),
      ],
    },
    {
      item: 163,
      title: 'IPv4, IPv6, or either',
      text: 'The family that is asked for: AF_INET, AF_INET6, or AF_UNSPEC for either.',
      lookAt: 'what either finds where there is IPv4 alone, and what IPv6 alone finds.',
      shows: [
        posix(
          'getaddrinfo_server',
          /^AF_UNSPEC: I do not care\n {2}bob: server\n {4}listening on 0\.0\.0\.0 port 9999\n {4}accepted a connection$/m,
          /^AF_INET6, .*\n {2}bob: server\n {4}server: getaddrinfo: ai_family not supported$/m,
        ),
        posix(
          'getaddrinfo_client',
          /^an address in figures is a name too\n(?: .*\n)* {4}128\.143\.67\.11 is 128\.143\.67\.11 port 8080\n {4}read hello$/m,
          scene('AF_INET6 alone', '  alice: client', '    www.foo.test: Address family for hostname not supported'),
        ),
      ],
      waitsFor: 'sockets over IPv6; the family is asked for and answered, with IPv4 alone behind it',
    },
    {
      item: 164,
      title: 'One address after the other',
      text: 'A name may have several addresses: they are tried in turn, and the first that answers is taken.',
      lookAt: 'the loop in the client, and that the second address is not asked where the first answers.',
      shows: [
        posix(
          'several_addresses',
          scene(
            'the first copy does not answer, the second does',
            '  bob: server',
            '  alice: client',
            '    128.143.67.13: Connection refused',
            '    128.143.67.11 says I am the copy on bob',
          ),
          scene(
            'the first copy answers, and the second is not asked',
            '  bob: server',
            '    accept: Resource temporarily unavailable',
            '  carol: server',
            '  alice: client',
            '    128.143.67.13 says I am the copy on carol',
          ),
          /^nobody listens\n(?: .*\n)* {4}no address is left$/m,
        ),
      ],
    },
    {
      item: 165,
      title: 'Why there are several',
      text: 'Copies of a server, two versions of IP (IPv6 is not built), a cable and a radio on one machine.',
      lookAt: 'which copy greets Alice, and by which of its addresses the one machine is reached.',
      shows: [
        posix(
          'several_addresses',
          /^ {4}128\.143\.67\.11 says I am the copy on bob$/m,
          /^ {4}128\.143\.67\.13 says I am the copy on carol$/m,
          scene(
            'one machine, wired and wireless, which serves on one of them',
            '  bob: server',
            '  alice: client',
            '    128.143.67.11: Connection refused',
            '    128.143.67.12 says I am bob',
          ),
        ),
        {
          scenario: 'two-interfaces',
          expects: ['echo over the cable', 'echo over the radio', 'the radio works without the cable'],
        },
      ],
    },
    {
      item: 166,
      title: 'gethostbyname',
      text: 'The old way to look up a name: addresses alone, without a port, and of one family.',
      lookAt: 'that the client takes the first address, and fails although the second would have answered.',
      shows: [
        posix(
          'old_lookup',
          scene(
            'a name becomes an address',
            '  bob: server',
            '  alice: client',
            '    www.foo.test is 128.143.67.11',
            '    read welcome',
          ),
          scene('there is no such name', '  alice: client', '    nobody.foo.test: Unknown host'),
          /^it takes the first address, .*\n(?: .*\n)* {4}two\.foo\.test is 128\.143\.67\.10\n {4}two\.foo\.test is 128\.143\.67\.11\n {4}connect: Connection refused$/m,
        ),
      ],
    },
    {
      item: 167,
      title: 'Ports below 1024',
      text: 'Only the administrator may listen there.',
      lookAt: 'the same program as an ordinary user and as root, for streams and for datagrams.',
      shows: [
        posix(
          'tcp_server',
          scene(
            'port below 1024 as an ordinary user',
            '  bob: server, as nobody',
            '    server: bind: Permission denied',
          ),
          scene(
            'port below 1024 as root',
            '  bob: server, as root',
            '    accepted a connection from 128.143.67.10',
            '  alice: client',
            '    connected to 128.143.67.11',
          ),
        ),
        posix(
          'udp_unconnected',
          scene(
            'port below 1024 as an ordinary user',
            '  bob: server, as nobody',
            '    server: bind: Permission denied',
          ),
          scene(
            'port below 1024 as root',
            '  bob: server, as root',
            '    12 bytes from 128.143.67.10 port 9998: hello, world',
          ),
        ),
      ],
    },
    {
      item: 168,
      title: 'Programs in these very calls',
      text: 'Nine small programs that run here and, with one import changed, on the sockets of a real machine; test/posix plays them in both worlds.',
      lookAt: 'the source of each: the calls, in their order, are those of C.',
      shows: [
        posix('udp_connected', /^ {4}read 9 bytes: thank you$/m),
        posix('udp_unconnected', /^ {4}128\.143\.67\.11 answers: hello, world$/m),
        posix('tcp_server', /^ {4}accepted a connection from 128\.143\.67\.10$/m),
        posix('tcp_client', /^ {4}connected to 128\.143\.67\.11$/m),
        posix('echo', /^ {4}echoed 12 bytes$/m),
        posix('getaddrinfo_server', /^ {4}listening on 0\.0\.0\.0 port 9999$/m),
        posix('getaddrinfo_client', /^ {4}www\.foo\.test is 128\.143\.67\.11 port 8080$/m),
        posix('several_addresses', /^ {4}128\.143\.67\.11 says I am the copy on bob$/m),
        posix('old_lookup', /^ {4}www\.foo\.test is 128\.143\.67\.11$/m),
      ],
    },
  ],
};
