import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Pair } from '../../../../test/testing/tcp_pair.ts';
import { JournalTable } from '../../../core/journal.ts';
import { TcpFlag } from '../../../wire/tcp.ts';

const bytes = (length: number): Uint8Array => new Uint8Array(length).fill(120);

test('one end closes, then the other: four segments, and TIME_WAIT where it began', () => {
  const pair = new Pair();
  const [a, b] = pair.established();
  pair.ladder();
  a.shutdown(pair.now);
  pair.settle();
  assert.deepEqual([a.state, b.state], ['FinWait2', 'CloseWait']);
  assert.ok(b.isEndOfStream);
  b.write(bytes(5)); // half closed: the other half still carries
  pair.settle();
  assert.equal(a.readableBytes, 5);
  b.shutdown(pair.now);
  pair.settle();
  assert.equal(
    pair.ladder(),
    `
0.030 A -> B FIN,ACK 1 ack 1 win 32768
0.040 B -> A ACK 1 ack 2 win 32768
0.050 B -> A PSH,ACK 1:6 ack 2 win 32768
0.100 A -> B ACK 2 ack 6 win 32768
0.110 B -> A FIN,ACK 6 ack 2 win 32768
0.120 A -> B ACK 2 ack 7 win 32768
`,
  );
  assert.deepEqual([a.state, b.state], ['TimeWait', 'Closed']);
  assert.equal(a.readInto(new Uint8Array(10)), 5, 'what has arrived can still be read');
  assert.ok(a.isEndOfStream);
  pair.run(59);
  assert.equal(pair.A.connectionCount, 1);
  pair.run(1.1);
  assert.equal(pair.A.connectionCount, 0);
  assert.equal(pair.arena.slotsInUse, 0);
});

test('both ends close at once', () => {
  const pair = new Pair();
  const [a, b] = pair.established();
  pair.ladder();
  a.close(pair.now);
  b.close(pair.now);
  pair.settle();
  assert.equal(
    pair.ladder(),
    `
0.030 A -> B FIN,ACK 1 ack 1 win 32768
0.030 B -> A FIN,ACK 1 ack 1 win 32768
0.040 B -> A ACK 2 ack 2 win 32768
0.040 A -> B ACK 2 ack 2 win 32768
`,
  );
  assert.deepEqual([a.state, b.state], ['TimeWait', 'TimeWait']);
});

test('the FIN goes with the last data', () => {
  const pair = new Pair();
  const [a, b] = pair.established();
  pair.ladder();
  a.write(bytes(2000));
  a.shutdown(pair.now);
  pair.settle();
  assert.equal(
    pair.ladder(),
    `
0.030 A -> B ACK 1:1449 ack 1 win 32768
0.030 A -> B FIN,PSH,ACK 1449:2001 ack 1 win 32768
0.040 B -> A ACK 1 ack 2002 win 32518
`,
  );
  assert.equal(b.readInto(bytes(4000)), 2000);
  assert.ok(b.isEndOfStream);
});

test('a program that is done before the handshake is', () => {
  const pair = new Pair();
  const listener = pair.listen('B');
  const a = pair.connect('A');
  a.write(bytes(5));
  a.shutdown(pair.now);
  pair.settle();
  const b = listener.accept();
  assert.deepEqual([a.state, b?.state, b?.readableBytes], ['FinWait2', 'CloseWait', 5]);
});

test('TIME_WAIT answers a repeated FIN', () => {
  const pair = new Pair();
  const [a, b] = pair.established();
  a.close(pair.now);
  pair.settle();
  pair.ladder();
  b.close(pair.now);
  pair.loses = (from) => from === 'A';
  pair.run(0.5);
  pair.loses = () => false;
  pair.run(2);
  assert.equal(
    pair.ladder(),
    `
0.050 B -> A FIN,ACK 1 ack 2 win 32768
0.060 A -x B ACK 2 ack 2 win 32768
0.290 B -> A FIN,ACK 1 ack 2 win 32768
0.300 A -x B ACK 2 ack 2 win 32767
1.290 B -> A FIN,ACK 1 ack 2 win 32768
1.300 A -> B ACK 2 ack 2 win 32767
`,
  );
  assert.equal(b.state, 'Closed');
});

test('a new SYN may end TIME_WAIT early, an old one may not', () => {
  const pair = new Pair();
  const [a, b] = pair.established({ localPort: 4000 });
  b.close(pair.now);
  pair.settle();
  a.close(pair.now);
  pair.settle();
  assert.equal(pair.B.list()[1]?.state, 'TIME-WAIT');
  pair.inject('B', [4000, 80], TcpFlag.Syn, 0, 0);
  assert.equal(pair.B.list()[1]?.state, 'TIME-WAIT');
  pair.settle();
  pair.run(1);
  const again = pair.connect('A', { localPort: 4000 });
  pair.settle();
  assert.equal(again.state, 'Established');
});

test('data for a program that is gone is answered with a reset', () => {
  const pair = new Pair();
  const [a, b] = pair.established();
  a.close(pair.now);
  pair.settle();
  pair.ladder();
  b.write(bytes(5));
  pair.settle();
  assert.equal(
    pair.ladder(),
    `
0.050 B -> A PSH,ACK 1:6 ack 2 win 32768
0.060 A -> B RST,ACK 2 ack 1 win 32768
`,
  );
  assert.deepEqual([a.state, b.state, b.error], ['Closed', 'Closed', 'ECONNRESET']);
});

test('closing with unread data says so', () => {
  const pair = new Pair();
  const [a, b] = pair.established();
  a.write(bytes(5));
  pair.settle();
  b.close(pair.now);
  pair.settle();
  assert.deepEqual([a.state, a.error], ['Closed', 'ECONNRESET']);
  assert.equal(pair.arena.slotsInUse, 0);
});

test('a peer that never closes is not waited for without end', () => {
  const pair = new Pair();
  const [a, b] = pair.established();
  a.close(pair.now);
  pair.settle();
  assert.equal(a.state, 'FinWait2');
  assert.ok(pair.now < 1e9, 'this does not keep the world alive');
  pair.run(61);
  assert.deepEqual([a.state, a.error], ['Closed', undefined]);
  b.write(bytes(5));
  pair.settle();
  assert.equal(b.error, 'ECONNRESET');
});

test('abort resets', () => {
  const pair = new Pair();
  const [a, b] = pair.established();
  pair.ladder();
  a.write(bytes(5));
  a.abort(pair.now);
  pair.settle();
  assert.equal(
    pair.ladder(),
    `
0.030 A -> B RST,ACK 1 ack 1 win 32768
`,
  );
  assert.deepEqual([a.error, b.state, b.error], ['ECONNABORTED', 'Closed', 'ECONNRESET']);
  assert.equal(a.write(bytes(1)), 0);
});

test('data that arrived before the reset can be read', () => {
  const pair = new Pair();
  const [a, b] = pair.established();
  a.write(bytes(5));
  pair.settle();
  a.abort(pair.now);
  pair.settle();
  assert.equal(b.error, 'ECONNRESET');
  assert.equal(b.readInto(bytes(10)), 5);
  b.close(pair.now);
  assert.equal(pair.arena.slotsInUse, 0);
});

test('a listener that closes resets those that it has not handed out', () => {
  const pair = new Pair();
  const listener = pair.listen('B');
  const a = pair.connect('A');
  pair.settle();
  listener.close(pair.now);
  pair.settle();
  assert.equal(a.error, 'ECONNRESET');
  assert.equal(pair.B.connectionCount, 0);
});

test('the journal tells every state of both ends, with its cause, to the end of TIME_WAIT', () => {
  const pair = new Pair();
  const lines: string[] = [];
  pair.journal.watch(JournalTable.Tcp, ({ time, host, change, cause, row: { state } }) => {
    lines.push(`${(time / 1e9).toFixed(3)} ${host} ${change} ${state}: ${cause}`);
  });
  const [a, b] = pair.established();
  a.close(pair.now);
  pair.settle();
  b.close(pair.now);
  pair.settle();
  pair.run(61);
  assert.equal(
    `\n${lines.join('\n')}\n`,
    `
0.000 A added SynSent: opened by the program
0.010 B added SynReceived: SYN arrived
0.020 A changed Established: SYN,ACK arrived
0.030 B changed Established: ACK of our SYN arrived
0.030 A changed FinWait1: the program is done
0.040 B changed CloseWait: FIN arrived
0.050 A changed FinWait2: our FIN was acknowledged
0.050 B changed LastAck: the program is done
0.060 A changed TimeWait: FIN arrived
0.070 B removed Closed: our FIN was acknowledged
60.060 A removed Closed: twice the segment lifetime has passed
`,
  );
});
