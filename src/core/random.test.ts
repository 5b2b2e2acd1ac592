import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { hex } from '../../test/testing/bytes.ts';
import { Random } from './random.ts';

const draws = (random: Random, count: number): number[] => Array.from({ length: count }, () => random.nextUint32());

/** xoshiro128** 1.1 as its authors wrote it, on numbers without bounds. */
function xoshiroByDefinition(seed: readonly number[], count: number): number[] {
  const mask = 0xffff_ffffn;
  const rotl = (x: bigint, k: bigint): bigint => ((x << k) | (x >> (32n - k))) & mask;
  let [s0 = 0n, s1 = 0n, s2 = 0n, s3 = 0n] = seed.map((word) => BigInt(word) & mask);
  return Array.from({ length: count }, () => {
    const result = (rotl((s1 * 5n) & mask, 7n) * 9n) & mask;
    const t = (s1 << 9n) & mask;
    s2 ^= s0;
    s3 ^= s1;
    s1 ^= s2;
    s0 ^= s3;
    s2 ^= t;
    s3 = rotl(s3, 11n);
    return Number(result);
  });
}

// These bytes are frozen: whoever changes them changes every world that was ever recorded.
test('golden: the first draws of seed 1, of its fork, and as bytes', () => {
  assert.deepEqual(draws(Random.fromSeed(1), 4), [3_716_512_905, 275_974_506, 1_625_713_791, 3_864_114_643]);
  assert.deepEqual(
    draws(Random.fromSeed(1).fork('host a'), 4),
    [1_220_195_181, 47_515_415, 4_217_863_786, 1_679_589_555],
  );
  assert.deepEqual(draws(Random.fromSeed(2 ** 53 - 1), 2), [3_550_816_976, 2_087_820_542]);
  const filled = new Uint8Array(11);
  Random.fromSeed(1).fill(filled);
  assert.equal(hex(filled), '89 7c 85 dd 6a 09 73 10 7f 6c e6');
});

test('the generator is xoshiro128** 1.1', () => {
  assert.equal(new Random([1, 2, 3, 4]).nextUint32(), 11_520); // rotl(2 * 5, 7) * 9
  fc.assert(
    fc.property(fc.tuple(fc.integer(), fc.integer(), fc.integer(), fc.integer()), (seed) => {
      fc.pre(seed.some((word) => word !== 0));
      assert.deepEqual(draws(new Random(seed), 20), xoshiroByDefinition(seed, 20));
    }),
  );
});

test('a seed of zeros, which the generator would never leave, draws all the same', () => {
  assert.ok(new Set(draws(new Random([0, 0, 0, 0]), 20)).size > 10);
});

test('a fork depends on its label and its parent, never on what was drawn', () => {
  fc.assert(
    fc.property(fc.string(), fc.nat(50), fc.array(fc.string(), { maxLength: 5 }), (label, drawn, others) => {
      const fresh = Random.fromSeed(7);
      const used = Random.fromSeed(7);
      draws(used, drawn);
      for (const other of others) draws(used.fork(other), 3);
      assert.deepEqual(draws(used.fork(label), 5), draws(fresh.fork(label), 5));
    }),
  );
});

test('a fork takes nothing from its parent', () => {
  const forked = Random.fromSeed(7);
  draws(forked.fork('a'), 10);
  assert.deepEqual(draws(forked, 5), draws(Random.fromSeed(7), 5));
});

test('labels, seeds and generations tell forks apart', () => {
  const root = Random.fromSeed(7);
  const some = [
    root,
    root.fork(''),
    root.fork('a'),
    root.fork('b'),
    root.fork('a').fork('a'),
    root.fork('aa'),
    Random.fromSeed(8).fork('a'),
    Random.fromSeed(7 + 2 ** 32).fork('a'),
  ];
  assert.equal(new Set(some.map((random) => draws(random, 2).join())).size, some.length);
});

test('whole numbers stay below their bound and reach each value', () => {
  const random = Random.fromSeed(3);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2 ** 32 }), (bound) => {
      const drawn = random.below(bound);
      assert.ok(Number.isInteger(drawn) && drawn >= 0 && drawn < bound);
    }),
  );
  const drawn = Array.from({ length: 6000 }, () => random.below(6));
  const counts = [0, 1, 2, 3, 4, 5].map((value) => drawn.filter((one) => one === value).length);
  for (const count of counts) assert.ok(count > 850 && count < 1150, `${counts}`); // five standard deviations
});

test('a draw in the last, incomplete round is thrown away, so that no value is likelier', () => {
  const bound = 3 * 2 ** 30; // one draw in four falls behind the last whole round
  const random = Random.fromSeed(3);
  const raw = Random.fromSeed(3);
  const expected = draws(raw, 200).filter((drawn) => drawn < bound);
  assert.ok(expected.length < 180);
  for (const drawn of expected) assert.equal(random.below(bound), drawn);
});

test('certain and impossible outcomes draw nothing', () => {
  const random = Random.fromSeed(4);
  assert.deepEqual(
    [random.chance(0), random.chance(-1), random.chance(1), random.chance(2)],
    [false, false, true, true],
  );
  assert.deepEqual(draws(random, 3), draws(Random.fromSeed(4), 3));
});

test('a chance of a quarter comes about in a quarter of the cases', () => {
  const random = Random.fromSeed(5);
  let count = 0;
  for (let i = 0; i < 10_000; i++) if (random.chance(0.25)) count++;
  assert.ok(count > 2280 && count < 2720, `${count}`); // five standard deviations
});

test('fractions lie from 0 up to but not including 1', () => {
  const random = Random.fromSeed(6);
  for (let i = 0; i < 1000; i++) {
    const fraction = random.nextFraction();
    assert.ok(fraction >= 0 && fraction < 1);
  }
});

test('a seed that is no integer from 0 to 2^53 - 1 is refused', () => {
  for (const seed of [-1, 0.5, Number.NaN, 2 ** 53]) assert.throws(() => Random.fromSeed(seed), RangeError);
});
