// A certificate of an RSA key for three names of one server, good for servers and clients, as an authority for universities might
// issue it; printed as openssl does, with a line for each part of a name.
// From a clone: node scripts/run.mjs examples/certificate.ts

import { EXAMPLE_RSA_2048 } from '../src/secure/crypto/example_rsa_keys.ts';
import { nodeCrypto } from '../src/secure/crypto/node.ts';
import { parseCertificate } from '../src/secure/pki/certificate.ts';
import { formatCertificate } from '../src/secure/pki/certificate_text.ts';
import { emitCertificate } from '../src/secure/pki/certificate_writer.ts';
import { isMalformed } from '../src/secure/pki/der_reader.ts';
import { distinguishedName } from '../src/secure/pki/distinguished_name.ts';
import { basicConstraints, extKeyUsage, keyUsage, subjectAltName } from '../src/secure/pki/extension_writer.ts';
import { dnsAltName } from '../src/secure/pki/general_name.ts';
import { importPrivateKey, publicKeyInfoOf, signerOf } from '../src/secure/pki/private_key.ts';

const key = importPrivateKey(nodeCrypto, { kind: 'rsa', numbers: EXAMPLE_RSA_2048 });
if (key === undefined) throw new Error('the example key is none');

const DAY = 86_400;
const notBefore = 1_772_366_400; // 2026-03-01T12:00:00Z

// The authority has the same key here: what it vouches with is not printed.
const bytes = emitCertificate(
  {
    serialNumber: Uint8Array.of(0, 0x81, 0x13, 0xc9, 0x49, 0x90, 0x8c, 0x81, 0xbf),
    issuer: distinguishedName({
      countryName: 'US',
      stateOrProvinceName: 'MI',
      localityName: 'Ann Arbor',
      organizationName: 'Example Net',
      organizationalUnitName: 'Example Authority',
      commonName: 'Example RSA Server CA',
    }),
    subject: distinguishedName({
      countryName: 'US',
      stateOrProvinceName: 'Virginia',
      organizationName: 'Example University',
      organizationalUnitName: 'Information Technology',
      commonName: 'collab.its.example.edu',
    }),
    validity: { notBefore, notAfter: notBefore + 365 * DAY },
    publicKey: publicKeyInfoOf(key),
    extensions: [
      basicConstraints({ isAuthority: false, pathLength: undefined }),
      keyUsage(['digitalSignature', 'keyEncipherment']),
      extKeyUsage(['serverAuth', 'clientAuth']),
      subjectAltName(
        ['collab.its.example.edu', 'collab-prod.its.example.edu', 'collab.itc.example.edu'].map(dnsAltName),
      ),
    ],
  },
  signerOf(key),
);

const certificate = parseCertificate(bytes);
if (isMalformed(certificate)) throw new Error(certificate.reason);
console.log(formatCertificate(certificate, { names: 'lines' }));
