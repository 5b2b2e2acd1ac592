import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Pair } from '../../../../test/testing/tcp_pair.ts';
import { tcpInfo } from './tcp_info.ts';

test('after the handshake: one measurement, ten segments, nothing under way', () => {
  const pair = new Pair();
  const [a] = pair.established();
  const info = tcpInfo(pair.now, a);
  assert.deepEqual(
    [
      info.state,
      info.caState,
      info.rtt,
      info.rttvar,
      info.rto,
      info.sndCwnd,
      info.unacked,
      info.sndMss,
      info.sndWscale,
    ],
    ['Established', 'Open', 20_000, 10_000, 1_000_000, 10, 0, 1448, 3],
  );
});

test('what is under way is counted in segments, what is not in bytes', () => {
  const pair = new Pair();
  const [a] = pair.established();
  a.write(new Uint8Array(20 * 1448));
  pair.A.flush(pair.now);
  const { unacked, notsentBytes } = tcpInfo(pair.now, a);
  assert.deepEqual([unacked, notsentBytes], [10, 10 * 1448]);
});

test('a timeout shows as Loss with one segment, three duplicates as Recovery', () => {
  const pair = new Pair();
  const [a] = pair.established();
  pair.loses = (from) => from === 'A';
  a.write(new Uint8Array(5));
  pair.run(1.5);
  const lost = tcpInfo(pair.now, a);
  assert.deepEqual([lost.caState, lost.retransmits, lost.backoff, lost.sndCwnd, lost.rto], ['Loss', 1, 1, 1, 2e6]);

  const other = new Pair();
  const [c] = other.established();
  other.loses = (from, number) => from === 'A' && number === 3;
  c.write(new Uint8Array(10 * 1448));
  for (let i = 0; i < 30 && tcpInfo(other.now, c).caState !== 'Recovery'; i++) other.step();
  assert.equal(tcpInfo(other.now, c).caState, 'Recovery');
});

test('a window that stays shut is probed', () => {
  const pair = new Pair();
  pair.B.acceptedOptions = { ...pair.B.acceptedOptions, receiveBuffer: 20_000 };
  const [a] = pair.established();
  a.write(new Uint8Array(40_000));
  pair.run(20);
  const { probes, retransmits, sndWnd } = tcpInfo(pair.now, a);
  assert.deepEqual([probes > 0, retransmits, sndWnd], [true, 0, 0]);
});
