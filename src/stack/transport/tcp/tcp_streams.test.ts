// The law of TCP: whatever the wire does, each stream arrives exact and in order, or the connection ends with an error;
// nothing hangs, and nothing is left behind.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Pair, type Side } from '../../../../test/testing/tcp_pair.ts';
import type { TcpConnection } from './tcp_connection.ts';

/** Byte `i` of the stream from `side`: told from its neighbours, and from the other direction. */
const byteAt = (side: Side, i: number): number => (Math.imul(i + (side === 'A' ? 1 : 77), 0x9e3779b1) >>> 13) & 255;

/** One end's program: writes so many bytes in pieces, reads in pieces, closes when it has done both. */
class End {
  readonly side: Side;
  connection: TcpConnection | undefined;
  received = 0;
  written = 0;
  sawEnd = false;
  private readonly total: number;
  private readonly piece: number;
  private readonly buffer: Uint8Array;

  constructor(side: Side, total: number, writePiece: number, readPiece: number) {
    this.side = side;
    this.total = total;
    this.piece = writePiece;
    this.buffer = new Uint8Array(readPiece);
  }

  run(pair: Pair): void {
    const { connection } = this;
    if (connection === undefined) return;
    this.read(connection);
    while (this.written < this.total && connection.error === undefined) {
      const data = new Uint8Array(Math.min(this.piece, this.total - this.written));
      for (let i = 0; i < data.length; i++) data[i] = byteAt(this.side, this.written + i);
      const taken = connection.write(data);
      this.written += taken;
      if (taken < data.length) break;
    }
    if (this.written === this.total) connection.shutdown(pair.now);
    if (connection.isEndOfStream) this.sawEnd = true;
    if (connection.error !== undefined || (this.sawEnd && this.written === this.total)) connection.close(pair.now);
  }

  private read(connection: TcpConnection): void {
    const from: Side = this.side === 'A' ? 'B' : 'A';
    for (let count = connection.readInto(this.buffer); count > 0; count = connection.readInto(this.buffer)) {
      for (let i = 0; i < count; i++) {
        assert.equal(this.buffer[i], byteAt(from, this.received + i), `byte ${this.received + i} from ${from}`);
      }
      this.received += count;
    }
  }
}

const RUNS = 10 * (fc.readConfigureGlobal().numRuns ?? 100);

const scenario = fc.record({
  seed: fc.nat(1_000_000),
  loss: fc.constantFrom(0, 0.01, 0.1, 0.3),
  duplication: fc.constantFrom(0, 0.1),
  reordering: fc.constantFrom(0, 0.2),
  corruption: fc.constantFrom(0, 0.05),
  mtu: fc.constantFrom(576, 1500, 9000),
  timestamps: fc.boolean(),
  windowScaling: fc.boolean(),
  noDelay: fc.boolean(),
  aToB: fc.oneof(fc.nat(2000), fc.nat(60_000)),
  bToA: fc.oneof(fc.constant(0), fc.nat(30_000)),
  writePiece: fc.integer({ min: 50, max: 9000 }),
  readPiece: fc.integer({ min: 50, max: 70_000 }),
  sendBuffer: fc.integer({ min: 700, max: 100_000 }),
  receiveBuffer: fc.integer({ min: 1000, max: 300_000 }),
  /** The step at which A gives up, and at which the path becomes narrower; 0: never. */
  abortAt: fc.oneof({ weight: 5, arbitrary: fc.constant(0) }, fc.nat(200)),
  narrowAt: fc.oneof({ weight: 2, arbitrary: fc.constant(0) }, fc.nat(100)),
});

test('streams arrive exact, or the connection says why not; nothing hangs or leaks', () => {
  let completed = 0;
  fc.assert(
    fc.property(scenario, (setup) => {
      const { timestamps, windowScaling, noDelay, sendBuffer, receiveBuffer } = setup;
      const pair = new Pair({ ...setup, settings: { timestamps, windowScaling } });
      pair.isLogging = false;
      const a = new End('A', setup.aToB, setup.writePiece, setup.readPiece);
      const b = new End('B', setup.bToA, setup.readPiece, setup.writePiece);
      pair.B.acceptedOptions = { ...pair.B.acceptedOptions, noDelay, receiveBuffer };
      const listener = pair.listen('B');
      pair.onReady = (side, endpoint) => {
        if (endpoint === listener) {
          const accepted = listener.accept();
          if (b.connection === undefined) b.connection = accepted;
          else accepted?.abort(pair.now);
        }
        (side === 'A' ? a : b).run(pair);
      };
      a.connection = pair.connect('A', { options: { noDelay, sendBuffer, receiveBuffer } });
      a.run(pair);
      let steps = 0;
      while (pair.step()) {
        assert.ok(++steps < 400_000, 'it comes to an end');
        if (steps === setup.abortAt) a.connection.abort(pair.now);
        if (steps === setup.narrowAt) pair.mtu = 500;
      }
      const ends = [a, b];
      const failed = ends.some((end) => end.connection?.error !== undefined);
      if (!failed) {
        assert.equal(b.received, setup.aToB);
        assert.equal(a.received, setup.bToA);
        assert.ok(a.sawEnd && b.sawEnd, 'both saw the end');
        completed++;
      }
      // Who has given up may have been unable to tell the other end.
      if (failed) for (const end of ends) end.connection?.abort(pair.now);
      listener.close(pair.now);
      pair.run(3600);
      assert.equal(pair.arena.slotsInUse, 0, 'no slot is left');
      assert.equal(pair.A.connectionCount + pair.B.connectionCount, 0, 'no entry is left');
      assert.equal(pair.A.pollBackgroundTimeout(), Infinity);
      assert.equal(pair.B.pollBackgroundTimeout(), Infinity);
    }),
    { numRuns: RUNS },
  );
  assert.ok(completed > RUNS / 2, `most connections do not fail: ${completed}`);
});
