import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { bytesEqual, hexOf, joinBytes, textOf, utf8, viewOf } from './bytes.ts';

test('text survives UTF-8', () => {
  assert.deepEqual([...utf8('aé€😀')], [0x61, 0xc3, 0xa9, 0xe2, 0x82, 0xac, 0xf0, 0x9f, 0x98, 0x80]);
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => assert.equal(textOf(utf8(`x${text}`)), `x${text}`)));
});

test('what is not UTF-8 reads as U+FFFD instead of throwing', () => {
  assert.equal(textOf(Uint8Array.of(0x61, 0xff, 0x62)), 'a\ufffdb');
  fc.assert(fc.property(fc.uint8Array(), (data) => typeof textOf(data) === 'string'));
});

test('hex has two lower-case digits a byte', () => {
  assert.equal(hexOf(Uint8Array.of(0x00, 0x0a, 0xff)), '000aff');
  assert.equal(hexOf(new Uint8Array(0)), '');
});

test('bytes are equal when every one and the length are', () => {
  assert.equal(bytesEqual(Uint8Array.of(1, 2), Uint8Array.of(1, 2)), true);
  assert.equal(bytesEqual(Uint8Array.of(1, 2), Uint8Array.of(1, 3)), false);
  assert.equal(bytesEqual(Uint8Array.of(1, 2), Uint8Array.of(1, 2, 3)), false);
  assert.equal(bytesEqual(Uint8Array.of(1, 2, 3), Uint8Array.of(1, 2)), false);
});

test('pieces join in their order', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 9 }), { maxLength: 9 }), (pieces) => {
      assert.deepEqual(
        [...joinBytes(pieces)],
        pieces.flatMap((piece) => [...piece]),
      );
    }),
  );
});

test('a view of a part begins and ends with the part', () => {
  const view = viewOf(Uint8Array.of(1, 2, 3, 4).subarray(1, 3));
  assert.deepEqual([view.byteLength, view.getUint16(0)], [2, 0x0203]);
});
