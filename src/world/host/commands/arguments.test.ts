import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Arguments, parseArguments } from './arguments.ts';
import { UsageError } from './command.ts';

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
    assert.deepEqual(Object.fromEntries(parsed.flags.map(({ name, value }) => [name, value])), flags);
    assert.deepEqual(
      parsed.operands.map(({ text }) => text),
      operands,
    );
  });
}

test('options that there are not, and values that are missing or out of range, are said so', () => {
  for (const args of [['-x'], ['--count'], ['-c'], ['--n=1'], ['-nx']]) {
    assert.throws(() => parseArguments(args, ['c', 'count'], ['n']), UsageError, args.join(' '));
  }
  const given = (value: string): Arguments => parseArguments([`-c${value}`], ['c'], []);
  const nothing = parseArguments([], ['c'], []);
  for (const text of ['0', '11', '1.5', '-1', 'a']) {
    assert.throws(() => given(text).wholeNumber('c', 5, 'it', 1, 10), UsageError, text);
  }
  for (const text of ['0', '-1', '1e3', '86401', '0.0001']) {
    assert.throws(() => given(text).milliseconds('c', 5, 'it'), UsageError, text);
  }
  assert.deepEqual([nothing.wholeNumber('c', 5, 'it', 1, 10), given('10').wholeNumber('c', 5, 'it', 1, 10)], [5, 10]);
  assert.deepEqual([nothing.milliseconds('c', 5, 'it'), given('0.25').milliseconds('c', 5, 'it')], [5, 250]);
});

test('names of one flag mean the same, and the last one that was given counts', () => {
  const parsed = parseArguments(['--count=1', '-c', '2'], ['c count'], []);
  assert.equal(parsed.value('c'), '2');
  assert.deepEqual(
    parsed.flags.map(({ name, place }) => [name, place]),
    [
      ['c', 0],
      ['c', 2],
    ],
  );
});
