import assert from 'node:assert/strict';
import { test } from 'node:test';
import { textOf, utf8 } from '../../core/bytes.ts';
import { Attacker, type Judgement, type Message } from './attacker.ts';
import { delay, drop, inject, inTurn, type Judge, nth, replay, rewrite, search, to } from './building_blocks.ts';

/** What arrives of messages to B (and, in capitals, to A) under a judge. */
function arriving(judge: Judge, ...texts: readonly string[]): string[] {
  return texts.flatMap((text) => {
    const message: Message = { from: 'A', to: text === text.toUpperCase() ? 'A' : 'B', bytes: utf8(text) };
    const judgement: Judgement = judge(message);
    if (judgement === 'pass') return [text];
    if (judgement === 'drop') return [];
    return (judgement instanceof Uint8Array ? [judgement] : judgement).map(textOf);
  });
}

test('each block does its own to the messages that it was made for, and to no others', () => {
  const words = ['one', 'TWO', 'three', 'four'];
  assert.deepEqual(arriving(drop(to('B')), ...words), ['TWO']);
  assert.deepEqual(
    arriving(
      rewrite(to('A'), () => utf8('2')),
      ...words,
    ),
    ['one', '2', 'three', 'four'],
  );
  assert.deepEqual(arriving(replay(nth(2, to('B')), 3), ...words), ['one', 'TWO', 'three', 'three', 'three', 'four']);
  assert.deepEqual(arriving(inject(nth(1), utf8('zero')), ...words), ['one', 'zero', 'TWO', 'three', 'four']);
  assert.deepEqual(arriving(delay(nth(1)), ...words), ['TWO', 'three', 'one', 'four']);
});

test('of several blocks, the first that has something to do decides', () => {
  const both = inTurn(drop(nth(1, to('B'))), replay(to('B'), 2));
  assert.deepEqual(arriving(both, 'one', 'TWO', 'three'), ['TWO', 'three', 'three']);
});

test('a search ends with what fits, or with the budget', () => {
  const rich = new Attacker('tap', { computations: 10 }, () => {});
  assert.equal(
    search(rich, [1, 2, 3, 4], (n) => n === 3),
    3,
  );
  assert.equal(rich.spent.computations, 3);
  const poor = new Attacker('tap', { computations: 2 }, () => {});
  assert.equal(
    search(poor, [1, 2, 3, 4], (n) => n === 3),
    undefined,
  );
});
