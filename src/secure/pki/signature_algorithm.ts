// How certificates and requests are signed: the algorithm's identifier, read and written (RFC 3279, 4055, 5758, 8410). Not here:
// keys and the signing itself (public_key.ts, private_key.ts).

import { bytesEqual } from '../../core/bytes.ts';
import { HASHES, type HashName } from '../crypto/provider.ts';
import type { DerReader } from './der_reader.ts';
import { contextConstructed } from './der_tag.ts';
import { derExplicit, derNull, derObjectIdentifier, derSequence, derSmallInteger } from './der_writer.ts';
import { attributeLabel } from './distinguished_name.ts';
import { Oid } from './object_identifier.ts';

export type SignatureScheme =
  | { readonly kind: 'rsa-pkcs1'; readonly hash: HashName }
  | { readonly kind: 'rsa-pss'; readonly hash: HashName; readonly saltLength: number }
  | { readonly kind: 'ecdsa'; readonly hash: HashName }
  | { readonly kind: 'ed25519' };

export interface SignatureAlgorithm {
  /** The AlgorithmIdentifier whole. */
  readonly bytes: Uint8Array;
  readonly oid: string;
  /** Undefined for what is not known here, or known by parameters that it does not take. */
  readonly scheme: SignatureScheme | undefined;
}

const PKCS1: ReadonlyMap<string, HashName> = new Map([
  [Oid.sha1WithRsa, 'sha1'],
  [Oid.sha256WithRsa, 'sha256'],
  [Oid.sha384WithRsa, 'sha384'],
  [Oid.sha512WithRsa, 'sha512'],
]);

const ECDSA: ReadonlyMap<string, HashName> = new Map([
  [Oid.ecdsaWithSha1, 'sha1'],
  [Oid.ecdsaWithSha256, 'sha256'],
  [Oid.ecdsaWithSha384, 'sha384'],
  [Oid.ecdsaWithSha512, 'sha512'],
]);

const HASH_OIDS: ReadonlyMap<string, HashName> = new Map([
  [Oid.sha1, 'sha1'],
  [Oid.sha256, 'sha256'],
  [Oid.sha384, 'sha384'],
  [Oid.sha512, 'sha512'],
]);

const NULL = derNull();

export function readSignatureAlgorithm(reader: DerReader, label: string): SignatureAlgorithm {
  const at = reader.at;
  const sequence = reader.sequence(label);
  const oid = sequence.objectIdentifier('algorithm');
  sequence.explain(attributeLabel(oid));
  const scheme =
    oid === Oid.rsassaPss && !sequence.isAtEnd ? readPssParameters(sequence) : schemeOf(oid, readParameters(sequence));
  sequence.finish();
  return { bytes: reader.raw(at), oid, scheme };
}

const readParameters = (sequence: DerReader): Uint8Array | undefined =>
  sequence.isAtEnd ? undefined : sequence.element('parameters');

function schemeOf(oid: string, parameters: Uint8Array | undefined): SignatureScheme | undefined {
  const pkcs1 = PKCS1.get(oid);
  if (pkcs1 !== undefined) {
    // RFC 4055 §5: NULL, and nothing at all must be accepted too.
    return parameters === undefined || bytesEqual(parameters, NULL) ? { kind: 'rsa-pkcs1', hash: pkcs1 } : undefined;
  }
  // RFC 5758 §3.2, RFC 8410 §3: none.
  if (parameters !== undefined) return undefined;
  const ecdsa = ECDSA.get(oid);
  if (ecdsa !== undefined) return { kind: 'ecdsa', hash: ecdsa };
  return oid === Oid.ed25519 ? { kind: 'ed25519' } : undefined;
}

/** RFC 4055 §3.1: the same hash for the message and for MGF1. The defaults all speak of SHA-1. */
export function readPssParameters(sequence: DerReader): SignatureScheme | undefined {
  const parameters = sequence.sequence('RSASSA-PSS parameters');
  const hash = readHash(parameters.optional(contextConstructed(0), 'hash algorithm'));
  const generator = parameters.optional(contextConstructed(1), 'mask generation');
  const mask = generator?.sequence('mask generation function');
  const isMgf1 = mask === undefined || mask.objectIdentifier('function') === Oid.mgf1;
  const maskHash = readHash(mask);
  const salt = parameters.optional(contextConstructed(2), 'salt length');
  const saltLength = salt?.smallInteger('salt length') ?? 20;
  const trailer = parameters.optional(contextConstructed(3), 'trailer field')?.smallInteger('trailer field') ?? 1;
  parameters.finish();
  const isSound = isMgf1 && hash !== undefined && hash === maskHash && trailer === 1;
  return isSound ? { kind: 'rsa-pss', hash, saltLength } : undefined;
}

function readHash(reader: DerReader | undefined): HashName | undefined {
  if (reader === undefined) return 'sha1';
  const sequence = reader.sequence('hash algorithm');
  const oid = sequence.objectIdentifier('hash');
  sequence.explain(attributeLabel(oid));
  if (!sequence.isAtEnd) sequence.null('parameters');
  sequence.finish();
  reader.finish();
  return HASH_OIDS.get(oid);
}

export function signatureAlgorithm(scheme: SignatureScheme): SignatureAlgorithm {
  if (scheme.kind === 'ed25519') {
    return { bytes: derSequence(derObjectIdentifier(Oid.ed25519)), oid: Oid.ed25519, scheme };
  }
  if (scheme.kind === 'rsa-pss') {
    const bytes = derSequence(derObjectIdentifier(Oid.rsassaPss), pssParameters(scheme.hash, scheme.saltLength));
    return { bytes, oid: Oid.rsassaPss, scheme };
  }
  const table = scheme.kind === 'ecdsa' ? ECDSA : PKCS1;
  const oid = [...table].find(([, hash]) => hash === scheme.hash)?.[0] ?? '';
  const bytes = derSequence(derObjectIdentifier(oid), scheme.kind === 'ecdsa' ? undefined : NULL);
  return { bytes, oid, scheme };
}

function pssParameters(hash: HashName, saltLength: number): Uint8Array {
  const oid = [...HASH_OIDS].find(([, name]) => name === hash)?.[0] ?? '';
  const hashAlgorithm = derSequence(derObjectIdentifier(oid), NULL);
  return derSequence(
    derExplicit(0, hashAlgorithm),
    derExplicit(1, derSequence(derObjectIdentifier(Oid.mgf1), hashAlgorithm)),
    derExplicit(2, derSmallInteger(saltLength)),
  );
}

/** As long as the hash, as everybody has it. */
export const pss = (hash: HashName): SignatureScheme => ({ kind: 'rsa-pss', hash, saltLength: HASHES[hash].length });

const NAMES: Readonly<Record<string, string>> = {
  [Oid.sha1WithRsa]: 'sha1WithRSAEncryption',
  [Oid.sha256WithRsa]: 'sha256WithRSAEncryption',
  [Oid.sha384WithRsa]: 'sha384WithRSAEncryption',
  [Oid.sha512WithRsa]: 'sha512WithRSAEncryption',
  [Oid.rsassaPss]: 'rsassaPss',
  [Oid.ecdsaWithSha1]: 'ecdsa-with-SHA1',
  [Oid.ecdsaWithSha256]: 'ecdsa-with-SHA256',
  [Oid.ecdsaWithSha384]: 'ecdsa-with-SHA384',
  [Oid.ecdsaWithSha512]: 'ecdsa-with-SHA512',
  [Oid.ed25519]: 'ED25519',
};

/** As openssl calls it: `ecdsa-with-SHA256`. */
export const signatureAlgorithmName = ({ oid }: SignatureAlgorithm): string => NAMES[oid] ?? oid;

/** RFC 9155 for TLS, baseline requirements §7.1.3.2 for certificates: collisions of SHA-1 are made to order. */
export const isWeakScheme = (scheme: SignatureScheme): boolean => scheme.kind !== 'ed25519' && scheme.hash === 'sha1';
