import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Pair } from '../../../../test/testing/tcp_pair.ts';
import { seconds } from '../../../core/time.ts';
import type { TcpConnection } from './tcp_connection.ts';

const bytes = (length: number): Uint8Array => new Uint8Array(length).fill(120);

function withReceiveBuffer(receiveBuffer: number): [Pair, TcpConnection, TcpConnection] {
  const pair = new Pair();
  pair.B.acceptedOptions = { ...pair.B.acceptedOptions, receiveBuffer };
  const [a, b] = pair.established();
  pair.ladder();
  return [pair, a, b];
}

test('a shut window is probed, ever more slowly, and opens when the program reads', () => {
  const [pair, a, b] = withReceiveBuffer(3000);
  a.write(bytes(5000));
  pair.run(8);
  assert.equal(
    pair.ladder(),
    `
0.030 A -> B ACK 1:1449 ack 1 win 32768
0.030 A -> B ACK 1449:2897 ack 1 win 32768
0.040 B -> A ACK 1 ack 2897 win 104
1.050 A -> B ACK 2897:3001 ack 1 win 32768
1.100 B -> A ACK 1 ack 3001 win 0
2.110 A -> B ACK 3001:3002 ack 1 win 32768
2.120 B -> A ACK 1 ack 3001 win 0
4.110 A -> B ACK 3001:3002 ack 1 win 32768
4.120 B -> A ACK 1 ack 3001 win 0
`,
  );
  assert.equal(b.readInto(bytes(9000)), 3000);
  pair.settle();
  assert.equal(
    pair.ladder(),
    `
8.030 B -> A ACK 1 ack 3001 win 3000
8.040 A -> B ACK 3001:4449 ack 1 win 32768
8.090 B -> A ACK 1 ack 4449 win 1552
8.100 A -> B PSH,ACK 4449:5001 ack 1 win 32768
8.150 B -> A ACK 1 ack 5001 win 1000
`,
  );
  assert.equal(b.readInto(bytes(9000)), 2000);
});

test('a lost window update is made good by a probe', () => {
  const [pair, a, b] = withReceiveBuffer(3000);
  a.write(bytes(5000));
  pair.run(3);
  pair.loses = (from) => from === 'B';
  b.readInto(bytes(3000));
  pair.run(0.5);
  pair.loses = () => false;
  pair.settle();
  assert.equal(b.readableBytes, 2000);
});

test('a window may stay shut for hours as long as the peer answers', () => {
  const [pair, a, b] = withReceiveBuffer(3000);
  a.write(bytes(5000));
  pair.run(7200);
  assert.equal(a.state, 'Established');
  const probes = pair.log.filter((line) => line.includes('A -> B')).length;
  assert.ok(probes > 110 && probes < 140, `${probes}: one a minute`);
  b.readInto(bytes(9000));
  pair.settle();
  assert.equal(b.readableBytes, 2000);
});

test('a peer that has vanished behind a shut window is given up', () => {
  const [pair, a] = withReceiveBuffer(3000);
  a.write(bytes(5000));
  pair.run(3);
  pair.loses = () => true;
  pair.settle();
  assert.equal(a.error, 'ETIMEDOUT');
});

test('no silly windows: a reader of single bytes does not cause segments of single bytes', () => {
  const [pair, a, b] = withReceiveBuffer(3000);
  a.write(bytes(20_000));
  pair.run(1);
  let read = 0;
  for (let i = 0; i < 6000; i++) {
    read += b.readInto(bytes(1));
    pair.run(0.001);
  }
  const sizes = pair.log.flatMap((line) => {
    const range = /A -> B .* (\d+):(\d+)/.exec(line);
    return range === null ? [] : [Number(range[2]) - Number(range[1])];
  });
  assert.ok(read > 5000);
  assert.ok(
    sizes.every((size) => size >= 100 || size === 1),
    `${sizes}`,
  );
  assert.ok(sizes.filter((size) => size === 1).length <= 6, `probes apart: ${sizes}`);
});

test('Nagle: small writes wait for an acknowledgment, with noDelay they do not', () => {
  const pair = new Pair();
  const [a, b] = pair.established();
  pair.ladder();
  for (let i = 0; i < 3; i++) {
    a.write(bytes(10));
    pair.flush();
  }
  pair.settle();
  assert.equal(
    pair.ladder(),
    `
0.030 A -> B PSH,ACK 1:11 ack 1 win 32768
0.080 B -> A ACK 1 ack 11 win 32766
0.090 A -> B PSH,ACK 11:31 ack 1 win 32768
0.140 B -> A ACK 1 ack 31 win 32764
`,
  );
  a.configure(pair.now, { noDelay: true });
  for (let i = 0; i < 3; i++) {
    a.write(bytes(10));
    pair.flush();
  }
  pair.settle();
  assert.equal(
    pair.ladder(),
    `
0.150 A -> B PSH,ACK 31:41 ack 1 win 32768
0.150 A -> B PSH,ACK 41:51 ack 1 win 32768
0.150 A -> B PSH,ACK 51:61 ack 1 win 32768
0.200 B -> A ACK 1 ack 61 win 32761
`,
  );
  assert.equal(b.readableBytes, 60);
});

test('each second full segment is acknowledged at once, a single one after 40 ms', () => {
  const pair = new Pair();
  const [a] = pair.established();
  pair.ladder();
  a.write(bytes(3 * 1448));
  pair.settle();
  assert.equal(
    pair.ladder(),
    `
0.030 A -> B ACK 1:1449 ack 1 win 32768
0.030 A -> B ACK 1449:2897 ack 1 win 32768
0.030 A -> B PSH,ACK 2897:4345 ack 1 win 32768
0.040 B -> A ACK 1 ack 2897 win 32406
0.080 B -> A ACK 1 ack 4345 win 32225
`,
  );
});

test('keepalive probes a silent peer, in the background, and gives up one that is gone', () => {
  const pair = new Pair();
  const keepAlive = { idle: seconds(60), interval: seconds(10), count: 3 };
  const [a] = pair.established({ options: { keepAlive } });
  pair.ladder();
  assert.ok(pair.now < 1e9, 'it does not keep the world alive');
  pair.run(150);
  assert.equal(
    pair.ladder(),
    `
60.020 A -> B ACK 0 ack 1 win 32768
60.030 B -> A ACK 1 ack 1 win 32768
120.040 A -> B ACK 0 ack 1 win 32768
120.050 B -> A ACK 1 ack 1 win 32768
`,
  );
  pair.loses = () => true;
  pair.run(150);
  assert.deepEqual([a.state, a.error], ['Closed', 'ETIMEDOUT']);
});

test('the send buffer takes what it holds, and reports room', () => {
  const pair = new Pair();
  const [a, b] = pair.established({ options: { sendBuffer: 10_000 } });
  const ready: string[] = [];
  pair.onReady = (side) => ready.push(side);
  assert.equal(a.write(bytes(15_000)), 10_000);
  assert.equal(a.writableBytes, 0);
  pair.settle();
  assert.ok(ready.includes('A'));
  assert.equal(a.writableBytes, 10_000);
  assert.equal(b.readableBytes, 10_000);
  assert.throws(() => a.write(bytes(5), 4, 9), RangeError);
});
