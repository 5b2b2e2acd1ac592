// When it is enough to break things: overload, reflection, and firewalls.

import type { Chapter } from '../entry.ts';

export const denial: Chapter = {
  title: 'Denial of service and firewalls',
  entries: [
    {
      item: 136,
      title: 'Denial of service',
      text: 'Whoever only wants to disturb sends more than the server can work off, or more than its network can carry.',
      lookAt: 'who is turned away by the server, and whose packets the line drops.',
      shows: [
        {
          scenario: 'overloaded-server',
          expects: ['the third waits', 'the fifth is turned away at once', 'later all is well'],
        },
        { scenario: 'overloaded-server', variant: 'more-workers', expects: ['the fifth is served'] },
        {
          scenario: 'flooded-link',
          expects: ["a part of the visitor's packets is lost", 'of which the line took three quarters'],
        },
      ],
    },
    {
      item: 137,
      title: 'Exercise: why is the work no obstacle?',
      text: 'It need not be work for the attacker: a request may cost him a packet and the server seconds, and he may have many machines.',
      lookAt: 'what three short packets do to a shop, and what five homes do to a line.',
      shows: [
        {
          scenario: 'costly-requests',
          expects: [
            'and the idler one short packet',
            'a search takes the shop two seconds',
            'the visitor is turned away',
          ],
        },
        { scenario: 'flooded-link', expects: ["a part of the visitor's packets is lost"] },
      ],
    },
    {
      item: 138,
      title: 'Asymmetry: what a message costs',
      text: 'A search, memory, a disk to be read, a long answer: what costs the asker one packet may cost the asked a thousand times that.',
      lookAt:
        'the length of the request, the time that it takes, and the bytes that come back; then the same requests for something cheap.',
      shows: [
        {
          scenario: 'costly-requests',
          expects: [
            'a search takes the shop two seconds',
            'and the idler one short packet',
            'the visitor is turned away',
            'its front page is two hundred times as long as the request',
          ],
        },
        { scenario: 'costly-requests', variant: 'cheap-requests', expects: ['the visitor is served at once'] },
      ],
    },
    {
      item: 139,
      title: 'Asymmetry: how many machines',
      text: 'What one machine cannot do, many can: each sends little, and all together more than there is room for.',
      lookAt: 'the visitor beside five machines, and beside one.',
      shows: [
        {
          scenario: 'flooded-link',
          expects: ["a part of the visitor's packets is lost", 'of which the line took three quarters'],
        },
        {
          scenario: 'flooded-link',
          variant: 'one-machine',
          expects: ["nothing of the visitor's is lost", 'and the line takes all'],
        },
      ],
    },
    {
      item: 140,
      title: 'Reflection and amplification',
      text: 'A question in the name of the victim makes a third party send its long answer there.',
      lookAt:
        'how many bytes the server sends for each that Mallory does; what the visitor loses; and who could have prevented it, the edge of her network or the server.',
      shows: [
        {
          scenario: 'dns-reflection',
          expects: [
            'Mallory sends six hundred short questions',
            'the server sends the shop more than ten bytes for each of hers',
            "the visitor's packets are lost",
          ],
        },
        {
          scenario: 'dns-reflection',
          variant: 'the-edge-asks-who-is-there',
          expects: ['and none of it leaves her network', "nothing of the visitor's is lost"],
        },
        {
          scenario: 'dns-reflection',
          variant: 'the-server-limits-itself',
          expects: ['the server sends less than it is sent', 'who asks in earnest is answered'],
        },
      ],
    },
    {
      item: 141,
      title: 'Firewalls in three places',
      text: 'The service itself may be picky, the system of its machine may filter, or a router before it.',
      lookAt: "how far the stranger's first packet gets in each.",
      shows: [
        {
          scenario: 'firewall-three-places',
          expects: ['the desktop gets the page', 'the stranger does not', 'the system took his connection'],
        },
        {
          scenario: 'firewall-three-places',
          variant: 'the-system',
          expects: ['his packets come into the office', 'and are not answered', 'the system drops them'],
        },
        {
          scenario: 'firewall-three-places',
          variant: 'the-router',
          expects: ['the desktop gets the page', 'nothing of his comes into the office', 'the router drops it'],
        },
      ],
    },
    {
      item: 142,
      title: 'Rules of a firewall',
      text: 'ALLOW and BLOCK, a protocol and port, from whom and to whom; the first line that fits decides.',
      lookAt: 'the three lines in the file, and what becomes of the desktop when the one that blocks comes first.',
      shows: [
        {
          scenario: 'firewall-rules',
          expects: ['the desktop reaches port 22', 'a stranger reads the page', 'and does not reach port 22'],
        },
        {
          scenario: 'firewall-rules',
          variant: 'block-first',
          expects: ['the desktop is shut out', 'the page is still there'],
        },
        {
          scenario: 'firewall-rules',
          variant: 'from-one-to-one',
          expects: ['the one address may', 'others may not'],
        },
      ],
    },
    {
      item: 143,
      title: 'Summary of network security',
      text: 'Secrets, shared and public; protocols around them; certificates; key agreement; TLS as all of it together; denial of service; firewalls.',
      lookAt:
        'each part once: a code over what is encrypted, an old message once more, a key that somebody vouches for, keys agreed on that open nothing later, all of it as TLS, a certificate that is refused; and the two parts that need no cryptography.',
      shows: [
        { attack: 'pay-another-amount' },
        { attack: 'repair-man-replayed' },
        { attack: 'introduction-without-key' },
        { attack: 'yesterday-opened' },
        { scenario: 'home-behind-nat', expects: ['page loads over TLS 1.3'] },
        { scenario: 'coffee-shop-mitm', expects: ['certificate is refused', 'the PIN is never readable'] },
        { scenario: 'overloaded-server', expects: ['the fifth is turned away at once'] },
        { scenario: 'firewall-rules', expects: ['and does not reach port 22'] },
      ],
    },
  ],
};
