import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Arena, NO_SLOT } from '../../core/arena.ts';
import { Random } from '../../core/random.ts';
import { type Duration, type Instant, milliseconds, seconds } from '../../core/time.ts';
import { type ImpairmentOptions, Impairments } from './impairments.ts';

const ARENA = new Arena();
const SLOT = ARENA.allocateFrom(new Uint8Array(100));

/** Frames sent a millisecond apart: when each arrives, in milliseconds; `undefined`: lost. */
function arrivals(impairments: Impairments, count: number): (number | undefined)[] {
  return Array.from({ length: count }, (_, i) => {
    const sentAt = (i * 1e6) as Instant;
    const { fate, extraDelay, damaged } = impairments.cross(sentAt, ARENA, SLOT);
    if (damaged !== NO_SLOT) ARENA.release(damaged);
    return fate === 'lost' ? undefined : (sentAt + extraDelay) / 1e6;
  });
}

const isSorted = (times: readonly (number | undefined)[]): boolean =>
  times.every((time, i) => i === 0 || (time ?? 0) >= (times[i - 1] ?? 0));

const make = (options: Partial<ImpairmentOptions>): Impairments => new Impairments(options, Random.fromSeed(7));

test('without options nothing happens, and nothing is drawn', () => {
  const random = Random.fromSeed(7);
  const impairments = new Impairments({}, random);
  assert.deepEqual(arrivals(impairments, 5), [0, 1, 2, 3, 4]);
  assert.equal(random.nextUint32(), Random.fromSeed(7).nextUint32());
});

test('jitter delays within its bound, and keeps the order', () => {
  const times = arrivals(make({ jitter: milliseconds(20) }), 1000);
  assert.ok(isSorted(times));
  for (const [i, time] of times.entries()) assert.ok(time !== undefined && time >= i && time <= i + 20);
  assert.ok(times.some((time, i) => (time ?? 0) > i + 10));
});

test('jitter of more than four seconds is not cut short', () => {
  const times = arrivals(make({ jitter: seconds(60) }), 1000);
  assert.ok(times.some((time) => (time ?? 0) > 30_000));
});

test('a jitter that ends lets no frame overtake those before it', () => {
  const impairments = make({ jitter: milliseconds(20) });
  const before = arrivals(impairments, 3);
  impairments.change({ jitter: 0 as Duration });
  const { extraDelay } = impairments.cross(3e6 as Instant, ARENA, SLOT);
  assert.ok(3 + extraDelay / 1e6 >= (before.at(-1) ?? 0));
});

for (const jitter of [0, 20]) {
  test(`a reordered frame is overtaken by those behind it, with ${jitter} ms of jitter`, () => {
    const options = { jitter: milliseconds(jitter), reorder: 0.1, reorderDelay: milliseconds(50) };
    const impairments = make(options);
    const times = arrivals(impairments, 1000);
    assert.ok(!isSorted(times));
    assert.ok(impairments.hits.reordered > 50 && impairments.hits.reordered < 200);
    const overtaken = times.filter((time, i) => times.slice(i + 1).some((later) => (later ?? 0) < (time ?? 0)));
    assert.ok(overtaken.length > 50, 'a late frame does not hold up the ones behind it');
  });
}

test('each kind happens about as often as it is said to, and counts its hits', () => {
  const impairments = make({ loss: 0.2, duplicate: 0.25, corrupt: 0.5, reorder: 0.5 });
  const lost = arrivals(impairments, 10_000).filter((time) => time === undefined).length;
  const { hits } = impairments;
  assert.equal(hits.lost, lost);
  assert.ok(Math.abs(hits.lost - 2000) < 200);
  assert.ok(Math.abs(hits.reordered - 4000) < 200);
  assert.ok(Math.abs(hits.corrupted - 4000) < 200);
  assert.ok(Math.abs(hits.duplicated - 1000) < 200);
  assert.equal(hits.jittered, 0);
});

test('damage is one bit', () => {
  const impairments = make({ corrupt: 1 });
  const { damaged, isIntact } = impairments.cross(0 as Instant, ARENA, SLOT);
  assert.equal(isIntact, false);
  const bits = ARENA.copyOut(damaged).reduce((sum, byte) => sum + byte.toString(2).replaceAll('0', '').length, 0);
  assert.equal(bits, 1);
  ARENA.release(damaged);
});

test('a fault starts and stops while the world runs', () => {
  const impairments = make({});
  assert.equal(arrivals(impairments, 10).includes(undefined), false);
  impairments.change({ loss: 1 });
  assert.deepEqual(arrivals(impairments, 2), [undefined, undefined]);
  impairments.change({ loss: 0 });
  assert.equal(arrivals(impairments, 10).includes(undefined), false);
  assert.equal(impairments.hits.lost, 2);
});

test('options that cannot be are refused, and change nothing', () => {
  const impairments = make({ loss: 0.5 });
  for (const options of [{ loss: 1.1 }, { corrupt: -0.1 }, { reorder: Number.NaN }, { jitter: -1 as Duration }]) {
    assert.throws(() => impairments.change(options), RangeError);
    assert.throws(() => make(options), RangeError);
  }
  assert.equal(impairments.options.loss, 0.5);
});

test('the same seed, the same crossing', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(1e9), (probability, jitter) => {
      const options = { loss: probability, reorder: probability, jitter: jitter as Duration };
      assert.deepEqual(arrivals(make(options), 20), arrivals(make(options), 20));
    }),
  );
});
