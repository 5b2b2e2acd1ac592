// Why a connection ended in failure, and by which alert the peer is told: one total map. Not here: how failures are found.

import { formatPathFailure, type PathFailure, type PathRule } from '../pki/path_failure.ts';
import type { AlertName } from './alert.ts';

/** What went wrong, and the alert that tells the peer; nothing where the peer has said so itself, or is gone. */
const ALERT_OF = {
  // Records.
  'bad-record': 'unexpected_message',
  'record-too-long': 'record_overflow',
  'bad-record-version': 'protocol_version',
  'not-authentic': 'bad_record_mac',
  'bad-record-padding': 'unexpected_message',
  'too-many-records': 'internal_error',
  'too-much-early-data': 'unexpected_message',
  'too-many-empty-records': 'unexpected_message',
  'bad-alert': 'decode_error',
  'unknown-alert': 'illegal_parameter',
  // Messages.
  'malformed-message': 'decode_error',
  'message-too-long': 'illegal_parameter',
  'unexpected-message': 'unexpected_message',
  'straddles-key-change': 'unexpected_message',
  'too-many-key-updates': 'unexpected_message',
  'repeated-extension': 'illegal_parameter',
  'unasked-extension': 'unsupported_extension',
  'misplaced-extension': 'illegal_parameter',
  'missing-extension': 'missing_extension',
  'illegal-value': 'illegal_parameter',
  // Negotiation.
  'no-common-version': 'protocol_version',
  'downgrade-sentinel': 'illegal_parameter',
  'no-common-suite': 'handshake_failure',
  'no-common-group': 'handshake_failure',
  'no-common-signature-scheme': 'handshake_failure',
  'no-common-protocol': 'no_application_protocol',
  'unrecognized-name': 'unrecognized_name',
  // Authentication.
  'bad-signature': 'decrypt_error',
  'bad-finished': 'decrypt_error',
  'bad-binder': 'decrypt_error',
  'certificate-required': 'certificate_required',
  'no-certificate': 'decode_error',
  'malformed-certificate': 'bad_certificate',
  'unsupported-key': 'unsupported_certificate',
  'certificate-refused': 'bad_certificate',
  // Ends.
  'peer-alert': undefined,
  truncated: undefined,
  'internal-error': 'internal_error',
} as const;

export type FailureReason = keyof typeof ALERT_OF;

export const FAILURE_REASONS: readonly FailureReason[] = Object.keys(ALERT_OF) as FailureReason[];

export interface TlsFailure {
  readonly kind: 'failure';
  readonly reason: FailureReason;
  /** What exactly, as it completes a sentence: `the server's key share`. */
  readonly detail: string;
  /** With `certificate-refused`. */
  readonly path?: PathFailure;
  /** With `peer-alert`: what it said. */
  readonly alert?: AlertName;
}

export const failure = (reason: FailureReason, detail = ''): TlsFailure => ({ kind: 'failure', reason, detail });

export const certificateRefused = (path: PathFailure): TlsFailure => {
  return { kind: 'failure', reason: 'certificate-refused', detail: formatPathFailure(path), path };
};

export const peerAlert = (alert: AlertName | undefined, code: number): TlsFailure => {
  return alert === undefined
    ? failure('peer-alert', `number ${code}, which nobody has assigned`)
    : { kind: 'failure', reason: 'peer-alert', detail: alert, alert };
};

export const isFailure = (result: object | undefined): result is TlsFailure =>
  result !== undefined && 'kind' in result && result.kind === 'failure';

/** What the peer is told. Undefined: nothing, since it ended the connection itself. */
export function alertOf({ reason, path }: TlsFailure): AlertName | undefined {
  return path === undefined ? ALERT_OF[reason] : alertOfRule(path.rule);
}

// RFC 8446 §6.2: each alert about certificates has its own meaning.
function alertOfRule(rule: PathRule): AlertName {
  switch (rule) {
    case 'expired':
    case 'not-yet-valid':
      return 'certificate_expired';
    case 'lone-leaf':
    case 'unknown-issuer':
    case 'self-signed':
    case 'untrusted-root':
      return 'unknown_ca';
    case 'revoked':
      return 'certificate_revoked';
    case 'wrong-purpose':
    case 'unsupported-algorithm':
      return 'unsupported_certificate';
    default:
      return 'bad_certificate';
  }
}

/** `bad-finished: the server's Finished is not over this handshake` */
export const formatFailure = ({ reason, detail }: TlsFailure): string =>
  detail === '' ? reason : `${reason}: ${detail}`;
