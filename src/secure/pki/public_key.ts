// Public keys as certificates carry them (SubjectPublicKeyInfo, RFC 3279, 5480, 8410), and signatures checked with them by a
// provider of cryptography. Not here: private keys (private_key.ts).

import type {
  CryptoProvider,
  EcdsaCurve,
  EcdsaPublicKey,
  Ed25519PublicKey,
  HashName,
  RsaPublicKey,
  RsaPublicNumbers,
} from '../crypto/provider.ts';
import type { DerReader } from './der_reader.ts';
import { DerTag } from './der_tag.ts';
import { derBitString, derNull, derObjectIdentifier, derSequence, derUnsigned } from './der_writer.ts';
import { attributeLabel } from './distinguished_name.ts';
import { Oid } from './object_identifier.ts';
import { readPssParameters, type SignatureScheme } from './signature_algorithm.ts';

export interface SubjectPublicKeyInfo {
  /** The element whole. */
  readonly bytes: Uint8Array;
  readonly algorithm: string;
  /** Contents of the BIT STRING: what key identifiers are hashes of. */
  readonly keyBits: Uint8Array;
  readonly key: PublicKey;
}

export type PublicKey =
  | {
      readonly kind: 'rsa';
      readonly numbers: RsaPublicNumbers;
      /** Bits of the modulus. */
      readonly bits: number;
      /** Set if the key is for PSS alone; `hash` if for one hash alone. */
      readonly pss: { readonly hash: HashName | undefined } | undefined;
    }
  | { readonly kind: 'ec'; readonly curve: EcdsaCurve; readonly point: Uint8Array }
  | { readonly kind: 'ed25519'; readonly bytes: Uint8Array }
  /** Of an algorithm or curve that is not known here. */
  | { readonly kind: 'unknown'; readonly curve: string | undefined };

export function readPublicKey(reader: DerReader): SubjectPublicKeyInfo {
  const { at } = reader;
  const info = reader.sequence('subject public key info');
  const identifier = info.sequence('algorithm');
  const algorithm = identifier.objectIdentifier('algorithm');
  identifier.explain(attributeLabel(algorithm));
  if (algorithm === Oid.rsaEncryption || algorithm === Oid.rsassaPss)
    return readRsa(reader, at, info, identifier, algorithm);
  const curve = identifier.nextTag === DerTag.ObjectIdentifier ? identifier.objectIdentifier('curve') : undefined;
  const hasParameters = !identifier.isAtEnd;
  while (!identifier.isAtEnd) identifier.element('parameters');
  const keyBits = readKeyBits(info);
  info.finish();
  const key = hasParameters ? undefined : knownKey(algorithm, curve, keyBits);
  return { bytes: reader.raw(at), algorithm, keyBits, key: key ?? { kind: 'unknown', curve } };
}

function readKeyBits(info: DerReader): Uint8Array {
  const { bytes, unusedBits } = info.bitString('public key');
  if (unusedBits !== 0) info.refuse('a public key that is not of whole bytes');
  return bytes;
}

const CURVES: ReadonlyMap<string, EcdsaCurve> = new Map([
  [Oid.p256, 'P-256'],
  [Oid.p384, 'P-384'],
]);

function knownKey(algorithm: string, curve: string | undefined, bits: Uint8Array): PublicKey | undefined {
  const named = CURVES.get(curve ?? '');
  if (algorithm === Oid.ecPublicKey && named !== undefined) return { kind: 'ec', curve: named, point: bits };
  return algorithm === Oid.ed25519 && curve === undefined ? { kind: 'ed25519', bytes: bits } : undefined;
}

function readRsa(
  reader: DerReader,
  at: number,
  info: DerReader,
  identifier: DerReader,
  algorithm: string,
): SubjectPublicKeyInfo {
  // RFC 4055 §1.2: NULL; with PSS, nothing or the parameters that signatures must have.
  const isPss = algorithm === Oid.rsassaPss;
  const scheme = isPss && !identifier.isAtEnd ? readPssParameters(identifier) : undefined;
  if (!isPss) identifier.null('parameters');
  identifier.finish();
  const { value: keyBits, contents: numbers } = info.wrapped('public key', readRsaNumbers, DerTag.BitString);
  info.finish();
  const pss = isPss ? { hash: scheme?.kind === 'rsa-pss' ? scheme.hash : undefined } : undefined;
  const key: PublicKey = { kind: 'rsa', numbers, bits: bitLength(numbers.modulus), pss };
  return { bytes: reader.raw(at), algorithm, keyBits, key };
}

function readRsaNumbers(reader: DerReader): RsaPublicNumbers {
  const sequence = reader.sequence('RSA public key');
  const modulus = sequence.integer('modulus');
  const publicExponent = sequence.integer('public exponent');
  if ((modulus[0] ?? 0) >= 0x80 || (publicExponent[0] ?? 0) >= 0x80) sequence.refuse('a negative number in a key');
  sequence.finish();
  return { modulus, publicExponent };
}

function bitLength(number: Uint8Array): number {
  const first = number.findIndex((byte) => byte !== 0);
  return first === -1 ? 0 : 8 * (number.length - first) - (Math.clz32(number[first] ?? 0) - 24);
}

// Writing.

export function ecPublicKeyInfo({ curve, point }: { curve: EcdsaCurve; point: Uint8Array }): SubjectPublicKeyInfo {
  const oid = curve === 'P-256' ? Oid.p256 : Oid.p384;
  const algorithm = derSequence(derObjectIdentifier(Oid.ecPublicKey), derObjectIdentifier(oid));
  const bytes = derSequence(algorithm, derBitString(point));
  return { bytes, algorithm: Oid.ecPublicKey, keyBits: point, key: { kind: 'ec', curve, point } };
}

export function ed25519PublicKeyInfo({ bytes: key }: Ed25519PublicKey): SubjectPublicKeyInfo {
  const bytes = derSequence(derSequence(derObjectIdentifier(Oid.ed25519)), derBitString(key));
  return { bytes, algorithm: Oid.ed25519, keyBits: key, key: { kind: 'ed25519', bytes: key } };
}

export function rsaPublicKeyInfo({ modulus, publicExponent }: RsaPublicNumbers): SubjectPublicKeyInfo {
  const keyBits = derSequence(derUnsigned(modulus), derUnsigned(publicExponent));
  const bytes = derSequence(derSequence(derObjectIdentifier(Oid.rsaEncryption), derNull()), derBitString(keyBits));
  const key: PublicKey = {
    kind: 'rsa',
    numbers: { modulus, publicExponent },
    bits: bitLength(modulus),
    pss: undefined,
  };
  return { bytes, algorithm: Oid.rsaEncryption, keyBits, key };
}

// Checking.

/** A key that a provider has made ready. */
export type VerificationKey =
  | {
      readonly kind: 'rsa';
      readonly key: RsaPublicKey;
      readonly pss: { readonly hash: HashName | undefined } | undefined;
    }
  | { readonly kind: 'ec'; readonly key: EcdsaPublicKey }
  | { readonly kind: 'ed25519'; readonly key: Ed25519PublicKey };

/** Undefined for a key of another algorithm, or one that cannot be. */
export function importPublicKey(provider: CryptoProvider, { key }: SubjectPublicKeyInfo): VerificationKey | undefined {
  switch (key.kind) {
    case 'rsa': {
      const imported = provider.rsa.importPublicKey(key.numbers);
      return imported === undefined ? undefined : { kind: 'rsa', key: imported, pss: key.pss };
    }
    case 'ec': {
      const imported = provider.ecdsa[key.curve].importPublicKey(key.point);
      return imported === undefined ? undefined : { kind: 'ec', key: imported };
    }
    case 'ed25519': {
      const imported = provider.ed25519.importPublicKey(key.bytes);
      return imported === undefined ? undefined : { kind: 'ed25519', key: imported };
    }
    case 'unknown':
      return undefined;
  }
}

/** Whether this key made this signature; false also where key and scheme do not belong together. */
export function verifySignature(
  by: VerificationKey,
  scheme: SignatureScheme,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  switch (scheme.kind) {
    case 'rsa-pkcs1': // RFC 4055 §1.2: not with a key for PSS alone
      return by.kind === 'rsa' && by.pss === undefined && by.key.verifyPkcs1(scheme.hash, message, signature);
    case 'rsa-pss': {
      if (by.kind !== 'rsa' || (by.pss?.hash !== undefined && by.pss.hash !== scheme.hash)) return false;
      return by.key.verifyPss(scheme.hash, message, signature, scheme.saltLength);
    }
    case 'ecdsa':
      return by.kind === 'ec' && by.key.verify(scheme.hash, message, signature, 'der');
    case 'ed25519':
      return by.kind === 'ed25519' && by.key.verify(message, signature);
  }
}
