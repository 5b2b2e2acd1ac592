import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { cubeRoot } from './cube_root.ts';

test('the cube of the root is at most the number, that of the next is not', () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), (value) => {
      const root = BigInt(cubeRoot(value));
      assert.ok(root ** 3n <= BigInt(value) && (root + 1n) ** 3n > BigInt(value), `${root} for ${value}`);
    }),
  );
});

test('around cubes it is exact', () => {
  for (const root of [0, 1, 2, 3, 10, 99, 4096, 99_999, 208_063]) {
    const cube = root ** 3;
    assert.deepEqual([cubeRoot(cube), cubeRoot(cube + 1)], [root, cube === 0 ? 1 : root]);
    if (root > 1) assert.equal(cubeRoot(cube - 1), root - 1);
  }
});
