// One end of a TLS 1.3 connection, client or server (RFC 8446, now 9846): bytes, time and the application's wishes go in; bytes,
// application data and events come out. No sockets, no timers. Not here: records (record_layer.ts), and the
// handshake (client_states.ts, server_states.ts).

import type { TlsClientOptions, TlsServerOptions } from './config.ts';
import type { TlsFailure } from './failure.ts';
import { ClientHandshake, ServerHandshake } from './handshakes.ts';
import { RecordLayer } from './record_layer.ts';
import type { TlsEvent, TlsFacts } from './tls_event.ts';

export type { SecretLabel, TlsEvent, TlsFacts } from './tls_event.ts';

export type TlsRole = 'client' | 'server';

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
export function connectTls(options: TlsClientOptions): TlsConnection {
  const { provider, maxRecordLength } = options.config;
  return new RecordLayer('client', provider, new ClientHandshake(options), maxRecordLength);
}

/** A server that waits for a hello. @throws RangeError, TypeError on a configuration that cannot be */
export function acceptTls(options: TlsServerOptions): TlsConnection {
  const { provider, maxRecordLength } = options.config;
  return new RecordLayer('server', provider, new ServerHandshake(options), maxRecordLength);
}
