// Private keys in the files that people keep them in: PKCS#8 (RFC 5958, 8410), and the older forms of RFC 5915 and 8017. What a
// signer needs is here too; a file that is locked with a password is not read.

import { bytesEqual } from '../../core/bytes.ts';
import type {
  CryptoProvider,
  EcdsaCurve,
  EcdsaPrivateKey,
  Ed25519PrivateKey,
  HashName,
  RandomSource,
  RsaPrivateKey,
  RsaPrivateNumbers,
} from '../crypto/provider.ts';
import { DerReader, type Malformed } from './der_reader.ts';
import { contextConstructed, DerTag } from './der_tag.ts';
import {
  derBitString,
  derExplicit,
  derNull,
  derObjectIdentifier,
  derOctetString,
  derSequence,
  derSmallInteger,
  derUnsigned,
} from './der_writer.ts';
import { Oid } from './object_identifier.ts';
import { ecPublicKeyInfo, ed25519PublicKeyInfo, rsaPublicKeyInfo, type SubjectPublicKeyInfo } from './public_key.ts';
import { pss, type SignatureAlgorithm, type SignatureScheme, signatureAlgorithm } from './signature_algorithm.ts';

/** What a file holds: numbers, not yet a provider's key. */
export type PrivateKeyMaterial =
  | { readonly kind: 'ec'; readonly curve: EcdsaCurve; readonly secret: Uint8Array }
  | { readonly kind: 'ed25519'; readonly secret: Uint8Array }
  | { readonly kind: 'rsa'; readonly numbers: RsaPrivateNumbers };

/** A key that a provider has made ready. */
export type PrivateKey =
  | { readonly kind: 'ec'; readonly curve: EcdsaCurve; readonly key: EcdsaPrivateKey }
  | { readonly kind: 'ed25519'; readonly key: Ed25519PrivateKey }
  | { readonly kind: 'rsa'; readonly key: RsaPrivateKey; readonly numbers: RsaPrivateNumbers };

/** Signs certificates and requests, always in the same way. */
export interface Signer {
  readonly publicKey: SubjectPublicKeyInfo;
  readonly algorithm: SignatureAlgorithm;
  sign(message: Uint8Array): Uint8Array;
}

export type KeyKind = 'P-256' | 'P-384' | 'Ed25519';

/** The same source gives the same key. */
export function generateKey(provider: CryptoProvider, kind: KeyKind, random: RandomSource): PrivateKey {
  if (kind === 'Ed25519') return { kind: 'ed25519', key: provider.ed25519.generate(random) };
  return { kind: 'ec', curve: kind, key: provider.ecdsa[kind].generate(random) };
}

/** Undefined if the numbers are no key. */
export function importPrivateKey(provider: CryptoProvider, material: PrivateKeyMaterial): PrivateKey | undefined {
  try {
    switch (material.kind) {
      case 'ec':
        return { ...material, key: provider.ecdsa[material.curve].importKey(material.secret) };
      case 'ed25519':
        return { kind: 'ed25519', key: provider.ed25519.importKey(material.secret) };
      case 'rsa':
        return { ...material, key: provider.rsa.importKey(material.numbers) };
    }
  } catch (error) {
    if (error instanceof RangeError) return undefined; // the provider's word for a key that is none
    throw error;
  }
}

export function publicKeyInfoOf(key: PrivateKey): SubjectPublicKeyInfo {
  switch (key.kind) {
    case 'ec':
      return ecPublicKeyInfo({ curve: key.curve, point: key.key.publicKey.point });
    case 'ed25519':
      return ed25519PublicKeyInfo(key.key.publicKey);
    case 'rsa':
      return rsaPublicKeyInfo(key.key.publicKey.numbers);
  }
}

/** Whether a certificate speaks of this key. */
export const belongsTo = (key: PrivateKey, { publicKey }: { readonly publicKey: SubjectPublicKeyInfo }): boolean =>
  bytesEqual(publicKeyInfoOf(key).keyBits, publicKey.keyBits);

/** With the hash as long as the curve; RSA by PKCS#1 v1.5 with SHA-256, as nearly all of the web's certificates are. */
export function signerOf(key: PrivateKey): Signer {
  switch (key.kind) {
    case 'ec': {
      const hash = key.curve === 'P-256' ? 'sha256' : 'sha384';
      return signer(key, { kind: 'ecdsa', hash }, (message) => key.key.sign(hash, message, 'der'));
    }
    case 'ed25519':
      return signer(key, { kind: 'ed25519' }, (message) => key.key.sign(message));
    case 'rsa':
      return signer(key, { kind: 'rsa-pkcs1', hash: 'sha256' }, (message) => key.key.signPkcs1('sha256', message));
  }
}

/** RSASSA-PSS: `random` gives the salts. */
export const pssSigner = (key: PrivateKey & { kind: 'rsa' }, hash: HashName, random: RandomSource): Signer =>
  signer(key, pss(hash), (message) => key.key.signPss(hash, message, random));

function signer(key: PrivateKey, scheme: SignatureScheme, sign: (message: Uint8Array) => Uint8Array): Signer {
  return { publicKey: publicKeyInfoOf(key), algorithm: signatureAlgorithm(scheme), sign };
}

// Files.

/** PKCS#8, whatever the kind. */
export function emitPrivateKey(key: PrivateKey): Uint8Array {
  const version = derSmallInteger(0);
  switch (key.kind) {
    case 'ec': {
      const algorithm = derSequence(derObjectIdentifier(Oid.ecPublicKey), derObjectIdentifier(curveOid(key.curve)));
      const publicKey = derExplicit(1, derBitString(key.key.publicKey.point));
      const inner = derSequence(derSmallInteger(1), derOctetString(key.key.secret), publicKey);
      return derSequence(version, algorithm, derOctetString(inner));
    }
    case 'ed25519': {
      const algorithm = derSequence(derObjectIdentifier(Oid.ed25519));
      return derSequence(version, algorithm, derOctetString(derOctetString(key.key.secret)));
    }
    case 'rsa': {
      const { numbers } = key;
      const algorithm = derSequence(derObjectIdentifier(Oid.rsaEncryption), derNull());
      const inner = derSequence(version, ...RSA_NUMBERS.map((name) => derUnsigned(numbers[name])));
      return derSequence(version, algorithm, derOctetString(inner));
    }
  }
}

const curveOid = (curve: EcdsaCurve): string => (curve === 'P-256' ? Oid.p256 : Oid.p384);
const curveNamed = (oid: string): EcdsaCurve | undefined =>
  oid === Oid.p256 ? 'P-256' : oid === Oid.p384 ? 'P-384' : undefined;

/** In the order of RSAPrivateKey: RFC 8017 §A.1.2. */
const RSA_NUMBERS = [
  'modulus',
  'publicExponent',
  'privateExponent',
  'prime1',
  'prime2',
  'exponent1',
  'exponent2',
  'coefficient',
] as const;

/** Any of the three forms; `PRIVATE KEY`, `EC PRIVATE KEY` and `RSA PRIVATE KEY` of PEM. */
export function parsePrivateKey(bytes: Uint8Array): PrivateKeyMaterial | Malformed {
  const reader = DerReader.of(bytes);
  const outer = reader.sequence('private key');
  const version = outer.smallInteger('version');
  const material =
    outer.nextTag === DerTag.Sequence
      ? readPkcs8(outer)
      : outer.nextTag === DerTag.OctetString
        ? readEc(outer, undefined)
        : readRsa(outer);
  outer.finish();
  reader.finish();
  if (version > 1 || material === undefined) reader.refuse('a private key of a kind that is not known here');
  return reader.problem ?? material ?? { kind: 'malformed', at: 0, reason: 'no private key' };
}

function readPkcs8(outer: DerReader): PrivateKeyMaterial | undefined {
  const identifier = outer.sequence('algorithm');
  const algorithm = identifier.objectIdentifier('algorithm');
  const curve = identifier.nextTag === DerTag.ObjectIdentifier ? identifier.objectIdentifier('curve') : undefined;
  if (!identifier.isAtEnd) identifier.null('parameters');
  const { contents: material } = outer.wrapped('private key', (key): PrivateKeyMaterial | undefined => {
    if (algorithm === Oid.ed25519) return { kind: 'ed25519', secret: key.octetString('secret') };
    const sequence = key.sequence('private key');
    sequence.smallInteger('version');
    const read = algorithm === Oid.rsaEncryption ? readRsa(sequence) : readEc(sequence, curve);
    sequence.finish();
    return read;
  });
  while (!outer.isAtEnd) outer.element('attributes or public key');
  return material;
}

function readEc(sequence: DerReader, given: string | undefined): PrivateKeyMaterial | undefined {
  const secret = sequence.octetString('secret');
  const parameters = sequence.optional(contextConstructed(0), 'parameters');
  const curve = curveNamed(parameters?.objectIdentifier('curve') ?? given ?? '');
  while (!sequence.isAtEnd) sequence.element('public key');
  return curve === undefined ? undefined : { kind: 'ec', curve, secret };
}

function readRsa(sequence: DerReader): PrivateKeyMaterial {
  const numbers = Object.fromEntries(RSA_NUMBERS.map((name) => [name, sequence.integer(name)]));
  return { kind: 'rsa', numbers: numbers as unknown as RsaPrivateNumbers };
}
