import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Pair } from '../../../../test/testing/tcp_pair.ts';
import type { TcpSettings } from './tcp_settings.ts';

const bytes = (length: number): Uint8Array => new Uint8Array(length).fill(120);

/** Forty segments are written, and whatever leaves A in the next one and a half seconds arrives after them, in order. */
function heldUp(settings: Partial<TcpSettings>): [Pair, ReturnType<Pair['established']>[0]] {
  const pair = new Pair({ settings });
  const [a] = pair.established();
  a.write(bytes(40 * 1448));
  const until = pair.now + 1.5e9;
  pair.holdsUp = (from) => (from === 'A' ? Math.max((until - pair.now) / 1e6, 0) : 0);
  pair.flush();
  pair.ladder();
  return [pair, a];
}

test('a timeout that only a delay has caused is taken back: one segment went again, the rest did not', () => {
  const [pair, a] = heldUp({});
  const before = a.congestion.cwnd;
  pair.run(1.55);
  assert.ok(a.congestion.cwnd >= before, 'the window is what it was');
  assert.ok(a.congestion.ssthresh > 100_000, 'nothing was lost');
  pair.settle();
  assert.equal(pair.A.counters.retransmitted, 1);
  assert.equal(a.unsentBytes, 0);
});

test('without F-RTO everything goes again', () => {
  const [pair, a] = heldUp({ fRto: false });
  pair.settle();
  assert.ok(pair.A.counters.retransmitted > 5, `${pair.A.counters.retransmitted}`);
  assert.ok(a.congestion.ssthresh < 20_000);
});

test('a timeout that a loss has caused is none of these', () => {
  const pair = new Pair();
  const [a, b] = pair.established();
  a.write(bytes(40 * 1448));
  const until = pair.now + 0.5e9;
  pair.loses = (from) => from === 'A' && pair.now < until;
  pair.settle();
  assert.equal(b.readableBytes, 40 * 1448);
  assert.ok(a.congestion.ssthresh < 20_000);
});
