import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { bytes, hex } from '../../../test/testing/bytes.ts';
import type { ByteSpan } from '../../core/byte_reader.ts';
import { DerReader, isMalformed, listDerElements, MAX_DER_DEPTH } from './der_reader.ts';
import { DerTag } from './der_tag.ts';
import * as writer from './der_writer.ts';

/** SEQUENCE { INTEGER 5, BOOLEAN TRUE, OBJECT IDENTIFIER 2.5.29.15, BIT STRING { bits 0 and 5 } } */
const SEQUENCE_BYTES = bytes(`
  30 0f
    02 01 05
    01 01 ff
    06 03 55 1d 0f
    03 02 02 84`);

test('a sequence reads back what was written', () => {
  const written = writer.derSequence(
    writer.derSmallInteger(5),
    writer.derBoolean(true),
    writer.derObjectIdentifier('2.5.29.15'),
    writer.derNamedBits(0b100001),
    undefined,
  );
  assert.equal(hex(written), hex(SEQUENCE_BYTES));
  const reader = DerReader.of(written);
  const sequence = reader.sequence('thing');
  assert.equal(sequence.smallInteger('number'), 5);
  assert.equal(sequence.boolean('flag'), true);
  assert.equal(sequence.objectIdentifier('kind'), '2.5.29.15');
  assert.equal(sequence.namedBits('bits'), 0b100001);
  sequence.finish();
  reader.finish();
  assert.equal(reader.problem, undefined);
});

test('every element is recorded with its bytes and its meaning', () => {
  const spans: ByteSpan[] = [];
  const sequence = DerReader.of(SEQUENCE_BYTES, spans).sequence('thing');
  const value = sequence.smallInteger('number');
  sequence.explain(String(value));
  assert.deepEqual(spans, [
    { start: 0, end: 17, label: 'thing' },
    { start: 2, end: 5, label: 'number', value: '5' },
  ]);
});

const integer = (reader: DerReader): unknown => reader.integer('x');
const MALFORMED: readonly [what: string, input: string, read: (reader: DerReader) => unknown, reason: RegExp][] = [
  ['nothing', '', integer, /the end in the place of Integer/],
  ['another tag', '04 01 05', integer, /OctetString in the place of Integer/],
  ['a tag alone', '02', integer, /cut short in a length/],
  ['a length beyond the end', '02 05 01', integer, /beyond the end/],
  ['a long form where a short one does', '02 81 01 05', integer, /not minimal/],
  ['a length with a zero in front', '02 82 00 81', integer, /not minimal/],
  ['a length of five bytes', '02 85 01 01 01 01 01', integer, /more than four/],
  ['an indefinite length', '30 80 00 00', (reader) => reader.sequence('x'), /indefinite/],
  ['an integer of no bytes', '02 00', integer, /without bytes/],
  ['an integer with a needless zero', '02 02 00 7f', integer, /not minimal/],
  ['an integer with a needless ff', '02 02 ff 80', integer, /not minimal/],
  ['a negative number', '02 01 ff', (reader) => reader.smallInteger('x'), /out of range/],
  ['a number too large', '02 05 00 80 00 00 00', (reader) => reader.smallInteger('x'), /out of range/],
  ['a true that is 01', '01 01 01', (reader) => reader.boolean('x'), /neither 00 nor ff/],
  ['a null of one byte', '05 01 00', (reader) => reader.null('x'), /with contents/],
  ['unused bits that are set', '03 02 01 81', (reader) => reader.bitString('x'), /padding/],
  ['eight unused bits', '03 02 08 00', (reader) => reader.bitString('x'), /length wrongly/],
  ['a bit string without its first byte', '03 00', (reader) => reader.bitString('x'), /length wrongly/],
  ['named bits with a zero at the end', '03 02 05 80', (reader) => reader.namedBits('x'), /zeros at the end/],
  ['an identifier that goes on', '06 02 55 9d', (reader) => reader.objectIdentifier('x'), /not well-formed/],
  ['an identifier with a zero in front', '06 03 55 80 01', (reader) => reader.objectIdentifier('x'), /not well-formed/],
  ['a set out of order', '31 06 02 01 02 02 01 01', (reader) => reader.setOf('x', integer), /out of order/],
  [
    'something behind the end',
    '30 03 02 01 05 00',
    (reader) => [reader.sequence('x').integer('y'), reader.finish()],
    /more than/,
  ],
];

for (const [what, input, read, reason] of MALFORMED) {
  test(`${what} is refused`, () => {
    const reader = DerReader.of(bytes(input));
    read(reader);
    assert.match(reader.problem?.reason ?? '', reason);
  });
}

test('elements nested without end are refused, not followed', () => {
  let nested = writer.derNull();
  for (let depth = 1; depth < MAX_DER_DEPTH; depth++) nested = writer.derSequence(nested);
  assert.ok(!isMalformed(listDerElements(nested)), 'as deep as is allowed');
  const tooDeep = writer.derSequence(nested);
  const found = listDerElements(tooDeep);
  assert.ok(isMalformed(found));
  assert.match(found.reason, /nested too deeply/);
});

test('integers, identifiers and bits of any value survive', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.integer({ min: 0, max: 0xff_ffff }), (data, bits) => {
      const unsigned = DerReader.of(writer.derUnsigned(data)).integer('n');
      const value = (of: Uint8Array): bigint => of.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
      assert.equal(value(unsigned), value(data));
      const octets = DerReader.of(writer.derOctetString(data));
      assert.deepEqual(octets.octetString('o'), data);
      assert.equal(octets.problem, undefined);
      assert.equal(DerReader.of(writer.derNamedBits(bits)).namedBits('b'), bits);
      const reader = DerReader.of(writer.derInteger(data));
      reader.integer('i');
      assert.equal(reader.problem, undefined);
    }),
  );
  const oid = fc.tuple(fc.constantFrom('2', '1', '0'), fc.nat(39), fc.array(fc.maxSafeNat(), { maxLength: 6 }));
  fc.assert(
    fc.property(oid, ([root, second, rest]) => {
      const dotted = [root, second, ...rest].join('.');
      assert.equal(DerReader.of(writer.derObjectIdentifier(dotted)).objectIdentifier('o'), dotted);
    }),
  );
});

test('a set is written in order', () => {
  const set = writer.derSetOf([writer.derSmallInteger(300), writer.derSmallInteger(2), writer.derSmallInteger(1)]);
  assert.equal(hex(set), '31 0a 02 01 01 02 01 02 02 02 01 2c');
});

test('what is written wrongly by ourselves throws', () => {
  assert.throws(() => writer.derObjectIdentifier('3.1'), RangeError);
  assert.throws(() => writer.derObjectIdentifier('1.40'), RangeError);
  assert.throws(() => writer.derSmallInteger(-1), RangeError);
});

test('any bytes at all are read without a throw, and elements lie inside each other', () => {
  const element = fc.uint8Array({ maxLength: 64 }).map((data) => writer.derElement(DerTag.Sequence, data));
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), element), (data) => {
      const found = listDerElements(data);
      if (isMalformed(found)) assert.ok(found.at <= data.length);
      else assert.ok(found.every(({ contentsAt, end }) => contentsAt <= end && end <= data.length));
    }),
  );
});
