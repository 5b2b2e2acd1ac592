import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { bytes } from '../../../test/testing/bytes.ts';
import { type KeyLogEntry, keyLogLine, readKeyLog } from './key_log.ts';

const RANDOM = bytes('00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f 10 11 12 13 14 15 16 17 18 19 1a 1b 1c 1d 1e ff');
const SECRET = new Uint8Array(48).fill(0xab);

test('a secret is a line: its label, the random of the hello, itself', () => {
  assert.equal(
    keyLogLine('SERVER_TRAFFIC_SECRET_0', RANDOM, SECRET.subarray(0, 32)),
    `SERVER_TRAFFIC_SECRET_0 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1eff ${'ab'.repeat(32)}`,
  );
});

test('what was written is read, among comments and lines of other versions, whatever ends the lines', () => {
  const line = keyLogLine('CLIENT_HANDSHAKE_TRAFFIC_SECRET', RANDOM, SECRET);
  const other = keyLogLine('EXPORTER_SECRET', SECRET.subarray(0, 32), RANDOM);
  const text = [
    '# comment',
    '',
    line,
    `CLIENT_RANDOM ${'00'.repeat(32)} ${'11'.repeat(48)}`,
    `${line} and more`,
    line.slice(0, -1),
    other.toUpperCase(),
  ];
  const expected: readonly KeyLogEntry[] = [
    { label: 'CLIENT_HANDSHAKE_TRAFFIC_SECRET', clientRandom: RANDOM, secret: SECRET },
    { label: 'EXPORTER_SECRET', clientRandom: SECRET.subarray(0, 32), secret: RANDOM },
  ];
  assert.deepEqual(readKeyLog(text.join('\n')), expected);
  assert.deepEqual(readKeyLog(text.join('\r\n')), expected);
});

test('any text is read without a throw, and a long one up to a bound', () => {
  fc.assert(fc.property(fc.string(), (text) => Array.isArray(readKeyLog(text))));
  const line = `${keyLogLine('EXPORTER_SECRET', RANDOM, RANDOM)}\n`;
  assert.equal(readKeyLog(line.repeat(65_540)).length, 65_536);
});
