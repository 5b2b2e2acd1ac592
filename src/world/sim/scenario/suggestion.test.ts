import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { editDistance, nearest, suggestFrom } from './suggestion.ts';

test('a slip of the fingers finds the word that was meant', () => {
  const words = ['filtering', 'mapping', 'inside', 'outside', 'timeouts'];
  assert.equal(nearest('filterng', words), 'filtering');
  assert.equal(nearest('maping', words), 'mapping');
  assert.equal(nearest('otuside', words), 'outside');
  assert.equal(nearest('OUTSIDE', words), 'outside');
  assert.equal(nearest('port', words), undefined);
});

test('where nothing is near, the few that exist are named', () => {
  assert.equal(suggestFrom('alcie', ['alice', 'bob']), 'did you mean "alice"?');
  assert.equal(suggestFrom('zebra', ['alice', 'bob']), 'known: alice, bob');
  assert.equal(suggestFrom('zebra', []), undefined);
});

test('a swap counts once, and the distance is a distance', () => {
  assert.equal(editDistance('alcie', 'alice'), 1);
  assert.equal(editDistance('', 'abc'), 3);
  fc.assert(
    fc.property(fc.string({ maxLength: 12 }), fc.string({ maxLength: 12 }), (a, b) => {
      assert.equal(editDistance(a, b), editDistance(b, a));
      assert.equal(editDistance(a, b) === 0, a === b);
      assert.ok(editDistance(a, b) <= Math.max(a.length, b.length));
    }),
  );
});
