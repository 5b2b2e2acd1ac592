import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseArguments, secondsOf, splitCommand, wholeNumber } from './arguments.ts';
import { UsageError } from './command.ts';

for (const [line, words] of [
  ['', []],
  ['  ping   -c 1\thost ', ['ping', '-c', '1', 'host']],
  ['nc host 7 "two words" \'and more\'', ['nc', 'host', '7', 'two words', 'and more']],
  ['curl --header="X: y z" -d\'a b\'c', ['curl', '--header=X: y z', '-da bc']],
  [String.raw`say a\ b "c\"d" 'e\f'`, ['say', 'a b', 'c"d', String.raw`e\f`]],
  ['say "" end', ['say', '', 'end']],
  ['say "open', ['say', 'open']],
] as const) {
  test(`the words of ${JSON.stringify(line)}`, () => assert.deepEqual(splitCommand(line), words));
}

for (const [args, flags, operands] of [
  [['-c', '3', 'host'], { c: '3' }, ['host']],
  [['-c3', 'host'], { c: '3' }, ['host']],
  [['-nc3'], { n: '', c: '3' }, []],
  [['--count=3=4', '--', '-n'], { count: '3=4' }, ['-n']],
  [['--count', '3', 'a', '-n', 'b'], { count: '3', n: '' }, ['a', 'b']],
  [['-1', '-'], {}, ['-1', '-']],
] as const) {
  test(`the arguments ${args.join(' ')}`, () => {
    const parsed = parseArguments(args, ['c', 'count'], ['n']);
    assert.deepEqual(Object.fromEntries(parsed.flags), flags);
    assert.deepEqual(parsed.operands, operands);
  });
}

test('options that there are not, and values that are missing or out of range, are said so', () => {
  for (const args of [['-x'], ['--count'], ['-c'], ['--n=1'], ['-nx']]) {
    assert.throws(() => parseArguments(args, ['c', 'count'], ['n']), UsageError, args.join(' '));
  }
  for (const text of ['0', '11', '1.5', '-1', 'a', '']) {
    assert.throws(() => wholeNumber(text, 5, 'it', 1, 10), UsageError, text);
  }
  for (const text of ['0', '-1', '1e3', '86401']) assert.throws(() => secondsOf(text, 5, 'it'), UsageError, text);
  assert.deepEqual([wholeNumber(undefined, 5, 'it', 1, 10), wholeNumber('10', 5, 'it', 1, 10)], [5, 10]);
  assert.deepEqual([secondsOf(undefined, 5, 'it'), secondsOf('0.25', 5, 'it')], [5, 250]);
});
