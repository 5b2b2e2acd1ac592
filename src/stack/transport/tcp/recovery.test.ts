import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Pair } from '../../../../test/testing/tcp_pair.ts';

const bytes = (length: number): Uint8Array => new Uint8Array(length).fill(120);

/** Loses each segment from A whose text contains one of the given pieces, once. */
function loseOnce(pair: Pair, ...pieces: readonly string[]): void {
  const left = new Set(pieces);
  pair.loses = (from, _number, text) => {
    for (const piece of left) if (from === 'A' && text.includes(piece)) return left.delete(piece);
    return false;
  };
}

test('three duplicate acknowledgments bring the lost segment back', () => {
  const pair = new Pair();
  const [a, b] = pair.established();
  pair.ladder();
  loseOnce(pair, '1449:2897');
  a.write(bytes(10 * 1448));
  pair.settle();
  assert.equal(
    pair.ladder(),
    `
0.030 A -> B ACK 1:1449 ack 1 win 32768
0.030 A -x B ACK 1449:2897 ack 1 win 32768
0.030 A -> B ACK 2897:4345 ack 1 win 32768
0.030 A -> B ACK 4345:5793 ack 1 win 32768
0.030 A -> B ACK 5793:7241 ack 1 win 32768
0.030 A -> B ACK 7241:8689 ack 1 win 32768
0.030 A -> B ACK 8689:10137 ack 1 win 32768
0.030 A -> B ACK 10137:11585 ack 1 win 32768
0.030 A -> B ACK 11585:13033 ack 1 win 32768
0.030 A -> B PSH,ACK 13033:14481 ack 1 win 32768
0.040 B -> A ACK 1 ack 1449 win 32587 <sack 2897:4345>
0.040 B -> A ACK 1 ack 1449 win 32587 <sack 2897:5793>
0.040 B -> A ACK 1 ack 1449 win 32587 <sack 2897:7241>
0.040 B -> A ACK 1 ack 1449 win 32587 <sack 2897:8689>
0.040 B -> A ACK 1 ack 1449 win 32587 <sack 2897:10137>
0.040 B -> A ACK 1 ack 1449 win 32587 <sack 2897:11585>
0.040 B -> A ACK 1 ack 1449 win 32587 <sack 2897:13033>
0.040 B -> A ACK 1 ack 1449 win 32587 <sack 2897:14481>
0.050 A -> B ACK 1449:2897 ack 1 win 32768
0.060 B -> A ACK 1 ack 14481 win 30958
`,
  );
  assert.equal(b.readableBytes, 14_480);
  assert.equal(a.congestion.ssthresh, 9122, 'seven tenths of what was in flight');
});

test('NewReno, without SACK: a partial acknowledgment brings the next lost segment back', () => {
  const pair = new Pair({ settings: { selectiveAcknowledgment: false } });
  const [a, b] = pair.established();
  pair.ladder();
  loseOnce(pair, '1449:2897', '4345:5793');
  a.write(bytes(10 * 1448));
  pair.settle();
  const again = pair.log.filter((line) => line.includes('A -> B') && /ACK (1449|4345):/.test(line));
  assert.deepEqual(again, ['0.050 A -> B ACK 1449:2897 ack 1 win 32768', '0.070 A -> B ACK 4345:5793 ack 1 win 32768']);
  assert.equal(b.readableBytes, 14_480);
  assert.equal(a.congestion.ssthresh, 9122, 'one reduction for one window of losses');
});

test('without SACK a lost tail waits for the timer, which doubles', () => {
  const pair = new Pair({ settings: { selectiveAcknowledgment: false } });
  const [a, b] = pair.established();
  pair.ladder();
  pair.loses = (from, number) => from === 'A' && number >= 4 && number <= 7;
  a.write(bytes(5000));
  pair.settle();
  assert.equal(
    pair.ladder(),
    `
0.030 A -> B ACK 1:1449 ack 1 win 32768
0.030 A -x B ACK 1449:2897 ack 1 win 32768
0.030 A -x B ACK 2897:4345 ack 1 win 32768
0.080 B -> A ACK 1 ack 1449 win 32587
1.090 A -x B ACK 1449:2897 ack 1 win 32768
3.090 A -x B ACK 1449:2897 ack 1 win 32768
7.090 A -> B ACK 1449:2897 ack 1 win 32768
7.140 B -> A ACK 1 ack 2897 win 32406
7.150 A -> B ACK 2897:4345 ack 1 win 32768
7.200 B -> A ACK 1 ack 4345 win 32225
7.210 A -> B PSH,ACK 4345:5001 ack 1 win 32768
7.260 B -> A ACK 1 ack 5001 win 32143
`,
  );
  assert.equal(b.readableBytes, 5000);
  assert.equal(a.rto / 1e9, 1, 'timestamps make a retransmission measurable');
});

test('with SACK both come back at once, in one round trip', () => {
  const pair = new Pair();
  const [a, b] = pair.established();
  pair.ladder();
  loseOnce(pair, '1449:2897', '4345:5793');
  a.write(bytes(10 * 1448));
  pair.settle();
  const again = pair.log.filter((line) => line.includes('A -> B') && /ACK (1449|4345):/.test(line));
  assert.deepEqual(again, ['0.050 A -> B ACK 1449:2897 ack 1 win 32768', '0.050 A -> B ACK 4345:5793 ack 1 win 32768']);
  assert.equal(b.readableBytes, 14_480);
  assert.equal(a.congestion.ssthresh, 9122, 'seven tenths of what was in flight');
});

test('a lost tail is found by a probe, and what it covers goes again within four round trips', () => {
  const pair = new Pair();
  const [a, b] = pair.established();
  pair.ladder();
  pair.loses = (from, number) => from === 'A' && number >= 4 && number <= 5;
  a.write(bytes(5000));
  pair.settle();
  assert.equal(
    pair.ladder(),
    `
0.030 A -> B ACK 1:1449 ack 1 win 32768
0.030 A -x B ACK 1449:2897 ack 1 win 32768
0.030 A -x B ACK 2897:4345 ack 1 win 32768
0.070 A -> B PSH,ACK 4345:5001 ack 1 win 32768
0.080 B -> A ACK 1 ack 1449 win 32587 <sack 4345:5001>
0.090 A -> B ACK 1449:2897 ack 1 win 32768
0.100 B -> A ACK 1 ack 2897 win 32406 <sack 4345:5001>
0.110 A -> B ACK 2897:4345 ack 1 win 32768
0.120 B -> A ACK 1 ack 5001 win 32143
`,
  );
  assert.equal(b.readableBytes, 5000);
});

test('a probe that is lost leaves it to the timer, which doubles', () => {
  const pair = new Pair();
  const [a, b] = pair.established();
  pair.ladder();
  pair.loses = (from, number) => from === 'A' && number >= 4 && number <= 7;
  a.write(bytes(5000));
  pair.settle();
  assert.equal(
    pair.ladder(),
    `
0.030 A -> B ACK 1:1449 ack 1 win 32768
0.030 A -x B ACK 1449:2897 ack 1 win 32768
0.030 A -x B ACK 2897:4345 ack 1 win 32768
0.070 A -x B PSH,ACK 4345:5001 ack 1 win 32768
0.080 B -> A ACK 1 ack 1449 win 32587
1.090 A -x B ACK 1449:2897 ack 1 win 32768
3.090 A -> B ACK 1449:2897 ack 1 win 32768
3.140 B -> A ACK 1 ack 2897 win 32406
3.150 A -> B ACK 2897:4345 ack 1 win 32768
3.150 A -> B PSH,ACK 4345:5001 ack 1 win 32768
3.200 B -> A ACK 1 ack 5001 win 32143
`,
  );
  assert.equal(b.readableBytes, 5000);
});

test('limited transmit: two duplicates let new segments out', () => {
  const pair = new Pair();
  const [a] = pair.established();
  pair.ladder();
  loseOnce(pair, ' 1:1449');
  a.write(bytes(12 * 1448)); // the window has room for ten
  pair.flush();
  assert.equal(pair.log.length, 10);
  pair.settle();
  assert.deepEqual(
    pair.log.filter((line) => /A -> B .*(14481|15929):/.test(line)).map((line) => line.slice(0, 27)),
    ['0.050 A -> B ACK 14481:1592', '0.050 A -> B PSH,ACK 15929:'],
  );
});

test('no acknowledgment at all: given up after fifteen retransmissions', () => {
  const pair = new Pair();
  const [a] = pair.established();
  a.write(bytes(5));
  pair.loses = () => true;
  pair.settle();
  assert.deepEqual([a.state, a.error], ['Closed', 'ETIMEDOUT']);
  assert.ok(pair.now > 100e9, 'RFC 9293 §3.8.3: R2 is at least 100 s');
  assert.equal(pair.A.counters.retransmitted, 16, 'and one probe before them');
});

test('a user timeout ends it sooner', () => {
  const pair = new Pair();
  const [a] = pair.established({ options: { userTimeout: 20e9 as never } });
  a.write(bytes(5));
  pair.loses = () => true;
  pair.settle();
  assert.equal(a.error, 'ETIMEDOUT');
  assert.ok(pair.now > 20e9 && pair.now < 40e9);
});

test('segments that arrive behind a gap are kept, not sent again', () => {
  const pair = new Pair();
  const [a, b] = pair.established();
  loseOnce(pair, ' 1:1449');
  a.write(bytes(8 * 1448));
  pair.settle();
  assert.equal(b.readableBytes, 8 * 1448);
  assert.equal(pair.A.counters.retransmitted, 1);
});

test('a path that has become narrow: smaller segments, at once', () => {
  const pair = new Pair();
  const [a, b] = pair.established();
  pair.ladder();
  pair.mtu = 1000;
  a.write(bytes(3000));
  pair.settle();
  assert.equal(a.mss, 948);
  assert.equal(b.readableBytes, 3000);
  assert.ok(pair.now < 1e9, 'no timer had to expire');
});
