// What a client keeps of a connection, so that the next one can be shorter (RFC 8446 §4.6.1).

import type { Certificate } from '../pki/certificate.ts';
import type { CipherSuiteName } from './cipher_suite.ts';

export interface ResumableSession {
  /** What the server understands; the client does not. */
  readonly ticket: Uint8Array;
  /** The pre-shared key that goes with it. */
  readonly secret: Uint8Array;
  readonly cipherSuite: CipherSuiteName;
  readonly serverName: string;
  readonly alpn: string | undefined;
  /** Milliseconds since 1970. */
  readonly receivedAt: number;
  /** Seconds. */
  readonly lifetime: number;
  readonly ageAdd: number;
  /** Bytes that may be sent before the server has answered. */
  readonly maxEarlyData: number;
  /** The server's, its own first: they must still hold when the session is used. */
  readonly peerCertificates: readonly Certificate[];
}

/** Of longer tickets nothing comes: the hello that offers one has other things to say in its 65,535 bytes of extensions. */
export const MAX_TICKET_LENGTH = 32_768;

/** RFC 8446 §4.6.1: a week, whatever the ticket says. */
export const MAX_TICKET_LIFETIME = 604_800;

/** Whether a ticket is still to be used. @param now milliseconds since 1970 */
export const isFresh = ({ receivedAt, lifetime }: ResumableSession, now: number): boolean =>
  now >= receivedAt && now < receivedAt + 1000 * Math.min(lifetime, MAX_TICKET_LIFETIME);
