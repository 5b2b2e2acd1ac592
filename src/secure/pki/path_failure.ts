// Why a certificate was not believed: one rule, the certificate that broke it, and what Node and OpenSSL call the same. Not
// here: the rules themselves (certificate_profile.ts, path_building.ts).

import { type Certificate, formatSerialNumber } from './certificate.ts';
import { shortName } from './distinguished_name.ts';

/**
 * Text that completes "R1 ..."; the section, of RFC 5280 unless it says otherwise (BR: the baseline requirements of the
 * CA/Browser Forum); and number and name in OpenSSL, X509_V_ERR_..., where it has such a rule.
 */
type RuleRow = readonly [text: string, section: string, number?: number, name?: string];

const RULES = {
  // Time, signatures, issuers.
  'not-yet-valid': ['is not valid yet', '§6.1.3 (a)(2)', 9, 'CERT_NOT_YET_VALID'],
  expired: ['has expired', '§6.1.3 (a)(2)', 10, 'CERT_HAS_EXPIRED'],
  'bad-signature': ['was not signed by the key of its issuer', '§6.1.3 (a)(1)', 7, 'CERT_SIGNATURE_FAILURE'],
  'algorithm-mismatch': [
    'names one signature algorithm inside and another outside',
    '§4.1.1.2',
    78,
    'SIGNATURE_ALGORITHM_INCONSISTENCY',
  ],
  'unsupported-algorithm': [
    'is signed with an algorithm that is not known here',
    '§4.1.1.2',
    76,
    'UNSUPPORTED_SIGNATURE_ALGORITHM',
  ],
  'weak-algorithm': ['is signed with SHA-1, whose collisions are made to order', 'BR §7.1.3.2', 68, 'CA_MD_TOO_WEAK'],
  'lone-leaf': [
    'comes without the certificate of its issuer, which is not trusted here either',
    '§6.1',
    21,
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  ],
  'unknown-issuer': ['has an issuer that is not known here', '§6.1', 20, 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY'],
  'self-signed': ['is signed by itself, and not trusted', '§6.1', 18, 'DEPTH_ZERO_SELF_SIGNED_CERT'],
  'untrusted-root': ['is a root that is not trusted', '§6.1', 19, 'SELF_SIGNED_CERT_IN_CHAIN'],
  'path-too-long': ['is below more authorities than are allowed here', '§6.1', 22, 'CERT_CHAIN_TOO_LONG'],
  'too-much-work': ['asks for more work than a certificate is worth', 'RFC 4158 §7.1'],
  // What authorities may do.
  'not-an-authority': ['is not the certificate of an authority', '§6.1.4 (k)', 79, 'INVALID_CA'],
  'may-not-sign': ['has a key that may not sign certificates', '§6.1.4 (n)', 32, 'KEYUSAGE_NO_CERTSIGN'],
  'path-length-exceeded': ['allows fewer authorities below it', '§6.1.4 (m)', 25, 'PATH_LENGTH_EXCEEDED'],
  'name-not-permitted': [
    'has a name that an authority above it may not vouch for',
    '§6.1.3 (b)',
    47,
    'PERMITTED_VIOLATION',
  ],
  'name-excluded': ['has a name that an authority above it must not vouch for', '§6.1.3 (c)', 48, 'EXCLUDED_VIOLATION'],
  'bad-constraint': ['has name constraints that cannot be', '§4.2.1.10', 52, 'UNSUPPORTED_CONSTRAINT_SYNTAX'],
  'unsupported-constraint': [
    'has a name of a kind that is constrained above it, and cannot be judged here',
    '§4.2.1.10',
    51,
    'UNSUPPORTED_CONSTRAINT_TYPE',
  ],
  'no-acceptable-policy': ['has no policy that all above it have', '§6.1.5 (g)', 43, 'NO_EXPLICIT_POLICY'],
  'bad-policy-mapping': ['maps any policy to another', '§6.1.4 (a)', 42, 'INVALID_POLICY_EXTENSION'],
  'wrong-purpose': ['is not for this purpose', '§4.2.1.12', 26, 'INVALID_PURPOSE'],
  'unknown-critical-extension': [
    'has a critical extension that is not known here',
    '§6.1.4 (o)',
    34,
    'UNHANDLED_CRITICAL_EXTENSION',
  ],
  // Names.
  'wrong-name': ['is for other names', 'RFC 9525 §6', 62, 'HOSTNAME_MISMATCH'],
  'wrong-address': ['is for other addresses', 'RFC 9525 §6.5', 64, 'IP_ADDRESS_MISMATCH'],
  'wrong-mailbox': ['is for other mailboxes', '§4.2.1.6', 63, 'EMAIL_MISMATCH'],
  // How certificates must be made.
  'bad-version': ['is not of version 3', '§4.1.2.1', 93, 'EXTENSIONS_REQUIRE_VERSION_3'],
  'bad-serial-number': ['has a serial number that is not from 1 to 20 bytes and positive', '§4.1.2.2'],
  'empty-issuer': ['does not name its issuer', '§4.1.2.4', 83, 'ISSUER_NAME_EMPTY'],
  'empty-subject': ['is an authority without a name', '§4.1.2.6', 84, 'SUBJECT_NAME_EMPTY'],
  'nameless-subject': [
    'has an empty subject, and no critical alternative names',
    '§4.2.1.6',
    88,
    'EMPTY_SUBJECT_SAN_NOT_CRITICAL',
  ],
  'bad-alternative-name': ['has a name that is not well-formed', '§4.2.1.6'],
  'no-authority-key': ['does not say which key signed it', '§4.2.1.1', 85, 'MISSING_AUTHORITY_KEY_IDENTIFIER'],
  'critical-authority-key': [
    'has a critical authority key identifier',
    '§4.2.1.1',
    90,
    'AUTHORITY_KEY_IDENTIFIER_CRITICAL',
  ],
  'no-subject-key': ['is an authority that does not name its key', '§4.2.1.2', 86, 'MISSING_SUBJECT_KEY_IDENTIFIER'],
  'critical-subject-key': ['has a critical subject key identifier', '§4.2.1.2', 91, 'SUBJECT_KEY_IDENTIFIER_CRITICAL'],
  'constraints-not-critical': [
    'is an authority whose basic constraints are not critical',
    '§4.2.1.9',
    89,
    'CA_BCONS_NOT_CRITICAL',
  ],
  'no-key-usage': ['is an authority whose key has no stated use', '§4.2.1.3', 92, 'CA_CERT_MISSING_KEY_USAGE'],
  'signs-without-being-authority': [
    'has a key that may sign certificates, and is no authority',
    '§4.2.1.9',
    82,
    'KU_KEY_CERT_SIGN_INVALID_FOR_NON_CA',
  ],
  'path-length-without-authority': [
    'limits a path that it cannot have below it',
    '§4.2.1.9',
    80,
    'PATHLEN_INVALID_FOR_NON_CA',
  ],
  'constrains-without-being-authority': ['has name constraints, and is no authority', '§4.2.1.10'],
  'name-constraints-not-critical': ['has name constraints that are not critical', '§4.2.1.10'],
  'policy-constraints-not-critical': ['has constraints on policies that are not critical', '§4.2.1.11'],
  'critical-information-access': ['has critical information access', '§4.2.2.1'],
  // What is asked of authorities that the web trusts.
  'authority-as-server': ['is the certificate of an authority, not of a server', 'BR §7.1.2.7.8'],
  'no-alternative-names': ['has no alternative names', 'BR §7.1.2.7.12'],
  'critical-alternative-names': ['has critical alternative names beside a subject', 'BR §7.1.2.7.12'],
  'common-name-not-alternative': ['has a common name that is none of its alternative names', 'BR §7.1.4.3'],
  'bad-extended-usage': ['does not say plainly what it is for', 'BR §7.1.2.7.10'],
  'root-with-purpose': ['is a root with extended key usage', 'BR §7.1.2.1.2'],
  'bad-root-authority-key': ['is a root that points to another key', 'BR §7.1.2.1.3', 30, 'AKID_SKID_MISMATCH'],
  'key-not-allowed': [
    'has a key that is too small or of a kind that is not allowed',
    'BR §6.1.5',
    66,
    'EE_KEY_TOO_SMALL',
  ],
  'wildcard-too-wide': ['claims everything below a top-level domain', 'BR §3.2.2.6'],
  // Revocation.
  revoked: ['has been revoked', '§6.3.3', 23, 'CERT_REVOKED'],
  'revocation-unknown': ['comes with a revocation list that cannot be used', '§6.3.3', 3, 'UNABLE_TO_GET_CRL'],
} as const;

export type PathRule = keyof typeof RULES;

export const PATH_RULES: readonly PathRule[] = Object.keys(RULES) as PathRule[];

/** X509_V_ERR_UNSPECIFIED: what it says where it has no such rule. */
const UNSPECIFIED = 1;

/** The ones of which Node makes `code` of an error; it calls all others UNSPECIFIED. */
const NODE_KNOWS: ReadonlySet<number> = new Set([2, 3, 7, 9, 10, 18, 19, 20, 21, 22, 23, 25, 26, 79]);

export interface RuleCodes {
  readonly section: string;
  readonly node: string;
  readonly openssl: { readonly number: number; readonly name: string };
}

export function ruleCodes(rule: PathRule): RuleCodes {
  const [, section, number = UNSPECIFIED, name = 'UNSPECIFIED']: RuleRow = RULES[rule];
  const isName = rule === 'wrong-name' || rule === 'wrong-address';
  const node = isName ? 'ERR_TLS_CERT_ALTNAME_INVALID' : NODE_KNOWS.has(number) ? name : 'UNSPECIFIED';
  return { section: section.startsWith('§') ? `RFC 5280 ${section}` : section, node, openssl: { number, name } };
}

export interface PathFailure {
  readonly kind: 'refused';
  readonly rule: PathRule;
  /** The one that broke the rule. */
  readonly certificate: Certificate;
  /** How far above the certificate that was asked about: 0 is that one itself. */
  readonly depth: number;
  /** What exactly: a name, a time, an extension. */
  readonly detail: string;
}

export const pathFailure = (rule: PathRule, certificate: Certificate, depth: number, detail = ''): PathFailure => {
  return { kind: 'refused', rule, certificate, depth, detail };
};

export const isPathFailure = (result: object | undefined): result is PathFailure =>
  result !== undefined && 'kind' in result && result.kind === 'refused';

/** `www.example has expired: Feb 28 23:59:59 2023 GMT (expired, RFC 5280 §6.1.3; CERT_HAS_EXPIRED, OpenSSL 10)` */
export function formatPathFailure({ rule, certificate, detail }: PathFailure): string {
  const who = shortName(certificate.subject);
  const name = who === '(no name)' ? `certificate ${formatSerialNumber(certificate)}` : who;
  const { section, node, openssl } = ruleCodes(rule);
  const shown = node === 'UNSPECIFIED' ? openssl.name : node;
  const codes = openssl.number === UNSPECIFIED ? '' : `; ${shown}, OpenSSL ${openssl.number}`;
  return `${name} ${RULES[rule][0]}${detail === '' ? '' : `: ${detail}`} (${rule}, ${section}${codes})`;
}
