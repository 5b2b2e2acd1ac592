// The client's hello, the first and the second, with what the client keeps of it (RFC 8446 §4.1.2). Not here: the answer to it
// (client_states.ts).

import { parseIpAddress } from '../../wire/address.ts';
import type { CryptoProvider, RandomSource } from '../crypto/provider.ts';
import { stillHolds } from './authentication.ts';
import { cipherSuiteNamed } from './cipher_suite.ts';
import type { TlsClientOptions } from './config.ts';
import { type ClientHello, ExtensionType, type KeyShareEntry, PskMode, TLS_1_2, TLS_1_3 } from './handshake_message.ts';
import { writeHandshakeMessage } from './handshake_writer.ts';
import { EarlySchedule, finishedMac } from './key_schedule.ts';
import { type GroupName, groupCode, makeShare, type OwnShare } from './named_group.ts';
import { bindersLength, withBinders } from './psk_binders.ts';
import { isFresh, type ResumableSession } from './session.ts';
import type { Settings } from './settings.ts';
import { schemeCode } from './signature_scheme.ts';

/** What a client connection knows from beginning to end. */
export interface ClientContext extends Settings {
  readonly options: TlsClientOptions;
  readonly provider: CryptoProvider;
  readonly random: RandomSource;
  /** The server's name as it is sent: an address is not. */
  readonly sentName: string | undefined;
}

/** A session that is offered, with the secrets that its key gives. */
export interface PskOffer {
  readonly session: ResumableSession;
  readonly schedule: EarlySchedule;
}

export interface SentHello {
  readonly message: ClientHello;
  readonly bytes: Uint8Array;
  readonly shares: readonly OwnShare[];
  readonly offer: PskOffer | undefined;
}

const RANDOM_LENGTH = 32;

/** RFC 6066 §3: no addresses, and no dot at the end. */
export const nameToSend = (serverName: string): string | undefined =>
  parseIpAddress(serverName.replace(/^\[(.*)\]$/, '$1')) === undefined ? serverName.replace(/\.$/, '') : undefined;

export function firstHello(context: ClientContext): SentHello {
  const { options, provider, random, isMiddleboxCompatible } = context;
  const session = usableSession(context);
  const offer = session && { session, schedule: EarlySchedule.start(provider, hashOf(session), session.secret) };
  const shares = groupsShared(context).map((group) => makeShare(provider, group, random));
  const hasEarlyData = offer !== undefined && hasEarlyDataFor(options, offer.session);
  const plain: ClientHello = {
    kind: 'client-hello',
    legacyVersion: TLS_1_2,
    random: drawn(random, RANDOM_LENGTH),
    legacySessionId: isMiddleboxCompatible ? drawn(random, RANDOM_LENGTH) : new Uint8Array(0),
    compressionMethods: [0],
    ...variableParts(context, shares, hasEarlyData, offer, undefined),
  };
  return { message: plain, bytes: writeWithBinder(context, plain, offer, undefined), shares, offer };
}

const hashOf = ({ cipherSuite }: ResumableSession): 'sha256' | 'sha384' =>
  cipherSuiteNamed(cipherSuite).hash === 'sha384' ? 'sha384' : 'sha256';

/** §4.2.10: for what the ticket permits, and the protocol that the session had. */
export const hasEarlyDataFor = (
  { earlyData, config }: TlsClientOptions,
  { maxEarlyData, alpn }: ResumableSession,
): boolean =>
  earlyData !== undefined &&
  maxEarlyData > 0 &&
  earlyData.length <= maxEarlyData &&
  (alpn === undefined || config.alpn?.includes(alpn) === true);

/** A session of another server, an old one, or one whose certificates have expired since is not offered. */
function usableSession(context: ClientContext): ResumableSession | undefined {
  const { session, now, serverName, config } = context.options;
  if (session === undefined || !isFresh(session, now) || session.serverName !== serverName) return undefined;
  if (!context.suites.some(({ name }) => name === session.cipherSuite)) return undefined;
  const holds = stillHolds(session.peerCertificates, {
    provider: context.provider,
    trust: config.acceptsAnyCertificate === true ? undefined : config.trust,
    revocationLists: config.revocationLists,
    now,
    signatory: 'server',
    name: serverName,
  });
  return holds ? session : undefined;
}

function groupsShared({ options: { config }, groups }: ClientContext): readonly GroupName[] {
  return config.keyShares ?? groups.slice(0, 1);
}

// Reserved for nobody (RFC 8701 §2): a peer that trips over these would trip over tomorrow's values too.
const GREASE: readonly number[] = [0x0a0a, 0x1a1a, 0x2a2a, 0x3a3a, 0x4a4a, 0x5a5a, 0x6a6a, 0x7a7a];

// The parts that a HelloRetryRequest may change, and those that follow from the configuration.
function variableParts(
  context: ClientContext,
  shares: readonly OwnShare[],
  hasEarlyData: boolean,
  offer: PskOffer | undefined,
  retry: Retry | undefined,
): Omit<ClientHello, 'kind' | 'legacyVersion' | 'random' | 'legacySessionId' | 'compressionMethods'> {
  const { options, suites, groups, schemes, alpn, sentName } = context;
  const cookie = retry?.cookie;
  const grease = options.config.hasGrease === true ? GREASE : [];
  const keyShares: KeyShareEntry[] = shares.map(({ group, keyExchange }) => ({ group: groupCode(group), keyExchange }));
  const greased = <T>(value: (grease: number) => T, index: number, values: readonly T[]): readonly T[] => {
    const code = grease[index];
    return code === undefined ? values : [value(code), ...values];
  };
  const plain = (code: number): number => code;
  const present: readonly (readonly [number, boolean])[] = [
    [grease[0] ?? 0, grease.length > 0],
    [ExtensionType.ServerName, sentName !== undefined],
    [ExtensionType.SupportedGroups, true],
    [ExtensionType.SignatureAlgorithms, true],
    [ExtensionType.ApplicationLayerProtocolNegotiation, alpn.length > 0],
    [ExtensionType.SupportedVersions, true],
    [ExtensionType.Cookie, cookie !== undefined],
    [ExtensionType.PskKeyExchangeModes, true],
    [ExtensionType.KeyShare, true],
    [grease[1] ?? 0, grease.length > 0],
    [ExtensionType.EarlyData, hasEarlyData],
    [ExtensionType.PreSharedKey, offer !== undefined],
  ];
  return {
    cipherSuites: greased(
      plain,
      2,
      suites.map(({ code }) => code),
    ),
    extensionTypes: present.filter(([, isThere]) => isThere).map(([type]) => type),
    ...(sentName === undefined ? {} : { serverName: sentName }),
    supportedGroups: greased(plain, 3, groups.map(groupCode)),
    signatureAlgorithms: greased(plain, 5, schemes.map(schemeCode)),
    ...(alpn.length === 0 ? {} : { alpn }),
    supportedVersions: greased(plain, 4, [TLS_1_3]),
    ...(cookie === undefined ? {} : { cookie }),
    // A server may send tickets only to a client that can use them (§4.2.9).
    pskModes: [PskMode.PskWithDhe],
    // §4.1.2: a second hello has one share, the one that was asked for.
    keyShares:
      retry === undefined ? greased((group) => ({ group, keyExchange: new Uint8Array(1) }), 3, keyShares) : keyShares,
    ...(hasEarlyData ? { earlyData: true } : {}),
    ...(offer === undefined ? {} : { preSharedKey: offeredPsk(context, offer.session) }),
  };
}

function offeredPsk(
  { options: { now } }: ClientContext,
  session: ResumableSession,
): NonNullable<ClientHello['preSharedKey']> {
  const obfuscatedTicketAge = (Math.max(0, Math.floor(now - session.receivedAt)) + session.ageAdd) % 0x1_0000_0000;
  const binder = new Uint8Array(hashOf(session) === 'sha384' ? 48 : 32);
  return { identities: [{ identity: session.ticket, obfuscatedTicketAge }], binders: [binder] };
}

/** What is needed for a hello that answers a HelloRetryRequest. */
export interface Retry {
  readonly group: GroupName | undefined;
  readonly cookie: Uint8Array | undefined;
  /** Whether the offered session goes with the suite that was chosen. */
  readonly keepsOffer: boolean;
  /** The hash of what came before, given bytes that follow. */
  hashWith(bytes: Uint8Array): Uint8Array;
}

/** RFC 8446 §4.1.2: the same, but for the share that was asked for, the cookie, no early data, and binders made anew. */
export function secondHello(context: ClientContext, first: SentHello, retry: Retry): SentHello {
  const { provider, random } = context;
  const shares = retry.group === undefined ? first.shares : [makeShare(provider, retry.group, random)];
  const offer = retry.keepsOffer ? first.offer : undefined;
  const { message } = first;
  const plain: ClientHello = {
    kind: 'client-hello',
    legacyVersion: TLS_1_2,
    random: message.random,
    legacySessionId: message.legacySessionId,
    compressionMethods: message.compressionMethods,
    ...variableParts(context, shares, false, offer, retry),
  };
  return { message: plain, bytes: writeWithBinder(context, plain, offer, retry), shares, offer };
}

// §4.2.11.2: the binder covers the hello up to the binders.
function writeWithBinder(
  { provider }: ClientContext,
  hello: ClientHello,
  offer: PskOffer | undefined,
  retry: Retry | undefined,
): Uint8Array {
  const bytes = writeHandshakeMessage(hello);
  if (offer === undefined || hello.preSharedKey === undefined) return bytes;
  const covered = bytes.subarray(0, bytes.length - bindersLength(hello.preSharedKey));
  const hash = hashOf(offer.session);
  const transcriptHash = retry === undefined ? provider.hash(hash, covered) : retry.hashWith(covered);
  return withBinders(bytes, [finishedMac(provider, hash, offer.schedule.binderKey(), transcriptHash)]);
}

function drawn(random: RandomSource, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  random.fill(bytes);
  return bytes;
}
