import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { bytes, hex, viewOf } from '../../test/testing/bytes.ts';
import { ByteReader } from './byte_reader.ts';
import { ByteWriter } from './byte_writer.ts';

test('fields are written in network byte order, one after the other', () => {
  const writer = new ByteWriter();
  writer.uint8(0x01);
  writer.uint16(0x0203);
  writer.uint24(0x040506);
  writer.uint32(0xf000_0001);
  writer.uint32(-1);
  writer.bytes(bytes('0a 0b'));
  writer.zeros(2);
  assert.equal(writer.length, 18);
  assert.equal(hex(writer.finish()), '01 02 03 04 05 06 f0 00 00 01 ff ff ff ff 0a 0b 00 00');
});

test('a field that was left open is filled in later', () => {
  const writer = new ByteWriter(2);
  writer.uint16(0);
  writer.uint8(0);
  writer.bytes(bytes('aa bb cc'));
  writer.setUint16(0, writer.length);
  writer.setUint8(2, 0x7f);
  assert.equal(hex(writer.finish()), '00 06 7f aa bb cc');
});

test('what was finished does not change with what is written later', () => {
  const writer = new ByteWriter();
  writer.uint8(1);
  const first = writer.finish();
  writer.setUint8(0, 2);
  assert.equal(hex(first), '01');
});

test('a reader reads back what was written, however often the room had to grow', () => {
  const field = fc.oneof(
    fc.tuple(fc.constant('uint8' as const), fc.nat(0xff)),
    fc.tuple(fc.constant('uint16' as const), fc.nat(0xffff)),
    fc.tuple(fc.constant('uint24' as const), fc.nat(0xff_ffff)),
    fc.tuple(fc.constant('uint32' as const), fc.nat(0xffff_ffff)),
  );
  fc.assert(
    fc.property(fc.array(field), fc.uint8Array({ maxLength: 300 }), fc.nat(100), (fields, tail, capacity) => {
      const writer = new ByteWriter(capacity);
      for (const [kind, value] of fields) writer[kind](value);
      writer.bytes(tail);
      const reader = new ByteReader(viewOf(writer.finish()));
      for (const [kind, value] of fields) assert.equal(reader[kind](), value);
      assert.deepEqual(reader.bytes(tail.length), tail);
      assert.deepEqual([reader.remaining, reader.isTruncated], [0, false]);
    }),
  );
});
