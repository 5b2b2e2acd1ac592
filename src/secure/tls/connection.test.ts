import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  ca,
  clientIdentity,
  deliver,
  eventsOf,
  identity,
  NOON,
  outcomeOf,
  random,
  root,
  SERVER_NAME,
  serverIdentity,
  talk,
  textFrom,
  tlsPair,
  transmitted,
} from '../../../test/testing/tls_pair.ts';
import { hexOf, utf8 } from '../../core/bytes.ts';
import { EXAMPLE_RSA_2048 } from '../crypto/example_rsa_keys.ts';
import { nodeCrypto } from '../crypto/node.ts';
import { portableCrypto } from '../crypto/portable.ts';
import { CertificateAuthority } from '../pki/authority.ts';
import { dnsAltName } from '../pki/general_name.ts';
import { generateKey, importPrivateKey, type PrivateKey, publicKeyInfoOf } from '../pki/private_key.ts';
import { TrustStore } from '../pki/trust_store.ts';
import { CIPHER_SUITES } from './cipher_suite.ts';
import type { TlsIdentity } from './config.ts';
import type { TlsConnection, TlsFacts } from './connection.ts';
import { GROUPS } from './named_group.ts';
import { SingleUseWindow } from './replay_defence.ts';
import type { ResumableSession } from './session.ts';
import { schemesOfKey } from './signature_scheme.ts';
import { SealedTickets } from './ticket_keeper.ts';

const NOON_SECONDS = NOON / 1000;
const DAY = 86_400_000;

function factsOf(connection: TlsConnection): TlsFacts {
  assert.ok(connection.facts !== undefined, outcomeOf(connection));
  return connection.facts;
}

function exchange(client: TlsConnection, server: TlsConnection, now: number = NOON): void {
  client.write(utf8('ping'));
  talk({ client, server }, now);
  assert.equal(textFrom(server), 'ping');
  server.write(utf8('pong'));
  talk({ client, server }, now);
  assert.equal(textFrom(client), 'pong');
}

for (const provider of [nodeCrypto, portableCrypto]) {
  for (const { name: suite } of CIPHER_SUITES) {
    test(`${provider.name}: both ends agree on ${suite}, and data goes both ways`, () => {
      const { client, server } = tlsPair({ provider, cipherSuites: [suite] }, { provider });
      talk({ client, server });
      assert.equal(factsOf(client).cipherSuite, suite);
      assert.equal(factsOf(server).cipherSuite, suite);
      exchange(client, server);
    });
  }
  for (const group of GROUPS) {
    test(`${provider.name}: both ends agree on ${group}, at once and after being asked again`, () => {
      const { client, server } = tlsPair({ provider, groups: [group] }, { provider });
      talk({ client, server });
      assert.deepEqual([factsOf(client).group, factsOf(client).isRetried], [group, false]);
      exchange(client, server);
      const other = group === 'P-256' ? 'P-384' : 'P-256';
      const again = tlsPair({ provider, groups: [other, group] }, { provider, groups: [group] });
      talk(again);
      assert.deepEqual([factsOf(again.client).group, factsOf(again.server).isRetried], [group, true]);
      exchange(again.client, again.server);
    });
  }
}

test('the same seed gives the same bytes, with either provider', () => {
  const bytes = [nodeCrypto, portableCrypto].map((provider) => {
    const { client, server } = tlsPair({ provider }, { provider });
    const wire: string[] = [];
    for (let i = 0; i < 4; i++) {
      const toServer = transmitted(client);
      deliver(toServer, server);
      const toClient = transmitted(server);
      deliver(toClient, client);
      wire.push(hexOf(toServer), hexOf(toClient));
      if (client.isOpenForWriting && i === 2) client.write(utf8('hello'));
    }
    return wire;
  });
  assert.deepEqual(bytes[0], bytes[1]);
});

test('a handshake in one byte a piece, with records of one byte, is the same handshake', () => {
  const pair = tlsPair({ maxRecordLength: 1 }, { maxRecordLength: 1 });
  talk(pair, NOON, 1);
  exchange(pair.client, pair.server);
});

test('a hello of a hybrid group that comes in several segments is one hello', () => {
  const pair = tlsPair({ groups: ['X25519MLKEM768'] });
  talk(pair, NOON, 500);
  assert.equal(factsOf(pair.server).group, 'X25519MLKEM768');
});

test('a hello with reserved values in it is answered as one without', () => {
  const pair = tlsPair({ hasGrease: true });
  talk(pair);
  exchange(pair.client, pair.server);
});

test('without middlebox compatibility there is no session identifier and no ChangeCipherSpec', () => {
  const changeCipherSpec = '140303000101';
  for (const isMiddleboxCompatible of [true, false]) {
    const { client, server } = tlsPair({ isMiddleboxCompatible });
    const hello = transmitted(client);
    assert.equal(hello[43], isMiddleboxCompatible ? 32 : 0);
    deliver(hello, server);
    const flight = transmitted(server);
    deliver(flight, client);
    const finished = transmitted(client);
    assert.equal(hexOf(flight).includes(changeCipherSpec), isMiddleboxCompatible);
    assert.equal(hexOf(finished).startsWith(changeCipherSpec), isMiddleboxCompatible);
    deliver(finished, server);
    exchange(client, server);
  }
});

const keys: readonly (readonly [string, () => PrivateKey])[] = [
  ['P-256', () => generateKey(nodeCrypto, 'P-256', random('leaf'))],
  ['P-384', () => generateKey(nodeCrypto, 'P-384', random('leaf'))],
  ['Ed25519', () => generateKey(nodeCrypto, 'Ed25519', random('leaf'))],
  ['RSA', () => rsaKey()],
];

function rsaKey(): PrivateKey {
  const key = importPrivateKey(nodeCrypto, { kind: 'rsa', numbers: EXAMPLE_RSA_2048 });
  assert.ok(key !== undefined);
  return key;
}

function identityWith(key: PrivateKey): TlsIdentity {
  const certificate = ca.issue([dnsAltName(SERVER_NAME)], publicKeyInfoOf(key), { notBefore: NOON_SECONDS });
  return { key, certificates: [certificate.bytes, ca.certificate.bytes] };
}

for (const [name, make] of keys) {
  test(`a server with a key of ${name} signs with each scheme that the key has, for either end`, () => {
    const identityOfKey = identityWith(make());
    for (const scheme of schemesOfKey(identityOfKey.key)) {
      const pair = tlsPair(
        { signatureSchemes: [scheme], identity: identityOfKey },
        {
          identityOf: () => identityOfKey,
          clientCertificates: 'required',
          clientTrust: new TrustStore(nodeCrypto, [root.certificate]),
        },
      );
      talk(pair);
      assert.equal(factsOf(pair.client).peerSignatureScheme, scheme);
      exchange(pair.client, pair.server);
    }
  });
}

// Resumption.

const tickets = () => new SealedTickets(nodeCrypto, random('tickets'));

function sessionOf(connection: TlsConnection): ResumableSession {
  const event = eventsOf(connection).find(({ kind }) => kind === 'session');
  assert.ok(event?.kind === 'session');
  return event.session;
}

test('a session is resumed without a certificate, and again without knowing the first one’s keys', () => {
  const keeper = tickets();
  const first = tlsPair({}, { tickets: keeper });
  talk(first);
  const session = sessionOf(first.client);
  const second = tlsPair({}, { tickets: keeper }, { session, random: random('second'), now: NOON + 1000 });
  talk(second, NOON + 1000);
  assert.equal(factsOf(second.client).isResumed, true);
  assert.equal(factsOf(second.server).isResumed, true);
  assert.equal(factsOf(second.client).peerCertificates.length, 2, 'the first one’s');
  exchange(second.client, second.server);
});

test('a ticket is not offered to another server, after its time, or when the certificate behind it has expired', () => {
  const keeper = tickets();
  const first = tlsPair({}, { tickets: keeper });
  talk(first);
  const session = sessionOf(first.client);
  const isOffered = (at: number, given: ResumableSession): boolean => {
    const { client } = tlsPair({}, {}, { session: given, now: at });
    return hexOf(transmitted(client)).includes(hexOf(session.ticket));
  };
  assert.equal(isOffered(NOON, session), true);
  assert.equal(isOffered(NOON + 8 * DAY, session), false);
  assert.equal(isOffered(NOON, { ...session, serverName: 'other.foo.test' }), false);
  assert.equal(isOffered(NOON + 100 * DAY, { ...session, receivedAt: NOON + 100 * DAY }), false);
});

test('a ticket that the server cannot read, or a hello asked for again, still ends in a connection', () => {
  const keeper = tickets();
  const first = tlsPair({}, { tickets: keeper });
  talk(first);
  const session = sessionOf(first.client);
  const forgotten = tlsPair({}, { tickets: new SealedTickets(nodeCrypto, random('x')) }, { session });
  talk(forgotten);
  assert.equal(factsOf(forgotten.server).isResumed, false);
  const retried = tlsPair({}, { tickets: keeper, groups: ['P-384'] }, { session });
  talk(retried);
  assert.deepEqual([factsOf(retried.server).isResumed, factsOf(retried.client).isRetried], [true, true]);
});

test('a binder that is not by who has the session is no misunderstanding', () => {
  const keeper = tickets();
  const first = tlsPair({}, { tickets: keeper });
  talk(first);
  const session = { ...sessionOf(first.client), secret: new Uint8Array(32) };
  const stolen = tlsPair({}, { tickets: keeper }, { session });
  talk(stolen);
  assert.equal(stolen.server.failure?.reason, 'bad-binder');
  assert.equal(stolen.client.failure?.alert, 'decrypt_error');
});

// Early data.

function withEarlyData() {
  const server = { tickets: tickets(), maxEarlyData: 1000, replayDefence: new SingleUseWindow() };
  const first = tlsPair({}, server);
  talk(first);
  const session = sessionOf(first.client);
  return { server, session, options: { session, earlyData: utf8('GET /'), now: NOON + 500 } };
}

test('early data arrives with the first flight, and is answered before the client has finished', () => {
  const { server, options } = withEarlyData();
  const pair = tlsPair({}, server, options);
  deliver(transmitted(pair.client), pair.server, NOON + 520);
  assert.equal(textFrom(pair.server), 'GET /');
  assert.ok(pair.server.isOpenForWriting);
  pair.server.write(utf8('200'));
  deliver(transmitted(pair.server), pair.client, NOON + 540);
  assert.equal(textFrom(pair.client), '200');
  talk(pair, NOON + 560);
  assert.equal(factsOf(pair.client).earlyData, 'accepted');
  exchange(pair.client, pair.server, NOON + 560);
});

test('early data that is sent a second time by whoever recorded it is not read', () => {
  const { server, options } = withEarlyData();
  const pair = tlsPair({}, server, options);
  const recorded = transmitted(pair.client);
  deliver(recorded, pair.server, NOON + 520);
  assert.equal(textFrom(pair.server), 'GET /');
  const { server: again } = tlsPair({}, server);
  deliver(recorded, again, NOON + 530);
  assert.equal(textFrom(again), '');
  assert.equal(again.failure, undefined, 'it waits for a Finished that the attacker cannot make');
  assert.equal(again.isOpenForWriting, false);
  const late = tlsPair({}, { ...server, replayDefence: new SingleUseWindow() });
  deliver(recorded, late.server, NOON + 60_000);
  assert.equal(textFrom(late.server), '', 'outside the window, though no server remembers it');
});

test('early data that is refused, or asked for again, does not stop the handshake', () => {
  const { server, options } = withEarlyData();
  for (const changes of [
    { maxEarlyData: 0 },
    { groups: ['P-384'] as const },
    { cipherSuites: ['TLS_CHACHA20_POLY1305_SHA256'] as const },
  ]) {
    const pair = tlsPair({}, { ...server, ...changes }, options);
    talk(pair, NOON + 520);
    assert.equal(factsOf(pair.client).earlyData, 'rejected');
    assert.equal(textFrom(pair.server), '');
    exchange(pair.client, pair.server, NOON + 520);
  }
});

// Who they are.

const expectedOutcomes: readonly (readonly [string, Parameters<typeof tlsPair>, string, string])[] = [
  [
    'an authority that the client does not trust',
    [{ trust: new TrustStore(nodeCrypto, []) }],
    'certificate-refused',
    'unknown_ca',
  ],
  ['another name', [{}, {}, { serverName: 'www.bar.test' }], 'certificate-refused', 'bad_certificate'],
  ['a name that the server does not have', [{}, { identityOf: () => undefined }], 'peer-alert', ''],
  ['no protocol in common', [{ alpn: ['h2'] }, { alpn: ['http/1.1'] }], 'peer-alert', ''],
  [
    'no suite in common',
    [{ cipherSuites: ['TLS_AES_128_GCM_SHA256'] }, { cipherSuites: ['TLS_AES_256_GCM_SHA384'] }],
    'peer-alert',
    '',
  ],
  ['no group in common', [{ groups: ['X25519'] }, { groups: ['P-256'] }], 'peer-alert', ''],
];

for (const [what, arguments_, reason, told] of expectedOutcomes) {
  test(`a connection with ${what} does not come about, and both know why`, () => {
    const pair = tlsPair(...arguments_);
    talk(pair);
    assert.equal(pair.client.failure?.reason, reason);
    if (told !== '') assert.equal(pair.server.failure?.alert, told);
    assert.equal(pair.client.isOpenForWriting, false);
    assert.equal(pair.server.isOpenForWriting, false);
  });
}

test('a certificate counts by the time that it is when it is shown', () => {
  const pair = tlsPair();
  talk(pair, NOON + 91 * DAY);
  assert.equal(pair.client.failure?.path?.rule, 'expired');
  assert.equal(pair.server.failure?.alert, 'certificate_expired');
});

test('who accepts any certificate still wants a signature by its key', () => {
  const stranger = CertificateAuthority.root(nodeCrypto, random('stranger'), { name: 'X', notBefore: NOON_SECONDS });
  const its = identity(stranger.issueServer({ names: [SERVER_NAME], notBefore: NOON_SECONDS }));
  const pair = tlsPair({ acceptsAnyCertificate: true }, { identityOf: () => its });
  talk(pair);
  exchange(pair.client, pair.server);
  const thief = { ...serverIdentity, key: generateKey(nodeCrypto, 'P-256', random('thief')) };
  const stolen = tlsPair({ acceptsAnyCertificate: true }, { identityOf: () => thief });
  talk(stolen);
  assert.equal(stolen.client.failure?.reason, 'bad-signature');
});

test('a client shows who it is where that is asked for', () => {
  const server = {
    clientCertificates: 'required',
    clientTrust: new TrustStore(nodeCrypto, [root.certificate]),
  } as const;
  const known = tlsPair({ identity: clientIdentity }, server);
  talk(known);
  assert.equal(factsOf(known.server).path?.certificates.length, 3);
  exchange(known.client, known.server);
  const unknown = tlsPair({}, server);
  talk(unknown);
  assert.equal(unknown.server.failure?.reason, 'certificate-required');
  const tolerated = tlsPair({}, { ...server, clientCertificates: 'optional' });
  talk(tolerated);
  assert.equal(factsOf(tolerated.server).peerCertificates.length, 0);
  exchange(tolerated.client, tolerated.server);
  const untrusted = tlsPair({ identity: clientIdentity }, { ...server, clientTrust: new TrustStore(nodeCrypto, []) });
  talk(untrusted);
  assert.equal(untrusted.server.failure?.reason, 'certificate-refused');
  assert.equal(untrusted.server.isOpenForWriting, false);
});

test('a client that was resumed is who it was', () => {
  const server = {
    clientCertificates: 'required',
    clientTrust: new TrustStore(nodeCrypto, [root.certificate]),
    tickets: tickets(),
  } as const;
  const first = tlsPair({ identity: clientIdentity }, server);
  talk(first);
  const session = sessionOf(first.client);
  const second = tlsPair({}, server, { session });
  talk(second);
  assert.equal(factsOf(second.server).isResumed, true);
  assert.equal(factsOf(second.server).peerCertificates.length, 2);
  const expired = tlsPair({}, { ...server, clientTrust: new TrustStore(nodeCrypto, []) }, { session });
  talk(expired);
  assert.equal(expired.server.failure?.reason, 'certificate-required', 'whom it trusts has changed since');
});

// What follows.

test('an application protocol is the server’s choice among the client’s', () => {
  const pair = tlsPair({ alpn: ['h2', 'http/1.1'] }, { alpn: ['http/1.1', 'h2'] });
  talk(pair);
  assert.equal(factsOf(pair.client).alpn, 'http/1.1');
  assert.equal(factsOf(pair.server).alpn, 'http/1.1');
});

test('keys are changed by either end, alone or together, and old ones open nothing', () => {
  const { client, server } = tlsPair();
  talk({ client, server });
  for (const isRequested of [false, true]) {
    client.updateKeys(isRequested);
    exchange(client, server);
    server.updateKeys(isRequested);
    exchange(client, server);
  }
  const updates = (of: TlsConnection) => eventsOf(of).filter(({ kind }) => kind === 'keys-updated').length;
  assert.deepEqual([updates(client), updates(server)], [6, 6]);
});

test('a peer that asks for new keys without end is not served without end', () => {
  const { client, server } = tlsPair();
  talk({ client, server });
  for (let i = 0; i < 40; i++) client.updateKeys(true);
  deliver(transmitted(client), server);
  assert.equal(server.failure?.reason, 'too-many-key-updates');
});

test('both ends export the same material, and another for another label', () => {
  const { client, server } = tlsPair();
  assert.throws(() => client.exportKeyingMaterial('EXPERIMENTAL', utf8('x'), 32), /handshake is done/);
  talk({ client, server });
  const material = (of: TlsConnection, label: string) => hexOf(of.exportKeyingMaterial(label, utf8('x'), 32));
  assert.equal(material(client, 'one'), material(server, 'one'));
  assert.notEqual(material(client, 'one'), material(client, 'other'));
});

test('an end that was said is an end; one that was not is a truncation', () => {
  const { client, server } = tlsPair();
  talk({ client, server });
  server.write(utf8('all'));
  server.close();
  assert.throws(() => server.write(utf8('more')), /closed/);
  talk({ client, server });
  assert.equal(textFrom(client), 'all');
  assert.ok(eventsOf(client).some(({ kind }) => kind === 'end'));
  client.write(utf8('but I go on'));
  talk({ client, server });
  assert.equal(textFrom(server), 'but I go on');
  client.receiveEnd();
  assert.equal(client.failure, undefined);
  server.receiveEnd();
  assert.equal(server.failure?.reason, 'truncated');
});

test('a bit that changed on the way ends the connection, and no byte of that record is read', () => {
  const { client, server } = tlsPair();
  talk({ client, server });
  client.write(utf8('pin=1234'));
  const record = transmitted(client);
  record[record.length - 1] = (record.at(-1) ?? 0) ^ 1;
  deliver(record, server);
  assert.equal(textFrom(server), '');
  assert.equal(server.failure?.reason, 'not-authentic');
  deliver(transmitted(server), client);
  assert.equal(client.failure?.alert, 'bad_record_mac');
});

test('a record that is sent a second time is not believed', () => {
  const { client, server } = tlsPair();
  talk({ client, server });
  client.write(utf8('once'));
  const record = transmitted(client);
  deliver(record, server);
  deliver(record, server);
  assert.equal(textFrom(server), 'once');
  assert.equal(server.failure?.reason, 'not-authentic');
});

test('a server that was made to answer in an older version says so, and the client hears it', () => {
  const { client } = tlsPair({ isMiddleboxCompatible: false });
  transmitted(client);
  // A ServerHello of TLS 1.2 with the sentinel at the end of its random value, no extensions.
  const hello = `0303${'11'.repeat(24)}444f574e47524401${'00'}${'1301'}${'00'}`;
  const message = `02${(hello.length / 2).toString(16).padStart(6, '0')}${hello}`;
  const record = `160303${(message.length / 2).toString(16).padStart(4, '0')}${message}`;
  deliver(
    Uint8Array.from(record.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16)),
    client,
  );
  assert.equal(client.failure?.reason, 'downgrade-sentinel');
});

test('secrets of both ends are the same, and are told before the records that they protect', () => {
  const { client, server } = tlsPair();
  talk({ client, server });
  const secrets = (of: TlsConnection) =>
    eventsOf(of)
      .flatMap((event) =>
        event.kind === 'secret' ? [`${event.label} ${hexOf(event.clientRandom)} ${hexOf(event.secret)}`] : [],
      )
      .sort();
  assert.deepEqual(secrets(client), secrets(server));
  assert.equal(secrets(client).length, 0, 'once');
});

test('a configuration that cannot be is refused with what is wrong', () => {
  assert.throws(() => tlsPair({ groups: [] }), /groups must not be empty/);
  assert.throws(() => tlsPair({ maxRecordLength: 0 }), /maxRecordLength/);
  assert.throws(() => tlsPair({ alpn: [''] }), /alpn/);
  assert.throws(() => tlsPair({}, { maxEarlyData: 1 }), /replayDefence/);
  assert.throws(() => tlsPair({}, { clientCertificates: 'optional' }), /clientTrust/);
  assert.throws(() => tlsPair({ groups: ['X25519'], keyShares: ['P-256'] }), /keyShares/);
  assert.throws(() => tlsPair({}, {}, { earlyData: utf8('x') }), /session/);
});
