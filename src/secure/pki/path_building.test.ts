import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  below,
  DAY,
  failure,
  NOON,
  random,
  rootNamed,
  server,
  validate,
  verdict,
} from '../../../test/testing/certificates.ts';
import { parsePrefix } from '../../wire/address.ts';
import { nodeCrypto } from '../crypto/node.ts';
import { portableCrypto } from '../crypto/portable.ts';
import { CertificateAuthority } from './authority.ts';
import type { Certificate } from './certificate.ts';
import { distinguishedName, shortName } from './distinguished_name.ts';
import * as extension from './extension_writer.ts';
import { dnsAltName } from './general_name.ts';
import { ipSubtree } from './name_constraints.ts';
import { Oid } from './object_identifier.ts';
import { isPathFailure, PATH_RULES, ruleCodes } from './path_failure.ts';

const root = rootNamed('Root');
const trusted = [root.certificate];
const ca = below(root, 'CA');
const www = server(ca, 'www.home.arpa', '192.168.1.1');

test('a path is found from the server up to the root, on both providers', () => {
  for (const provider of [nodeCrypto, portableCrypto]) {
    const result = validate(www.chain, { trusted, name: 'www.home.arpa', provider });
    assert.ok(result.kind === 'valid');
    assert.deepEqual(result.certificates, [...www.chain, root.certificate]);
    assert.equal(result.signatureChecks, 2);
    assert.deepEqual(result.policies, [], 'the authorities have no policies');
  }
});

test('the same seed gives the same bytes', () => {
  const again = server(below(rootNamed('Root'), 'CA'), 'www.home.arpa', '192.168.1.1');
  assert.deepEqual(
    again.chain.map(({ bytes }) => bytes),
    www.chain.map(({ bytes }) => bytes),
  );
  const other = CertificateAuthority.root(nodeCrypto, random('other seed'), { name: 'Root', notBefore: NOON });
  assert.notDeepEqual(other.certificate.serialNumber, root.certificate.serialNumber);
});

test('whoever is refused is told which certificate broke which rule, with the codes of Node and OpenSSL', () => {
  const name = 'www.home.arpa';
  const late = failure(www.chain, { trusted, name, now: NOON + 90 * DAY });
  assert.equal(
    late,
    'www.home.arpa has expired: May 30 11:59:59 2026 GMT (expired, RFC 5280 §6.1.3 (a)(2); CERT_HAS_EXPIRED, OpenSSL 10)',
  );
  assert.equal(
    failure(www.chain, { trusted, name: 'mail.home.arpa' }),
    'www.home.arpa is for other names: mail.home.arpa is not among DNS:www.home.arpa, IP Address:192.168.1.1 ' +
      '(wrong-name, RFC 9525 §6; ERR_TLS_CERT_ALTNAME_INVALID, OpenSSL 62)',
  );
  assert.equal(
    failure(www.chain.slice(0, 1), { trusted, name }),
    'www.home.arpa comes without the certificate of its issuer, which is not trusted here either: CA ' +
      '(lone-leaf, RFC 5280 §6.1; UNABLE_TO_VERIFY_LEAF_SIGNATURE, OpenSSL 21)',
  );
  assert.equal(
    failure(www.chain, { trusted: [rootNamed('Other').certificate], name }),
    'CA has an issuer that is not known here: Root ' +
      '(unknown-issuer, RFC 5280 §6.1; UNABLE_TO_GET_ISSUER_CERT_LOCALLY, OpenSSL 20)',
  );
});

test('both ends of the validity are part of it', () => {
  const at = (now: number): string => verdict(www.chain, { trusted, now });
  const end = NOON + 90 * DAY - 1;
  assert.deepEqual([NOON - 1, NOON, end, end + 0.9, end + 1].map(at), [
    'not-yet-valid',
    'valid',
    'valid',
    'valid',
    'expired',
  ]);
});

test('an authority that has expired takes everything below with it', () => {
  const short = below(root, 'Short', { lifetime: DAY });
  assert.equal(
    failure(server(short, 'a.home.arpa').chain, { trusted, now: NOON + 2 * DAY }),
    'Short has expired: Mar  2 11:59:59 2026 GMT (expired, RFC 5280 §6.1.3 (a)(2); CERT_HAS_EXPIRED, OpenSSL 10)',
  );
});

test('a server that signs itself is trusted when it is itself a trust anchor', () => {
  const self = rootNamed('self');
  assert.equal(verdict([self.certificate], { trusted }), 'self-signed');
  assert.equal(verdict([self.certificate], { trusted: [self.certificate] }), 'valid');
  const { chain } = server(self, 'a.home.arpa');
  assert.equal(verdict([...chain, self.certificate], { trusted }), 'untrusted-root');
});

test('a root of the same name with another key vouches for nothing', () => {
  const forged = CertificateAuthority.root(nodeCrypto, random('forger'), { name: 'Root', notBefore: NOON });
  assert.equal(verdict(server(forged, 'www.home.arpa').chain, { trusted }), 'bad-signature');
});

test('a turned bit anywhere in what is signed is found', () => {
  const [leaf, ...others] = www.chain;
  assert.ok(leaf);
  const turned = { ...leaf, tbsBytes: leaf.tbsBytes.with(20, (leaf.tbsBytes[20] ?? 0) ^ 1) };
  assert.equal(verdict([turned, ...others], { trusted }), 'bad-signature');
});

test('a server is no authority, whatever it signs', () => {
  const contents = { notBefore: NOON, notAfter: NOON + DAY };
  const fake = ca.sign(distinguishedName({ commonName: 'Fake' }), www.chain[0]?.publicKey ?? assert.fail(), contents, [
    extension.basicConstraints({ isAuthority: false, pathLength: undefined }),
    extension.keyUsage(['digitalSignature']),
    ca.authorityKey(),
  ]);
  const below = { ...fake, subject: fake.subject };
  const leaf: Certificate = { ...(www.chain[0] ?? assert.fail()), issuer: fake.subject };
  assert.equal(verdict([leaf, below, ca.certificate], { trusted }), 'not-an-authority');
});

test('an authority may be limited in how many follow below it', () => {
  const narrow = below(root, 'Narrow', { pathLength: 0 });
  assert.equal(verdict(server(narrow, 'a.home.arpa').chain, { trusted }), 'valid');
  const further = below(narrow, 'Further');
  assert.equal(verdict(server(further, 'a.home.arpa').chain, { trusted }), 'path-length-exceeded');
  assert.equal(verdict(server(below(ca, 'Two'), 'a.home.arpa').chain, { trusted, maxDepth: 1 }), 'path-too-long');
});

test('a purpose that is not stated is no purpose, and authorities narrow it', () => {
  const clients = ca.issueServer({ names: ['a.home.arpa'], notBefore: NOON, purposes: ['clientAuth'] });
  assert.equal(verdict(clients.chain, { trusted }), 'wrong-purpose');
  assert.equal(verdict(clients.chain, { trusted, purpose: 'clientAuth' }), 'valid');
  const mail = below(root, 'Mail', { extensions: [extension.extKeyUsage(['emailProtection'])] });
  assert.equal(
    failure(server(mail, 'a.home.arpa').chain, { trusted }).slice(0, 33),
    'Mail is not for this purpose: ser',
  );
});

test('a critical extension that is not known refuses, another one does not', () => {
  const odd = (isCritical: boolean): string => {
    const extensions = [{ oid: '1.3.9999', isCritical, value: Uint8Array.of(5, 0) }];
    return verdict(server(below(root, `Odd ${isCritical}`, { extensions }), 'a.home.arpa').chain, { trusted });
  };
  assert.deepEqual([odd(true), odd(false)], ['unknown-critical-extension', 'valid']);
});

test('an authority vouches only for names within its constraints', () => {
  const constrained = below(root, 'Constrained', {
    nameConstraints: {
      permitted: [dnsAltName('home.arpa'), ipSubtree(parsePrefix('192.168.1.0/24') ?? assert.fail())],
      excluded: [dnsAltName('secret.home.arpa')],
    },
  });
  const of = (...names: string[]): string => verdict(server(constrained, ...names).chain, { trusted });
  assert.equal(of('www.home.arpa', '192.168.1.7'), 'valid');
  assert.equal(of('home.arpa'), 'valid');
  assert.equal(of('www.example.com'), 'name-not-permitted');
  assert.equal(of('nothome.arpa'), 'name-not-permitted');
  assert.equal(of('www.home.arpa', '192.168.2.7'), 'name-not-permitted');
  assert.equal(of('deep.secret.home.arpa'), 'name-excluded');
  assert.equal(of('*.home.arpa'), 'name-excluded', 'it could stand for secret.home.arpa');
  assert.equal(of('*.lab.home.arpa'), 'valid');
});

test('wildcards stand for one label', () => {
  const { chain } = server(ca, '*.home.arpa');
  const name = (wanted: string): string => verdict(chain, { trusted, name: wanted });
  assert.deepEqual(
    ['a.home.arpa', 'A.HOME.ARPA', 'a.home.arpa.', 'home.arpa', 'a.b.home.arpa', '*.home.arpa', '.home.arpa'].map(name),
    ['valid', 'valid', 'valid', 'wrong-name', 'wrong-name', 'wrong-name', 'wrong-name'],
  );
});

test('addresses are compared as addresses', () => {
  const { chain } = server(ca, '2001:db8::1', '192.168.1.1');
  const name = (wanted: string): string => verdict(chain, { trusted, name: wanted });
  assert.deepEqual(['2001:DB8:0::1', '[2001:db8::1]', '192.168.1.1', '192.168.1.2'].map(name), [
    'valid',
    'valid',
    'valid',
    'wrong-address',
  ]);
});

test('cross-signing makes a new root known to who trusts the old one', () => {
  const modern = rootNamed('Modern');
  const { chain } = server(below(modern, 'Modern CA'), 'a.home.arpa');
  assert.equal(verdict(chain, { trusted }), 'unknown-issuer');
  const bridge = root.crossSign(modern, { notBefore: NOON });
  const path = validate([...chain, bridge], { trusted });
  assert.ok(path.kind === 'valid');
  assert.deepEqual(
    path.certificates.map(({ subject }) => shortName(subject)),
    ['a.home.arpa', 'Modern CA', 'Modern', 'Root'],
  );
  const short = validate([...chain, bridge], { trusted: [root.certificate, modern.certificate] });
  assert.ok(short.kind === 'valid' && short.certificates.length === 3, 'whoever trusts the new one needs no bridge');
});

test('another way up is taken where one is barred', () => {
  const [leaf] = www.chain;
  const expired = root.crossSign(ca, { notBefore: NOON - 10 * DAY, lifetime: DAY });
  assert.equal(verdict([leaf ?? assert.fail(), expired], { trusted }), 'expired');
  assert.equal(verdict([leaf ?? assert.fail(), expired, ca.certificate], { trusted }), 'valid');
});

test('a mesh of authorities that sign each other ends at a count', () => {
  const authorities = Array.from({ length: 12 }, (_, i) => rootNamed(`Mesh ${i}`));
  const mesh = authorities.flatMap((a) =>
    authorities.filter((b) => b !== a).map((b) => a.crossSign(b, { notBefore: NOON })),
  );
  const { chain } = server(authorities[0] ?? assert.fail(), 'a.home.arpa');
  const result = validate([...chain, ...mesh.slice(0, 127)], { trusted });
  assert.ok(isPathFailure(result));
  assert.equal(result.rule, 'too-much-work');
});

test('policies must go all the way down where somebody asks for one', () => {
  const policies = (...oids: string[]) => [
    extension.certificatePolicies(oids.map((policy) => ({ policy, qualifiers: [] }))),
  ];
  const dv = below(root, 'DV', { extensions: policies(Oid.domainValidated) });
  const any = below(root, 'Any', { extensions: policies(Oid.anyPolicy) });
  const other = below(root, 'Other policy', { extensions: policies('1.3.9999.1') });
  const asked = { trusted, policies: { requiresExplicit: true, acceptable: [Oid.domainValidated] } };
  const of = (authority: CertificateAuthority): string => verdict(server(authority, 'a.home.arpa').chain, asked);
  assert.deepEqual([dv, any, other, ca].map(of), ['valid', 'valid', 'no-acceptable-policy', 'no-acceptable-policy']);
  const mapped = below(root, 'Mapped', {
    extensions: [
      ...policies('1.3.9999.1'),
      extension.policyMappings([{ issuerPolicy: '1.3.9999.1', subjectPolicy: Oid.domainValidated }]),
    ],
  });
  const inTermsOfRoot = { trusted, policies: { requiresExplicit: true, acceptable: ['1.3.9999.1'] } };
  const result = validate(server(mapped, 'a.home.arpa').chain, inTermsOfRoot);
  assert.ok(result.kind === 'valid');
  assert.deepEqual(result.policies, ['1.3.9999.1']);
  assert.equal(
    verdict(server(mapped, 'a.home.arpa').chain, {
      trusted,
      policies: { ...inTermsOfRoot.policies, inhibitsMapping: true },
    }),
    'no-acceptable-policy',
  );
});

test('what an authority took back is refused once its list says so', () => {
  const issuer = below(root, 'Issuer');
  const [leaf = assert.fail(), ...others] = server(issuer, 'a.home.arpa').chain;
  const before = issuer.issueRevocationList(NOON);
  issuer.revoke(leaf, NOON + 10);
  const after = issuer.issueRevocationList(NOON + 20);
  const at = (list: typeof after, now = NOON + 60): string =>
    failure([leaf, ...others], { trusted, revocationLists: [list], now });
  assert.equal(at(before), 'valid');
  assert.equal(
    at(after),
    'a.home.arpa has been revoked: Mar  1 12:00:10 2026 GMT (revoked, RFC 5280 §6.3.3; CERT_REVOKED, OpenSSL 23)',
  );
  assert.match(at(after, NOON + 8 * DAY), /a newer one was due/);
  assert.match(at({ ...after, signature: new Uint8Array(70) }), /not signed by the key of its issuer/);
});

test('a wrong argument of the caller throws', () => {
  assert.throws(() => validate(www.chain, { trusted, now: Number.NaN }), RangeError);
  assert.throws(() => validate(www.chain, { trusted, maxDepth: -1 }), RangeError);
});

test('a mesh of certificates full of names and constraints costs no more for coming round again', () => {
  const names = Array.from({ length: 3_000 }, (_, i) => dnsAltName(`h${i}.home.arpa`));
  const authorities = Array.from({ length: 5 }, (_, i) => rootNamed(`Full ${i}`));
  const full = {
    notBefore: NOON,
    nameConstraints: { permitted: names, excluded: [] },
    extensions: [extension.subjectAltName(names)],
  };
  const mesh = authorities.flatMap((a) => authorities.filter((b) => b !== a).map((b) => a.crossSign(b, full)));
  const { chain } = server(authorities[0] ?? assert.fail(), 'h1.home.arpa');
  const { user } = process.cpuUsage();
  assert.equal(verdict([...chain, ...mesh], { trusted }), 'too-much-work');
  const microseconds = process.cpuUsage().user - user;
  assert.ok(microseconds < 2_000_000, `${microseconds / 1000} ms`);
});

test('each rule has a section, and a number of OpenSSL that is one', () => {
  for (const rule of PATH_RULES) {
    const { section, node, openssl } = ruleCodes(rule);
    assert.match(section, /^(?:RFC \d{4}|BR) ?§/, rule);
    assert.ok(openssl.number >= 1 && openssl.number <= 94, rule);
    assert.ok(node === 'UNSPECIFIED' || node === openssl.name || node === 'ERR_TLS_CERT_ALTNAME_INVALID', rule);
  }
});
