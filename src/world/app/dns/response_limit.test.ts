import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Instant, milliseconds, START, seconds } from '../../../core/time.ts';
import { parseIpAddress } from '../../../wire/address.ts';
import { dnsQuery } from '../../../wire/dns_message.ts';
import { dnsName } from '../../../wire/dns_name.ts';
import { DnsClass, DnsType } from '../../../wire/dns_type.ts';
import { MAX_BUCKETS, ResponseLimit } from './response_limit.ts';
import { replyTo } from './service.ts';

const at = (text: string) => parseIpAddress(text) ?? assert.fail();
const CLIENT = at('192.0.2.7');
const later = (time: Instant, duration: number): Instant => (time + duration) as Instant;

const answerFor = (name: string) =>
  replyTo(dnsQuery(1, { name: dnsName(name), type: DnsType.TXT, class: DnsClass.IN }, { isRecursionDesired: false }));

test('so many at once are answered; of the rest every second is cut down, and the others are dropped', () => {
  const limit = new ResponseLimit(2);
  const answer = answerFor('a.test.');
  const got = Array.from({ length: 6 }, () => limit.judge(START, CLIENT, answer));
  assert.deepEqual(got, ['whole', 'whole', 'none', 'truncated', 'none', 'truncated']);
});

test('time gives back what was used', () => {
  const limit = new ResponseLimit(2);
  const answer = answerFor('a.test.');
  for (let i = 0; i < 3; i++) limit.judge(START, CLIENT, answer);
  assert.equal(limit.judge(later(START, milliseconds(499)), CLIENT, answer), 'truncated');
  assert.equal(limit.judge(later(START, milliseconds(500)), CLIENT, answer), 'whole');
  const rested = later(START, seconds(60));
  assert.deepEqual(
    Array.from({ length: 3 }, () => limit.judge(rested, CLIENT, answer)),
    ['whole', 'whole', 'none'],
  );
});

test('a neighbour counts as the same client, a stranger and another question do not', () => {
  const limit = new ResponseLimit(1);
  const answer = answerFor('a.test.');
  assert.equal(limit.judge(START, CLIENT, answer), 'whole');
  assert.equal(limit.judge(START, at('192.0.2.200'), answer), 'none');
  assert.equal(limit.judge(START, at('192.0.3.7'), answer), 'whole');
  assert.equal(limit.judge(START, CLIENT, answerFor('b.test.')), 'whole');
  assert.equal(limit.judge(START, CLIENT, answerFor('A.test.')), 'truncated');
});

test('it remembers no more than its bound', () => {
  const limit = new ResponseLimit(1);
  const first = answerFor('first.test.');
  limit.judge(START, CLIENT, first);
  assert.equal(limit.judge(START, CLIENT, first), 'none');
  for (let i = 0; i < MAX_BUCKETS; i++) limit.judge(START, CLIENT, answerFor(`n${i}.test.`));
  assert.equal(limit.judge(START, CLIENT, first), 'whole');
});

test('less than one answer a second makes no sense', () => {
  for (const wrong of [0, -1, Number.NaN]) assert.throws(() => new ResponseLimit(wrong), RangeError);
});
