import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { bytes, hex, unwritten, viewOf } from '../../test/testing/bytes.ts';
import { DropReason, dropText, isDrop } from '../core/drop_reason.ts';
import { ipv4At } from './address.ts';
import { addSums, pseudoSumIpv4, sumBytes } from './checksum.ts';
import {
  emitUdp,
  formatUdp,
  parseUdp,
  setUdpChecksum,
  UDP_HEADER_LENGTH,
  UDP_PROTOCOL,
  type UdpHeader,
} from './udp.ts';

const ADDRESSES = viewOf(bytes('0a 00 00 01  0a 00 00 02'));
const PSEUDO_SUM = pseudoSumIpv4(ipv4At(ADDRESSES, 0), ipv4At(ADDRESSES, 4), UDP_PROTOCOL);

// From 10.0.0.1 to 10.0.0.2.
const PACKET_BYTES = bytes(
  'c3 50' + // source port 50000
    '00 07' + // destination port 7, echo
    '00 0d' + // length 13: eight of header, five of payload
    'e4 a7' + // checksum: with the pseudo-header, and with a zero behind the odd last byte
    '68 65 6c 6c 6f', // payload: hello
);
const HEADER: UdpHeader = { sourcePort: 50000, destinationPort: 7, payloadLength: 5 };

const parse = (data: Uint8Array): UdpHeader | DropReason => parseUdp(viewOf(data), 0, data.length, PSEUDO_SUM);

/** A datagram with `payload` in a place where no byte is zero by luck. */
function emit(header: UdpHeader, payload: Uint8Array): Uint8Array {
  const data = unwritten(UDP_HEADER_LENGTH + payload.length);
  data.set(payload, UDP_HEADER_LENGTH);
  const sum = addSums(PSEUDO_SUM, sumBytes(viewOf(data), UDP_HEADER_LENGTH, payload.length));
  emitUdp(viewOf(data), 0, header, sum);
  return data;
}

/** PACKET_BYTES with some bytes replaced. */
const patched = (at: number, patch: string): Uint8Array => {
  const data = PACKET_BYTES.slice();
  data.set(bytes(patch), at);
  return data;
};

test('parse', () => assert.deepEqual(parse(PACKET_BYTES), HEADER));

test('emit', () => assert.equal(hex(emit(HEADER, PACKET_BYTES.subarray(UDP_HEADER_LENGTH))), hex(PACKET_BYTES)));

test('format', () =>
  assert.equal(formatUdp(HEADER, '10.0.0.1', '10.0.0.2'), '10.0.0.1.50000 > 10.0.0.2.7: UDP, length 5'));

test('bytes behind the stated length do not matter', () => {
  assert.deepEqual(parse(Uint8Array.of(...PACKET_BYTES, 1, 2, 3)), HEADER);
});

test('a checksum of zero was not computed and is not checked', () => {
  assert.deepEqual(parse(patched(6, '00 00')), HEADER);
});

test('a checksum that comes out as zero is sent as ffff', () => {
  const header = { sourcePort: 1, destinationPort: 2, payloadLength: 2 };
  const filler = emit(header, bytes('00 00')).subarray(6, 8); // as payload, it completes the sum
  const data = emit(header, filler);
  assert.equal(hex(data.subarray(6)), hex(Uint8Array.of(0xff, 0xff, ...filler)));
  assert.deepEqual(parse(data), header);
});

const MALFORMED: readonly (readonly [string, Uint8Array, DropReason])[] = [
  ['nothing at all', bytes(''), DropReason.Truncated],
  ['seven bytes', PACKET_BYTES.subarray(0, 7), DropReason.Truncated],
  ['length below eight', patched(4, '00 07'), DropReason.BadLength],
  ['length of zero', patched(4, '00 00'), DropReason.BadLength],
  ['length past the end', patched(4, '00 0e'), DropReason.Truncated],
  ['payload changed', patched(8, '69'), DropReason.BadChecksum],
  ['port changed', patched(2, '00 08'), DropReason.BadChecksum],
  ['checksum changed', patched(6, 'e4 a8'), DropReason.BadChecksum],
];
for (const [name, data, reason] of MALFORMED) {
  test(`malformed: ${name} ${dropText(reason)}`, () => assert.equal(parse(data), reason));
}

const port = fc.nat(0xffff);

test('round trip', () => {
  fc.assert(
    fc.property(port, port, fc.uint8Array({ maxLength: 1472 }), (sourcePort, destinationPort, payload) => {
      const header = { sourcePort, destinationPort, payloadLength: payload.length };
      assert.deepEqual(parse(emit(header, payload)), header);
    }),
  );
});

test('any bytes: parse never throws, and what it accepts, emit writes again', () => {
  const mutation = fc.tuple(fc.nat(PACKET_BYTES.length - 1), fc.nat(255));
  fc.assert(
    fc.property(fc.array(mutation, { maxLength: 4 }), fc.nat(PACKET_BYTES.length), (mutations, length) => {
      const data = PACKET_BYTES.slice();
      for (const [at, value] of mutations) data[at] = value;
      const header = parse(data.subarray(0, length));
      if (isDrop(header)) return;
      const end = UDP_HEADER_LENGTH + header.payloadLength;
      const again = emit(header, data.subarray(UDP_HEADER_LENGTH, end));
      if (hex(data.subarray(6, 8)) === '00 00') setUdpChecksum(viewOf(again), 0, 0);
      assert.equal(hex(again), hex(data.subarray(0, end)));
    }),
  );
});
