// Handshake messages out of their bytes (RFC 8446 §4): strict, since a peer whose messages cannot be decoded exactly is not one
// to go on with. The mirror image is handshake_writer.ts. Not here: what the values must be in answer to what was sent before
// (client_states.ts, server_states.ts), and how messages are put together from records (handshake_buffer.ts).

import type { ByteSpan } from '../../core/byte_reader.ts';
import { bytesEqual } from '../../core/bytes.ts';
import {
  readCertificateAuthorities,
  readCookie,
  readGroups,
  readKeyShare,
  readKeyShares,
  readOfferedPsks,
  readProtocols,
  readPskModes,
  readSchemes,
  readServerName,
  readVersions,
} from './extension_fields.ts';
import { readExtensions } from './extension_reader.ts';
import { failure, type TlsFailure } from './failure.ts';
import { FieldReader } from './field_reader.ts';
import {
  type CertificateEntry,
  type CertificateMessage,
  type CertificateRequest,
  type CertificateVerify,
  type ClientHello,
  type EncryptedExtensions,
  ExtensionType,
  type Finished,
  type HandshakeMessage,
  HandshakeType,
  HELLO_RETRY_RANDOM,
  type HelloRetryRequest,
  hasDowngradeSentinel,
  type KeyUpdate,
  type NewSessionTicket,
  type ServerHello,
} from './handshake_message.ts';
import {
  cipherSuiteName,
  compressionName,
  groupName,
  handshakeTypeName,
  signatureSchemeName,
  versionName,
} from './names.ts';

/** More are refused: nobody is led up to in so many steps. */
export const MAX_CERTIFICATE_ENTRIES = 64;

/** What spans call the certificates in a Certificate message: there is more to be told of what is in them. */
export const CERTIFICATE_LABEL = 'certificate';

const RANDOM_LENGTH = 32;
const MAX_SESSION_ID_LENGTH = 32;

type Builder<T> = { -readonly [Key in keyof T]: T[Key] };

/**
 * Reads one message whole, its header included. Never throws. With `spans`, what each of its bytes is gets recorded there.
 *
 * What an absent field means, and which of the extensions of an answer were asked for, is the caller's to judge.
 */
export function readHandshakeMessage(bytes: Uint8Array, spans?: ByteSpan[]): HandshakeMessage | TlsFailure {
  const reader = FieldReader.of(bytes, spans);
  const type = reader.uint8('handshake type', handshakeTypeName);
  const body = reader.vector24('message', 0);
  reader.finish('the message');
  const message = readBody(type, body);
  if (message === undefined) return reader.failure ?? failure('unexpected-message', handshakeTypeName(type));
  body.finish(handshakeTypeName(type));
  return reader.failure ?? message;
}

function readBody(type: number, body: FieldReader): HandshakeMessage | undefined {
  switch (type) {
    case HandshakeType.ClientHello:
      return readClientHello(body);
    case HandshakeType.ServerHello:
      return readServerHello(body);
    case HandshakeType.NewSessionTicket:
      return readNewSessionTicket(body);
    case HandshakeType.EndOfEarlyData:
      return { kind: 'end-of-early-data' };
    case HandshakeType.EncryptedExtensions:
      return readEncryptedExtensions(body);
    case HandshakeType.Certificate:
      return readCertificate(body);
    case HandshakeType.CertificateRequest:
      return readCertificateRequest(body);
    case HandshakeType.CertificateVerify:
      return readCertificateVerify(body);
    case HandshakeType.Finished:
      return readFinished(body);
    case HandshakeType.KeyUpdate:
      return readKeyUpdate(body);
    default:
      return undefined;
  }
}

// RFC 8446 §4.1.2
function readClientHello(body: FieldReader): ClientHello {
  const hello: Builder<ClientHello> = {
    kind: 'client-hello',
    legacyVersion: body.uint16('legacy version', versionName),
    random: body.opaque('random', RANDOM_LENGTH),
    legacySessionId: readSessionId(body),
    cipherSuites: body.vector16('cipher suites', 2).uint16s('cipher suite', cipherSuiteName),
    compressionMethods: body.vector8('compression methods', 1).uint8s('compression method', compressionName),
    extensionTypes: [],
  };
  // Before TLS 1.3 a hello could end here.
  if (body.isAtEnd) return hello;
  hello.extensionTypes = readExtensions(body, 'client-hello', (type, data, isLast) => {
    switch (type) {
      case ExtensionType.ServerName:
        hello.serverName = readServerName(data);
        break;
      case ExtensionType.SupportedGroups:
        hello.supportedGroups = readGroups(data);
        break;
      case ExtensionType.SignatureAlgorithms:
        hello.signatureAlgorithms = readSchemes(data);
        break;
      case ExtensionType.CertificateAuthorities:
        hello.certificateAuthorities = readCertificateAuthorities(data);
        break;
      case ExtensionType.SignatureAlgorithmsCert:
        hello.signatureAlgorithmsCert = readSchemes(data);
        break;
      case ExtensionType.ApplicationLayerProtocolNegotiation:
        hello.alpn = readProtocols(data);
        break;
      case ExtensionType.SupportedVersions:
        hello.supportedVersions = readVersions(data);
        break;
      case ExtensionType.Cookie:
        hello.cookie = readCookie(data);
        break;
      case ExtensionType.EarlyData:
        hello.earlyData = true;
        break;
      case ExtensionType.PostHandshakeAuth:
        hello.postHandshakeAuth = true;
        break;
      case ExtensionType.PskKeyExchangeModes:
        hello.pskModes = readPskModes(data);
        break;
      case ExtensionType.KeyShare:
        hello.keyShares = readKeyShares(data);
        break;
      case ExtensionType.PreSharedKey:
        hello.preSharedKey = readOfferedPsks(data);
        // RFC 8446 §4.2.11: the binders come last, since they cover all before them.
        if (!isLast) data.fail('illegal-value', 'pre_shared_key is not the last extension');
        break;
      default:
        data.skipRest('contents');
    }
  });
  return hello;
}

// RFC 8446 §4.1.3, §4.1.4
function readServerHello(body: FieldReader): ServerHello | HelloRetryRequest {
  const legacyVersion = body.uint16('legacy version', versionName);
  const random = body.opaque('random', RANDOM_LENGTH, serverRandomMeaning);
  const legacySessionIdEcho = readSessionId(body);
  const cipherSuite = body.uint16('cipher suite', cipherSuiteName);
  const compressionMethod = body.uint8('compression method', compressionName);
  const common = { legacyVersion, legacySessionIdEcho, cipherSuite, compressionMethod, extensionTypes: [] };
  return isRetry(random)
    ? readRetryExtensions(body, { kind: 'hello-retry-request', ...common })
    : readServerHelloExtensions(body, { kind: 'server-hello', random, ...common });
}

const isRetry = (random: Uint8Array): boolean => bytesEqual(random, HELLO_RETRY_RANDOM);

function serverRandomMeaning(random: Uint8Array): string | undefined {
  if (isRetry(random)) return 'none: this is a HelloRetryRequest';
  return hasDowngradeSentinel(random) ? 'its end says that the server knows better versions' : undefined;
}

function readServerHelloExtensions(body: FieldReader, hello: Builder<ServerHello>): ServerHello {
  // An older server's may end here.
  if (body.isAtEnd) return hello;
  hello.extensionTypes = readExtensions(body, 'server-hello', (type, data) => {
    switch (type) {
      case ExtensionType.SupportedVersions:
        hello.selectedVersion = data.uint16('selected version', versionName);
        break;
      case ExtensionType.KeyShare:
        hello.keyShare = readKeyShare(data);
        break;
      case ExtensionType.PreSharedKey:
        hello.selectedIdentity = data.uint16('selected identity');
        break;
      default:
        data.skipRest('contents');
    }
  });
  return hello;
}

function readRetryExtensions(body: FieldReader, request: Builder<HelloRetryRequest>): HelloRetryRequest {
  if (body.isAtEnd) return request;
  request.extensionTypes = readExtensions(body, 'hello-retry-request', (type, data) => {
    switch (type) {
      case ExtensionType.SupportedVersions:
        request.selectedVersion = data.uint16('selected version', versionName);
        break;
      case ExtensionType.KeyShare:
        request.selectedGroup = data.uint16('selected group', groupName);
        break;
      case ExtensionType.Cookie:
        request.cookie = readCookie(data);
        break;
      default:
        data.skipRest('contents');
    }
  });
  return request;
}

// RFC 8446 §4.3.1
function readEncryptedExtensions(body: FieldReader): EncryptedExtensions {
  const message: Builder<EncryptedExtensions> = { kind: 'encrypted-extensions', extensionTypes: [] };
  message.extensionTypes = readExtensions(body, 'encrypted-extensions', (type, data) => {
    switch (type) {
      case ExtensionType.ServerName:
        message.serverName = true;
        break;
      case ExtensionType.SupportedGroups:
        message.supportedGroups = readGroups(data);
        break;
      case ExtensionType.ApplicationLayerProtocolNegotiation: {
        const [chosen, ...others] = readProtocols(data);
        // RFC 7301 §3.1: exactly one.
        if (others.length > 0) data.fail('malformed-message', 'more than one chosen protocol');
        if (chosen !== undefined) message.alpn = chosen;
        break;
      }
      case ExtensionType.EarlyData:
        message.earlyData = true;
        break;
      default:
        data.skipRest('contents');
    }
  });
  return message;
}

// RFC 8446 §4.3.2
function readCertificateRequest(body: FieldReader): CertificateRequest {
  const context = body.opaque8('request context', 0);
  const request: Builder<CertificateRequest> = { kind: 'certificate-request', context, extensionTypes: [] };
  request.extensionTypes = readExtensions(body, 'certificate-request', (type, data) => {
    switch (type) {
      case ExtensionType.SignatureAlgorithms:
        request.signatureAlgorithms = readSchemes(data);
        break;
      case ExtensionType.SignatureAlgorithmsCert:
        request.signatureAlgorithmsCert = readSchemes(data);
        break;
      case ExtensionType.CertificateAuthorities:
        request.certificateAuthorities = readCertificateAuthorities(data);
        break;
      default:
        data.skipRest('contents');
    }
  });
  return request;
}

// RFC 8446 §4.4.2
function readCertificate(body: FieldReader): CertificateMessage {
  const context = body.opaque8('request context', 0);
  const list = body.vector24('certificate list', 0);
  const entries: CertificateEntry[] = [];
  while (!list.isAtEnd) {
    if (entries.length === MAX_CERTIFICATE_ENTRIES) {
      list.fail('illegal-value', `more than ${MAX_CERTIFICATE_ENTRIES} certificates`);
      break;
    }
    const certificate = list.opaque24(CERTIFICATE_LABEL, 1);
    const extensionTypes = readExtensions(list, 'certificate', (_type, data) => data.skipRest('contents'));
    entries.push({ certificate, extensionTypes });
  }
  return { kind: 'certificate', context, entries };
}

// RFC 8446 §4.4.3
function readCertificateVerify(body: FieldReader): CertificateVerify {
  const scheme = body.uint16('signature scheme', signatureSchemeName);
  return { kind: 'certificate-verify', scheme, signature: body.opaque16('signature', 0) };
}

// RFC 8446 §4.4.4: as long as the hash, whichever that is.
const readFinished = (body: FieldReader): Finished => ({
  kind: 'finished',
  verifyData: body.opaque('verify data', body.remaining),
});

// RFC 8446 §4.6.1
function readNewSessionTicket(body: FieldReader): NewSessionTicket {
  const message: Builder<NewSessionTicket> = {
    kind: 'new-session-ticket',
    lifetime: body.uint32('lifetime', (value) => `${value} s`),
    ageAdd: body.uint32('age add'),
    nonce: body.opaque8('nonce', 0),
    ticket: body.opaque16('ticket', 1),
    extensionTypes: [],
  };
  message.extensionTypes = readExtensions(body, 'new-session-ticket', (type, data) => {
    if (type === ExtensionType.EarlyData) message.maxEarlyDataSize = data.uint32('max early data size');
    else data.skipRest('contents');
  });
  return message;
}

// RFC 8446 §4.6.3
function readKeyUpdate(body: FieldReader): KeyUpdate {
  const value = body.uint8('request update', (code) =>
    code === 1 ? 'requested' : code === 0 ? 'not requested' : String(code),
  );
  if (value > 1) body.fail('illegal-value', `a request for an update of ${value}`);
  return { kind: 'key-update', isRequested: value === 1 };
}

function readSessionId(body: FieldReader): Uint8Array {
  const id = body.opaque8('legacy session id', 0);
  if (id.length > MAX_SESSION_ID_LENGTH) body.fail('malformed-message', `a session id of ${id.length} bytes`);
  return id;
}
