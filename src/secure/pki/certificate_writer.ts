// Writes certificates (RFC 5280 §4.1): the mirror image of certificate.ts. Not here: what should stand in one (authority.ts).

import type { Validity } from './certificate.ts';
import { contextConstructed } from './der_tag.ts';
import { derTime } from './der_time.ts';
import { derBitString, derElement, derExplicit, derInteger, derSequence, derSmallInteger } from './der_writer.ts';
import { type DistinguishedName, emitName } from './distinguished_name.ts';
import type { Extension } from './extension.ts';
import { emitExtensions } from './extension_writer.ts';
import type { Signer } from './private_key.ts';
import type { SubjectPublicKeyInfo } from './public_key.ts';
import type { SignatureAlgorithm } from './signature_algorithm.ts';

export interface CertificateContents {
  readonly serialNumber: Uint8Array;
  readonly issuer: DistinguishedName;
  readonly validity: Validity;
  readonly subject: DistinguishedName;
  readonly publicKey: Pick<SubjectPublicKeyInfo, 'bytes'>;
  readonly extensions: readonly Extension[];
}

/** Version 3, in DER, signed by the issuer. @throws RangeError on times that cannot be written */
export function emitCertificate(contents: CertificateContents, signer: Signer): Uint8Array {
  const tbs = emitTbs(contents, signer.algorithm);
  return derSequence(tbs, signer.algorithm.bytes, derBitString(signer.sign(tbs)));
}

function emitTbs(contents: CertificateContents, algorithm: Pick<SignatureAlgorithm, 'bytes'>): Uint8Array {
  const { notBefore, notAfter } = contents.validity;
  return derSequence(
    derExplicit(0, derSmallInteger(2)),
    derInteger(contents.serialNumber),
    algorithm.bytes,
    emitName(contents.issuer),
    derSequence(derTime(notBefore), derTime(notAfter)),
    emitName(contents.subject),
    contents.publicKey.bytes,
    contents.extensions.length === 0
      ? undefined
      : derElement(contextConstructed(3), emitExtensions(contents.extensions)),
  );
}
