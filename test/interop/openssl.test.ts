// openssl's verdict on certificates: it shows ours as we do, and refuses what we refuse, with the code that we name.

import assert from 'node:assert/strict';
import { after, suite, test } from 'node:test';
import { exampleCertificates } from '../../scripts/example_certificates_text.ts';
import { utf8 } from '../../src/core/bytes.ts';
import { EXAMPLE_RSA_KEYS } from '../../src/secure/crypto/example_rsa_keys.ts';
import { nodeCrypto } from '../../src/secure/crypto/node.ts';
import { CertificateAuthority } from '../../src/secure/pki/authority.ts';
import { type Certificate, parseCertificate } from '../../src/secure/pki/certificate.ts';
import { formatCertificate } from '../../src/secure/pki/certificate_text.ts';
import { emitCertificationRequest } from '../../src/secure/pki/certification_request.ts';
import { isMalformed } from '../../src/secure/pki/der_reader.ts';
import { DerTag } from '../../src/secure/pki/der_tag.ts';
import { derElement } from '../../src/secure/pki/der_writer.ts';
import { distinguishedName } from '../../src/secure/pki/distinguished_name.ts';
import * as extension from '../../src/secure/pki/extension_writer.ts';
import { dnsAltName } from '../../src/secure/pki/general_name.ts';
import { ipSubtree } from '../../src/secure/pki/name_constraints.ts';
import { Oid } from '../../src/secure/pki/object_identifier.ts';
import { ruleCodes } from '../../src/secure/pki/path_failure.ts';
import { parsePem } from '../../src/secure/pki/pem.ts';
import { emitPrivateKey, importPrivateKey, publicKeyInfoOf, signerOf } from '../../src/secure/pki/private_key.ts';
import { parsePrefix } from '../../src/wire/address.ts';
import { below, DAY, NOON, random, rootNamed, server, validate } from '../testing/certificates.ts';
import { Openssl } from './openssl.ts';

const openssl = Openssl.find();
const { CI } = process.env;
const absent = 'openssl is not installed: scripts/install-interop-tools.sh installs it';
const skip = openssl === undefined && CI !== 'true' ? absent : false;
const judge = (): Openssl => openssl ?? assert.fail(absent);

const root = rootNamed('Root');
const ca = below(root, 'CA');
const www = server(ca, 'www.home.arpa', '192.168.1.1', '2001:db8::1');
const rsa = importPrivateKey(nodeCrypto, { kind: 'rsa', numbers: EXAMPLE_RSA_KEYS.A }) ?? assert.fail();

const everything = root.intermediate(random('everything'), {
  name: distinguishedName({
    countryName: 'US',
    stateOrProvinceName: 'Virginia',
    localityName: 'Charlottesville; "downtown"',
    organizationName: 'Internet, too + more',
    organizationalUnitName: ' blank',
    commonName: 'Žluťoučký \u0007',
    emailAddress: 'a@example.com',
  }),
  keyKind: 'Ed25519',
  notBefore: 2_500_000_000,
  lifetime: 1000 * DAY,
  pathLength: 3,
  nameConstraints: {
    permitted: [
      dnsAltName('home.arpa'),
      ipSubtree(parsePrefix('192.168.1.0/24') ?? assert.fail()),
      { kind: 'email', address: '.example.com' },
    ],
    excluded: [dnsAltName('secret.home.arpa')],
  },
  extensions: [
    extension.extKeyUsage([
      'serverAuth',
      'clientAuth',
      'codeSigning',
      'emailProtection',
      'timeStamping',
      'ocspSigning',
    ]),
    extension.certificatePolicies([
      { policy: Oid.anyPolicy, qualifiers: [] },
      {
        policy: '1.3.9999.1',
        qualifiers: [
          {
            oid: Oid.cps,
            value: derElement(DerTag.Ia5String, utf8('http:')),
          },
        ],
      },
    ]),
    extension.policyMappings([{ issuerPolicy: '1.3.9999.1', subjectPolicy: '1.3.9999.2' }]),
    extension.policyConstraints({ requireExplicitPolicy: 3, inhibitPolicyMapping: 0 }),
    extension.inhibitAnyPolicy(2),
    extension.authorityInfoAccess([
      { method: Oid.ocsp, location: { kind: 'uri', uri: 'http://ocsp.isp.net/' } },
      { method: Oid.caIssuers, location: { kind: 'uri', uri: 'http://ca.isp.net/root.crt' } },
    ]),
    extension.crlDistributionPoints(['http://crl.isp.net/list']),
    { oid: '1.3.9999.5', isCritical: true, value: Uint8Array.of(0x04, 2, 65, 200) },
  ],
});
const rsaServer = root.issue([dnsAltName('rsa.home.arpa')], publicKeyInfoOf(rsa), { notBefore: NOON });

suite('Judged by openssl', { skip }, () => {
  after(() => openssl?.close());

  test('the judge is there', (t) => t.diagnostic(judge().version));

  const shown: readonly [what: string, certificate: Certificate][] = [
    ['a root', root.certificate],
    ['an authority', ca.certificate],
    ['a server', www.chain[0] ?? assert.fail()],
    ['a server with an RSA key', rsaServer],
    ['an authority with every extension', everything.certificate],
    ['what an Ed25519 authority has signed', server(everything, 'b.home.arpa').chain[0] ?? assert.fail()],
  ];
  for (const [what, certificate] of shown) {
    test(`${what} is shown by openssl as by us, on one line a name and on several`, () => {
      assert.equal(formatCertificate(certificate), judge().text(certificate));
      const several = judge().text(certificate, '-nameopt', 'multiline,dn_rev');
      assert.equal(formatCertificate(certificate, { names: 'lines' }), several);
    });
  }

  test('the shipped examples are shown as openssl shows them, and judged as it judges them', () => {
    const examples = new Map(
      [...exampleCertificates()].map(([name, text]) => [
        name,
        (parsePem(text) ?? assert.fail()).map(({ bytes }) => {
          const certificate = parseCertificate(bytes);
          return isMalformed(certificate) ? assert.fail(certificate.reason) : certificate;
        }),
      ]),
    );
    for (const certificate of [...examples.values()].flat()) {
      assert.equal(formatCertificate(certificate), judge().text(certificate));
    }
    const [website = [], trusted = []] = ['website.pem', 'root.pem'].map((name) => examples.get(name));
    const june2022 = 1_654_041_600;
    for (const now of [june2022, NOON]) {
      const ours = validate(website, { trusted, now, name: 'collab.itc.example.edu' });
      const expected = ours.kind === 'valid' ? 0 : ruleCodes(ours.rule).openssl.number;
      assert.equal(judge().verify(website, { trusted, now, name: 'collab.itc.example.edu' }), expected);
    }
  });

  test('requests, keys and revocation lists of ours are read by openssl', () => {
    const extensions = [extension.subjectAltName([dnsAltName('www.home.arpa')])];
    const asked = { subject: distinguishedName({ commonName: 'www.home.arpa' }), extensions };
    for (const key of [www.key, rsa, everything.key]) {
      const request = emitCertificationRequest(asked, signerOf(key));
      const shownRequest = judge().shows('req', 'CERTIFICATE REQUEST', request, '-verify', '-text');
      assert.match(shownRequest, /verify OK/);
      assert.match(shownRequest, /DNS:www\.home\.arpa/);
      assert.match(judge().shows('pkey', 'PRIVATE KEY', emitPrivateKey(key), '-check'), /Key is valid/);
    }
    ca.revoke(www.chain[0] ?? assert.fail(), NOON);
    const list = judge().shows('crl', 'X509 CRL', ca.issueRevocationList(NOON).bytes, '-text');
    for (const expected of [
      /Next Update: Mar {2}8 12:00:00 2026 GMT/,
      /CRL Number: \s+1\n/,
      /Revocation Date: Mar {2}1 12:00:00/,
    ]) {
      assert.match(list, expected);
    }
  });

  // What openssl refuses and we refuse, with the code that we say it has.
  const narrow = below(root, 'Narrow', { pathLength: 0 });
  const constrained = below(root, 'Constrained', {
    nameConstraints: { permitted: [dnsAltName('home.arpa')], excluded: [dnsAltName('secret.home.arpa')] },
  });
  const forger = CertificateAuthority.root(nodeCrypto, random('forger'), { name: 'Root', notBefore: NOON });
  const self = rootNamed('self');
  const odd = [{ oid: '1.3.9999', isCritical: true, value: Uint8Array.of(5, 0) }];
  const clients = ca.issueServer({ names: ['a.home.arpa'], notBefore: NOON, purposes: ['clientAuth'] });
  const modern = rootNamed('Modern');
  const cases: readonly [
    what: string,
    chain: readonly Certificate[],
    also?: { now?: number; name?: string; address?: string },
  ][] = [
    ['a sound one', www.chain, { name: 'www.home.arpa' }],
    ['one for an address', www.chain, { address: '192.168.1.1' }],
    ['a bridge', [...server(below(modern, 'M'), 'a.b.net').chain, root.crossSign(modern, { notBefore: NOON })]],
    ['names within constraints', server(constrained, 'www.home.arpa').chain],
    ['an expired one', www.chain, { now: NOON + 90 * DAY }],
    ['one from the future', www.chain, { now: NOON - 1 }],
    ['another name', www.chain, { name: 'mail.home.arpa' }],
    ['another address', www.chain, { address: '192.168.1.2' }],
    ['a missing root', server(below(rootNamed('Other'), 'Else'), 'a.home.arpa').chain],
    ['one that signs itself', [self.certificate]],
    ['an untrusted root sent along', [...server(self, 'a.home.arpa').chain, self.certificate]],
    ['an authority too many', server(below(narrow, 'Further'), 'a.home.arpa').chain],
    ['a name that is not permitted', server(constrained, 'www.example.com').chain],
    ['a name that is excluded', server(constrained, 'www.secret.home.arpa').chain],
    ['another purpose', clients.chain],
    ['an unknown critical extension', server(below(root, 'Odd', { extensions: odd }), 'a.home.arpa').chain],
  ];
  for (const [what, chain, also = {}] of cases) {
    test(`${what}: openssl and we say the same`, () => {
      const { now = NOON + 60, name, address } = also;
      const trusted = [root.certificate];
      const wanted = name ?? address;
      const ours = validate(chain, {
        trusted,
        now,
        profile: 'path',
        ...(wanted === undefined ? {} : { name: wanted }),
      });
      const code = ours.kind === 'valid' ? 0 : ruleCodes(ours.rule).openssl.number;
      assert.equal(
        code,
        judge().verify(chain, { trusted, now, name, address }),
        ours.kind === 'valid' ? 'valid' : ours.rule,
      );
    });
  }

  test('a lone leaf: openssl verify stops one error before the one that servers are told', () => {
    const chain = www.chain.slice(0, 1);
    const ours = validate(chain, { trusted: [root.certificate] });
    assert.equal(ours.kind === 'refused' && ruleCodes(ours.rule).openssl.number, 21);
    assert.equal(judge().verify(chain, { trusted: [root.certificate], now: NOON + 60 }), 20);
  });

  test('a root of the same name and another key: openssl looks at key identifiers first', () => {
    const chain = server(forger, 'a.home.arpa').chain;
    const ours = validate(chain, { trusted: [root.certificate] });
    assert.equal(ours.kind === 'refused' && ours.rule, 'bad-signature');
    assert.equal(judge().verify(chain, { trusted: [root.certificate], now: NOON + 60 }), 20);
  });

  test('our profile of RFC 5280 is passed where openssl is strict', () => {
    const asked = { trusted: [root.certificate], now: NOON + 60, name: 'www.home.arpa', isStrict: true };
    assert.equal(judge().verify(www.chain, asked), 0);
    assert.equal(
      validate(www.chain, { trusted: [root.certificate], profile: 'rfc5280', name: 'www.home.arpa' }).kind,
      'valid',
    );
  });
});
