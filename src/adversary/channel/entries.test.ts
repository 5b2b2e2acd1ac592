import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nodeCrypto } from '../../secure/crypto/node.ts';
import { portableCrypto } from '../../secure/crypto/portable.ts';
import { ENTRIES } from './entries.ts';
import { runEntry } from './entry.ts';

for (const entry of ENTRIES) {
  test(`${entry.id}: the attack succeeds against "${entry.rung}", and fails against "${entry.curedBy}"`, () => {
    for (const seed of [1, 2]) {
      const vulnerable = runEntry(entry, 'vulnerable', nodeCrypto, seed);
      assert.ok(vulnerable.succeeded, `the attack has no effect: ${vulnerable.evidence}`);
      const cured = runEntry(entry, 'cured', nodeCrypto, seed);
      assert.ok(!cured.succeeded, `the cure does not hold: ${cured.evidence}`);
      for (const { honest, variant } of [vulnerable, cured])
        assert.notEqual(honest, false, `${variant}: nobody is served`);
    }
  });

  test(`${entry.id}: both providers give the same bytes`, () => {
    for (const variant of ['vulnerable', 'cured'] as const) {
      const { digest } = runEntry(entry, variant, nodeCrypto, 3);
      assert.equal(runEntry(entry, variant, portableCrypto, 3).digest, digest);
    }
  });
}

test('entries have names of their own, and say in three sentences what they show', () => {
  assert.equal(new Set(ENTRIES.map(({ id }) => id)).size, ENTRIES.length);
  for (const { id, explanation, items, budget } of ENTRIES) {
    assert.match(id, /^[a-z0-9]+(-[a-z0-9]+)*$/);
    assert.ok(
      explanation.every((sentence) => /^[A-Z$"].*[.?!]"?$/.test(sentence)),
      id,
    );
    assert.ok(items.length > 0, id);
    assert.ok(
      Object.values(budget).every((limit) => Number.isSafeInteger(limit)),
      id,
    );
  }
});
