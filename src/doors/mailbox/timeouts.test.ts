import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Instant, NEVER } from '../../core/time.ts';
import { MAX_TIMEOUTS } from './lab.ts';
import { Timeouts } from './timeouts.ts';

const at = (time: number): Instant => time as Instant;
const nothing = (): void => {};

test('the earliest comes first, and of equal time the one that was set first', () => {
  const timeouts = new Timeouts();
  const ids = [30, 10, 20, 10].map((time) => timeouts.add(at(time), nothing));
  assert.equal(timeouts.next, 10);
  const taken = Array.from({ length: 5 }, () => timeouts.takeDue(at(30))?.id);
  assert.deepEqual(taken, [ids[1], ids[3], ids[2], ids[0], undefined]);
  assert.equal(timeouts.next, NEVER);
});

test('nothing is taken before its time', () => {
  const timeouts = new Timeouts();
  timeouts.add(at(10), nothing);
  assert.equal(timeouts.takeDue(at(9)), undefined);
  assert.notEqual(timeouts.takeDue(at(10)), undefined);
});

test('so many are the most, and one that is removed makes room', () => {
  const timeouts = new Timeouts();
  const ids = Array.from({ length: MAX_TIMEOUTS }, (_, i) => timeouts.add(at(i), nothing));
  assert.equal(new Set(ids).size, MAX_TIMEOUTS);
  assert.equal(timeouts.add(at(0), nothing), undefined);
  assert.equal(timeouts.remove(ids[5] ?? 0), true);
  assert.equal(timeouts.remove(ids[5] ?? 0), false);
  assert.notEqual(timeouts.add(at(0), nothing), undefined);
});

test('whatever is set and removed, the rest comes in the order of time, each once', () => {
  const action = fc.record({ time: fc.nat(50), isRemoved: fc.boolean() });
  fc.assert(
    fc.property(fc.array(action, { maxLength: MAX_TIMEOUTS }), (actions) => {
      const timeouts = new Timeouts();
      const added = actions.map(({ time, isRemoved }) => ({ id: timeouts.add(at(time), nothing), time, isRemoved }));
      for (const { id, isRemoved } of added) if (isRemoved) assert.ok(timeouts.remove(id ?? 0));
      const expected = added.filter(({ isRemoved }) => !isRemoved).sort((a, b) => a.time - b.time);
      for (const { id } of expected) assert.equal(timeouts.takeDue(at(50))?.id, id);
      assert.equal(timeouts.next, NEVER);
    }),
  );
});
