import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Arena, ArenaFull, HEADROOM, MAX_PAYLOAD, MEDIUM_PAYLOAD, SMALL_PAYLOAD } from './arena.ts';
import { plainKernel } from './checksum_kernel.ts';

/** Bytes that tell the slots of a test apart. */
const patterned = (length: number, mark: number): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => (mark * 131 + i * 7) & 0xff);

test('a slot has room for its payload and the headers in front, at every size', () => {
  const arena = new Arena();
  for (const length of [0, 1, SMALL_PAYLOAD, SMALL_PAYLOAD + 1, MEDIUM_PAYLOAD, MEDIUM_PAYLOAD + 1, MAX_PAYLOAD]) {
    const slot = arena.allocate(length);
    assert.equal(arena.length(slot), length);
    assert.equal(arena.end(slot) - arena.start(slot), length);
    assert.equal(arena.prepend(slot, HEADROOM), arena.start(slot));
    assert.equal(arena.length(slot), length + HEADROOM);
    assert.throws(() => arena.prepend(slot, 1), /headers fit into the headroom/);
    arena.release(slot);
  }
  assert.throws(() => arena.allocate(MAX_PAYLOAD + 1), /no packet is longer/);
  assert.equal(arena.slotsInUse, 0);
});

test('headers come and go in front, the payload stays where it is', () => {
  const arena = new Arena();
  const slot = arena.allocateFrom(patterned(100, 1));
  const payloadAt = arena.start(slot);
  arena.prepend(slot, 20);
  assert.equal(arena.trimFront(slot, 20), payloadAt);
  assert.deepEqual(arena.copyOut(slot), patterned(100, 1));
  assert.throws(() => arena.trimFront(slot, 101), /no more is trimmed/);
  arena.setLength(slot, 10);
  assert.deepEqual(arena.copyOut(slot), patterned(100, 1).subarray(0, 10));
  arena.setLength(slot, SMALL_PAYLOAD);
  assert.throws(() => arena.setLength(slot, SMALL_PAYLOAD + 1), /no more than its size/);
});

test('a slot is free once its last reference is released, and not released twice', () => {
  const arena = new Arena();
  const slot = arena.allocate(1);
  arena.retain(slot);
  assert.equal(arena.isShared(slot), true);
  arena.release(slot);
  assert.deepEqual([arena.isShared(slot), arena.slotsInUse], [false, 1]);
  arena.release(slot);
  assert.equal(arena.slotsInUse, 0);
  assert.throws(() => arena.release(slot), /released once for each reference/);
});

test('owning copies only what is shared', () => {
  const arena = new Arena();
  const slot = arena.allocateFrom(patterned(50, 2));
  assert.equal(arena.own(slot), slot);
  arena.retain(slot);
  const copy = arena.own(slot);
  assert.notEqual(copy, slot);
  arena.bytes[arena.start(copy)] = 0xee;
  assert.deepEqual(arena.copyOut(slot), patterned(50, 2));
  assert.deepEqual([arena.isShared(slot), arena.isShared(copy), arena.slotsInUse], [false, false, 2]);
});

test('nothing allocates while slots are free: the memory grows no further', () => {
  const arena = new Arena();
  const taken = (): number[] => Array.from({ length: 200 }, () => arena.allocate(1000));
  for (const slot of taken()) arena.release(slot);
  const grown = arena.byteLength;
  for (let round = 0; round < 20; round++) for (const slot of taken()) arena.release(slot);
  assert.equal(arena.byteLength, grown);
});

test('a full arena fails with a sentence, and goes on once something is released', () => {
  const limit = 1_000_000;
  const arena = new Arena(limit);
  const slots: number[] = [];
  assert.throws(() => {
    for (;;) slots.push(arena.allocate(1500));
  }, ArenaFull);
  assert.ok(arena.byteLength <= Math.ceil(limit / 65_536) * 65_536);
  assert.ok(slots.length * 1500 > limit / 2, 'most of the memory was handed out');
  assert.equal(arena.slotsInUse, slots.length);
  const [first = -1] = slots;
  arena.release(first);
  assert.equal(arena.allocate(1500), first);
});

test('sums and copies stay right after the memory has grown, with either kernel', () => {
  for (const arena of [new Arena(), new Arena(2 ** 31, plainKernel)]) {
    const [a, b] = [arena.allocateFrom(Uint8Array.of(0x12, 0x34, 0x56)), arena.allocate(3)];
    const before = arena.byteLength;
    while (arena.byteLength === before) arena.allocate(MAX_PAYLOAD);
    assert.equal(arena.sum(arena.start(a), 3), 0x6834);
    assert.equal(arena.copySum(arena.start(b), arena.start(a), 3), 0x6834);
    assert.deepEqual([...arena.copyOut(b)], [0x12, 0x34, 0x56]);
  }
});

test('what is copied out of the same place again is what lies there now, before and after the memory has grown', () => {
  const arena = new Arena();
  const slot = arena.allocateFrom(patterned(100, 1));
  const copyOf = (length: number): Uint8Array => {
    const target = new Uint8Array(length + 3);
    arena.copyInto(target, 3, arena.start(slot), length);
    return target.subarray(3);
  };
  assert.deepEqual(copyOf(100), patterned(100, 1));
  arena.bytes.set(patterned(100, 2), arena.start(slot));
  assert.deepEqual(copyOf(100), patterned(100, 2));
  assert.deepEqual(copyOf(10), patterned(100, 2).subarray(0, 10));
  const before = arena.bytes;
  while (arena.bytes === before) arena.allocate(MAX_PAYLOAD);
  arena.bytes.set(patterned(100, 3), arena.start(slot));
  assert.deepEqual(copyOf(10), patterned(100, 3).subarray(0, 10));
  arena.copyInto(new Uint8Array(0), 0, 0, 0);
});

test('slots never overlap, lose a byte or get lost, whatever the order of use', () => {
  const length = fc.oneof(
    { weight: 6, arbitrary: fc.nat(SMALL_PAYLOAD) },
    { weight: 2, arbitrary: fc.integer({ min: SMALL_PAYLOAD + 1, max: MEDIUM_PAYLOAD }) },
    { weight: 1, arbitrary: fc.integer({ min: MEDIUM_PAYLOAD + 1, max: MAX_PAYLOAD }) },
  );
  const step = fc.oneof(
    fc.record({ verb: fc.constant('allocate' as const), length }),
    fc.record({ verb: fc.constantFrom('retain' as const, 'release' as const, 'own' as const), which: fc.nat() }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const arena = new Arena();
      const references: { slot: number; mark: number; length: number }[] = []; // one entry for each reference held
      for (const [mark, action] of steps.entries()) {
        if (action.verb === 'allocate') {
          const slot = arena.allocateFrom(patterned(action.length, mark));
          assert.ok(
            references.every((held) => held.slot !== slot),
            'a slot in use is not handed out again',
          );
          references.push({ slot, mark, length: action.length });
        } else if (references.length > 0) {
          const at = action.which % references.length;
          const [held] = references.splice(at, 1);
          assert.ok(held !== undefined);
          if (action.verb === 'release') arena.release(held.slot);
          else if (action.verb === 'own') references.push({ ...held, slot: arena.own(held.slot) });
          else {
            arena.retain(held.slot);
            references.push(held, held);
          }
        }
        assert.equal(arena.slotsInUse, new Set(references.map((held) => held.slot)).size);
      }
      for (const { slot, mark, length } of references) assert.deepEqual(arena.copyOut(slot), patterned(length, mark));
      for (const { slot } of references) arena.release(slot);
      assert.equal(arena.slotsInUse, 0);
    }),
  );
});
