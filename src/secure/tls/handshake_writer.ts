// Handshake messages into bytes (RFC 8446 §4): the mirror image of handshake_reader.ts. Extensions go out in the order of
// `extensionTypes`; those that are not known here, and padding, go out empty. Not here: what a message should say.

import { FieldWriter } from './field_writer.ts';
import {
  type CertificateEntry,
  type CertificateRequest,
  type ClientHello,
  type EncryptedExtensions,
  ExtensionType,
  type HandshakeMessage,
  HandshakeType,
  HELLO_RETRY_RANDOM,
  type HelloRetryRequest,
  type KeyShareEntry,
  type NewSessionTicket,
  type OfferedPsks,
  type ServerHello,
} from './handshake_message.ts';
import { extensionName } from './names.ts';

const HOST_NAME = 0;
const OCSP = 1;

/**
 * The message whole, its header included.
 *
 * @throws RangeError for what has no encoding: a vector that is too long, an extension without the field that is its contents,
 *   a field without its extension
 */
export function writeHandshakeMessage(message: HandshakeMessage): Uint8Array {
  const writer = new FieldWriter();
  writer.uint8(typeOf(message));
  writer.vector24(() => writeBody(writer, message));
  return writer.finish();
}

function typeOf({ kind }: HandshakeMessage): number {
  switch (kind) {
    case 'client-hello':
      return HandshakeType.ClientHello;
    case 'server-hello':
    case 'hello-retry-request':
      return HandshakeType.ServerHello;
    case 'encrypted-extensions':
      return HandshakeType.EncryptedExtensions;
    case 'certificate-request':
      return HandshakeType.CertificateRequest;
    case 'certificate':
      return HandshakeType.Certificate;
    case 'certificate-verify':
      return HandshakeType.CertificateVerify;
    case 'finished':
      return HandshakeType.Finished;
    case 'end-of-early-data':
      return HandshakeType.EndOfEarlyData;
    case 'new-session-ticket':
      return HandshakeType.NewSessionTicket;
    case 'key-update':
      return HandshakeType.KeyUpdate;
  }
}

function writeBody(writer: FieldWriter, message: HandshakeMessage): void {
  switch (message.kind) {
    case 'client-hello':
      writeClientHello(writer, message);
      break;
    case 'server-hello':
      writeServerHello(writer, message, message.random, serverHelloContents(message));
      break;
    case 'hello-retry-request':
      writeServerHello(writer, message, HELLO_RETRY_RANDOM, retryContents(message));
      break;
    case 'encrypted-extensions':
      writeExtensions(writer, message.extensionTypes, encryptedExtensionContents(message));
      break;
    case 'certificate-request':
      writer.opaque8(message.context);
      writeExtensions(writer, message.extensionTypes, certificateRequestContents(message));
      break;
    case 'certificate':
      writer.opaque8(message.context);
      writer.vector24(() => {
        for (const entry of message.entries) writeCertificateEntry(writer, entry);
      });
      break;
    case 'certificate-verify':
      writer.uint16(message.scheme);
      writer.opaque16(message.signature);
      break;
    case 'finished':
      writer.opaque(message.verifyData);
      break;
    case 'end-of-early-data':
      break;
    case 'new-session-ticket':
      writeNewSessionTicket(writer, message);
      break;
    case 'key-update':
      writer.uint8(message.isRequested ? 1 : 0);
      break;
  }
}

/** What is in an extension, by its type; undefined for a field that is not set. */
type Contents = readonly (readonly [type: number, write: ((writer: FieldWriter) => void) | undefined])[];

/** The contents of a field, if it is set. */
const ifSet = <T>(value: T | undefined, write: (writer: FieldWriter, value: T) => void) =>
  value === undefined ? undefined : (writer: FieldWriter): void => write(writer, value);

const nothing = (): void => {};

function writeExtensions(writer: FieldWriter, types: readonly number[], contents: Contents, isNeeded = true): void {
  const lost = contents.find(([type, write]) => write !== undefined && !types.includes(type));
  if (lost !== undefined) throw new RangeError(`extensionTypes must name ${extensionName(lost[0])}, which is set`);
  if (!isNeeded && types.length === 0) return;
  writer.vector16(() => {
    for (const type of types) {
      const row = contents.find((candidate) => candidate[0] === type);
      const write = row === undefined ? nothing : row[1];
      if (write === undefined)
        throw new RangeError(`extensionTypes must not name ${extensionName(type)}, which is not set`);
      writer.uint16(type);
      writer.vector16(() => write(writer));
    }
  });
}

// RFC 8446 §4.1.2
function writeClientHello(writer: FieldWriter, hello: ClientHello): void {
  writer.uint16(hello.legacyVersion);
  writer.opaque(hello.random);
  writer.opaque8(hello.legacySessionId);
  writer.vector16(() => writer.uint16s(hello.cipherSuites));
  writer.vector8(() => writer.uint8s(hello.compressionMethods));
  writeExtensions(writer, hello.extensionTypes, clientHelloContents(hello), false);
}

const clientHelloContents = (hello: ClientHello): Contents => [
  [ExtensionType.ServerName, ifSet(hello.serverName, writeServerName)],
  [
    ExtensionType.StatusRequest,
    hello.extensionTypes.includes(ExtensionType.StatusRequest) ? writeStatusRequest : undefined,
  ],
  [ExtensionType.SupportedGroups, ifSet(hello.supportedGroups, writeUint16s)],
  [ExtensionType.SignatureAlgorithms, ifSet(hello.signatureAlgorithms, writeUint16s)],
  [ExtensionType.ApplicationLayerProtocolNegotiation, ifSet(hello.alpn, writeProtocols)],
  [ExtensionType.PreSharedKey, ifSet(hello.preSharedKey, writeOfferedPsks)],
  [ExtensionType.EarlyData, ifSet(hello.earlyData, nothing)],
  [ExtensionType.SupportedVersions, ifSet(hello.supportedVersions, writeVersions)],
  [ExtensionType.Cookie, ifSet(hello.cookie, writeCookie)],
  [ExtensionType.CertificateAuthorities, ifSet(hello.certificateAuthorities, writeCertificateAuthorities)],
  [ExtensionType.PskKeyExchangeModes, ifSet(hello.pskModes, writePskModes)],
  [ExtensionType.PostHandshakeAuth, ifSet(hello.postHandshakeAuth, nothing)],
  [ExtensionType.SignatureAlgorithmsCert, ifSet(hello.signatureAlgorithmsCert, writeUint16s)],
  [ExtensionType.KeyShare, ifSet(hello.keyShares, writeKeyShares)],
];

// RFC 8446 §4.1.3, §4.1.4
function writeServerHello(
  writer: FieldWriter,
  hello: ServerHello | HelloRetryRequest,
  random: Uint8Array,
  contents: Contents,
): void {
  writer.uint16(hello.legacyVersion);
  writer.opaque(random);
  writer.opaque8(hello.legacySessionIdEcho);
  writer.uint16(hello.cipherSuite);
  writer.uint8(hello.compressionMethod);
  writeExtensions(writer, hello.extensionTypes, contents, false);
}

const serverHelloContents = (hello: ServerHello): Contents => [
  [ExtensionType.PreSharedKey, ifSet(hello.selectedIdentity, writeUint16)],
  [ExtensionType.SupportedVersions, ifSet(hello.selectedVersion, writeUint16)],
  [ExtensionType.KeyShare, ifSet(hello.keyShare, writeKeyShare)],
];

const retryContents = (request: HelloRetryRequest): Contents => [
  [ExtensionType.SupportedVersions, ifSet(request.selectedVersion, writeUint16)],
  [ExtensionType.Cookie, ifSet(request.cookie, writeCookie)],
  [ExtensionType.KeyShare, ifSet(request.selectedGroup, writeUint16)],
];

const encryptedExtensionContents = (message: EncryptedExtensions): Contents => [
  [ExtensionType.ServerName, ifSet(message.serverName, nothing)],
  [ExtensionType.SupportedGroups, ifSet(message.supportedGroups, writeUint16s)],
  [
    ExtensionType.ApplicationLayerProtocolNegotiation,
    ifSet(message.alpn, (writer, name) => writeProtocols(writer, [name])),
  ],
  [ExtensionType.EarlyData, ifSet(message.earlyData, nothing)],
];

const certificateRequestContents = (request: CertificateRequest): Contents => [
  [ExtensionType.SignatureAlgorithms, ifSet(request.signatureAlgorithms, writeUint16s)],
  [ExtensionType.CertificateAuthorities, ifSet(request.certificateAuthorities, writeCertificateAuthorities)],
  [ExtensionType.SignatureAlgorithmsCert, ifSet(request.signatureAlgorithmsCert, writeUint16s)],
];

function writeCertificateEntry(writer: FieldWriter, entry: CertificateEntry): void {
  writer.opaque24(entry.certificate);
  writeExtensions(writer, entry.extensionTypes, []);
}

function writeNewSessionTicket(writer: FieldWriter, message: NewSessionTicket): void {
  writer.uint32(message.lifetime);
  writer.uint32(message.ageAdd);
  writer.opaque8(message.nonce);
  writer.opaque16(message.ticket);
  const size = ifSet(message.maxEarlyDataSize, (_, value: number) => writer.uint32(value));
  writeExtensions(writer, message.extensionTypes, [[ExtensionType.EarlyData, size]]);
}

const writeUint16 = (writer: FieldWriter, value: number): void => writer.uint16(value);

const writeUint16s = (writer: FieldWriter, values: readonly number[]): void =>
  writer.vector16(() => writer.uint16s(values));

const writeVersions = (writer: FieldWriter, versions: readonly number[]): void =>
  writer.vector8(() => writer.uint16s(versions));

const writePskModes = (writer: FieldWriter, modes: readonly number[]): void =>
  writer.vector8(() => writer.uint8s(modes));

const writeCookie = (writer: FieldWriter, cookie: Uint8Array): void => writer.opaque16(cookie);

const writeServerName = (writer: FieldWriter, name: string): void =>
  writer.vector16(() => {
    writer.uint8(HOST_NAME);
    writer.opaque16(latin1(name));
  });

// RFC 6066 §8: OCSP, of no responder in particular.
const writeStatusRequest = (writer: FieldWriter): void => {
  writer.uint8(OCSP);
  writer.uint16(0);
  writer.uint16(0);
};

const writeProtocols = (writer: FieldWriter, names: readonly string[]): void =>
  writer.vector16(() => {
    for (const name of names) writer.opaque8(latin1(name));
  });

const writeCertificateAuthorities = (writer: FieldWriter, names: readonly Uint8Array[]): void =>
  writer.vector16(() => {
    for (const name of names) writer.opaque16(name);
  });

const writeKeyShares = (writer: FieldWriter, shares: readonly KeyShareEntry[]): void =>
  writer.vector16(() => {
    for (const share of shares) writeKeyShare(writer, share);
  });

function writeKeyShare(writer: FieldWriter, { group, keyExchange }: KeyShareEntry): void {
  writer.uint16(group);
  writer.opaque16(keyExchange);
}

function writeOfferedPsks(writer: FieldWriter, { identities, binders }: OfferedPsks): void {
  writer.vector16(() => {
    for (const { identity, obfuscatedTicketAge } of identities) {
      writer.opaque16(identity);
      writer.uint32(obfuscatedTicketAge);
    }
  });
  writer.vector16(() => {
    for (const binder of binders) writer.opaque8(binder);
  });
}

function latin1(text: string): Uint8Array {
  const bytes = Uint8Array.from(text, (character) => character.charCodeAt(0));
  if ([...text].every((character) => character.charCodeAt(0) <= 0xff)) return bytes;
  throw new RangeError(`a name must have one byte for each character, unlike ${JSON.stringify(text)}`);
}
