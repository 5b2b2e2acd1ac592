import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commandWords } from './command_words.ts';

for (const [line, words] of [
  ['', []],
  ['  ping   -c 1\thost ', ['ping', '-c', '1', 'host']],
  ['nc host 7 "two words" \'and more\'', ['nc', 'host', '7', 'two words', 'and more']],
  ['curl --header="X: y z" -d\'a b\'c', ['curl', '--header=X: y z', '-da bc']],
  [String.raw`say a\ b "c\"d" 'e\f'`, ['say', 'a b', 'c"d', String.raw`e\f`]],
  ['say "" end', ['say', '', 'end']],
  ['say "open', ['say', 'open']],
] as const) {
  test(`the words of ${JSON.stringify(line)}`, () => {
    assert.deepEqual(
      commandWords(line).map(({ text }) => text),
      words,
    );
  });
}

test('each word knows where it begins', () => {
  assert.deepEqual(
    commandWords(' nc  "a b" c').map(({ start }) => start),
    [1, 5, 11],
  );
});
