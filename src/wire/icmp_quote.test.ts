import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { bytes, viewOf } from '../../test/testing/bytes.ts';
import { DropReason, dropText, isDrop } from '../core/drop_reason.ts';
import { ipv4At } from './address.ts';
import { parseIcmpQuote } from './icmp_quote.ts';

const PACKET_BYTES = bytes(
  '46 00 01 00' + // a header of six words, total length 256
    '00 07 40 00' + // not a fragment
    '01 11 00 00' + // TTL 1, UDP, a checksum that nobody checks
    'c0 a8 00 01' + // source
    '0a 00 00 02' + // destination
    '01 01 01 00' + // options
    'c3 50 00 35 00 ec 00 00', // ports 50000 and 53
);

const parse = (data: Uint8Array) => parseIcmpQuote(viewOf(data), 0, data.length);

test('a quote says which packet it was', () => {
  assert.deepEqual(parse(PACKET_BYTES), {
    source: ipv4At(viewOf(PACKET_BYTES), 12),
    destination: ipv4At(viewOf(PACKET_BYTES), 16),
    protocol: 17,
    totalLength: 256,
    transportAt: 24,
  });
});

const MALFORMED: readonly (readonly [string, Uint8Array, DropReason])[] = [
  ['nothing at all', bytes(''), DropReason.Truncated],
  ['half a header', PACKET_BYTES.subarray(0, 19), DropReason.Truncated],
  ['seven bytes of the payload', PACKET_BYTES.subarray(0, 31), DropReason.Truncated],
  ['version 6', PACKET_BYTES.with(0, 0x66), DropReason.BadVersion],
  ['a header of four words', PACKET_BYTES.with(0, 0x44), DropReason.BadLength],
  ['a later fragment, which shows no ports', PACKET_BYTES.with(7, 0x01), DropReason.UnexpectedMessage],
];
for (const [name, data, reason] of MALFORMED) {
  test(`malformed: ${name} ${dropText(reason)}`, () => assert.equal(parse(data), reason));
}

test('any bytes: eight bytes of the transport are there when parse accepts', () => {
  const mutation = fc.tuple(fc.nat(PACKET_BYTES.length - 1), fc.nat(255));
  fc.assert(
    fc.property(fc.array(mutation, { maxLength: 4 }), fc.nat(PACKET_BYTES.length), (mutations, length) => {
      const data = PACKET_BYTES.slice();
      for (const [at, value] of mutations) data[at] = value;
      const quote = parse(data.subarray(0, length));
      if (!isDrop(quote)) assert.ok(quote.transportAt >= 20 && quote.transportAt + 8 <= length);
    }),
  );
});
