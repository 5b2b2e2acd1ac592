import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { hex } from '../../../test/testing/bytes.ts';
import { nodeCrypto } from '../crypto/node.ts';
import { portableCrypto } from '../crypto/portable.ts';
import type { CryptoProvider } from '../crypto/provider.ts';
import { CIPHER_SUITES, type CipherSuite, cipherSuiteNamed } from './cipher_suite.ts';
import { isFailure, type TlsFailure } from './failure.ts';
import { trafficKeys } from './key_schedule.ts';
import { type OpenedRecord, RecordOpener, RecordSealer } from './record_protection.ts';

const PROVIDERS: readonly CryptoProvider[] = [nodeCrypto, portableCrypto];
const SUITE = cipherSuiteNamed('TLS_AES_128_GCM_SHA256');
const APPLICATION_DATA = 23;
const secretOf = (suite: CipherSuite): Uint8Array => new Uint8Array(suite.hash === 'sha384' ? 48 : 32).fill(7);
const numbered = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => i % 251);

const sealerOf = (suite = SUITE, provider: CryptoProvider = nodeCrypto): RecordSealer =>
  new RecordSealer(provider, suite, secretOf(suite));
const openerOf = (suite = SUITE, provider: CryptoProvider = nodeCrypto): RecordOpener =>
  new RecordOpener(provider, suite, secretOf(suite));

const openRecord = (opener: RecordOpener, record: Uint8Array): OpenedRecord | TlsFailure =>
  opener.open(record.subarray(0, 5), record.subarray(5));

const describe = (result: OpenedRecord | TlsFailure): string =>
  isFailure(result) ? result.reason : `${result.type}: ${hex(result.content)}`;

/** What a peer could send that our own sealer never does. */
function sealedPlainly(inner: Uint8Array, number = 0): Uint8Array {
  const { key, iv } = trafficKeys(nodeCrypto, SUITE, secretOf(SUITE));
  const nonce = iv.slice();
  nonce[11] = (nonce[11] ?? 0) ^ number;
  const length = inner.length + 16;
  const header = Uint8Array.of(23, 3, 3, length >> 8, length & 255);
  return Uint8Array.of(...header, ...nodeCrypto.prepareAead(SUITE.aead, key).seal(nonce, header, inner));
}

/** The records that lie one behind the other. */
function recordsOf(whole: Uint8Array): Uint8Array[] {
  const records: Uint8Array[] = [];
  for (let at = 0; at < whole.length; ) {
    const length = 5 + ((whole[at + 3] ?? 0) << 8) + (whole[at + 4] ?? 0);
    records.push(whole.subarray(at, at + length));
    at += length;
  }
  return records;
}

test('a record is a header that stays readable, and content and type that do not', () => {
  const record = sealerOf().seal(22, numbered(10), 2, 5);
  assert.equal(hex(record.subarray(0, 5)), '17 03 03 00 14');
  assert.equal(hex(record), hex(sealedPlainly(Uint8Array.of(2, 3, 4, 22))));
});

test('what one end seals the other opens, in order, with every suite and across providers', () => {
  const contents = fc.array(fc.uint8Array({ maxLength: 40 }), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(fc.constantFrom(...CIPHER_SUITES), contents, fc.boolean(), (suite, pieces, isNodeFirst) => {
      const [from = nodeCrypto, to = nodeCrypto] = isNodeFirst ? PROVIDERS : PROVIDERS.toReversed();
      const sealer = sealerOf(suite, from);
      const opener = openerOf(suite, to);
      for (const [i, piece] of pieces.entries()) {
        const opened = openRecord(opener, sealer.seal(20 + (i % 4), piece, 0, piece.length));
        assert.equal(describe(opened), `${20 + (i % 4)}: ${hex(piece)}`);
      }
    }),
  );
});

test('many records at once are the same as one after the other', () => {
  fc.assert(
    fc.property(fc.nat(200), fc.integer({ min: 1, max: 70 }), (length, most) => {
      const content = numbered(length);
      const sealer = sealerOf();
      const single: string[] = [];
      for (let from = 0; from === 0 || from < length; from += most) {
        single.push(hex(sealer.seal(APPLICATION_DATA, content, from, Math.min(length, from + most))));
      }
      assert.deepEqual(recordsOf(sealerOf().sealAll(APPLICATION_DATA, content, most)).map(hex), single);
    }),
  );
});

test('a record that was changed, moved, repeated or cut is not authentic, and the next one still opens', () => {
  const sealer = sealerOf();
  const [first, second] = recordsOf(sealer.sealAll(APPLICATION_DATA, numbered(6), 3));
  assert.ok(first !== undefined && second !== undefined);
  const opener = openerOf();
  for (let at = 0; at < first.length; at++) {
    const changed: Uint8Array = first.slice();
    changed[at] = (changed[at] ?? 0) ^ 1;
    assert.equal(describe(openRecord(opener, changed)), 'not-authentic');
  }
  for (let length = 5; length < first.length; length++) {
    assert.equal(describe(openRecord(opener, first.subarray(0, length))), 'not-authentic');
  }
  assert.equal(describe(openRecord(opener, second)), 'not-authentic');
  assert.equal(describe(openRecord(opener, first)), '23: 00 01 02');
  assert.equal(describe(openRecord(opener, first)), 'not-authentic');
  assert.equal(describe(openRecord(opener, second)), '23: 03 04 05');
});

test('padding is taken off, counts towards the length, and a record of nothing else is refused', () => {
  const opened = (inner: Uint8Array): string => describe(openRecord(openerOf(), sealedPlainly(inner)));
  assert.equal(opened(Uint8Array.of(1, 0, 2, 23, 0, 0, 0)), '23: 01 00 02');
  assert.equal(opened(Uint8Array.of(21)), '21: ');
  assert.equal(opened(Uint8Array.of(0, 0, 23, ...new Uint8Array(16_382))), '23: 00 00');
  assert.equal(opened(Uint8Array.of(0, 0, 23, ...new Uint8Array(16_383))), 'record-too-long');
  assert.equal(opened(Uint8Array.of(...numbered(16_385), 23)), 'record-too-long');
  assert.equal(opened(new Uint8Array(0)), 'bad-record-padding');
  assert.equal(opened(new Uint8Array(100)), 'bad-record-padding');
});

test('a full record of 2^14 bytes goes through', () => {
  const content = numbered(16_384);
  const opened = openRecord(openerOf(), sealerOf().seal(APPLICATION_DATA, content, 0, content.length));
  assert.ok(!isFailure(opened));
  assert.deepEqual(opened.content, content);
});

test('the nonce is the record’s number over the whole of its eight bytes', () => {
  const [sealer, opener] = [sealerOf(), openerOf()];
  for (let i = 0; i < 300; i++) {
    const record = sealer.seal(APPLICATION_DATA, Uint8Array.of(9), 0, 1);
    if (i === 0 || i === 255) assert.equal(hex(record), hex(sealedPlainly(Uint8Array.of(9, 23), i)));
    assert.equal(describe(openRecord(opener, record)), '23: 09');
  }
});

test('a sealer says when its secret has protected enough records', () => {
  const sealer = sealerOf({ ...SUITE, recordLimit: 3 });
  assert.equal(sealer.isExhausted, false);
  sealer.sealAll(APPLICATION_DATA, numbered(2), 1);
  assert.equal(sealer.isExhausted, false);
  sealer.seal(APPLICATION_DATA, numbered(2), 0, 1);
  assert.equal(sealer.isExhausted, true);
});
