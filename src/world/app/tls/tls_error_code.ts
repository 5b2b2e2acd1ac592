// What a failure of TLS is called where somebody expects it: by what went wrong for whoever is affected, and not by the layer that
// found it.

import type { PathRule } from '../../../secure/pki/path_failure.ts';
import type { TlsFailure } from '../../../secure/tls/failure.ts';

/** Several rules are one thing to whoever is told. */
const CERTIFICATE_CODES: Partial<Readonly<Record<PathRule, string>>> = {
  expired: 'expired-certificate',
  'not-yet-valid': 'certificate-not-yet-valid',
  'wrong-name': 'wrong-name',
  'wrong-address': 'wrong-name',
  'lone-leaf': 'untrusted-certificate',
  'unknown-issuer': 'untrusted-certificate',
  'self-signed': 'untrusted-certificate',
  'untrusted-root': 'untrusted-certificate',
  'name-not-permitted': 'forbidden-name',
  'name-excluded': 'forbidden-name',
  revoked: 'revoked-certificate',
};

/** `untrusted-certificate`, `alert-certificate-required`, `truncated`, or the rule or reason itself. */
export function tlsErrorCode({ reason, path, alert }: TlsFailure): string {
  if (path !== undefined) return CERTIFICATE_CODES[path.rule] ?? path.rule;
  return alert === undefined ? reason : `alert-${alert.replaceAll('_', '-')}`;
}
