import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { bytes, hex, unwritten, viewOf } from '../../test/testing/bytes.ts';
import { DropReason, dropText, isDrop } from '../core/drop_reason.ts';
import { ipv4At } from './address.ts';
import { addSums, checksumOf, pseudoSumIpv4, sumBytes } from './checksum.ts';
import {
  emitTcp,
  emitTcpHeader,
  parseTcp,
  setTcpAcknowledgment,
  setTcpChecksum,
  setTcpDestinationPort,
  setTcpFlags,
  setTcpSequence,
  setTcpSourcePort,
  setTcpWindow,
  TCP_HEADER_LENGTH,
  TCP_PROTOCOL,
  TcpFlag,
  type TcpHeader,
  tcpAcknowledgment,
  tcpChecksum,
  tcpDestinationPort,
  tcpFlags,
  tcpHeaderLength,
  tcpSequence,
  tcpSourcePort,
  tcpUrgentPointer,
  tcpWindow,
} from './tcp.ts';

const ADDRESSES = viewOf(bytes('0a 00 00 01  0a 00 00 02'));
const PSEUDO_SUM = pseudoSumIpv4(ipv4At(ADDRESSES, 0), ipv4At(ADDRESSES, 4), TCP_PROTOCOL);

// From 10.0.0.1 to 10.0.0.2.
const PACKET_BYTES = bytes(
  'c3 50' + // source port 50000
    '00 50' + // destination port 80
    'ff ff ff fe' + // sequence number, two before the turn
    '80 00 00 01' + // acknowledgment number
    '60 99' + // header of six words; CWR, ACK, PSH, FIN
    'fa f0' + // window 64240
    '06 d4' + // checksum: with the pseudo-header, and with a zero behind the odd last byte
    '00 07' + // urgent pointer
    '01 01 01 00' + // options: padding
    '68 65 6c 6c 6f', // payload: hello
);
const HEADER: TcpHeader = {
  sourcePort: 50000,
  destinationPort: 80,
  sequence: -2,
  acknowledgment: 0x80000001 | 0,
  headerLength: 24,
  flags: TcpFlag.Cwr | TcpFlag.Ack | TcpFlag.Psh | TcpFlag.Fin,
  window: 64240,
  urgentPointer: 7,
  payloadLength: 5,
};

const parse = (data: Uint8Array) => parseTcp(viewOf(data), 0, data.length, PSEUDO_SUM);

/** A segment with `rest`, options and payload, in a place where no byte is zero by luck. */
function emit(header: TcpHeader, rest: Uint8Array): Uint8Array {
  const data = unwritten(TCP_HEADER_LENGTH + rest.length);
  data.set(rest, TCP_HEADER_LENGTH);
  emitTcp(viewOf(data), 0, header, addSums(PSEUDO_SUM, sumBytes(viewOf(data), TCP_HEADER_LENGTH, rest.length)));
  return data;
}

test('parse', () => assert.deepEqual(parse(PACKET_BYTES), HEADER));

test('emit', () => assert.equal(hex(emit(HEADER, PACKET_BYTES.subarray(TCP_HEADER_LENGTH))), hex(PACKET_BYTES)));

test('the header without an object is the same header, but for the checksum', () => {
  const data = unwritten(TCP_HEADER_LENGTH);
  const { sourcePort, destinationPort, sequence, acknowledgment, headerLength, flags, window, urgentPointer } = HEADER;
  emitTcpHeader(
    viewOf(data),
    0,
    sourcePort,
    destinationPort,
    sequence,
    acknowledgment,
    headerLength,
    flags,
    window,
    urgentPointer,
  );
  assert.equal(tcpChecksum(viewOf(data), 0), 0);
  setTcpChecksum(viewOf(data), 0, 0x06d4);
  assert.equal(hex(data), hex(PACKET_BYTES.subarray(0, TCP_HEADER_LENGTH)));
});

test('fields in place', () => {
  const data = PACKET_BYTES.slice();
  const view = viewOf(data);
  assert.deepEqual([tcpSourcePort(view, 0), tcpDestinationPort(view, 0)], [50000, 80]);
  assert.deepEqual([tcpSequence(view, 0), tcpAcknowledgment(view, 0)], [-2, 0x80000001 | 0]);
  assert.deepEqual([tcpHeaderLength(view, 0), tcpFlags(view, 0)], [24, 0x99]);
  assert.deepEqual([tcpWindow(view, 0), tcpUrgentPointer(view, 0)], [64240, 7]);
  setTcpSourcePort(view, 0, 1);
  setTcpDestinationPort(view, 0, 2);
  setTcpSequence(view, 0, 3);
  setTcpAcknowledgment(view, 0, 4);
  setTcpFlags(view, 0, 5);
  setTcpWindow(view, 0, 6);
  assert.equal(hex(data.subarray(0, 16)), '00 01 00 02 00 00 00 03 00 00 00 04 60 05 00 06');
});

/** PACKET_BYTES with the length of its header changed, and the checksum made right again. */
function withHeaderWords(words: number): Uint8Array {
  const data = PACKET_BYTES.with(12, words << 4);
  setTcpChecksum(viewOf(data), 0, 0);
  setTcpChecksum(
    viewOf(data),
    0,
    checksumOf(addSums(PSEUDO_SUM + data.length, sumBytes(viewOf(data), 0, data.length))),
  );
  return data;
}

const MALFORMED: readonly (readonly [string, Uint8Array, DropReason])[] = [
  ['nothing at all', bytes(''), DropReason.Truncated],
  ['nineteen bytes', PACKET_BYTES.subarray(0, 19), DropReason.Truncated],
  ['a header of four words', withHeaderWords(4), DropReason.BadLength],
  ['a header longer than the segment', withHeaderWords(8), DropReason.Truncated],
  ['a payload byte missing', PACKET_BYTES.subarray(0, 28), DropReason.BadChecksum],
  ['payload changed', PACKET_BYTES.with(24, 0x69), DropReason.BadChecksum],
  ['sequence number changed', PACKET_BYTES.with(4, 0x7f), DropReason.BadChecksum],
  [
    'a checksum of zero, which unlike in UDP means nothing',
    PACKET_BYTES.with(16, 0).with(17, 0),
    DropReason.BadChecksum,
  ],
  ['longer than a packet can be', new Uint8Array(0x10000), DropReason.BadLength],
];
for (const [name, data, reason] of MALFORMED) {
  test(`malformed: ${name} ${dropText(reason)}`, () => assert.equal(parse(data), reason));
}

test('the reserved bits do not matter', () => {
  const data = withHeaderWords(6);
  assert.deepEqual(parse(data), HEADER);
  data[12] = 0x6f;
  setTcpChecksum(viewOf(data), 0, 0x06d4 - 0x0f00 - 1); // in one's complement a borrow costs one more
  assert.deepEqual(parse(data), HEADER);
});

const port = fc.nat(0xffff);

test('round trip', () => {
  const headers = fc.record(
    {
      sourcePort: port,
      destinationPort: port,
      sequence: fc.integer(),
      acknowledgment: fc.integer(),
      headerLength: fc.integer({ min: 5, max: 15 }).map((words) => 4 * words),
      flags: fc.nat(255),
      window: port,
      urgentPointer: port,
      payloadLength: fc.nat(1460),
    },
    { noNullPrototype: true },
  );
  fc.assert(
    fc.property(headers, fc.nat(255), (header, filler) => {
      const rest = new Uint8Array(header.headerLength - TCP_HEADER_LENGTH + header.payloadLength).fill(filler);
      assert.deepEqual(parse(emit(header, rest)), header);
    }),
  );
});

test('any bytes: parse never throws, and what it accepts, emit writes again', () => {
  const mutation = fc.tuple(fc.nat(PACKET_BYTES.length - 1), fc.nat(255));
  fc.assert(
    fc.property(fc.array(mutation, { maxLength: 4 }), fc.nat(PACKET_BYTES.length), (mutations, length) => {
      const data = PACKET_BYTES.slice(0, length);
      for (const [at, value] of mutations) if (at < length) data[at] = value;
      parse(data);
      if (length < TCP_HEADER_LENGTH) return;
      data[12] = (data[12] ?? 0) & 0xf0; // the reserved bits are not kept
      setTcpChecksum(viewOf(data), 0, 0);
      setTcpChecksum(viewOf(data), 0, checksumOf(addSums(PSEUDO_SUM + length, sumBytes(viewOf(data), 0, length))));
      const header = parse(data);
      if (!isDrop(header)) assert.equal(hex(emit(header, data.subarray(TCP_HEADER_LENGTH))), hex(data));
    }),
  );
});
