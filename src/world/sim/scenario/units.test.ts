import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Duration, FOREVER, formatDuration, hours, minutes, nanoseconds, seconds } from '../../../core/time.ts';
import { formatPrefix } from '../../../wire/address.ts';
import {
  formatWallClock,
  parseDuration,
  parsePercentage,
  parseRange,
  parseRate,
  parseSignedDuration,
  parseSize,
  parseSubnet,
  parseWallClock,
} from './units.ts';

test('durations are read exactly', () => {
  const cases: Record<string, Duration> = {
    '0': nanoseconds(0),
    '1ns': nanoseconds(1),
    '20ms': nanoseconds(20e6),
    '1.5s': nanoseconds(1.5e9),
    '1.000000001s': nanoseconds(1_000_000_001),
    '1.1s': nanoseconds(1_100_000_000),
    '2m30s': seconds(150),
    '12h': hours(12),
    '90d': hours(90 * 24),
    '3650d': hours(3650 * 24),
    '1h0m5ms': nanoseconds(3600e9 + 5e6),
    '0.5m': seconds(30),
    forever: FOREVER,
  };
  for (const [text, duration] of Object.entries(cases)) assert.equal(parseDuration(text), duration, text);
});

test('what is no duration has no value', () => {
  const wrong = [
    '',
    '5',
    '5 s',
    's',
    '-1s',
    '1.5',
    '1.s',
    '.5s',
    '30s2m',
    '1s1s',
    '1S',
    '1sec',
    '0.5ns',
    '1e3s',
    ' 1s',
    '1s\n',
    '9999999999999d',
  ];
  for (const text of wrong) assert.equal(parseDuration(text), undefined, JSON.stringify(text));
});

test('every duration that is printed can be read again', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }), (count) => {
      assert.equal(parseDuration(formatDuration(count as Duration)), count);
    }),
  );
});

test('a skew may point into the past, and ends', () => {
  assert.equal(parseSignedDuration('-5m'), -minutes(5));
  assert.equal(parseSignedDuration('5m'), minutes(5));
  assert.equal(parseSignedDuration('-0'), 0);
  assert.equal(parseSignedDuration('forever'), undefined);
  assert.equal(parseSignedDuration('--5m'), undefined);
});

test('rates are powers of a thousand, sizes say which they are', () => {
  assert.equal(parseRate('56kbps'), 56_000);
  assert.equal(parseRate('100Mbps'), 1e8);
  assert.equal(parseRate('10Gbps'), 1e10);
  assert.equal(parseRate('2.5Gbps'), 2.5e9);
  assert.equal(parseRate('unlimited'), Number.POSITIVE_INFINITY);
  for (const text of ['0bps', '100', '100Mbit', '100mbps', '-1bps', 'constructor', '1toString'])
    assert.equal(parseRate(text), undefined, text);
  assert.equal(parseSize('64KB'), 64_000);
  assert.equal(parseSize('1MiB'), 1_048_576);
  assert.equal(parseSize('0B'), 0);
  for (const text of ['64kb', '1.5B', '64', '64 KB']) assert.equal(parseSize(text), undefined, text);
});

test('percentages are probabilities', () => {
  assert.equal(parsePercentage('0.5%'), 0.005);
  assert.equal(parsePercentage('100%'), 1);
  for (const text of ['0.5', '101%', '-1%', '5 %', '%']) assert.equal(parsePercentage(text), undefined, text);
});

test('subnets have no host bits, ranges go upwards', () => {
  const subnet = parseSubnet('192.168.1.0/24');
  assert.equal(subnet && formatPrefix(subnet), '192.168.1.0/24');
  for (const text of ['192.168.1.1/24', '192.168.1.0', '192.168.1.0/33', '0.0.0.0/-1'])
    assert.equal(parseSubnet(text), undefined, text);
  assert.deepEqual(parseRange('10.0.0.1-10.0.0.9'), { first: 0x0a00_0001, last: 0x0a00_0009 });
  assert.deepEqual(parseRange('127.0.0.1 - 128.0.0.1')?.first, 0x7f00_0001);
  for (const text of ['10.0.0.9-10.0.0.1', '10.0.0.1', '10.0.0.1-9', '1.1.1.1-1.1.1.2-1.1.1.3'])
    assert.equal(parseRange(text), undefined, text);
});

test('points in time are UTC and exist', () => {
  assert.deepEqual(parseWallClock('1970-01-01T00:00:00Z'), { seconds: 0, nanoseconds: 0 });
  assert.deepEqual(parseWallClock('2026-03-01T12:00:00.5Z'), { seconds: 1_772_366_400, nanoseconds: 500_000_000 });
  for (const text of [
    '2026-02-29T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-03-01T24:00:00Z',
    '2026-03-01T12:00:00',
    '2026-03-01',
  ]) {
    assert.equal(parseWallClock(text), undefined, text);
  }
});

test('every point in time that is printed can be read again, as the platform reads it', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: -30_000_000_000, max: 100_000_000_000 }),
      fc.integer({ min: 0, max: 999_999_999 }),
      (whole, part) => {
        const text = formatWallClock({ seconds: whole, nanoseconds: part });
        assert.deepEqual(parseWallClock(text), { seconds: whole, nanoseconds: part });
        assert.equal(Math.floor(globalThis.Date.parse(text) / 1000), whole);
      },
    ),
  );
});
