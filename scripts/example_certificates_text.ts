// The certificates of examples/certificates/: a website's as on the lecture's slide, with the authority above it and the root; one
// of a mailbox; and one with nearly everything wrong. All keys are written down here and protect nothing. Not here: writing the files.

import { Random } from '../src/core/random.ts';
import { EXAMPLE_RSA_2048, EXAMPLE_RSA_KEYS } from '../src/secure/crypto/example_rsa_keys.ts';
import { nodeCrypto } from '../src/secure/crypto/node.ts';
import type { RsaPrivateNumbers } from '../src/secure/crypto/provider.ts';
import { rsaNumbers } from '../src/secure/crypto/rsa_numbers.ts';
import { keyIdentifier } from '../src/secure/pki/authority.ts';
import { emitCertificate } from '../src/secure/pki/certificate_writer.ts';
import { type DistinguishedName, distinguishedName } from '../src/secure/pki/distinguished_name.ts';
import type { Extension } from '../src/secure/pki/extension.ts';
import * as extension from '../src/secure/pki/extension_writer.ts';
import { dnsAltName } from '../src/secure/pki/general_name.ts';
import { Oid } from '../src/secure/pki/object_identifier.ts';
import { emitPem } from '../src/secure/pki/pem.ts';
import { generateKey, importPrivateKey, type PrivateKey, signerOf } from '../src/secure/pki/private_key.ts';
import { rsaPublicKeyInfo, type SubjectPublicKeyInfo } from '../src/secure/pki/public_key.ts';

const ROOT_KEY = rsaNumbers(
  0xec6dfd2af37a20d52e923963a7d94d91759ff4170631d31bfa6255611f49ea5b99585e71094cfe9b4d4c4e1dc90c2a6808c356619c64a821039485b25267de69cf14912d8bbd5d0d8c3700a3ce98dd66892b0a14c6d7e526da3edf1c88223f5bb57d36108cad7927a101dd73711c5cb5cf17ae8847612fa905fab0cc79eaa029n,
  0xcd7518e98255d39d1d86849a21f9c31d572f2dca4535a89d0f6956767aa7c91808c3f58b77caec461f7db492d343b26141561f33f8b72fddd9a9291ff323bd1a6ceded6e8d9f53e04449dd43c386e50fce7e0b80555c4f3e342b07a8de8631b289a70b0b9281c6fcbf0d95521327c62fb29850e0e36c83704ac274bac300138bn,
);
const AUTHORITY_KEY = rsaNumbers(
  0xc8c3722f440f351c7fc63849223bfcb1f51c18ceb5a49ef4949ecce78a0c71ff54dc61847d1c3b416cb57ccad9f0c5ef31f3949a045365d55839b6354a145ff3b97b85b74bca857dbbc9ec5a7aa404790a7a15adce8f83f5b2c36dc4b66a7b1737ab06eefc2b7339b2962d1a811f792565fd412a27b38b2f11a6bf5200a53a67n,
  0xc35d8d80b9ba6e3e82a927672e1dbe5bb1a8c168789e3cc0fd72185c1006d60595101e2bde7666431a8ef310a6e45465cb8db0385edc57b79b923579be031d1955f7a12d21be5a70992b695f73e32e54edf365d0a40c091db2af168eac9fe8806e6d2908f9f36aadc3ade5676698a3e235a8ba0dd3728b223b3ad283906a279fn,
);

const ROOT = distinguishedName({
  countryName: 'US',
  stateOrProvinceName: 'New Jersey',
  organizationName: 'The Example Network',
  commonName: 'Example Trust RSA Certification Authority',
});
const AUTHORITY = distinguishedName({
  countryName: 'US',
  stateOrProvinceName: 'MI',
  localityName: 'Ann Arbor',
  organizationName: 'Example2',
  organizationalUnitName: 'Example Common',
  commonName: 'Example Common RSA Server CA',
});
const WEBSITE = distinguishedName({
  countryName: 'US',
  stateOrProvinceName: 'Virginia',
  organizationName: 'University of Example',
  organizationalUnitName: 'Information Technology and Communication',
  commonName: 'collab.its.example.edu',
});
const WEBSITE_NAMES = ['collab.its.example.edu', 'collab-prod.its.example.edu', 'collab.itc.example.edu'];

const at = (time: string): number => Date.parse(time) / 1000;

/** What the files of examples/certificates/ hold, by name. */
export function exampleCertificates(): ReadonlyMap<string, string> {
  const [root, authority, website] = [ROOT_KEY, AUTHORITY_KEY, EXAMPLE_RSA_2048].map(rsaKey);
  if (root === undefined || authority === undefined || website === undefined) throw new Error('a key is missing');
  const pem = (...certificates: readonly Uint8Array[]): string =>
    certificates.map((bytes) => emitPem({ label: 'CERTIFICATE', bytes })).join('');
  return new Map([
    ['website.pem', pem(websiteCertificate(website, authority), authorityCertificate(authority, root))],
    ['root.pem', pem(rootCertificate(root))],
    ['mailbox.pem', pem(mailboxCertificate(root))],
    ['careless.pem', pem(carelessCertificate())],
  ]);
}

function rsaKey(numbers: RsaPrivateNumbers): PrivateKey {
  const key = importPrivateKey(nodeCrypto, { kind: 'rsa', numbers });
  if (key === undefined) throw new Error('the numbers are no key');
  return key;
}

function serialNumber(label: string): Uint8Array {
  const bytes = new Uint8Array(16);
  Random.fromSeed(96).fork(label).fill(bytes);
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return bytes;
}

const identifierOf = (key: PrivateKey): Uint8Array => keyIdentifier(nodeCrypto, signerOf(key).publicKey);
const signedBy = (key: PrivateKey): Extension => extension.authorityKeyIdentifier({ keyIdentifier: identifierOf(key) });
const ownKey = (key: PrivateKey): Extension => extension.subjectKeyIdentifier(identifierOf(key));

function rootCertificate(key: PrivateKey): Uint8Array {
  const extensions = [
    ownKey(key),
    extension.keyUsage(['keyCertSign', 'cRLSign']),
    extension.basicConstraints({ isAuthority: true, pathLength: undefined }),
  ];
  const validity = { notBefore: at('2010-02-01T00:00:00Z'), notAfter: at('2038-01-18T23:59:59Z') };
  const contents = { serialNumber: serialNumber('root'), issuer: ROOT, validity, subject: ROOT, extensions };
  return emitCertificate({ ...contents, publicKey: signerOf(key).publicKey }, signerOf(key));
}

function authorityCertificate(key: PrivateKey, above: PrivateKey): Uint8Array {
  const extensions = [
    signedBy(above),
    ownKey(key),
    extension.keyUsage(['digitalSignature', 'keyCertSign', 'cRLSign']),
    extension.basicConstraints({ isAuthority: true, pathLength: 0 }),
    extension.extKeyUsage(['serverAuth', 'clientAuth']),
    extension.certificatePolicies([{ policy: Oid.anyPolicy, qualifiers: [] }]),
    extension.crlDistributionPoints(['http://crl.example.net/ExampleTrustRSACertificationAuthority.crl']),
    access('http://crt.example.net/ExampleTrustRSAAddTrustCA.crt', 'http://ocsp.example.net'),
  ];
  const validity = { notBefore: at('2014-10-06T00:00:00Z'), notAfter: at('2024-10-05T23:59:59Z') };
  const contents = { serialNumber: serialNumber('authority'), issuer: ROOT, validity, subject: AUTHORITY, extensions };
  return emitCertificate({ ...contents, publicKey: signerOf(key).publicKey }, signerOf(above));
}

function websiteCertificate(key: PrivateKey, above: PrivateKey): Uint8Array {
  const extensions = [
    signedBy(above),
    ownKey(key),
    extension.keyUsage(['digitalSignature', 'keyEncipherment']),
    extension.basicConstraints({ isAuthority: false, pathLength: undefined }),
    extension.extKeyUsage(['serverAuth', 'clientAuth']),
    extension.certificatePolicies([{ policy: '2.23.140.1.2.2', qualifiers: [] }]), // the organization was validated
    extension.crlDistributionPoints(['http://crl.example.org/ExampleCommonRSAServerCA.crl']),
    access('http://crt.example.net/ExampleCommonRSAServerCA.crt', 'http://ocsp.example.net'),
    extension.subjectAltName(WEBSITE_NAMES.map(dnsAltName)),
  ];
  const validity = { notBefore: at('2022-02-28T00:00:00Z'), notAfter: at('2023-02-28T23:59:59Z') };
  const contents = { serialNumber: serialNumber('website'), issuer: AUTHORITY, validity, subject: WEBSITE, extensions };
  return emitCertificate({ ...contents, publicKey: signerOf(key).publicKey }, signerOf(above));
}

/** For mail, straight from the root: as an organization might do it for its own people. */
function mailboxCertificate(above: PrivateKey): Uint8Array {
  const { publicKey } = signerOf(generateKey(nodeCrypto, 'P-256', Random.fromSeed(96).fork('mailbox')));
  const extensions = [
    signedBy(above),
    extension.subjectKeyIdentifier(keyIdentifier(nodeCrypto, publicKey)),
    extension.keyUsage(['digitalSignature', 'keyAgreement']),
    extension.basicConstraints({ isAuthority: false, pathLength: undefined }),
    extension.extKeyUsage(['emailProtection']),
    extension.subjectAltName([{ kind: 'email', address: 'alice@example.edu' }]),
  ];
  const subject = distinguishedName({ commonName: 'alice@example.edu' });
  const validity = { notBefore: at('2022-02-28T00:00:00Z'), notAfter: at('2023-02-28T23:59:59Z') };
  const contents = { serialNumber: serialNumber('mailbox'), issuer: ROOT, validity, subject, publicKey, extensions };
  return emitCertificate(contents, signerOf(above));
}

const access = (issuer: string, responder: string): Extension =>
  extension.authorityInfoAccess([
    { method: Oid.caIssuers, location: { kind: 'uri', uri: issuer } },
    { method: Oid.ocsp, location: { kind: 'uri', uri: responder } },
  ]);

/** Each line of it breaks another requirement. */
function carelessCertificate(): Uint8Array {
  const issuer: DistinguishedName = distinguishedName({ commonName: 'Careless CA' });
  const extensions = [
    extension.keyUsage(['digitalSignature', 'keyCertSign']),
    extension.extKeyUsage(['clientAuth']),
    extension.subjectAltName([
      dnsAltName('intranet'),
      dnsAltName('two..dots.example.com'),
      dnsAltName('*.com'),
      { kind: 'email', address: 'someone@example.com' },
    ]),
  ];
  const subject = distinguishedName({ organizationalUnitName: 'Sales', commonName: 'www.example.com' });
  const validity = { notBefore: at('2026-03-01T00:00:00Z'), notAfter: at('2036-03-01T00:00:00Z') };
  const contents = { serialNumber: Uint8Array.of(1), issuer, validity, subject, extensions };
  const signer = signerOf(generateKey(nodeCrypto, 'Ed25519', Random.fromSeed(96).fork('careless')));
  return emitCertificate({ ...contents, publicKey: smallKey() }, signer);
}

const smallKey = (): SubjectPublicKeyInfo =>
  rsaPublicKeyInfo({ modulus: EXAMPLE_RSA_KEYS.A.modulus, publicExponent: Uint8Array.of(3) });
