import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { bytes, hex, unwritten, viewOf } from '../../test/testing/bytes.ts';
import { DropReason, dropText, isDrop } from '../core/drop_reason.ts';
import { type Ipv4Address, ipv4At } from './address.ts';
import { checksumOf, sumBytes, VALID_SUM } from './checksum.ts';
import {
  decrementIpv4Ttl,
  emitIpv4,
  emitIpv4Header,
  IPV4_DONT_FRAGMENT,
  IPV4_MORE_FRAGMENTS,
  type Ipv4Header,
  ipv4Destination,
  ipv4DontFragment,
  ipv4FragmentField,
  ipv4FragmentOffset,
  ipv4HasMoreFragments,
  ipv4HeaderLength,
  ipv4Identification,
  ipv4IsFragment,
  ipv4Protocol,
  ipv4Source,
  ipv4TotalLength,
  ipv4TrafficClass,
  ipv4Ttl,
  parseIpv4,
  setIpv4Checksum,
} from './ipv4.ts';

const PACKET_BYTES = bytes(
  '45' + // version 4, header of five words
    'b9' + // traffic class: expedited forwarding, ECT(1)
    '00 1c' + // total length 28
    'fe dc' + // identification
    '20 01' + // more fragments, offset 8 bytes
    '40' + // TTL 64
    '11' + // protocol 17, UDP
    '90 8f' + // checksum
    'c0 a8 00 01' + // source, with the highest bit set
    '0a 00 00 02' + // destination
    '01 02 03 04 05 06 07 08', // payload
);
const HEADER: Ipv4Header = {
  headerLength: 20,
  totalLength: 28,
  identification: 0xfedc,
  dontFragment: false,
  moreFragments: true,
  fragmentOffset: 8,
  ttl: 64,
  protocol: 17,
  trafficClass: 0xb9,
  source: ipv4At(viewOf(PACKET_BYTES), 12),
  destination: ipv4At(viewOf(PACKET_BYTES), 16),
};

const parse = (data: Uint8Array) => parseIpv4(viewOf(data), 0, data.length);

function emit(header: Ipv4Header, options?: Uint8Array): Uint8Array {
  const data = unwritten(header.totalLength);
  emitIpv4(viewOf(data), 0, header, options);
  return data;
}

/** PACKET_BYTES with some bytes replaced, and the checksum made right again. */
function patched(at: number, patch: string): Uint8Array {
  const data = PACKET_BYTES.slice();
  data.set(bytes(patch), at);
  setIpv4Checksum(viewOf(data), 0, 0);
  setIpv4Checksum(
    viewOf(data),
    0,
    checksumOf(sumBytes(viewOf(data), 0, Math.min(4 * ((data[0] ?? 0) & 15), data.length))),
  );
  return data;
}

test('parse', () => assert.deepEqual(parse(PACKET_BYTES), HEADER));

test('emit', () => {
  assert.equal(hex(emit(HEADER).subarray(0, 20)), hex(PACKET_BYTES.subarray(0, 20)));
  assert.equal(hex(emit(HEADER).subarray(20)), 'a5 a5 a5 a5 a5 a5 a5 a5', 'the payload is not touched');
});

test('fields in place', () => {
  const view = viewOf(PACKET_BYTES);
  assert.deepEqual(
    [ipv4HeaderLength(view, 0), ipv4TotalLength(view, 0), ipv4Identification(view, 0), ipv4FragmentField(view, 0)],
    [20, 28, 0xfedc, 0x2001],
  );
  assert.deepEqual(
    [ipv4FragmentOffset(view, 0), ipv4HasMoreFragments(view, 0), ipv4DontFragment(view, 0)],
    [8, true, false],
  );
  assert.deepEqual([ipv4Ttl(view, 0), ipv4Protocol(view, 0), ipv4TrafficClass(view, 0)], [64, 17, 0xb9]);
  assert.deepEqual([ipv4Source(view, 0), ipv4Destination(view, 0)], [HEADER.source, HEADER.destination]);
});

test('a fragment is what is not the first piece or not the last', () => {
  const isFragment = (field: string) => ipv4IsFragment(viewOf(patched(6, field)), 0);
  assert.deepEqual(['40 00', '00 00', '20 00', '00 01'].map(isFragment), [false, false, true, true]);
});

test("Ethernet's padding behind the total length does not matter", () => {
  assert.deepEqual(parse(Uint8Array.of(...PACKET_BYTES, 1, 2, 3)), HEADER);
});

test('the reserved bit does not matter', () => assert.deepEqual(parse(patched(6, 'a0')), HEADER));

const MALFORMED: readonly (readonly [string, Uint8Array, DropReason])[] = [
  ['nothing at all', bytes(''), DropReason.Truncated],
  ['nineteen bytes', PACKET_BYTES.subarray(0, 19), DropReason.Truncated],
  ['version 6', patched(0, '65'), DropReason.BadVersion],
  ['a header of four words', patched(0, '44'), DropReason.BadLength],
  ['a total length below the header', patched(2, '00 13'), DropReason.BadLength],
  ['a header longer than the packet', patched(0, '4f'), DropReason.BadLength],
  ['a total length past the end', patched(2, '00 1d'), DropReason.Truncated],
  ['checksum changed', PACKET_BYTES.with(10, 0x91), DropReason.BadChecksum],
  ['TTL changed', PACKET_BYTES.with(8, 0x41), DropReason.BadChecksum],
  ['a fragment cut at seven bytes', patched(2, '00 1b'), DropReason.BadLength],
  ['a fragment that ends past the longest packet', patched(6, '1f ff'), DropReason.BadLength],
  [
    'an option without length',
    patched(0, '46 b9 00 1c fe dc 00 00 40 11 00 00 c0 a8 00 01 0a 00 00 02 01 01 01 07'),
    DropReason.BadOption,
  ],
];
for (const [name, data, reason] of MALFORMED) {
  test(`malformed: ${name} ${dropText(reason)}`, () => assert.equal(parse(data), reason));
}

test('options lie behind the fixed header, padded with zeros', () => {
  const header = { ...HEADER, headerLength: 28, totalLength: 36 };
  const data = emit(header, bytes('94 04 00 00 01'));
  assert.equal(hex(data.subarray(20, 28)), '94 04 00 00 01 00 00 00');
  assert.deepEqual(parse(data), header);
});

test('one hop less leaves the checksum right, for every TTL and protocol', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 255 }), fc.nat(255), fc.nat(0xffff), (ttl, protocol, identification) => {
      const data = emit({ ...HEADER, ttl, protocol, identification });
      decrementIpv4Ttl(viewOf(data), 0);
      assert.equal(sumBytes(viewOf(data), 0, 20), VALID_SUM);
      assert.equal(hex(data), hex(emit({ ...HEADER, ttl: ttl - 1, protocol, identification })));
    }),
  );
});

const byte = fc.nat(255);
const address = fc.integer().map((value) => value as Ipv4Address);

test('round trip', () => {
  const headers = fc.record(
    {
      headerLength: fc.integer({ min: 5, max: 15 }).map((words) => 4 * words),
      totalLength: fc.integer({ min: 8, max: 100 }).map((words) => 8 * words),
      identification: fc.nat(0xffff),
      dontFragment: fc.boolean(),
      moreFragments: fc.constant(false),
      fragmentOffset: fc.nat(8000).map((units) => 8 * units),
      ttl: byte,
      protocol: byte,
      trafficClass: byte,
      source: address,
      destination: address,
    },
    { noNullPrototype: true },
  );
  fc.assert(fc.property(headers, (header) => assert.deepEqual(parse(emit(header)), header)));
});

test('the header without an object is the same header', () => {
  fc.assert(
    fc.property(fc.boolean(), fc.boolean(), address, address, (dontFragment, moreFragments, source, destination) => {
      const header = { ...HEADER, dontFragment, moreFragments, source, destination };
      const field = (dontFragment ? IPV4_DONT_FRAGMENT : 0) | (moreFragments ? IPV4_MORE_FRAGMENTS : 0) | 1;
      const data = unwritten(28);
      emitIpv4Header(viewOf(data), 0, 28, header.identification, field, 64, 17, 0xb9, source, destination);
      assert.equal(hex(data), hex(emit(header)));
    }),
  );
});

test('any bytes: parse never throws, and what it accepts, emit writes again', () => {
  const mutation = fc.tuple(fc.nat(PACKET_BYTES.length - 1), byte);
  fc.assert(
    fc.property(fc.array(mutation, { maxLength: 4 }), fc.nat(PACKET_BYTES.length), (mutations, length) => {
      const data = PACKET_BYTES.slice();
      for (const [at, value] of mutations) data[at] = value;
      const raw = data.subarray(0, length);
      parse(raw);
      if (length < 20) return;
      const headerLength = 4 * ((data[0] ?? 0) & 15);
      data[6] = (data[6] ?? 0) & 0x7f; // the reserved bit is not kept
      setIpv4Checksum(viewOf(data), 0, 0);
      setIpv4Checksum(viewOf(data), 0, checksumOf(sumBytes(viewOf(data), 0, Math.min(headerLength, 28))));
      const header = parse(raw);
      if (isDrop(header)) return;
      const again = emit(header, data.subarray(20, header.headerLength));
      assert.equal(hex(again.subarray(0, header.headerLength)), hex(data.subarray(0, header.headerLength)));
    }),
  );
});
