import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../../core/random.ts';
import { milliseconds } from '../../core/time.ts';
import { nodeCrypto } from '../../secure/crypto/node.ts';
import { portableCrypto } from '../../secure/crypto/portable.ts';
import { ENTRIES } from './entries.ts';
import { type Entry, goesAsClaimed, runEntry, type Variant } from './entry.ts';
import { Stage } from './stage.ts';

const VARIANTS: readonly Variant[] = ['vulnerable', 'cured'];

for (const entry of ENTRIES) {
  test(`${entry.id}: the attack succeeds against "${entry.rung}", and fails against "${entry.curedBy}"`, () => {
    for (const seed of [1, 2]) {
      const vulnerable = runEntry(entry, 'vulnerable', nodeCrypto, seed);
      assert.ok(vulnerable.succeeded, `the attack has no effect: ${vulnerable.evidence}`);
      const cured = runEntry(entry, 'cured', nodeCrypto, seed);
      assert.ok(!cured.succeeded, `the cure does not hold: ${cured.evidence}`);
      for (const run of [vulnerable, cured]) assert.ok(goesAsClaimed(run), `${run.variant}: nobody is served`);
    }
  });

  test(`${entry.id}: left alone, A and B get done what they came for, with the cure and without`, () => {
    for (const variant of VARIANTS) {
      const { honest, evidence } = runEntry(entry, variant, nodeCrypto, 1, false);
      assert.ok(honest, `${variant}: ${evidence}`);
    }
  });

  test(`${entry.id}: both providers give the same bytes`, () => {
    for (const variant of VARIANTS) {
      const { digest } = runEntry(entry, variant, nodeCrypto, 3);
      assert.equal(runEntry(entry, variant, portableCrypto, 3).digest, digest);
    }
  });

  test(`${entry.id}: no bytes from the network stop anybody`, () => {
    for (const variant of VARIANTS) throwGarbage(entry, variant);
  });
}

/** Messages of garbage, and of what was said with a byte changed or the end cut off, to everybody under every name. */
function throwGarbage(entry: Entry, variant: Variant): void {
  const count = 24;
  const position = entry.position === 'storage' ? 'storage' : 'on-path';
  const messages = (entry.budget.messages ?? 0) + 4 * count;
  const stage = new Stage(7, nodeCrypto, position, { ...entry.budget, messages });
  const random = Random.fromSeed(5);
  const made = (): Uint8Array => {
    const heard = stage.m.heard.at(random.below(Math.max(stage.m.heard.length, 1)))?.bytes.slice();
    if (heard === undefined || heard.length === 0 || random.chance(0.3)) {
      const garbage = new Uint8Array(random.below(80));
      random.fill(garbage);
      return garbage;
    }
    if (random.chance(0.4)) return heard.slice(0, random.below(heard.length));
    const at = random.below(heard.length);
    heard[at] = random.below(256);
    return heard;
  };
  for (let i = 0; i < count; i++) {
    stage.at(milliseconds(1 + 40 * i), () => {
      if (position === 'storage') return;
      stage.m.sends('B', 'A', made());
      stage.m.sends('A', 'B', made());
      stage.m.sends('M', i % 2 === 0 ? 'A' : 'B', made());
    });
  }
  entry.perform(stage, variant);
  stage.run();
  stage.world.close();
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
