// Both roles against `node:tls`, which is OpenSSL: what two independent implementations agree on is likely the protocol.

import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import type { Duplex } from 'node:stream';
import { test } from 'node:test';
import type tls from 'node:tls';
import { hexOf, utf8 } from '../../src/core/bytes.ts';
import { EXAMPLE_RSA_2048 } from '../../src/secure/crypto/example_rsa_keys.ts';
import { nodeCrypto } from '../../src/secure/crypto/node.ts';
import { portableCrypto } from '../../src/secure/crypto/portable.ts';
import type { CryptoProvider } from '../../src/secure/crypto/provider.ts';
import { CertificateAuthority } from '../../src/secure/pki/authority.ts';
import { dnsAltName } from '../../src/secure/pki/general_name.ts';
import { generateKey, importPrivateKey, type PrivateKey, publicKeyInfoOf } from '../../src/secure/pki/private_key.ts';
import { TrustStore } from '../../src/secure/pki/trust_store.ts';
import { CIPHER_SUITES, type CipherSuiteName } from '../../src/secure/tls/cipher_suite.ts';
import type { TlsClientConfig, TlsClientOptions, TlsIdentity, TlsServerConfig } from '../../src/secure/tls/config.ts';
import { acceptTls, connectTls } from '../../src/secure/tls/connection.ts';
import { formatFailure } from '../../src/secure/tls/failure.ts';
import { keyLogLine } from '../../src/secure/tls/key_log.ts';
import { GROUPS, type GroupName } from '../../src/secure/tls/named_group.ts';
import type { ResumableSession } from '../../src/secure/tls/session.ts';
import { type SchemeName, schemesOfKey } from '../../src/secure/tls/signature_scheme.ts';
import { SealedTickets } from '../../src/secure/tls/ticket_keeper.ts';
import { certificatesPem, Driven, identityPem, nodeClient, nodeServer, readExactly } from '../testing/node_tls.ts';
import { identity, NOON, random, SERVER_NAME } from '../testing/tls_pair.ts';

const OPENSSL_GROUPS: Readonly<Record<GroupName, string>> = {
  X25519: 'X25519',
  'P-256': 'P-256',
  'P-384': 'P-384',
  X25519MLKEM768: 'X25519MLKEM768',
};

const OPENSSL_SCHEMES: Readonly<Partial<Record<SchemeName, string>>> = {
  ecdsa_secp256r1_sha256: 'ecdsa_secp256r1_sha256',
  ecdsa_secp384r1_sha384: 'ecdsa_secp384r1_sha384',
  ed25519: 'ed25519',
  rsa_pss_rsae_sha256: 'rsa_pss_rsae_sha256',
  rsa_pss_rsae_sha384: 'rsa_pss_rsae_sha384',
  rsa_pss_rsae_sha512: 'rsa_pss_rsae_sha512',
};

// Node judges by the clock of its machine, whatever that says.
const DAY = 86_400;
const CENTURY = 100 * 365 * DAY;
const root = CertificateAuthority.root(nodeCrypto, random('lasting root'), {
  name: 'Lasting',
  notBefore: NOON / 1000 - CENTURY / 4,
  lifetime: CENTURY,
});
const ca = root.intermediate(random('lasting CA'), {
  name: 'Lasting CA',
  notBefore: NOON / 1000 - CENTURY / 4,
  lifetime: CENTURY,
});
const issued = (name: string): TlsIdentity =>
  identity(ca.issueServer({ names: [name], notBefore: NOON / 1000 - CENTURY / 4, lifetime: CENTURY }));
const serverIdentity = issued(SERVER_NAME);
const clientIdentity = issued('alice.foo.test');

const CA = certificatesPem(root.certificate.bytes);
const TRUSTING: tls.ConnectionOptions = { ca: CA, servername: SERVER_NAME };

const clientConfig = (
  changes: Partial<TlsClientConfig> = {},
  provider: CryptoProvider = nodeCrypto,
): TlsClientConfig => {
  return { provider, trust: new TrustStore(provider, [root.certificate]), ...changes };
};

const serverConfig = (changes: Partial<TlsServerConfig>, provider: CryptoProvider): TlsServerConfig => {
  return { provider, identityOf: () => serverIdentity, ...changes };
};

interface OurClient {
  readonly config?: Partial<TlsClientConfig>;
  readonly options?: Partial<Omit<TlsClientOptions, 'config'>>;
  readonly provider?: CryptoProvider;
  readonly size?: number;
}

function ourClient(ours: Duplex, of: OurClient = {}): Driven {
  const connection = connectTls({
    config: clientConfig(of.config, of.provider),
    random: random('client'),
    now: NOON,
    serverName: SERVER_NAME,
    ...of.options,
  });
  return new Driven(connection, ours, of.size);
}

const ourServer = (
  ours: Duplex,
  config: Partial<TlsServerConfig> = {},
  provider: CryptoProvider = nodeCrypto,
): Driven => new Driven(acceptTls({ config: serverConfig(config, provider), random: random('server') }), ours);

/** Both say something, and what arrives is what was said. */
async function exchange(ours: Driven, node: tls.TLSSocket): Promise<void> {
  ours.write(utf8('from ours'));
  assert.equal(String(await readExactly(node, 9)), 'from ours');
  node.write('from node');
  assert.equal(String(await ours.received(9)), 'from node');
}

function assertConnected(ours: Driven, outcome: Error | undefined): void {
  const { failure } = ours.connection;
  assert.equal(failure === undefined ? '' : formatFailure(failure), '');
  assert.equal(outcome, undefined, String(outcome));
}

for (const provider of [nodeCrypto, portableCrypto]) {
  for (const { name: suite } of CIPHER_SUITES) {
    test(`${provider.name}: ${suite} with Node's server, and with Node's client`, async () => {
      const server = nodeServer({ ...identityPem(serverIdentity), ciphers: suite });
      const client = ourClient(server.ours, { provider });
      await client.connected();
      assertConnected(client, await server.outcome);
      assert.equal(client.connection.facts?.cipherSuite, suite);
      await exchange(client, server.socket);
      const theirs = nodeClient({ ...TRUSTING, ciphers: suite });
      const ours = ourServer(theirs.ours, {}, provider);
      await ours.connected();
      assertConnected(ours, await theirs.outcome);
      assert.equal(theirs.socket.getCipher().name, suite);
      assert.equal(theirs.socket.authorized, true);
      await exchange(ours, theirs.socket);
    });
  }

  for (const group of GROUPS) {
    test(`${provider.name}: ${group} with Node's server and client, at once and asked again`, async () => {
      for (const keyShares of [[group], [group === 'P-256' ? 'P-384' : 'P-256']] as const) {
        const server = nodeServer({ ...identityPem(serverIdentity), ecdhCurve: OPENSSL_GROUPS[group] });
        const client = ourClient(server.ours, { provider, config: { keyShares } });
        await client.connected();
        assertConnected(client, await server.outcome);
        assert.deepEqual(
          [client.connection.facts?.group, client.connection.facts?.isRetried],
          [group, keyShares[0] !== group],
        );
        await exchange(client, server.socket);
      }
      for (const curves of [OPENSSL_GROUPS[group], `P-521:${OPENSSL_GROUPS[group]}`]) {
        const theirs = nodeClient({ ...TRUSTING, ecdhCurve: curves });
        const ours = ourServer(theirs.ours, { groups: [group] }, provider);
        await ours.connected();
        assertConnected(ours, await theirs.outcome);
        assert.equal(ours.connection.facts?.group, group);
        await exchange(ours, theirs.socket);
      }
    });
  }
}

const keys: readonly (readonly [string, () => PrivateKey])[] = [
  ['P-256', () => generateKey(nodeCrypto, 'P-256', random('leaf'))],
  ['P-384', () => generateKey(nodeCrypto, 'P-384', random('leaf'))],
  ['Ed25519', () => generateKey(nodeCrypto, 'Ed25519', random('leaf'))],
  ['RSA', () => importPrivateKey(nodeCrypto, { kind: 'rsa', numbers: EXAMPLE_RSA_2048 }) ?? assert.fail()],
];

function identityWith(key: PrivateKey): TlsIdentity {
  const certificate = ca.issue([dnsAltName(SERVER_NAME)], publicKeyInfoOf(key), {
    notBefore: NOON / 1000 - CENTURY / 4,
    lifetime: CENTURY,
  });
  return { key, certificates: [certificate.bytes, ca.certificate.bytes] };
}

for (const [name, make] of keys) {
  test(`signatures by a key of ${name}, each of its schemes, by either end`, async () => {
    const identity = identityWith(make());
    for (const scheme of schemesOfKey(identity.key)) {
      const sigalgs = OPENSSL_SCHEMES[scheme];
      if (sigalgs === undefined) continue;
      const server = nodeServer({ ...identityPem(identity), sigalgs });
      const client = ourClient(server.ours);
      await client.connected();
      assertConnected(client, await server.outcome);
      assert.equal(client.connection.facts?.peerSignatureScheme, scheme);
      const theirs = nodeClient({ ...TRUSTING, sigalgs });
      const ours = ourServer(theirs.ours, { identityOf: () => identity, signatureSchemes: [scheme] });
      await ours.connected();
      assertConnected(ours, await theirs.outcome);
      await exchange(ours, theirs.socket);
    }
  });
}

test("a session of Node's server is resumed by our client, and one of ours by Node's", async () => {
  // One server of Node's for both connections, so that it knows its own tickets.
  const ticketKeys = Buffer.alloc(48, 7);
  const first = nodeServer({ ...identityPem(serverIdentity), ticketKeys });
  const client = ourClient(first.ours);
  await client.connected();
  await first.outcome;
  await client.until(() => client.events.some(({ kind }) => kind === 'session'));
  const event = client.events.find(({ kind }) => kind === 'session');
  const session: ResumableSession | undefined = event?.kind === 'session' ? event.session : undefined;
  assert.ok(session !== undefined);
  const second = nodeServer({ ...identityPem(serverIdentity), ticketKeys });
  const again = ourClient(second.ours, { options: { session } });
  await again.connected();
  assertConnected(again, await second.outcome);
  assert.equal(again.connection.facts?.isResumed, true);
  assert.equal(second.socket.isSessionReused(), true);
  await exchange(again, second.socket);

  const tickets = new SealedTickets(nodeCrypto, random('tickets'));
  const theirs = nodeClient(TRUSTING);
  const ours = ourServer(theirs.ours, { tickets });
  const given = new Promise<Buffer>((resolve) => theirs.socket.once('session', resolve));
  await ours.connected();
  assertConnected(ours, await theirs.outcome);
  await exchange(ours, theirs.socket);
  const resumed = nodeClient({ ...TRUSTING, session: await given });
  const oursAgain = ourServer(resumed.ours, { tickets });
  await oursAgain.connected();
  assertConnected(oursAgain, await resumed.outcome);
  assert.equal(resumed.socket.isSessionReused(), true);
  assert.equal(oursAgain.connection.facts?.isResumed, true);
  await exchange(oursAgain, resumed.socket);
});

test('client certificates: shown, missing and not trusted, in both directions', async () => {
  const asking = { requestCert: true, ca: CA, ...identityPem(serverIdentity) };
  const server = nodeServer({ ...asking, rejectUnauthorized: false });
  const client = ourClient(server.ours, { config: { identity: clientIdentity } });
  await client.connected();
  assertConnected(client, await server.outcome);
  assert.equal(server.socket.getPeerCertificate().subject.CN, 'alice.foo.test');

  const strict = nodeServer({ ...asking, rejectUnauthorized: true });
  const unknown = ourClient(strict.ours);
  await unknown.connected();
  await unknown.until(() => unknown.connection.failure !== undefined);
  // Node says nothing: it cuts the connection.
  assert.equal(unknown.connection.failure?.reason, 'truncated');

  const clientTrust = new TrustStore(nodeCrypto, [root.certificate]);
  const known = nodeClient({ ...TRUSTING, ...identityPem(clientIdentity) });
  const ours = ourServer(known.ours, { clientCertificates: 'required', clientTrust });
  await ours.connected();
  assertConnected(ours, await known.outcome);
  assert.equal(ours.connection.facts?.path?.certificates.length, 3);
  await exchange(ours, known.socket);

  for (const [mine, expected, alert] of [
    [{}, 'certificate-required', 'CERTIFICATE_REQUIRED'],
    [identityPem(clientIdentity), 'certificate-refused', 'UNKNOWN_CA'],
  ] as const) {
    const theirs = nodeClient({ ...TRUSTING, ...mine });
    const refused = new Promise<Error>((resolve) => theirs.socket.once('error', resolve));
    const trusted = expected === 'certificate-refused' ? new TrustStore(nodeCrypto, []) : clientTrust;
    const end = ourServer(theirs.ours, { clientCertificates: 'required', clientTrust: trusted });
    await end.until(() => false);
    assert.equal(end.connection.failure?.reason, expected);
    assert.match(((await refused) as NodeJS.ErrnoException).code ?? '', new RegExp(alert));
  }
});

test('application protocols and server names', async () => {
  const server = nodeServer({ ...identityPem(serverIdentity), ALPNProtocols: ['h2', 'http/1.1'] });
  const client = ourClient(server.ours, { config: { alpn: ['http/1.1'] } });
  await client.connected();
  assertConnected(client, await server.outcome);
  assert.equal(client.connection.facts?.alpn, 'http/1.1');
  assert.equal(server.socket.alpnProtocol, 'http/1.1');
  assert.equal((server.socket as tls.TLSSocket & { servername: string }).servername, SERVER_NAME);

  const none = nodeServer({ ...identityPem(serverIdentity), ALPNProtocols: ['h2'] });
  const refused = ourClient(none.ours, { config: { alpn: ['http/1.1'] } });
  await refused.until(() => false);
  assert.equal(refused.connection.failure?.alert, 'no_application_protocol');

  const theirs = nodeClient({ ...TRUSTING, ALPNProtocols: ['http/1.1', 'h2'] });
  const ours = ourServer(theirs.ours, { alpn: ['h2'] });
  await ours.connected();
  assertConnected(ours, await theirs.outcome);
  assert.equal(theirs.socket.alpnProtocol, 'h2');
  assert.equal(ours.connection.facts?.serverName, SERVER_NAME);
});

test('keys are changed on both sides of a connection, by ours asking', async () => {
  const server = nodeServer(identityPem(serverIdentity));
  const client = ourClient(server.ours);
  await client.connected();
  assertConnected(client, await server.outcome);
  for (const isRequested of [false, true, true]) {
    client.connection.updateKeys(isRequested);
    client.flush();
    await exchange(client, server.socket);
  }
  const theirs = nodeClient(TRUSTING);
  const ours = ourServer(theirs.ours);
  await ours.connected();
  assertConnected(ours, await theirs.outcome);
  ours.connection.updateKeys(true);
  ours.flush();
  await exchange(ours, theirs.socket);
  await exchange(ours, theirs.socket);
  const answered = ours.events.filter((event) => event.kind === 'keys-updated' && event.by === 'peer');
  assert.equal(answered.length, 1);
});

test('both ends export the same keying material, and log the same secrets', async () => {
  const server = nodeServer(identityPem(serverIdentity));
  const client = ourClient(server.ours);
  await client.connected();
  assertConnected(client, await server.outcome);
  const context = utf8('context');
  const theirs = server.socket.exportKeyingMaterial(32, 'EXPORTER-netarium', Buffer.from(context));
  assert.equal(hexOf(client.connection.exportKeyingMaterial('EXPORTER-netarium', context, 32)), theirs.toString('hex'));
  const lines = client.events.flatMap((event) =>
    event.kind === 'secret' ? [keyLogLine(event.label, event.clientRandom, event.secret)] : [],
  );
  const logged = server.keyLog.map((line) => String(line).trim().toLowerCase()).sort();
  assert.deepEqual(lines.map((line) => line.toLowerCase()).sort(), logged);
});

for (const size of [1, 1000, Number.POSITIVE_INFINITY]) {
  test(`a megabyte each way, handed over in pieces of ${size} bytes, records of every size`, async () => {
    const length = size === 1 ? 50_000 : 1_000_000;
    const data = Buffer.alloc(length, 'abcdefghijk');
    const server = nodeServer(identityPem(serverIdentity));
    const client = ourClient(server.ours, { size, config: { maxRecordLength: size === 1 ? 1 : 16_384 } });
    await client.connected();
    assertConnected(client, await server.outcome);
    const reading = readExactly(server.socket, length);
    for (let at = 0, step = 1; at < length; at += step, step = Math.min(step + 997, 40_000)) {
      client.write(data.subarray(at, at + step));
    }
    assert.ok(data.equals(await reading));
    server.socket.write(data);
    assert.ok(data.equals(await client.received(length)));
  });
}

test('an end that is said is heard on both sides; one that is not is a truncation', async () => {
  const server = nodeServer(identityPem(serverIdentity));
  const client = ourClient(server.ours);
  await client.connected();
  assertConnected(client, await server.outcome);
  server.socket.end('bye');
  assert.equal(String(await client.received(3)), 'bye');
  await client.until(() => client.events.some(({ kind }) => kind === 'end'));
  assert.equal(client.connection.failure, undefined);

  const theirs = nodeClient(TRUSTING);
  const ours = ourServer(theirs.ours);
  await ours.connected();
  assertConnected(ours, await theirs.outcome);
  const ended = new Promise<void>((resolve) => theirs.socket.once('end', () => resolve()));
  theirs.socket.resume();
  ours.close();
  await ended;

  const cut = nodeClient(TRUSTING);
  const left = ourServer(cut.ours);
  await left.connected();
  assertConnected(left, await cut.outcome);
  left.connection.receiveEnd();
  assert.equal(left.connection.failure?.reason, 'truncated');
});

test('certificates that our client refuses, and the alert that Node hears', async () => {
  const cases: readonly (readonly [OurClient, string, string])[] = [
    [{ options: { serverName: 'www.bar.test' } }, 'wrong-name', 'BAD_CERTIFICATE'],
    [{ config: { trust: new TrustStore(nodeCrypto, []) } }, 'unknown-issuer', 'UNKNOWN_CA'],
    [{}, 'expired', 'CERTIFICATE_EXPIRED'],
  ];
  const yesterday = { notBefore: NOON / 1000 - 2 * DAY, lifetime: DAY };
  const expired = identity(ca.issueServer({ names: [SERVER_NAME], ...yesterday }));
  for (const [of, rule, alert] of cases) {
    const server = nodeServer(identityPem(rule === 'expired' ? expired : serverIdentity));
    const client = ourClient(server.ours, of);
    await client.until(() => false);
    assert.equal(client.connection.failure?.path?.rule, rule);
    const error: NodeJS.ErrnoException | undefined = await server.outcome;
    assert.match(error?.code ?? '', new RegExp(alert));
  }
});

test("suites that are not in common end with an alert on Node's side, as on ours", async () => {
  const only: readonly CipherSuiteName[] = ['TLS_AES_256_GCM_SHA384'];
  const theirs = nodeClient({ ...TRUSTING, ciphers: 'TLS_AES_128_GCM_SHA256' });
  const ours = ourServer(theirs.ours, { cipherSuites: only });
  await ours.until(() => false);
  assert.equal(ours.connection.failure?.reason, 'no-common-suite');
  assert.match(((await theirs.outcome) as NodeJS.ErrnoException).code ?? '', /HANDSHAKE_FAILURE/);
});
