import assert from 'node:assert/strict';
import { test } from 'node:test';
import { below, DAY, NOON, random, rootNamed, server, verdict } from '../../../test/testing/certificates.ts';
import type { Random } from '../../core/random.ts';
import { nodeCrypto } from '../crypto/node.ts';
import { CertificateAuthority } from './authority.ts';
import { strayCommonName } from './certificate_profile.ts';
import { formatCertificate } from './certificate_text.ts';
import { emitCertificationRequest, parseCertificationRequest } from './certification_request.ts';
import { isMalformed } from './der_reader.ts';
import { distinguishedName } from './distinguished_name.ts';
import type { Extension } from './extension.ts';
import * as extension from './extension_writer.ts';
import { dnsAltName } from './general_name.ts';
import { buildHierarchy, drawHierarchy, formatHierarchy } from './hierarchy.ts';
import { formatComplaint, lintCertificate, REQUIREMENTS } from './lint.ts';
import { Oid } from './object_identifier.ts';
import { belongsTo, generateKey, signerOf } from './private_key.ts';

const root = rootNamed('Root');
const ca = below(root, 'CA', { pathLength: 0 });

function asked(extensions: readonly Extension[]) {
  const signer = signerOf(generateKey(nodeCrypto, 'P-256', random('asker')));
  const request = parseCertificationRequest(
    emitCertificationRequest({ subject: distinguishedName({ commonName: 'whatever' }), extensions }, signer),
  );
  assert.ok(!isMalformed(request));
  return request;
}

test('who asks with a proof of its key gets a certificate for the names asked for, and for nothing else', () => {
  const request = asked([
    extension.subjectAltName([dnsAltName('www.home.arpa')]),
    extension.basicConstraints({ isAuthority: true, pathLength: undefined }),
  ]);
  const issued = ca.issueFor(request, { notBefore: NOON });
  assert.ok(!('kind' in issued));
  assert.equal(verdict(issued, { trusted: [root.certificate], name: 'www.home.arpa' }), 'valid');
  assert.equal(issued[0]?.basicConstraints?.isAuthority, false, 'asking to be an authority does not make one');
  assert.deepEqual(issued[0]?.publicKey.bytes, request.publicKey.bytes);
});

test('who has not the key, or asks for no names, or for names that are none, gets nothing', () => {
  const names = (...list: string[]) => [extension.subjectAltName(list.map(dnsAltName))];
  const request = asked(names('www.home.arpa'));
  const forged = { ...request, publicKey: ca.certificate.publicKey };
  const reason = (of: typeof request): string => {
    const result = ca.issueFor(of, { notBefore: NOON });
    return 'kind' in result ? result.reason : 'issued';
  };
  assert.equal(reason(forged), 'key-not-proven');
  assert.equal(reason(asked([])), 'no-names');
  assert.equal(reason(asked(names('a_b.home.arpa'))), 'bad-name');
  assert.equal(reason(asked(names(...Array.from({ length: 101 }, (_, i) => `h${i}.home.arpa`)))), 'too-many-names');
});

test('a server gets a key of its own, the same every time', () => {
  const one = server(ca, 'www.home.arpa');
  assert.ok(belongsTo(one.key, one.chain[0] ?? assert.fail()));
  const other = server(ca, 'www.home.arpa');
  assert.deepEqual(one.chain[0]?.publicKey.bytes, other.chain[0]?.publicKey.bytes);
  assert.notDeepEqual(one.chain[0]?.serialNumber, other.chain[0]?.serialNumber, 'but each certificate has its number');
});

test('a mailbox is a name too, and where a serial number comes from can be said', () => {
  const serialNumber = (): Random => random('serial number');
  const issue = () =>
    ca.issueServer({ names: ['alice@home.arpa'], notBefore: NOON, serialNumber: serialNumber() }).chain;
  const [one = assert.fail(), ...rest] = issue();
  assert.deepEqual(one.subjectAltName, [{ kind: 'email', address: 'alice@home.arpa' }]);
  assert.deepEqual(issue()[0]?.bytes, one.bytes);
  assert.equal(strayCommonName(one), false);
  assert.equal(verdict([one, ...rest], { trusted: [root.certificate], purpose: 'clientAuth' }), 'valid');
  assert.throws(() => server(ca, 'alice@'), RangeError);
});

test('a name too long for a common name is an alternative name alone', () => {
  const long = `${'a'.repeat(63)}.home.arpa`;
  const [leaf = assert.fail()] = server(ca, long).chain;
  assert.equal(leaf.subject.parts.length, 0);
  assert.equal(
    verdict([leaf, ca.certificate], { trusted: [root.certificate], name: long, profile: 'webpki' }),
    'valid',
  );
});

test('an authority that is told nonsense throws', () => {
  assert.throws(() => server(ca, 'not a name'), RangeError);
  assert.throws(() => ca.issueServer({ names: ['a.b'], notBefore: NOON, lifetime: 0 }), RangeError);
  assert.throws(() => ca.issueServer({ names: ['a.b'], notBefore: Number.NaN }), RangeError);
  assert.throws(
    () => CertificateAuthority.root(nodeCrypto, random('x'), { name: 'x'.repeat(65), notBefore: NOON }),
    RangeError,
  );
});

test('the lint finds nothing in a certificate as the web wants it', () => {
  const points = [extension.crlDistributionPoints(['http://crl.isp.net/list'])];
  const web = root.intermediate(random('web'), {
    name: 'Web CA',
    notBefore: NOON,
    extensions: [...points, extension.extKeyUsage(['serverAuth'])],
  });
  assert.deepEqual(lintCertificate(root.certificate).map(formatComplaint), []);
  assert.deepEqual(lintCertificate(web.certificate).map(formatComplaint), []);
  const short = web.issueServer({ names: ['www.isp.net'], notBefore: NOON, lifetime: 6 * DAY });
  assert.deepEqual(lintCertificate(short.chain[0] ?? assert.fail()).map(formatComplaint), []);
});

test('each requirement on servers has a certificate that does not meet it', () => {
  const { publicKey } = server(ca, 'a.isp.net').chain[0] ?? assert.fail();
  const validity = { notBefore: NOON, notAfter: NOON + 400 * DAY };
  const subject = distinguishedName({ commonName: 'Somebody', organizationalUnitName: 'Sales' });
  const bad = ca.sign(subject, publicKey, validity, [
    extension.keyUsage(['keyCertSign']),
    extension.subjectAltName([
      ...['router', 'a_b.isp.net', '*.net', 'www.home.arpa'].map(dnsAltName),
      { kind: 'email', address: 'a@isp.net' },
    ]),
  ]);
  assert.deepEqual(lintCertificate(bad).map(formatComplaint), [
    'validity (BR §6.3.2): 401 days, not more than 398',
    'alternative names (BR §7.1.2.7.12): email:a@isp.net is no host',
    'well-formed names (BR §7.1.2.7.12): DNS:a_b.isp.net',
    'names that can be owned (BR §4.2.2): DNS:router, DNS:www.home.arpa',
    'wildcard (BR §3.2.2.6): DNS:*.net',
    'common name (BR §7.1.4.3): Somebody is none of the alternative names',
    'organizational unit (BR §7.1.2.7): Sales',
    'no authority (BR §7.1.2.7.11): a key that may sign certificates or revocation lists',
    'purpose (BR §7.1.2.7.10): not for servers',
    'policy (BR §7.1.2.7.9): not exactly one of the policies that say how it was validated',
    'way to ask about revocation (BR §7.1.2.11.2): neither a revocation list nor OCSP',
    'key of the issuer (BR §7.1.2.11.1): not named, or not by its identifier alone',
  ]);
  assert.ok(REQUIREMENTS.length >= 12);
});

test('keys and signatures that the web does not allow are complained about', () => {
  const odd = CertificateAuthority.root(nodeCrypto, random('odd'), {
    name: 'Odd',
    notBefore: NOON,
    keyKind: 'Ed25519',
  });
  const complaints = lintCertificate(server(odd, 'a.isp.net').chain[0] ?? assert.fail()).map(formatComplaint);
  assert.ok(complaints.includes('signature (BR §7.1.3.2): neither RSA nor ECDSA'), complaints.join('\n'));
  assert.ok(lintCertificate(odd.certificate).map(formatComplaint).includes('key (BR §6.1.5): Ed25519'));
});

test('who vouches for whom is drawn as text', () => {
  const old = rootNamed('Old');
  const certificates = [
    root.certificate,
    old.certificate,
    ca.certificate,
    old.crossSign(root, { notBefore: NOON }),
    ...server(ca, 'b.home.arpa').chain,
    ...server(ca, 'a.home.arpa').chain,
  ];
  const expected = `\
Old (root, until Feb 27 11:59:59 2036 GMT)
└── Root (intermediate, until Feb 28 11:59:59 2031 GMT)
    └── CA (intermediate, until Feb 28 11:59:59 2031 GMT)
        ├── a.home.arpa (end entity, until May 30 11:59:59 2026 GMT)
        └── b.home.arpa (end entity, until May 30 11:59:59 2026 GMT)
Root (root, until Feb 27 11:59:59 2036 GMT), see above
`;
  assert.equal(formatHierarchy(buildHierarchy(certificates)), expected);
  assert.equal(formatHierarchy(buildHierarchy(certificates.toReversed())), expected, 'in whatever order');
});

test('authorities that sign each other are drawn once around', () => {
  const [a, b] = [rootNamed('A'), rootNamed('B')];
  const round = [a.crossSign(b, { notBefore: NOON }), b.crossSign(a, { notBefore: NOON })];
  const text = formatHierarchy(buildHierarchy([a.certificate, b.certificate, ...round]));
  assert.deepEqual(
    text.split('\n').map((line) => line.replace(/ \(.*?\)/, '')),
    ['A', '└── B', '    └── A, see above', 'B, see above', ''],
  );
});

test('the picture has a box for each certificate, a line for each signature, and no name that becomes markup', () => {
  const evil = CertificateAuthority.root(nodeCrypto, random('evil'), { name: '<script>&"', notBefore: NOON });
  const svg = drawHierarchy(buildHierarchy([evil.certificate, ...server(evil, 'a.home.arpa', 'b.home.arpa').chain]));
  assert.equal(svg.match(/<rect /g)?.length, 2);
  assert.equal(svg.match(/<path /g)?.length, 1);
  assert.ok(svg.includes('&lt;script&gt;&amp;&quot;') && !svg.includes('<script'));
  assert.ok(svg.startsWith('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 '));
});

test('a certificate is shown as on the slide: names on several lines, the closest first', () => {
  const issuer = CertificateAuthority.root(nodeCrypto, random('slide'), {
    name: distinguishedName({ countryName: 'US', organizationName: 'Internet2', commonName: 'InCommon RSA Server CA' }),
    notBefore: NOON,
  });
  const names = ['collab.its.virginia.edu', 'collab-prod.its.virginia.edu', 'collab.itc.virginia.edu'];
  const text = formatCertificate(server(issuer, ...names).chain[0] ?? assert.fail(), { names: 'lines' });
  const expected = `\
        Issuer:
            commonName                = InCommon RSA Server CA
            organizationName          = Internet2
            countryName               = US
        Validity
            Not Before: Mar  1 12:00:00 2026 GMT
            Not After : May 30 11:59:59 2026 GMT
        Subject:
            commonName                = collab.its.virginia.edu
`;
  assert.ok(text.includes(expected), text);
  assert.ok(
    text.includes(
      `            X509v3 Extended Key Usage: \n                TLS Web Server Authentication, TLS Web Client Authentication\n`,
    ),
  );
  assert.ok(text.includes(`                ${names.map((name) => `DNS:${name}`).join(', ')}\n`));
  assert.ok(text.includes(`Policy: ${Oid.domainValidated}\n`));
});
