// Reads extensions (RFC 5280 §4.2). One that is known must be well-formed, or the whole certificate is refused: what cannot be
// read cannot be obeyed. The mirror image is extension_writer.ts.

import type { DerReader } from './der_reader.ts';
import { contextConstructed, contextPrimitive, DerTag } from './der_tag.ts';
import { attributeLabel } from './distinguished_name.ts';
import type {
  AccessDescription,
  AuthorityKeyIdentifier,
  BasicConstraints,
  Extension,
  KnownExtensions,
  NameConstraints,
  PolicyConstraints,
  PolicyInformation,
} from './extension.ts';
import { NO_EXTENSIONS } from './extension.ts';
import { type GeneralName, readGeneralName } from './general_name.ts';
import { KEY_USAGE_MASK } from './key_usage.ts';
import { Oid } from './object_identifier.ts';

/** More than any certificate in use has; what is above is somebody else's amusement. */
const MAX_EXTENSIONS = 64;

export interface Extensions {
  readonly list: readonly Extension[];
  readonly known: KnownExtensions;
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** SEQUENCE OF Extension. */
export function readExtensions(reader: DerReader): Extensions {
  const known: Writable<KnownExtensions> = { ...NO_EXTENSIONS };
  const seen = new Set<string>();
  const list = reader.sequenceOf('extensions', (extensions) => {
    const at = extensions.at;
    const extension = readExtension(extensions, known);
    // §4.2: no extension twice.
    if (seen.has(extension.oid)) extensions.refuse('an extension that is there twice', at);
    if (seen.size >= MAX_EXTENSIONS) extensions.refuse('too many extensions', at);
    seen.add(extension.oid);
    return extension;
  });
  if (list.length === 0) reader.refuse('extensions without one');
  return { list, known };
}

function readExtension(extensions: DerReader, known: Writable<KnownExtensions>): Extension {
  const extension = extensions.sequence('extension');
  const oid = extension.objectIdentifier('extension identifier');
  extension.explain(attributeLabel(oid));
  const criticalAt = extension.at;
  const isCritical = extension.nextTag === DerTag.Boolean && extension.boolean('critical');
  // X.690 §11.5: a default is not written.
  if (!isCritical && extension.at !== criticalAt) extension.refuse('a default that is written', criticalAt);
  const read = READERS.get(oid);
  if (read === undefined) {
    const value = extension.octetString('extension value');
    extension.finish();
    return { oid, isCritical, value };
  }
  const { value, contents } = extension.wrapped('extension value', read);
  Object.assign(known, contents);
  extension.finish();
  return { oid, isCritical, value };
}

type Reading = (reader: DerReader) => Partial<KnownExtensions>;

const READERS: ReadonlyMap<string, Reading> = new Map<string, Reading>([
  [Oid.basicConstraints, (reader) => ({ basicConstraints: readBasicConstraints(reader) })],
  [Oid.keyUsage, (reader) => ({ keyUsage: readKeyUsage(reader) })],
  [Oid.extKeyUsage, (reader) => ({ extKeyUsage: readPurposes(reader) })],
  [Oid.subjectAltName, (reader) => ({ subjectAltName: readGeneralNames(reader) })],
  [Oid.nameConstraints, (reader) => ({ nameConstraints: readNameConstraints(reader) })],
  [Oid.certificatePolicies, (reader) => ({ certificatePolicies: readPolicies(reader) })],
  [Oid.policyMappings, (reader) => ({ policyMappings: readMappings(reader) })],
  [Oid.policyConstraints, (reader) => ({ policyConstraints: readPolicyConstraints(reader) })],
  [Oid.inhibitAnyPolicy, (reader) => ({ inhibitAnyPolicy: reader.smallInteger('skip certificates') })],
  [Oid.authorityKeyIdentifier, (reader) => ({ authorityKeyIdentifier: readAuthorityKey(reader) })],
  [Oid.subjectKeyIdentifier, (reader) => ({ subjectKeyIdentifier: reader.octetString('key identifier') })],
  [Oid.authorityInfoAccess, (reader) => ({ authorityInfoAccess: readAccess(reader) })],
  [Oid.cRLDistributionPoints, (reader) => ({ crlDistributionPoints: readDistribution(reader) })],
]);

/** Whether what it says is understood here: one that is critical and is not understood refuses the certificate. */
export const isUnderstood = (oid: string): boolean => READERS.has(oid);

function readBasicConstraints(reader: DerReader): BasicConstraints {
  const sequence = reader.sequence('basic constraints');
  const at = sequence.at;
  const isAuthority = sequence.nextTag === DerTag.Boolean && sequence.boolean('is an authority');
  if (!isAuthority && sequence.at !== at) sequence.refuse('a default that is written', at);
  const pathLength = sequence.isAtEnd ? undefined : sequence.smallInteger('path length');
  sequence.finish();
  return { isAuthority, pathLength };
}

function readKeyUsage(reader: DerReader): number {
  const bits = reader.namedBits('key usage');
  // §4.2.1.3: at least one bit is set.
  if (bits === 0) reader.refuse('a key usage without any use');
  return bits & KEY_USAGE_MASK;
}

function readPurposes(reader: DerReader): readonly string[] {
  const purposes = reader.sequenceOf('extended key usage', (list) => list.objectIdentifier('purpose'));
  if (purposes.length === 0) reader.refuse('an extended key usage without any use');
  return purposes;
}

export function readGeneralNames(reader: DerReader, tag: number = DerTag.Sequence): readonly GeneralName[] {
  const names = reader.sequenceOf('names', readGeneralName, tag);
  if (names.length === 0) reader.refuse('names without one');
  return names;
}

function readNameConstraints(reader: DerReader): NameConstraints {
  const sequence = reader.sequence('name constraints');
  const permitted = readSubtrees(sequence, contextConstructed(0), 'permitted subtrees');
  const excluded = readSubtrees(sequence, contextConstructed(1), 'excluded subtrees');
  // §4.2.1.10: not empty.
  if (permitted.length + excluded.length === 0) sequence.refuse('name constraints without one');
  sequence.finish();
  return { permitted, excluded };
}

function readSubtrees(sequence: DerReader, tag: number, label: string): readonly GeneralName[] {
  if (sequence.nextTag !== tag) return [];
  const subtrees = sequence.sequenceOf(
    label,
    (list) => {
      const subtree = list.sequence('subtree');
      const base = readGeneralName(subtree);
      // §4.2.1.10: minimum is zero, which is its default and not written, and there is no maximum.
      subtree.finish();
      return base;
    },
    tag,
  );
  if (subtrees.length === 0) sequence.refuse('subtrees without one');
  return subtrees;
}

function readPolicies(reader: DerReader): readonly PolicyInformation[] {
  const seen = new Set<string>();
  const policies = reader.sequenceOf('certificate policies', (list) => {
    const information = list.sequence('policy information');
    const policy = information.objectIdentifier('policy');
    // §4.2.1.4: no policy twice.
    if (seen.has(policy)) information.refuse('a policy that is there twice');
    seen.add(policy);
    const qualifiers = information.isAtEnd
      ? []
      : information.sequenceOf('policy qualifiers', (each) => {
          const qualifier = each.sequence('policy qualifier');
          const oid = qualifier.objectIdentifier('qualifier identifier');
          const value = qualifier.element('qualifier');
          qualifier.finish();
          return { oid, value };
        });
    information.finish();
    return { policy, qualifiers };
  });
  if (policies.length === 0) reader.refuse('certificate policies without one');
  return policies;
}

function readMappings(reader: DerReader): readonly { issuerPolicy: string; subjectPolicy: string }[] {
  const mappings = reader.sequenceOf('policy mappings', (list) => {
    const mapping = list.sequence('mapping');
    const issuerPolicy = mapping.objectIdentifier('issuer domain policy');
    const subjectPolicy = mapping.objectIdentifier('subject domain policy');
    mapping.finish();
    return { issuerPolicy, subjectPolicy };
  });
  if (mappings.length === 0) reader.refuse('policy mappings without one');
  return mappings;
}

function readPolicyConstraints(reader: DerReader): PolicyConstraints {
  const sequence = reader.sequence('policy constraints');
  const skip = (number: number, label: string): number | undefined =>
    sequence.nextTag === contextPrimitive(number) ? sequence.smallInteger(label, contextPrimitive(number)) : undefined;
  const requireExplicitPolicy = skip(0, 'require explicit policy');
  const inhibitPolicyMapping = skip(1, 'inhibit policy mapping');
  // §4.2.1.11: not empty.
  if (requireExplicitPolicy === undefined && inhibitPolicyMapping === undefined) {
    sequence.refuse('policy constraints without one');
  }
  sequence.finish();
  return { requireExplicitPolicy, inhibitPolicyMapping };
}

function readAuthorityKey(reader: DerReader): AuthorityKeyIdentifier {
  const sequence = reader.sequence('authority key identifier');
  const has = (tag: number): boolean => sequence.nextTag === tag;
  const keyIdentifier = has(contextPrimitive(0))
    ? sequence.octetString('key identifier', contextPrimitive(0))
    : undefined;
  const issuer = has(contextConstructed(1)) ? readGeneralNames(sequence, contextConstructed(1)) : undefined;
  const serialNumber = has(contextPrimitive(2)) ? sequence.integer('serial number', contextPrimitive(2)) : undefined;
  sequence.finish();
  return { keyIdentifier, issuer, serialNumber };
}

function readAccess(reader: DerReader): readonly AccessDescription[] {
  const access = reader.sequenceOf('authority information access', (list) => {
    const description = list.sequence('access description');
    const method = description.objectIdentifier('method');
    const location = readGeneralName(description);
    description.finish();
    return { method, location };
  });
  if (access.length === 0) reader.refuse('authority information access without one');
  return access;
}

function readDistribution(reader: DerReader): readonly GeneralName[] {
  const points = reader.sequenceOf('CRL distribution points', (list) => {
    const point = list.sequence('distribution point');
    const explicit = point.optional(contextConstructed(0), 'distribution point name');
    const names = explicit?.nextTag === contextConstructed(0) ? readGeneralNames(explicit, contextConstructed(0)) : [];
    // Relative to the issuer's name, reasons, and another issuer: no list is fetched here, so they are stepped over.
    while (explicit !== undefined && !explicit.isAtEnd) explicit.element('relative name');
    while (!point.isAtEnd) point.element('reasons or issuer');
    return names;
  });
  if (points.length === 0) reader.refuse('CRL distribution points without one');
  return points.flat();
}
