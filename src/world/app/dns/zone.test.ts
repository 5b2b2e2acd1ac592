import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatDnsRecord } from '../../../wire/dns_format.ts';
import { dnsName } from '../../../wire/dns_name.ts';
import { parseDnsType } from '../../../wire/dns_type.ts';
import { lookup, type ZoneRecord, zoneFromRecords, zoneRecords } from './zone.ts';

const ORIGIN = dnsName('foo.test');
const record = (name: string, type: string, data: string, ttl?: number): ZoneRecord => ({
  name,
  type,
  data,
  ...(ttl === undefined ? {} : { ttl }),
});

const ZONE = zoneFromRecords(ORIGIN, 300, [
  record('@', 'NS', 'ns'),
  record('@', 'CAA', '0 issue "demo-ca"'),
  record('ns', 'A', '198.51.100.12'),
  record('www', 'A', '198.51.100.80'),
  record('www', 'A', '198.51.100.81', 60),
  record('alias', 'CNAME', 'www'),
  record('deep.down', 'TXT', 'x'),
  record('*.wild', 'A', '198.51.100.90'),
  record('known.wild', 'TXT', 'x'),
  record('sub', 'NS', 'ns.sub'),
  record('sub', 'NS', 'ns.bar.test.'),
  record('sub', 'DS', '1 13 2 00'),
  record('ns.sub', 'A', '198.51.100.13'),
]);

const ask = (name: string, type = 'A'): string => {
  const answer = lookup(ZONE, dnsName(name), parseDnsType(type) ?? assert.fail());
  const records = 'records' in answer ? answer.records : 'servers' in answer ? [...answer.servers, ...answer.glue] : [];
  const target = answer.kind === 'alias' ? ` -> ${answer.target}` : '';
  return [answer.kind + target, ...records.map((each) => formatDnsRecord(each).replaceAll(/\t+/g, ' '))].join('\n');
};

const QUESTIONS: readonly (readonly [name: string, type: string, answer: string])[] = [
  ['WWW.foo.test', 'A', 'answer\nwww.foo.test. 60 IN A 198.51.100.80\nwww.foo.test. 60 IN A 198.51.100.81'],
  ['www.foo.test', 'AAAA', 'nodata'],
  ['nobody.foo.test', 'A', 'nxdomain'],
  ['x.www.foo.test', 'A', 'nxdomain'],
  ['alias.foo.test', 'A', 'alias -> www.foo.test.\nalias.foo.test. 300 IN CNAME www.foo.test.'],
  ['alias.foo.test', 'CNAME', 'answer\nalias.foo.test. 300 IN CNAME www.foo.test.'],
  ['down.foo.test', 'A', 'nodata'], // exists, because deep.down does
  ['a.wild.foo.test', 'A', 'answer\na.wild.foo.test. 300 IN A 198.51.100.90'],
  ['a.b.wild.foo.test', 'A', 'answer\na.b.wild.foo.test. 300 IN A 198.51.100.90'],
  ['a.wild.foo.test', 'MX', 'nodata'],
  ['known.wild.foo.test', 'A', 'nodata'], // RFC 4592 §2.2.1: what exists needs no wildcard
  ['x.known.wild.foo.test', 'A', 'nxdomain'],
  ['wild.foo.test', 'A', 'nodata'],
  ['sub.foo.test', 'DS', 'answer\nsub.foo.test. 300 IN DS 1 13 2 00'],
  [
    'www.sub.foo.test',
    'A',
    'delegation\nsub.foo.test. 300 IN NS ns.sub.foo.test.\nsub.foo.test. 300 IN NS ns.bar.test.\nns.sub.foo.test. 300 IN A 198.51.100.13',
  ],
];
for (const [name, type, answer] of QUESTIONS) {
  test(`${name} ${type}: ${answer.split('\n')[0]}`, () => assert.equal(ask(name, type), answer));
}

test('addresses below a cut are glue, and never an answer', () => assert.match(ask('ns.sub.foo.test'), /^delegation/));

test('a zone without a SOA record gets one', () => {
  assert.equal(
    formatDnsRecord(ZONE.soa).replaceAll(/\t+/g, ' '),
    'foo.test. 300 IN SOA ns.foo.test. hostmaster.foo.test. 1 3600 600 604800 300',
  );
});

test('its records in canonical order', () => {
  assert.deepEqual(
    zoneRecords(ZONE)
      .map((each) => each.name.replace('.foo.test.', ''))
      .filter((name, i, all) => all[i - 1] !== name),
    ['foo.test.', 'alias', 'deep.down', 'ns', 'sub', 'ns.sub', '*.wild', 'known.wild', 'www'],
  );
});

const REFUSED: readonly (readonly [ZoneRecord[], RegExp])[] = [
  [[record('www.bar.test.', 'A', '1.2.3.4')], /www\.bar\.test\. does not lie in the zone foo\.test\./],
  [[record('a', 'CNAME', 'b'), record('a', 'A', '1.2.3.4')], /may not have one of type A beside it/],
  [[record('a', 'CNAME', 'b'), record('a', 'CNAME', 'c')], /two CNAME records/],
  [[record('a', 'A', '1.2.3')], /"1\.2\.3" is not the data of a record of type A/],
  [[record('a', 'WHAT', '1.2.3')], /"WHAT" is not a type/],
  [[record('a', 'ANY', '1.2.3')], /ANY is not a type that a zone can hold/],
  [[record('a..b', 'A', '1.2.3.4')], /"a\.\.b" is not a domain name/],
  [[record('a', 'A', '1.2.3.4', -1)], /TTL of a\.foo\.test\./],
  [[record('a', 'SOA', 'a b 1 2 3 4 5')], /not the zone's apex/],
];
for (const [records, sentence] of REFUSED) {
  test(`refused: ${sentence.source}`, () => assert.throws(() => zoneFromRecords(ORIGIN, 300, records), sentence));
}
