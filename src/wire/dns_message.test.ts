import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { bytes, hex, viewOf } from '../../test/testing/bytes.ts';
import type { ByteSpan } from '../core/byte_reader.ts';
import { DropReason, dropText } from '../core/drop_reason.ts';
import { type DnsMessage, dnsQuery, encodeDns, PLAIN_EDNS, parseDns } from './dns_message.ts';
import { dnsName, ROOT_NAME } from './dns_name.ts';
import type { DnsRecord } from './dns_record.ts';
import { formatDnsData, parseDnsData } from './dns_record_text.ts';
import { DnsClass, DnsType, formatDnsType, parseDnsType } from './dns_type.ts';

const parse = (data: Uint8Array): DnsMessage | DropReason => parseDns(viewOf(data), 0, data.length);

const parsed = (data: Uint8Array): DnsMessage => {
  const message = parse(data);
  return typeof message === 'number' ? assert.fail(dropText(message)) : message;
};

// An answer to "A? www.foo.test." with EDNS.
const PACKET_BYTES = bytes(
  '30 39' + // id 12345
    '85 80' + // QR, AA, RD, RA, no error
    '00 01 00 01 00 00 00 01' + // one question, one answer, one additional record
    '03 77 77 77 03 66 6f 6f 04 74 65 73 74 00' + // www.foo.test.
    '00 01 00 01' + // A, IN
    'c0 0c' + // the name at 12
    '00 01 00 01 00 00 01 2c 00 04' + // A, IN, 300 s, four bytes
    'c6 33 64 50' + // 198.51.100.80
    '00 00 29 04 d0 00 00 00 00 00 00', // OPT: 1,232 bytes, version 0, no flags, no options
);

const NAME = dnsName('www.foo.test');
const ADDRESS_DATA = parseDnsData(DnsType.A, '198.51.100.80', ROOT_NAME) ?? assert.fail();
const MESSAGE: DnsMessage = {
  ...dnsQuery(12345, { name: NAME, type: DnsType.A, class: DnsClass.IN }),
  isResponse: true,
  isAuthoritative: true,
  isRecursionAvailable: true,
  answers: [{ name: NAME, type: DnsType.A, class: DnsClass.IN, ttl: 300, data: ADDRESS_DATA }],
  edns: PLAIN_EDNS,
};

test('parse', () => assert.deepEqual(parse(PACKET_BYTES), MESSAGE));

test('encode', () => assert.equal(hex(encodeDns(MESSAGE)), hex(PACKET_BYTES)));

test('every byte can be explained', () => {
  const spans: ByteSpan[] = [];
  parseDns(viewOf(PACKET_BYTES), 0, PACKET_BYTES.length, spans);
  spans.sort((a, b) => a.start - b.start);
  let at = 0;
  for (const span of spans) {
    assert.equal(span.start, at, span.label);
    at = span.end;
  }
  assert.equal(at, PACKET_BYTES.length);
});

test('a message in the middle of other bytes has its pointers count from its start', () => {
  const inside = Uint8Array.of(1, 2, 3, ...PACKET_BYTES, 9);
  assert.deepEqual(parseDns(viewOf(inside), 3, 3 + PACKET_BYTES.length), MESSAGE);
});

const RECORDS: readonly (readonly [type: string, data: string])[] = [
  ['A', '198.51.100.80'],
  ['AAAA', '2001:db8::1'],
  ['NS', 'ns.foo.test.'],
  ['CNAME', 'other.foo.test.'],
  ['PTR', 'www.foo.test.'],
  ['DNAME', 'bar.test.'],
  ['SOA', 'ns.foo.test. hostmaster.foo.test. 1 3600 600 604800 300'],
  ['MX', '10 mail.foo.test.'],
  ['TXT', '"v=spf1 -all" "two \\"strings\\" \\195\\188"'],
  ['HINFO', '"RFC8482" ""'],
  ['SRV', '0 5 443 www.foo.test.'],
  ['CAA', '0 issue "demo-ca"'],
  ['SVCB', '1 svc.foo.test. alpn="h2,h3" port=8443'],
  ['HTTPS', '1 . ipv4hint=192.0.2.1,192.0.2.2 key65333="x"'],
  ['DS', '60485 5 1 2BB183AF5F22588179A53B0A98631FAD1A292118'],
  ['TYPE65280', '\\# 4 C0000201'],
  ['TYPE65281', '\\# 0'],
];
const recordOf = (type: string, text: string): DnsRecord => {
  const code = parseDnsType(type) ?? assert.fail(type);
  const data = parseDnsData(code, text, ROOT_NAME) ?? assert.fail(`${type} ${text}`);
  return { name: NAME, type: code, class: DnsClass.IN, ttl: 60, data };
};
for (const [type, text] of RECORDS) {
  test(`${type}: text, bytes and back`, () => {
    const record = recordOf(type, text);
    const [again] = parsed(encodeDns({ ...MESSAGE, answers: [record] })).answers;
    assert.deepEqual(again, record);
    assert.equal(formatDnsData(record.data), text);
    assert.equal(formatDnsType(record.type), type);
  });
}

test('DNSKEY, RRSIG and NSEC: bytes and back', () => {
  const shared = { name: NAME, class: DnsClass.IN, ttl: 60 };
  const signature = {
    kind: 'RRSIG' as const,
    typeCovered: 1,
    algorithm: 13,
    labels: 3,
    originalTtl: 60,
    expiration: 4_000_000_000,
    inception: 1_700_000_000,
    keyTag: 7,
    signer: dnsName('foo.test'),
    signature: bytes('01 02'),
  };
  const answers: DnsRecord[] = [
    {
      ...shared,
      type: DnsType.DNSKEY,
      data: { kind: 'DNSKEY', flags: 257, protocol: 3, algorithm: 13, publicKey: bytes('01 02 03 04') },
    },
    { ...shared, type: DnsType.RRSIG, data: signature },
    { ...shared, type: DnsType.NSEC, data: { kind: 'NSEC', next: dnsName('a.test'), types: [1, 15, 46, 47, 1234] } },
  ];
  assert.deepEqual(parsed(encodeDns({ ...MESSAGE, answers })).answers, answers);
  assert.deepEqual(
    answers.map(({ data }) => formatDnsData(data)),
    ['257 3 13 AQIDBA==', 'A 13 3 60 4000000000 1700000000 7 foo.test. AQI=', 'a.test. A MX RRSIG NSEC TYPE1234'],
  );
});

test('text that is not the data of its type is refused', () => {
  const refused = (type: string, text: string): void =>
    assert.equal(parseDnsData(parseDnsType(type) ?? 0, text, ROOT_NAME), undefined, `${type} ${text}`);
  refused('A', '1.2.3');
  refused('A', '1.2.3.4 5');
  refused('MX', 'mail 10');
  refused('MX', '65536 mail');
  refused('TXT', '"open');
  refused('TXT', 'x'.repeat(256));
  refused('CAA', '256 issue "x"');
  refused('SOA', 'a b 1 2 3 4');
  refused('HTTPS', '1 . port=1 port=2');
  refused('TYPE65280', '\\# 3 C0000201');
});

const patched = (at: number, patch: string): Uint8Array => {
  const data = PACKET_BYTES.slice();
  data.set(bytes(patch), at);
  return data;
};
const MALFORMED: readonly (readonly [string, Uint8Array, DropReason])[] = [
  ['nothing at all', bytes(''), DropReason.Truncated],
  ['eleven bytes', PACKET_BYTES.subarray(0, 11), DropReason.Truncated],
  ['more questions than bytes', patched(4, 'ff ff'), DropReason.TooManyRecords],
  ['more answers than bytes', patched(6, 'ff ff'), DropReason.TooManyRecords],
  ['one more answer than there is', patched(6, '00 02'), DropReason.BadOption], // the OPT would be an answer
  ['a pointer forward', patched(30, 'c0 30'), DropReason.BadPointer],
  ['an address of three bytes', patched(40, '00 03'), DropReason.BadLength],
  ['an address of five bytes', patched(40, '00 05'), DropReason.BadLength],
  ['data past the end', patched(40, '00 f4'), DropReason.Truncated],
  ['options past the end of OPT', patched(PACKET_BYTES.length - 2, '00 01'), DropReason.Truncated],
];
for (const [name, data, reason] of MALFORMED) {
  test(`malformed: ${name} ${dropText(reason)}`, () =>
    assert.equal(dropText(parse(data) as DropReason), dropText(reason)));
}

test('two OPT records, or one elsewhere, are malformed', () => {
  const opt: DnsRecord = {
    name: ROOT_NAME,
    type: DnsType.OPT,
    class: 1232,
    ttl: 0,
    data: { kind: 'opaque', bytes: bytes('') },
  };
  assert.equal(parse(encodeDns({ ...MESSAGE, additionals: [opt] })), DropReason.BadOption);
  assert.equal(parse(encodeDns({ ...MESSAGE, authorities: [opt] })), DropReason.BadOption);
});

test('a response code above 15 has its upper bits in EDNS', () => {
  assert.equal(parsed(encodeDns({ ...MESSAGE, rcode: 16 })).rcode, 16);
});

test('a TTL with its top bit set is zero', () => {
  assert.equal(parsed(patched(36, '80 00 00 01')).answers[0]?.ttl, 0);
});

test('at the limit whole sets are left out, and the message says so; the question and EDNS stay', () => {
  const address = (i: number): DnsRecord => recordOf('A', `192.0.2.${i}`);
  const answers = [recordOf('CNAME', 'other.test.'), ...Array.from({ length: 40 }, (_, i) => address(i))];
  const data = encodeDns({ ...MESSAGE, answers }, 512);
  const message = parsed(data);
  assert.ok(data.length <= 512);
  assert.equal(message.isTruncated, true);
  assert.equal(message.answers.length, 1);
  assert.deepEqual(message.edns, PLAIN_EDNS);
  assert.deepEqual(message.questions, MESSAGE.questions);
});

test('a missing additional record is no truncation, but missing glue is', () => {
  const additionals = Array.from({ length: 40 }, (_, i) => ({
    ...recordOf('A', `192.0.2.${i}`),
    name: dnsName('ns.foo.test'),
  }));
  assert.equal(parsed(encodeDns({ ...MESSAGE, additionals }, 512)).isTruncated, false);
  const referral = { ...MESSAGE, isAuthoritative: false, answers: [], authorities: [recordOf('NS', 'ns.foo.test.')] };
  assert.equal(parsed(encodeDns({ ...referral, additionals }, 512)).isTruncated, true);
  assert.equal(parsed(encodeDns({ ...referral, additionals })).isTruncated, false);
});

// Whatever is accepted, says the same when it is written and read again.
function stable(data: Uint8Array): void {
  const message = parse(data);
  if (typeof message === 'number') return;
  assert.deepEqual(parsed(encodeDns(message)), message);
  for (const { data: each } of [...message.answers, ...message.authorities]) formatDnsData(each);
}

test('mutated messages: parse never throws, and what it accepts is written again', () => {
  const all = encodeDns({ ...MESSAGE, answers: RECORDS.map(([type, text]) => recordOf(type, text)) });
  const mutation = fc.tuple(fc.nat(all.length - 1), fc.nat(255));
  fc.assert(
    fc.property(fc.array(mutation, { maxLength: 4 }), fc.nat(all.length), fc.boolean(), (mutations, length, isCut) => {
      const data = all.slice();
      for (const [at, value] of mutations) data[at] = value;
      stable(isCut ? data.subarray(0, length) : data);
    }),
    { numRuns: 2000 },
  );
});

test('random bytes behind a sound header: parse never throws', () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(3), { minLength: 4, maxLength: 4 }),
      fc.uint8Array({ maxLength: 200 }),
      (counts, rest) => {
        stable(Uint8Array.from([1, 2, 0x80, 0, ...counts.flatMap((count) => [0, count]), ...rest]));
      },
    ),
    { numRuns: 2000 },
  );
});
