import assert from 'node:assert/strict';
import { test } from 'node:test';
import { utf8 } from '../../core/bytes.ts';
import { problemOf } from './comparison.ts';

const LETTERS = ['one', 'two', 'three', 'two'].map(utf8);

const CASES: readonly (readonly [delivered: string, index: number, problem: string | undefined])[] = [
  ['one', 0, undefined],
  ['two', 3, undefined],
  ['one', 1, 'letter 1 was delivered again, where letter 2 was due'],
  ['two', 2, 'letter 2 was delivered again, where letter 3 was due'],
  ['three', 1, 'letter 3 was delivered where letter 2 was due'],
  ['tvo', 1, 'letter 2 was delivered damaged'],
  ['th', 2, 'only the first 2 of 5 bytes of letter 3 were delivered'],
  ['else', 2, '4 bytes that are no letter were delivered where letter 3 was due'],
  ['two', 4, 'letter 4 was delivered again, after the last one'],
  ['else', 4, 'something was delivered after the last letter'],
];

for (const [delivered, index, problem] of CASES) {
  test(`"${delivered}" as letter ${index + 1}: ${problem ?? 'right'}`, () => {
    assert.equal(problemOf(utf8(delivered), LETTERS, index), problem);
  });
}
