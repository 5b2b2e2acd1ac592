// The client's handshake (RFC 8446 §2, now 9846), one type for each message that is awaited:
//
//   ClientHello sent
//        │
//   WaitServerHello ──▶ WaitEncryptedExtensions ──▶ WaitCertificateOrRequest ──▶ WaitCertificateVerify ──▶ WaitFinished
//        │    ▲                      │                        │      ▲                                          ▲   │
//        ▼    │                      │                        ▼      │                                          │   ▼
//   WaitSecondServerHello            │                  WaitCertificate                                         │  ClientConnected
//   (after HelloRetryRequest)        └──────────────── a session is resumed ────────────────────────────────────┘
//
// A state carries what is known in it and nothing else; what it does not await has no function here, and is answered with
// unexpected_message by the one dispatcher. Not here: bytes and records (connection.ts), hellos (client_hello.ts).

import { bytesEqual } from '../../core/bytes.ts';
import {
  type AuthenticatedPeer,
  judgeCertificates,
  possessionSignature,
  provenBefore,
  provePossession,
  type TrustedCertificate,
} from './authentication.ts';
import { type CipherSuite, cipherSuite, cipherSuiteNamed } from './cipher_suite.ts';
import { type ClientContext, type PskOffer, type SentHello, secondHello } from './client_hello.ts';
import type { TlsIdentity } from './config.ts';
import { type ConnectedSecrets, receiveKeyUpdate } from './connected.ts';
import { failure, isFailure, type TlsFailure } from './failure.ts';
import {
  type CertificateMessage,
  type CertificateRequest,
  type CertificateVerify,
  type EncryptedExtensions,
  ExtensionType,
  type Finished,
  type HelloRetryRequest,
  hasDowngradeSentinel,
  type MessageKind,
  type NewSessionTicket,
  type ServerHello,
  TLS_1_2,
  TLS_1_3,
} from './handshake_message.ts';
import { writeHandshakeMessage } from './handshake_writer.ts';
import { EarlySchedule, finishedMac, type HandshakeSchedule, resumptionPsk } from './key_schedule.ts';
import { type GroupName, groupCode, groupNamed, type OwnShare } from './named_group.ts';
import { MAX_TICKET_LENGTH, MAX_TICKET_LIFETIME, type ResumableSession } from './session.ts';
import { type SchemeName, schemeCode, schemesOfKey } from './signature_scheme.ts';
import type { Effect, Incoming, Step } from './step.ts';
import type { TlsFacts } from './tls_event.ts';
import { Transcript } from './transcript.ts';

/** What is known once both have agreed on keys. */
interface ClientHandshake {
  readonly suite: CipherSuite;
  readonly group: GroupName;
  readonly transcript: Transcript;
  readonly schedule: HandshakeSchedule;
  readonly clientSecret: Uint8Array;
  readonly serverSecret: Uint8Array;
  readonly clientRandom: Uint8Array;
  readonly isRetried: boolean;
  /** Whether early data went out with the first hello. */
  readonly hasEarlyData: boolean;
  readonly offeredTypes: readonly number[];
}

/** And once the server has said what goes beside them. */
interface ClientAgreement extends ClientHandshake {
  readonly alpn: string | undefined;
  readonly takesEarlyData: boolean;
}

export interface WaitServerHello {
  readonly kind: 'WaitServerHello';
  readonly hello: SentHello;
}

export interface WaitSecondServerHello {
  readonly kind: 'WaitSecondServerHello';
  readonly hello: SentHello;
  readonly suite: CipherSuite;
  readonly transcript: Transcript;
  readonly hasEarlyData: boolean;
}

export interface WaitEncryptedExtensions extends ClientHandshake {
  readonly kind: 'WaitEncryptedExtensions';
  /** Set if the server goes on with it. */
  readonly resumed: ResumableSession | undefined;
}

export interface WaitCertificateOrRequest extends ClientAgreement {
  readonly kind: 'WaitCertificateOrRequest';
}

export interface WaitCertificate extends ClientAgreement {
  readonly kind: 'WaitCertificate';
  readonly request: CertificateRequest;
}

export interface WaitCertificateVerify extends ClientAgreement {
  readonly kind: 'WaitCertificateVerify';
  readonly request: CertificateRequest | undefined;
  readonly trusted: TrustedCertificate;
}

export interface WaitFinished extends ClientAgreement {
  readonly kind: 'WaitFinished';
  readonly request: CertificateRequest | undefined;
  /** Whoever has none cannot be here. */
  readonly server: AuthenticatedPeer;
  readonly isResumed: boolean;
}

export interface ClientConnected extends ConnectedSecrets {
  readonly kind: 'ClientConnected';
  readonly resumptionSecret: Uint8Array;
  readonly facts: TlsFacts;
}

export type ClientState =
  | WaitServerHello
  | WaitSecondServerHello
  | WaitEncryptedExtensions
  | WaitCertificateOrRequest
  | WaitCertificate
  | WaitCertificateVerify
  | WaitFinished
  | ClientConnected;

/** The one table of what may come when. */
export const CLIENT_AWAITS: { readonly [Kind in ClientState['kind']]: readonly MessageKind[] } = {
  WaitServerHello: ['server-hello', 'hello-retry-request'],
  WaitSecondServerHello: ['server-hello'],
  WaitEncryptedExtensions: ['encrypted-extensions'],
  WaitCertificateOrRequest: ['certificate-request', 'certificate'],
  WaitCertificate: ['certificate'],
  WaitCertificateVerify: ['certificate-verify'],
  WaitFinished: ['finished'],
  ClientConnected: ['new-session-ticket', 'key-update'],
};

type ClientStep = Step<ClientState> | TlsFailure;

/** @param now milliseconds since 1970 */
export function clientStep(context: ClientContext, state: ClientState, message: Incoming, now: number): ClientStep {
  switch (state.kind) {
    case 'WaitServerHello':
      if (message.kind === 'server-hello') return receiveFirstServerHello(context, state, message);
      if (message.kind === 'hello-retry-request') return receiveRetry(context, state, message);
      break;
    case 'WaitSecondServerHello':
      if (message.kind === 'server-hello') return receiveSecondServerHello(context, state, message);
      break;
    case 'WaitEncryptedExtensions':
      if (message.kind === 'encrypted-extensions') return receiveEncryptedExtensions(context, state, message);
      break;
    case 'WaitCertificateOrRequest':
      if (message.kind === 'certificate-request') return receiveCertificateRequest(state, message);
      if (message.kind === 'certificate') return receiveCertificate(context, state, message, undefined, now);
      break;
    case 'WaitCertificate':
      if (message.kind === 'certificate') return receiveCertificate(context, state, message, state.request, now);
      break;
    case 'WaitCertificateVerify':
      if (message.kind === 'certificate-verify') return receiveCertificateVerify(context, state, message);
      break;
    case 'WaitFinished':
      if (message.kind === 'finished') return receiveFinished(context, state, message);
      break;
    case 'ClientConnected':
      if (message.kind === 'new-session-ticket') return receiveTicket(context, state, message, now);
      if (message.kind === 'key-update') return receiveKeyUpdate(context.provider, state, message);
      break;
  }
  return failure('unexpected-message', `${message.kind} in state ${state.kind}`);
}

// ServerHello, and HelloRetryRequest.

function checkVersion(message: ServerHello | HelloRetryRequest): TlsFailure | undefined {
  if (message.selectedVersion === undefined) {
    if (message.kind === 'server-hello' && hasDowngradeSentinel(message.random)) {
      return failure('downgrade-sentinel', 'the server knows TLS 1.3, but was not asked for it');
    }
    return failure('no-common-version', 'the server answers in an older one');
  }
  if (message.selectedVersion !== TLS_1_3) return failure('illegal-value', 'a version that was not offered');
  return message.legacyVersion === TLS_1_2
    ? undefined
    : failure('illegal-value', 'a legacy version that is not 0x0303');
}

/** §4.1.3: what an answer of either kind must repeat. */
function chosenSuite(
  { suites }: ClientContext,
  { message: hello }: SentHello,
  answer: ServerHello | HelloRetryRequest,
): CipherSuite | TlsFailure {
  const wrong = checkVersion(answer);
  if (wrong !== undefined) return wrong;
  if (!bytesEqual(answer.legacySessionIdEcho, hello.legacySessionId)) {
    return failure('illegal-value', 'a session identifier that is not an echo');
  }
  if (answer.compressionMethod !== 0) return failure('illegal-value', 'compression');
  const stranger = answer.extensionTypes.find(
    (type) => type !== ExtensionType.Cookie && !hello.extensionTypes.includes(type),
  );
  if (stranger !== undefined) return failure('unasked-extension', `type ${stranger}`);
  const suite = cipherSuite(answer.cipherSuite);
  const isOffered = suite !== undefined && suites.includes(suite);
  return isOffered ? suite : failure('illegal-value', 'a cipher suite that was not offered');
}

/** A longer one leaves no room in the second hello for what else must be there. */
const MAX_COOKIE_LENGTH = 32_768;

function receiveRetry(
  context: ClientContext,
  state: WaitServerHello,
  message: Incoming<HelloRetryRequest>,
): ClientStep {
  const { hello } = state;
  const suite = chosenSuite(context, hello, message);
  if (isFailure(suite)) return suite;
  const group = message.selectedGroup === undefined ? undefined : groupNamed(message.selectedGroup);
  if (message.selectedGroup !== undefined) {
    if (group === undefined || !context.groups.includes(group)) {
      return failure('illegal-value', 'a group that was not offered');
    }
    // §4.2.8: one for which there is a share already asks for nothing.
    if (hello.shares.some((share) => share.group === group)) {
      return failure('illegal-value', 'a group for which there is a share');
    }
  } else if (message.cookie === undefined) return failure('illegal-value', 'a retry that changes nothing');
  const { length: cookieLength = 0 } = message.cookie ?? {};
  if (cookieLength > MAX_COOKIE_LENGTH) return failure('illegal-value', `a cookie of ${cookieLength} bytes`);
  const transcript = new Transcript(context.provider, suite.hash);
  transcript.add(hello.bytes);
  transcript.restartForRetry();
  transcript.add(message.bytes);
  const second = secondHello(context, hello, {
    group,
    cookie: message.cookie,
    keepsOffer: hello.offer !== undefined && suiteOf(hello.offer).hash === suite.hash,
    hashWith: (bytes) => {
      const whole = transcript.copy();
      whole.add(bytes);
      return whole.hash();
    },
  });
  transcript.add(second.bytes);
  const hasEarlyData = hello.message.earlyData === true;
  const effects: Effect[] = [];
  if (context.isMiddleboxCompatible && !hasEarlyData) effects.push({ kind: 'change-cipher-spec' });
  if (hasEarlyData) effects.push({ kind: 'write-in-the-clear' });
  effects.push({ kind: 'send', name: 'ClientHello', bytes: second.bytes });
  return { state: { kind: 'WaitSecondServerHello', hello: second, suite, transcript, hasEarlyData }, effects };
}

const suiteOf = ({ session }: PskOffer): CipherSuite => cipherSuiteNamed(session.cipherSuite);

function receiveFirstServerHello(
  context: ClientContext,
  { hello }: WaitServerHello,
  message: Incoming<ServerHello>,
): ClientStep {
  const suite = chosenSuite(context, hello, message);
  if (isFailure(suite)) return suite;
  const transcript = new Transcript(context.provider, suite.hash);
  transcript.add(hello.bytes);
  const hasEarlyData = hello.message.earlyData === true;
  return agree(context, { hello, suite, transcript, hasEarlyData, isRetried: false }, message);
}

function receiveSecondServerHello(
  context: ClientContext,
  { hello, suite, transcript, hasEarlyData }: WaitSecondServerHello,
  message: Incoming<ServerHello>,
): ClientStep {
  const chosen = chosenSuite(context, hello, message);
  if (isFailure(chosen)) return chosen;
  if (chosen !== suite) return failure('illegal-value', 'another cipher suite than in the HelloRetryRequest');
  return agree(context, { hello, suite, transcript, hasEarlyData, isRetried: true }, message);
}

interface Agreement {
  readonly hello: SentHello;
  readonly suite: CipherSuite;
  /** Up to the hello that was answered. */
  readonly transcript: Transcript;
  readonly hasEarlyData: boolean;
  readonly isRetried: boolean;
}

// Both have each other's shares now: from here on the handshake is encrypted (§7.1).
function agree(
  { provider, isMiddleboxCompatible }: ClientContext,
  { hello, suite, transcript, hasEarlyData, isRetried }: Agreement,
  message: Incoming<ServerHello>,
): ClientStep {
  const share = ownShareFor(hello, message);
  if (isFailure(share)) return share;
  const offer = message.selectedIdentity === undefined ? undefined : hello.offer;
  if (message.selectedIdentity !== undefined) {
    if (message.selectedIdentity !== 0 || offer === undefined)
      return failure('illegal-value', 'a PSK that was not offered');
    if (suiteOf(offer).hash !== suite.hash) return failure('illegal-value', 'a PSK with another hash');
  }
  const secret = share.agree(message.keyShare?.keyExchange ?? new Uint8Array(0));
  if (secret === undefined) return failure('illegal-value', "the server's key share");
  transcript.add(message.bytes);
  const transcriptHash = transcript.hash();
  const early = offer?.schedule ?? EarlySchedule.start(provider, suite.hash);
  const schedule = early.intoHandshake(secret);
  const clientSecret = schedule.clientTrafficSecret(transcriptHash);
  const serverSecret = schedule.serverTrafficSecret(transcriptHash);
  const clientRandom = hello.message.random;
  const effects: Effect[] = [
    { kind: 'secret', label: 'CLIENT_HANDSHAKE_TRAFFIC_SECRET', clientRandom, secret: clientSecret },
    { kind: 'secret', label: 'SERVER_HANDSHAKE_TRAFFIC_SECRET', clientRandom, secret: serverSecret },
    { kind: 'read-keys', suite, secret: serverSecret },
  ];
  // Early data has its own keys until it ends.
  if (!hasEarlyData || isRetried) {
    if (isMiddleboxCompatible && !isRetried) effects.push({ kind: 'change-cipher-spec' });
    effects.push({ kind: 'write-keys', suite, secret: clientSecret });
  }
  return {
    state: {
      kind: 'WaitEncryptedExtensions',
      suite,
      group: share.group,
      transcript,
      schedule,
      clientSecret,
      serverSecret,
      clientRandom,
      isRetried,
      hasEarlyData,
      offeredTypes: hello.message.extensionTypes,
      resumed: offer?.session,
    },
    effects,
  };
}

function ownShareFor({ shares }: SentHello, { keyShare }: ServerHello): OwnShare | TlsFailure {
  // A PSK alone, without fresh keys, was not offered (§4.2.9).
  if (keyShare === undefined) return failure('missing-extension', 'key_share');
  const share = shares.find(({ group }) => groupCode(group) === keyShare.group);
  return share ?? failure('illegal-value', 'a key share in a group that was not offered');
}

// What the server adds, and who it is.

function receiveEncryptedExtensions(
  { alpn: offered }: ClientContext,
  state: WaitEncryptedExtensions,
  message: Incoming<EncryptedExtensions>,
): ClientStep {
  const { offeredTypes, resumed, hasEarlyData, isRetried, suite, transcript, clientSecret } = state;
  const stranger = message.extensionTypes.find((type) => !offeredTypes.includes(type));
  if (stranger !== undefined) return failure('unasked-extension', `type ${stranger}`);
  const { alpn } = message;
  if (alpn !== undefined && !offered.includes(alpn)) return failure('illegal-value', `protocol ${alpn}, not offered`);
  const takesEarlyData = message.earlyData === true;
  if (takesEarlyData && !isFitForEarlyData(state, alpn)) {
    return failure('illegal-value', 'early data taken that was not sent for this');
  }
  transcript.add(message.bytes);
  const effects: Effect[] = [];
  if (hasEarlyData && !isRetried && !takesEarlyData) effects.push({ kind: 'write-keys', suite, secret: clientSecret });
  const agreement: ClientAgreement = { ...handshakeOf(state), alpn, takesEarlyData };
  return resumed === undefined
    ? { state: { ...agreement, kind: 'WaitCertificateOrRequest' }, effects }
    : {
        state: {
          ...agreement,
          kind: 'WaitFinished',
          request: undefined,
          server: provenBefore(resumed),
          isResumed: true,
        },
        effects,
      };
}

// §4.2.10: with the same suite and protocol as the session had, or not at all.
const isFitForEarlyData = (
  { resumed, hasEarlyData, isRetried, suite }: WaitEncryptedExtensions,
  alpn?: string,
): boolean => hasEarlyData && !isRetried && resumed?.cipherSuite === suite.name && resumed.alpn === alpn;

// Without what the state alone had: each state carries only what exists in it.
function handshakeOf(state: ClientHandshake): ClientHandshake {
  const { suite, group, transcript, schedule, clientSecret, serverSecret, clientRandom } = state;
  const { isRetried, hasEarlyData, offeredTypes } = state;
  return {
    suite,
    group,
    transcript,
    schedule,
    clientSecret,
    serverSecret,
    clientRandom,
    isRetried,
    hasEarlyData,
    offeredTypes,
  };
}

const agreementOf = (state: ClientAgreement): ClientAgreement => {
  return { ...handshakeOf(state), alpn: state.alpn, takesEarlyData: state.takesEarlyData };
};

function receiveCertificateRequest(state: WaitCertificateOrRequest, message: Incoming<CertificateRequest>): ClientStep {
  // §4.3.2: the context is for requests after the handshake.
  if (message.context.length > 0) return failure('illegal-value', 'a context in a request of the handshake');
  if (message.signatureAlgorithms === undefined) return failure('missing-extension', 'signature_algorithms');
  state.transcript.add(message.bytes);
  return { state: { ...agreementOf(state), kind: 'WaitCertificate', request: message }, effects: [] };
}

function receiveCertificate(
  { provider, options }: ClientContext,
  state: WaitCertificateOrRequest | WaitCertificate,
  message: Incoming<CertificateMessage>,
  request: CertificateRequest | undefined,
  now: number,
): ClientStep {
  if (message.context.length > 0) return failure('illegal-value', "a context in the server's Certificate");
  const stranger = message.entries
    .flatMap(({ extensionTypes }) => extensionTypes)
    .find((type) => !state.offeredTypes.includes(type));
  if (stranger !== undefined) return failure('unasked-extension', `type ${stranger}`);
  const { config, serverName } = options;
  const trusted = judgeCertificates(message.entries, {
    provider,
    trust: config.acceptsAnyCertificate === true ? undefined : config.trust,
    revocationLists: config.revocationLists,
    now,
    signatory: 'server',
    name: serverName,
  });
  if (isFailure(trusted)) return trusted;
  state.transcript.add(message.bytes);
  return { state: { ...agreementOf(state), kind: 'WaitCertificateVerify', request, trusted }, effects: [] };
}

function receiveCertificateVerify(
  { provider, schemes }: ClientContext,
  state: WaitCertificateVerify,
  message: Incoming<CertificateVerify>,
): ClientStep {
  const { transcript, request, trusted } = state;
  const server = provePossession(trusted, message, transcript.hash(), 'server', provider, schemes);
  if (isFailure(server)) return server;
  transcript.add(message.bytes);
  return { state: { ...agreementOf(state), kind: 'WaitFinished', request, server, isResumed: false }, effects: [] };
}

// The end of the handshake.

function receiveFinished(context: ClientContext, state: WaitFinished, message: Incoming<Finished>): ClientStep {
  const { provider, sentName } = context;
  const { suite, transcript, clientSecret, serverSecret, clientRandom, server, takesEarlyData } = state;
  const expected = finishedMac(provider, suite.hash, serverSecret, transcript.hash());
  if (message.verifyData.length !== expected.length) {
    return failure('malformed-message', `Finished of ${message.verifyData.length} bytes, not ${expected.length}`);
  }
  if (!bytesEqual(expected, message.verifyData))
    return failure('bad-finished', 'the server has seen another handshake');
  transcript.add(message.bytes);
  const main = state.schedule.intoMain();
  const transcriptHash = transcript.hash();
  const writeSecret = main.clientTrafficSecret(transcriptHash);
  const readSecret = main.serverTrafficSecret(transcriptHash);
  const exporterSecret = main.exporterSecret(transcriptHash);
  const effects: Effect[] = [
    { kind: 'secret', label: 'CLIENT_TRAFFIC_SECRET_0', clientRandom, secret: writeSecret },
    { kind: 'secret', label: 'SERVER_TRAFFIC_SECRET_0', clientRandom, secret: readSecret },
    { kind: 'secret', label: 'EXPORTER_SECRET', clientRandom, secret: exporterSecret },
    { kind: 'read-keys', suite, secret: readSecret },
  ];
  const send = (name: string, bytes: Uint8Array): void => {
    transcript.add(bytes);
    effects.push({ kind: 'send', name, bytes });
  };
  if (takesEarlyData) {
    send('EndOfEarlyData', writeHandshakeMessage({ kind: 'end-of-early-data' }));
    effects.push({ kind: 'write-keys', suite, secret: clientSecret });
  }
  if (state.request !== undefined) sendOwnCertificate(context, state.request, transcript, send);
  const verifyData = finishedMac(provider, suite.hash, clientSecret, transcript.hash());
  send('Finished', writeHandshakeMessage({ kind: 'finished', verifyData }));
  const facts: TlsFacts = {
    version: '1.3',
    cipherSuite: suite.name,
    group: state.group,
    peerSignatureScheme: server.scheme,
    serverName: sentName,
    alpn: state.alpn,
    isResumed: state.isResumed,
    isRetried: state.isRetried,
    earlyData: state.hasEarlyData ? (takesEarlyData ? 'accepted' : 'rejected') : 'not-offered',
    peerCertificates: server.certificates,
    path: server.path,
  };
  effects.push({ kind: 'write-keys', suite, secret: writeSecret }, { kind: 'open-for-writing' });
  effects.push({ kind: 'event', event: { kind: 'connected', facts } });
  const resumptionSecret = main.intoResumptionSecret(transcript.hash());
  return {
    state: { kind: 'ClientConnected', suite, readSecret, writeSecret, exporterSecret, resumptionSecret, facts },
    effects,
  };
}

type Send = (name: string, bytes: Uint8Array) => void;

// §4.4.2: a client that has no certificate that would do shows none, and the server decides.
function sendOwnCertificate(
  { options: { config }, random, signingSchemes }: ClientContext,
  request: CertificateRequest,
  transcript: Transcript,
  send: Send,
): void {
  const { identity } = config;
  const scheme = identity && schemeFor(identity, request, signingSchemes);
  const shown = scheme === undefined ? [] : (identity?.certificates ?? []);
  const entries = shown.map((certificate) => ({ certificate, extensionTypes: [] }));
  send('Certificate', writeHandshakeMessage({ kind: 'certificate', context: request.context, entries }));
  if (identity === undefined || scheme === undefined) return;
  const signature = possessionSignature(identity, scheme, transcript.hash(), 'client', random);
  const verify = { kind: 'certificate-verify', scheme: schemeCode(scheme), signature } as const;
  send('CertificateVerify', writeHandshakeMessage(verify));
}

const schemeFor = (
  { key }: TlsIdentity,
  { signatureAlgorithms = [] }: CertificateRequest,
  own: readonly SchemeName[],
): SchemeName | undefined => {
  const possible = schemesOfKey(key);
  return own.find((name) => possible.includes(name) && signatureAlgorithms.includes(schemeCode(name)));
};

// Afterwards.

function receiveTicket(
  { provider, options: { serverName } }: ClientContext,
  state: ClientConnected,
  message: Incoming<NewSessionTicket>,
  now: number,
): ClientStep {
  const { suite, resumptionSecret, facts } = state;
  // §4.6.1: a lifetime of zero says that it is to be thrown away.
  if (message.lifetime === 0 || message.ticket.length > MAX_TICKET_LENGTH) return { state, effects: [] };
  const session: ResumableSession = {
    ticket: message.ticket,
    secret: resumptionPsk(provider, suite.hash, resumptionSecret, message.nonce),
    cipherSuite: suite.name,
    serverName,
    alpn: facts.alpn,
    receivedAt: now,
    lifetime: Math.min(message.lifetime, MAX_TICKET_LIFETIME),
    ageAdd: message.ageAdd,
    maxEarlyData: message.maxEarlyDataSize ?? 0,
    peerCertificates: facts.peerCertificates,
  };
  return { state, effects: [{ kind: 'event', event: { kind: 'session', session } }] };
}
