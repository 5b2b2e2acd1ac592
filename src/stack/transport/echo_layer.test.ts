import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { FakeSender } from '../../../test/testing/fake_sender.ts';
import { Arena } from '../../core/arena.ts';
import { viewOf } from '../../core/bytes.ts';
import { isDrop } from '../../core/drop_reason.ts';
import { Random } from '../../core/random.ts';
import { type Instant, START } from '../../core/time.ts';
import type { IpAddress, Ipv4Address } from '../../wire/address.ts';
import { ICMP_HEADER_LENGTH, ICMP_PROTOCOL, IcmpType, parseIcmp, setIcmpType } from '../../wire/icmp.ts';
import type { IcmpError } from '../net/network_layer_api.ts';
import { ECHO_MAX_PAYLOAD, type EchoEndpoint, EchoLayer, MAX_ECHO_ENDPOINTS, MAX_ECHO_NEWS } from './echo_layer.ts';

const ME = 0x0a000001 as Ipv4Address;
const PEER = 0x0a000002 as Ipv4Address;
const ROUTER = 0x0a0000fe as Ipv4Address;
const V6 = '\u2001\u0db8\0\0\0\0\0\u0001' as IpAddress;
const NOW = 5e6 as Instant;

class Bench {
  readonly arena = new Arena();
  readonly sender: FakeSender = new FakeSender(this.arena, [ME]);
  readonly layer = new EchoLayer({
    arena: this.arena,
    sender: this.sender,
    random: Random.fromSeed(1),
    journal: undefined,
    hostName: 'a',
  });

  /** The request that was sent last. */
  get request(): Uint8Array {
    return this.sender.sent.at(-1)?.bytes ?? new Uint8Array(0);
  }

  receive(data: Uint8Array, ttl?: number): void {
    const slot = this.arena.allocateFrom(data);
    assert.equal(this.layer.receive(NOW, slot, PEER, ME, 0, ttl), true);
    assert.equal(this.arena.slotsInUse, 0);
  }

  /** The answer to `request`. */
  reply(request: Uint8Array = this.request, ttl = 61): void {
    const data = request.slice();
    setIcmpType(viewOf(data), 0, IcmpType.EchoReply);
    this.receive(data, ttl);
  }

  complain(quote: Uint8Array, error: Partial<IcmpError> = {}): void {
    const slot = this.arena.allocateFrom(quote);
    const at = this.arena.start(slot);
    const plain = {
      kind: 'time-exceeded',
      code: 0,
      from: ROUTER,
      mtu: 0,
      length: 84,
      source: ME,
      destination: PEER,
    } as const;
    this.layer.icmpError(NOW, { ...plain, at, end: at + quote.length, ...error });
    this.arena.release(slot);
  }

  ask(endpoint: EchoEndpoint, sequence: number): Uint8Array {
    assert.equal(endpoint.send(START, PEER, sequence), undefined);
    return this.request;
  }
}

test('a request goes out as it is asked for', () => {
  const bench = new Bench();
  const echo = bench.layer.open('ping');
  assert.equal(echo.identifier, undefined);
  assert.equal(echo.send(START, PEER, 7, 3, 300, true), undefined);
  const [packet] = bench.sender.sent;
  assert.ok(packet !== undefined);
  assert.deepEqual([packet.source, packet.destination, packet.protocol], [ME, PEER, ICMP_PROTOCOL]);
  assert.deepEqual([packet.options.ttl, packet.options.dontFragment], [3, true]);
  const message = parseIcmp(viewOf(packet.bytes), 0, packet.bytes.length);
  assert.ok(!isDrop(message), 'its checksum holds');
  const { quoteAt, ...fields } = message;
  assert.deepEqual(fields, { kind: 'echo-request', code: 0, identifier: echo.identifier, sequence: 7 });
  assert.deepEqual(
    packet.bytes.subarray(quoteAt),
    Uint8Array.from({ length: 300 }, (_, i) => i),
  );
});

test('a reply finds the endpoint that asked, by its identifier', () => {
  const bench = new Bench();
  const [a, b] = [bench.layer.open('ping'), bench.layer.open('ping')];
  bench.ask(a, 1);
  bench.reply(bench.ask(b, 2));
  assert.equal(bench.layer.pollReady(), b);
  assert.equal(bench.layer.pollReady(), undefined);
  assert.equal(a.receive(), undefined);
  assert.deepEqual(b.receive(), {
    kind: 'reply',
    from: PEER,
    to: ME,
    code: 0,
    sequence: 2,
    ttl: 61,
    length: ICMP_HEADER_LENGTH + 56,
    mtu: 0,
    receivedAt: NOW,
  });
  assert.equal(b.receive(), undefined);
});

test('an error about a request finds it too: traceroute and path MTU', () => {
  const bench = new Bench();
  const echo = bench.layer.open('traceroute');
  const quote = bench.ask(echo, 9).subarray(0, 8);
  bench.complain(quote);
  bench.complain(quote, { kind: 'unreachable', code: 1, from: PEER });
  bench.complain(quote, { kind: 'too-big', code: 4, mtu: 1400 });
  bench.complain(quote, { kind: 'parameter-problem' });
  const news = [echo.receive(), echo.receive(), echo.receive()];
  assert.deepEqual(
    news.map((item) => [item?.kind, item?.code, item?.from, item?.to, item?.sequence, item?.mtu]),
    [
      ['time-exceeded', 0, ROUTER, PEER, 9, 0],
      ['unreachable', 1, PEER, PEER, 9, 0],
      ['too-big', 4, ROUTER, PEER, 9, 1400],
    ],
  );
  assert.equal(echo.receive(), undefined);
});

test('strays are counted, and reach nobody', () => {
  const bench = new Bench();
  const echo = bench.layer.open('ping');
  const request = bench.ask(echo, 1);
  const strange = request.slice();
  strange[4] = (strange[4] ?? 0) ^ 1; // another identifier
  bench.reply(strange);
  bench.complain(strange);
  bench.receive(request); // a request, not a reply
  bench.receive(new Uint8Array(3));
  const reply = request.slice(0, 8);
  setIcmpType(viewOf(reply), 0, IcmpType.EchoReply);
  bench.complain(reply); // an error about our reply to somebody
  bench.complain(request.subarray(0, 7)); // quotes too little
  assert.equal(bench.layer.strays, 5);
  assert.equal(bench.layer.pollReady(), undefined);
});

test('what send refuses', () => {
  const bench = new Bench();
  const echo = bench.layer.open('ping');
  assert.equal(echo.send(START, V6, 1), 'EAFNOSUPPORT');
  assert.equal(echo.send(START, PEER, 1, 64, ECHO_MAX_PAYLOAD + 1), 'EMSGSIZE');
  assert.equal(echo.send(START, PEER, 1, 64, ECHO_MAX_PAYLOAD), undefined);
  for (const [sequence, ttl, length] of [
    [-1, 64, 56],
    [65_536, 64, 56],
    [1, 0, 56],
    [1, 256, 56],
    [1, 64, -1],
    [1, 64, 1.5],
  ] as const) {
    assert.throws(() => echo.send(START, PEER, sequence, ttl, length), RangeError);
  }
  bench.sender.outcome = 'too-big';
  assert.equal(echo.send(START, PEER, 1), 'EMSGSIZE');
  bench.sender.hasRoute = false;
  assert.equal(echo.send(START, PEER, 1), 'ENETUNREACH');
  echo.close();
  assert.equal(echo.send(START, PEER, 1), 'EBADF');
  assert.equal(bench.arena.slotsInUse, 0);
});

test('answers that nobody reads are bounded', () => {
  const bench = new Bench();
  const echo = bench.layer.open('ping');
  bench.ask(echo, 1);
  for (let i = 0; i < 1000; i++) bench.reply();
  assert.equal(echo.drops, 1000 - MAX_ECHO_NEWS);
  let count = 0;
  while (echo.receive() !== undefined) count++;
  assert.equal(count, MAX_ECHO_NEWS);
});

test('identifiers are bounded, each is one endpoint’s, and comes back when that closes', () => {
  const bench = new Bench();
  const endpoints = Array.from({ length: MAX_ECHO_ENDPOINTS }, () => bench.layer.open('ping'));
  for (const endpoint of endpoints) bench.ask(endpoint, 1);
  assert.equal(new Set(endpoints.map(({ identifier }) => identifier)).size, MAX_ECHO_ENDPOINTS);
  const late = bench.layer.open('ping');
  assert.equal(late.send(START, PEER, 1), 'ENOBUFS');
  const [first] = endpoints;
  assert.ok(first !== undefined);
  const request = bench.ask(first, 1);
  bench.reply(request);
  first.close();
  assert.equal(bench.layer.pollReady(), undefined, 'who has closed has no news');
  bench.reply(request);
  assert.equal(bench.layer.strays, 1);
  assert.equal(late.send(START, PEER, 1), undefined);
});

test('any bytes: nothing throws, no slot leaks', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 24 }), fc.boolean(), (data, isError) => {
      const bench = new Bench();
      bench.ask(bench.layer.open('ping'), 1);
      if (isError) bench.complain(data);
      else bench.receive(data);
      assert.equal(bench.arena.slotsInUse, 0);
    }),
  );
});
