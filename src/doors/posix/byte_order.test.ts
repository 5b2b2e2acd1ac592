import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { htonl, htons, ntohl, ntohs } from './byte_order.ts';

// What a little-endian machine keeps in memory, looked at byte by byte.
const bytesInMemory = (value: number, length: 2 | 4): readonly number[] => {
  const view = new DataView(new ArrayBuffer(4));
  if (length === 2) view.setUint16(0, value, true);
  else view.setUint32(0, value, true);
  return Array.from({ length }, (_, i) => view.getUint8(i));
};

test('2156872459 in network order is 128.143.67.11 in memory', () => {
  assert.deepEqual(bytesInMemory(htonl(2156872459), 4), [128, 143, 67, 11]);
});

test('port 80 in network order has its high byte first', () => {
  assert.deepEqual(bytesInMemory(htons(80), 2), [0, 80]);
  assert.equal(htons(80), 0x5000);
});

test('network order has the most significant byte first, and back again is the same number', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 0xffff_ffff }), fc.integer({ min: 0, max: 0xffff }), (long, short) => {
      const big = [long >>> 24, (long >>> 16) & 0xff, (long >>> 8) & 0xff, long & 0xff];
      assert.deepEqual(bytesInMemory(htonl(long), 4), big);
      assert.deepEqual([ntohl(htonl(long)), ntohs(htons(short))], [long, short]);
    }),
  );
});

test('what does not fit is refused', () => {
  assert.throws(() => htons(65_536), new RangeError('htons and ntohs take a whole number from 0 to 65535, not 65536'));
  assert.throws(() => htonl(-1), /^RangeError: htonl and ntohl take a whole number from 0 to 4294967295, not -1$/);
  assert.throws(() => htons('80' as never), RangeError);
});
