import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { bytes, hex, unwritten, viewOf } from '../../test/testing/bytes.ts';
import { utf8 } from '../core/bytes.ts';
import { DropReason, dropText, isDrop } from '../core/drop_reason.ts';
import type { LinkAddress } from './address.ts';
import {
  ETHERNET_HEADER_LENGTH,
  ETHERTYPE_ARP,
  ETHERTYPE_IPV4,
  type EthernetHeader,
  emitEthernet,
  emitTaggedEthernet,
  ethernetDestination,
  ethernetSource,
  etherType,
  frameCheckSequence,
  parseEthernet,
  setEthernetDestination,
  setEthernetSource,
} from './ethernet.ts';

const PACKET_BYTES = bytes(
  'ff ff ff ff ff ff' + // destination: everyone
    'f2 00 00 00 00 01' + // source, with the highest bits set
    '08 06' + // EtherType: ARP
    '00 01', // payload
);
const HEADER: EthernetHeader = {
  destination: 0xffff_ffff_ffff as LinkAddress,
  source: 0xf200_0000_0001 as LinkAddress,
  etherType: ETHERTYPE_ARP,
  headerLength: 14,
};

const TAGGED_BYTES = bytes(
  '02 00 00 00 00 02' + // destination
    'f2 00 00 00 00 01' + // source
    '81 00' + // tag follows
    'a0 05' + // priority 5, VLAN 5
    '08 00', // EtherType: IPv4
);
const TAGGED: EthernetHeader = {
  destination: 0x0200_0000_0002 as LinkAddress,
  source: 0xf200_0000_0001 as LinkAddress,
  etherType: ETHERTYPE_IPV4,
  vlan: { id: 5, priority: 5 },
  headerLength: 18,
};

const parse = (data: Uint8Array) => parseEthernet(viewOf(data), 0, data.length);

function emit({ destination, source, etherType, vlan, headerLength }: EthernetHeader): Uint8Array {
  const data = unwritten(headerLength);
  if (vlan === undefined) emitEthernet(viewOf(data), 0, destination, source, etherType);
  else emitTaggedEthernet(viewOf(data), 0, destination, source, vlan, etherType);
  return data;
}

test('parse', () => {
  assert.deepEqual(parse(PACKET_BYTES), HEADER);
  assert.deepEqual(parse(TAGGED_BYTES), TAGGED);
});

test('emit', () => {
  assert.equal(hex(emit(HEADER)), hex(PACKET_BYTES.subarray(0, ETHERNET_HEADER_LENGTH)));
  assert.equal(hex(emit(TAGGED)), hex(TAGGED_BYTES));
});

test('fields in place', () => {
  const view = viewOf(PACKET_BYTES.slice());
  assert.equal(etherType(view, 0), ETHERTYPE_ARP);
  setEthernetDestination(view, 0, HEADER.source);
  setEthernetSource(view, 0, TAGGED.destination);
  assert.deepEqual([ethernetDestination(view, 0), ethernetSource(view, 0)], [HEADER.source, TAGGED.destination]);
});

const MALFORMED: readonly (readonly [string, Uint8Array, DropReason])[] = [
  ['nothing at all', bytes(''), DropReason.Truncated],
  ['thirteen bytes', PACKET_BYTES.subarray(0, 13), DropReason.Truncated],
  ['a tag cut off', TAGGED_BYTES.subarray(0, 17), DropReason.Truncated],
  ['sent by a group', PACKET_BYTES.with(6, 0x01), DropReason.BadSource],
  ['a length in place of the type', PACKET_BYTES.with(12, 0x05), DropReason.UnsupportedProtocol],
  ['a length behind the tag', TAGGED_BYTES.with(16, 0x00), DropReason.UnsupportedProtocol],
];
for (const [name, data, reason] of MALFORMED) {
  test(`malformed: ${name} ${dropText(reason)}`, () => assert.equal(parse(data), reason));
}

test('the check sequence is CRC-32, whose published check value is that of 123456789', () => {
  assert.equal(frameCheckSequence(utf8('123456789'), 0, 9), 0xcbf43926);
  assert.equal(frameCheckSequence(utf8('..123456789.'), 2, 11), 0xcbf43926);
});

test('every damage of up to 32 bits in a row changes the check sequence', () => {
  const whole = frameCheckSequence(PACKET_BYTES, 0, PACKET_BYTES.length);
  fc.assert(
    fc.property(fc.nat(8 * PACKET_BYTES.length - 32), fc.integer({ min: 1, max: 0xffff_ffff }), (first, burst) => {
      const data = PACKET_BYTES.slice();
      for (let bit = 0; bit < 32; bit++) {
        const place = first + bit;
        data[place >> 3] = (data[place >> 3] ?? 0) ^ (((burst >>> bit) & 1) << (place & 7));
      }
      assert.notEqual(frameCheckSequence(data, 0, data.length), whole);
    }),
  );
});

test('any bytes: parse never throws, and what it accepts, emit writes again', () => {
  const mutation = fc.tuple(fc.nat(TAGGED_BYTES.length - 1), fc.nat(255));
  fc.assert(
    fc.property(fc.array(mutation, { maxLength: 4 }), fc.nat(TAGGED_BYTES.length), (mutations, length) => {
      const data = TAGGED_BYTES.slice();
      for (const [at, value] of mutations) data[at] = value;
      const header = parse(data.subarray(0, length));
      if (isDrop(header)) return;
      data[14] = (data[14] ?? 0) & (header.vlan === undefined ? 0xff : 0xef); // drop eligible is not kept
      assert.equal(hex(emit(header)), hex(data.subarray(0, header.headerLength)));
    }),
  );
});
