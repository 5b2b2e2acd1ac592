import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CodeFailure, CodeScope, type CodeValue } from './code_evaluation.ts';
import { parseCode } from './code_syntax.ts';
import { NotSupported, ScriptSyntaxError } from './problem.ts';

const NAMES: Readonly<Record<string, CodeValue>> = { tcpi_rtt: 100_000, tcpi_lost: 3, tcpi_options: 7 };

const run = (code: string, scope = new CodeScope()): void =>
  scope.run(parseCode(code, 1), (name) => {
    const value = NAMES[name];
    if (value === undefined) throw new NotSupported(name);
    return value;
  });

test('what Python holds to be true', () => {
  for (const condition of [
    'tcpi_lost == 3',
    '99000 <= tcpi_rtt <= 101000',
    '(tcpi_options & 4) != 0 and not tcpi_options & 8',
    'tcpi_lost == 1 or tcpi_rtt > 10 * 1000',
    '2 ** 3 ** 2 == 512 and -2 ** 2 == -4',
    '7 // 2 == 3 and -7 // 2 == -4 and -7 % 3 == 2',
    '0x7fffffff + 1 == 1 << 31 and ~0 == -1',
    '1 if tcpi_lost else 0',
    "'cwnd=%d, %s' % (tcpi_lost, 'x') == 'cwnd=3, x'",
    'min(3, 2) + max(1, 4) + abs(-1) == 7',
    'tcpi_lost in (1, 2, 3) and tcpi_lost not in [4]',
    'True and (1, 2) == (1, 2) and None == None',
    '(1 +\n 2) == 3',
  ]) {
    run(`assert ${condition}`);
    assert.throws(() => run(`assert not (${condition})`), CodeFailure, condition);
  }
});

test('a failed assertion says what it was about', () => {
  const failure = (code: string): string => {
    try {
      run(code);
    } catch (error) {
      return error instanceof CodeFailure ? `${error.line}: ${error.message}` : String(error);
    }
    return 'none';
  };
  assert.equal(
    failure("\nassert tcpi_lost == 4, 'lost %d' % tcpi_lost"),
    '2: assertion failed: lost 3 (tcpi_lost is 3)',
  );
  assert.equal(
    failure('assert tcpi_lost + 1 < tcpi_options - 5'),
    '1: assertion failed (tcpi_lost is 3, tcpi_options is 7)',
  );
  assert.equal(failure('x = 1 / 0'), '1: division by zero');
  assert.equal(failure("assert 'a' < 1"), '1: a is no number');
  assert.equal(failure('f(1)'), '1: f() is not known');
});

test('variables stay from one piece of code to the next', () => {
  const scope = new CodeScope();
  run('cwnd = 10; print(cwnd)  # a comment', scope);
  run('cwnd += 1\nassert cwnd == 11, \\\n  cwnd', scope);
});

test('more of Python than assertions need is not guessed at', () => {
  for (const code of ['import os', 'if 1: x = 2', 'x.y', 'tcpi_lost[0]'])
    assert.throws(() => run(code), NotSupported, code);
  for (const code of ['assert', 'x = ', '(1', '1 2', '$']) assert.throws(() => run(code), ScriptSyntaxError, code);
});
