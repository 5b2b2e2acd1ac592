// RFC 8448, byte for byte: first every derivation and every record by itself, then whole connections. The client takes the
// server's records out of the trace and must send the client's; the server takes the client's hello and must send the
// ServerHello. What the server of the traces adds to EncryptedExtensions, ours does not, so the rest of its flight is checked
// record by record.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hexOf, joinBytes } from '../../src/core/bytes.ts';
import { Random } from '../../src/core/random.ts';
import { nodeCrypto } from '../../src/secure/crypto/node.ts';
import { portableCrypto } from '../../src/secure/crypto/portable.ts';
import type { CryptoProvider, RandomSource } from '../../src/secure/crypto/provider.ts';
import { TrustStore } from '../../src/secure/pki/trust_store.ts';
import { cipherSuiteNamed } from '../../src/secure/tls/cipher_suite.ts';
import type { ClientContext, PskOffer, SentHello } from '../../src/secure/tls/client_hello.ts';
import { type ClientState, clientStep } from '../../src/secure/tls/client_states.ts';
import { acceptTls, type TlsFacts } from '../../src/secure/tls/connection.ts';
import { formatFailure, isFailure, type TlsFailure } from '../../src/secure/tls/failure.ts';
import { HandshakeBuffer } from '../../src/secure/tls/handshake_buffer.ts';
import { readHandshakeMessage } from '../../src/secure/tls/handshake_reader.ts';
import type { Handshake } from '../../src/secure/tls/handshakes.ts';
import { EarlySchedule, expandLabel, trafficKeys } from '../../src/secure/tls/key_schedule.ts';
import { ContentType } from '../../src/secure/tls/record.ts';
import { RecordLayer } from '../../src/secure/tls/record_layer.ts';
import { RecordOpener, RecordSealer } from '../../src/secure/tls/record_protection.ts';
import type { ReplayDefence } from '../../src/secure/tls/replay_defence.ts';
import type { ServerContext } from '../../src/secure/tls/server_negotiation.ts';
import { type ServerState, serverStep } from '../../src/secure/tls/server_states.ts';
import type { ResumableSession } from '../../src/secure/tls/session.ts';
import { settingsOf } from '../../src/secure/tls/settings.ts';
import type { Effect, Incoming } from '../../src/secure/tls/step.ts';
import type { TicketKeeper } from '../../src/secure/tls/ticket_keeper.ts';
import { Transcript } from '../../src/secure/tls/transcript.ts';
import { eventsOf, serverConfig, transmitted } from '../testing/tls_pair.ts';
import { stepOf, stepsOf, TRACES } from './rfc8448.ts';

const SUITE = cipherSuiteNamed('TLS_AES_128_GCM_SHA256');
const EMPTY = new Uint8Array(0);
const PROVIDERS: readonly CryptoProvider[] = [nodeCrypto, portableCrypto];

const same = (actual: Uint8Array | undefined, expected: Uint8Array, what: string): void =>
  assert.equal(actual && hexOf(actual), hexOf(expected), what);

for (const provider of PROVIDERS) {
  for (const [section, title] of Object.entries(TRACES)) {
    const steps = stepsOf(Number(section));

    test(`RFC 8448 §${section}, ${title}, with ${provider.name}: every secret, key and MAC`, () => {
      let checked = 0;
      for (const { by, what, label, value } of steps) {
        const where = `${by} ${what}`;
        if (what.startsWith('create an ephemeral')) {
          const group = what.includes('P-256') ? 'P-256' : 'X25519';
          same(provider.agreement[group].importKey(value('private key')).publicKey, value('public key'), where);
        } else if (what.startsWith('extract secret')) {
          same(provider.hkdfExtract('sha256', value('salt'), value('IKM')), value('secret'), where);
        } else if (what.startsWith('derive secret') || what.startsWith('generate resumption')) {
          same(expandLabel(provider, 'sha256', value('PRK'), label, value('hash'), 32), value('expanded'), where);
        } else if (what.includes('traffic keys')) {
          const { key, iv } = trafficKeys(provider, SUITE, value('PRK'));
          same(key, value('key expanded'), where);
          same(iv, value('iv expanded'), where);
        } else if (what.startsWith('calculate finished')) {
          same(expandLabel(provider, 'sha256', value('PRK'), 'finished', EMPTY, 32), value('expanded'), where);
        } else continue;
        checked++;
      }
      assert.ok(checked >= 20, `${checked} of ${steps.length}`);
    });

    test(`RFC 8448 §${section}, ${title}, with ${provider.name}: every record sealed, and opened`, () => {
      const secrets = secretsOf(Number(section));
      const counts = { sealed: 0, clear: 0 };
      for (const by of ['client', 'server'] as const) {
        // The keys that it writes with, in the order in which it comes to use them.
        let sealer: RecordSealer | undefined;
        let opener: RecordOpener | undefined;
        for (const { what, by: who, value } of steps) {
          if (who !== by || !what.startsWith('send')) continue;
          const [type] = TYPES.find(([name]) => what.includes(name)) ?? assert.fail(what);
          const record = value('complete record');
          const payload = value('payload');
          if (record[0] !== ContentType.ApplicationData) {
            same(record.subarray(5), payload, what);
            counts.clear++;
            continue;
          }
          // The secret under which it opens is the one that it was sealed with.
          const opened = opener?.open(record.subarray(0, 5), record.subarray(5));
          if (opened === undefined || isFailure(opened)) {
            const secret = [...secrets.values()].find((each) => {
              const tried = new RecordOpener(provider, SUITE, each).open(record.subarray(0, 5), record.subarray(5));
              return !isFailure(tried);
            });
            assert.ok(secret !== undefined, `${by} ${what}: no secret of the trace opens it`);
            opener = new RecordOpener(provider, SUITE, secret);
            sealer = new RecordSealer(provider, SUITE, secret);
            const again = opener.open(record.subarray(0, 5), record.subarray(5));
            assert.ok(!isFailure(again));
            same(again.content, payload, what);
          } else same(opened.content, payload, what);
          same(sealer?.sealAll(typeOf(type), payload, 2 ** 14), record, `${by} ${what}`);
          counts.sealed++;
        }
      }
      assert.ok(counts.sealed >= 4 && counts.clear >= 2, JSON.stringify(counts));
    });
  }
}

const TYPES = [
  ['handshake', ContentType.Handshake],
  ['application_data', ContentType.ApplicationData],
  ['alert', ContentType.Alert],
  ['change_cipher_spec', ContentType.ChangeCipherSpec],
] as const;

const typeOf = (name: string): number => TYPES.find(([each]) => each === name)?.[1] ?? 0;

/** All traffic secrets that a trace derives. */
function secretsOf(section: number): ReadonlyMap<string, Uint8Array> {
  return new Map(
    stepsOf(section)
      .filter(({ what }) => what.startsWith('derive secret "tls13'))
      .map(({ value }) => [hexOf(value('expanded')), value('expanded')] as const),
  );
}

// Whole connections.

/** What the trace's client keeps of its hello. */
function tracedHello(provider: CryptoProvider, section: number, index = 0): SentHello {
  const bytes = stepOf(section, 'client', 'construct a ClientHello', index).value('ClientHello');
  const whole = section === 4 ? stepOf(4, 'client', 'send handshake record').value('payload') : bytes;
  const message = readHandshakeMessage(whole);
  assert.ok(!isFailure(message) && message.kind === 'client-hello');
  const { what, value } = stepOf(section, 'client', 'create an ephemeral', index);
  const group = what.includes('P-256') ? 'P-256' : 'X25519';
  const key = provider.agreement[group].importKey(value('private key'));
  const share = { group, keyExchange: key.publicKey, agree: (answer: Uint8Array) => key.agree(answer) } as const;
  return { message, bytes: whole, shares: [share], offer: section === 4 ? tracedOffer(provider) : undefined };
}

/** §4 resumes what §3 has left. */
function tracedOffer(provider: CryptoProvider): PskOffer {
  const ticket = readHandshakeMessage(stepOf(3, 'server', 'construct a NewSessionTicket').value('NewSessionTicket'));
  assert.ok(!isFailure(ticket) && ticket.kind === 'new-session-ticket');
  const secret = stepOf(3, 'server', 'generate resumption').value('expanded');
  const session: ResumableSession = {
    ticket: ticket.ticket,
    secret,
    cipherSuite: SUITE.name,
    serverName: 'server',
    alpn: undefined,
    receivedAt: 0,
    lifetime: ticket.lifetime,
    ageAdd: ticket.ageAdd,
    maxEarlyData: ticket.maxEarlyDataSize ?? 0,
    peerCertificates: [],
  };
  return { session, schedule: EarlySchedule.start(provider, 'sha256', secret) };
}

/** The client's states, with the hellos of the trace in the place of its own. */
class TracedClient implements Handshake {
  private readonly context: ClientContext;
  private readonly section: number;
  private state: ClientState;

  constructor(provider: CryptoProvider, section: number) {
    const config = {
      provider,
      trust: new TrustStore(provider),
      acceptsAnyCertificate: true,
      isMiddleboxCompatible: section === 7,
    };
    // Drawn for a second hello of its own, which gives way to the trace's.
    const random = Random.fromSeed(1);
    const options = { config, random, now: 0, serverName: 'server' };
    this.context = { ...settingsOf(config), options, provider, random, sentName: 'server' };
    this.section = section;
    this.state = { kind: 'WaitServerHello', hello: tracedHello(provider, section) };
  }

  get stateName(): string {
    return this.state.kind;
  }

  get isConnected(): boolean {
    return this.state.kind === 'ClientConnected';
  }

  get facts(): TlsFacts | undefined {
    return this.state.kind === 'ClientConnected' ? this.state.facts : undefined;
  }

  start(): readonly Effect[] {
    assert.ok(this.state.kind === 'WaitServerHello');
    const { bytes, message, offer } = this.state.hello;
    const hello: Effect = { kind: 'send', name: 'ClientHello', bytes };
    if (offer === undefined) return [hello];
    const secret = offer.schedule.clientEarlyTrafficSecret(this.context.provider.hash('sha256', bytes));
    return [
      hello,
      { kind: 'secret', label: 'CLIENT_EARLY_TRAFFIC_SECRET', clientRandom: message.random, secret },
      { kind: 'write-keys', suite: SUITE, secret },
      { kind: 'early-data', data: stepOf(4, 'client', 'send application_data').value('payload') },
    ];
  }

  receive(message: Incoming, now: number): readonly Effect[] | TlsFailure {
    const step = clientStep(this.context, this.state, message, now);
    if (isFailure(step)) return step;
    if (step.state.kind !== 'WaitSecondServerHello') {
      this.state = step.state;
      return step.effects;
    }
    const { provider } = this.context;
    const hello = tracedHello(provider, this.section, 1);
    const transcript = new Transcript(provider, 'sha256');
    transcript.add(tracedHello(provider, this.section).bytes);
    transcript.restartForRetry();
    transcript.add(message.bytes);
    transcript.add(hello.bytes);
    this.state = { ...step.state, hello, transcript };
    return [{ kind: 'send', name: 'ClientHello', bytes: hello.bytes }];
  }

  updateKeys(): readonly Effect[] {
    return [];
  }

  exportKeyingMaterial(): undefined {
    return undefined;
  }
}

const NO_RANDOM: RandomSource = {
  fill: () => assert.fail('a trace draws nothing'),
};

for (const provider of PROVIDERS) {
  for (const section of [3, 4, 5, 7]) {
    test(`RFC 8448 §${section}, with ${provider.name}: our client among the server's records sends the client's`, () => {
      const client = new RecordLayer('client', provider, new TracedClient(provider, section));
      const sent: Uint8Array[] = [];
      const expected: Uint8Array[] = [];
      const data: Uint8Array[] = [];
      for (const { by, what, value } of stepsOf(section)) {
        if (!what.startsWith('send')) continue;
        if (by === 'server') {
          client.receive(value('complete record'), 0);
          for (let piece = client.read(); piece !== undefined; piece = client.read()) data.push(piece);
          continue;
        }
        if (what.includes('application_data') && client.isOpenForWriting) client.write(value('payload'));
        if (what.includes('alert')) client.close();
        sent.push(transmitted(client));
        expected.push(value('complete record'));
      }
      assert.equal(client.failure, undefined);
      same(joinBytes(sent), joinBytes(expected), 'everything that the client sent');
      const fromServer = stepsOf(section).filter(
        ({ by, what }) => by === 'server' && what.includes('application_data'),
      );
      same(joinBytes(data), joinBytes(fromServer.map(({ value }) => value('payload'))), 'what its application read');
    });
  }

  for (const section of [3, 4, 6, 7]) {
    test(`RFC 8448 §${section}, with ${provider.name}: our server answers the client's hello as the server did`, () => {
      const serverHello = stepOf(section, 'server', 'construct a ServerHello').value('ServerHello');
      const draws = [
        stepOf(section, 'server', 'create an ephemeral').value('private key'),
        serverHello.subarray(6, 38),
      ];
      const random: RandomSource = {
        // What is drawn after these two is not in the trace: salts, for instance.
        fill: (out) => out.set((draws.shift() ?? new Uint8Array(out.length)).subarray(0, out.length)),
      };
      const { secret } = tracedOffer(provider).session;
      const tickets: TicketKeeper = {
        lifetime: 30,
        seal: () => assert.fail('no ticket'),
        open: () => ({
          secret,
          cipherSuite: SUITE.name,
          serverName: 'server',
          alpn: undefined,
          issuedAt: 0,
          lifetime: 30,
          ageAdd: 0,
          maxEarlyData: 1024,
          clientCertificates: [],
        }),
      };
      const replayDefence: ReplayDefence = { admit: () => true };
      const early = section === 4 ? { tickets, maxEarlyData: 1024, replayDefence } : {};
      const config = { ...serverConfig(early, provider), isMiddleboxCompatible: section === 7 };
      const server = acceptTls({ config, random });
      for (const { by, what, value } of stepsOf(section)) {
        if (by === 'client' && what.startsWith('send')) server.receive(value('complete record'), 0);
        if (what.startsWith('send') && by === 'server') break;
      }
      const answer = transmitted(server);
      const expected = stepsOf(section).filter(({ by, what }) => by === 'server' && what.startsWith('send'));
      const first = expected[0]?.value('complete record') ?? assert.fail();
      same(answer.subarray(0, first.length), first, 'ServerHello');
      if (section === 7) {
        const second = expected[1]?.value('complete record') ?? assert.fail();
        same(answer.subarray(first.length, first.length + second.length), second, 'ChangeCipherSpec');
      }
      const secrets = new Map(
        eventsOf(server).flatMap((event) => (event.kind === 'secret' ? [[event.label, event.secret]] : [])),
      );
      for (const [label, name] of [
        ['CLIENT_EARLY_TRAFFIC_SECRET', 'c e traffic'],
        ['CLIENT_HANDSHAKE_TRAFFIC_SECRET', 'c hs traffic'],
        ['SERVER_HANDSHAKE_TRAFFIC_SECRET', 's hs traffic'],
      ] as const) {
        const traced = stepsOf(section).find((step) => step.label === name);
        if (traced !== undefined) same(secrets.get(label), traced.value('expanded'), label);
      }
      if (section === 4)
        same(server.read(), stepOf(4, 'client', 'send application_data').value('payload'), 'early data');
    });
  }

  test(`RFC 8448 §6, with ${provider.name}: our server finds the client's certificate, signature and Finished good`, () => {
    const server = serverThatHasFinished(provider);
    const flight = stepOf(6, 'client', 'send handshake record', 1).value('payload');
    const buffer = new HandshakeBuffer();
    buffer.add(flight);
    let state: ServerState = server.state;
    for (let bytes = buffer.next(); bytes !== undefined && !isFailure(bytes); bytes = buffer.next()) {
      const message = readHandshakeMessage(bytes);
      assert.ok(!isFailure(message));
      const step = serverStep(server.context, state, { ...message, bytes }, 0);
      assert.ok(!isFailure(step), isFailure(step) ? formatFailure(step) : '');
      state = step.state;
    }
    assert.equal(state.kind, 'ServerConnected');
    assert.equal(state.kind === 'ServerConnected' ? state.facts.peerCertificates.length : 0, 1);
  });
}

/** As it stands when its flight is out and it waits for the client's certificate. */
function serverThatHasFinished(provider: CryptoProvider): {
  readonly context: ServerContext;
  readonly state: ServerState;
} {
  const transcript = new Transcript(provider, 'sha256');
  const messages = [
    'ClientHello',
    'ServerHello',
    'EncryptedExtensions',
    'CertificateRequest',
    'Certificate',
    'CertificateVerify',
    'Finished',
  ];
  for (const name of messages) {
    const by = name === 'ClientHello' ? 'client' : 'server';
    const article = name === 'EncryptedExtensions' ? 'an' : 'a';
    transcript.add(stepOf(6, by, `construct ${article} ${name} handshake`).value(name));
  }
  const secretOf = (label: string): Uint8Array =>
    stepsOf(6)
      .find((step) => step.label === label)
      ?.value('expanded') ?? assert.fail(label);
  const config = serverConfig({ clientCertificates: 'optional' }, provider);
  return {
    context: { ...settingsOf(config), config, provider, random: NO_RANDOM },
    state: {
      kind: 'WaitClientCertificate',
      policy: 'required',
      suite: SUITE,
      group: 'X25519',
      transcript,
      main: EarlySchedule.start(provider, 'sha256')
        .intoHandshake(stepOf(6, 'server', 'extract secret "handshake"').value('IKM'))
        .intoMain(),
      clientSecret: secretOf('c hs traffic'),
      readSecret: secretOf('c ap traffic'),
      writeSecret: secretOf('s ap traffic'),
      exporterSecret: secretOf('exp master'),
      serverName: 'server',
      alpn: undefined,
      isRetried: false,
      isResumed: false,
      earlyData: 'not-offered',
      isForTickets: false,
    },
  };
}
