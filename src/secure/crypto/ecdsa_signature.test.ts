import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { bytes } from '../../../test/testing/bytes.ts';
import { ecdsaFromDer, ecdsaToDer } from './ecdsa_signature.ts';

test('every pair becomes DER and comes back', () => {
  const halves = fc
    .constantFrom(1, 2, 32, 48)
    .chain((length) =>
      fc.tuple(fc.constant(length), fc.uint8Array({ minLength: 2 * length, maxLength: 2 * length }), fc.nat(length)),
    );
  fc.assert(
    fc.property(halves, ([length, raw, zeros]) => {
      raw.fill(0, 0, zeros);
      raw.fill(0, length, length + zeros);
      assert.deepEqual(ecdsaFromDer(ecdsaToDer(raw), length), raw);
    }),
  );
});

test('integers are written as short as they can be, and never as negative ones', () => {
  assert.deepEqual(ecdsaToDer(bytes('00 00 00 7f')), bytes('30 06 02 01 00 02 01 7f'));
  assert.deepEqual(ecdsaToDer(bytes('00 80 ff 01')), bytes('30 09 02 02 00 80 02 03 00 ff 01'));
});

test('what is not strictly DER is no signature', () => {
  assert.deepEqual(ecdsaFromDer(bytes('30 06 02 01 05 02 01 7f'), 1), bytes('05 7f'));
  const malformed = {
    nothing: '',
    'a tag alone': '30',
    'another tag': '31 06 02 01 05 02 01 7f',
    'a byte missing': '30 06 02 01 05 02 01',
    'a byte more': '30 06 02 01 05 02 01 7f 00',
    'a byte more inside': '30 07 02 01 05 02 01 7f 00',
    'a length in the long form': '30 81 06 02 01 05 02 01 7f',
    'no integer': '30 06 03 01 05 02 01 7f',
    'an empty integer': '30 05 02 00 02 01 7f',
    'a needless zero': '30 07 02 02 00 05 02 01 7f',
    'a negative integer': '30 06 02 01 80 02 01 7f',
    'one integer': '30 03 02 01 05',
    'an integer that goes beyond the end': '30 06 02 01 05 02 02 7f',
    'an integer longer than the order': '30 07 02 02 01 05 02 01 7f',
  };
  for (const [what, hex] of Object.entries(malformed)) assert.equal(ecdsaFromDer(bytes(hex), 1), undefined, what);
});
