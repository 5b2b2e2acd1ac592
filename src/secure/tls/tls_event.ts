// What a TLS connection tells of itself: what was agreed on, secrets for the key log, and how it went. Not here: the connection
// (connection.ts).

import type { Certificate } from '../pki/certificate.ts';
import type { ValidPath } from '../pki/path_building.ts';
import type { CipherSuiteName } from './cipher_suite.ts';
import type { TlsFailure } from './failure.ts';
import type { GroupName } from './named_group.ts';
import type { ResumableSession } from './session.ts';
import type { SchemeName } from './signature_scheme.ts';

/** What the two ends have agreed on. */
export interface TlsFacts {
  readonly version: '1.3';
  readonly cipherSuite: CipherSuiteName;
  /** Of the key agreement. */
  readonly group: GroupName;
  /** What the peer signed with; undefined if it was resumed, or a client that showed no certificate. */
  readonly peerSignatureScheme: SchemeName | undefined;
  /** What the client asked for. */
  readonly serverName: string | undefined;
  readonly alpn: string | undefined;
  readonly isResumed: boolean;
  /** Whether a HelloRetryRequest came first. */
  readonly isRetried: boolean;
  readonly earlyData: 'not-offered' | 'accepted' | 'rejected';
  /** As the peer sent them, its own first. Of a resumed connection: those of the first one. */
  readonly peerCertificates: readonly Certificate[];
  /** How they lead up to a trusted one; undefined if that was not asked for. */
  readonly path: ValidPath | undefined;
}

/** Lines of the key log: what somebody needs who is to read a capture (RFC 9850). */
export type SecretLabel =
  | 'CLIENT_EARLY_TRAFFIC_SECRET'
  | 'CLIENT_HANDSHAKE_TRAFFIC_SECRET'
  | 'SERVER_HANDSHAKE_TRAFFIC_SECRET'
  | 'CLIENT_TRAFFIC_SECRET_0'
  | 'SERVER_TRAFFIC_SECRET_0'
  | 'EXPORTER_SECRET';

export type TlsEvent =
  /** The peer has proven who it is (or was not asked to), and data may go both ways. */
  | { readonly kind: 'connected'; readonly facts: TlsFacts }
  /** Of a client: with this, the next connection is shorter. */
  | { readonly kind: 'session'; readonly session: ResumableSession }
  | {
      readonly kind: 'secret';
      readonly label: SecretLabel;
      readonly clientRandom: Uint8Array;
      readonly secret: Uint8Array;
    }
  /** A message of the handshake went out or came in: for journals. `name` is RFC 8446's, `state` what is awaited then. */
  | {
      readonly kind: 'message';
      readonly direction: 'sent' | 'received';
      readonly name: string;
      readonly state: string;
    }
  /** Of a server: data before the client's Finished, which somebody may have sent again. Read with `read` like all else. */
  | { readonly kind: 'early-data' }
  | { readonly kind: 'keys-updated'; readonly by: 'self' | 'peer' }
  /** The peer has said that it sends no more. */
  | { readonly kind: 'end' }
  /** The last event. What the peer is to be told lies ready to be sent. */
  | { readonly kind: 'failed'; readonly failure: TlsFailure };
