// What a server chooses from a ClientHello (RFC 8446 §4.1.1, now 9846): suite, group, certificate, protocol, and whether to go on
// with an old session. Not here: the messages that say so (server_states.ts).

import { bytesEqual } from '../../core/bytes.ts';
import type { CryptoProvider, RandomSource } from '../crypto/provider.ts';
import { type Certificate, parseCertificate } from '../pki/certificate.ts';
import { isMalformed } from '../pki/der_reader.ts';
import { stillHolds } from './authentication.ts';
import { type CipherSuite, cipherSuiteNamed } from './cipher_suite.ts';
import type { TlsIdentity, TlsServerConfig } from './config.ts';
import { failure, type TlsFailure } from './failure.ts';
import { type ClientHello, ExtensionType, type KeyShareEntry, PskMode, TLS_1_3 } from './handshake_message.ts';
import { EarlySchedule, finishedMac } from './key_schedule.ts';
import { type GroupName, groupCode } from './named_group.ts';
import { bindersLength } from './psk_binders.ts';
import type { Settings } from './settings.ts';
import { type SchemeName, schemeCode, schemesOfKey } from './signature_scheme.ts';
import type { Incoming } from './step.ts';
import type { TicketContents } from './ticket_keeper.ts';

/** What a server connection knows from beginning to end. */
export interface ServerContext extends Settings {
  readonly config: TlsServerConfig;
  readonly provider: CryptoProvider;
  readonly random: RandomSource;
}

const SSL_3_0 = 0x0300;
/** Tickets that are looked at in one hello: each costs a decryption. */
const MAX_TICKETS_TRIED = 4;

/** What must be so before anything is chosen. */
export function checkHello(hello: ClientHello): TlsFailure | undefined {
  // §D.5: who says SSL 3.0 there, or less, is turned away, whatever it says elsewhere.
  if (hello.legacyVersion <= SSL_3_0) return failure('no-common-version', 'the client speaks of SSL');
  if (hello.supportedVersions?.includes(TLS_1_3) !== true) {
    return failure('no-common-version', 'the client does not know TLS 1.3');
  }
  const { compressionMethods, preSharedKey } = hello;
  if (compressionMethods.length !== 1 || compressionMethods[0] !== 0) return failure('illegal-value', 'compression');
  // §9.2: what goes together.
  if (preSharedKey !== undefined && hello.pskModes === undefined) {
    return failure('missing-extension', 'psk_key_exchange_modes beside pre_shared_key');
  }
  if (preSharedKey === undefined && (hello.signatureAlgorithms === undefined || hello.supportedGroups === undefined)) {
    return failure('missing-extension', 'signature_algorithms and supported_groups, without a PSK');
  }
  if ((hello.supportedGroups === undefined) !== (hello.keyShares === undefined)) {
    return failure('missing-extension', 'supported_groups and key_share go together');
  }
  return undefined;
}

export function chooseSuite({ suites }: ServerContext, hello: ClientHello): CipherSuite | TlsFailure {
  const suite = suites.find(({ code }) => hello.cipherSuites.includes(code));
  return suite ?? failure('no-common-suite', hello.cipherSuites.map((code) => `0x${code.toString(16)}`).join(' '));
}

export interface GroupChoice {
  readonly group: GroupName;
  /** Undefined: the client must be asked for one, by a HelloRetryRequest. */
  readonly share: KeyShareEntry | undefined;
}

/** One for which there is a share already goes before one that costs another round trip. */
export function chooseGroup({ groups }: ServerContext, hello: ClientHello): GroupChoice | TlsFailure {
  const { supportedGroups = [], keyShares = [] } = hello;
  // §4.2.8: shares only in groups that it supports, and in their order; for others the server would have been free to ask.
  if (keyShares.some((share) => !supportedGroups.includes(share.group))) {
    return failure('illegal-value', 'a key share in a group that is not supported');
  }
  const common = groups.filter((name) => supportedGroups.includes(groupCode(name)));
  for (const group of common) {
    const share = keyShares.find((entry) => entry.group === groupCode(group));
    if (share !== undefined) return { group, share };
  }
  const [group] = common;
  return group === undefined ? failure('no-common-group', 'for the key agreement') : { group, share: undefined };
}

/** Undefined where the client does not care, or this server does not. RFC 7301 §3.2: none in common ends it. */
export function chooseProtocol({ alpn }: ServerContext, hello: ClientHello): string | undefined | TlsFailure {
  if (alpn.length === 0 || hello.alpn === undefined) return undefined;
  const offered = hello.alpn;
  return alpn.find((name) => offered.includes(name)) ?? failure('no-common-protocol', offered.join(', '));
}

export interface IdentityChoice {
  readonly identity: TlsIdentity;
  readonly scheme: SchemeName;
}

export function chooseIdentity(
  { config, signingSchemes }: ServerContext,
  hello: ClientHello,
): IdentityChoice | TlsFailure {
  const identity = config.identityOf(hello.serverName);
  if (identity === undefined) return failure('unrecognized-name', hello.serverName ?? 'the client names no server');
  const { signatureAlgorithms } = hello;
  if (signatureAlgorithms === undefined) return failure('missing-extension', 'signature_algorithms');
  const own = schemesOfKey(identity.key);
  const scheme = signingSchemes.find((name) => own.includes(name) && signatureAlgorithms.includes(schemeCode(name)));
  return scheme === undefined ? failure('no-common-signature-scheme', "of the server's key") : { identity, scheme };
}

/** A session that this server had, and the client proves to have had too. */
export interface ResumedSession {
  readonly index: number;
  readonly contents: TicketContents;
  readonly schedule: EarlySchedule;
  readonly binder: Uint8Array;
  /** When the client says this hello should come, in milliseconds since 1970. */
  readonly expectedArrival: number;
}

/**
 * Undefined: none of the tickets will do, and the handshake is a full one.
 * @param hashWith hash of all before this hello, and of the bytes given
 */
export function chooseSession(
  context: ServerContext,
  hello: Incoming<ClientHello>,
  suite: CipherSuite,
  hashWith: (bytes: Uint8Array) => Uint8Array,
  now: number,
): ResumedSession | undefined | TlsFailure {
  const { config, provider } = context;
  const { preSharedKey, pskModes = [] } = hello;
  if (preSharedKey === undefined || config.tickets === undefined) return undefined;
  if (!pskModes.includes(PskMode.PskWithDhe) || hello.keyShares === undefined) return undefined;
  const { identities, binders } = preSharedKey;
  for (const [index, { identity, obfuscatedTicketAge }] of identities.slice(0, MAX_TICKETS_TRIED).entries()) {
    const contents = config.tickets.open(identity, now);
    if (contents === undefined || !isFit(context, contents, hello, suite, now)) continue;
    const schedule = EarlySchedule.start(provider, suite.hash, contents.secret);
    const covered = hello.bytes.subarray(0, hello.bytes.length - bindersLength(preSharedKey));
    const expected = finishedMac(provider, suite.hash, schedule.binderKey(), hashWith(covered));
    const binder = binders[index] ?? new Uint8Array(0);
    // §4.2.11.2: a ticket of ours with a wrong binder is no misunderstanding.
    if (!bytesEqual(expected, binder)) return failure('bad-binder', 'of a ticket that is valid');
    const age = (obfuscatedTicketAge - contents.ageAdd + 0x1_0000_0000) % 0x1_0000_0000;
    return { index, contents, schedule, binder, expectedArrival: contents.issuedAt + age };
  }
  return undefined;
}

function isFit(
  { config, provider }: ServerContext,
  contents: TicketContents,
  hello: ClientHello,
  suite: CipherSuite,
  now: number,
): boolean {
  const { cipherSuite, serverName, clientCertificates } = contents;
  if (cipherSuiteNamed(cipherSuite).hash !== suite.hash || serverName !== hello.serverName) return false;
  if ((config.clientCertificates ?? 'not-asked') === 'not-asked') return true;
  // A client that had to show a certificate must have shown one that would still do.
  if (clientCertificates.length === 0) return config.clientCertificates === 'optional';
  const trust = config.acceptsAnyCertificate === true ? undefined : config.clientTrust;
  const judgement = { provider, trust, revocationLists: undefined, now, name: undefined };
  return stillHolds(certificatesIn(contents), { ...judgement, signatory: 'client' });
}

/** Of the client, as it showed them in the session that the ticket is of. */
export const certificatesIn = ({ clientCertificates }: TicketContents): readonly Certificate[] =>
  clientCertificates
    .map((bytes) => parseCertificate(bytes))
    .filter((certificate): certificate is Certificate => !isMalformed(certificate));

/** §4.2.10: with the first ticket, the same suite and protocol, once, and not too late. */
export function takesEarlyData(
  { config }: ServerContext,
  hello: ClientHello,
  session: ResumedSession | undefined,
  suite: CipherSuite,
  alpn: string | undefined,
  now: number,
): boolean {
  const { maxEarlyData = 0, replayDefence } = config;
  if (hello.earlyData !== true || session === undefined || maxEarlyData === 0 || replayDefence === undefined)
    return false;
  const { index, contents, binder, expectedArrival } = session;
  if (index !== 0 || contents.maxEarlyData === 0) return false;
  if (contents.cipherSuite !== suite.name || contents.alpn !== alpn) return false;
  return replayDefence.admit(binder, expectedArrival, now);
}

/** §4.1.2: what the second hello must not change. */
export function checkSecondHello(first: ClientHello, second: ClientHello, group: GroupName): TlsFailure | undefined {
  const isSame =
    bytesEqual(first.random, second.random) &&
    bytesEqual(first.legacySessionId, second.legacySessionId) &&
    sameNumbers(first.cipherSuites, second.cipherSuites) &&
    sameNumbers(lastingTypes(first), lastingTypes(second)) &&
    first.serverName === second.serverName;
  if (!isSame) return failure('illegal-value', 'a second hello that differs from the first');
  if (second.earlyData === true) return failure('illegal-value', 'early data after a HelloRetryRequest');
  const [share, ...others] = second.keyShares ?? [];
  const isAsked = share !== undefined && others.length === 0 && share.group === groupCode(group);
  return isAsked ? undefined : failure('illegal-value', 'a second hello without the share that was asked for');
}

/** §4.1.2: these may come or go; PSKs that do not go with the chosen suite may be taken back. */
const CHANGING: readonly number[] = [
  ExtensionType.Cookie,
  ExtensionType.EarlyData,
  ExtensionType.Padding,
  ExtensionType.PreSharedKey,
];

const lastingTypes = ({ extensionTypes }: ClientHello): readonly number[] =>
  extensionTypes.filter((type) => !CHANGING.includes(type));

const sameNumbers = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((value, i) => value === b[i]);
