// Does a certificate obey what is asked of authorities that the web trusts? A dozen and a half of the baseline requirements of
// the CA/Browser Forum for TLS server certificates (version 2.1), each with its section. A complaint says nothing about whether
// somebody will believe it; that is path_building.ts.

import { daysSince1970 } from '../../core/calendar.ts';
import { isLinkLocalIpv4, isLoopbackIpv4, isMulticastIpv4, isPrivateIpv4 } from '../../wire/address.ts';
import { type Certificate, extensionOf, isSelfIssued } from './certificate.ts';
import { isSerialNumber, strayCommonName, unallowedKey } from './certificate_profile.ts';
import { attributeTexts } from './distinguished_name.ts';
import { formatGeneralName, type GeneralName, ipAddressOf } from './general_name.ts';
import { isPresentableDnsName, isWildcard } from './host_name.ts';
import { hasKeyUsage } from './key_usage.ts';
import { Oid } from './object_identifier.ts';
import { isWeakScheme } from './signature_algorithm.ts';

export interface Complaint {
  readonly requirement: string;
  /** Of the baseline requirements. */
  readonly section: string;
  readonly detail: string;
}

export type CertificateKind = 'root' | 'intermediate' | 'server';

export interface Requirement {
  readonly name: string;
  readonly section: string;
  readonly of: readonly CertificateKind[];
  /** What is wrong, or undefined. */
  readonly check: (certificate: Certificate) => string | undefined;
}

const ALL: readonly CertificateKind[] = ['root', 'intermediate', 'server'];
const BELOW_ROOT: readonly CertificateKind[] = ['intermediate', 'server'];
const AUTHORITIES: readonly CertificateKind[] = ['root', 'intermediate'];
const SERVER: readonly CertificateKind[] = ['server'];

/** By what it says about itself. */
export function kindOf(certificate: Certificate): CertificateKind {
  if (certificate.basicConstraints?.isAuthority !== true) return 'server';
  return isSelfIssued(certificate) ? 'root' : 'intermediate';
}

/** In the order of the requirements. */
export function lintCertificate(
  certificate: Certificate,
  kind: CertificateKind = kindOf(certificate),
): readonly Complaint[] {
  return requirementsOf(kind).flatMap(({ name, section, check }) => {
    const detail = check(certificate);
    return detail === undefined ? [] : [{ requirement: name, section, detail }];
  });
}

/** What is asked of such a certificate. */
export const requirementsOf = (kind: CertificateKind): readonly Requirement[] =>
  REQUIREMENTS.filter(({ of }) => of.includes(kind));

/** `validity (BR §6.3.2): 400 days, not more than 200` */
export const formatComplaint = ({ requirement, section, detail }: Complaint): string =>
  `${requirement} (BR ${section}): ${detail}`;

const DAY = 86_400;
const since = (year: number, month: number, day: number): number => daysSince1970({ year, month, day }) * DAY;

/** §6.3.2: from which day on, how many days at most. */
const LIFETIMES: readonly (readonly [from: number, days: number])[] = [
  [since(2029, 3, 15), 47],
  [since(2027, 3, 15), 100],
  [since(2026, 3, 15), 200],
  [since(2020, 9, 1), 398],
  [since(2018, 3, 1), 825],
];

/** §7.1.6.1: validated is the domain, an organization, an individual, or with extended validation. */
const RESERVED_POLICIES: ReadonlySet<string> = new Set([
  Oid.domainValidated,
  '2.23.140.1.2.2',
  '2.23.140.1.2.3',
  '2.23.140.1.1',
]);

/** Nobody can own a name there: RFC 6761, 6762, 8375, 9476. */
const SPECIAL_DOMAINS = ['local', 'localhost', 'test', 'example', 'invalid', 'internal', 'home.arpa', 'alt'];

export const REQUIREMENTS: readonly Requirement[] = [
  {
    name: 'version',
    section: '§7.1.1',
    of: ALL,
    check: ({ version }) => when(version !== 3, `version ${version}, not 3`),
  },
  {
    name: 'serial number',
    section: '§7.1',
    of: ALL,
    check: ({ serialNumber }) =>
      when(!isSerialNumber(serialNumber) || serialNumber.length < 8, 'not positive, or not of 8 to 20 bytes'),
  },
  {
    name: 'signature',
    section: '§7.1.3.2',
    of: BELOW_ROOT,
    check: ({ signatureAlgorithm: { scheme } }) => {
      if (scheme === undefined || scheme.kind === 'ed25519') return 'neither RSA nor ECDSA';
      return when(isWeakScheme(scheme), 'SHA-1');
    },
  },
  { name: 'key', section: '§6.1.5', of: ALL, check: (certificate) => unallowedKey(certificate) || undefined },
  {
    name: 'public exponent',
    section: '§6.1.6',
    of: ALL,
    check: ({ publicKey: { key } }) => {
      if (key.kind !== 'rsa') return undefined;
      const { publicExponent } = key.numbers;
      return when(((publicExponent.at(-1) ?? 0) & 1) === 0 || publicExponent.length < 3, 'even, or below 2^16');
    },
  },
  { name: 'validity', section: '§6.3.2', of: SERVER, check: tooLong },
  {
    name: 'alternative names',
    section: '§7.1.2.7.12',
    of: SERVER,
    check: ({ subjectAltName }) => {
      if (subjectAltName === undefined) return 'there are none';
      const other = subjectAltName.find(({ kind }) => kind !== 'dns' && kind !== 'ip');
      return when(other !== undefined, `${other === undefined ? '' : formatGeneralName(other)} is no host`);
    },
  },
  {
    name: 'well-formed names',
    section: '§7.1.2.7.12',
    of: SERVER,
    check: namesThat((name) =>
      name.kind === 'dns'
        ? !isPresentableDnsName(name.name)
        : name.kind === 'ip' && ipAddressOf(name.bytes) === undefined,
    ),
  },
  { name: 'names that can be owned', section: '§4.2.2', of: SERVER, check: namesThat(isInternal) },
  {
    name: 'wildcard',
    section: '§3.2.2.6',
    of: SERVER,
    check: namesThat((name) => name.kind === 'dns' && isWildcard(name.name) && !name.name.slice(2).includes('.')),
  },
  {
    name: 'common name',
    section: '§7.1.4.3',
    of: SERVER,
    check: (certificate) => {
      const stray = strayCommonName(certificate);
      return stray === false ? undefined : `${stray} is none of the alternative names`;
    },
  },
  {
    name: 'organizational unit',
    section: '§7.1.2.7',
    of: SERVER,
    check: ({ subject, validity }) => {
      const [unit] = attributeTexts(subject, Oid.organizationalUnitName);
      return when(unit !== undefined && validity.notBefore >= since(2022, 9, 1), `${unit}`);
    },
  },
  {
    name: 'no authority',
    section: '§7.1.2.7.11',
    of: SERVER,
    check: ({ keyUsage = 0, basicConstraints }) =>
      when(
        basicConstraints?.isAuthority === true ||
          hasKeyUsage(keyUsage, 'keyCertSign') ||
          hasKeyUsage(keyUsage, 'cRLSign'),
        'a key that may sign certificates or revocation lists',
      ),
  },
  {
    name: 'purpose',
    section: '§7.1.2.7.10',
    of: SERVER,
    check: ({ extKeyUsage }) => {
      if (extKeyUsage?.includes(Oid.serverAuth) !== true) return 'not for servers';
      return when(extKeyUsage.includes(Oid.anyExtendedKeyUsage), 'for anything');
    },
  },
  {
    name: 'policy',
    section: '§7.1.2.7.9',
    of: SERVER,
    check: ({ certificatePolicies = [] }) =>
      when(
        certificatePolicies.filter(({ policy }) => RESERVED_POLICIES.has(policy)).length !== 1,
        'not exactly one of the policies that say how it was validated',
      ),
  },
  {
    name: 'way to ask about revocation',
    section: '§7.1.2.11.2',
    of: BELOW_ROOT,
    check: (certificate) => {
      const { authorityInfoAccess = [], crlDistributionPoints = [] } = certificate;
      const isThere = crlDistributionPoints.length > 0 || authorityInfoAccess.some(({ method }) => method === Oid.ocsp);
      return when(!isThere && !isShortLived(certificate), 'neither a revocation list nor OCSP');
    },
  },
  {
    name: 'key of the issuer',
    section: '§7.1.2.11.1',
    of: BELOW_ROOT,
    check: ({ authorityKeyIdentifier: of }) =>
      when(of?.keyIdentifier === undefined || of.issuer !== undefined, 'not named, or not by its identifier alone'),
  },
  {
    name: 'basic constraints of an authority',
    section: '§7.1.2.1.4',
    of: AUTHORITIES,
    check: (certificate) => when(!isCritical(certificate, Oid.basicConstraints), 'not critical'),
  },
  {
    name: 'key usage of an authority',
    section: '§7.1.2.10.7',
    of: AUTHORITIES,
    check: (certificate) => {
      const { keyUsage = 0 } = certificate;
      const signs = hasKeyUsage(keyUsage, 'keyCertSign') && hasKeyUsage(keyUsage, 'cRLSign');
      return when(
        !signs || !isCritical(certificate, Oid.keyUsage),
        'not critical, or not to sign certificates and lists',
      );
    },
  },
  {
    name: 'key identifier of an authority',
    section: '§7.1.2.11.4',
    of: AUTHORITIES,
    check: ({ subjectKeyIdentifier }) => when(subjectKeyIdentifier === undefined, 'there is none'),
  },
  {
    name: 'purpose of an authority below a root',
    section: '§7.1.2.10.6',
    of: ['intermediate'],
    check: ({ extKeyUsage }) => when(extKeyUsage?.includes(Oid.serverAuth) !== true, 'not stated, or not for servers'),
  },
  {
    name: 'no purpose of a root',
    section: '§7.1.2.1.2',
    of: ['root'],
    check: ({ extKeyUsage }) => when(extKeyUsage !== undefined, 'stated'),
  },
];

const when = (isWrong: boolean, detail: string): string | undefined => (isWrong ? detail : undefined);

const isCritical = (certificate: Certificate, oid: string): boolean =>
  extensionOf(certificate, oid)?.isCritical === true;

function lifetimeOf({ validity: { notBefore, notAfter } }: Certificate): number {
  return (notAfter - notBefore + 1) / DAY; // both ends count
}

function tooLong(certificate: Certificate): string | undefined {
  const days = lifetimeOf(certificate);
  const most = LIFETIMES.find(([from]) => certificate.validity.notBefore >= from)?.[1];
  return when(most !== undefined && days > most, `${Math.ceil(days)} days, not more than ${most}`);
}

/** §1.6.1: up to seven days, from 2026 on. */
const isShortLived = (certificate: Certificate): boolean => lifetimeOf(certificate) <= 7;

function namesThat(isWrong: (name: GeneralName) => boolean): Requirement['check'] {
  return ({ subjectAltName = [] }) => {
    const wrong = subjectAltName.filter(isWrong);
    return when(wrong.length > 0, wrong.slice(0, 3).map(formatGeneralName).join(', '));
  };
}

/** ::2, the first address that is neither unspecified nor loopback; eight units, as the wire has them. */
const FIRST_ORDINARY = String.fromCharCode(0, 0, 0, 0, 0, 0, 0, 2);

/** A name without a domain, one that anybody may use, or an address that is not one machine's alone. */
function isInternal(name: GeneralName): boolean {
  if (name.kind === 'dns') {
    const host = name.name.toLowerCase();
    return !host.includes('.') || SPECIAL_DOMAINS.some((domain) => host.endsWith(`.${domain}`));
  }
  const address = name.kind === 'ip' ? ipAddressOf(name.bytes) : undefined;
  if (address === undefined) return false;
  if (typeof address === 'number') {
    return [isPrivateIpv4, isLoopbackIpv4, isLinkLocalIpv4, isMulticastIpv4].some((isOf) => isOf(address));
  }
  // RFC 4193, RFC 4291 §2.4: unique local, link-local, multicast, loopback and unspecified.
  const first = address.charCodeAt(0);
  return first >> 9 === 0x7e || first >> 6 === 0x3fa || first >> 8 === 0xff || address < FIRST_ORDINARY;
}
