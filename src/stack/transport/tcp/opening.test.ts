import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ADDRESS, Pair } from '../../../../test/testing/tcp_pair.ts';
import { TcpFlag } from '../../../wire/tcp.ts';
import { NO_TCP_OPTIONS } from '../../../wire/tcp_options.ts';

test('three segments open a connection', () => {
  const pair = new Pair();
  const [a, b] = pair.established();
  assert.equal(
    pair.ladder(),
    `
0.000 A -> B SYN 0 win 65535 <mss 1460,sackOK,TS,wscale 3>
0.010 B -> A SYN,ACK 0 ack 1 win 65535 <mss 1460,sackOK,TS,wscale 3>
0.020 A -> B ACK 1 ack 1 win 32768
`,
  );
  assert.equal(a.state, 'Established');
  assert.equal(b.state, 'Established');
  assert.equal(a.mss, 1448, 'twelve bytes of timestamps in every segment');
  assert.equal(a.srtt, 20_000, 'the handshake is the first measurement');
  assert.equal(pair.now / 1e6, 30, 'no deadline is left behind');
});

test('both ends may open at once: four segments, one connection', () => {
  const pair = new Pair();
  const a = pair.connect('A', { localPort: 1000, remotePort: 2000 });
  const b = pair.connect('B', { localPort: 2000, remotePort: 1000 });
  pair.settle();
  assert.equal(
    pair.ladder(),
    `
0.000 A -> B SYN 0 win 65535 <mss 1460,sackOK,TS,wscale 3>
0.000 B -> A SYN 0 win 65535 <mss 1460,sackOK,TS,wscale 3>
0.010 B -> A SYN,ACK 0 ack 1 win 65535 <mss 1460,sackOK,TS,wscale 3>
0.010 A -> B SYN,ACK 0 ack 1 win 65535 <mss 1460,sackOK,TS,wscale 3>
0.020 A -> B ACK 1 ack 1 win 32768
0.020 B -> A ACK 1 ack 1 win 32768
`,
  );
  assert.deepEqual([a.state, b.state], ['Established', 'Established']);
  a.write(Uint8Array.of(7));
  pair.settle();
  assert.equal(b.readableBytes, 1);
});

test('nobody listens: refused', () => {
  const pair = new Pair();
  const a = pair.connect('A');
  pair.settle();
  assert.equal(
    pair.ladder(),
    `
0.000 A -> B SYN 0 win 65535 <mss 1460,sackOK,TS,wscale 3>
0.010 B -> A RST,ACK 0 ack 1 win 0
`,
  );
  assert.deepEqual([a.state, a.error], ['Closed', 'ECONNREFUSED']);
});

test('nobody answers: seven more tries, given up after three minutes', () => {
  const pair = new Pair();
  pair.loses = () => true;
  const a = pair.connect('A');
  pair.settle();
  assert.equal(
    pair.ladder(),
    `
0.000 A -x B SYN 0 win 65535 <mss 1460,sackOK,TS,wscale 3>
1.000 A -x B SYN 0 win 65535 <mss 1460,sackOK,TS,wscale 3>
3.000 A -x B SYN 0 win 65535 <mss 1460,sackOK,TS,wscale 3>
7.000 A -x B SYN 0 win 65535 <mss 1460,sackOK,TS,wscale 3>
15.000 A -x B SYN 0 win 65535 <mss 1460,sackOK,TS,wscale 3>
31.000 A -x B SYN 0 win 65535 <mss 1460,sackOK,TS,wscale 3>
63.000 A -x B SYN 0 win 65535 <mss 1460,sackOK,TS,wscale 3>
123.000 A -x B SYN 0 win 65535 <mss 1460,sackOK,TS,wscale 3>
`,
  );
  assert.deepEqual([a.state, a.error, pair.now / 1e9], ['Closed', 'ETIMEDOUT', 183]);
});

test('a lost SYN,ACK comes again at once when the SYN does', () => {
  const pair = new Pair();
  pair.loses = (from, number) => from === 'B' && number === 1;
  const [a, b] = pair.established();
  assert.equal(
    pair.ladder(),
    `
0.000 A -> B SYN 0 win 65535 <mss 1460,sackOK,TS,wscale 3>
0.010 B -x A SYN,ACK 0 ack 1 win 65535 <mss 1460,sackOK,TS,wscale 3>
1.000 A -> B SYN 0 win 65535 <mss 1460,sackOK,TS,wscale 3>
1.010 B -> A SYN,ACK 0 ack 1 win 65535 <mss 1460,sackOK,TS,wscale 3>
1.020 A -> B ACK 1 ack 1 win 32768
`,
  );
  assert.equal(a.srtt, 20_000, 'the timestamp tells which SYN was answered');
  assert.equal(b.srtt, 10_000 + 10_000);
  assert.equal(a.congestion.cwnd, a.mss, 'RFC 5681 §3.1');
});

test('a lost last acknowledgment of the handshake is made good by data', () => {
  const pair = new Pair();
  const listener = pair.listen('B');
  pair.loses = (from, number) => from === 'A' && number === 2;
  const a = pair.connect('A');
  a.write(new TextEncoder().encode('hello'));
  pair.settle();
  const b = listener.accept();
  assert.equal(b?.state, 'Established');
  assert.equal(b?.readableBytes, 5);
});

for (const name of ['timestamps', 'windowScaling', 'selectiveAcknowledgment'] as const) {
  test(`an answer does not offer what was not offered to it: ${name}`, () => {
    const pair = new Pair({ settings: { [name]: false } });
    const [a, b] = pair.established();
    const [syn = '', answer = ''] = pair.log;
    const option = { timestamps: 'TS', windowScaling: 'wscale', selectiveAcknowledgment: 'sackOK' }[name];
    assert.ok(!syn.includes(option) && !answer.includes(option));
    const data = new Uint8Array(100_000);
    a.write(data);
    pair.settle();
    assert.ok(b.readableBytes > 60_000);
  });
}

test('an acknowledgment of something never sent is answered with a reset, and the attempt goes on', () => {
  const pair = new Pair();
  const a = pair.connect('A', { localPort: 5000 });
  pair.flush();
  pair.inject('A', [80, 5000], TcpFlag.Ack, 9, 500);
  pair.inject('A', [80, 5000], TcpFlag.Rst, 9, 0);
  pair.inject('A', [80, 5000], TcpFlag.Rst | TcpFlag.Ack, 9, 500);
  pair.flush();
  assert.equal(pair.log.at(-1), '0.000 A -> B RST 500 win 0');
  assert.equal(a.state, 'SynSent');
});

test('a segment for a listener that is no SYN is refused, a reset is not answered', () => {
  const pair = new Pair();
  pair.listen('B');
  pair.inject('B', [5000, 80], TcpFlag.Ack, 1, 7);
  pair.inject('B', [5000, 80], TcpFlag.Rst, 1, 7);
  pair.inject('B', [5000, 80], TcpFlag.Fin, 1, 7);
  pair.flush();
  assert.equal(pair.log.filter((line) => line.includes('B -> A')).join('\n'), '0.000 B -> A RST 7 win 0');
  assert.equal(pair.B.connectionCount, 0);
});

test('a listener takes as many connections as its backlog holds; the rest try again', () => {
  const pair = new Pair();
  const listener = pair.listen('B', 80, 2);
  const clients = [1, 2, 3, 4].map(() => pair.connect('A'));
  pair.run(0.5);
  assert.deepEqual(
    clients.map((client) => client.state),
    ['Established', 'Established', 'Established', 'Established'],
    'clients whose last acknowledgment was dropped cannot know',
  );
  assert.equal(listener.waitingCount, 2);
  listener.accept();
  listener.accept();
  pair.run(10);
  assert.equal(listener.waitingCount, 2);
});

test('a flood of SYNs fills a bounded table and no more', () => {
  const pair = new Pair({ settings: { synBacklog: 16 } });
  pair.isLogging = false;
  const listener = pair.listen('B');
  for (let port = 1; port <= 1000; port++) {
    pair.inject('B', [port, 80], TcpFlag.Syn, port, 0, { options: { ...NO_TCP_OPTIONS, maximumSegmentSize: 1460 } });
  }
  pair.flush();
  assert.equal(pair.B.connectionCount, 16);
  listener.close(pair.now);
  pair.settle();
  assert.equal(pair.B.connectionCount, 0);
  assert.equal(pair.arena.slotsInUse, 0);
});

test('a port cannot be listened on twice, nor an endpoint pair be used twice', () => {
  const pair = new Pair();
  pair.listen('B', 80);
  assert.equal(pair.B.listen(pair.now, ADDRESS.B, 80), 'EADDRINUSE');
  assert.equal(pair.B.listen(pair.now, ADDRESS.A, 81), 'EADDRNOTAVAIL');
  const request = { localPort: 4000, remoteAddress: ADDRESS.B, remotePort: 80 };
  assert.equal(typeof pair.A.connect(pair.now, request), 'object');
  assert.equal(pair.A.connect(pair.now, request), 'EADDRINUSE');
});

test('initial sequence numbers rise between the same endpoints, and say nothing about others', () => {
  const pair = new Pair();
  const request = { localPort: 4000, remoteAddress: ADDRESS.B, remotePort: 80 };
  const first = pair.connect('A', request);
  pair.settle();
  pair.run(1);
  const second = pair.connect('A', request);
  const elsewhere = pair.connect('A', { ...request, remotePort: 81 });
  assert.equal((second.iss - first.iss) | 0, Math.floor(pair.now / 4000), 'RFC 6528: one in four microseconds');
  assert.notEqual((elsewhere.iss - second.iss) | 0, 0);
});
