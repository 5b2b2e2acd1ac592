import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { FRAMES } from '../../../test/testing/frames.ts';
import { runTwoHosts } from '../../../test/testing/two_hosts.ts';
import type { Instant } from '../../core/time.ts';
import { firstDifference, fromFirstFrame } from './frame_difference.ts';
import { FrameReader } from './frame_text.ts';
import { formatPacketLines, hexDump, packetLines, packetObjects } from './packet_list.ts';

const all = (): boolean => true;
const frames = Object.values(FRAMES).map((bytes, i) => {
  return { number: i + 1, time: (i * 1000) as Instant, network: i === 0 ? 'a' : 'lan', bytes };
});

test('lines stand in columns, and what became of a frame stands behind it', () => {
  const shown = [
    ...frames.slice(0, 1),
    ...frames.slice(5, 6).map((frame) => ({ ...frame, comment: 'lost on the link' })),
  ];
  assert.equal(
    `\n${formatPacketLines(packetLines(shown, all)).join('\n')}\n`,
    `
   1  0.000000000  a    ARP, Request who-has 10.0.0.2 tell 10.0.0.1, length 28
   6  0.000005000  lan  IP 10.0.0.1.5353 > 10.0.0.2.53: UDP, length 5  (lost on the link)
`,
  );
});

test('numbers of a connection count from its SYN, even where the SYN itself is not listed', () => {
  const [line] = packetLines(frames, ({ frame }) => frame.number === 3);
  assert.match(line?.text ?? '', /Flags \[P\.\], seq 1:6,/);
});

test('a capture that begins in the middle of a connection counts from what it sees first', () => {
  const [line] = packetLines([{ number: 1, time: 0 as Instant, network: 'lan', bytes: FRAMES.data }], all);
  assert.match(line?.text ?? '', /seq 1:6, ack 1,/);
});

test('HTTP shows its first line', () => {
  const { world } = runTwoHosts();
  const text = packetLines(world.capture?.frames() ?? [], all).map((line) => line.text);
  assert.ok(text.some((line) => line.endsWith('HTTP: GET / HTTP/1.1')));
  assert.ok(text.some((line) => line.endsWith('HTTP: HTTP/1.1 200 OK')));
});

test('objects hold the fields that filters ask for', () => {
  const [packet] = packetObjects(frames, ({ frame }) => frame.number === 2);
  assert.equal(packet?.time, '0.000001000');
  assert.equal(packet?.comment, null);
  assert.deepEqual(packet?.fields['tcp.port'], ['4000', '80']);
  assert.deepEqual(packet?.fields['ip.src'], ['10.0.0.1']);
  assert.equal(packet?.fields['udp.port'], undefined);
  assert.equal(packet?.bytes.length, FRAMES.syn.length * 2);
});

test('a dump shows offset, bytes and characters', () => {
  const dump = hexDump(Uint8Array.from({ length: 18 }, (_, i) => 0x5a + i));
  assert.equal(
    `\n${dump.join('\n')}\n`,
    `
0000  5a 5b 5c 5d 5e 5f 60 61  62 63 64 65 66 67 68 69  Z[\\]^_\`abcdefghi
0010  6a 6b                                             jk
`,
  );
  assert.deepEqual(hexDump(new Uint8Array(0)), []);
});

test('no frame keeps the reader from saying something', () => {
  const reader = new FrameReader();
  const frame = fc.oneof(fc.uint8Array({ maxLength: 120 }), fc.constantFrom(...Object.values(FRAMES)));
  fc.assert(
    fc.property(frame, fc.nat(80), fc.nat(255), (bytes, at, value) => {
      const changed = bytes.slice();
      if (at < changed.length) changed[at] = value;
      assert.notEqual(reader.text(reader.read({ number: 1, time: 0 as Instant, network: 'lan', bytes: changed })), '');
    }),
  );
});

test('the first difference is found, and what it is in', () => {
  const later = frames.map((frame, i) => (i === 3 ? { ...frame, time: 5 as Instant, network: 'b' } : frame));
  assert.equal(firstDifference(frames, frames), undefined);
  assert.deepEqual(firstDifference(frames, later)?.what, ['time', 'network']);
  assert.equal(firstDifference(frames, later)?.index, 3);
  assert.deepEqual(firstDifference(frames, frames.slice(0, 2))?.what, ['length']);
  assert.equal(firstDifference(frames, frames.slice(0, 2))?.second, undefined);
  const other = frames.map((frame, i) => (i === 1 ? { ...frame, bytes: frame.bytes.with(20, 1) } : frame));
  assert.deepEqual(firstDifference(frames, other)?.what, ['bytes']);
});

test('times can count from the first frame', () => {
  const [first, second] = fromFirstFrame(frames.slice(2, 4));
  assert.deepEqual([first?.time, second?.time], [0, 1000]);
  assert.deepEqual(fromFirstFrame([]), []);
});
