import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Instant } from '../../core/time.ts';
import { borrowRing, FrameRing, returnRing } from './frame_ring.ts';

test('frames come out in the order of their times, equal ones as they came, through any number of enlargements', () => {
  const action = fc.oneof(
    { weight: 3, arbitrary: fc.nat(20) },
    { weight: 2, arbitrary: fc.constant('shift' as const) },
  );
  fc.assert(
    fc.property(fc.array(action, { maxLength: 400, size: 'max' }), (actions) => {
      const ring = new FrameRing();
      const model: { time: number; slot: number; isIntact: boolean }[] = [];
      for (const [slot, act] of actions.entries()) {
        if (act !== 'shift') {
          ring.push(act as Instant, slot, slot % 3 > 0);
          model.push({ time: act, slot, isIntact: slot % 3 > 0 });
          model.sort((a, b) => a.time - b.time || a.slot - b.slot);
        } else if (model.length > 0) {
          model.shift();
          ring.shift();
        }
        assert.equal(ring.length, model.length);
        const first = model[0];
        if (first === undefined) continue;
        assert.deepEqual([ring.firstTime, ring.firstSlot, ring.isFirstIntact], Object.values(first));
        assert.equal(ring.lastTime, model.at(-1)?.time);
      }
    }),
  );
});

test('a ring is used again', () => {
  const idle: FrameRing[] = [];
  const ring = borrowRing(idle);
  returnRing(idle, ring);
  assert.equal(borrowRing(idle), ring);
  assert.notEqual(borrowRing(idle), ring);
});

test('no more than a thousand idle rings are kept', () => {
  const idle: FrameRing[] = [];
  for (let i = 0; i < 2000; i++) returnRing(idle, new FrameRing());
  assert.equal(idle.length, 1024);
});
