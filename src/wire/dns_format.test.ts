import assert from 'node:assert/strict';
import { test } from 'node:test';
import { milliseconds } from '../core/time.ts';
import { formatDnsDig, formatDnsMessage, formatDnsShort } from './dns_format.ts';
import { type DnsMessage, dnsQuery, encodeDns, PLAIN_EDNS } from './dns_message.ts';
import { dnsName, ROOT_NAME } from './dns_name.ts';
import type { DnsRecord } from './dns_record.ts';
import { parseDnsData } from './dns_record_text.ts';
import { DnsClass, DnsType, parseDnsType } from './dns_type.ts';

const record = (name: string, type: string, text: string): DnsRecord => {
  const code = parseDnsType(type) ?? assert.fail();
  const data = parseDnsData(code, text, ROOT_NAME) ?? assert.fail();
  return { name: dnsName(name), type: code, class: DnsClass.IN, ttl: 300, data };
};
const QUERY = dnsQuery(12345, { name: dnsName('www.foo.test'), type: DnsType.A, class: DnsClass.IN });
const ANSWER: DnsMessage = {
  ...QUERY,
  isResponse: true,
  isRecursionAvailable: true,
  answers: [record('www.foo.test', 'CNAME', 'web.foo.test.'), record('web.foo.test', 'A', '198.51.100.80')],
};
const line = (message: DnsMessage): string => formatDnsMessage(message, encodeDns(message).length);

test('a line for each message, as tcpdump prints it', () => {
  const messages: DnsMessage[] = [
    QUERY,
    { ...QUERY, edns: PLAIN_EDNS, isRecursionDesired: false },
    ANSWER,
    { ...ANSWER, isAuthoritative: true, isRecursionAvailable: false, isTruncated: true, answers: [] },
    { ...ANSWER, rcode: 3, answers: [], authorities: [record('foo.test', 'SOA', 'ns. me. 1 2 3 4 5')] },
    { ...ANSWER, rcode: 2, answers: [] },
  ];
  assert.deepEqual(messages.map(line), [
    '12345+ A? www.foo.test. (30)',
    '12345 [1au] A? www.foo.test. (41)',
    '12345 2/0/0 CNAME web.foo.test., A 198.51.100.80 (64)',
    '12345*-| 0/0/0 (30)',
    '12345 NXDomain 0/1/0 (70)',
    '12345 ServFail 0/0/0 (30)',
  ]);
});

test('all of it, as dig prints it', () => {
  const context = {
    command: 'www.foo.test',
    elapsed: milliseconds(186),
    server: '192.168.1.1#53(192.168.1.1) (UDP)',
    length: 75,
  };
  assert.equal(
    formatDnsDig({ ...ANSWER, edns: PLAIN_EDNS }, context),
    `
; <<>> Netarium dig <<>> www.foo.test
;; global options: +cmd
;; Got answer:
;; ->>HEADER<<- opcode: QUERY, status: NOERROR, id: 12345
;; flags: qr rd ra; QUERY: 1, ANSWER: 2, AUTHORITY: 0, ADDITIONAL: 1

;; OPT PSEUDOSECTION:
; EDNS: version: 0, flags:; udp: 1232
;; QUESTION SECTION:
;www.foo.test.			IN	A

;; ANSWER SECTION:
www.foo.test.		300	IN	CNAME	web.foo.test.
web.foo.test.		300	IN	A	198.51.100.80

;; Query time: 186 msec
;; SERVER: 192.168.1.1#53(192.168.1.1) (UDP)
;; MSG SIZE  rcvd: 75`,
  );
});

test('+short: the data alone', () => assert.equal(formatDnsShort(ANSWER), 'web.foo.test.\n198.51.100.80'));
