import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatColumns } from './columns.ts';

test('each column is as wide as its widest cell, and lines end where their text does', () => {
  assert.equal(
    formatColumns([
      ['name', 'ttl'],
      ['www.foo.test.', '60'],
      ['x', ''],
    ]),
    'name           ttl\nwww.foo.test.  60\nx\n',
  );
});

test('no rows are no text', () => assert.equal(formatColumns([]), ''));
