import assert from 'node:assert/strict';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { suite, test } from 'node:test';
import { rootCertificates } from 'node:tls';
import type { ByteSpan } from '../../core/byte_reader.ts';
import { textOf, utf8 } from '../../core/bytes.ts';
import { Random } from '../../core/random.ts';
import { parseIpAddress } from '../../wire/address.ts';
import { EXAMPLE_RSA_KEYS } from '../crypto/example_rsa_keys.ts';
import { nodeCrypto } from '../crypto/node.ts';
import { portableCrypto } from '../crypto/portable.ts';
import { type Certificate, formatSerialNumber, parseCertificate } from './certificate.ts';
import { emitCertificate } from './certificate_writer.ts';
import { emitCertificationRequest, isProven, parseCertificationRequest } from './certification_request.ts';
import { isMalformed } from './der_reader.ts';
import { derTime, formatTime, NO_EXPIRATION } from './der_time.ts';
import { derSequence } from './der_writer.ts';
import { distinguishedName, formatName, nameLines, sameName } from './distinguished_name.ts';
import * as extension from './extension_writer.ts';
import { dnsAltName, formatGeneralName, ipAltName } from './general_name.ts';
import { hasKeyUsage } from './key_usage.ts';
import { Oid } from './object_identifier.ts';
import { emitPem, parsePem } from './pem.ts';
import {
  emitPrivateKey,
  generateKey,
  importPrivateKey,
  type PrivateKey,
  parsePrivateKey,
  pssSigner,
  type Signer,
  signerOf,
} from './private_key.ts';
import { importPublicKey, verifySignature } from './public_key.ts';

const JANUARY = 1_767_225_600; // 2026-01-01T00:00:00Z
const NAME = distinguishedName({ countryName: 'US', organizationName: 'Internet, too', commonName: 'www.example.com' });

const random = (): Random => Random.fromSeed(5);
const rsa = (): PrivateKey & { kind: 'rsa' } => {
  const key = importPrivateKey(nodeCrypto, { kind: 'rsa', numbers: EXAMPLE_RSA_KEYS.A });
  assert.ok(key?.kind === 'rsa');
  return key;
};

const KEYS: readonly [name: string, key: PrivateKey, signer: Signer][] = [
  ...(['P-256', 'P-384', 'Ed25519'] as const).map((kind): [string, PrivateKey, Signer] => {
    const key = generateKey(nodeCrypto, kind, random());
    return [kind, key, signerOf(key)];
  }),
  ['RSA, PKCS#1 v1.5', rsa(), signerOf(rsa())],
  ['RSA, PSS', rsa(), pssSigner(rsa(), 'sha256', random())],
];

const EVERYTHING = [
  extension.basicConstraints({ isAuthority: true, pathLength: 3 }),
  extension.keyUsage(['digitalSignature', 'keyCertSign', 'decipherOnly']),
  extension.extKeyUsage(['serverAuth', 'clientAuth']),
  extension.subjectAltName([
    dnsAltName('www.example.com'),
    ipAltName(parseIpAddress('192.0.2.1') ?? assert.fail()),
    ipAltName(parseIpAddress('2001:db8::1') ?? assert.fail()),
    { kind: 'email', address: 'a@example.com' },
    { kind: 'uri', uri: 'https://example.com/' },
    { kind: 'directory', name: NAME },
    { kind: 'registered', id: '1.2.3' },
  ]),
  extension.nameConstraints({ permitted: [dnsAltName('example.com')], excluded: [dnsAltName('secret.example.com')] }),
  extension.certificatePolicies([{ policy: Oid.domainValidated, qualifiers: [] }]),
  extension.policyMappings([{ issuerPolicy: '1.2.3', subjectPolicy: '1.2.4' }]),
  extension.policyConstraints({ requireExplicitPolicy: 0, inhibitPolicyMapping: 2 }),
  extension.inhibitAnyPolicy(1),
  extension.authorityKeyIdentifier({ keyIdentifier: utf8('issuer') }),
  extension.subjectKeyIdentifier(utf8('subject')),
  extension.authorityInfoAccess([{ method: Oid.ocsp, location: { kind: 'uri', uri: 'http://ocsp.example/' } }]),
  extension.crlDistributionPoints(['http://crl.example/list']),
];

function issue(signer: Signer, extensions = EVERYTHING): Uint8Array {
  return emitCertificate(
    {
      serialNumber: Uint8Array.of(0x81, 0x13),
      issuer: NAME,
      validity: { notBefore: JANUARY, notAfter: NO_EXPIRATION },
      subject: NAME,
      publicKey: signer.publicKey,
      extensions,
    },
    signer,
  );
}

function parsed(bytes: Uint8Array): Certificate {
  const certificate = parseCertificate(bytes);
  assert.ok(!isMalformed(certificate), isMalformed(certificate) ? certificate.reason : '');
  return certificate;
}

for (const [name, key, signer] of KEYS) {
  suite(`A certificate signed with ${name}`, () => {
    const bytes = issue(signer);

    test('holds what was written', () => {
      const read = parsed(bytes);
      assert.equal(read.version, 3);
      assert.deepEqual(read.validity, { notBefore: JANUARY, notAfter: NO_EXPIRATION });
      assert.ok(sameName(read.subject, NAME));
      assert.deepEqual(read.extensions, EVERYTHING);
      assert.deepEqual(read.basicConstraints, { isAuthority: true, pathLength: 3 });
      assert.ok(hasKeyUsage(read.keyUsage ?? 0, 'decipherOnly') && !hasKeyUsage(read.keyUsage ?? 0, 'cRLSign'));
      assert.deepEqual(read.extKeyUsage, [Oid.serverAuth, Oid.clientAuth]);
      assert.deepEqual(read.subjectAltName?.map(formatGeneralName), [
        'DNS:www.example.com',
        'IP Address:192.0.2.1',
        'IP Address:2001:db8::1',
        'email:a@example.com',
        'URI:https://example.com/',
        'DirName:C = US, O = "Internet, too", CN = www.example.com',
        'Registered ID:1.2.3',
      ]);
      assert.deepEqual(read.policyConstraints, { requireExplicitPolicy: 0, inhibitPolicyMapping: 2 });
      assert.equal(read.inhibitAnyPolicy, 1);
      assert.deepEqual(read.crlDistributionPoints, [{ kind: 'uri', uri: 'http://crl.example/list' }]);
    });

    test('is verified by both providers, and by none once a bit is turned', () => {
      const { tbsBytes, signature, publicKey, signatureAlgorithm } = parsed(bytes);
      const scheme = signatureAlgorithm.scheme ?? assert.fail('an algorithm that we wrote');
      for (const provider of [nodeCrypto, portableCrypto]) {
        const verifier = importPublicKey(provider, publicKey) ?? assert.fail();
        assert.ok(verifySignature(verifier, scheme, tbsBytes, signature), provider.name);
        const turned = tbsBytes.with(40, (tbsBytes[40] ?? 0) ^ 1);
        assert.ok(!verifySignature(verifier, scheme, turned, signature), provider.name);
      }
    });

    test('is read and verified by OpenSSL inside Node', () => {
      const theirs = new X509Certificate(bytes);
      assert.equal(theirs.validFrom, formatTime(JANUARY));
      assert.equal(theirs.subject, 'C=US\nO=Internet\\, too\nCN=www.example.com');
      assert.ok(theirs.verify(theirs.publicKey));
      assert.ok(theirs.ca);
    });

    test('has a key that survives its file, and that OpenSSL reads', () => {
      const file = emitPrivateKey(key);
      const material = parsePrivateKey(file);
      assert.ok(!isMalformed(material));
      const again = importPrivateKey(nodeCrypto, material) ?? assert.fail('the key that was written');
      assert.deepEqual(emitPrivateKey(again), file);
      const theirs = createPrivateKey(emitPem({ label: 'PRIVATE KEY', bytes: file }));
      assert.ok(new X509Certificate(bytes).checkPrivateKey(theirs));
      for (const type of ['sec1', 'pkcs1'] as const) {
        if (type !== (key.kind === 'ec' ? 'sec1' : key.kind === 'rsa' ? 'pkcs1' : '')) continue;
        const older = parsePrivateKey(Uint8Array.from(theirs.export({ format: 'der', type })));
        assert.ok(!isMalformed(older));
        assert.deepEqual(emitPrivateKey(importPrivateKey(nodeCrypto, older) ?? assert.fail()), file);
      }
    });

    test('can be asked for, with proof of the key', () => {
      const asked = { subject: NAME, extensions: [extension.subjectAltName([dnsAltName('www.example.com')])] };
      const request = parseCertificationRequest(emitCertificationRequest(asked, signer));
      assert.ok(!isMalformed(request));
      assert.deepEqual(request.extensions, asked.extensions);
      assert.ok(isProven(nodeCrypto, request));
      const other = request.infoBytes.with(10, (request.infoBytes[10] ?? 0) ^ 1);
      assert.ok(!isProven(nodeCrypto, { ...request, infoBytes: other }));
    });
  });
}

test('every byte of a certificate is explained', () => {
  const spans: ByteSpan[] = [];
  const bytes = issue(signerOf(generateKey(nodeCrypto, 'P-256', random())));
  parseCertificate(bytes, spans);
  const explained = new Set(
    spans.flatMap(({ start, end }) => Array.from({ length: end - start }, (_, i) => start + i)),
  );
  assert.equal(explained.size, bytes.length);
  const values = spans.map(({ label, value }) => `${label}: ${value}`);
  for (const expected of [
    'not before: Jan  1 00:00:00 2026 GMT',
    'commonName: www.example.com',
    'DNS name: www.example.com',
  ]) {
    assert.ok(values.includes(expected), expected);
  }
});

test('each root that Node ships parses, its bytes being all there is of it', () => {
  for (const text of rootCertificates) {
    const [block] = parsePem(text) ?? [];
    const certificate = parsed(block?.bytes ?? new Uint8Array(0));
    const { issuer, serialNumber } = new X509Certificate(text);
    assert.equal(formatSerialNumber(certificate).replaceAll(':', '').toUpperCase().replace(/^00$/, '0'), serialNumber);
    assert.ok(issuer.length > 0);
  }
});

test('names are the same whatever their case, blanks and string types', () => {
  const [a, b] = [distinguishedName({ commonName: 'Straße  11' }), distinguishedName({ commonName: ' strasse 11' })];
  assert.ok(!sameName(a, b), 'but not across a change of letters');
  assert.ok(sameName(a, distinguishedName({ commonName: ' STRAßE 11 ' })));
  const printable = { ...NAME.parts[0]?.[0], type: Oid.commonName, tag: 0x13, contents: utf8('a b'), text: 'a b' };
  assert.equal(formatName({ parts: [[printable]], key: '' }), 'CN = a b');
});

test('a name on several lines begins with what is closest', () => {
  assert.deepEqual(nameLines(NAME), [
    'commonName                = www.example.com',
    'organizationName          = Internet, too',
    'countryName               = US',
  ]);
});

test('characters that a terminal obeys are shown as codes', () => {
  const name = distinguishedName({ commonName: 'a\u001b[31mb\u00e9' });
  assert.equal(formatName(name), 'CN = a\\1B[31mb\\C3\\A9');
  assert.equal(formatGeneralName({ kind: 'dns', name: 'a\nb' }), 'DNS:a\\x0ab');
});

test('times are written as their year asks', () => {
  const text = (time: number): string => textOf(derTime(time).subarray(2));
  assert.equal(text(2_524_607_999), '491231235959Z');
  assert.equal(text(2_524_608_000), '20500101000000Z');
  assert.equal(text(-631_152_000), '500101000000Z');
  assert.throws(() => derTime(-631_152_001), RangeError);
  assert.throws(() => derTime(NO_EXPIRATION + 1), RangeError);
  assert.throws(() => derTime(0.5), RangeError);
});

test('what is no certificate says where and why', () => {
  const bytes = issue(signerOf(generateKey(nodeCrypto, 'Ed25519', random())), [
    ...EVERYTHING,
    extension.inhibitAnyPolicy(1),
  ]);
  const twice = parseCertificate(bytes);
  assert.ok(isMalformed(twice));
  assert.equal(twice.reason, 'an extension that is there twice');
  const empty = parseCertificate(derSequence());
  assert.deepEqual(empty, { kind: 'malformed', at: 2, reason: 'the end in the place of Sequence (to be signed)' });
});

test('PEM holds several blocks, and text between them', () => {
  const blocks = [
    { label: 'CERTIFICATE', bytes: new Uint8Array(100).fill(7) },
    { label: 'PRIVATE KEY', bytes: utf8('secret') },
  ];
  assert.deepEqual(parsePem(`a remark\n${blocks.map(emitPem).join('and\r\n')}`), blocks);
  for (const broken of ['-----BEGIN X-----\n', '-----BEGIN X-----\nZg\n-----END X-----', '-----END X-----']) {
    assert.equal(parsePem(broken), undefined, broken);
  }
});
