// Public keys that somebody vouches for, who that is, and what is done when he is wrong.

import { attacked } from '../attacked.ts';
import type { Chapter } from '../entry.ts';

export const certificates: Chapter = {
  title: 'Certificates',
  entries: [
    {
      item: 93,
      title: 'The keys of every website',
      text: 'Public keys are few enough to hold, and too many to bring to each browser by hand.',
      lookAt: 'that Alice, who was given one key, can tell servers apart that she has never met.',
      shows: [
        {
          scenario: 'certificates-refused',
          expects: ['one is right', 'it leads to a root that Alice does not trust', 'whom to trust is up to Alice'],
        },
      ],
    },
    {
      item: 94,
      title: 'Vouching',
      text: "A tells C what B's key is, and signs it. If C does not trust A, nothing is won.",
      ...attacked('introduction-without-key', 'introduction-by-a-stranger'),
    },
    {
      item: 95,
      title: 'Certificate authorities',
      text: 'Some few are trusted to vouch for everybody else.',
      lookAt: 'which of the two roots Alice trusts, and what that decides.',
      shows: [
        { scenario: 'certificates-refused', expects: ['it leads to a root that Alice does not trust'] },
        { scenario: 'coffee-shop-mitm', expects: ['certificate is refused', 'the PIN is never readable'] },
        {
          scenario: 'coffee-shop-mitm',
          variant: 'victim-installed-the-rogue-root',
          expects: ['now the attack succeeds', 'and Mallory reads the PIN'],
        },
      ],
    },
    {
      item: 96,
      title: 'A certificate, printed',
      text: 'Who, which key, until when, for which names and uses, and signed by whom.',
      lookAt: 'the issuer and the subject in lines, the key of 2048 bits, the three names and the two uses.',
      shows: [
        {
          example: 'examples/certificate.ts',
          prints: [
            /^ {12}commonName +=[^\n]+\n {12}organizationalUnitName +=/m,
            'Public-Key: (2048 bit)',
            'TLS Web Server Authentication, TLS Web Client Authentication',
            'DNS:collab.its.example.edu, DNS:collab-prod.its.example.edu, DNS:collab.itc.example.edu',
          ],
        },
        {
          command: ['pki', 'scenarios/home-behind-nat.yaml', 'www'],
          prints: ['CN = www.foo.test', 'DNS:www.foo.test'],
        },
      ],
    },
    {
      item: 97,
      title: 'Chains',
      text: 'An authority vouches for another, and that one for the website.',
      lookAt: 'the server that does not send the certificate of the authority between.',
      shows: [
        { scenario: 'certificates-refused', expects: ['what is between is not there'] },
        {
          scenario: 'certificates-refused',
          variant: 'the-intermediate-is-sent',
          expects: ['now it leads up to the root'],
        },
      ],
    },
    {
      item: 98,
      title: 'The hierarchy',
      text: 'A tree with trust anchors at its roots, as text and as a picture.',
      lookAt: 'who stands below whom.',
      shows: [
        {
          command: ['pki', 'scenarios/certificates-refused.yaml'],
          prints: [/^demo-root \(root[^\n]*\n├── demo-ca \(intermediate/m, /^strange-root/m],
        },
        { command: ['pki', 'scenarios/certificates-refused.yaml', '--svg'], prints: ['<svg', 'school-ca'] },
      ],
    },
    {
      item: 99,
      title: 'How many trust anchors',
      text: 'A browser or a runtime ships more than a hundred, of about half as many owners.',
      lookAt:
        'the last lines: how many this Node ships and of how many owners, and the two stores of the slide beside them.',
      shows: [
        {
          command: ['trust-anchors'],
          prints: [/^Node [\d.]+ +1\d\d +\d\d$/m, /Firefox, 2023-02-27 +155 +55/, /Windows, 2023-02-27 +237 +86/],
        },
      ],
    },
    {
      item: 100,
      title: 'A public key infrastructure for websites',
      text: 'Names of websites to keys.',
      lookAt: 'which names a certificate stands for, and what happens with others.',
      shows: [
        { scenario: 'home-behind-nat', expects: ['page loads over TLS 1.3'] },
        {
          scenario: 'certificates-refused',
          expects: ['it is for another name', 'the school may not vouch for a bank'],
        },
      ],
    },
    {
      item: 101,
      title: 'For records of names',
      text: 'DNSSEC: the zone above vouches for the key of the zone below.',
      waitsFor: 'DNSSEC',
    },
    {
      item: 102,
      title: 'For programs',
      text: 'An update is installed only if the right one signed it.',
      ...attacked('update-rolled-back'),
    },
    {
      item: 103,
      title: 'For mail',
      text: 'The same idea with addresses of people.',
      waitsFor: 'certificates',
    },
    {
      item: 104,
      title: 'Exercise: how should an identity be verified?',
      text: 'What an authority ought to ask for before it signs.',
      waitsFor: 'certificates',
    },
    {
      item: 105,
      title: 'Baseline requirements',
      text: 'What browsers and authorities have agreed that a certificate must be like.',
      lookAt:
        'what the authorities of this scenario leave out: nothing says where to ask whether a certificate is still good.',
      shows: [
        {
          command: ['pki', 'scenarios/certificates-refused.yaml', '--lint'],
          prints: [/^demo-root \(root\): obeys all \d+ requirements$/m, /^ {2}way to ask about revocation \(BR §/m],
          status: 1,
        },
      ],
    },
    {
      item: 106,
      title: 'Validation by mail',
      text: 'A message to the contact of the domain.',
      waitsFor: 'certificates and an authority that validates',
    },
    {
      item: 107,
      title: 'Validation by a value',
      text: 'In DNS, on a page, or at the server itself: who can put it there has control.',
      waitsFor: 'certificates and an authority that validates',
    },
    {
      item: 108,
      title: 'Exercise: what it does not solve',
      text: 'An attacker near the authority, names that look alike, a domain that is sold while its certificate lives.',
      waitsFor: 'certificates and attackers near an authority',
    },
    {
      item: 109,
      title: 'Hardware for keys',
      text: 'A key that can be used and not read.',
      ...attacked('key-copied-from-disk'),
    },
    {
      item: 110,
      title: 'Revocation',
      text: 'A list of what is no longer good, which some browsers sometimes ask.',
      waitsFor: 'certificates',
    },
    {
      item: 111,
      title: 'Transparency',
      text: 'Every certificate stands in public logs, so that owners see what is issued in their name.',
      waitsFor: 'certificates and their logs',
    },
    {
      item: 112,
      title: 'CAA',
      text: 'A domain says in DNS who may issue for it.',
      waitsFor: 'an authority that asks',
    },
    {
      item: 113,
      title: 'CAA without DNSSEC',
      text: 'What DNS says can be forged where it is not signed.',
      waitsFor: 'an authority that asks, and attackers on DNS',
    },
  ],
};
