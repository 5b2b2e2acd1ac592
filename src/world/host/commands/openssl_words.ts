// What OpenSSL calls things, for the commands that speak as it does.

import { formatPathFailure, type PathFailure, type PathRule, ruleCodes } from '../../../secure/pki/path_failure.ts';
import type { SubjectPublicKeyInfo } from '../../../secure/pki/public_key.ts';
import { formatFailure, type TlsFailure } from '../../../secure/tls/failure.ts';
import type { GroupName } from '../../../secure/tls/named_group.ts';

export interface VerifyError {
  readonly number: number;
  readonly text: string;
}

/** As X509_verify_cert_error_string has them; where that would say less than is known here, our own words. */
const VERIFY_TEXT: Partial<Readonly<Record<PathRule, string>>> = {
  'not-yet-valid': 'certificate is not yet valid',
  expired: 'certificate has expired',
  'bad-signature': 'certificate signature failure',
  'lone-leaf': 'unable to verify the first certificate',
  'unknown-issuer': 'unable to get local issuer certificate',
  'self-signed': 'self-signed certificate',
  'untrusted-root': 'self-signed certificate in certificate chain',
  'path-length-exceeded': 'path length constraint exceeded',
  'name-not-permitted': 'permitted subtree violation',
  'name-excluded': 'excluded subtree violation',
  'wrong-purpose': 'unsuitable certificate purpose',
  'not-an-authority': 'invalid CA certificate',
  revoked: 'certificate revoked',
};

const NO_ISSUER: VerifyError = { number: 20, text: 'unable to get local issuer certificate' };

/** In the order in which OpenSSL comes upon them: a lone leaf is first one whose issuer is not there. */
export function verifyErrors(failure: PathFailure): readonly VerifyError[] {
  const { number } = ruleCodes(failure.rule).openssl;
  const error = { number, text: VERIFY_TEXT[failure.rule] ?? formatPathFailure(failure) };
  return failure.rule === 'lone-leaf' ? [NO_ISSUER, error] : [error];
}

export const firstVerifyError = (failure: PathFailure): VerifyError => verifyErrors(failure)[0] ?? NO_ISSUER;

/** Of what is no certificate's fault. */
export function failureText(failure: TlsFailure): string {
  if (failure.alert !== undefined) return `alert ${failure.alert.replaceAll('_', ' ')}`;
  return failure.reason === 'truncated' ? 'unexpected eof while reading' : formatFailure(failure);
}

export const OPENSSL_GROUPS: Readonly<Record<GroupName, string>> = {
  X25519: 'X25519',
  'P-256': 'prime256v1',
  'P-384': 'secp384r1',
  X25519MLKEM768: 'X25519MLKEM768',
};

export function keyTypeOf({ key }: SubjectPublicKeyInfo): string {
  if (key.kind === 'ec') return 'id-ecPublicKey';
  return key.kind === 'ed25519' ? 'ED25519' : key.kind === 'rsa' ? 'rsaEncryption' : 'UNDEF';
}

export function keyBitsOf({ key }: SubjectPublicKeyInfo): number {
  if (key.kind === 'ec') return key.curve === 'P-256' ? 256 : 384;
  return key.kind === 'rsa' ? key.bits : 256;
}
