// From a name to a page: DNS, URIs, HTTP, and why an address proves nothing.

import type { Chapter } from '../entry.ts';

export const pages: Chapter = {
  title: 'DNS, URIs and HTTP',
  entries: [
    {
      item: 32,
      title: 'DNS: a distributed database',
      text: 'Names are a tree. Each part of it is kept by its own servers, which know whom to ask about the parts below, and answers are remembered for a while.',
      lookAt: 'who is asked in which order, and who is not asked the second time.',
      shows: [
        {
          scenario: 'dns-hierarchy',
          expects: [
            'the root knows who knows more',
            'test knows who knows more',
            'foo.test knows',
            'root, test and foo.test are asked',
          ],
        },
        { scenario: 'dns-hierarchy', variant: 'the-root-is-gone', expects: ['nothing is found'] },
        { scenario: 'dns-caching-and-ttl', expects: ['nobody else was asked', 'from the last server alone'] },
      ],
    },
    {
      item: 33,
      title: 'URL and URI',
      text: 'A URL says where something is and how to get it, in one form for many protocols. A URI names it, whether or not it can be got.',
      lookAt: 'the telephone number: a scheme and a path, and no host to go to.',
      shows: [
        {
          command: ['uri', 'http://www.foo.com:80/foo/bar?quux#q1', 'tel:+1-434-982-2200'],
          prints: [/^http +- +www\.foo\.com +80 +\/foo\/bar +quux +q1$/m, /^tel +- +- +- +\+1-434-982-2200 +- +-$/m],
        },
      ],
    },
    {
      item: 34,
      title: 'Seven URIs',
      text: 'With port, query and fragment; without; a bare host; a user; a telephone number; and two that take what they lack from where they stand.',
      lookAt: 'the dashes, and what takes their place on a page of https://www.cs.virginia.edu/.',
      shows: [
        {
          command: [
            'uri',
            'https://kytos02.cs.virginia.edu:443/cs3130-spring2023/quizzes/quiz.php?qid=02#q2',
            'https://kytos02.cs.virginia.edu/cs3130-spring2023/quizzes/quiz.php?qid=02',
            'https://www.cs.virginia.edu/',
            'sftp://cr4bd@portal.cs.virginia.edu/u/cr4bd/file.txt',
            'tel:+1-434-982-2200',
            '//www.cs.virginia.edu/~cr4bd/3130/S2023/',
            '/~cr4bd/3130/S2023',
          ],
          prints: [
            /^https +- +kytos02\.cs\.virginia\.edu +443 +\/cs3130-spring2023\/quizzes\/quiz\.php +qid=02 +q2$/m,
            /^https +- +kytos02\.cs\.virginia\.edu +\(443\) +\/cs3130-spring2023\/quizzes\/quiz\.php +qid=02 +-$/m,
            /^https +- +www\.cs\.virginia\.edu +\(443\) +\/ +- +-$/m,
            /^sftp +cr4bd +portal\.cs\.virginia\.edu +\(22\) +\/u\/cr4bd\/file\.txt +- +-$/m,
            /^tel +- +- +- +\+1-434-982-2200 +- +-$/m,
            /^- +- +www\.cs\.virginia\.edu +- +\/~cr4bd\/3130\/S2023\/ +- +-$/m,
            /^- +- +- +- +\/~cr4bd\/3130\/S2023 +- +-$/m,
          ],
        },
        {
          command: [
            'uri',
            '//www.cs.virginia.edu/~cr4bd/3130/S2023/',
            '/~cr4bd/3130/S2023',
            '--base',
            'https://www.cs.virginia.edu/',
          ],
          prints: [
            /^https +- +www\.cs\.virginia\.edu +\(443\) +\/~cr4bd\/3130\/S2023\/ +- +-$/m,
            /^https +- +www\.cs\.virginia\.edu +\(443\) +\/~cr4bd\/3130\/S2023 +- +-$/m,
          ],
        },
      ],
    },
    {
      item: 35,
      title: 'The grammar of URIs',
      text: 'Scheme, authority, path, query, fragment; and an authority is a host, with a user before it or a port behind it or both.',
      lookAt: 'the four forms of an authority, and where a URI that is none goes wrong.',
      shows: [
        {
          command: ['uri', 'x://user@host:1/p', 'x://host:1/p', 'x://user@host/p', 'x://host/p'],
          prints: [
            /^x +user +host +1 +\/p /m,
            /^x +- +host +1 +\/p /m,
            /^x +user +host +- +\/p /m,
            /^x +- +host +- +\/p /m,
          ],
        },
        { command: ['uri', 'http://two words/'], status: 2, prints: ['The URI has the character " " in its host'] },
      ],
    },
    {
      item: 36,
      title: 'From a URL to a page',
      text: 'The host is looked up, a TCP connection made to the port, and the path and query asked for, with the host in a field of its own.',
      lookAt: 'which parts of the URL are sent, and that the fragment is not.',
      shows: [
        {
          scenario: 'url-to-page',
          expects: ['the page of foo', 'the name was looked up', 'path and query are asked for'],
        },
        { scenario: 'home-behind-nat', expects: ['page loads over TLS 1.3', 'resolver walked the tree'] },
      ],
    },
    {
      item: 37,
      title: 'Exercise: why is the host there?',
      text: 'Several sites live at one address. A server that does not look at the host cannot tell their visitors apart.',
      lookAt: 'the same path at the same address: two pages, or one for all.',
      shows: [
        { scenario: 'url-to-page', expects: ['the page of foo', 'the page of bar', 'at the same address'] },
        {
          scenario: 'url-to-page',
          variant: 'server-ignores-host',
          expects: ["foo's visitors see somebody's page", "and so do bar's"],
        },
      ],
    },
    {
      item: 38,
      title: 'Exercise: only my desktop may connect',
      text: 'A service that trusts an address trusts what a packet says of itself. Anyone can send such a packet; whether that is of use depends on where the sender is and whether he must hear the answer.',
      lookAt:
        'how an honest stranger fares, and then those who say that they are the desktop: over UDP, blind, and on the path.',
      shows: [
        { scenario: 'firewall-three-places', expects: ['the desktop gets the page', 'the stranger does not'] },
        { attack: 'address-alone' },
        { attack: 'address-with-counted-number' },
        { attack: 'address-on-path' },
      ],
    },
  ],
};
