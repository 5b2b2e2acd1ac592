import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { hex } from '../../test/testing/bytes.ts';
import { type SipHash, type SipKey, sipHashBytes, sipHashWords } from './siphash.ts';

/** 00 01 .. 0f, as in Appendix A of the paper. */
const KEY: SipKey = [0x0302_0100, 0x0706_0504, 0x0b0a_0908, 0x0f0e_0d0c];

const counting = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => i);

function written([low, high]: SipHash): string {
  const view = new DataView(new ArrayBuffer(8));
  view.setInt32(0, low, true);
  view.setInt32(4, high, true);
  return hex(new Uint8Array(view.buffer));
}

test('the example of Appendix A: fifteen bytes', () => {
  const [low, high] = sipHashBytes(KEY, counting(15)); // 0xa129ca6149be45e5
  assert.deepEqual([high >>> 0, low >>> 0], [0xa129_ca61, 0x49be_45e5]);
});

test('the vectors of the reference implementation, where each length ends its last word otherwise', () => {
  const vectors = [
    '31 0e 0e dd 47 db 6f 72',
    'fd 67 dc 93 c5 39 f8 74',
    '5a 4f a9 d9 09 80 6c 0d',
    '2d 7e fb d7 96 66 67 85',
    'b7 87 71 27 e0 94 27 cf',
    '8d a6 99 cd 64 55 76 18',
    'ce e3 fe 58 6e 46 c9 cb',
    '37 d1 01 8b f5 00 02 ab',
    '62 24 93 9a 79 f5 f5 93',
    'b0 e4 a9 0b df 82 00 9e',
  ];
  for (const [length, vector] of vectors.entries()) assert.equal(written(sipHashBytes(KEY, counting(length))), vector);
});

test('words hash as their little-endian bytes do', () => {
  fc.assert(
    fc.property(fc.int32Array({ maxLength: 9 }), (words) => {
      const view = new DataView(new ArrayBuffer(4 * words.length));
      for (const [i, word] of words.entries()) view.setInt32(4 * i, word, true);
      assert.deepEqual(sipHashWords(KEY, [...words]), sipHashBytes(KEY, new Uint8Array(view.buffer)));
    }),
  );
});

test('only the bytes of the view count, not those around it', () => {
  const around = Uint8Array.of(0xff, ...counting(11), 0xff);
  assert.deepEqual(sipHashBytes(KEY, around.subarray(1, 12)), sipHashBytes(KEY, counting(11)));
});

test('each word of the key counts', () => {
  const hashes = [0, 1, 2, 3].map((i) => written(sipHashBytes(KEY.with(i, 0) as unknown as SipKey, counting(8))));
  assert.equal(new Set([...hashes, written(sipHashBytes(KEY, counting(8)))]).size, 5);
});
