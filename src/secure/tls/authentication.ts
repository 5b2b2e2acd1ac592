// Who the peer is, and the proof of it (RFC 8446 §4.4):
//
//   Certificate ──▶ TrustedCertificate ──▶ AuthenticatedPeer ──▶ Finished may be handled
//     somebody we trust vouches     CertificateVerify: it has the key
//
// Only this file can make the proofs, and the states that await Finished cannot be built without one: a handshake that skips
// CertificateVerify does not compile. Not here: paths (pki/path_building.ts).

import { joinBytes, utf8 } from '../../core/bytes.ts';
import type { CryptoProvider, RandomSource } from '../crypto/provider.ts';
import { type Certificate, parseCertificate } from '../pki/certificate.ts';
import { isMalformed } from '../pki/der_reader.ts';
import { referenceName } from '../pki/host_name.ts';
import { hasKeyUsage } from '../pki/key_usage.ts';
import { type ValidPath, validateCertificate } from '../pki/path_building.ts';
import { isPathFailure, pathFailure } from '../pki/path_failure.ts';
import type { RevocationList } from '../pki/revocation_list.ts';
import type { TrustStore } from '../pki/trust_store.ts';
import type { TlsIdentity } from './config.ts';
import { certificateRefused, failure, type TlsFailure } from './failure.ts';
import type { CertificateEntry, CertificateVerify } from './handshake_message.ts';
import type { ResumableSession } from './session.ts';
import { fitsKey, isForHandshakes, type SchemeName, schemeNamed, signWith, verifyWith } from './signature_scheme.ts';

export type Signatory = 'client' | 'server';

class TrustedCertificateProof {
  readonly #isProof = true;
  /** The peer's own first, as sent. */
  readonly certificates: readonly [Certificate, ...Certificate[]];
  /** Undefined where any certificate will do. */
  readonly path: ValidPath | undefined;

  constructor(certificates: readonly [Certificate, ...Certificate[]], path: ValidPath | undefined) {
    this.certificates = certificates;
    this.path = path;
  }

  static isOne(value: object): boolean {
    return #isProof in value;
  }
}

class AuthenticatedPeerProof {
  readonly #isProof = true;
  readonly certificates: readonly Certificate[];
  readonly path: ValidPath | undefined;
  /** What it signed this handshake with; undefined if it proved itself by what both know from an earlier one. */
  readonly scheme: SchemeName | undefined;

  constructor(certificates: readonly Certificate[], path: ValidPath | undefined, scheme: SchemeName | undefined) {
    this.certificates = certificates;
    this.path = path;
    this.scheme = scheme;
  }

  static isOne(value: object): boolean {
    return #isProof in value;
  }
}

/** Somebody that we trust vouches for this certificate; whether the peer has its key is not known yet. */
export type TrustedCertificate = TrustedCertificateProof;

/** The peer has the key of a certificate that we trust, or the secret of a session in which it had. */
export type AuthenticatedPeer = AuthenticatedPeerProof;

/** Tells a proof from what only looks like one. */
export const AuthenticatedPeer: { isOne(value: object): boolean } = AuthenticatedPeerProof;

/** A client that nobody asked, or that was asked and may remain unknown. */
export interface AnonymousClient {
  readonly kind: 'anonymous';
}

export interface Judgement {
  readonly provider: CryptoProvider;
  /** Undefined: any certificate will do. */
  readonly trust: TrustStore | undefined;
  readonly revocationLists: readonly RevocationList[] | undefined;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly signatory: Signatory;
  /** What it must stand for. */
  readonly name: string | undefined;
}

export function judgeCertificates(
  entries: readonly CertificateEntry[],
  judgement: Judgement,
): TrustedCertificate | TlsFailure {
  const certificates: Certificate[] = [];
  for (const entry of entries) {
    const certificate = parseCertificate(entry.certificate);
    if (isMalformed(certificate)) return failure('malformed-certificate', certificate.reason);
    certificates.push(certificate);
  }
  return judgeParsed(certificates, judgement);
}

function judgeParsed(
  [leaf, ...others]: readonly Certificate[],
  { provider, trust, revocationLists, now, signatory, name }: Judgement,
): TrustedCertificate | TlsFailure {
  if (leaf === undefined) return failure('no-certificate', `the ${signatory} shows none`);
  if (leaf.publicKey.key.kind === 'unknown') return failure('unsupported-key', `of the ${signatory}'s certificate`);
  // RFC 8446 §4.4.2.2: the key must be one that may sign.
  if (leaf.keyUsage !== undefined && !hasKeyUsage(leaf.keyUsage, 'digitalSignature')) {
    return certificateRefused(pathFailure('wrong-purpose', leaf, 0, 'its key may not sign handshakes'));
  }
  if (trust === undefined) return new TrustedCertificateProof([leaf, ...others], undefined);
  const path = validateCertificate(leaf, others, trust, {
    provider,
    now: Math.floor(now / 1000),
    name: name === undefined ? undefined : referenceName(name),
    purpose: signatory === 'server' ? 'serverAuth' : 'clientAuth',
    revocationLists,
    profile: 'path',
  });
  if (isPathFailure(path)) return certificateRefused(path);
  return new TrustedCertificateProof([leaf, ...others], path);
}

// §4.4.3: 64 spaces, so that no signature of an older version is one of this.
const signedContent = (signatory: Signatory, transcriptHash: Uint8Array): Uint8Array =>
  joinBytes([utf8(`${' '.repeat(64)}TLS 1.3, ${signatory} CertificateVerify\0`), transcriptHash]);

/** @param transcriptHash up to and including the Certificate */
export function provePossession(
  trusted: TrustedCertificate,
  { scheme: code, signature }: CertificateVerify,
  transcriptHash: Uint8Array,
  signatory: Signatory,
  provider: CryptoProvider,
  allowed: readonly SchemeName[],
): AuthenticatedPeer | TlsFailure {
  const { certificates, path } = trusted;
  const scheme = schemeNamed(code);
  if (scheme === undefined || !isForHandshakes(scheme) || !allowed.includes(scheme)) {
    return failure('illegal-value', `a signature scheme that was not offered, 0x${code.toString(16)}`);
  }
  const [{ publicKey }] = certificates;
  if (!fitsKey(scheme, publicKey)) return failure('illegal-value', `${scheme} with a key of another kind`);
  return verifyWith(provider, publicKey, scheme, signedContent(signatory, transcriptHash), signature)
    ? new AuthenticatedPeerProof(certificates, path, scheme)
    : failure('bad-signature', `of the ${signatory}'s CertificateVerify`);
}

/** Both know the secret of a session that was authenticated; Finished then shows that the peer does. */
export const provenBefore = ({ peerCertificates }: Pick<ResumableSession, 'peerCertificates'>): AuthenticatedPeer =>
  new AuthenticatedPeerProof(peerCertificates, undefined, undefined);

/** Whether what a session was authenticated with would still be believed. */
export const stillHolds = (certificates: readonly Certificate[], judgement: Judgement): boolean =>
  TrustedCertificateProof.isOne(judgeParsed(certificates, judgement));

/** The signature of a CertificateVerify of our own. */
export const possessionSignature = (
  { key }: TlsIdentity,
  scheme: SchemeName,
  transcriptHash: Uint8Array,
  signatory: Signatory,
  random: RandomSource,
): Uint8Array => signWith(key, scheme, signedContent(signatory, transcriptHash), random);
