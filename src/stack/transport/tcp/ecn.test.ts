import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Pair } from '../../../../test/testing/tcp_pair.ts';
import type { TcpSettings } from './tcp_settings.ts';

const bytes = (length: number): Uint8Array => new Uint8Array(length).fill(120);
const ASKING: Partial<TcpSettings> = { ecn: 'ask', timestamps: false, selectiveAcknowledgment: false };

test('who asks for it gets it, also from one that does not ask', () => {
  const pair = new Pair({ settings: ASKING });
  const [a, b] = pair.established();
  const [syn, answer] = pair.log;
  assert.match(syn ?? '', /SYN,ECE,CWR/);
  assert.match(answer ?? '', /SYN,ACK,ECE /);
  assert.ok(a.ecn !== undefined && b.ecn !== undefined);
});

for (const ecn of ['off', 'accept'] as const) {
  test(`nobody asks: ${ecn}`, () => {
    const pair = new Pair({ settings: { ...ASKING, ecn } });
    const [a, b] = pair.established();
    assert.doesNotMatch(pair.ladder(), /ECE|CWR/);
    assert.deepEqual([a.ecn, b.ecn], [undefined, undefined]);
  });
}

test('a SYN with these flags that gets no answer comes again without them', () => {
  const pair = new Pair({ settings: ASKING });
  pair.loses = (_from, _number, text) => text.startsWith('SYN,ECE');
  const [a] = pair.established();
  assert.equal(a.ecn, undefined);
  assert.equal(a.state, 'Established');
});

test('a mark is told until the sender says that it has heard, and the window shrinks once', () => {
  const pair = new Pair({ settings: ASKING });
  const [a, b] = pair.established();
  pair.ladder();
  a.write(bytes(10 * 1460));
  pair.settle();
  pair.ladder();
  const before = a.congestion.cwnd;
  pair.marks = (_from, _number, text) => /:(18981|21901) /.test(text);
  a.write(bytes(8 * 1460));
  pair.run(0.022);
  a.write(bytes(4 * 1460));
  pair.settle();
  assert.equal(
    pair.ladder(),
    `
0.080 A -> B ACK 14601:16061 ack 1 win 32768
0.080 A -> B ACK 16061:17521 ack 1 win 32768
0.080 A -> B ACK 17521:18981 ack 1 win 32768 (marked)
0.080 A -> B ACK 18981:20441 ack 1 win 32768
0.080 A -> B ACK 20441:21901 ack 1 win 32768 (marked)
0.080 A -> B ACK 21901:23361 ack 1 win 32768
0.080 A -> B ACK 23361:24821 ack 1 win 32768
0.080 A -> B PSH,ACK 24821:26281 ack 1 win 32768
0.090 B -> A ACK 1 ack 17521 win 30578
0.090 B -> A ACK,ECE 1 ack 20441 win 30213
0.090 B -> A ACK,ECE 1 ack 23361 win 29848
0.090 B -> A ACK,ECE 1 ack 26281 win 29483
0.102 A -> B ACK,CWR 26281:27741 ack 1 win 32768
0.102 A -> B ACK 27741:29201 ack 1 win 32768
0.102 A -> B ACK 29201:30661 ack 1 win 32768
0.102 A -> B PSH,ACK 30661:32121 ack 1 win 32768
0.112 B -> A ACK 1 ack 29201 win 29118
0.112 B -> A ACK 1 ack 32121 win 28753
`,
  );
  assert.equal(b.readableBytes, 22 * 1460);
  assert.ok(
    a.congestion.cwnd >= 6132 && a.congestion.cwnd < 6132 + 1460,
    `seven tenths of six segments, and a little: ${a.congestion.cwnd}`,
  );
  assert.ok(a.congestion.cwnd < before);
  assert.equal(pair.A.counters.retransmitted, 0);
});

test('what is sent again is not to be marked, and acknowledgments are not', () => {
  const pair = new Pair({ settings: ASKING });
  const [a] = pair.established();
  const capable: string[] = [];
  pair.marks = (from, _number, text) => {
    capable.push(`${from} ${text}`);
    return false;
  };
  pair.loses = (from, number) => from === 'A' && number === 4;
  a.write(bytes(6 * 1460));
  pair.settle();
  assert.ok(pair.A.counters.retransmitted > 0);
  assert.equal(capable.length, 6);
  assert.ok(capable.every((text) => text.startsWith('A ')));
});
