// One of each handshake message of TLS 1.3, field by field, with what it means.

import type {
  CertificateMessage,
  CertificateRequest,
  CertificateVerify,
  ClientHello,
  EncryptedExtensions,
  EndOfEarlyData,
  Finished,
  HandshakeMessage,
  HelloRetryRequest,
  KeyUpdate,
  NewSessionTicket,
  ServerHello,
} from '../../src/secure/tls/handshake_message.ts';
import { bytes } from './bytes.ts';

const RANDOM = '5a'.repeat(32);
const SESSION_ID = '1d'.repeat(32);
const SHARE = '5e'.repeat(32);
const BINDER = 'b1'.repeat(32);

interface Sample<M extends HandshakeMessage> {
  readonly data: Uint8Array;
  readonly meaning: M;
}

const clientHello: Sample<ClientHello> = {
  data: bytes(
    '01 00 01 23' + // ClientHello
      '03 03' +
      RANDOM +
      '20' +
      SESSION_ID +
      '00 08 1a 1a 13 01 13 03 00 ff' + // GREASE, two suites, renegotiation's signal
      '01 00' + // no compression
      '00 d2' + // extensions
      'ca ca 00 00' + // GREASE
      '00 00 00 11 00 0f 00 00 0c' +
      '77 77 77 2e 66 6f 6f 2e 74 65 73 74' + // server_name: www.foo.test
      '00 05 00 05 01 00 00 00 00' + // status_request: OCSP
      '00 0a 00 06 00 04 00 1d 11 ec' + // supported_groups
      '00 0d 00 06 00 04 04 03 08 04' + // signature_algorithms
      '00 10 00 0e 00 0c 02 68 32 08' +
      '68 74 74 70 2f 31 2e 31' + // ALPN: h2, http/1.1
      '00 12 00 00' + // signed_certificate_timestamp
      '00 2a 00 00' + // early_data
      '00 2b 00 05 04 03 04 03 03' + // supported_versions
      '00 2c 00 04 00 02 c0 01' + // cookie
      '00 2d 00 02 01 01' + // psk_key_exchange_modes
      '00 31 00 00' + // post_handshake_auth
      '00 32 00 04 00 02 08 07' + // signature_algorithms_cert
      '00 33 00 26 00 24 00 1d 00 20' +
      SHARE + // key_share
      '00 15 00 00' + // padding
      '00 29 00 2d 00 08 00 02 d1 d2 ff 00 00 01' + // pre_shared_key: identity, obfuscated age
      '00 21 20' +
      BINDER,
  ),
  meaning: {
    kind: 'client-hello',
    legacyVersion: 0x0303,
    random: bytes(RANDOM),
    legacySessionId: bytes(SESSION_ID),
    cipherSuites: [0x1a1a, 0x1301, 0x1303, 0x00ff],
    compressionMethods: [0],
    extensionTypes: [0xcaca, 0, 5, 10, 13, 16, 18, 42, 43, 44, 45, 49, 50, 51, 21, 41],
    serverName: 'www.foo.test',
    supportedGroups: [0x001d, 0x11ec],
    signatureAlgorithms: [0x0403, 0x0804],
    alpn: ['h2', 'http/1.1'],
    earlyData: true,
    supportedVersions: [0x0304, 0x0303],
    cookie: bytes('c0 01'),
    pskModes: [1],
    postHandshakeAuth: true,
    signatureAlgorithmsCert: [0x0807],
    keyShares: [{ group: 0x001d, keyExchange: bytes(SHARE) }],
    preSharedKey: {
      identities: [{ identity: bytes('d1 d2'), obfuscatedTicketAge: 0xff00_0001 }],
      binders: [bytes(BINDER)],
    },
  },
};

const serverHello: Sample<ServerHello> = {
  data: bytes(
    '02 00 00 7c' + // ServerHello
      '03 03' +
      RANDOM +
      '20' +
      SESSION_ID +
      '13 02 00' + // TLS_AES_256_GCM_SHA384, no compression
      '00 34' + // extensions
      '00 2b 00 02 03 04' + // supported_versions
      '00 33 00 24 00 1d 00 20' +
      SHARE + // key_share
      '00 29 00 02 00 00', // pre_shared_key: the first
  ),
  meaning: {
    kind: 'server-hello',
    legacyVersion: 0x0303,
    random: bytes(RANDOM),
    legacySessionIdEcho: bytes(SESSION_ID),
    cipherSuite: 0x1302,
    compressionMethod: 0,
    extensionTypes: [43, 51, 41],
    selectedVersion: 0x0304,
    keyShare: { group: 0x001d, keyExchange: bytes(SHARE) },
    selectedIdentity: 0,
  },
};

const helloRetryRequest: Sample<HelloRetryRequest> = {
  data: bytes(
    '02 00 00 3c' + // ServerHello
      '03 03' +
      'cf 21 ad 74 e5 9a 61 11 be 1d 8c 02 1e 65 b8 91' + // which is a HelloRetryRequest
      'c2 a2 11 16 7a bb 8c 5e 07 9e 09 e2 c8 a8 33 9c' +
      '00' + // no session id
      '13 01 00' +
      '00 14' + // extensions
      '00 2b 00 02 03 04' + // supported_versions
      '00 33 00 02 00 17' + // key_share: P-256, please
      '00 2c 00 04 00 02 c0 01', // cookie
  ),
  meaning: {
    kind: 'hello-retry-request',
    legacyVersion: 0x0303,
    legacySessionIdEcho: new Uint8Array(0),
    cipherSuite: 0x1301,
    compressionMethod: 0,
    extensionTypes: [43, 51, 44],
    selectedVersion: 0x0304,
    selectedGroup: 0x0017,
    cookie: bytes('c0 01'),
  },
};

const encryptedExtensions: Sample<EncryptedExtensions> = {
  data: bytes(
    '08 00 00 1d' + // EncryptedExtensions
      '00 1b' +
      '00 00 00 00' + // server_name: taken into account
      '00 0a 00 06 00 04 00 1d 00 17' + // supported_groups
      '00 10 00 05 00 03 02 68 32' + // ALPN: h2
      '00 2a 00 00', // early_data: accepted
  ),
  meaning: {
    kind: 'encrypted-extensions',
    extensionTypes: [0, 10, 16, 42],
    serverName: true,
    supportedGroups: [0x001d, 0x0017],
    alpn: 'h2',
    earlyData: true,
  },
};

const certificateRequest: Sample<CertificateRequest> = {
  data: bytes(
    '0d 00 00 25' + // CertificateRequest
      '02 c7 01' + // context
      '00 20' +
      '00 0d 00 06 00 04 04 03 08 07' + // signature_algorithms
      '00 2f 00 06 00 04 00 02 30 00' + // certificate_authorities: one empty name
      '00 32 00 04 00 02 04 03' + // signature_algorithms_cert
      '00 12 00 00', // signed_certificate_timestamp
  ),
  meaning: {
    kind: 'certificate-request',
    context: bytes('c7 01'),
    extensionTypes: [13, 47, 50, 18],
    signatureAlgorithms: [0x0403, 0x0807],
    certificateAuthorities: [bytes('30 00')],
    signatureAlgorithmsCert: [0x0403],
  },
};

const certificate: Sample<CertificateMessage> = {
  data: bytes(
    '0b 00 00 13' + // Certificate
      '00' + // no context
      '00 00 0f' +
      '00 00 03 30 01 00' + // DER
      '00 00' + // no extensions
      '00 00 02 30 00' + // the one above it
      '00 00',
  ),
  meaning: {
    kind: 'certificate',
    context: new Uint8Array(0),
    entries: [
      { certificate: bytes('30 01 00'), extensionTypes: [] },
      { certificate: bytes('30 00'), extensionTypes: [] },
    ],
  },
};

const certificateVerify: Sample<CertificateVerify> = {
  data: bytes(
    '0f 00 00 07' + // CertificateVerify
      '08 04' + // rsa_pss_rsae_sha256
      '00 03 51 60 7a',
  ),
  meaning: { kind: 'certificate-verify', scheme: 0x0804, signature: bytes('51 60 7a') },
};

const finished: Sample<Finished> = {
  data: bytes(`14 00 00 20 ${'f1'.repeat(32)}`),
  meaning: { kind: 'finished', verifyData: bytes('f1'.repeat(32)) },
};

const endOfEarlyData: Sample<EndOfEarlyData> = {
  data: bytes('05 00 00 00'),
  meaning: { kind: 'end-of-early-data' },
};

const newSessionTicket: Sample<NewSessionTicket> = {
  data: bytes(
    '04 00 00 1c' + // NewSessionTicket
      '00 00 1c 20' + // two hours
      'ff 00 00 07' + // what is added to the age
      '02 00 01' + // nonce
      '00 05 71 c4 e7 00 01' + // ticket
      '00 08 00 2a 00 04 00 00 40 00', // early_data: up to 16,384 bytes
  ),
  meaning: {
    kind: 'new-session-ticket',
    lifetime: 7200,
    ageAdd: 0xff00_0007,
    nonce: bytes('00 01'),
    ticket: bytes('71 c4 e7 00 01'),
    extensionTypes: [42],
    maxEarlyDataSize: 16_384,
  },
};

const keyUpdate: Sample<KeyUpdate> = {
  data: bytes('18 00 00 01 01'), // and the other side, please
  meaning: { kind: 'key-update', isRequested: true },
};

export const SAMPLE_MESSAGES = {
  clientHello,
  serverHello,
  helloRetryRequest,
  encryptedExtensions,
  certificateRequest,
  certificate,
  certificateVerify,
  finished,
  endOfEarlyData,
  newSessionTicket,
  keyUpdate,
} as const;
