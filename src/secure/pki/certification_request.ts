// Certification requests (PKCS#10, RFC 2986): whoever has a key asks an authority for a certificate, and proves by a signature
// that the key is its own. Not here: whether the names asked for are the asker's.

import type { CryptoProvider } from '../crypto/provider.ts';
import { DerReader, type Malformed } from './der_reader.ts';
import { contextConstructed, DerTag } from './der_tag.ts';
import {
  derBitString,
  derConstructed,
  derObjectIdentifier,
  derSequence,
  derSetOf,
  derSmallInteger,
} from './der_writer.ts';
import { type DistinguishedName, emitName, readName } from './distinguished_name.ts';
import { type Extension, type KnownExtensions, NO_EXTENSIONS } from './extension.ts';
import { type Extensions, readExtensions } from './extension_reader.ts';
import { emitExtensions } from './extension_writer.ts';
import { Oid } from './object_identifier.ts';
import type { Signer } from './private_key.ts';
import { importPublicKey, readPublicKey, type SubjectPublicKeyInfo, verifySignature } from './public_key.ts';
import { readSignatureAlgorithm, type SignatureAlgorithm } from './signature_algorithm.ts';

export interface CertificationRequest {
  readonly bytes: Uint8Array;
  /** What is signed. */
  readonly infoBytes: Uint8Array;
  readonly subject: DistinguishedName;
  readonly publicKey: SubjectPublicKeyInfo;
  /** The extensions asked for (RFC 2985 §5.4.2). */
  readonly extensions: readonly Extension[];
  readonly asksFor: KnownExtensions;
  readonly signatureAlgorithm: SignatureAlgorithm;
  readonly signature: Uint8Array;
}

const MAX_LENGTH = 1 << 16;
const MAX_ATTRIBUTES = 16;

export function parseCertificationRequest(bytes: Uint8Array): CertificationRequest | Malformed {
  const reader = DerReader.of(bytes);
  if (bytes.length > MAX_LENGTH) reader.refuse('a request of more than 64 KiB');
  const outer = reader.sequence('certification request');
  const infoAt = outer.at;
  const info = outer.sequence('certification request info');
  if (info.smallInteger('version') !== 0) info.refuse('a version that is not 1');
  const subject = readName(info, 'subject');
  const publicKey = readPublicKey(info);
  const extensions = readAttributes(info);
  info.finish();
  const infoBytes = outer.raw(infoAt);
  const signatureAlgorithm = readSignatureAlgorithm(outer, 'signature algorithm');
  const { bytes: signature, unusedBits } = outer.bitString('signature');
  if (unusedBits !== 0) outer.refuse('a signature that is not of whole bytes');
  outer.finish();
  reader.finish();
  const { list = [], known = NO_EXTENSIONS } = extensions ?? {};
  const request = { bytes, infoBytes, subject, publicKey, extensions: list, asksFor: known };
  return reader.problem ?? { ...request, signatureAlgorithm, signature };
}

function readAttributes(info: DerReader): Extensions | undefined {
  const attributes = info.open(contextConstructed(0), 'attributes');
  let found: Extensions | undefined;
  for (let count = 0; !attributes.isAtEnd; count++) {
    if (count >= MAX_ATTRIBUTES) attributes.refuse('too many attributes');
    const attribute = attributes.sequence('attribute');
    const type = attribute.objectIdentifier('attribute type');
    const values = attribute.open(DerTag.Set, 'attribute values');
    if (type === Oid.extensionRequest) {
      if (found !== undefined) attribute.refuse('an attribute that is there twice');
      found = readExtensions(values);
      values.finish();
    }
    while (!values.isAtEnd) values.element('attribute value');
    attribute.finish();
  }
  return found;
}

/** Whether the asker has the private key. */
export function isProven(provider: CryptoProvider, request: CertificationRequest): boolean {
  const { scheme } = request.signatureAlgorithm;
  const key = importPublicKey(provider, request.publicKey);
  if (scheme === undefined || key === undefined) return false;
  return verifySignature(key, scheme, request.infoBytes, request.signature);
}

/** In DER, signed with the key that it is for. */
export function emitCertificationRequest(
  { subject, extensions }: { readonly subject: DistinguishedName; readonly extensions: readonly Extension[] },
  signer: Signer,
): Uint8Array {
  const asked = derSequence(derObjectIdentifier(Oid.extensionRequest), derSetOf([emitExtensions(extensions)]));
  const attributes = derConstructed(contextConstructed(0), extensions.length === 0 ? undefined : asked);
  const info = derSequence(derSmallInteger(0), emitName(subject), signer.publicKey.bytes, attributes);
  return derSequence(info, signer.algorithm.bytes, derBitString(signer.sign(info)));
}
