// What the handshake's messages mean (RFC 8446 §4, now 9846): one type a message, with the extensions that are known here as
// fields. Not here: their bytes (handshake_reader.ts, handshake_writer.ts), and when each may come (client_states.ts,
// server_states.ts).

import { bytesEqual } from '../../core/bytes.ts';

/** RFC 8446 §B.3. */
export const HandshakeType = {
  ClientHello: 1,
  ServerHello: 2,
  NewSessionTicket: 4,
  EndOfEarlyData: 5,
  EncryptedExtensions: 8,
  Certificate: 11,
  CertificateRequest: 13,
  CertificateVerify: 15,
  Finished: 20,
  KeyUpdate: 24,
  /** Never sent: stands for the first ClientHello in the transcript after a HelloRetryRequest (§4.4.1). */
  MessageHash: 254,
} as const;

/** RFC 8446 §4.2, and the others that TLS 1.3 has kept. */
export const ExtensionType = {
  ServerName: 0,
  StatusRequest: 5,
  SupportedGroups: 10,
  SignatureAlgorithms: 13,
  ApplicationLayerProtocolNegotiation: 16,
  SignedCertificateTimestamp: 18,
  Padding: 21,
  PreSharedKey: 41,
  EarlyData: 42,
  SupportedVersions: 43,
  Cookie: 44,
  PskKeyExchangeModes: 45,
  CertificateAuthorities: 47,
  PostHandshakeAuth: 49,
  SignatureAlgorithmsCert: 50,
  KeyShare: 51,
} as const;

export const TLS_1_2 = 0x0303;
export const TLS_1_3 = 0x0304;

export interface KeyShareEntry {
  readonly group: number;
  readonly keyExchange: Uint8Array;
}

export interface PskIdentity {
  readonly identity: Uint8Array;
  /** Milliseconds since the ticket came, plus the ticket's own secret number, modulo 2^32. */
  readonly obfuscatedTicketAge: number;
}

export interface OfferedPsks {
  readonly identities: readonly PskIdentity[];
  /** One for each identity. */
  readonly binders: readonly Uint8Array[];
}

/** RFC 8446 §4.2.9. */
export const PskMode = { Psk: 0, PskWithDhe: 1 } as const;

/** What every message that was read has. */
export interface Received {
  /** The message whole, its four bytes of header included: what the transcript hashes. */
  readonly bytes: Uint8Array;
}

export interface ClientHello {
  readonly kind: 'client-hello';
  readonly legacyVersion: number;
  readonly random: Uint8Array;
  readonly legacySessionId: Uint8Array;
  readonly cipherSuites: readonly number[];
  readonly compressionMethods: readonly number[];
  /** Types of all extensions, in their order, known or not. Empty too where there is no extension block (before 1.3). */
  readonly extensionTypes: readonly number[];
  readonly supportedVersions?: readonly number[];
  readonly serverName?: string;
  readonly supportedGroups?: readonly number[];
  readonly signatureAlgorithms?: readonly number[];
  readonly signatureAlgorithmsCert?: readonly number[];
  readonly keyShares?: readonly KeyShareEntry[];
  readonly alpn?: readonly string[];
  readonly cookie?: Uint8Array;
  /** Distinguished names, in DER: those that the client knows. */
  readonly certificateAuthorities?: readonly Uint8Array[];
  readonly earlyData?: true;
  readonly postHandshakeAuth?: true;
  readonly pskModes?: readonly number[];
  /** The last extension, always (§4.2.11). */
  readonly preSharedKey?: OfferedPsks;
}

export interface ServerHello {
  readonly kind: 'server-hello';
  readonly legacyVersion: number;
  readonly random: Uint8Array;
  readonly legacySessionIdEcho: Uint8Array;
  readonly cipherSuite: number;
  readonly compressionMethod: number;
  readonly extensionTypes: readonly number[];
  readonly selectedVersion?: number;
  readonly keyShare?: KeyShareEntry;
  /** Which of the offered PSKs. */
  readonly selectedIdentity?: number;
}

/** RFC 8446 §4.1.3: SHA-256 of `HelloRetryRequest`, in place of a ServerHello's random. */
export const HELLO_RETRY_RANDOM: Uint8Array = Uint8Array.of(
  ...[0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91],
  ...[0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c],
);

/** RFC 8446 §4.1.3: "DOWNGRD", and 1 for TLS 1.2. */
const DOWNGRADE_SENTINEL: Uint8Array = Uint8Array.of(0x44, 0x4f, 0x57, 0x4e, 0x47, 0x52, 0x44);

/** Whether a ServerHello's random says that the server could do better, and was made to do worse. */
export const hasDowngradeSentinel = (random: Uint8Array): boolean =>
  bytesEqual(random.subarray(24, 31), DOWNGRADE_SENTINEL) && (random[31] ?? 2) <= 1;

/** On the wire a ServerHello with that random value. */
export interface HelloRetryRequest {
  readonly kind: 'hello-retry-request';
  readonly legacyVersion: number;
  readonly legacySessionIdEcho: Uint8Array;
  readonly cipherSuite: number;
  readonly compressionMethod: number;
  readonly extensionTypes: readonly number[];
  readonly selectedVersion?: number;
  readonly selectedGroup?: number;
  readonly cookie?: Uint8Array;
}

export interface EncryptedExtensions {
  readonly kind: 'encrypted-extensions';
  readonly extensionTypes: readonly number[];
  /** The server has taken the name into account. */
  readonly serverName?: true;
  readonly supportedGroups?: readonly number[];
  readonly alpn?: string;
  readonly earlyData?: true;
}

export interface CertificateRequest {
  readonly kind: 'certificate-request';
  readonly context: Uint8Array;
  readonly extensionTypes: readonly number[];
  readonly signatureAlgorithms?: readonly number[];
  readonly signatureAlgorithmsCert?: readonly number[];
  /** Distinguished names, in DER. */
  readonly certificateAuthorities?: readonly Uint8Array[];
}

export interface CertificateEntry {
  /** DER. */
  readonly certificate: Uint8Array;
  readonly extensionTypes: readonly number[];
}

export interface CertificateMessage {
  readonly kind: 'certificate';
  readonly context: Uint8Array;
  /** The peer's own first; none: it has none to show. */
  readonly entries: readonly CertificateEntry[];
}

export interface CertificateVerify {
  readonly kind: 'certificate-verify';
  readonly scheme: number;
  readonly signature: Uint8Array;
}

export interface Finished {
  readonly kind: 'finished';
  readonly verifyData: Uint8Array;
}

export interface EndOfEarlyData {
  readonly kind: 'end-of-early-data';
}

export interface NewSessionTicket {
  readonly kind: 'new-session-ticket';
  /** Seconds. */
  readonly lifetime: number;
  readonly ageAdd: number;
  readonly nonce: Uint8Array;
  readonly ticket: Uint8Array;
  readonly extensionTypes: readonly number[];
  /** Bytes of early data that the server will take with this ticket. */
  readonly maxEarlyDataSize?: number;
}

export interface KeyUpdate {
  readonly kind: 'key-update';
  readonly isRequested: boolean;
}

export type HandshakeMessage =
  | ClientHello
  | ServerHello
  | HelloRetryRequest
  | EncryptedExtensions
  | CertificateRequest
  | CertificateMessage
  | CertificateVerify
  | Finished
  | EndOfEarlyData
  | NewSessionTicket
  | KeyUpdate;

export type MessageKind = HandshakeMessage['kind'];
