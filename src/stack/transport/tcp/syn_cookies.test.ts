import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Pair } from '../../../../test/testing/tcp_pair.ts';
import type { SipKey } from '../../../core/siphash.ts';
import { after, START, seconds } from '../../../core/time.ts';
import type { Ipv4Address } from '../../../wire/address.ts';
import { TcpFlag } from '../../../wire/tcp.ts';
import { NO_TCP_OPTIONS } from '../../../wire/tcp_options.ts';
import { makeCookie, offersOf, readCookie, stampOffers } from './syn_cookies.ts';
import type { TcpListenerEndpoint } from './tcp_listener.ts';
import type { TcpSettings } from './tcp_settings.ts';

const SECRET: SipKey = [1, 2, 3, 4];
const ENDPOINTS = { localAddress: 1 as Ipv4Address, localPort: 80, remoteAddress: 2 as Ipv4Address, remotePort: 4000 };

test('a cookie brings the segment size back for a minute or two, and for its endpoints and number alone', () => {
  const now = after(START, seconds(1000));
  const value = makeCookie(now, SECRET, ENDPOINTS, 77, { ...NO_TCP_OPTIONS, maximumSegmentSize: 1450 });
  assert.equal(readCookie(now, SECRET, ENDPOINTS, 77, value), 1440);
  assert.equal(readCookie(after(now, seconds(60)), SECRET, ENDPOINTS, 77, value), 1440);
  assert.equal(readCookie(after(now, seconds(128)), SECRET, ENDPOINTS, 77, value), undefined, 'too old');
  assert.equal(readCookie(after(now, seconds(-64)), SECRET, ENDPOINTS, 77, value), undefined, 'from the future');
  assert.equal(readCookie(now, SECRET, ENDPOINTS, 78, value), undefined);
  assert.equal(readCookie(now, SECRET, { ...ENDPOINTS, remotePort: 4001 }, 77, value), undefined);
  assert.equal(readCookie(now, [1, 2, 3, 5], ENDPOINTS, 77, value), undefined);
  assert.equal(readCookie(now, SECRET, ENDPOINTS, 77, value ^ (1 << 24)), undefined, 'another segment size');
});

test('a stamp holds what was offered and is never ahead of the clock', () => {
  fc.assert(
    fc.property(
      fc.integer(),
      fc.boolean(),
      fc.option(fc.nat(14), { nil: undefined }),
      (clock, isSackPermitted, scale) => {
        const echo = stampOffers(clock, { isSackPermitted, windowScale: scale, sackBlocks: [] });
        assert.ok(((clock - echo) | 0) >= 0 && ((clock - echo) | 0) < 128);
        const offers = offersOf(1460, { ...NO_TCP_OPTIONS, timestamps: { value: 0, echo } });
        assert.deepEqual([offers.isSackPermitted, offers.windowScale], [isSackPermitted, scale]);
      },
    ),
  );
});

const offered = { ...NO_TCP_OPTIONS, maximumSegmentSize: 1460 };

/** A listener on B whose handshakes are all taken by SYNs that nobody completes. */
function flooded(settings: Partial<TcpSettings>): [Pair, TcpListenerEndpoint] {
  const pair = new Pair({ settings: { synBacklog: 16, ...settings } });
  const listener = pair.listen('B');
  pair.isLogging = false;
  pair.loses = (from) => from === 'B'; // whoever is named as the sender does not answer
  for (let port = 1; port <= 200; port++) pair.inject('B', [port, 80], TcpFlag.Syn, port, 0, { options: offered });
  pair.flush();
  pair.isLogging = true;
  pair.loses = () => false;
  return [pair, listener];
}

for (const timestamps of [true, false]) {
  test(`a flooded listener still serves ${timestamps ? 'with all options' : 'without timestamps, and then without options'}`, () => {
    const [pair, listener] = flooded({ timestamps });
    const before = pair.B.connectionCount;
    const a = pair.connect('A', { localPort: 5000 });
    pair.run(0.05);
    assert.equal(a.state, 'Established');
    assert.deepEqual([listener.cookiesSent, listener.cookiesReturned], [185, 1]);
    assert.equal(pair.B.connectionCount, before + 1, 'one connection, and nothing was kept for it before');
    assert.deepEqual([a.isSackPermitted, a.isScaling, a.mss], timestamps ? [true, true, 1448] : [false, false, 1460]);
    a.write(new Uint8Array(100_000).fill(7));
    pair.run(3);
    const row = pair.B.list().find(({ remotePort }) => remotePort === 5000);
    assert.equal(row?.receiveQueue, 100_000);
  });
}

test('without cookies it does not', () => {
  const [pair] = flooded({ synCookies: false });
  const a = pair.connect('A', { localPort: 5000 });
  pair.run(0.9);
  assert.equal(a.state, 'SynSent');
});

test('a made-up acknowledgment opens nothing, and none does when no cookie is out', () => {
  const [pair] = flooded({});
  const before = pair.B.connectionCount;
  for (let i = 0; i < 100; i++) pair.inject('B', [7000 + i, 80], TcpFlag.Ack, 1, Math.imul(i, 0x9e37_79b1));
  pair.flush();
  assert.equal(pair.B.connectionCount, before);

  const quiet = new Pair();
  quiet.listen('B');
  quiet.inject('B', [7000, 80], TcpFlag.Ack, 1, 5);
  quiet.flush();
  assert.match(quiet.ladder(), /B -> A RST/);
});
