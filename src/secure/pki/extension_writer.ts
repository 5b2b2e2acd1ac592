// Writes extensions (RFC 5280 §4.2): the mirror image of extension_reader.ts. Each function gives one extension, critical
// where the section says so. Not here: which ones a certificate should have (authority.ts).

import { contextConstructed, contextPrimitive } from './der_tag.ts';
import {
  derBoolean,
  derConstructed,
  derElement,
  derExplicit,
  derNamedBits,
  derObjectIdentifier,
  derOctetString,
  derSequence,
  derSmallInteger,
} from './der_writer.ts';
import type {
  AccessDescription,
  AuthorityKeyIdentifier,
  BasicConstraints,
  Extension,
  NameConstraints,
  PolicyConstraints,
  PolicyInformation,
  PolicyMapping,
} from './extension.ts';
import { emitGeneralName, type GeneralName } from './general_name.ts';
import { type KeyPurpose, type KeyUsage, keyUsageBits, purposeOid } from './key_usage.ts';
import { Oid } from './object_identifier.ts';

/** SEQUENCE OF Extension. */
export const emitExtensions = (extensions: readonly Extension[]): Uint8Array =>
  derSequence(
    ...extensions.map(({ oid, isCritical, value }) =>
      derSequence(derObjectIdentifier(oid), isCritical ? derBoolean(true) : undefined, derOctetString(value)),
    ),
  );

export function basicConstraints({ isAuthority, pathLength }: BasicConstraints): Extension {
  const value = derSequence(
    isAuthority ? derBoolean(true) : undefined,
    pathLength === undefined ? undefined : derSmallInteger(pathLength),
  );
  return { oid: Oid.basicConstraints, isCritical: true, value };
}

/** @throws RangeError without any usage */
export function keyUsage(usages: readonly KeyUsage[]): Extension {
  if (usages.length === 0) throw new RangeError('usages must name at least one: leave the extension out instead');
  return { oid: Oid.keyUsage, isCritical: true, value: derNamedBits(keyUsageBits(usages)) };
}

/** @throws RangeError without any purpose */
export function extKeyUsage(purposes: readonly KeyPurpose[]): Extension {
  if (purposes.length === 0) throw new RangeError('purposes must name at least one: leave the extension out instead');
  const value = derSequence(...purposes.map((purpose) => derObjectIdentifier(purposeOid(purpose))));
  return { oid: Oid.extKeyUsage, isCritical: false, value };
}

/** @param isCritical if the subject is empty, and then only: §4.2.1.6 */
export function subjectAltName(names: readonly GeneralName[], isCritical = false): Extension {
  if (names.length === 0) throw new RangeError('names must hold at least one: leave the extension out instead');
  return { oid: Oid.subjectAltName, isCritical, value: derSequence(...names.map(emitGeneralName)) };
}

/** IP addresses with their mask behind: `ipSubtree` of name_constraints.ts. @throws RangeError without any */
export function nameConstraints({ permitted, excluded }: NameConstraints): Extension {
  if (permitted.length + excluded.length === 0) throw new RangeError('name constraints must hold at least one subtree');
  const subtrees = (number: number, names: readonly GeneralName[]): Uint8Array | undefined =>
    names.length === 0
      ? undefined
      : derConstructed(contextConstructed(number), ...names.map((name) => derSequence(emitGeneralName(name))));
  const value = derSequence(subtrees(0, permitted), subtrees(1, excluded));
  return { oid: Oid.nameConstraints, isCritical: true, value };
}

export function certificatePolicies(policies: readonly PolicyInformation[]): Extension {
  const value = derSequence(
    ...policies.map(({ policy, qualifiers }) =>
      derSequence(
        derObjectIdentifier(policy),
        qualifiers.length === 0
          ? undefined
          : derSequence(...qualifiers.map(({ oid, value }) => derSequence(derObjectIdentifier(oid), value))),
      ),
    ),
  );
  return { oid: Oid.certificatePolicies, isCritical: false, value };
}

export function policyMappings(mappings: readonly PolicyMapping[]): Extension {
  const value = derSequence(
    ...mappings.map(({ issuerPolicy, subjectPolicy }) =>
      derSequence(derObjectIdentifier(issuerPolicy), derObjectIdentifier(subjectPolicy)),
    ),
  );
  return { oid: Oid.policyMappings, isCritical: true, value };
}

export function policyConstraints({ requireExplicitPolicy, inhibitPolicyMapping }: PolicyConstraints): Extension {
  const skip = (number: number, count: number | undefined): Uint8Array | undefined =>
    count === undefined ? undefined : derSmallInteger(count, contextPrimitive(number));
  const value = derSequence(skip(0, requireExplicitPolicy), skip(1, inhibitPolicyMapping));
  return { oid: Oid.policyConstraints, isCritical: true, value };
}

export const inhibitAnyPolicy = (skipCertificates: number): Extension => {
  return { oid: Oid.inhibitAnyPolicy, isCritical: true, value: derSmallInteger(skipCertificates) };
};

export function authorityKeyIdentifier(of: Partial<AuthorityKeyIdentifier>): Extension {
  const value = derSequence(
    of.keyIdentifier === undefined ? undefined : derOctetString(of.keyIdentifier, contextPrimitive(0)),
    of.issuer === undefined ? undefined : derConstructed(contextConstructed(1), ...of.issuer.map(emitGeneralName)),
    of.serialNumber === undefined ? undefined : derElement(contextPrimitive(2), of.serialNumber),
  );
  return { oid: Oid.authorityKeyIdentifier, isCritical: false, value };
}

export const subjectKeyIdentifier = (keyIdentifier: Uint8Array): Extension => {
  return { oid: Oid.subjectKeyIdentifier, isCritical: false, value: derOctetString(keyIdentifier) };
};

export function authorityInfoAccess(access: readonly AccessDescription[]): Extension {
  const value = derSequence(
    ...access.map(({ method, location }) => derSequence(derObjectIdentifier(method), emitGeneralName(location))),
  );
  return { oid: Oid.authorityInfoAccess, isCritical: false, value };
}

export function crlDistributionPoints(uris: readonly string[]): Extension {
  const point = (uri: string): Uint8Array =>
    derSequence(derExplicit(0, derConstructed(contextConstructed(0), emitGeneralName({ kind: 'uri', uri }))));
  return { oid: Oid.cRLDistributionPoints, isCritical: false, value: derSequence(...uris.map(point)) };
}
