import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Arena, MEDIUM_PAYLOAD, SMALL_PAYLOAD } from './arena.ts';
import { ByteStream } from './byte_stream.ts';

const pattern = (length: number, from = 0): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => Math.imul(from + i, 0x9e3779b1) >>> 19);

/** The sum by its definition, with one way to write zero. */
const sumOf = (data: Uint8Array): number =>
  data.reduce((sum, byte, i) => (sum + (i % 2 === 0 ? byte << 8 : byte)) % 0xffff, 0);

test('an empty stream holds no chunk, a small one a small chunk', () => {
  const arena = new Arena();
  const stream = new ByteStream(arena);
  assert.equal(arena.slotsInUse, 0);
  stream.append(pattern(10), 0, 10);
  assert.equal(stream.chunkCount, 1);
  stream.consume(10);
  assert.equal(arena.slotsInUse, 0);
});

test('a piece that crosses chunks at an odd offset sums as one that does not', () => {
  const arena = new Arena();
  const stream = new ByteStream(arena);
  const data = pattern(SMALL_PAYLOAD + MEDIUM_PAYLOAD + 500);
  stream.append(data.subarray(0, 3), 0, 3); // the first chunk is a small one
  stream.append(data, 3, data.length);
  const slot = arena.allocate(9000);
  for (const [offset, length] of [
    [SMALL_PAYLOAD - 7, 1448],
    [SMALL_PAYLOAD - 8, 1447],
    [SMALL_PAYLOAD + MEDIUM_PAYLOAD - 1, 301],
    [1, 9000],
  ] as const) {
    const sum = stream.copySumTo(arena.start(slot), offset, length);
    const copied = arena.bytes.slice(arena.start(slot), arena.start(slot) + length);
    assert.deepEqual(copied, data.slice(offset, offset + length));
    assert.equal(sum % 0xffff, sumOf(copied), `at ${offset}`);
  }
});

test('what is written ahead counts once it is committed', () => {
  const arena = new Arena();
  const stream = new ByteStream(arena);
  const data = pattern(40_000);
  const source = arena.allocateFrom(data);
  stream.copySumFrom(arena.start(source) + 30_000, 30_000, 10_000);
  assert.equal(stream.length, 0);
  assert.equal(stream.chunkCount, 2, 'nothing is made for the gap that a chunk does not touch');
  stream.copySumFrom(arena.start(source), 0, 30_000);
  stream.commit(40_000);
  const out = new Uint8Array(50_000);
  assert.equal(stream.readInto(out), 40_000);
  assert.deepEqual(out.subarray(0, 40_000), data);
  arena.release(source);
  assert.equal(arena.slotsInUse, 0);
});

test('what was written ahead can be given up', () => {
  const arena = new Arena();
  const stream = new ByteStream(arena);
  const source = arena.allocateFrom(pattern(1000));
  stream.append(pattern(5), 0, 5);
  stream.copySumFrom(arena.start(source), 50_000, 1000);
  stream.dropAhead();
  assert.equal(stream.chunkCount, 1);
  stream.consume(5);
  arena.release(source);
  assert.equal(arena.slotsInUse, 0);
});

test('behaves as a plain array does, and gives every chunk back', () => {
  const length = fc.oneof(fc.nat(40), fc.nat(20_000));
  const action = fc.oneof(
    fc.record({ kind: fc.constant('append' as const), length }),
    fc.record({ kind: fc.constant('copyIn' as const), length }),
    fc.record({ kind: fc.constant('copyOut' as const), length }),
    fc.record({ kind: fc.constant('consume' as const), length }),
    fc.record({ kind: fc.constant('read' as const), length }),
  );
  fc.assert(
    fc.property(fc.array(action, { maxLength: 25 }), (actions) => {
      const arena = new Arena();
      const stream = new ByteStream(arena);
      const scratch = arena.allocate(40_000);
      let model: Uint8Array = new Uint8Array(0);
      let total = 0;
      for (const { kind, length } of actions) {
        const count = Math.min(length, model.length);
        if (kind === 'append' || kind === 'copyIn') {
          const data = pattern(length, total);
          total += length;
          if (kind === 'append') stream.append(data, 0, length);
          else {
            arena.bytes.set(data, arena.start(scratch));
            assert.equal(stream.copySumFrom(arena.start(scratch), stream.length, length) % 0xffff, sumOf(data));
            stream.commit(length);
          }
          model = Uint8Array.of(...model, ...data);
        } else if (kind === 'copyOut') {
          const offset = model.length - count;
          const sum = count === 0 ? 0 : stream.copySumTo(arena.start(scratch), offset, count);
          const copied = arena.bytes.slice(arena.start(scratch), arena.start(scratch) + count);
          assert.deepEqual(copied, model.slice(offset, offset + count));
          assert.equal(sum % 0xffff, sumOf(copied));
        } else if (kind === 'consume') {
          stream.consume(count);
          model = model.slice(count);
        } else {
          const out = new Uint8Array(length);
          assert.equal(stream.readInto(out), count);
          assert.deepEqual(out.subarray(0, count), model.slice(0, count));
          model = model.slice(count);
        }
        assert.equal(stream.length, model.length);
        assert.ok(stream.chunkCount <= 2 + model.length / MEDIUM_PAYLOAD, 'no chunk is held in vain');
      }
      stream.consume(stream.length);
      arena.release(scratch);
      assert.equal(arena.slotsInUse, 0);
    }),
  );
});
