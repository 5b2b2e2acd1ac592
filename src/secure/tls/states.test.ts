// Every state of both roles by every type of message, generated from the tables of what is awaited: a new state or a new message
// shows up as a new row by itself.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  clientConfig,
  clientIdentity,
  NOON,
  random,
  root,
  SERVER_NAME,
  serverConfig,
} from '../../../test/testing/tls_pair.ts';
import { nodeCrypto } from '../crypto/node.ts';
import { TrustStore } from '../pki/trust_store.ts';
import { AuthenticatedPeer } from './authentication.ts';
import { type ClientContext, firstHello } from './client_hello.ts';
import { CLIENT_AWAITS, type ClientState, clientStep } from './client_states.ts';
import type { TlsClientConfig, TlsClientOptions, TlsServerConfig } from './config.ts';
import { isFailure } from './failure.ts';
import type { HandshakeMessage, MessageKind } from './handshake_message.ts';
import { readHandshakeMessage } from './handshake_reader.ts';
import { writeHandshakeMessage } from './handshake_writer.ts';
import { SingleUseWindow } from './replay_defence.ts';
import type { ServerContext } from './server_negotiation.ts';
import { SERVER_AWAITS, type ServerState, serverStep } from './server_states.ts';
import type { ResumableSession } from './session.ts';
import { settingsOf } from './settings.ts';
import type { Effect, Incoming } from './step.ts';
import { SealedTickets } from './ticket_keeper.ts';

const trust = () => new TrustStore(nodeCrypto, [root.certificate]);

/** A handshake of messages without records, one message at a time, from which states can be taken on the way. */
class MessagePair {
  readonly clientContext: ClientContext;
  readonly serverContext: ServerContext;
  client: ClientState;
  server: ServerState = { kind: 'WaitClientHello' };
  session: ResumableSession | undefined;
  private readonly toServer: Incoming[] = [];
  private readonly toClient: Incoming[] = [];

  constructor(
    client: Partial<TlsClientConfig>,
    server: Partial<TlsServerConfig>,
    who: string,
    options: Partial<TlsClientOptions> = {},
  ) {
    const config = clientConfig(client);
    const common = { provider: nodeCrypto, random: random(`${who}: client`) };
    this.clientContext = {
      ...settingsOf(config),
      ...common,
      options: { config, random: common.random, now: NOON, serverName: SERVER_NAME, ...options },
      sentName: SERVER_NAME,
    };
    const serverSide = serverConfig(server);
    this.serverContext = {
      ...settingsOf(serverSide),
      config: serverSide,
      provider: nodeCrypto,
      random: random(`${who}: server`),
    };
    const hello = firstHello(this.clientContext);
    this.client = { kind: 'WaitServerHello', hello };
    this.toServer.push(incoming(hello.bytes));
  }

  /** The next message that somebody is to get; undefined: all has been said. */
  next(): { readonly to: 'client' | 'server'; readonly message: Incoming } | undefined {
    const toServer = this.toServer.shift();
    if (toServer !== undefined) return { to: 'server', message: toServer };
    const toClient = this.toClient.shift();
    return toClient === undefined ? undefined : { to: 'client', message: toClient };
  }

  deliver(to: 'client' | 'server', message: Incoming): void {
    if (to === 'client') {
      const step = clientStep(this.clientContext, this.client, message, NOON);
      assert.ok(!isFailure(step), `${this.client.kind}: ${isFailure(step) ? step.detail : ''}`);
      this.client = step.state;
      this.take(step.effects, this.toServer);
    } else {
      const step = serverStep(this.serverContext, this.server, message, NOON);
      assert.ok(!isFailure(step), `${this.server.kind}: ${isFailure(step) ? step.detail : ''}`);
      this.server = step.state;
      this.take(step.effects, this.toClient);
    }
  }

  private take(effects: readonly Effect[], to: Incoming[]): void {
    for (const effect of effects) {
      if (effect.kind === 'send') to.push(incoming(effect.bytes));
      if (effect.kind === 'event' && effect.event.kind === 'session') this.session = effect.event.session;
    }
  }
}

function incoming(bytes: Uint8Array): Incoming {
  const message = readHandshakeMessage(bytes);
  assert.ok(!isFailure(message));
  return { ...message, bytes };
}

/** Handshakes that between them go through every state. */
function handshakes(who: string): readonly (() => MessagePair)[] {
  const keeper = new SealedTickets(nodeCrypto, random('tickets'));
  const asking = { tickets: keeper, clientCertificates: 'required', clientTrust: trust() } as const;
  const early = (): Partial<TlsServerConfig> => {
    return { tickets: keeper, maxEarlyData: 1000, replayDefence: new SingleUseWindow() };
  };
  const first = new MessagePair({}, early(), who);
  for (let step = first.next(); step !== undefined; step = first.next()) first.deliver(step.to, step.message);
  const { session } = first;
  assert.ok(session !== undefined);
  return [
    () => new MessagePair({ identity: clientIdentity }, asking, who),
    () => new MessagePair({}, { groups: ['P-384'] }, who),
    () => new MessagePair({}, early(), who, { session, earlyData: new Uint8Array(3) }),
  ];
}

/** One real message of every type. */
function samples(): ReadonlyMap<MessageKind, Incoming> {
  const found = new Map<MessageKind, Incoming>();
  for (const start of handshakes('others')) {
    const pair = start();
    for (let step = pair.next(); step !== undefined; step = pair.next()) {
      found.set(step.message.kind, step.message);
      pair.deliver(step.to, step.message);
    }
  }
  const update: HandshakeMessage = { kind: 'key-update', isRequested: false };
  return found.set('key-update', incoming(writeHandshakeMessage(update)));
}

const KINDS: readonly MessageKind[] = [
  'client-hello',
  'server-hello',
  'hello-retry-request',
  'encrypted-extensions',
  'certificate-request',
  'certificate',
  'certificate-verify',
  'finished',
  'end-of-early-data',
  'new-session-ticket',
  'key-update',
];

interface Seen {
  readonly role: 'client' | 'server';
  readonly state: string;
  readonly kind: MessageKind;
  /** Why it was not taken; undefined: it was. */
  readonly reason: string | undefined;
  readonly leadsTo: string | undefined;
}

// Every state on every way, and in it every message: the last is the one that was to come, so that the state is not spent.
function everything(): Seen[] {
  const seen: Seen[] = [];
  const all = samples();
  assert.deepEqual([...all.keys()].sort(), [...KINDS].sort(), 'a sample of each');
  for (const start of handshakes('us')) {
    const pair = start();
    for (;;) {
      for (const kind of KINDS) {
        const message = all.get(kind);
        assert.ok(message !== undefined);
        if (!awaits(CLIENT_AWAITS, pair.client.kind, kind)) {
          const step = clientStep(pair.clientContext, pair.client, message, NOON);
          seen.push(row('client', pair.client.kind, kind, step));
        }
        if (!awaits(SERVER_AWAITS, pair.server.kind, kind)) {
          const step = serverStep(pair.serverContext, pair.server, message, NOON);
          seen.push(row('server', pair.server.kind, kind, step));
        }
      }
      const step = pair.next();
      if (step === undefined) break;
      const state = step.to === 'client' ? pair.client.kind : pair.server.kind;
      pair.deliver(step.to, step.message);
      const after = step.to === 'client' ? pair.client.kind : pair.server.kind;
      seen.push({ role: step.to, state, kind: step.message.kind, reason: undefined, leadsTo: after });
    }
  }
  return seen;
}

const awaits = (table: Readonly<Record<string, readonly MessageKind[]>>, state: string, kind: MessageKind): boolean =>
  table[state]?.includes(kind) === true;

function row(role: Seen['role'], state: string, kind: MessageKind, step: object): Seen {
  return { role, state, kind, reason: isFailure(step) ? step.reason : undefined, leadsTo: undefined };
}

test('in every state of either role, a message that is not awaited is unexpected, and every state is met', () => {
  const seen = everything();
  for (const [role, table] of [
    ['client', CLIENT_AWAITS],
    ['server', SERVER_AWAITS],
  ] as const) {
    for (const state of Object.keys(table)) {
      for (const kind of KINDS) {
        const rows = seen.filter((each) => each.role === role && each.state === state && each.kind === kind);
        if (awaits(table, state, kind)) continue;
        assert.ok(rows.length > 0, `${role} in ${state} was never given ${kind}`);
        for (const { reason } of rows) assert.equal(reason, 'unexpected-message', `${role} in ${state}: ${kind}`);
      }
    }
  }
});

test('what the tables await is taken in some handshake', () => {
  const seen = everything();
  const rare = ['ClientConnected key-update', 'ServerConnected key-update']; // asked for by the application: connection.test.ts
  for (const [role, table] of [
    ['client', CLIENT_AWAITS],
    ['server', SERVER_AWAITS],
  ] as const) {
    for (const [state, kinds] of Object.entries(table)) {
      for (const kind of kinds) {
        if (rare.includes(`${state} ${kind}`)) continue;
        const isTaken = seen.some((each) => each.state === state && each.kind === kind && each.leadsTo !== undefined);
        assert.ok(isTaken, `${role} in ${state} never took ${kind}`);
      }
    }
  }
});

test('messages of somebody else’s handshake, each of the awaited type, never lead to a connection', () => {
  const all = samples();
  for (const start of handshakes('us')) {
    const { length } = [...steps(start())];
    for (let at = 0; at < length; at++) {
      const pair = start();
      for (let i = 0; i < at; i++) {
        const step = pair.next();
        if (step !== undefined) pair.deliver(step.to, step.message);
      }
      assertUnconnected(pair, all);
    }
  }
});

function* steps(pair: MessagePair): Generator<MessageKind> {
  for (let step = pair.next(); step !== undefined; step = pair.next()) {
    yield step.message.kind;
    pair.deliver(step.to, step.message);
  }
}

// From here on, all that is awaited comes from another handshake.
function assertUnconnected(pair: MessagePair, all: ReadonlyMap<MessageKind, Incoming>): void {
  let client: ClientState | undefined = pair.client;
  for (let i = 0; i < 6 && client !== undefined && client.kind !== 'ClientConnected'; i++) {
    const state: ClientState = client;
    const next: ReturnType<typeof clientStep> | undefined = CLIENT_AWAITS[state.kind]
      .map((kind) => all.get(kind))
      .map((message) => message && clientStep(pair.clientContext, state, message, NOON))
      .find((step) => step !== undefined && !isFailure(step));
    client = next === undefined || isFailure(next) ? undefined : next.state;
    assert.notEqual(client?.kind, 'ClientConnected');
  }
  let server: ServerState | undefined = pair.server;
  for (let i = 0; i < 6 && server !== undefined && server.kind !== 'ServerConnected'; i++) {
    const state: ServerState = server;
    const next: ReturnType<typeof serverStep> | undefined = SERVER_AWAITS[state.kind]
      .map((kind) => all.get(kind))
      .map((message) => message && serverStep(pair.serverContext, state, message, NOON))
      .find((step) => step !== undefined && !isFailure(step));
    server = next === undefined || isFailure(next) ? undefined : next.state;
    assert.notEqual(server?.kind, 'ServerConnected');
  }
}

test('who awaits Finished has a proof of who the peer is, made where proofs are made', () => {
  for (const start of handshakes('us')) {
    const pair = start();
    for (const _ of steps(pair)) {
      if (pair.client.kind === 'WaitFinished') assert.ok(AuthenticatedPeer.isOne(pair.client.server));
      if (pair.server.kind === 'WaitClientFinished' && !('kind' in pair.server.client)) {
        assert.ok(AuthenticatedPeer.isOne(pair.server.client));
      }
    }
  }
  assert.ok(!AuthenticatedPeer.isOne({ certificates: [], path: undefined, scheme: undefined }));
});
