// What the runner's flags mean for our engine's configuration. What the engine cannot be told is "unimplemented". Not here: the
// flags themselves (flags.ts).

import { readFileSync } from 'node:fs';
import { nodeCrypto } from '../../../src/secure/crypto/node.ts';
import type { RandomSource } from '../../../src/secure/crypto/provider.ts';
import { type Certificate, parseCertificate } from '../../../src/secure/pki/certificate.ts';
import { isMalformed } from '../../../src/secure/pki/der_reader.ts';
import { parsePem } from '../../../src/secure/pki/pem.ts';
import { importPrivateKey, parsePrivateKey } from '../../../src/secure/pki/private_key.ts';
import { TrustStore } from '../../../src/secure/pki/trust_store.ts';
import type { TlsClientConfig, TlsIdentity, TlsServerConfig } from '../../../src/secure/tls/config.ts';
import { TLS_1_3 } from '../../../src/secure/tls/handshake_message.ts';
import { type GroupName, groupNamed } from '../../../src/secure/tls/named_group.ts';
import { SingleUseWindow } from '../../../src/secure/tls/replay_defence.ts';
import { type SchemeName, schemeNamed } from '../../../src/secure/tls/signature_scheme.ts';
import { SealedTickets } from '../../../src/secure/tls/ticket_keeper.ts';
import type { Flags } from './flags.ts';

/** The engine cannot do what a test asks for. */
export class Unimplemented extends Error {}

/** What the runner expects of a server that takes early data. */
const MAX_EARLY_DATA = 14_336;
/** The preferences that the runner's tests are written for. */
const GROUPS: readonly GroupName[] = ['X25519MLKEM768', 'X25519', 'P-256', 'P-384'];

type Common = Omit<TlsClientConfig, 'trust'>;

export function clientConfig(flags: Flags): TlsClientConfig {
  const groups = groupsOf(flags, 'curves') ?? GROUPS;
  const identity = identityOf(flags);
  return {
    ...common(flags, groups, protocolsIn(flags.text('advertise-alpn') ?? '')),
    trust: new TrustStore(nodeCrypto),
    keyShares: groupsOf(flags, 'key-shares') ?? predictedShares(groups),
    hasGrease: flags.has('enable-grease'),
    ...(identity === undefined ? {} : { identity }),
  };
}

// One share of the newest kind, one of the kind that everybody has.
function predictedShares(groups: readonly GroupName[]): readonly GroupName[] {
  const isHybrid = (name: GroupName): boolean => name === 'X25519MLKEM768';
  const [first] = groups;
  if (first === undefined) return [];
  const second = groups.find((name) => isHybrid(name) !== isHybrid(first));
  return second === undefined ? [first] : [first, second];
}

/** With what all connections of a server share. */
export function serverConfig(flags: Flags, random: RandomSource): TlsServerConfig {
  const identity = identityOf(flags);
  if (identity === undefined) throw new Unimplemented('a server without a certificate');
  const isRequired = flags.has('require-any-client-certificate');
  const isAsked = isRequired || flags.has('verify-peer');
  const rejected = flags.has('reject-alpn') ? ['\0'] : [];
  const selected = flags.text('select-alpn');
  return {
    ...common(flags, groupsOf(flags, 'curves') ?? GROUPS, selected === undefined ? rejected : [selected]),
    identityOf: () => identity,
    clientCertificates: isRequired ? 'required' : isAsked ? 'optional' : 'not-asked',
    clientTrust: new TrustStore(nodeCrypto),
    ...(flags.has('no-ticket') ? {} : { tickets: new SealedTickets(nodeCrypto, random) }),
    ...(flags.has('enable-early-data') ? { maxEarlyData: MAX_EARLY_DATA, replayDefence: new SingleUseWindow() } : {}),
  };
}

function common(flags: Flags, groups: readonly GroupName[], alpn: readonly string[]): Common {
  const highest = flags.number('max-version') ?? TLS_1_3;
  if (highest < TLS_1_3 || (flags.number('expect-version') ?? TLS_1_3) < TLS_1_3)
    throw new Unimplemented('older versions');
  const [verified, signed] = [schemesOf(flags, 'verify-prefs'), schemesOf(flags, 'signing-prefs')];
  const fragment = flags.number('max-send-fragment');
  return {
    provider: nodeCrypto,
    groups,
    alpn,
    // The runner's certificates are not what it tests: its shims believe all of them.
    acceptsAnyCertificate: true,
    ...(verified === undefined ? {} : { signatureSchemes: verified }),
    ...(signed === undefined ? {} : { signingSchemes: signed }),
    ...(fragment === undefined ? {} : { maxRecordLength: fragment }),
  };
}

/** As they lie in the extension: each behind its length. */
function protocolsIn(list: string): readonly string[] {
  const [length] = [...list].map((character) => character.charCodeAt(0));
  return length === undefined ? [] : [list.slice(1, 1 + length), ...protocolsIn(list.slice(1 + length))];
}

const groupsOf = (flags: Flags, name: string): readonly GroupName[] | undefined =>
  flags.numbers(name)?.map((code) => groupNamed(code) ?? unimplemented(`group ${code}`));

const schemesOf = (flags: Flags, name: string): readonly SchemeName[] | undefined =>
  flags.numbers(name)?.map((code) => schemeNamed(code) ?? unimplemented(`signature scheme ${code}`));

function identityOf(flags: Flags): TlsIdentity | undefined {
  const [chain, keyFile] = [flags.text('cert-file'), flags.text('key-file')];
  if (chain === undefined || keyFile === undefined) return undefined;
  const material = parsePrivateKey(blocksIn(keyFile)[0] ?? unimplemented('a key file without a key'));
  const key = isMalformed(material) ? undefined : importPrivateKey(nodeCrypto, material);
  if (key === undefined) throw new Unimplemented('a key of this kind');
  return { key, certificates: blocksIn(chain) };
}

export const certificatesIn = (file: string | undefined): readonly Certificate[] =>
  file === undefined || file === ''
    ? []
    : blocksIn(file)
        .map((bytes) => parseCertificate(bytes))
        .filter((certificate): certificate is Certificate => !isMalformed(certificate));

const blocksIn = (file: string): readonly Uint8Array[] =>
  (parsePem(readFileSync(file, 'utf8')) ?? []).map(({ bytes }) => bytes);

function unimplemented(what: string): never {
  throw new Unimplemented(what);
}
