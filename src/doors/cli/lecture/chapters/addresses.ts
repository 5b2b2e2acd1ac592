// From the cable to the private network: names and addresses, links, routes, DHCP, NAT.

import type { Chapter } from '../entry.ts';

export const addresses: Chapter = {
  title: 'Names, addresses, routes, DHCP and NAT',
  entries: [
    {
      item: 3,
      title: 'Names and addresses',
      text: 'A name says what is meant, an address where it is: a variable and its place in memory, a domain name and its IP address, a machine and its link address, a service and its port. The row for IPv6 is there, and is not built.',
      lookAt: 'the same machine under a name, an IP address and a link address, and who can find out each.',
      shows: [
        {
          command: ['names'],
          prints: [
            /^variable counter +memory address 0x[0-9a-f]{8} +a program on \w+, which counted to 3 there/m,
            /^DNS name www\.foo\.test +IPv4 address 198\.51\.100\.80 /m,
            /^DNS name www\.foo\.test +IPv6 address: not built/m,
            /^DNS name www\.foo\.test +MAC address (?:[0-9a-f]{2}:){5}[0-9a-f]{2} /m,
            /^service name https +port number 443 /m,
            /^service name ssh +port number 22 /m,
          ],
        },
      ],
    },
    {
      item: 4,
      title: 'The link layer',
      text: 'Machines on one local segment reach each other directly, by frames with link addresses; a switch learns where each is.',
      lookAt: 'the frames that only the two who talk receive.',
      shows: [
        {
          scenario: 'switch-learns',
          expects: ['the switch has learned where both are', 'Carol hears none of their packets'],
        },
        { example: 'examples/two_hosts.ts', prints: [/ARP, Request who-has/, /1 packets transmitted, 1 received/] },
      ],
    },
    {
      item: 5,
      title: 'The network layer',
      text: 'Routers pass packets on from one local segment to the next, each knowing only whom to give them to.',
      lookAt: 'the time to live, which each router lowers by one.',
      shows: [
        {
          scenario: 'routes-and-gateways',
          expects: ['both routers and Bob in their order', 'one hop less on the link', 'two hops less in the east'],
        },
      ],
    },
    {
      item: 6,
      title: 'Ports, and which socket is whose',
      text: 'An address leads to a machine, and a port to one of its programs: the system keeps a table of which socket belongs to which.',
      lookAt: 'the table of listening sockets of both kinds, and its last column.',
      shows: [
        {
          scenario: 'echo-refused-and-unreachable',
          expects: [
            'the table shows who listens',
            'of either kind',
            'with the program that owns each',
            'TCP is refused',
          ],
        },
      ],
    },
    {
      item: 7,
      title: 'UDP and TCP',
      text: 'UDP hands over single messages as they come, or do not; TCP makes a stream of bytes of which none is missing.',
      lookAt: 'the same cable, the same loss, and what arrives over each of the two.',
      shows: [
        {
          scenario: 'udp-beside-tcp',
          expects: [
            'each UDP message is sent once, lost or not',
            'so the second is never answered',
            'TCP loses frames too',
            'and two',
            'and six',
          ],
        },
        { scenario: 'udp-beside-tcp', variant: 'good-cable', expects: ['six answers', 'and TCP says nothing twice'] },
      ],
    },
    {
      item: 14,
      title: 'Two kinds of address',
      text: 'IP addresses lead across networks, link addresses across one link; before a frame can be sent, the one has to become the other.',
      lookAt: 'a packet for the web server in a frame for the gateway.',
      shows: [
        {
          scenario: 'desktop-tables',
          expects: ["packets for the web server go to the gateway's link address", 'the web server is reached'],
        },
      ],
    },
    {
      item: 15,
      title: 'The neighbor table',
      text: 'What a machine knows about its neighbors: their IP address, their link address, and the interface; incomplete where nobody answered.',
      lookAt: 'the lines without a link address.',
      shows: [
        {
          command: ['show', 'scenarios/desktop-tables.yaml', 'arp', 'desktop', '--at', '7s'],
          prints: [
            `? (128.143.67.1) at 02:00:00:00:00:01 [ether] on lan
? (128.143.67.11) at 02:00:00:00:00:0b [ether] on lan
? (128.143.67.92) at <incomplete> on lan
? (128.143.67.140) at 02:00:00:00:00:8c [ether] on lan
? (128.143.67.236) at <incomplete> on lan
`,
          ],
        },
        { scenario: 'arp-incomplete', expects: ['the table shows both', 'one entry is complete and one is not'] },
      ],
    },
    {
      item: 16,
      title: 'Only neighbors are in the table',
      text: 'A machine behind a router has no entry, however much is sent to it: its link address is of no use here.',
      lookAt: 'the entry for the gateway, and that there is none for the web server.',
      shows: [
        {
          scenario: 'desktop-tables',
          expects: ['the gateway is a neighbor and the web server is not', 'the web server is reached'],
        },
      ],
    },
    {
      item: 17,
      title: 'ARP: who has this address?',
      text: 'Everyone on the link is asked who has an IP address, and the one who has it answers.',
      lookAt: 'the question to everyone and the answer to one.',
      shows: [
        {
          scenario: 'arp-incomplete',
          expects: [
            'the question is asked three times',
            'the printer answers the one who asked',
            'the packet itself never leaves',
          ],
        },
      ],
    },
    {
      item: 18,
      title: 'The local range',
      text: 'Configured with its network: a machine knows by a mask which addresses are on its own link.',
      lookAt: 'the line of the table with its mask.',
      shows: [
        { scenario: 'desktop-tables', expects: ['the local range is reached directly', 'printer and scanner answer'] },
        {
          command: [
            'route',
            'explain',
            '128.143.67.140',
            '--scenario',
            'scenarios/desktop-tables.yaml',
            '--host',
            'desktop',
          ],
          prints: [/AND 255\.255\.255\.0 += 128\.143\.67\.0 +is 128\.143\.67\.0 +on the link on lan.* <- wins$/m],
        },
      ],
    },
    {
      item: 19,
      title: 'The gateway',
      text: 'What is outside of the local range is given to the gateway, whose link address is looked up like that of any neighbor.',
      lookAt: 'whom Alice asks about: the gateway, and never Bob.',
      shows: [
        {
          scenario: 'routes-and-gateways',
          expects: ['Alice looked up her gateway and not Bob', 'Bob answers'],
        },
        { scenario: 'routes-and-gateways', variant: 'no-way-back', expects: ['no answer', 'and no answer was sent'] },
      ],
    },
    {
      item: 20,
      title: 'The routing table',
      text: 'Destination, gateway, mask, flags, metric, references, uses and interface: one line for everything else, one for the local network, one for 169.254.0.0/16.',
      lookAt: 'the eight columns and the three lines.',
      shows: [
        {
          command: ['show', 'scenarios/desktop-tables.yaml', 'routes', 'desktop'],
          prints: [
            `Kernel IP routing table
Destination     Gateway         Genmask         Flags Metric Ref    Use Iface
0.0.0.0         128.143.67.1    0.0.0.0         UG    100    0        0 lan
128.143.67.0    0.0.0.0         255.255.255.0   U     100    0        0 lan
169.254.0.0     0.0.0.0         255.255.0.0     U     1000   0        0 lan
`,
          ],
        },
      ],
    },
    {
      item: 21,
      title: 'The mask is for AND',
      text: 'A line of the table fits if the address AND its mask are its destination; of those that fit the longest mask wins.',
      lookAt: 'the three ANDs, and which of them is what it should be.',
      shows: [
        {
          command: [
            'route',
            'explain',
            '128.143.22.36',
            '--scenario',
            'scenarios/desktop-tables.yaml',
            '--host',
            'desktop',
          ],
          prints: [
            /^128\.143\.22\.36 AND 0\.0\.0\.0 += 0\.0\.0\.0 +is 0\.0\.0\.0 +via 128\.143\.67\.1 on lan, metric 100 +<- wins$/m,
            /^128\.143\.22\.36 AND 255\.255\.255\.0 += 128\.143\.22\.0 +is not 128\.143\.67\.0 /m,
            /^128\.143\.22\.36 AND 255\.255\.0\.0 += 128\.143\.0\.0 +is not 169\.254\.0\.0 /m,
          ],
        },
      ],
    },
    {
      item: 22,
      title: '169.254.0.0/16',
      text: 'Addresses that a machine may choose for itself, good on its own link alone.',
      lookAt: 'the addresses that Alice and Bob have in the end.',
      shows: [
        { scenario: 'link-local', expects: ['she chooses one', 'so does Bob', 'Alice reaches the printer'] },
        { scenario: 'desktop-tables', expects: ['and so is 169.254.0.0/16'] },
      ],
    },
    {
      item: 23,
      title: 'How a machine gets its address',
      text: 'Somebody types it in, the machine just chooses one, or it asks. Who just chooses may choose what another has: so it asks first whether anybody has it.',
      lookAt: 'two machines that choose the same address, and what the second does then.',
      shows: [
        { scenario: 'arp-incomplete', expects: ['the printer answers'] },
        {
          scenario: 'link-local-conflict',
          expects: [
            'Bob asks three times whether it is taken',
            'and has it',
            'Alice asks about another',
            'and has that',
          ],
        },
        {
          scenario: 'link-local-conflict',
          variant: 'met-too-late',
          expects: ['Alice had the address', 'and so had Bob', 'at the end both reach the printer'],
        },
        { scenario: 'dhcp-renewal-and-expiry', expects: ['and is hers'] },
      ],
    },
    {
      item: 24,
      title: 'A server that assigns addresses',
      text: 'The local router knows which addresses are free, and may be told to keep one for a certain link address.',
      lookAt: 'the address that is kept for Bob.',
      shows: [
        {
          scenario: 'dhcp-renewal-and-expiry',
          expects: ["Alice's lease is from the range", 'Bob has the address that is kept for him', 'Bob uses it'],
        },
      ],
    },
    {
      item: 25,
      title: 'DHCP without an address',
      text: 'It goes over UDP, from 0.0.0.0 since one has no address yet, to 255.255.255.255 since one knows no server.',
      lookAt: 'source and destination of the first packets.',
      shows: [
        {
          scenario: 'dhcp-renewal-and-expiry',
          expects: ["asked for without an address of one's own", "over UDP to the server's port"],
        },
      ],
    },
    {
      item: 26,
      title: 'Leases: a time limit, renewed or given back',
      text: 'An address is lent for a time. Its holder asks the server for more before it is over, or gives it back.',
      lookAt: 'whom Alice asks at half time, whom she asks later, and what Bob does.',
      shows: [
        {
          scenario: 'dhcp-renewal-and-expiry',
          expects: [
            'Alice renews from the server itself',
            'she asks everyone',
            'and begins anew when the lease is over',
            'Bob gives it back',
            'and has none',
          ],
        },
        {
          scenario: 'dhcp-renewal-and-expiry',
          variant: 'the-server-stays',
          expects: ['four minutes later it is still hers', 'renewed every half minute'],
        },
      ],
    },
    {
      item: 27,
      title: 'Exercise: why a time limit?',
      text: 'Guests leave without a word. With endless leases the addresses are gone although nobody uses them.',
      lookAt: 'whether Carol gets an address, in the cafe with short leases and in the one with endless ones.',
      shows: [
        { scenario: 'why-leases-end', expects: ['nobody said goodbye', 'Carol gets an address'] },
        {
          scenario: 'why-leases-end',
          variant: 'endless-lease',
          expects: ['Carol asks and asks', 'and is offered nothing'],
        },
        {
          scenario: 'why-leases-end',
          variant: 'endless-lease-and-polite-guests',
          expects: ["Carol gets Ann's address"],
        },
      ],
    },
    {
      item: 28,
      title: 'NAT: many private addresses, one public one',
      text: 'Addresses are scarce; so a house has private ones, and its router lets all of them appear as its own.',
      lookAt: 'the source address of the same packet in the house and outside.',
      shows: [
        {
          scenario: 'nat',
          expects: [
            "Alice's page loads",
            "Bob's page loads",
            "everything outside has the router's address",
            'no private address is seen outside',
          ],
        },
      ],
    },
    {
      item: 29,
      title: 'Providers translate too',
      text: 'A provider that has not enough addresses gives its customers others from 100.64.0.0/10, and translates once more.',
      lookAt: 'three addresses of one machine on three networks.',
      shows: [
        {
          scenario: 'double-nat',
          expects: [
            "there it is one of the carrier's",
            'and that is gone on the net',
            "the server sees the provider's",
            "the provider's knows only her router",
          ],
        },
      ],
    },
    {
      item: 30,
      title: 'The table of translations',
      text: 'For each session: the remote host and port, the port outside, and the address and port inside.',
      lookAt: 'two rows with the same remote host, told apart by the port outside.',
      shows: [
        {
          command: ['show', 'scenarios/nat.yaml', 'nat', 'router', '--at', '2s'],
          prints: [
            /^remote host \+ port {2}outside local port number {2}inside IP +inside port number\n198\.51\.100\.80:80 +\d+ +192\.168\.1\.5 +\d+\n198\.51\.100\.80:80 +\d+ +192\.168\.1\.37 +\d+\n$/,
          ],
        },
        { scenario: 'nat', expects: ['one row a connection'] },
      ],
    },
    {
      item: 31,
      title: 'NAT needs two layers',
      text: 'It looks at ports, and at the beginning and end of connections: that is how rows come and go.',
      lookAt: 'the row that nobody inside asked for and that is not there, and the table when all is over.',
      shows: [
        {
          scenario: 'nat',
          expects: ['the outsider is refused', 'and nothing of it comes in', 'rows of closed connections go'],
        },
      ],
    },
  ],
};
