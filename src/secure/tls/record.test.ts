import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { bytes, hex } from '../../../test/testing/bytes.ts';
import { joinBytes } from '../../core/bytes.ts';
import { type FailureReason, isFailure } from './failure.ts';
import { ContentType, MAX_CIPHERTEXT, MAX_PLAINTEXT, RecordBuffer, type TlsRecord, writeRecord } from './record.ts';

const RECORD_BYTES = bytes(
  '16' + // a handshake message, or a part of one
    '03 03' + // TLS 1.2, as all versions since have said
    '00 04' + // four bytes
    '05 00 00 00',
);

const header = (type: number, version: number, length: number): Uint8Array =>
  Uint8Array.of(type, version >>> 8, version, length >>> 8, length);

function firstOf(data: Uint8Array): TlsRecord | FailureReason | undefined {
  const buffer = new RecordBuffer();
  buffer.add(data);
  const record = buffer.next();
  return isFailure(record) ? record.reason : record;
}

test('a record is read and written', () => {
  const record = firstOf(RECORD_BYTES);
  assert.deepEqual(record, {
    type: ContentType.Handshake,
    legacyVersion: 0x0303,
    payload: bytes('05 00 00 00'),
    header: bytes('16 03 03 00 04'),
  });
  assert.equal(hex(writeRecord(ContentType.Handshake, bytes('05 00 00 00'), 0x0303)), hex(RECORD_BYTES));
});

test('a payload that came whole is handed out where it lies', () => {
  const data = joinBytes([RECORD_BYTES, RECORD_BYTES]);
  const buffer = new RecordBuffer();
  buffer.add(data);
  buffer.next();
  const second = buffer.next();
  assert.ok(second !== undefined && !isFailure(second));
  assert.equal(second.payload.buffer, data.buffer);
  assert.equal(second.payload.byteOffset, RECORD_BYTES.length + 5);
  assert.ok(buffer.isEmpty);
});

test('records come out whole, wherever the transport cuts them', () => {
  const payload = fc.uint8Array({ maxLength: 50 });
  fc.assert(
    fc.property(fc.array(payload, { maxLength: 6 }), fc.array(fc.nat(), { maxLength: 8 }), (payloads, places) => {
      const stream = joinBytes(payloads.map((each) => writeRecord(ContentType.ApplicationData, each, 0x0303)));
      const cuts = [0, ...places.map((place) => place % (stream.length + 1)).sort((a, b) => a - b), stream.length];
      const buffer = new RecordBuffer();
      const found: string[] = [];
      for (const [i, cut] of cuts.slice(1).entries()) {
        const piece = stream.slice(cuts[i], cut);
        buffer.add(piece);
        for (let next = buffer.next(); next !== undefined; next = buffer.next()) {
          assert.ok(!isFailure(next));
          found.push(hex(next.payload));
        }
        piece.fill(0xee);
      }
      assert.deepEqual(found, payloads.map(hex));
      assert.ok(buffer.isEmpty);
    }),
  );
});

test('what is no record is refused by its header', () => {
  const table: readonly (readonly [header: Uint8Array, reason: FailureReason | undefined])[] = [
    [header(19, 0x0303, 1), 'bad-record'],
    [header(24, 0x0303, 1), 'bad-record'],
    [bytes('47 45 54 20 2f'), 'bad-record'], // GET /
    [header(22, 0x0203, 1), 'bad-record-version'],
    [header(22, 0x0403, 1), 'bad-record-version'],
    [header(22, 0x0300, 1), undefined], // the minor version is ignored
    [header(22, 0x03ff, 1), undefined],
    [header(22, 0x0303, MAX_PLAINTEXT), undefined],
    [header(22, 0x0303, MAX_PLAINTEXT + 1), 'record-too-long'],
    [header(23, 0x0303, MAX_CIPHERTEXT), undefined],
    [header(23, 0x0303, MAX_CIPHERTEXT + 1), 'record-too-long'],
  ];
  for (const [data, reason] of table) {
    assert.equal(firstOf(data), reason, hex(data));
    assert.equal(firstOf(data.subarray(0, 4)), undefined, hex(data));
  }
});

test('a payload longer than a record may be is not written', () => {
  assert.equal(writeRecord(23, new Uint8Array(MAX_PLAINTEXT), 0x0303).length, MAX_PLAINTEXT + 5);
  assert.throws(() => writeRecord(23, new Uint8Array(MAX_PLAINTEXT + 1), 0x0303), RangeError);
});
