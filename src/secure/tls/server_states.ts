// The server's handshake (RFC 8446 §2, now 9846), one type for each message that is awaited:
//
//   WaitClientHello ──▶ (the whole flight up to Finished goes out) ──▶ WaitEndOfEarlyData ──┐
//        │    ▲                          │                                 early data taken │
//        ▼    │                          ├──────────────────────────────────────────────────┤
//   WaitSecondClientHello                ▼                                                  ▼
//   (after HelloRetryRequest)   WaitClientCertificate ──▶ WaitClientCertificateVerify ──▶ WaitClientFinished ──▶ ServerConnected
//
// No state is one of the client's: a role cannot be mistaken for the other. Not here: what is chosen from a hello
// (server_negotiation.ts), bytes and records (connection.ts).

import { bytesEqual } from '../../core/bytes.ts';
import { emitName } from '../pki/distinguished_name.ts';
import {
  type AnonymousClient,
  type AuthenticatedPeer,
  judgeCertificates,
  possessionSignature,
  provenBefore,
  provePossession,
  type TrustedCertificate,
} from './authentication.ts';
import type { CipherSuite } from './cipher_suite.ts';
import type { ClientCertificatePolicy } from './config.ts';
import { type ConnectedSecrets, receiveKeyUpdate } from './connected.ts';
import { failure, isFailure, type TlsFailure } from './failure.ts';
import {
  type CertificateMessage,
  type CertificateVerify,
  type ClientHello,
  type EndOfEarlyData,
  ExtensionType,
  type Finished,
  type HandshakeMessage,
  type KeyShareEntry,
  type MessageKind,
  TLS_1_2,
  TLS_1_3,
} from './handshake_message.ts';
import { writeHandshakeMessage } from './handshake_writer.ts';
import { EarlySchedule, finishedMac, type MainSchedule, resumptionPsk } from './key_schedule.ts';
import { answerShare, type GroupName, groupCode } from './named_group.ts';
import { MAX_PLAINTEXT } from './record.ts';
import {
  certificatesIn,
  checkHello,
  checkSecondHello,
  chooseGroup,
  chooseIdentity,
  chooseProtocol,
  chooseSession,
  chooseSuite,
  type IdentityChoice,
  type ResumedSession,
  type ServerContext,
  takesEarlyData,
} from './server_negotiation.ts';
import { isForHandshakes, schemeCode } from './signature_scheme.ts';
import type { Effect, Incoming, Step } from './step.ts';
import type { TlsFacts } from './tls_event.ts';
import { Transcript } from './transcript.ts';

export interface WaitClientHello {
  readonly kind: 'WaitClientHello';
}

export interface WaitSecondClientHello {
  readonly kind: 'WaitSecondClientHello';
  readonly first: ClientHello;
  readonly suite: CipherSuite;
  readonly group: GroupName;
  readonly transcript: Transcript;
}

/** What is known once the server's flight is out. */
interface ServerHandshake {
  readonly suite: CipherSuite;
  readonly group: GroupName;
  readonly transcript: Transcript;
  readonly main: MainSchedule;
  readonly clientSecret: Uint8Array;
  /** Of application data. */
  readonly readSecret: Uint8Array;
  readonly writeSecret: Uint8Array;
  readonly exporterSecret: Uint8Array;
  readonly serverName: string | undefined;
  readonly alpn: string | undefined;
  readonly isRetried: boolean;
  readonly isResumed: boolean;
  readonly earlyData: TlsFacts['earlyData'];
  /** Whether the client knows how to use tickets. */
  readonly isForTickets: boolean;
}

export interface WaitEndOfEarlyData extends ServerHandshake {
  readonly kind: 'WaitEndOfEarlyData';
  readonly client: AuthenticatedPeer | AnonymousClient;
}

export interface WaitClientCertificate extends ServerHandshake {
  readonly kind: 'WaitClientCertificate';
  readonly policy: Exclude<ClientCertificatePolicy, 'not-asked'>;
}

export interface WaitClientCertificateVerify extends ServerHandshake {
  readonly kind: 'WaitClientCertificateVerify';
  readonly trusted: TrustedCertificate;
}

export interface WaitClientFinished extends ServerHandshake {
  readonly kind: 'WaitClientFinished';
  /** Proven to be somebody, or permitted to be nobody. */
  readonly client: AuthenticatedPeer | AnonymousClient;
}

export interface ServerConnected extends ConnectedSecrets {
  readonly kind: 'ServerConnected';
  readonly facts: TlsFacts;
}

export type ServerState =
  | WaitClientHello
  | WaitSecondClientHello
  | WaitEndOfEarlyData
  | WaitClientCertificate
  | WaitClientCertificateVerify
  | WaitClientFinished
  | ServerConnected;

/** The one table of what may come when. */
export const SERVER_AWAITS: { readonly [Kind in ServerState['kind']]: readonly MessageKind[] } = {
  WaitClientHello: ['client-hello'],
  WaitSecondClientHello: ['client-hello'],
  WaitEndOfEarlyData: ['end-of-early-data'],
  WaitClientCertificate: ['certificate'],
  WaitClientCertificateVerify: ['certificate-verify'],
  WaitClientFinished: ['finished'],
  ServerConnected: ['key-update'],
};

type ServerStep = Step<ServerState> | TlsFailure;

/** @param now milliseconds since 1970 */
export function serverStep(context: ServerContext, state: ServerState, message: Incoming, now: number): ServerStep {
  switch (state.kind) {
    case 'WaitClientHello':
      if (message.kind === 'client-hello') return receiveFirstHello(context, message, now);
      break;
    case 'WaitSecondClientHello':
      if (message.kind === 'client-hello') return receiveSecondHello(context, state, message, now);
      break;
    case 'WaitEndOfEarlyData':
      if (message.kind === 'end-of-early-data') return receiveEndOfEarlyData(state, message);
      break;
    case 'WaitClientCertificate':
      if (message.kind === 'certificate') return receiveCertificate(context, state, message, now);
      break;
    case 'WaitClientCertificateVerify':
      if (message.kind === 'certificate-verify') return receiveCertificateVerify(context, state, message);
      break;
    case 'WaitClientFinished':
      if (message.kind === 'finished') return receiveFinished(context, state, message, now);
      break;
    case 'ServerConnected':
      if (message.kind === 'key-update') return receiveKeyUpdate(context.provider, state, message);
      break;
  }
  return failure('unexpected-message', `${message.kind} in state ${state.kind}`);
}

// Hellos.

function receiveFirstHello(context: ServerContext, hello: Incoming<ClientHello>, now: number): ServerStep {
  const wrong = checkHello(hello);
  if (wrong !== undefined) return wrong;
  const suite = chooseSuite(context, hello);
  if (isFailure(suite)) return suite;
  const chosen = chooseGroup(context, hello);
  if (isFailure(chosen)) return chosen;
  const transcript = new Transcript(context.provider, suite.hash);
  const { group, share } = chosen;
  if (share !== undefined) {
    return answerHello(
      context,
      { hello, suite, group, share, transcript, isRetried: false, hasEarlyData: hello.earlyData === true },
      now,
    );
  }
  transcript.add(hello.bytes);
  return askAgain(context, hello, suite, group, transcript);
}

function askAgain(
  { isMiddleboxCompatible, config }: ServerContext,
  hello: Incoming<ClientHello>,
  suite: CipherSuite,
  group: GroupName,
  transcript: Transcript,
): ServerStep {
  const bytes = writeHandshakeMessage({
    kind: 'hello-retry-request',
    legacyVersion: TLS_1_2,
    legacySessionIdEcho: hello.legacySessionId,
    cipherSuite: suite.code,
    compressionMethod: 0,
    extensionTypes: [ExtensionType.SupportedVersions, ExtensionType.KeyShare],
    selectedVersion: TLS_1_3,
    selectedGroup: groupCode(group),
  });
  transcript.restartForRetry();
  transcript.add(bytes);
  const effects: Effect[] = [{ kind: 'send', name: 'HelloRetryRequest', bytes }];
  if (isMiddleboxCompatible && hello.legacySessionId.length > 0) effects.push({ kind: 'change-cipher-spec' });
  if (hello.earlyData === true) {
    effects.push({ kind: 'skip-early-data', until: 'hello', limit: skipLimit(config.maxEarlyData) });
  }
  return { state: { kind: 'WaitSecondClientHello', first: hello, suite, group, transcript }, effects };
}

// §4.2.10: what a server passes over has a limit too; tickets of another server's may have promised more than this one would.
const skipLimit = (maxEarlyData = 0): number => Math.max(maxEarlyData, MAX_PLAINTEXT);

function receiveSecondHello(
  context: ServerContext,
  { first, suite, group, transcript }: WaitSecondClientHello,
  hello: Incoming<ClientHello>,
  now: number,
): ServerStep {
  const wrong = checkHello(hello) ?? checkSecondHello(first, hello, group);
  if (wrong !== undefined) return wrong;
  const [share] = hello.keyShares ?? [];
  if (share === undefined) return failure('missing-extension', 'key_share');
  const hasEarlyData = first.earlyData === true;
  return answerHello(context, { hello, suite, group, share, transcript, isRetried: true, hasEarlyData }, now);
}

interface Answer {
  readonly hello: Incoming<ClientHello>;
  readonly suite: CipherSuite;
  readonly group: GroupName;
  readonly share: KeyShareEntry;
  /** Of what came before this hello. */
  readonly transcript: Transcript;
  readonly isRetried: boolean;
  /** Whether the client has sent any, with its first hello. */
  readonly hasEarlyData: boolean;
}

// The server's whole flight: from ServerHello to Finished.
function answerHello(context: ServerContext, answer: Answer, now: number): ServerStep {
  const { provider, random, config, isMiddleboxCompatible } = context;
  const { hello, suite, group, share, transcript, isRetried } = answer;
  const alpn = chooseProtocol(context, hello);
  if (typeof alpn === 'object') return alpn;
  const session = chooseSession(context, hello, suite, hashAfter(transcript), now);
  if (isFailure(session)) return session;
  const choice = session === undefined ? chooseIdentity(context, hello) : undefined;
  if (isFailure(choice)) return choice;
  const own = answerShare(provider, group, share.keyExchange, random);
  if (own === undefined) return failure('illegal-value', "the client's key share");
  const isEarly = !isRetried && takesEarlyData(context, hello, session, suite, alpn, now);

  transcript.add(hello.bytes);
  const clientRandom = hello.random;
  const early = session?.schedule ?? EarlySchedule.start(provider, suite.hash);
  const earlySecret = isEarly ? early.clientEarlyTrafficSecret(transcript.hash()) : undefined;
  const effects: Effect[] = [];
  const send = (name: string, message: HandshakeMessage): void => {
    const bytes = writeHandshakeMessage(message);
    transcript.add(bytes);
    effects.push({ kind: 'send', name, bytes });
  };
  const keyShare = { group: groupCode(group), keyExchange: own.keyExchange };
  send('ServerHello', serverHello(context, hello, suite, keyShare, session));
  if (isMiddleboxCompatible && hello.legacySessionId.length > 0 && !isRetried) {
    effects.push({ kind: 'change-cipher-spec' });
  }

  const schedule = early.intoHandshake(own.secret);
  const helloHash = transcript.hash();
  const clientSecret = schedule.clientTrafficSecret(helloHash);
  const serverSecret = schedule.serverTrafficSecret(helloHash);
  if (earlySecret !== undefined) {
    effects.push({ kind: 'secret', label: 'CLIENT_EARLY_TRAFFIC_SECRET', clientRandom, secret: earlySecret });
  }
  effects.push(
    { kind: 'secret', label: 'CLIENT_HANDSHAKE_TRAFFIC_SECRET', clientRandom, secret: clientSecret },
    { kind: 'secret', label: 'SERVER_HANDSHAKE_TRAFFIC_SECRET', clientRandom, secret: serverSecret },
    { kind: 'write-keys', suite, secret: serverSecret },
  );
  send('EncryptedExtensions', encryptedExtensions(hello, alpn, session, isEarly));
  const policy = session === undefined ? (config.clientCertificates ?? 'not-asked') : 'not-asked';
  if (policy !== 'not-asked') send('CertificateRequest', certificateRequest(context));
  if (choice !== undefined) sendCertificate(context, choice, transcript, send);
  send('Finished', {
    kind: 'finished',
    verifyData: finishedMac(provider, suite.hash, serverSecret, transcript.hash()),
  });

  const main = schedule.intoMain();
  const finishedHash = transcript.hash();
  const handshake: ServerHandshake = {
    suite,
    group,
    transcript,
    main,
    clientSecret,
    readSecret: main.clientTrafficSecret(finishedHash),
    writeSecret: main.serverTrafficSecret(finishedHash),
    exporterSecret: main.exporterSecret(finishedHash),
    serverName: hello.serverName,
    alpn,
    isRetried,
    isResumed: session !== undefined,
    earlyData: isEarly ? 'accepted' : answer.hasEarlyData ? 'rejected' : 'not-offered',
    isForTickets: hello.pskModes?.includes(1) === true,
  };
  effects.push(
    { kind: 'secret', label: 'CLIENT_TRAFFIC_SECRET_0', clientRandom, secret: handshake.readSecret },
    { kind: 'secret', label: 'SERVER_TRAFFIC_SECRET_0', clientRandom, secret: handshake.writeSecret },
    { kind: 'secret', label: 'EXPORTER_SECRET', clientRandom, secret: handshake.exporterSecret },
    { kind: 'write-keys', suite, secret: handshake.writeSecret },
  );
  if (earlySecret !== undefined) {
    effects.push(
      { kind: 'read-keys', suite, secret: earlySecret },
      { kind: 'take-early-data', limit: config.maxEarlyData ?? 0 },
      // Nobody had to show a certificate just now, so that the answer may go out at once (§4.4.4).
      { kind: 'open-for-writing' },
    );
    return { state: { ...handshake, kind: 'WaitEndOfEarlyData', client: clientOf(session) }, effects };
  }
  effects.push({ kind: 'read-keys', suite, secret: clientSecret });
  if (hello.earlyData === true && !isRetried) {
    effects.push({ kind: 'skip-early-data', until: 'decrypted', limit: skipLimit(config.maxEarlyData) });
  }
  return policy === 'not-asked'
    ? { state: { ...handshake, kind: 'WaitClientFinished', client: clientOf(session) }, effects }
    : { state: { ...handshake, kind: 'WaitClientCertificate', policy }, effects };
}

const ANONYMOUS: AnonymousClient = { kind: 'anonymous' };

// Who it was in the session that is resumed.
function clientOf(session: ResumedSession | undefined): AuthenticatedPeer | AnonymousClient {
  const peerCertificates = session === undefined ? [] : certificatesIn(session.contents);
  return peerCertificates.length === 0 ? ANONYMOUS : provenBefore({ peerCertificates });
}

const hashAfter =
  (transcript: Transcript) =>
  (bytes: Uint8Array): Uint8Array => {
    const whole = transcript.copy();
    whole.add(bytes);
    return whole.hash();
  };

type Send = (name: string, message: HandshakeMessage) => void;

function serverHello(
  { random }: ServerContext,
  hello: ClientHello,
  suite: CipherSuite,
  keyShare: KeyShareEntry,
  session: ResumedSession | undefined,
): HandshakeMessage {
  const drawn = new Uint8Array(32);
  random.fill(drawn);
  const { SupportedVersions, KeyShare, PreSharedKey } = ExtensionType;
  return {
    kind: 'server-hello',
    legacyVersion: TLS_1_2,
    random: drawn,
    legacySessionIdEcho: hello.legacySessionId,
    cipherSuite: suite.code,
    compressionMethod: 0,
    extensionTypes: session === undefined ? [KeyShare, SupportedVersions] : [PreSharedKey, KeyShare, SupportedVersions],
    selectedVersion: TLS_1_3,
    keyShare,
    ...(session === undefined ? {} : { selectedIdentity: session.index }),
  };
}

function encryptedExtensions(
  hello: ClientHello,
  alpn: string | undefined,
  session: ResumedSession | undefined,
  isEarly: boolean,
): HandshakeMessage {
  // RFC 6066 §3: says that the name was used, and not where a session stands for it.
  const hasName = hello.serverName !== undefined && session === undefined;
  const types: number[] = [];
  if (hasName) types.push(ExtensionType.ServerName);
  if (alpn !== undefined) types.push(ExtensionType.ApplicationLayerProtocolNegotiation);
  if (isEarly) types.push(ExtensionType.EarlyData);
  return {
    kind: 'encrypted-extensions',
    extensionTypes: types,
    ...(hasName ? { serverName: true } : {}),
    ...(alpn === undefined ? {} : { alpn }),
    ...(isEarly ? { earlyData: true } : {}),
  };
}

function certificateRequest({ config: { clientTrust }, schemes }: ServerContext): HandshakeMessage {
  const { SignatureAlgorithms, CertificateAuthorities } = ExtensionType;
  const certificateAuthorities = (clientTrust?.list() ?? []).map(({ subject }) => emitName(subject));
  const hasAuthorities = certificateAuthorities.length > 0;
  return {
    kind: 'certificate-request',
    context: new Uint8Array(0),
    extensionTypes: hasAuthorities ? [SignatureAlgorithms, CertificateAuthorities] : [SignatureAlgorithms],
    signatureAlgorithms: schemes.map(schemeCode),
    ...(hasAuthorities ? { certificateAuthorities } : {}),
  };
}

function sendCertificate(
  { random }: ServerContext,
  { identity, scheme }: IdentityChoice,
  transcript: Transcript,
  send: Send,
): void {
  const entries = identity.certificates.map((certificate) => ({ certificate, extensionTypes: [] }));
  send('Certificate', { kind: 'certificate', context: new Uint8Array(0), entries });
  const signature = possessionSignature(identity, scheme, transcript.hash(), 'server', random);
  send('CertificateVerify', { kind: 'certificate-verify', scheme: schemeCode(scheme), signature });
}

// The client's flight.

function handshakeOf(state: ServerHandshake): ServerHandshake {
  const { suite, group, transcript, main, clientSecret, readSecret, writeSecret, exporterSecret } = state;
  const { serverName, alpn, isRetried, isResumed, earlyData, isForTickets } = state;
  return {
    suite,
    group,
    transcript,
    main,
    clientSecret,
    readSecret,
    writeSecret,
    exporterSecret,
    serverName,
    alpn,
    isRetried,
    isResumed,
    earlyData,
    isForTickets,
  };
}

function receiveEndOfEarlyData(state: WaitEndOfEarlyData, message: Incoming<EndOfEarlyData>): ServerStep {
  const { suite, clientSecret, transcript, client } = state;
  transcript.add(message.bytes);
  return {
    state: { ...handshakeOf(state), kind: 'WaitClientFinished', client },
    effects: [{ kind: 'read-keys', suite, secret: clientSecret }],
  };
}

function receiveCertificate(
  { provider, config }: ServerContext,
  state: WaitClientCertificate,
  message: Incoming<CertificateMessage>,
  now: number,
): ServerStep {
  if (message.context.length > 0) return failure('illegal-value', 'a context that was not in the request');
  const stranger = message.entries.flatMap(({ extensionTypes }) => extensionTypes)[0];
  if (stranger !== undefined) return failure('unasked-extension', `type ${stranger}`);
  if (message.entries.length === 0) {
    if (state.policy === 'required') return failure('certificate-required', 'the client shows none');
    state.transcript.add(message.bytes);
    return { state: { ...handshakeOf(state), kind: 'WaitClientFinished', client: ANONYMOUS }, effects: [] };
  }
  const trusted = judgeCertificates(message.entries, {
    provider,
    trust: config.acceptsAnyCertificate === true ? undefined : config.clientTrust,
    revocationLists: undefined,
    now,
    signatory: 'client',
    name: undefined,
  });
  if (isFailure(trusted)) return trusted;
  state.transcript.add(message.bytes);
  return { state: { ...handshakeOf(state), kind: 'WaitClientCertificateVerify', trusted }, effects: [] };
}

function receiveCertificateVerify(
  { provider, schemes }: ServerContext,
  state: WaitClientCertificateVerify,
  message: Incoming<CertificateVerify>,
): ServerStep {
  const { transcript, trusted } = state;
  const allowed = schemes.filter(isForHandshakes);
  const client = provePossession(trusted, message, transcript.hash(), 'client', provider, allowed);
  if (isFailure(client)) return client;
  transcript.add(message.bytes);
  return { state: { ...handshakeOf(state), kind: 'WaitClientFinished', client }, effects: [] };
}

function receiveFinished(
  context: ServerContext,
  state: WaitClientFinished,
  message: Incoming<Finished>,
  now: number,
): ServerStep {
  const { provider } = context;
  const { suite, transcript, clientSecret, readSecret, writeSecret, exporterSecret, client } = state;
  const expected = finishedMac(provider, suite.hash, clientSecret, transcript.hash());
  if (message.verifyData.length !== expected.length) {
    return failure('malformed-message', `Finished of ${message.verifyData.length} bytes, not ${expected.length}`);
  }
  if (!bytesEqual(expected, message.verifyData))
    return failure('bad-finished', 'the client has seen another handshake');
  transcript.add(message.bytes);
  const isKnown = 'certificates' in client;
  const facts: TlsFacts = {
    version: '1.3',
    cipherSuite: suite.name,
    group: state.group,
    peerSignatureScheme: isKnown ? client.scheme : undefined,
    serverName: state.serverName,
    alpn: state.alpn,
    isResumed: state.isResumed,
    isRetried: state.isRetried,
    earlyData: state.earlyData,
    peerCertificates: isKnown ? client.certificates : [],
    path: isKnown ? client.path : undefined,
  };
  const effects: Effect[] = [
    { kind: 'read-keys', suite, secret: readSecret },
    { kind: 'open-for-writing' },
    { kind: 'event', event: { kind: 'connected', facts } },
  ];
  const resumptionSecret = state.main.intoResumptionSecret(transcript.hash());
  if (state.isForTickets) effects.push(...tickets(context, suite, resumptionSecret, facts, now));
  return { state: { kind: 'ServerConnected', suite, readSecret, writeSecret, exporterSecret, facts }, effects };
}

/** Each has its own secret, by a nonce that is never used twice in a connection (§4.6.1). */
function tickets(
  { provider, config, random }: ServerContext,
  suite: CipherSuite,
  resumptionSecret: Uint8Array,
  facts: TlsFacts,
  now: number,
): readonly Effect[] {
  const { tickets: keeper, ticketCount = 1, maxEarlyData = 0, replayDefence } = config;
  if (keeper === undefined) return [];
  const earlyData = replayDefence === undefined ? 0 : maxEarlyData;
  return Array.from({ length: ticketCount }, (_, index): readonly Effect[] => {
    const nonce = Uint8Array.of(index);
    const drawn = new Uint8Array(4);
    random.fill(drawn);
    const ageAdd = new DataView(drawn.buffer).getUint32(0);
    const ticket = keeper.seal(
      {
        secret: resumptionPsk(provider, suite.hash, resumptionSecret, nonce),
        cipherSuite: suite.name,
        serverName: facts.serverName,
        alpn: facts.alpn,
        issuedAt: now,
        lifetime: keeper.lifetime,
        ageAdd,
        maxEarlyData: earlyData,
        clientCertificates: facts.peerCertificates.map(({ bytes }) => bytes),
      },
      now,
    );
    if (ticket === undefined) return [];
    const bytes = writeHandshakeMessage({
      kind: 'new-session-ticket',
      lifetime: keeper.lifetime,
      ageAdd,
      nonce,
      ticket,
      extensionTypes: earlyData > 0 ? [ExtensionType.EarlyData] : [],
      ...(earlyData > 0 ? { maxEarlyDataSize: earlyData } : {}),
    });
    return [{ kind: 'send', name: 'NewSessionTicket', bytes }];
  }).flat();
}
