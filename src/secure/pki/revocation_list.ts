// Lists of certificates that their authority has taken back (CRLs, RFC 5280 §5): read and written. Complete lists of one
// authority alone; a list for a part of them, or with entries of others, says so in a critical extension that is not known
// here. Not here: which list counts for which certificate (revocation.ts).

import { hexOf } from '../../core/bytes.ts';
import { DerReader, type Malformed } from './der_reader.ts';
import { contextConstructed, DerTag } from './der_tag.ts';
import { derTime, readTime, type UnixSeconds } from './der_time.ts';
import { derBitString, derExplicit, derInteger, derSequence, derSmallInteger } from './der_writer.ts';
import { type DistinguishedName, emitName, readName } from './distinguished_name.ts';
import type { AuthorityKeyIdentifier, Extension } from './extension.ts';
import { readExtensions } from './extension_reader.ts';
import { authorityKeyIdentifier, emitExtensions } from './extension_writer.ts';
import { Oid } from './object_identifier.ts';
import type { Signer } from './private_key.ts';
import { readSignatureAlgorithm, type SignatureAlgorithm } from './signature_algorithm.ts';

export interface RevocationList {
  readonly bytes: Uint8Array;
  /** What is signed. */
  readonly tbsBytes: Uint8Array;
  readonly issuer: DistinguishedName;
  readonly thisUpdate: UnixSeconds;
  readonly nextUpdate: UnixSeconds | undefined;
  /** When it was taken back, by the serial number in hex. */
  readonly revoked: ReadonlyMap<string, UnixSeconds>;
  readonly extensions: readonly Extension[];
  readonly authorityKeyIdentifier: AuthorityKeyIdentifier | undefined;
  /** Of entries: one that is critical is not understood. */
  readonly hasCriticalEntries: boolean;
  readonly signatureAlgorithm: SignatureAlgorithm;
  readonly signature: Uint8Array;
}

const MAX_LENGTH = 1_048_576;

export const serialKey = (serialNumber: Uint8Array): string => hexOf(serialNumber);

export function parseRevocationList(bytes: Uint8Array): RevocationList | Malformed {
  const reader = DerReader.of(bytes);
  if (bytes.length > MAX_LENGTH) reader.refuse('a revocation list of more than a megabyte');
  const outer = reader.sequence('certificate list');
  const tbsAt = outer.at;
  const tbs = outer.sequence('to be signed');
  // §5.1.2.1: version 2, since there are extensions.
  if (tbs.nextTag === DerTag.Integer && tbs.smallInteger('version') !== 1) tbs.refuse('a version that is not 2');
  readSignatureAlgorithm(tbs, 'signature algorithm, signed');
  const issuer = readName(tbs, 'issuer');
  const thisUpdate = readTime(tbs, 'this update');
  const isTime = tbs.nextTag === DerTag.UtcTime || tbs.nextTag === DerTag.GeneralizedTime;
  const nextUpdate = isTime ? readTime(tbs, 'next update') : undefined;
  const { revoked, hasCriticalEntries } = readEntries(tbs);
  const explicit = tbs.optional(contextConstructed(0), 'extensions');
  const extensions = explicit === undefined ? undefined : readExtensions(explicit);
  explicit?.finish();
  tbs.finish();
  const tbsBytes = outer.raw(tbsAt);
  const signatureAlgorithm = readSignatureAlgorithm(outer, 'signature algorithm');
  const { bytes: signature } = outer.bitString('signature');
  outer.finish();
  reader.finish();
  return (
    reader.problem ?? {
      bytes,
      tbsBytes,
      issuer,
      thisUpdate,
      nextUpdate,
      revoked,
      hasCriticalEntries,
      extensions: extensions?.list ?? [],
      authorityKeyIdentifier: extensions?.known.authorityKeyIdentifier,
      signatureAlgorithm,
      signature,
    }
  );
}

function readEntries(tbs: DerReader): Pick<RevocationList, 'revoked' | 'hasCriticalEntries'> {
  const revoked = new Map<string, UnixSeconds>();
  let hasCriticalEntries = false;
  const entries = tbs.optional(DerTag.Sequence, 'revoked certificates');
  while (entries !== undefined && !entries.isAtEnd) {
    const entry = entries.sequence('revoked certificate');
    const serialNumber = entry.integer('serial number');
    revoked.set(serialKey(serialNumber), readTime(entry, 'revocation date'));
    if (entry.nextTag === DerTag.Sequence) {
      hasCriticalEntries ||= readExtensions(entry).list.some(({ isCritical }) => isCritical);
    }
    entry.finish();
  }
  return { revoked, hasCriticalEntries };
}

export interface RevocationListContents {
  readonly issuer: DistinguishedName;
  /** subjectKeyIdentifier of the issuer. */
  readonly issuerKey: Uint8Array;
  /** Counts up with each list. */
  readonly number: number;
  readonly thisUpdate: UnixSeconds;
  readonly nextUpdate: UnixSeconds;
  readonly revoked: readonly { readonly serialNumber: Uint8Array; readonly at: UnixSeconds }[];
}

/** In DER, signed by the authority. */
export function emitRevocationList(contents: RevocationListContents, signer: Signer): Uint8Array {
  const { revoked } = contents;
  const entries = revoked.map(({ serialNumber, at }) => derSequence(derInteger(serialNumber), derTime(at)));
  const extensions = [
    authorityKeyIdentifier({ keyIdentifier: contents.issuerKey }),
    { oid: Oid.cRLNumber, isCritical: false, value: derSmallInteger(contents.number) },
  ];
  const tbs = derSequence(
    derSmallInteger(1),
    signer.algorithm.bytes,
    emitName(contents.issuer),
    derTime(contents.thisUpdate),
    derTime(contents.nextUpdate),
    entries.length === 0 ? undefined : derSequence(...entries), // §5.1.2.6: no list of none
    derExplicit(0, emitExtensions(extensions)),
  );
  return derSequence(tbs, signer.algorithm.bytes, derBitString(signer.sign(tbs)));
}
