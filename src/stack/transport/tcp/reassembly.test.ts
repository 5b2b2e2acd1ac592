import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Pair } from '../../../../test/testing/tcp_pair.ts';
import { TcpFlag } from '../../../wire/tcp.ts';
import { Reassembly } from './reassembly.ts';

const { Ack } = TcpFlag;
const text = (set: Reassembly): string =>
  set
    .takeBlocks()
    .map(({ left, right }) => `${left}:${right}`)
    .join(' ');

test('the range that came last is told first, then those told before it', () => {
  const set = new Reassembly();
  set.add(100, 200);
  set.add(500, 600);
  set.add(300, 400);
  assert.equal(text(set), '300:400 500:600 100:200');
  set.add(600, 700);
  assert.equal(text(set), '500:700 300:400 100:200');
  set.add(900, 1000);
  set.add(1100, 1200);
  assert.equal(text(set), '1100:1200 900:1000 500:700 300:400', 'four fit');
  assert.equal(set.advance(100), 200);
  assert.equal(set.size, 4);
});

test('what has come twice is told once, before the range in which it lies', () => {
  const set = new Reassembly();
  set.add(100, 300);
  set.add(500, 600);
  assert.deepEqual(set.overlap(150, 250), { left: 150, right: 250 });
  assert.deepEqual(set.overlap(250, 350), { left: 250, right: 300 });
  assert.equal(set.overlap(300, 500), undefined);
  set.noteDuplicate({ left: 150, right: 250 });
  assert.equal(text(set), '150:250 100:300 500:600');
  assert.equal(text(set), '100:300 500:600');
});

function receiver(duplicateSack = true): Pair {
  const pair = new Pair({ settings: { timestamps: false, duplicateSack } });
  pair.established({ localPort: 4000 });
  pair.ladder();
  return pair;
}

const send = (pair: Pair, sequence: number, payload: string): void => {
  pair.inject('A', [80, 4000], Ack, sequence, 1, { payload });
  pair.flush();
};

test('D-SACK: a segment that comes again, a part of one, one behind a gap (RFC 2883 §4)', () => {
  const pair = receiver();
  send(pair, 1, 'abcdefgh');
  send(pair, 1, 'abcdefgh');
  send(pair, 5, 'efghijkl');
  send(pair, 21, 'uvwxyz');
  send(pair, 21, 'uvwxyz');
  assert.equal(
    pair.log
      .filter((line) => line.includes('A -> B'))
      .map((line) => line.slice(6))
      .join('\n'),
    `A -> B ACK 1 ack 9 win 32767 <sack 1:9>
A -> B ACK 1 ack 13 win 32767 <sack 5:9>
A -> B ACK 1 ack 13 win 32767 <sack 21:27>
A -> B ACK 1 ack 13 win 32767 <sack 21:27,sack 21:27>`,
  );
});

test('no D-SACK where it is switched off', () => {
  const pair = receiver(false);
  send(pair, 1, 'abcdefgh');
  send(pair, 1, 'abcdefgh');
  assert.doesNotMatch(pair.ladder(), /sack/);
});

test('a full segment leaves room for the blocks that it carries', () => {
  const pair = new Pair();
  const [a] = pair.established({ localPort: 4000 });
  pair.ladder();
  const options = { isSackPermitted: false, sackBlocks: [], timestamps: { value: a.tsRecent, echo: 0 } };
  for (const sequence of [101, 201]) pair.inject('A', [80, 4000], Ack, sequence, 1, { payload: 'abc', options });
  pair.flush();
  a.write(new Uint8Array(4000));
  pair.flush();
  const lengths = pair.log.flatMap((line) => {
    const range = /A -> B .* (\d+):(\d+) .*<sack .*sack /.exec(line);
    return range === null ? [] : [Number(range[2]) - Number(range[1])];
  });
  assert.deepEqual(lengths, [1428, 1428], '1,500 less 20, 32 and 20 bytes of headers');
});
