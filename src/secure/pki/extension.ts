// Extensions of certificates and requests (RFC 5280 §4.2): what each one means once it is read. Reading is in
// extension_reader.ts, writing in extension_writer.ts. Not here: what a path may be, given these (path_validation.ts).

import type { GeneralName } from './general_name.ts';

/** As it stands in a certificate; `value` is the contents of the OCTET STRING. */
export interface Extension {
  readonly oid: string;
  readonly isCritical: boolean;
  readonly value: Uint8Array;
}

/** §4.2.1.9 */
export interface BasicConstraints {
  readonly isAuthority: boolean;
  /** How many authorities may follow below this one, the last certificate not counted. */
  readonly pathLength: number | undefined;
}

/** §4.2.1.1 */
export interface AuthorityKeyIdentifier {
  readonly keyIdentifier: Uint8Array | undefined;
  readonly issuer: readonly GeneralName[] | undefined;
  readonly serialNumber: Uint8Array | undefined;
}

/** §4.2.1.10. The names below an authority must lie in one of the permitted, and in none of the excluded subtrees. */
export interface NameConstraints {
  readonly permitted: readonly GeneralName[];
  readonly excluded: readonly GeneralName[];
}

/** §4.2.1.4 */
export interface PolicyInformation {
  readonly policy: string;
  /** PolicyQualifierInfo elements, whole. */
  readonly qualifiers: readonly PolicyQualifier[];
}

export interface PolicyQualifier {
  readonly oid: string;
  /** The element whole. */
  readonly value: Uint8Array;
}

/** §4.2.1.5 */
export interface PolicyMapping {
  readonly issuerPolicy: string;
  readonly subjectPolicy: string;
}

/** §4.2.1.11: after how many more certificates. */
export interface PolicyConstraints {
  readonly requireExplicitPolicy: number | undefined;
  readonly inhibitPolicyMapping: number | undefined;
}

/** §4.2.2.1 */
export interface AccessDescription {
  readonly method: string;
  readonly location: GeneralName;
}

/** What is known of them. Undefined: the extension is not there. */
export interface KnownExtensions {
  readonly basicConstraints: BasicConstraints | undefined;
  /** Bits, see key_usage.ts. */
  readonly keyUsage: number | undefined;
  /** Identifiers of purposes. */
  readonly extKeyUsage: readonly string[] | undefined;
  readonly subjectAltName: readonly GeneralName[] | undefined;
  readonly nameConstraints: NameConstraints | undefined;
  readonly certificatePolicies: readonly PolicyInformation[] | undefined;
  readonly policyMappings: readonly PolicyMapping[] | undefined;
  readonly policyConstraints: PolicyConstraints | undefined;
  /** §4.2.1.14: after how many more certificates anyPolicy means nothing. */
  readonly inhibitAnyPolicy: number | undefined;
  readonly authorityKeyIdentifier: AuthorityKeyIdentifier | undefined;
  readonly subjectKeyIdentifier: Uint8Array | undefined;
  readonly authorityInfoAccess: readonly AccessDescription[] | undefined;
  /** §4.2.1.13: addresses of the lists, where they are whole names. */
  readonly crlDistributionPoints: readonly GeneralName[] | undefined;
}

export const NO_EXTENSIONS: KnownExtensions = {
  basicConstraints: undefined,
  keyUsage: undefined,
  extKeyUsage: undefined,
  subjectAltName: undefined,
  nameConstraints: undefined,
  certificatePolicies: undefined,
  policyMappings: undefined,
  policyConstraints: undefined,
  inhibitAnyPolicy: undefined,
  authorityKeyIdentifier: undefined,
  subjectKeyIdentifier: undefined,
  authorityInfoAccess: undefined,
  crlDistributionPoints: undefined,
};
