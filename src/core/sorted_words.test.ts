import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { findWord, sortedWords } from './sorted_words.ts';

test('negative numbers are words too, and stand behind the others', () => {
  const words = sortedWords([-1, 7, 0x8000_0000 | 0, 0]);
  assert.deepEqual([...words], [0, 7, 0x8000_0000, 0xffff_ffff]);
  assert.equal(findWord(words, -1), 3);
  assert.equal(findWord(words, 0xffff_ffff), 3);
  assert.equal(findWord(sortedWords([]), 0), -1);
});

test('each word is found where it first stands, and nothing else is found', () => {
  const word = fc.integer({ min: -4, max: 4 });
  fc.assert(
    fc.property(fc.array(word, { maxLength: 40 }), word, (words, wanted) => {
      const sorted = sortedWords(words);
      assert.equal(findWord(sorted, wanted), sorted.indexOf(wanted >>> 0));
    }),
  );
});
