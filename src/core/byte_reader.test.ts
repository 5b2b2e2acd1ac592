import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { bytes, hex, viewOf } from '../../test/testing/bytes.ts';
import { ByteReader, type ByteSpan } from './byte_reader.ts';

const over = (text: string, spans?: ByteSpan[]): ByteReader => {
  const view = viewOf(bytes(text));
  return new ByteReader(view, 0, view.byteLength, spans);
};

test('fields are read in network byte order, one after the other', () => {
  const reader = over('01  02 03  04 05 06  f0 00 00 01  c0 a8 00 01  0a 0b 0c');
  assert.equal(reader.uint8(), 0x01);
  assert.equal(reader.uint16(), 0x0203);
  assert.equal(reader.uint24(), 0x040506);
  assert.equal(reader.uint32(), 0xf000_0001);
  assert.equal(reader.int32(), 0xc0a8_0001 | 0);
  reader.skip(1);
  assert.equal(hex(reader.bytes(2)), '0b 0c');
  assert.deepEqual([reader.remaining, reader.isTruncated], [0, false]);
});

test('a field that is cut off reads as zero, and so does everything behind it', () => {
  const reads: readonly ((reader: ByteReader) => unknown)[] = [
    (reader) => reader.uint16(),
    (reader) => reader.uint32(),
    (reader) => reader.int32(),
    (reader) => reader.bytes(2).length,
    (reader) => reader.sub(2).remaining,
  ];
  for (const read of reads) {
    const reader = over('ff');
    assert.equal(read(reader), 0);
    assert.equal(reader.isTruncated, true);
    assert.equal(reader.uint8(), 0, 'the byte before the end is not taken for another field');
  }
});

test('a reader of a part sees nothing of what follows it, and its parent goes on behind it', () => {
  const reader = over('01 02 03 04');
  const part = reader.sub(2);
  assert.equal(part.uint16(), 0x0102);
  assert.equal(part.uint8(), 0);
  assert.deepEqual([part.isTruncated, reader.isTruncated], [true, false]);
  assert.equal(reader.uint16(), 0x0304);
});

test('a negative length reads nothing and counts as truncated', () => {
  const reader = over('01 02');
  assert.equal(reader.bytes(-1).length, 0);
  assert.equal(reader.isTruncated, true);
});

test('bytes are a copy', () => {
  const data = bytes('01 02');
  const copy = new ByteReader(viewOf(data)).bytes(2);
  data[0] = 0xff;
  assert.equal(copy[0], 1);
});

test('marked fields tell which bytes they came from, those of parts included', () => {
  const spans: ByteSpan[] = [];
  const reader = over('35 01 02 ff', spans);
  reader.uint8();
  reader.mark(0, 'option', 'message type');
  const part = reader.sub(reader.uint8());
  const start = part.at;
  part.uint8();
  part.mark(start, 'value');
  assert.deepEqual(spans, [
    { start: 0, end: 1, label: 'option', value: 'message type' },
    { start: 2, end: 3, label: 'value' },
  ]);
});

test('whatever is asked for, nothing throws, and no byte outside of the part is read', () => {
  const requests = fc.array(
    fc.tuple(fc.constantFrom('uint8', 'uint16', 'uint24', 'uint32', 'bytes', 'skip', 'sub'), fc.nat(9)),
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 20 }), requests, (data, asked) => {
      // The same part, with zeros around it and with ones around it, reads the same.
      const [among0, among1] = [0x00, 0xff].map((fill) => {
        const around = new Uint8Array(data.length + 40).fill(fill);
        around.set(data, 20);
        return new ByteReader(viewOf(around), 20, 20 + data.length);
      });
      assert.ok(among0 !== undefined && among1 !== undefined);
      const read = (reader: ByteReader, [name, length]: readonly [string, number]): unknown => {
        if (name === 'bytes') return hex(reader.bytes(length));
        if (name === 'sub') return reader.sub(length).remaining;
        if (name === 'skip') return reader.skip(length);
        return reader[name as 'uint8' | 'uint16' | 'uint24' | 'uint32']();
      };
      for (const request of asked) {
        assert.equal(read(among0, request), read(among1, request));
        assert.ok(among0.remaining >= 0 && among0.at >= 20);
      }
    }),
  );
});
