import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Arena } from '../../core/arena.ts';
import type { Instant } from '../../core/time.ts';
import type { FrameFate } from '../../stack/link/device.ts';
import { readCapture } from '../../wire/pcapng_reader.ts';
import { Capture, pcapngOf } from './capture.ts';

type Sent = readonly [time: number, network: string, bytes: readonly number[], fate?: FrameFate];

function captured(sent: readonly Sent[]): Capture {
  const arena = new Arena();
  const capture = new Capture(arena);
  const taps = new Map(['home', 'wan'].map((name) => [name, capture.tap(name)]));
  for (const [time, network, bytes, fate = 'sent'] of sent) {
    const slot = arena.allocateFrom(Uint8Array.from(bytes));
    taps.get(network)?.frame(time as Instant, slot, fate);
    arena.release(slot);
  }
  return capture;
}

test('frames stand in the order of time, those of equal time in the order in which they were sent', () => {
  const capture = captured([
    [30, 'home', [3]],
    [10, 'wan', [1]],
    [30, 'wan', [4]],
    [20, 'home', [2], 'lost'],
  ]);
  assert.deepEqual(
    capture.frames().map(({ number, time, bytes, comment }) => [number, time, bytes[0], comment]),
    [
      [1, 10, 1, undefined],
      [2, 20, 2, 'lost on the link'],
      [3, 30, 3, undefined],
      [4, 30, 4, undefined],
    ],
  );
  assert.equal(capture.length, 4);
});

test('the digest depends on time, network and bytes, and not on what became of a frame', () => {
  const digest = (...sent: Sent[]): string => captured(sent).digest();
  const one = digest([1, 'home', [1, 2]]);
  assert.equal(digest([1, 'home', [1, 2], 'lost']), one);
  assert.equal(digest([1, 'home', [1, 2]]), one);
  const others = [
    digest([2, 'home', [1, 2]]),
    digest([2 ** 33 + 1, 'home', [1, 2]]),
    digest([1, 'wan', [1, 2]]),
    digest([1, 'home', [2, 1]]),
    digest([1, 'home', [1]], [1, 'home', [2]]),
    digest(),
  ];
  assert.equal(new Set([one, ...others]).size, others.length + 1);
});

test('the capture file has an interface a network, and says what became of a frame', () => {
  const frames = captured([
    [1, 'wan', [1, 2]],
    [2, 'home', [3], 'duplicated'],
  ]).frames();
  const file = pcapngOf(frames, ['home', 'wan'], { seconds: 0, nanoseconds: 0 }, 'test');
  const read = readCapture(file);
  assert.ok(typeof read === 'object');
  assert.match(
    JSON.stringify(read, (_key, value) => (typeof value === 'bigint' ? String(value) : value)),
    /arrives twice/,
  );
});

test('secrets stand in the file once, before the frames that need them, and outside the digest', () => {
  const capture = captured([
    [1, 'wan', [1]],
    [5, 'wan', [2]],
    [9, 'wan', [3]],
  ]);
  const digest = capture.digest();
  for (const time of [5, 7]) capture.addTlsSecret(time as Instant, 'CLIENT_TRAFFIC_SECRET_0 aa bb'); // from both ends
  capture.addTlsSecret(5 as Instant, 'SERVER_TRAFFIC_SECRET_0 aa cc');
  capture.addTlsSecret(20 as Instant, 'EXPORTER_SECRET aa dd');
  assert.equal(capture.digest(), digest);
  const file = pcapngOf(capture.frames(), ['wan'], { seconds: 0, nanoseconds: 0 }, 'test', capture.tlsSecrets());
  const { tlsSecrets, packets, problem } = readCapture(file);
  assert.equal(problem, undefined);
  assert.equal(packets.length, 3);
  assert.deepEqual(tlsSecrets, [
    'CLIENT_TRAFFIC_SECRET_0 aa bb\nSERVER_TRAFFIC_SECRET_0 aa cc\n',
    'EXPORTER_SECRET aa dd\n',
  ]);
  assert.deepEqual(blockTypes(file), [0x0a0d0d0a, 1, 6, 10, 6, 6, 10]);
});

function blockTypes(file: Uint8Array): number[] {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const types: number[] = [];
  for (let at = 0; at < file.length; at += view.getUint32(at + 4, true)) types.push(view.getUint32(at, true));
  return types;
}
