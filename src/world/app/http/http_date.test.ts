import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatHttpDate } from './http_date.ts';

test('dates are written as the platform writes them', () => {
  assert.equal(formatHttpDate(784_111_777_000), 'Sun, 06 Nov 1994 08:49:37 GMT'); // RFC 9110 §5.6.7
  assert.equal(formatHttpDate(951_782_400_000), 'Tue, 29 Feb 2000 00:00:00 GMT');
  const lastOf9999 = 253_402_300_799_999;
  // biome-ignore lint/style/noRestrictedGlobals: the platform's own calendar is the judge here
  fc.assert(fc.property(fc.nat({ max: lastOf9999 }), (time) => formatHttpDate(time) === new Date(time).toUTCString()));
});
