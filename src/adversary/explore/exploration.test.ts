import assert from 'node:assert/strict';
import { test } from 'node:test';
import { portableCrypto } from '../../secure/crypto/portable.ts';
import { type ExploredWorld, explore } from './exploration.ts';
import { EXPLORABLES } from './protocols.ts';

const [FIRST = assert.fail()] = EXPLORABLES;

for (const explorable of EXPLORABLES) {
  test(`${explorable.id}: the search finds the attack by itself, and none on the cure`, () => {
    const { finding } = explore(explorable, false, portableCrypto, 5);
    assert.ok(finding !== undefined, 'nothing found');
    assert.ok(finding.ladder.length > 0);
    const cured = explore(explorable, true, portableCrypto, 5);
    assert.equal(cured.finding, undefined, cured.finding?.ladder.join('\n'));
    assert.ok(cured.isComplete && cured.depth === 5);
  });
}

for (const explorable of EXPLORABLES) {
  test(`${explorable.id}: the cure still lets A and B do what they came for`, () => {
    const goal = {
      ...explorable,
      violation: (world: ExploredWorld) => (explorable.isDone(world) ? 'done' : undefined),
    };
    assert.ok(explore(goal, true, portableCrypto, 5).finding !== undefined);
  });
}

test('the attack that is found is a shortest one', () => {
  const found = EXPLORABLES.map((each) => explore(each, false, portableCrypto, 5).finding?.messages ?? 0);
  for (const [i, each] of EXPLORABLES.entries()) {
    const messages = found[i] ?? 0;
    if (messages > 1) assert.equal(explore(each, false, portableCrypto, messages - 1).finding, undefined, each.id);
  }
  assert.deepEqual(found, [3, 2, 2, 1]);
});

test('a limit that is none is refused', () => {
  assert.throws(() => explore(FIRST, false, portableCrypto, 0), RangeError);
});
