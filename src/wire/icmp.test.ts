import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { bytes, hex, unwritten, viewOf } from '../../test/testing/bytes.ts';
import { DropReason, dropText, isDrop } from '../core/drop_reason.ts';
import type { Ipv4Address } from './address.ts';
import { checksumOf, sumBytes } from './checksum.ts';
import {
  emitIcmp,
  ICMP_HEADER_LENGTH,
  type IcmpMessage,
  icmpChecksum,
  icmpCode,
  icmpIdentifier,
  icmpSequence,
  icmpType,
  isIcmpError,
  parseIcmp,
  setIcmpChecksum,
  setIcmpCode,
  setIcmpIdentifier,
  setIcmpSequence,
  setIcmpType,
} from './icmp.ts';

const PACKET_BYTES = bytes(
  '08' + // type: echo request
    '00' + // code
    '1c 92' + // checksum, with a zero behind the odd last byte
    'f0 01' + // identifier
    '00 02' + // sequence number
    '68 69 83', // data
);
const MESSAGE: IcmpMessage = { kind: 'echo-request', code: 0, identifier: 0xf001, sequence: 2 };

const parse = (data: Uint8Array) => parseIcmp(viewOf(data), 0, data.length);

function emit(message: IcmpMessage, payload: Uint8Array): Uint8Array {
  const data = unwritten(ICMP_HEADER_LENGTH + payload.length);
  data.set(payload, ICMP_HEADER_LENGTH);
  emitIcmp(viewOf(data), 0, message, sumBytes(viewOf(data), ICMP_HEADER_LENGTH, payload.length));
  return data;
}

/** The message with its checksum made right. */
function summed(data: Uint8Array): Uint8Array {
  const view = viewOf(data);
  setIcmpChecksum(view, 0, 0);
  setIcmpChecksum(view, 0, checksumOf(sumBytes(view, 0, data.length)));
  return data;
}

test('parse', () => assert.deepEqual(parse(PACKET_BYTES), { ...MESSAGE, quoteAt: 8 }));

test('emit', () => assert.equal(hex(emit(MESSAGE, PACKET_BYTES.subarray(8))), hex(PACKET_BYTES)));

test('each kind has its header', () => {
  const table: readonly (readonly [string, IcmpMessage])[] = [
    ['00 00 00 01 00 02', { kind: 'echo-reply', code: 0, identifier: 1, sequence: 2 }],
    ['03 03 00 00 00 00', { kind: 'unreachable', code: 3, mtu: 0 }],
    ['03 04 00 00 05 78', { kind: 'unreachable', code: 4, mtu: 1400 }],
    ['0b 00 00 00 00 00', { kind: 'time-exceeded', code: 0 }],
    ['05 01 c0 a8 00 01', { kind: 'redirect', code: 1, gateway: (0xc0a80001 | 0) as Ipv4Address }],
    ['0c 00 91 00 00 00', { kind: 'parameter-problem', code: 0, pointer: 0x91 }],
    ['04 00 00 00 00 00', { kind: 'source-quench', code: 0, rest: 0 }],
    ['09 00 01 02 07 08', { kind: 'router-advertisement', code: 0, rest: 0x01020708 }],
    ['0a 00 00 00 00 00', { kind: 'router-solicitation', code: 0, rest: 0 }],
    ['0d 00 f0 00 00 01', { kind: 'timestamp-request', code: 0, rest: 0xf0000001 | 0 }],
    ['0e 00 f0 00 00 01', { kind: 'timestamp-reply', code: 0, rest: 0xf0000001 | 0 }],
    ['11 00 00 01 00 01', { kind: 'address-mask-request', code: 0, rest: 0x10001 }],
    ['12 00 00 01 00 01', { kind: 'address-mask-reply', code: 0, rest: 0x10001 }],
  ];
  for (const [text, message] of table) {
    const data = emit(message, bytes(''));
    assert.equal(hex(data.filter((_, i) => i !== 2 && i !== 3)), text);
    assert.deepEqual(parse(data), { ...message, quoteAt: 8 });
  }
});

test('fields in place', () => {
  const data = PACKET_BYTES.slice();
  const view = viewOf(data);
  setIcmpType(view, 0, 0);
  setIcmpCode(view, 0, 7);
  setIcmpIdentifier(view, 0, 0xabcd);
  setIcmpSequence(view, 0, 0xfffe);
  assert.deepEqual([icmpType(view, 0), icmpCode(view, 0), icmpChecksum(view, 0)], [0, 7, 0x1c92]);
  assert.deepEqual([icmpIdentifier(view, 0), icmpSequence(view, 0)], [0xabcd, 0xfffe]);
});

test('errors are told from questions and answers', () => {
  const errors = Array.from({ length: 256 }, (_, type) => type).filter(isIcmpError);
  assert.deepEqual(errors, [3, 4, 5, 11, 12]);
});

const MALFORMED: readonly (readonly [string, Uint8Array, DropReason])[] = [
  ['nothing at all', bytes(''), DropReason.Truncated],
  ['seven bytes', PACKET_BYTES.subarray(0, 7), DropReason.Truncated],
  ['a data byte missing', PACKET_BYTES.subarray(0, 10), DropReason.BadChecksum],
  ['data changed', PACKET_BYTES.with(8, 0x69), DropReason.BadChecksum],
  ['checksum changed', PACKET_BYTES.with(2, 0x1d), DropReason.BadChecksum],
  ['longer than a packet can be', new Uint8Array(0x10000), DropReason.BadLength],
  ['a type that is not defined', summed(PACKET_BYTES.with(0, 1)), DropReason.UnknownOperation],
];
for (const [name, data, reason] of MALFORMED) {
  test(`malformed: ${name} ${dropText(reason)}`, () => assert.equal(parse(data), reason));
}

test('any bytes: parse never throws, and what it accepts, emit writes again', () => {
  const types = fc.constantFrom(0, 3, 4, 5, 8, 9, 10, 11, 12, 13, 14, 17, 18, 99);
  fc.assert(
    fc.property(types, fc.uint8Array({ minLength: 7, maxLength: 40 }), fc.boolean(), (type, rest, isSummed) => {
      const data = Uint8Array.of(type, ...rest);
      const message = parse(isSummed ? summed(data) : data);
      if (isDrop(message)) return;
      // Bytes that a kind does not use are written as zeros: compare the meaning, and the bytes behind the header.
      const again = emit(message, data.subarray(ICMP_HEADER_LENGTH));
      assert.deepEqual(parse(again), message);
      assert.equal(hex(again.subarray(ICMP_HEADER_LENGTH)), hex(data.subarray(ICMP_HEADER_LENGTH)));
    }),
  );
});
