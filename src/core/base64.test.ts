import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { base64Of, bytesOfBase64 } from './base64.ts';
import { utf8 } from './bytes.ts';

test("the RFC's vectors (RFC 4648 §10)", () => {
  const expected = ['', 'Zg==', 'Zm8=', 'Zm9v', 'Zm9vYg==', 'Zm9vYmE=', 'Zm9vYmFy'];
  for (const [length, text] of expected.entries()) {
    const bytes = utf8('foobar'.slice(0, length));
    assert.equal(base64Of(bytes), text);
    assert.deepEqual(bytesOfBase64(text), bytes);
  }
});

test('any bytes survive', () => {
  fc.assert(fc.property(fc.uint8Array(), (bytes) => assert.deepEqual(bytesOfBase64(base64Of(bytes)), bytes)));
});

test('what is no base64 is none', () => {
  for (const text of ['Z', 'Zg', 'Zg=', 'Zh==', 'Zm9=', '====', 'Zg==Zg==', 'Z g=', 'Z-==']) {
    assert.equal(bytesOfBase64(text), undefined, text);
  }
});
