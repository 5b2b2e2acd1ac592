// X.509 certificates (RFC 5280 §4.1), read from DER. Writing is in certificate_writer.ts. Not here: whether one is to be believed
// (path_validation.ts), or obeys what is asked of public authorities (lint.ts).

import type { ByteSpan } from '../../core/byte_reader.ts';
import { bytesEqual, hexOf } from '../../core/bytes.ts';
import { DerReader, type Malformed } from './der_reader.ts';
import { contextConstructed, contextPrimitive, DerTag } from './der_tag.ts';
import { readTime, type UnixSeconds } from './der_time.ts';
import { type DistinguishedName, readName, sameName } from './distinguished_name.ts';
import { type Extension, type KnownExtensions, NO_EXTENSIONS } from './extension.ts';
import { readExtensions } from './extension_reader.ts';
import { readPublicKey, type SubjectPublicKeyInfo } from './public_key.ts';
import { readSignatureAlgorithm, type SignatureAlgorithm } from './signature_algorithm.ts';

export interface Validity {
  /** Both included (§4.1.2.5). */
  readonly notBefore: UnixSeconds;
  readonly notAfter: UnixSeconds;
}

export interface Certificate extends KnownExtensions {
  /** The certificate whole. */
  readonly bytes: Uint8Array;
  /** What is signed. */
  readonly tbsBytes: Uint8Array;
  /** 1, 2 or 3. */
  readonly version: number;
  /** As an INTEGER's contents: two's complement. */
  readonly serialNumber: Uint8Array;
  readonly issuer: DistinguishedName;
  readonly validity: Validity;
  readonly subject: DistinguishedName;
  readonly publicKey: SubjectPublicKeyInfo;
  /** In their order. */
  readonly extensions: readonly Extension[];
  /** Inside what is signed; not always the one outside (§4.1.1.2 wants that). */
  readonly tbsSignatureAlgorithm: SignatureAlgorithm;
  readonly signatureAlgorithm: SignatureAlgorithm;
  readonly signature: Uint8Array;
}

/** More than any certificate in use has: one with 2,048 names and as many attributes takes half of it. */
export const MAX_CERTIFICATE_LENGTH = 1_048_576;

/** @param spans every element with its meaning, if given */
export function parseCertificate(bytes: Uint8Array, spans?: ByteSpan[]): Certificate | Malformed {
  const reader = DerReader.of(bytes, spans);
  if (bytes.length > MAX_CERTIFICATE_LENGTH) reader.refuse('a certificate of more than a megabyte');
  const outer = reader.sequence('certificate');
  const tbsAt = outer.at;
  const tbs = readTbs(outer);
  const tbsBytes = outer.raw(tbsAt);
  const signatureAlgorithm = readSignatureAlgorithm(outer, 'signature algorithm');
  const { bytes: signature, unusedBits } = outer.bitString('signature');
  if (unusedBits !== 0) outer.refuse('a signature that is not of whole bytes');
  outer.finish();
  reader.finish();
  return reader.problem ?? { ...tbs, bytes, tbsBytes, signatureAlgorithm, signature };
}

type Tbs = Omit<Certificate, 'bytes' | 'tbsBytes' | 'signatureAlgorithm' | 'signature'>;

function readTbs(outer: DerReader): Tbs {
  const tbs = outer.sequence('to be signed');
  const version = readVersion(tbs);
  const serialNumber = tbs.integer('serial number');
  const tbsSignatureAlgorithm = readSignatureAlgorithm(tbs, 'signature algorithm, signed');
  const issuer = readName(tbs, 'issuer');
  const validity = tbs.sequence('validity');
  const notBefore = readTime(validity, 'not before');
  const notAfter = readTime(validity, 'not after');
  validity.finish();
  const subject = readName(tbs, 'subject');
  const publicKey = readPublicKey(tbs);
  // §4.1.2.8: unique identifiers, which nobody uses.
  for (const number of [1, 2]) {
    const isThere = tbs.nextTag === contextPrimitive(number);
    if (isThere) tbs.bitString('unique identifier', contextPrimitive(number));
    if (isThere && version < 2) tbs.refuse('a unique identifier in version 1');
  }
  const explicit = tbs.optional(contextConstructed(3), 'extensions, version 3');
  if (explicit !== undefined && version < 3) tbs.refuse('extensions before version 3');
  const extensions = explicit === undefined ? undefined : readExtensions(explicit);
  explicit?.finish();
  tbs.finish();
  return {
    ...(extensions?.known ?? NO_EXTENSIONS),
    version,
    serialNumber,
    issuer,
    validity: { notBefore, notAfter },
    subject,
    publicKey,
    extensions: extensions?.list ?? [],
    tbsSignatureAlgorithm,
  };
}

function readVersion(tbs: DerReader): number {
  const explicit = tbs.optional(contextConstructed(0), 'version');
  if (explicit === undefined) return 1;
  const value = explicit.smallInteger('version', DerTag.Integer);
  explicit.explain(`${value + 1}`);
  explicit.finish();
  // X.690 §11.5: version 1 is the default, and not written.
  if (value !== 1 && value !== 2) explicit.refuse('a version that is neither 2 nor 3');
  return value + 1;
}

export const isSelfIssued = ({ issuer, subject }: Certificate): boolean => sameName(issuer, subject);

export const sameCertificate = (a: Certificate, b: Certificate): boolean => bytesEqual(a.bytes, b.bytes);

/** `81:13:c9`, without the zero that keeps a number positive. */
export function formatSerialNumber({ serialNumber }: Pick<Certificate, 'serialNumber'>): string {
  const digits = serialNumber.length > 1 && serialNumber[0] === 0 ? serialNumber.subarray(1) : serialNumber;
  return hexOf(digits).match(/../g)?.join(':') ?? '';
}

export const extensionOf = (certificate: Certificate, oid: string): Extension | undefined =>
  certificate.extensions.find((extension) => extension.oid === oid);
