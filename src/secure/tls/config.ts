// What two ends of TLS are told before they meet. Immutable, shared by any number of connections; nothing is ambient: the time
// comes with every input, randomness with every connection. Not here: the connection (connection.ts).

import type { CryptoProvider, RandomSource } from '../crypto/provider.ts';
import type { PrivateKey } from '../pki/private_key.ts';
import type { RevocationList } from '../pki/revocation_list.ts';
import type { TrustStore } from '../pki/trust_store.ts';
import type { CipherSuiteName } from './cipher_suite.ts';
import type { GroupName } from './named_group.ts';
import type { ReplayDefence } from './replay_defence.ts';
import type { ResumableSession } from './session.ts';
import type { SchemeName } from './signature_scheme.ts';
import type { TicketKeeper } from './ticket_keeper.ts';

/** A certificate with what leads up to it, and the key that it speaks of. */
export interface TlsIdentity {
  /** DER, the own one first. A root that peers have anyhow need not be there. */
  readonly certificates: readonly Uint8Array[];
  readonly key: PrivateKey;
}

interface CommonConfig {
  readonly provider: CryptoProvider;
  /** In order of preference; all three unless said otherwise. */
  readonly cipherSuites?: readonly CipherSuiteName[];
  /** In order of preference: X25519, P-256, P-384, X25519MLKEM768 unless said otherwise. */
  readonly groups?: readonly GroupName[];
  /** That the peer may sign with, and in its certificates; all unless said otherwise. */
  readonly signatureSchemes?: readonly SchemeName[];
  /** To sign with, in order of preference; whatever the own key can unless said otherwise. */
  readonly signingSchemes?: readonly SchemeName[];
  /** Certificates are not judged, as with `curl -k`: whoever has the key of any is believed. */
  readonly acceptsAnyCertificate?: boolean;
  /** Application protocols in order of preference: `http/1.1`. */
  readonly alpn?: readonly string[];
  /** RFC 8446 §D.4: a session identifier and ChangeCipherSpec, for machines on the way that know TLS 1.2 alone. On unless said otherwise. */
  readonly isMiddleboxCompatible?: boolean;
  /** Bytes of plaintext in a record, at most 2^14 (the default) and at least 1. */
  readonly maxRecordLength?: number;
}

export interface TlsClientConfig extends CommonConfig {
  readonly trust: TrustStore;
  readonly revocationLists?: readonly RevocationList[];
  /** Groups for which the first hello carries a share; the most preferred one alone unless said otherwise. */
  readonly keyShares?: readonly GroupName[];
  /** Shown if the server asks. */
  readonly identity?: TlsIdentity;
  /** What stands in the hello beside the real values, so that nobody gets used to knowing all (RFC 8701). Off unless said otherwise. */
  readonly hasGrease?: boolean;
}

/** Of one connection. */
export interface TlsClientOptions {
  readonly config: TlsClientConfig;
  readonly random: RandomSource;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** A host name, or an address: what the certificate must stand for. Only names are sent. */
  readonly serverName: string;
  /** Offered for resumption if it still holds. */
  readonly session?: ResumableSession;
  /**
   * Sent at once, before the server has answered, if the session permits; whoever records it can send it again. Empty: it is
   * said that there is some.
   */
  readonly earlyData?: Uint8Array;
}

export type ClientCertificatePolicy = 'not-asked' | 'optional' | 'required';

export interface TlsServerConfig extends CommonConfig {
  /** By the name that the client asked for. Undefined: it is told `unrecognized_name`. */
  readonly identityOf: (serverName: string | undefined) => TlsIdentity | undefined;
  readonly clientCertificates?: ClientCertificatePolicy;
  /** Whom clients must lead up to. Needed if they are asked for certificates. */
  readonly clientTrust?: TrustStore;
  /** Makes tickets and reads them; nothing: no resumption. */
  readonly tickets?: TicketKeeper;
  /** How many tickets follow a handshake; 1 unless said otherwise. */
  readonly ticketCount?: number;
  /** Bytes of early data that are taken with a ticket; 0 unless said otherwise. Needs `replayDefence`. */
  readonly maxEarlyData?: number;
  readonly replayDefence?: ReplayDefence;
}

/** Of one connection. */
export interface TlsServerOptions {
  readonly config: TlsServerConfig;
  readonly random: RandomSource;
}
