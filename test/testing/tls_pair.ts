// Two ends of TLS with nothing between them: bytes go over whole, or as a test has it.

import { joinBytes, textOf } from '../../src/core/bytes.ts';
import { Random } from '../../src/core/random.ts';
import { nodeCrypto } from '../../src/secure/crypto/node.ts';
import type { CryptoProvider } from '../../src/secure/crypto/provider.ts';
import { CertificateAuthority, type Credentials } from '../../src/secure/pki/authority.ts';
import { TrustStore } from '../../src/secure/pki/trust_store.ts';
import type { TlsClientConfig, TlsClientOptions, TlsIdentity, TlsServerConfig } from '../../src/secure/tls/config.ts';
import { acceptTls, connectTls, type TlsConnection, type TlsEvent } from '../../src/secure/tls/connection.ts';
import { formatFailure } from '../../src/secure/tls/failure.ts';

/** 2026-03-01T12:00:00Z, in milliseconds and in seconds. */
export const NOON = 1_772_366_400_000;
const NOON_SECONDS = NOON / 1000;

export const SERVER_NAME = 'www.foo.test';

export const random = (label: string): Random => Random.fromSeed(1).fork(label);

export const root: CertificateAuthority = CertificateAuthority.root(nodeCrypto, random('root'), {
  name: 'Root',
  notBefore: NOON_SECONDS,
});

export const ca: CertificateAuthority = root.intermediate(random('CA'), { name: 'CA', notBefore: NOON_SECONDS });

export const identity = ({ key, chain }: Credentials): TlsIdentity => {
  return { key, certificates: chain.map(({ bytes }) => bytes) };
};

export const serverIdentity: TlsIdentity = identity(ca.issueServer({ names: [SERVER_NAME], notBefore: NOON_SECONDS }));

export const clientIdentity: TlsIdentity = identity(
  ca.issueServer({ names: ['alice.foo.test'], notBefore: NOON_SECONDS }),
);

export function clientConfig(
  changes: Partial<TlsClientConfig> = {},
  provider: CryptoProvider = nodeCrypto,
): TlsClientConfig {
  return { provider, trust: new TrustStore(provider, [root.certificate]), ...changes };
}

export function serverConfig(
  changes: Partial<TlsServerConfig> = {},
  provider: CryptoProvider = nodeCrypto,
): TlsServerConfig {
  return { provider, identityOf: () => serverIdentity, ...changes };
}

export interface TlsPair {
  readonly client: TlsConnection;
  readonly server: TlsConnection;
}

export function tlsPair(
  client: Partial<TlsClientConfig> = {},
  server: Partial<TlsServerConfig> = {},
  options: Partial<Omit<TlsClientOptions, 'config'>> = {},
): TlsPair {
  return {
    client: connectTls({
      config: clientConfig(client),
      random: random('client'),
      now: NOON,
      serverName: SERVER_NAME,
      ...options,
    }),
    server: acceptTls({ config: serverConfig(server), random: random('server') }),
  };
}

/** Everything that it has to say now. */
export function transmitted(from: TlsConnection): Uint8Array {
  const pieces: Uint8Array[] = [];
  for (let piece = from.pollTransmit(); piece !== undefined; piece = from.pollTransmit()) pieces.push(piece);
  return joinBytes(pieces);
}

/** Lets both talk until neither has anything to say; each piece cut into parts of `size` bytes. */
export function talk({ client, server }: TlsPair, now: number = NOON, size: number = Number.POSITIVE_INFINITY): void {
  for (let round = 0; round < 20; round++) {
    const toServer = transmitted(client);
    deliver(toServer, server, now, size);
    const toClient = transmitted(server);
    deliver(toClient, client, now, size);
    if (toServer.length === 0 && toClient.length === 0) return;
  }
}

export function deliver(
  bytes: Uint8Array,
  to: TlsConnection,
  now: number = NOON,
  size = Number.POSITIVE_INFINITY,
): void {
  if (size >= bytes.length) {
    if (bytes.length > 0) to.receive(bytes, now);
    return;
  }
  for (let at = 0; at < bytes.length; at += size) to.receive(bytes.slice(at, at + size), now);
}

export function eventsOf(connection: TlsConnection): TlsEvent[] {
  const events: TlsEvent[] = [];
  for (let event = connection.pollEvent(); event !== undefined; event = connection.pollEvent()) events.push(event);
  return events;
}

/** All that can be read now, as text. */
export function textFrom(connection: TlsConnection): string {
  const pieces: Uint8Array[] = [];
  for (let piece = connection.read(); piece !== undefined; piece = connection.read()) pieces.push(piece);
  return textOf(joinBytes(pieces));
}

/** What it ended with, for people. */
export const outcomeOf = ({ state, failure }: TlsConnection): string =>
  failure === undefined ? state : formatFailure(failure);
