import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  broadcastOf,
  formatIpAddress,
  formatIpv4,
  formatIpv6,
  formatLinkAddress,
  formatPrefix,
  type Ipv4Address,
  inPrefix,
  isLinkLocalIpv4,
  isLoopbackIpv4,
  isMulticastIpv4,
  isPrivateIpv4,
  networkOf,
  parseIpAddress,
  parseIpv4Address,
  parseIpv6,
  parseLinkAddress,
  parsePrefix,
  prefixMask,
} from './address.ts';

const ipv4 = (text: string): Ipv4Address => {
  const address = parseIpv4Address(text);
  assert.ok(address !== undefined, text);
  return address;
};

test('IPv4 addresses are read as they are printed', () => {
  fc.assert(fc.property(fc.integer(), (n) => assert.equal(parseIpv4Address(formatIpv4(n as Ipv4Address)), n)));
});

test('what is not an IPv4 address is refused', () => {
  const table = [
    '',
    '1.2.3',
    '1.2.3.4.5',
    '1.2.3.256',
    '01.2.3.4',
    '1.2.3.-4',
    '1.2.3.0x4',
    ' 1.2.3.4',
    '1.2.3.4 ',
    '1..3.4',
  ];
  for (const text of table) assert.equal(parseIpv4Address(text), undefined, text);
});

test('link addresses are read as they are printed, in either case', () => {
  const address = parseLinkAddress('F2:00:00:0a:0B:01');
  assert.ok(address !== undefined);
  assert.equal(formatLinkAddress(address), 'f2:00:00:0a:0b:01');
  for (const text of ['', 'f2:00:00:0a:0b', 'f2:00:00:0a:0b:01:02', 'f2-00-00-0a-0b-01', 'f2:00:00:0a:0b:1']) {
    assert.equal(parseLinkAddress(text), undefined, text);
  }
});

test('IPv6 addresses print in their one canonical form', () => {
  // RFC 5952 §2 and §4, with what each line shows.
  const table: readonly (readonly [string, string])[] = [
    ['::', '::'],
    ['::1', '::1'],
    ['1::', '1::'],
    ['2001:0DB8:0:0:0:0:2:1', '2001:db8::2:1'], // lower case, no leading zeros
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'], // one group of zeros stays
    ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'], // the longest run
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'], // the first of two
    ['fe80:0:0:0:0:0:0:0', 'fe80::'],
    ['::ffff:192.0.2.1', '::ffff:192.0.2.1'],
    ['64:ff9b::192.0.2.33', '64:ff9b::c000:221'],
  ];
  for (const [text, canonical] of table) {
    const address = parseIpv6(text);
    assert.ok(address !== undefined, text);
    assert.equal(formatIpv6(address), canonical);
  }
});

test('IPv6 addresses are read as they are printed', () => {
  const group = fc.oneof(fc.constant(0), fc.nat(0xffff));
  fc.assert(
    fc.property(fc.array(group, { minLength: 8, maxLength: 8 }), (groups) => {
      const address = parseIpv6(groups.map((value) => value.toString(16)).join(':'));
      assert.ok(address !== undefined);
      assert.deepEqual(
        [...groups.keys()].map((i) => address.charCodeAt(i)),
        groups,
      );
      assert.equal(parseIpv6(formatIpv6(address)), address);
    }),
  );
});

test('what is not an IPv6 address is refused', () => {
  const table = [
    '',
    ':',
    ':::',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1::2::3',
    '1:2:3:4::5:6:7:8',
    '12345::',
    'g::',
    '1.2.3.4',
    '1.2.3.4::',
    '::1.2.3.4:1',
    '1:',
    ':1',
    'fe80::1%eth0',
  ];
  for (const text of table) assert.equal(parseIpv6(text), undefined, text);
});

test('either family is told from the text, and printed back', () => {
  for (const text of ['10.0.0.1', 'fe80::1']) {
    const address = parseIpAddress(text);
    assert.ok(address !== undefined);
    assert.equal(formatIpAddress(address), text);
  }
  assert.equal(parseIpAddress('example.org'), undefined);
});

test('ranges begin and end where their RFCs say', () => {
  type Range = readonly [(address: Ipv4Address) => boolean, first: string, last: string];
  const table: readonly Range[] = [
    [isMulticastIpv4, '224.0.0.0', '239.255.255.255'],
    [isLoopbackIpv4, '127.0.0.0', '127.255.255.255'],
    [isLinkLocalIpv4, '169.254.0.0', '169.254.255.255'],
    [isPrivateIpv4, '10.0.0.0', '10.255.255.255'],
    [isPrivateIpv4, '172.16.0.0', '172.31.255.255'],
    [isPrivateIpv4, '192.168.0.0', '192.168.255.255'],
  ];
  for (const [isInside, first, last] of table) {
    const around = [ipv4(first) - 1, ipv4(first), ipv4(last), ipv4(last) + 1] as Ipv4Address[];
    assert.deepEqual(around.map(isInside), [false, true, true, false], `${isInside.name} ${first}`);
  }
});

test('prefixes', () => {
  const prefix = parsePrefix('192.168.1.77/26');
  assert.ok(prefix !== undefined);
  const { address, length } = prefix;
  assert.equal(formatPrefix(prefix), '192.168.1.77/26');
  assert.equal(formatIpv4(prefixMask(length) as Ipv4Address), '255.255.255.192');
  assert.equal(formatIpv4(networkOf(address, length)), '192.168.1.64');
  assert.equal(formatIpv4(broadcastOf(address, length)), '192.168.1.127');
  const inside = (text: string) => inPrefix(ipv4(text), address, length);
  assert.deepEqual(['192.168.1.63', '192.168.1.64', '192.168.1.127', '192.168.1.128'].map(inside), [
    false,
    true,
    true,
    false,
  ]);
});

test('the shortest and the longest prefix', () => {
  assert.deepEqual([prefixMask(0), prefixMask(32)], [0, -1]);
  assert.equal(inPrefix(ipv4('203.0.113.9'), ipv4('0.0.0.0'), 0), true);
  assert.equal(inPrefix(ipv4('203.0.113.9'), ipv4('203.0.113.8'), 32), false);
});

test('what is not a prefix is refused', () => {
  for (const text of [
    '',
    '10.0.0.0',
    '10.0.0.0/',
    '10.0.0.0/33',
    '10.0.0.0/08',
    '10.0.0/8',
    '10.0.0.0/8/8',
    '10.0.0.0/-1',
  ]) {
    assert.equal(parsePrefix(text), undefined, text);
  }
});
