import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Faults, LEVELS, levelOf, MAX_MESSAGE } from './levels.ts';

const faultsOf = (faults: Faults): readonly string[] => Object.keys(faults);

test('each level does all that the one before it does', () => {
  for (const [i, { medium }] of LEVELS.entries()) {
    const before = LEVELS[i - 1]?.medium;
    for (const direction of ['toBob', 'toAlice'] as const) {
      const now = faultsOf(medium[direction]);
      for (const fault of faultsOf(before?.[direction] ?? {}))
        assert.ok(now.includes(fault), `level ${i + 1}: ${fault}`);
    }
  }
});

test('a letter fits a message up to level 6, with a header, and none does at level 7', () => {
  for (const [i, { letters }] of LEVELS.entries()) {
    assert.equal(letters.length, 8);
    for (const letter of letters) assert.equal(letter.length <= MAX_MESSAGE - 16, i < 6);
  }
});

test('there are seven', () => {
  assert.equal(LEVELS.length, 7);
  assert.equal(levelOf(3).name, 'duplicates');
  for (const none of [0, 8, 1.5, Number.NaN]) assert.throws(() => levelOf(none), /from 1 to 7/);
});
