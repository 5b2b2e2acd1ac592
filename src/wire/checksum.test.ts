import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { bytes, viewOf } from '../../test/testing/bytes.ts';
import { ipv4At } from './address.ts';
import { addSums, checksumOf, pseudoSumIpv4, pseudoSumIpv6, sumBytes, sumOf32, updateChecksum } from './checksum.ts';

/** RFC 1071 §1 to the letter: add 16-bit words, take each carry back in. */
function sumByDefinition(data: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < data.length; i += 2) {
    sum += ((data[i] ?? 0) << 8) | (data[i + 1] ?? 0);
    if (sum > 0xffff) sum -= 0xffff;
  }
  return sum;
}

const sum = (data: Uint8Array): number => sumBytes(viewOf(data), 0, data.length);
const anyBytes = fc.uint8Array({ maxLength: 1500 });
const evenBytes = anyBytes.map((data) => data.subarray(0, data.length & ~1));

test('the example of RFC 1071 §3', () => {
  assert.equal(sum(bytes('00 01 f2 03 f4 f5 f6 f7')), 0xddf2);
  assert.equal(checksumOf(0xddf2), 0x220d);
});

test('agrees with the definition at every length and offset', () => {
  fc.assert(
    fc.property(anyBytes, fc.nat(3), (data, at) => {
      const view = viewOf(Uint8Array.of(...new Uint8Array(at).fill(0xff), ...data, 0xff));
      assert.equal(sumBytes(view, at, data.length), sumByDefinition(data));
    }),
  );
});

test('the longest packet, all ones, stays exact', () => {
  assert.equal(sum(new Uint8Array(0xffff).fill(0xff)), sumByDefinition(new Uint8Array(0xffff).fill(0xff)));
});

test('sums of pieces add up to the sum of the whole', () => {
  fc.assert(
    fc.property(evenBytes, anyBytes, (first, second) => {
      assert.equal(addSums(sum(first), sum(second)), sum(Uint8Array.of(...first, ...second)));
    }),
  );
});

test('pseudo-headers', () => {
  const ipv4 = viewOf(bytes('c0 a8 00 01  c0 a8 00 c7'));
  assert.equal(pseudoSumIpv4(ipv4At(ipv4, 0), ipv4At(ipv4, 4), 17), addSums(sumBytes(ipv4, 0, 8), 17));
  const ipv6 = viewOf(bytes('fe80000000000000 0000000000000001 ff02000000000000 0000000000000002'));
  assert.equal(pseudoSumIpv6(ipv6, 0, 58), addSums(sumBytes(ipv6, 0, 32), 58));
});

test('the example of RFC 1624 §4, where the older formula goes wrong', () => {
  assert.equal(updateChecksum(0xdd2f, 0x5555, 0x3285), 0x0000);
});

test('an update equals a new sum', () => {
  fc.assert(
    fc.property(evenBytes, fc.nat(0xffff_ffff), fc.nat(0xffff_ffff), (rest, before, after) => {
      const withField = (field: number): Uint8Array => {
        const data = Uint8Array.of(0x45, 0x00, 0, 0, 0, 0, ...rest); // begins like IPv4, so it is never all zero
        viewOf(data).setUint32(2, field);
        return data;
      };
      const updated = updateChecksum(checksumOf(sum(withField(before))), sumOf32(before), sumOf32(after));
      assert.equal(updated, checksumOf(sum(withField(after))));
    }),
  );
});
