import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { bytes, hex, viewOf } from '../../test/testing/bytes.ts';
import { DropReason, dropText, isDrop } from '../core/drop_reason.ts';
import type { Ipv4Address } from './address.ts';
import {
  copiedIpv4Options,
  encodeIpv4Options,
  hasSourceRoute,
  type Ipv4Options,
  parseIpv4Options,
} from './ipv4_options.ts';

const PACKET_BYTES = bytes(
  '94 04 00 00' + // router alert: look at it
    '83 07 04 c0 a8 00 01' + // loose source route, one address, not yet used
    '07 0b 08 0a 00 00 01 00 00 00 00' + // record route, one of two filled in
    '44 0c 0d 21 0a 00 00 01 80 00 00 02' + // timestamp with addresses, two words used, overflow 2
    '00 00', // padding
);
const OPTIONS: Ipv4Options = {
  routerAlert: 0,
  looseSourceRoute: { addresses: [0xc0a80001 | 0] as Ipv4Address[], used: 0 },
  recordRoute: { addresses: [0x0a000001, 0] as Ipv4Address[], used: 1 },
  timestamp: { form: 'addresses-and-times', overflow: 2, words: [0x0a000001, 0x80000002 | 0], used: 2 },
};

const parse = (data: Uint8Array) => parseIpv4Options(viewOf(data), 0, data.length);

test('parse', () => assert.deepEqual(parse(PACKET_BYTES), OPTIONS));
test('emit', () => assert.equal(hex(encodeIpv4Options(OPTIONS)), hex(PACKET_BYTES)));

test('what stands behind the end of the list does not matter', () => {
  assert.deepEqual(parse(bytes('01 94 04 00 00 00 83 83')), { routerAlert: 0 });
});

test('an option that is not known is stepped over', () => {
  assert.deepEqual(parse(bytes('82 04 ff ff 94 04 00 01')), { routerAlert: 1 });
});

test('a source route is found, wherever it stands', () => {
  const found = (data: Uint8Array) => hasSourceRoute(viewOf(data), 0, data.length);
  assert.equal(found(PACKET_BYTES), true);
  assert.equal(found(bytes('01 89 03 04')), true);
  assert.equal(found(bytes('94 04 00 00 07 03 04 00 89 03 04 00')), false);
});

test('later fragments carry only the options that are to be copied', () => {
  assert.equal(hex(copiedIpv4Options(viewOf(PACKET_BYTES), 0, 36)), '94 04 00 00 83 07 04 c0 a8 00 01 00');
});

test('more options than a header has room for are refused', () => {
  const addresses = new Array<Ipv4Address>(10).fill(0 as Ipv4Address);
  assert.throws(() => encodeIpv4Options({ recordRoute: { addresses, used: 0 } }), RangeError);
});

const MALFORMED: readonly (readonly [string, string])[] = [
  ['a type without a length', '01 01 01 94'],
  ['a length of zero', '82 00 00 00'],
  ['a length of one', '82 01 00 00'],
  ['a length past the end', '82 05 00 00'],
  ['a router alert of three bytes', '94 03 00 00'],
  ['a route that is not whole addresses', '07 06 04 00 00 00 00 00'],
  ['a route whose pointer points into its head', '07 07 03 00 00 00 00 00'],
  ['a route whose pointer points between addresses', '07 07 05 00 00 00 00 00'],
  ['a route whose pointer points past its end', '07 07 0c 00 00 00 00 00'],
  ['two source routes', '83 03 04 89 03 04 00 00'],
  ['a timestamp of no known form', '44 04 05 02'],
  ['a timestamp with half an entry', '44 08 05 01 00 00 00 00'],
  ['a timestamp whose pointer points between entries', '44 08 06 00 00 00 00 00'],
];
for (const [name, text] of MALFORMED) {
  test(`malformed: ${name} ${dropText(DropReason.BadOption)}`, () =>
    assert.equal(parse(bytes(text)), DropReason.BadOption));
}

test('any bytes: parse never throws, and reads the same from what encode writes', () => {
  const mutation = fc.tuple(fc.nat(PACKET_BYTES.length - 1), fc.oneof(fc.nat(255), fc.nat(15)));
  fc.assert(
    fc.property(fc.array(mutation, { maxLength: 3 }), fc.nat(PACKET_BYTES.length), (mutations, length) => {
      const data = PACKET_BYTES.slice();
      for (const [at, value] of mutations) data[at] = value;
      const options = parse(data.subarray(0, length));
      if (!isDrop(options)) assert.deepEqual(parse(encodeIpv4Options(options)), options);
    }),
  );
});
