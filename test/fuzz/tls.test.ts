// Flights of TLS that were recorded, with bytes turned, cut out, doubled and exchanged, and given to the end that once took them:
// it ends with an alert or goes on; it never throws, and never reads an application byte that was not sent.
//
// Randomness comes from a seed, so an end that is made anew takes the recording as the first one did: mutations in the third
// record meet a connection that has come that far.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { joinBytes, utf8 } from '../../src/core/bytes.ts';
import { Random } from '../../src/core/random.ts';
import { nodeCrypto } from '../../src/secure/crypto/node.ts';
import { TrustStore } from '../../src/secure/pki/trust_store.ts';
import type { TlsClientConfig, TlsClientOptions, TlsServerConfig } from '../../src/secure/tls/config.ts';
import type { TlsConnection } from '../../src/secure/tls/connection.ts';
import { SingleUseWindow } from '../../src/secure/tls/replay_defence.ts';
import { SealedTickets } from '../../src/secure/tls/ticket_keeper.ts';
import { clientIdentity, deliver, eventsOf, NOON, random, root, tlsPair, transmitted } from '../testing/tls_pair.ts';

const { TEST_SEED = '1', TEST_SCALE = '1' } = process.env;
const COUNT = 100_000 * Number(TEST_SCALE);
const draw = Random.fromSeed(Number(TEST_SEED)).fork('mutated flights');

const SENT: Readonly<Record<'client' | 'server', Uint8Array>> = {
  client: utf8('GET /account HTTP/1.1\r\n\r\n'),
  server: utf8('HTTP/1.1 200 OK\r\n\r\nbalance'),
};

interface Recording {
  start(): { readonly client: TlsConnection; readonly server: TlsConnection };
  /** All that each end's application said. */
  readonly sent: Readonly<Record<'client' | 'server', Uint8Array>>;
  /** What each end got, flight by flight, application data included. */
  readonly flights: Readonly<Record<'client' | 'server', readonly Uint8Array[]>>;
}

type Setting = () => readonly [
  Partial<TlsClientConfig>,
  Partial<TlsServerConfig>,
  Partial<Omit<TlsClientOptions, 'config'>>?,
];

function record(setting: Setting): Recording {
  const start = () => tlsPair(...setting());
  const { client, server } = start();
  const flights = { client: [] as Uint8Array[], server: [] as Uint8Array[] };
  for (let round = 0; round < 6; round++) {
    const toServer = transmitted(client);
    if (toServer.length > 0) flights.server.push(toServer);
    deliver(toServer, server);
    if (round === 3) server.write(SENT.server);
    const toClient = transmitted(server);
    if (toClient.length > 0) flights.client.push(toClient);
    deliver(toClient, client);
    if (round === 2) client.write(SENT.client);
    if (round === 3) client.updateKeys(true);
    if (round === 4) client.close();
  }
  assert.equal(server.failure, undefined);
  assert.equal(client.failure, undefined);
  const [, , options] = setting();
  const early = options?.earlyData ?? new Uint8Array(0);
  return { start, flights, sent: { ...SENT, client: joinBytes([early, SENT.client]) } };
}

const sealed = new SealedTickets(nodeCrypto, random('tickets'));

function session() {
  const { client, server } = tlsPair({}, { tickets: sealed, maxEarlyData: 1000, replayDefence: new SingleUseWindow() });
  for (let round = 0; round < 3; round++) {
    deliver(transmitted(client), server);
    deliver(transmitted(server), client);
  }
  const event = eventsOf(client).find(({ kind }) => kind === 'session');
  assert.ok(event?.kind === 'session');
  return event.session;
}

const resumed = session();
const clientTrust = new TrustStore(nodeCrypto, [root.certificate]);

const recordings: readonly Recording[] = [
  record(() => [{}, {}]),
  record(() => [{ hasGrease: true }, { groups: ['P-256'] }]),
  record(() => [{ identity: clientIdentity }, { clientCertificates: 'required', clientTrust }]),
  record(() => [
    {},
    { tickets: sealed, maxEarlyData: 1000, replayDefence: new SingleUseWindow() },
    { session: resumed, earlyData: SENT.client },
  ]),
];

const pick = <T>(values: readonly T[]): T => values[draw.below(values.length)] as T;

/** One to three changes: a byte, a few bytes out, a few twice, or a piece of another flight. */
function mutated(bytes: Uint8Array, other: Uint8Array): Uint8Array {
  let out: Uint8Array = bytes.slice();
  for (let n = draw.below(3); n >= 0 && out.length > 0; n--) {
    const at = draw.below(out.length);
    const length = draw.below(2) === 0 ? 1 + draw.below(4) : draw.below(out.length - at) + 1;
    switch (draw.below(6)) {
      case 0:
        out = joinBytes([out.subarray(0, at), out.subarray(at + length)]);
        break;
      case 1:
        out = joinBytes([out.subarray(0, at + length), out.subarray(at)]);
        break;
      case 2:
        out = joinBytes([out.subarray(0, at), other.subarray(0, length), out.subarray(at)]);
        break;
      case 3:
        out[at] = pick([0, 1, 0x7f, 0x80, 0xff]);
        break;
      default:
        out[at] = (out[at] ?? 0) ^ (1 << draw.below(8));
    }
  }
  return out;
}

function assertNothingInvented(connection: TlsConnection, sent: Uint8Array): void {
  const read: Uint8Array[] = [];
  for (let piece = connection.read(); piece !== undefined; piece = connection.read()) read.push(piece);
  const whole = joinBytes(read);
  assert.deepEqual(whole, sent.subarray(0, whole.length));
}

test(`${COUNT} recorded flights with something wrong: an alert or a clean end, nothing thrown, nothing invented`, () => {
  const outcomes = new Map<string, number>();
  for (let n = 0; n < COUNT; n++) {
    const { start, flights, sent } = pick(recordings);
    const role = pick(['client', 'server'] as const);
    const { [role]: end } = start();
    const own = flights[role];
    // Mostly the first flights: the later ones cost a handshake each.
    const which = draw.below(8) === 0 ? draw.below(own.length) : 0;
    for (const flight of own.slice(0, which)) deliver(flight, end);
    const bad = mutated(own[which] ?? new Uint8Array(0), pick(flights[pick(['client', 'server'] as const)]));
    deliver(bad, end, NOON, draw.below(4) === 0 ? 1 + draw.below(64) : Number.POSITIVE_INFINITY);
    end.receiveEnd();
    assertNothingInvented(end, sent[role === 'client' ? 'server' : 'client']);
    const outcome = end.failure?.reason ?? end.state;
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    if (end.failure !== undefined) assert.equal(end.isOpenForWriting, false);
  }
  // That it reaches far: alerts of the record layer, of messages and of negotiation, and connections that end well.
  for (const expected of ['not-authentic', 'malformed-message', 'illegal-value', 'unexpected-message', 'truncated']) {
    assert.ok((outcomes.get(expected) ?? 0) > 0, `${expected} is among ${[...outcomes.keys()].join(', ')}`);
  }
});
