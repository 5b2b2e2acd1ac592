// What a connection may be set to, before and while it lives.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Pair } from '../../../../test/testing/tcp_pair.ts';
import { milliseconds, NEVER, seconds } from '../../../core/time.ts';

const bytes = (length: number): Uint8Array => new Uint8Array(length).fill(120);

test('cork: only full segments go out, until it is pulled or 200 ms have passed', () => {
  const pair = new Pair();
  const [a, b] = pair.established({ options: { cork: true } });
  pair.ladder();
  a.write(bytes(100));
  pair.flush();
  a.write(bytes(1400));
  pair.run(0.05);
  a.configure(pair.now, { cork: false });
  pair.run(0.05);
  a.configure(pair.now, { cork: true });
  a.write(bytes(10));
  pair.run(0.5);
  assert.deepEqual(
    pair.log.filter((line) => line.includes('A -> B')).map((line) => line.replace(/ ack.*/, '')),
    ['0.030 A -> B ACK 1:1449', '0.090 A -> B PSH,ACK 1449:1501', '0.350 A -> B ACK 1501:1511'],
  );
  assert.equal(b.readableBytes, 1510);
  a.write(bytes(10));
  a.shutdown(pair.now);
  pair.settle();
  assert.equal(b.readableBytes, 1520, 'a FIN pulls it too');
});

test('abortsOnClose: closing resets, whatever was written', () => {
  const pair = new Pair();
  const [a, b] = pair.established({ options: { abortsOnClose: true } });
  pair.ladder();
  a.write(bytes(100));
  a.close(pair.now);
  pair.settle();
  assert.equal(pair.ladder(), '\n0.030 A -> B RST,ACK 1 ack 1 win 32768\n');
  assert.deepEqual([a.state, b.error], ['Closed', 'ECONNRESET']);
});

test('a segment is no longer than the program wants, and the peer is told', () => {
  const pair = new Pair();
  const [a, b] = pair.established({ options: { maximumSegmentSize: 600 } });
  assert.match(pair.ladder(), /A -> B SYN 0 win 65535 <mss 600,/);
  assert.deepEqual([a.mss, b.mss], [588, 588]);
});

test('a user timeout is exact, also while the connection is opened and while the window is shut', () => {
  const pair = new Pair();
  pair.loses = () => true;
  pair.run(100);
  const opening = pair.connect('A', { options: { userTimeout: milliseconds(2500) } });
  pair.settle();
  assert.deepEqual([opening.error, pair.now / 1e9], ['ETIMEDOUT', 102.5]);

  const other = new Pair();
  other.B.acceptedOptions = { ...other.B.acceptedOptions, receiveBuffer: 1000 };
  const [a] = other.established({ options: { userTimeout: seconds(5) } });
  a.write(bytes(3000));
  other.settle();
  assert.equal(a.error, 'ETIMEDOUT');
  assert.ok(other.now >= 5e9 && other.now < 5.2e9, `${other.now}`);
});

test('keepalive can be switched on and off again', () => {
  const pair = new Pair();
  const [a] = pair.established();
  pair.ladder();
  a.configure(pair.now, { keepAlive: { idle: seconds(10), interval: seconds(1), count: 3 } });
  pair.run(15);
  assert.equal(pair.log.length, 2, 'a probe and its answer');
  a.configure(pair.now, { keepAlive: undefined });
  pair.run(100);
  assert.equal(pair.log.length, 2);
  assert.equal(pair.A.pollBackgroundTimeout(), NEVER);
});

test('a window that stays shut keeps a world alive for a hundred seconds, and is probed on as long as something else does', () => {
  const pair = new Pair();
  pair.B.acceptedOptions = { ...pair.B.acceptedOptions, receiveBuffer: 1000 };
  const [a, b] = pair.established();
  a.write(bytes(3000));
  pair.settle();
  assert.ok(pair.now > 100e9 && pair.now < 200e9, `the world ended at ${pair.now / 1e9} s`);
  assert.equal(a.state, 'Established');
  pair.ladder();
  pair.run(600);
  assert.equal(pair.log.filter((line) => line.includes('A -> B')).length, 10, 'once a minute');
  while (b.readInto(bytes(1000)) > 0) pair.settle();
  assert.equal(a.unsentBytes, 0);
  assert.equal(pair.A.pollTimeout(), NEVER);
});

test('what a listener is set to, its connections are', () => {
  const pair = new Pair();
  const listener = pair.listen('B');
  listener.options = { ...pair.B.acceptedOptions, receiveBuffer: 4000 };
  pair.connect('A');
  pair.settle();
  assert.equal(listener.accept()?.options.receiveBuffer, 4000);
});
