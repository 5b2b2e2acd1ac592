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
      lookAt:
        'the last column: as many keys as there are websites, or as many as there are authorities; and Alice, who was given one and can tell servers apart that she has never met.',
      shows: [
        {
          command: ['keys', '--sites', '200', '--browsers', '10', '--authorities', '3'],
          prints: [/^a key pair for each website +200 +0 +1 +200$/m, /^certificates of 3 authorities +203 +0 +1 +3$/m],
        },
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
        {
          scenario: 'certificates-refused',
          expects: ['one is right', 'it leads to a root that Alice does not trust', 'whom to trust is up to Alice'],
        },
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
      lookAt: 'its issuer and subject on several lines, the key of 2,048 bits, the two usages, and the three names.',
      shows: [
        {
          command: ['certificate', 'examples/certificates/website.pem', '--long-names'],
          prints: [
            /^ {8}Issuer:\n {12}commonName {16}= .* CA\n {12}organizationalUnitName {4}= .*\n {12}organizationName {10}= .*\n {12}localityName {14}= Ann Arbor\n {12}stateOrProvinceName {7}= MI\n {12}countryName {15}= US$/m,
            /^ {12}Not Before: Feb 28 00:00:00 2022 GMT\n {12}Not After : Feb 28 23:59:59 2023 GMT$/m,
            'Public-Key: (2048 bit)',
            'TLS Web Server Authentication, TLS Web Client Authentication',
            /^ +DNS:collab\.its\.\S+, DNS:collab-prod\.its\.\S+, DNS:collab\.itc\.\S+$/m,
            'Signature Algorithm: sha256WithRSAEncryption',
          ],
        },
      ],
    },
    {
      item: 97,
      title: 'Chains',
      text: 'An authority vouches for another, and that one for the website.',
      lookAt:
        'the certificate that comes without the one between it and the root, and the same with it; then a file with both, judged on a day when they held.',
      shows: [
        { scenario: 'certificates-refused', expects: ['what is between is not there'] },
        {
          scenario: 'certificates-refused',
          variant: 'the-intermediate-is-sent',
          expects: ['now it leads up to the root'],
        },
        {
          command: [
            'certificate',
            'examples/certificates/website.pem',
            '--ca',
            'examples/certificates/root.pem',
            '--at',
            '2022-06-01T12:00:00Z',
          ],
          prints: [/^believed .*: collab\.its\.example\.edu, signed by .* Server CA, signed by .*, which is trusted$/m],
        },
      ],
    },
    {
      item: 98,
      title: 'The hierarchy',
      text: 'A tree with trust anchors at its roots, as text and as a picture.',
      lookAt: 'what stands below what, and the same as a picture.',
      shows: [
        {
          command: ['pki', 'scenarios/certificates-refused.yaml'],
          prints: [
            /^demo-root \(root, .*\n├── demo-ca \(intermediate, .*\n│ {3}├── alone\.foo\.test \(end entity, /m,
            /^└── school-ca \(intermediate, .*\n {4}└── bank\.foo\.test /m,
            /^strange-root \(root, /m,
          ],
        },
        {
          command: ['pki', 'scenarios/certificates-refused.yaml', '--svg'],
          prints: [/^<svg xmlns=/m, />school-ca<\/text><text [^>]*>intermediate<\/text>/, /<path d="M/],
        },
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
      lookAt:
        'what has to be right before a page comes: the name, the way up to a root that is trusted, the time, and what the authorities on the way may vouch for.',
      shows: [
        {
          scenario: 'certificates-refused',
          expects: ['one is right', 'it is for another name', 'the school may not vouch for a bank'],
        },
        { scenario: 'certificate-expires', expects: ['it holds', 'it has expired'] },
        { scenario: 'coffee-shop-mitm', expects: ['certificate is refused', 'the PIN is never readable'] },
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
      ...attacked('update-replaced', 'update-rolled-back'),
    },
    {
      item: 103,
      title: 'For mail',
      text: 'The same idea with addresses of people.',
      lookAt:
        'the mailbox in the place of a host, and the purpose; it is believed of her and of nobody else. Whether mail is then signed or encrypted with the key (S/MIME) is up to programs that are not here.',
      shows: [
        {
          command: ['certificate', 'examples/certificates/mailbox.pem'],
          prints: ['E-mail Protection', 'email:alice@example.edu'],
        },
        {
          command: [
            'certificate',
            'examples/certificates/mailbox.pem',
            '--ca',
            'examples/certificates/root.pem',
            '--at',
            '2022-06-01T12:00:00Z',
            '--for',
            'alice@example.edu',
          ],
          prints: [/^believed .*: alice@example\.edu, signed by .*, which is trusted$/m],
        },
        {
          command: [
            'certificate',
            'examples/certificates/mailbox.pem',
            '--ca',
            'examples/certificates/root.pem',
            '--at',
            '2022-06-01T12:00:00Z',
            '--for',
            'bob@example.edu',
          ],
          status: 1,
          prints: [/^refused .* \(wrong-mailbox, /m],
        },
      ],
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
      lookAt: 'a certificate that obeys, and one that disregards nearly all; each with the section.',
      shows: [
        {
          command: ['certificate', 'examples/certificates/website.pem', '--lint'],
          prints: [
            /^collab\.its\.example\.edu \(server\): obeys all \d\d requirements$/m,
            / Server CA \(intermediate\): obeys all \d\d requirements$/m,
          ],
        },
        {
          command: ['certificate', 'examples/certificates/careless.pem', '--lint'],
          status: 1,
          prints: [
            /^www\.example\.com \(server\): 1\d of \d\d requirements are not met$/m,
            /^ {2}validity \(BR §6\.3\.2\): 3654 days, not more than 398$/m,
            /^ {2}key \(BR §6\.1\.5\): RSA of 1024 bits$/m,
          ],
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
