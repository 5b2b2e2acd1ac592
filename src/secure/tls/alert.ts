// Alerts: how TLS says that it ends, and why (RFC 8446 §6, now 9846). Not here: which failure is told by which alert
// (failure.ts).

/** By code; `user_canceled` and `close_notify` are no errors. */
export const ALERTS = {
  close_notify: 0,
  unexpected_message: 10,
  bad_record_mac: 20,
  record_overflow: 22,
  handshake_failure: 40,
  bad_certificate: 42,
  unsupported_certificate: 43,
  certificate_revoked: 44,
  certificate_expired: 45,
  certificate_unknown: 46,
  illegal_parameter: 47,
  unknown_ca: 48,
  access_denied: 49,
  decode_error: 50,
  decrypt_error: 51,
  protocol_version: 70,
  insufficient_security: 71,
  internal_error: 80,
  inappropriate_fallback: 86,
  user_canceled: 90,
  missing_extension: 109,
  unsupported_extension: 110,
  unrecognized_name: 112,
  bad_certificate_status_response: 113,
  unknown_psk_identity: 115,
  certificate_required: 116,
  no_application_protocol: 120,
} as const;

export type AlertName = keyof typeof ALERTS;

const NAMES: ReadonlyMap<number, AlertName> = new Map(
  Object.entries(ALERTS).map(([name, code]) => [code, name as AlertName]),
);

/** `handshake_failure`; undefined for a code that nobody has assigned. */
export const alertName = (code: number): AlertName | undefined => NAMES.get(code);

// RFC 8446 §6: in TLS 1.3 the level is implied by the description, and not to be relied on.
const WARNING = 1;
const FATAL = 2;

export const alertBytes = (name: AlertName): Uint8Array =>
  Uint8Array.of(name === 'close_notify' || name === 'user_canceled' ? WARNING : FATAL, ALERTS[name]);
