import assert from 'node:assert/strict';
import { test } from 'node:test';
import { portableCrypto } from '../../secure/crypto/portable.ts';
import { type ExploredWorld, explore } from './exploration.ts';
import { EXPLORABLES, reflection, repairMan } from './protocols.ts';

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
  assert.equal(explore(repairMan, false, portableCrypto, 5).finding?.messages, 2, 'the order twice');
  assert.equal(explore(repairMan, false, portableCrypto, 1).finding, undefined);
  assert.equal(
    explore(reflection, false, portableCrypto, 5).finding?.messages,
    2,
    'the question back, the answer back',
  );
});

test('a limit that is none is refused', () => {
  assert.throws(() => explore(repairMan, false, portableCrypto, 0), RangeError);
});
