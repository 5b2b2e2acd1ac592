// What a certificate must look like by itself, whoever signed it: the profile of RFC 5280 §4, and what the web asks beyond
// that (the baseline requirements of the CA/Browser Forum). Not here: rules about two or more of them (path_building.ts).

import { bytesEqual } from '../../core/bytes.ts';
import { formatIpAddress } from '../../wire/address.ts';
import { type Certificate, extensionOf, isSelfIssued } from './certificate.ts';
import { attributeLabel, attributeTexts, isEmptyName } from './distinguished_name.ts';
import { isUnderstood } from './extension_reader.ts';
import { formatGeneralName, type GeneralName, ipAddressOf } from './general_name.ts';
import { isPresentableDnsName, isWildcard } from './host_name.ts';
import { hasKeyUsage } from './key_usage.ts';
import { Oid } from './object_identifier.ts';
import type { PathRule } from './path_failure.ts';

/**
 * `path`: path validation alone (RFC 5280 §6), as OpenSSL does it unless asked for more.
 * `rfc5280`: and each certificate as §4 has it, as OpenSSL's -x509_strict asks.
 * `webpki`: and as browsers want it. Name constraints need not be critical there, since not all software knew them.
 */
export type ValidationProfile = 'path' | 'rfc5280' | 'webpki';

/** Where in a path. */
export type PathRole = 'anchor' | 'intermediate' | 'leaf';

export interface ProfileFailure {
  readonly rule: PathRule;
  readonly detail: string;
}

type Check = (certificate: Certificate, role: PathRole) => string | boolean;

/** The first rule that it breaks. */
export function checkProfile(
  certificate: Certificate,
  role: PathRole,
  profile: ValidationProfile,
): ProfileFailure | undefined {
  for (const [rule, check] of CHECKS[profile]) {
    const found = check(certificate, role);
    if (found !== false) return { rule, detail: found === true ? '' : found };
  }
  return undefined;
}

const isCritical = (certificate: Certificate, oid: string): boolean =>
  extensionOf(certificate, oid)?.isCritical === true;
const isAuthority = ({ basicConstraints }: Certificate): boolean => basicConstraints?.isAuthority === true;
const maySignCertificates = ({ keyUsage }: Certificate): boolean =>
  keyUsage !== undefined && hasKeyUsage(keyUsage, 'keyCertSign');
const isPresent = (certificate: Certificate, oid: string): boolean => extensionOf(certificate, oid) !== undefined;

type Checks = readonly (readonly [PathRule, Check])[];

// Each gives true, or what exactly, if the rule is broken.

const PATH_CHECKS: Checks = [
  [
    'unknown-critical-extension',
    ({ extensions }) => {
      const unknown = extensions.find((extension) => extension.isCritical && !isUnderstood(extension.oid));
      return unknown !== undefined && attributeLabel(unknown.oid);
    },
  ],
  [
    'algorithm-mismatch',
    ({ signatureAlgorithm, tbsSignatureAlgorithm }) =>
      !bytesEqual(signatureAlgorithm.bytes, tbsSignatureAlgorithm.bytes),
  ],
];

const RFC5280_CHECKS: Checks = [
  ...PATH_CHECKS,
  ['bad-version', ({ version }, role) => role !== 'leaf' && version !== 3],
  ['bad-serial-number', ({ serialNumber }, role) => role !== 'anchor' && !isSerialNumber(serialNumber)],
  ['empty-issuer', ({ issuer }) => isEmptyName(issuer)],
  [
    'empty-subject',
    (certificate, role) => (role !== 'leaf' || isAuthority(certificate)) && isEmptyName(certificate.subject),
  ],
  [
    'nameless-subject',
    (certificate) => isEmptyName(certificate.subject) && !isCritical(certificate, Oid.subjectAltName),
  ],
  [
    'bad-alternative-name',
    ({ subjectAltName = [] }) => {
      const bad = subjectAltName.find((name) => name.kind === 'dns' && !isPresentableDnsName(name.name));
      return bad !== undefined && formatGeneralName(bad);
    },
  ],
  ['critical-authority-key', (certificate) => isCritical(certificate, Oid.authorityKeyIdentifier)],
  [
    'no-authority-key',
    // §4.2.1.1: one that is signed by itself may leave it out. Who signed a trust anchor is nobody's concern.
    (certificate, role) =>
      role !== 'anchor' &&
      !isSelfIssued(certificate) &&
      certificate.authorityKeyIdentifier?.keyIdentifier === undefined,
  ],
  ['critical-subject-key', (certificate) => isCritical(certificate, Oid.subjectKeyIdentifier)],
  [
    'no-subject-key',
    (certificate, role) =>
      (role !== 'leaf' || isAuthority(certificate)) && certificate.subjectKeyIdentifier === undefined,
  ],
  [
    'constraints-not-critical',
    (certificate) => isAuthority(certificate) && !isCritical(certificate, Oid.basicConstraints),
  ],
  ['signs-without-being-authority', (certificate) => maySignCertificates(certificate) && !isAuthority(certificate)],
  [
    'path-length-without-authority',
    (certificate) =>
      certificate.basicConstraints?.pathLength !== undefined &&
      !(isAuthority(certificate) && maySignCertificates(certificate)),
  ],
  ['no-key-usage', ({ keyUsage }, role) => role === 'intermediate' && keyUsage === undefined],
  [
    'constrains-without-being-authority',
    (certificate) => certificate.nameConstraints !== undefined && !isAuthority(certificate),
  ],
  [
    'policy-constraints-not-critical',
    (certificate) =>
      [Oid.policyConstraints, Oid.inhibitAnyPolicy].some(
        (oid) => isPresent(certificate, oid) && !isCritical(certificate, oid),
      ),
  ],
  ['critical-information-access', (certificate) => isCritical(certificate, Oid.authorityInfoAccess)],
];

const WEB_CHECKS: Checks = [
  ...RFC5280_CHECKS,
  ['bad-version', ({ version }) => version !== 3],
  ['key-not-allowed', (certificate) => unallowedKey(certificate)],
  ['root-with-purpose', (certificate, role) => role === 'anchor' && certificate.extKeyUsage !== undefined],
  [
    'bad-root-authority-key',
    ({ authorityKeyIdentifier: of, subjectKeyIdentifier = new Uint8Array(0), ...certificate }, role) => {
      if (role !== 'anchor' || of === undefined || certificate.issuer.key !== certificate.subject.key) return false;
      const pointsToItself = of.keyIdentifier !== undefined && bytesEqual(of.keyIdentifier, subjectKeyIdentifier);
      return !pointsToItself || of.issuer !== undefined || of.serialNumber !== undefined;
    },
  ],
  ['authority-as-server', (certificate, role) => role === 'leaf' && isAuthority(certificate)],
  ['no-alternative-names', ({ subjectAltName }, role) => role === 'leaf' && subjectAltName === undefined],
  [
    'critical-alternative-names',
    (certificate, role) =>
      role === 'leaf' && isCritical(certificate, Oid.subjectAltName) && !isEmptyName(certificate.subject),
  ],
  [
    'bad-extended-usage',
    (certificate, role) =>
      role === 'leaf' &&
      (certificate.extKeyUsage === undefined ||
        certificate.extKeyUsage.includes(Oid.anyExtendedKeyUsage) ||
        isCritical(certificate, Oid.extKeyUsage)),
  ],
  [
    'wildcard-too-wide',
    ({ subjectAltName = [] }, role) => {
      const wide = subjectAltName.find(
        (name) => name.kind === 'dns' && isWildcard(name.name) && !name.name.slice(2).includes('.'),
      );
      return role === 'leaf' && wide !== undefined && formatGeneralName(wide);
    },
  ],
];

const CHECKS: Readonly<Record<ValidationProfile, Checks>> = {
  path: PATH_CHECKS,
  rfc5280: [
    ...RFC5280_CHECKS,
    [
      'name-constraints-not-critical',
      (certificate) => certificate.nameConstraints !== undefined && !isCritical(certificate, Oid.nameConstraints),
    ],
  ],
  webpki: WEB_CHECKS,
};

/** §4.1.2.2: positive, of at most 20 bytes. */
export const isSerialNumber = (contents: Uint8Array): boolean =>
  contents.length <= 20 && (contents[0] ?? 0x80) < 0x80 && contents.some((byte) => byte !== 0);

/** BR §6.1.5, §6.1.6; false where there is nothing to say. */
export function unallowedKey({ publicKey: { key } }: Certificate): string | false {
  switch (key.kind) {
    case 'rsa':
      return (key.bits < 2048 || key.bits % 8 !== 0) && `RSA of ${key.bits} bits`;
    case 'ec':
      return false;
    case 'ed25519':
      return 'Ed25519';
    case 'unknown':
      // P-521 is allowed, though no signature by it is verified here.
      return key.curve !== Oid.p521 && 'neither RSA nor an elliptic curve that is allowed';
  }
}

/** BR §7.1.4.3: letter by letter one of the alternative names; false where there is nothing to say. */
export function strayCommonName({ subject, subjectAltName = [] }: Certificate): string | false {
  const written = new Set(subjectAltName.map(writtenName));
  const stray = attributeTexts(subject, Oid.commonName).find((name) => !written.has(name));
  return stray ?? false;
}

function writtenName(name: GeneralName): string {
  if (name.kind === 'dns') return name.name;
  if (name.kind === 'email') return name.address;
  const address = name.kind === 'ip' ? ipAddressOf(name.bytes) : undefined;
  return address === undefined ? '' : formatIpAddress(address);
}
