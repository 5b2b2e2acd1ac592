// Certificates, requests, keys and revocation lists with bytes turned, cut out, doubled and exchanged: whatever they have become,
// reading, showing, judging and validating them throws nothing. A mutation that leaves the outer lengths right gets further in,
// so half of them are such.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rootCertificates } from 'node:tls';
import { bytesEqual, hexOf, joinBytes } from '../../src/core/bytes.ts';
import { Random } from '../../src/core/random.ts';
import { nodeCrypto } from '../../src/secure/crypto/node.ts';
import { CertificateAuthority } from '../../src/secure/pki/authority.ts';
import { type Certificate, parseCertificate } from '../../src/secure/pki/certificate.ts';
import { formatCertificate } from '../../src/secure/pki/certificate_text.ts';
import { emitCertificationRequest, parseCertificationRequest } from '../../src/secure/pki/certification_request.ts';
import { isMalformed, listDerElements } from '../../src/secure/pki/der_reader.ts';
import { derElement } from '../../src/secure/pki/der_writer.ts';
import { distinguishedName } from '../../src/secure/pki/distinguished_name.ts';
import * as extension from '../../src/secure/pki/extension_writer.ts';
import { dnsAltName } from '../../src/secure/pki/general_name.ts';
import { buildHierarchy, drawHierarchy, formatHierarchy } from '../../src/secure/pki/hierarchy.ts';
import { referenceName } from '../../src/secure/pki/host_name.ts';
import { lintCertificate } from '../../src/secure/pki/lint.ts';
import { Oid } from '../../src/secure/pki/object_identifier.ts';
import { validateCertificate } from '../../src/secure/pki/path_building.ts';
import { formatPathFailure } from '../../src/secure/pki/path_failure.ts';
import { parsePem } from '../../src/secure/pki/pem.ts';
import { emitPrivateKey, importPrivateKey, parsePrivateKey, signerOf } from '../../src/secure/pki/private_key.ts';
import { parseRevocationList } from '../../src/secure/pki/revocation_list.ts';
import { TrustStore } from '../../src/secure/pki/trust_store.ts';

const { TEST_SEED = '1', TEST_SCALE = '1' } = process.env;
const COUNT = 20_000 * Number(TEST_SCALE);
const NOON = 1_772_366_400;

const random = Random.fromSeed(Number(TEST_SEED)).fork('mutated certificates');
const root = CertificateAuthority.root(nodeCrypto, random.fork('root'), { name: 'Root', notBefore: NOON });
const authority = root.intermediate(random.fork('authority'), {
  name: 'Authority',
  notBefore: NOON,
  pathLength: 1,
  nameConstraints: { permitted: [dnsAltName('home.arpa')], excluded: [dnsAltName('secret.home.arpa')] },
  extensions: [
    extension.certificatePolicies([{ policy: Oid.anyPolicy, qualifiers: [] }]),
    extension.policyMappings([{ issuerPolicy: '1.2.3', subjectPolicy: '1.2.4' }]),
    extension.policyConstraints({ requireExplicitPolicy: 3, inhibitPolicyMapping: 1 }),
    extension.inhibitAnyPolicy(2),
    extension.authorityInfoAccess([{ method: Oid.ocsp, location: { kind: 'uri', uri: 'http://a.isp.net/' } }]),
    extension.crlDistributionPoints(['http://a.isp.net/list']),
  ],
});
const { chain, key } = authority.issueServer({ names: ['www.home.arpa', '192.168.1.1'], notBefore: NOON });
const asked = {
  subject: distinguishedName({ commonName: 'a' }),
  extensions: [extension.subjectAltName([dnsAltName('a.b')])],
};
authority.revoke(root.certificate, NOON);

const certificates = [
  ...chain.map(({ bytes }) => bytes),
  root.certificate.bytes,
  ...rootCertificates.slice(0, 20).map((text) => parsePem(text)?.[0]?.bytes ?? assert.fail()),
];
const others = [
  emitCertificationRequest(asked, signerOf(key)),
  emitPrivateKey(key),
  authority.issueRevocationList(NOON).bytes,
];
const trusted = new TrustStore(nodeCrypto, [root.certificate]);

test(`${COUNT} mutated certificates: nothing is thrown`, (t) => {
  let parsed = 0;
  let refused = 0;
  for (let i = 0; i < COUNT; i++) {
    const bytes = mutated(certificates[i % certificates.length] ?? assert.fail());
    try {
      const certificate = parseCertificate(bytes, i % 16 === 0 ? [] : undefined);
      if (isMalformed(certificate)) continue;
      parsed++;
      if (!judge(certificate)) refused++;
    } catch (error) {
      assert.fail(`input ${i} (${hexOf(bytes)}) throws ${String(error)}`);
    }
  }
  t.diagnostic(`${parsed} could still be read, ${refused} of them were refused`);
  assert.ok(parsed > COUNT / 100, 'some get past the reader');
  assert.ok(parsed < COUNT, 'and some do not');
});

test('requests, keys and revocation lists, mutated, throw nothing either', () => {
  for (let i = 0; i < COUNT / 4; i++) {
    const bytes = mutated(others[i % others.length] ?? assert.fail());
    parseCertificationRequest(bytes);
    parseRevocationList(bytes);
    const material = parsePrivateKey(bytes);
    // RSA keys are made elsewhere; deriving a point takes time.
    if (!isMalformed(material) && i % 20 === 0) importPrivateKey(nodeCrypto, material);
  }
});

/** Whether it was believed. */
function judge(certificate: Certificate): boolean {
  assert.ok(formatCertificate(certificate).endsWith('\n'));
  lintCertificate(certificate);
  let isBelieved = false;
  const hierarchy = buildHierarchy([certificate, ...chain]);
  assert.ok(formatHierarchy(hierarchy) !== '' && drawHierarchy(hierarchy) !== '');
  for (const profile of ['path', 'rfc5280', 'webpki'] as const) {
    // As what was asked about, and as an authority in the middle.
    for (const [leaf = certificate, ...between] of [
      [certificate, ...chain.slice(1)],
      [chain[0] ?? certificate, certificate],
    ]) {
      const name = referenceName('www.home.arpa');
      const result = validateCertificate(leaf, between, trusted, {
        provider: nodeCrypto,
        now: NOON + 60,
        profile,
        name,
      });
      if (result.kind === 'refused') assert.ok(formatPathFailure(result) !== '');
      else {
        assert.ok(isGenuine(result.certificates));
        isBelieved = true;
      }
    }
  }
  return isBelieved;
}

/** What was not signed is not believed: every byte that is signed is one of ours. */
const isGenuine = (path: readonly Certificate[]): boolean =>
  path.every(({ tbsBytes }) => [...chain, root.certificate].some((ours) => bytesEqual(ours.tbsBytes, tbsBytes)));

function mutated(bytes: Uint8Array): Uint8Array {
  const times = 1 + random.below(3);
  let result = bytes;
  for (let i = 0; i < times; i++) result = random.chance(0.5) ? blindly(result) : structurally(result);
  return result;
}

function blindly(bytes: Uint8Array): Uint8Array {
  const copy = [...bytes];
  const at = random.below(Math.max(1, copy.length));
  const length = 1 + random.below(8);
  switch (random.below(4)) {
    case 0:
      copy[at] = random.below(256);
      break;
    case 1:
      copy.splice(at, length);
      break;
    case 2:
      copy.splice(at, 0, ...copy.slice(at, at + length));
      break;
    default:
      copy[at] = (copy[at] ?? 0) ^ (1 << random.below(8));
  }
  return Uint8Array.from(copy);
}

/** One element gets other contents, and all lengths around it are made right. */
function structurally(bytes: Uint8Array): Uint8Array {
  const elements = listDerElements(bytes);
  if (isMalformed(elements) || elements.length === 0) return blindly(bytes);
  const target = elements[random.below(elements.length)] ?? assert.fail();
  const source = elements[random.below(elements.length)] ?? assert.fail();
  const contents = bytes.slice(target.contentsAt, target.end);
  let element: Uint8Array;
  switch (random.below(4)) {
    case 0:
      element = bytes.slice(source.start, source.end);
      break;
    case 1:
      element = new Uint8Array(0);
      break;
    case 2:
      if (contents.length > 0) contents[random.below(contents.length)] = random.below(256);
      element = derElement(target.tag, contents);
      break;
    default:
      element = derElement(random.below(256), contents);
  }
  let inner = element;
  let { start, end } = target;
  for (const around of elements.filter((each) => each.start < target.start && each.end >= target.end).reverse()) {
    const whole = [bytes.subarray(around.contentsAt, start), inner, bytes.subarray(end, around.end)];
    inner = derElement(around.tag, joinBytes(whole));
    ({ start, end } = around);
  }
  return inner;
}
