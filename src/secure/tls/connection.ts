// One end of a TLS 1.3 connection, client or server (RFC 8446, now 9846): bytes, time and the application's wishes go in; bytes,
// application data and events come out. No sockets, no timers.

import type { Certificate } from '../pki/certificate.ts';
import type { ValidPath } from '../pki/path_building.ts';
import type { CipherSuiteName } from './cipher_suite.ts';
import type { TlsClientOptions, TlsServerOptions } from './config.ts';
import type { TlsFailure } from './failure.ts';
import type { GroupName } from './named_group.ts';
import type { ResumableSession } from './session.ts';
import type { SchemeName } from './signature_scheme.ts';

export type TlsRole = 'client' | 'server';

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
  | 'EXPORTER_SECRET'
  | 'EARLY_EXPORTER_SECRET';

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
  /** A message of the handshake went out or came in: for journals. */
  | { readonly kind: 'message'; readonly direction: 'sent' | 'received'; readonly name: string }
  /** Of a server: data before the client's Finished, which somebody may have sent again. Read with `read` like all else. */
  | { readonly kind: 'early-data' }
  | { readonly kind: 'keys-updated'; readonly by: 'self' | 'peer' }
  /** The peer has said that it sends no more. */
  | { readonly kind: 'end' }
  /** The last event. What the peer is to be told lies ready to be sent. */
  | { readonly kind: 'failed'; readonly failure: TlsFailure };

export interface TlsConnection {
  readonly role: TlsRole;
  /** What it waits for, by its name: `WaitServerHello`, `Connected`, `Failed`. */
  readonly state: string;
  readonly facts: TlsFacts | undefined;
  readonly failure: TlsFailure | undefined;
  /** Whether data can be written: connected, and neither closed nor failed. */
  readonly isOpenForWriting: boolean;

  /** What has come from the transport. Never throws. @param now milliseconds since 1970 */
  receive(bytes: Uint8Array, now: number): void;
  /** The transport has ended. Without `close_notify` before it, somebody may have cut the rest off: `truncated`. */
  receiveEnd(): void;

  /** Application data, protected into records at once. @throws Error unless `isOpenForWriting` */
  write(data: Uint8Array): void;
  /** close_notify: this end sends no more. Reading goes on. */
  close(): void;
  /** New keys for what this end sends; asks the peer for the same if `isRequested`. @throws Error unless `isOpenForWriting` */
  updateKeys(isRequested: boolean): void;
  /** Client: proves nothing more than `connected` did. RFC 8446 §7.5. @throws Error before the handshake is done */
  exportKeyingMaterial(label: string, context: Uint8Array, length: number): Uint8Array;

  /** Bytes for the transport; undefined: nothing to send. */
  pollTransmit(): Uint8Array | undefined;
  /** Application data that has come; undefined: nothing yet. */
  read(): Uint8Array | undefined;
  pollEvent(): TlsEvent | undefined;
}

/** A client, with its hello ready to be sent. @throws RangeError, TypeError on a configuration that cannot be */
export function connectTls(_options: TlsClientOptions): TlsConnection {
  throw new Error('not built yet');
}

/** A server that waits for a hello. @throws RangeError, TypeError on a configuration that cannot be */
export function acceptTls(_options: TlsServerOptions): TlsConnection {
  throw new Error('not built yet');
}
