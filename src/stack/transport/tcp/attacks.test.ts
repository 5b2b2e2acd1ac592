// Segments that somebody forges who cannot see the connection (RFC 5961, RFC 5927), and others that make no sense.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ADDRESS, Pair } from '../../../../test/testing/tcp_pair.ts';
import { TcpFlag } from '../../../wire/tcp.ts';
import { NO_TCP_OPTIONS, type TcpOptions } from '../../../wire/tcp_options.ts';
import type { TcpConnection } from './tcp_connection.ts';

const { Ack, Rst, Syn } = TcpFlag;

function victim(): [Pair, TcpConnection, TcpConnection] {
  const pair = new Pair();
  const [a, b] = pair.established({ localPort: 4000 });
  pair.ladder();
  return [pair, a, b];
}

const PORTS = [80, 4000] as const;
const stamped = (a: TcpConnection, ahead = 0): TcpOptions => ({
  ...NO_TCP_OPTIONS,
  timestamps: { value: (a.tsRecent + ahead) | 0, echo: 0 },
});

test('a reset counts only with the exact number; in the window it is challenged, outside it is nothing', () => {
  const [pair, a, b] = victim();
  pair.inject('A', PORTS, Rst, 100, 0);
  pair.inject('A', PORTS, Rst, 0x0fff_ffff, 0);
  pair.settle();
  assert.equal(
    pair.ladder(),
    `
0.030 B -> A RST 100 win 65535 (forged)
0.030 B -> A RST 268435455 win 65535 (forged)
0.030 A -> B ACK 1 ack 1 win 32768
`,
  );
  assert.deepEqual([a.state, b.state], ['Established', 'Established']);
  pair.inject('A', PORTS, Rst, 1, 0);
  assert.deepEqual([a.state, a.error], ['Closed', 'ECONNRESET']);
});

test('a SYN in an open connection is challenged', () => {
  const [pair, a] = victim();
  pair.inject('A', PORTS, Syn, 100, 0);
  pair.settle();
  assert.equal(
    pair.ladder(),
    `
0.030 B -> A SYN 100 win 65535 (forged)
0.030 A -> B ACK 1 ack 1 win 32768
`,
  );
  assert.equal(a.state, 'Established');
});

test('challenges are limited in number', () => {
  const [pair, a] = victim();
  for (let i = 0; i < 100; i++) pair.inject('A', PORTS, Syn, 100 + i, 0);
  pair.settle();
  assert.equal(pair.A.counters.challengeAcks, 10, 'RFC 5961 §7: ten in five seconds');
  assert.equal(a.state, 'Established');
  pair.run(5);
  pair.inject('A', PORTS, Syn, 100, 0);
  assert.equal(pair.A.counters.challengeAcks, 11);
});

test('a true peer that has lost its memory gets through with the help of the challenge', () => {
  const [pair, a, b] = victim();
  b.release(); // as after a crash
  pair.B.forget(b);
  const c = pair.B.connect(pair.now, { localPort: 80, remoteAddress: ADDRESS.A, remotePort: 4000 });
  pair.run(0.5);
  assert.equal(a.error, 'ECONNRESET');
  assert.equal(typeof c, 'object');
});

test('data outside the window is not taken, and answered', () => {
  const [pair, a] = victim();
  pair.inject('A', PORTS, Ack, 0x0fff_ffff, 1, { payload: 'evil', options: stamped(a) });
  pair.settle();
  assert.equal(a.readableBytes, 0);
  assert.match(pair.ladder(), /A -> B ACK 1 ack 1 /);
});

test('an acknowledgment of what was never sent does not count', () => {
  const [pair, a] = victim();
  pair.inject('A', PORTS, Ack, 1, 1000, { payload: 'evil', options: stamped(a) });
  pair.settle();
  assert.equal(a.readableBytes, 0);
  assert.equal(pair.A.counters.challengeAcks, 1);
});

test('PAWS: an old segment with numbers that fit is told by its timestamp', () => {
  const [pair, a] = victim();
  pair.inject('A', PORTS, Ack, 1, 1, { payload: 'old!', options: stamped(a, -1) });
  assert.equal(a.readableBytes, 0);
  pair.inject('A', PORTS, Ack, 1, 1, { payload: 'none' });
  assert.equal(a.readableBytes, 0, 'without one it is not taken either');
  pair.inject('A', PORTS, Ack, 1, 1, { payload: 'good', options: stamped(a) });
  assert.equal(a.readableBytes, 4);
});

test('a damaged segment is counted and dropped, on either path', () => {
  const pair = new Pair({ corruption: 0.2, seed: 3 });
  const [a, b] = pair.established();
  a.write(new Uint8Array(100_000));
  pair.settle();
  assert.equal(b.readableBytes, 100_000);
  assert.ok(pair.B.dropCount(3) > 5);
});

test('text behind many gaps is bounded', () => {
  const [pair, a] = victim();
  pair.isLogging = false;
  for (let i = 1; i < 4000; i++) pair.inject('A', PORTS, Ack, 1 + 2 * i, 1, { payload: 'x', options: stamped(a) });
  pair.flush();
  assert.equal(a.reassembly?.size, 128);
  a.abort(pair.now);
  pair.settle();
  assert.equal(pair.arena.slotsInUse, 0);
});

test('an ICMP error ends an attempt, not a connection', () => {
  const pair = new Pair();
  pair.loses = () => true;
  const a = pair.connect('A', { localPort: 4000 });
  pair.flush();
  const error = quoting(pair, a, 'unreachable', 1);
  assert.deepEqual([a.state, a.error], ['Closed', 'EHOSTUNREACH']);
  assert.equal(error.end - error.at, 8);

  const [standing, open] = victim();
  open.write(new Uint8Array(5));
  standing.flush();
  quoting(standing, open, 'unreachable', 3);
  assert.equal(open.state, 'Established');
  assert.equal(open.softError, 'ECONNREFUSED', 'noted, in case the connection is given up');
});

test('an ICMP error about a number that is not out is a guess', () => {
  const pair = new Pair();
  pair.loses = () => true;
  const a = pair.connect('A', { localPort: 4000 });
  pair.flush();
  quoting(pair, a, 'unreachable', 3, 1);
  assert.equal(a.state, 'SynSent');
});

/** A router's claim about A's first segment not yet acknowledged, or about one `off` numbers away, as the network hands it up. */
function claimTooBig(pair: Pair, connection: TcpConnection, mtu: number, off = 0): boolean {
  const slot = pair.arena.allocate(8);
  const at = pair.arena.start(slot);
  pair.arena.view.setUint16(at, connection.localPort);
  pair.arena.view.setUint16(at + 2, connection.remotePort);
  pair.arena.view.setInt32(at + 4, connection.sndUna + off);
  const claim = {
    kind: 'too-big' as const,
    code: 4,
    from: ADDRESS.B,
    mtu,
    length: 1500,
    source: connection.localAddress,
    destination: connection.remoteAddress,
    at,
    end: at + 8,
  };
  const isBelieved = pair.A.believesTooBig(claim);
  if (isBelieved) {
    pair.claimedMtu = mtu;
    pair.A.icmpError(pair.now, claim);
  }
  pair.arena.release(slot);
  return isBelieved;
}

test('a path that seems too narrow is believed at once while no segment of that size has arrived', () => {
  const [pair, a] = victim();
  pair.loses = (from, _number, text) => from === 'A' && /:1449/.test(text);
  a.write(new Uint8Array(5000));
  pair.flush();
  assert.equal(claimTooBig(pair, a, 1000, -1000), false, 'about a number that is not out');
  assert.equal(claimTooBig(pair, a, 1000), true);
  assert.equal(a.mss, 948);
});

test('once full segments have arrived, such a claim is doubted until that segment has timed out (RFC 5927 §7.2)', () => {
  const [pair, a, b] = victim();
  a.write(new Uint8Array(20_000));
  pair.settle();
  a.write(new Uint8Array(5000));
  pair.flush();
  assert.equal(claimTooBig(pair, a, 600), false, 'a lie');
  pair.settle();
  assert.deepEqual([a.mss, b.readableBytes], [1448, 25_000]);

  a.write(new Uint8Array(5000));
  pair.loses = (from, _number, text) => {
    const range = /(\d+):(\d+)/.exec(text);
    return from === 'A' && Number(range?.[2]) - Number(range?.[1]) > 548;
  };
  pair.flush();
  assert.equal(claimTooBig(pair, a, 600), false, 'the truth, doubted too');
  pair.settle();
  assert.deepEqual([a.mss, b.readableBytes], [548, 30_000]);
});

/** Hands A an ICMP error that quotes its first segment not yet acknowledged, or one `off` numbers away. */
function quoting(
  pair: Pair,
  connection: TcpConnection,
  kind: 'unreachable',
  code: number,
  off = 0,
): { readonly at: number; readonly end: number } {
  const slot = pair.arena.allocate(8);
  const at = pair.arena.start(slot);
  pair.arena.view.setUint16(at, connection.localPort);
  pair.arena.view.setUint16(at + 2, connection.remotePort);
  pair.arena.view.setInt32(at + 4, connection.sndUna + off);
  const error = {
    kind,
    code,
    from: ADDRESS.B,
    mtu: 0,
    length: 40,
    source: connection.localAddress,
    destination: connection.remoteAddress,
    at,
    end: at + 8,
  };
  pair.A.icmpError(pair.now, error);
  pair.arena.release(slot);
  return error;
}
