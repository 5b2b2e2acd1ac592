import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { LEVELS } from '../levels.ts';
import { mailbox } from '../run.ts';
import { FAULTS } from './fault.ts';
import { RUNGS } from './rungs.ts';
import { main as splitAndJoin } from './split_and_join.ts';
import { main as window } from './window.ts';

const SEEDS = Array.from({ length: 50 }, (_, i) => i + 1);

const probability = fc.double({ min: 0, max: 0.4, noNaN: true });
const faults = fc.record({
  loss: probability,
  duplicate: probability,
  reorder: probability,
  reorderDelay: fc.nat(1000),
  jitter: fc.nat(1000),
  corrupt: probability,
});
const letters = fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 8 });

for (const [name, main] of [
  ['split and join', splitAndJoin],
  ['window', window],
] as const) {
  test(`${name} brings any letters over any medium`, () => {
    fc.assert(
      fc.property(fc.nat(1e6), faults, faults, letters, (seed, toBob, toAlice, some) => {
        const { problem } = mailbox({ seed, letters: some, medium: { toBob, toAlice }, isCapturing: false }, main);
        assert.equal(problem, undefined);
      }),
    );
  });
}

test('window brings more pieces than there are numbers, in their order', () => {
  const many = Array.from({ length: 600 }, (_, i) => `letter ${i}`);
  const medium = { toBob: { loss: 0.1 }, toAlice: { loss: 0.1 } };
  assert.equal(mailbox({ letters: many, medium }, window).problem, undefined);
});

test('each rung masters the levels up to its own, and fails at the next one', () => {
  const mastered = RUNGS.map(({ name, main }) => {
    const failed = LEVELS.findIndex((_, i) =>
      SEEDS.some((seed) => !mailbox({ level: i + 1, seed, isCapturing: false }, main).isExact),
    );
    return `${name}: ${failed < 0 ? LEVELS.length : failed}`;
  });
  assert.deepEqual(mastered, [
    'fire and forget: 1',
    'acknowledge: 1',
    'resend: 2',
    'suppress duplicates: 2',
    'number: 5',
    'checksum: 6',
    'split and join: 7',
    'window: 7',
  ]);
});

test('each rung is a short program in a file of its own, and says which fault the next one mends', () => {
  const names = new Set(FAULTS.map(({ name }) => name));
  for (const [i, { file, survives, brokenBy }] of RUNGS.entries()) {
    const path = join(import.meta.dirname, file);
    assert.ok(existsSync(path), file);
    assert.ok(readFileSync(path, 'utf8').split('\n').length <= 90, `${file} is long`);
    for (const fault of survives) assert.ok(names.has(fault), fault);
    const next = RUNGS[i + 1];
    if (next === undefined) assert.equal(brokenBy, undefined);
    else if (brokenBy !== 'slow') {
      assert.ok(brokenBy !== undefined && !survives.includes(brokenBy), file);
      assert.ok(next.survives.includes(brokenBy), next.file);
    }
  }
});
