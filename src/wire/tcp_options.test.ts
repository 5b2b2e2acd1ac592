import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { bytes, hex, unwritten, viewOf } from '../../test/testing/bytes.ts';
import { DropReason, dropText, isDrop } from '../core/drop_reason.ts';
import {
  emitTcpOptions,
  emitTimestampsOption,
  hasOnlyTimestamps,
  NO_TCP_OPTIONS,
  parseTcpOptions,
  type TcpOptions,
  tcpOptionsLength,
  tcpTimestampEcho,
  tcpTimestampValue,
} from './tcp_options.ts';

// As Linux opens a connection.
const PACKET_BYTES = bytes(
  '02 04 05 b4' + // maximum segment size 1460
    '04 02' + // SACK permitted
    '08 0a ff ff ff fe 00 00 00 07' + // timestamps: value, echo
    '01' + // no operation
    '03 03 07', // window scale 7
);
const OPTIONS: TcpOptions = {
  maximumSegmentSize: 1460,
  windowScale: 7,
  isSackPermitted: true,
  timestamps: { value: -2, echo: 7 },
  sackBlocks: [],
};

const parse = (data: Uint8Array) => parseTcpOptions(viewOf(data), 0, data.length);

function emit(options: TcpOptions): Uint8Array {
  const data = unwritten(tcpOptionsLength(options));
  assert.equal(emitTcpOptions(viewOf(data), 0, options), data.length);
  return data;
}

test('parse', () => assert.deepEqual(parse(PACKET_BYTES), OPTIONS));
test('emit', () => assert.equal(hex(emit(OPTIONS)), hex(PACKET_BYTES)));

test('each choice of options is laid out as Linux does', () => {
  const timestamps = { value: 1, echo: 2 };
  const blocks = [1, 2, 3, 4, 5].map((n) => ({ left: n, right: n + 1 }));
  const table: readonly (readonly [TcpOptions, string])[] = [
    [NO_TCP_OPTIONS, ''],
    [{ ...NO_TCP_OPTIONS, timestamps }, '01 01 08 0a 00 00 00 01 00 00 00 02'],
    [{ ...NO_TCP_OPTIONS, isSackPermitted: true }, '01 01 04 02'],
    [{ ...NO_TCP_OPTIONS, windowScale: 3 }, '01 03 03 03'],
    [{ ...NO_TCP_OPTIONS, sackBlocks: blocks.slice(0, 1) }, '01 01 05 0a 00 00 00 01 00 00 00 02'],
  ];
  for (const [options, text] of table) assert.equal(hex(emit(options)), text);
  const fitting = (options: TcpOptions) => {
    const parsed = parse(emit(options));
    return isDrop(parsed) ? parsed : parsed.sackBlocks;
  };
  assert.deepEqual(fitting({ ...NO_TCP_OPTIONS, sackBlocks: blocks }), blocks.slice(0, 4));
  assert.deepEqual(fitting({ ...NO_TCP_OPTIONS, timestamps, sackBlocks: blocks }), blocks.slice(0, 3));
});

test('timestamps alone are read in place', () => {
  const data = unwritten(12);
  emitTimestampsOption(viewOf(data), 0, -5, 9);
  assert.equal(hasOnlyTimestamps(viewOf(data), 0, 12), true);
  assert.deepEqual([tcpTimestampValue(viewOf(data), 0), tcpTimestampEcho(viewOf(data), 0)], [-5, 9]);
  assert.deepEqual(parse(data), { ...NO_TCP_OPTIONS, timestamps: { value: -5, echo: 9 } });
  assert.equal(hasOnlyTimestamps(viewOf(data), 0, 16), false);
  assert.equal(hasOnlyTimestamps(viewOf(data.with(1, 0)), 0, 12), false);
});

test('no bytes, no options', () => assert.deepEqual(parse(bytes('')), NO_TCP_OPTIONS));

test('a kind that is not known is stepped over, and nothing is read behind the end of the list', () => {
  assert.deepEqual(parse(bytes('1e 04 ff ff 01 04 02 00 02 00')), { ...NO_TCP_OPTIONS, isSackPermitted: true });
});

test('a window scale above 14 is taken for 14', () => {
  assert.deepEqual(parse(bytes('03 03 ff 00')), { ...NO_TCP_OPTIONS, windowScale: 14 });
});

const MALFORMED: readonly (readonly [string, string])[] = [
  ['a kind without a length', '01 01 01 02'],
  ['a length of zero', '1e 00 00 00'],
  ['a length of one', '1e 01 00 00'],
  ['a length past the end', '1e 05 00 00'],
  ['a maximum segment size of three bytes', '02 03 05 00'],
  ['a window scale of four bytes', '03 04 07 00'],
  ['a SACK permission with a value', '04 03 00 00'],
  ['half a SACK block', '05 06 00 00 00 01 00 00'],
  ['timestamps of one word', '08 06 00 00 00 01 00 00'],
];
for (const [name, text] of MALFORMED) {
  test(`malformed: ${name} ${dropText(DropReason.BadOption)}`, () =>
    assert.equal(parse(bytes(text)), DropReason.BadOption));
}

const block = fc.tuple(fc.integer(), fc.integer()).map(([left, right]) => ({ left, right }));
const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });

test('round trip', () => {
  const all = fc.record(
    {
      maximumSegmentSize: fc.nat(0xffff),
      windowScale: fc.nat(14),
      timestamps: fc.tuple(fc.integer(), fc.integer()).map(([value, echo]) => ({ value, echo })),
      isSackPermitted: fc.boolean(),
      sackBlocks: fc.array(block, { maxLength: 2 }),
    },
    { requiredKeys: ['isSackPermitted', 'sackBlocks'], noNullPrototype: true },
  );
  fc.assert(fc.property(all, (options) => assert.deepEqual(parse(emit(options)), options)));
});

test('options that are undefined are left out', () => {
  fc.assert(
    fc.property(optional(fc.nat(0xffff)), optional(fc.nat(14)), (maximumSegmentSize, windowScale) => {
      const length = tcpOptionsLength({ ...NO_TCP_OPTIONS, maximumSegmentSize, windowScale });
      assert.equal(length, (maximumSegmentSize === undefined ? 0 : 4) + (windowScale === undefined ? 0 : 4));
    }),
  );
});

test('any bytes: parse never throws, and reads the same from what emit writes', () => {
  const mutation = fc.tuple(fc.nat(PACKET_BYTES.length - 1), fc.oneof(fc.nat(255), fc.nat(10)));
  fc.assert(
    fc.property(fc.array(mutation, { maxLength: 4 }), fc.nat(PACKET_BYTES.length), (mutations, length) => {
      const data = PACKET_BYTES.slice();
      for (const [at, value] of mutations) data[at] = value;
      const options = parse(data.subarray(0, length));
      if (!isDrop(options)) assert.deepEqual(parse(emit(options)), options);
    }),
  );
});
