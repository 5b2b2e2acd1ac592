import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { bytes, hex, viewOf } from '../../test/testing/bytes.ts';
import { ByteReader } from '../core/byte_reader.ts';
import { ByteWriter } from '../core/byte_writer.ts';
import { DropReason, dropText } from '../core/drop_reason.ts';
import { parseIpAddress } from './address.ts';
import {
  ancestors,
  compareNames,
  type DnsName,
  dnsLabels,
  dnsName,
  isWithin,
  NameCompression,
  parentName,
  parseDnsName,
  ROOT_NAME,
  readDnsName,
  reverseName,
  sameName,
  writeDnsName,
} from './dns_name.ts';

const read = (text: string, at = 0): DnsName | DropReason => readDnsName(new ByteReader(viewOf(bytes(text)), at), 0);

const written = (...names: string[]): string => {
  const writer = new ByteWriter();
  const compression = new NameCompression();
  for (const name of names) writeDnsName(writer, dnsName(name), compression);
  return hex(writer.finish());
};

test('labels become text and text becomes labels', () => {
  assert.equal(read('03 77 77 77 03 66 6f 6f 00'), 'www.foo.');
  assert.equal(read('00'), '.');
  assert.equal(written('www.foo.'), '03 77 77 77 03 66 6f 6f 00');
  assert.equal(written('.'), '00');
});

test('an end that stands in the message already is written as a pointer', () => {
  assert.equal(written('a.foo.', 'b.foo.', 'foo.', 'a.foo.'), '01 61 03 66 6f 6f 00 01 62 c0 02 c0 02 c0 00');
  assert.equal(written('foo.', 'FOO.'), '03 66 6f 6f 00 03 46 4f 4f 00', 'with its case');
});

test('a pointer is followed, and reading goes on behind it', () => {
  const reader = new ByteReader(viewOf(bytes('03 66 6f 6f 00 01 61 c0 00 ff')), 5);
  assert.equal(readDnsName(reader, 0), 'a.foo.');
  assert.equal(reader.at, 9);
});

test('a byte has one way to be written, so that equal names are equal texts', () => {
  assert.equal(parseDnsName('a\\.b.c'), 'a\\.b.c.');
  assert.equal(parseDnsName('a\\046b.c'), 'a\\.b.c.');
  assert.equal(parseDnsName('\\119ww.FOO'), 'www.FOO.');
  assert.equal(parseDnsName('a b'), 'a\\032b.');
  assert.equal(parseDnsName('ü.test'), '\\195\\188.test.');
  assert.equal(read('03 61 2e 00 00'), 'a\\.\\000.');
});

for (const text of ['', '..', 'a..b', '.a', `${'x'.repeat(64)}.test`, `${'abcdefg.'.repeat(32)}`, 'a\\256', 'a\\']) {
  test(`no name: ${JSON.stringify(text).slice(0, 30)}`, () => assert.equal(parseDnsName(text), undefined));
}

test('253 characters and 63 in a label are not too many', () => {
  const longest = [63, 63, 63, 61].map((length) => `${'x'.repeat(length)}.`).join('');
  assert.equal(parseDnsName(longest), longest);
  assert.equal(parseDnsName(`y${longest}`), undefined);
  assert.throws(() => dnsName('a..b'), /"a\.\.b" is not a domain name/);
});

test('names are compared without the case of their letters, label by label from the right', () => {
  assert.ok(sameName(dnsName('WWW.foo.test'), dnsName('www.FOO.test')));
  // RFC 4034 §6.1
  const sorted = ['example', 'a.example', 'yljkjljk.a.example', 'Z.a.example', 'zABC.a.EXAMPLE', 'z.example'];
  const example = [...sorted, '\\001.z.example', '*.z.example', '\\200.z.example'].map(dnsName);
  assert.deepEqual([...example].reverse().sort(compareNames), example);
});

test('a name lies within another only from label to label', () => {
  const within = (name: string, ancestor: string): boolean => isWithin(dnsName(name), dnsName(ancestor));
  assert.ok(within('www.Foo.test', 'foo.TEST'));
  assert.ok(within('foo.test', 'foo.test'));
  assert.ok(within('foo.test', '.'));
  assert.ok(!within('xfoo.test', 'foo.test'));
  assert.ok(!within('x\\.foo.test', 'foo.test'));
  assert.ok(within('x\\\\.foo.test', 'foo.test'), 'a backslash that is escaped escapes nothing');
});

test('labels, parents and ancestors', () => {
  assert.deepEqual(dnsLabels(dnsName('a\\.b.c.d')), ['a\\.b', 'c', 'd']);
  assert.deepEqual(ancestors(dnsName('a\\.b.c')), ['a\\.b.c.', 'c.', '.']);
  assert.equal(parentName(ROOT_NAME), ROOT_NAME);
  assert.deepEqual(dnsLabels(ROOT_NAME), []);
});

test('the name under which an address has its name', () => {
  const reverse = (text: string): string => reverseName(parseIpAddress(text) ?? assert.fail());
  assert.equal(reverse('198.51.100.80'), '80.100.51.198.in-addr.arpa.');
  assert.equal(reverse('2001:db8::1'), `1.${'0.'.repeat(23)}8.b.d.0.1.0.0.2.ip6.arpa.`);
});

const MALFORMED: readonly (readonly [string, string, number, DropReason])[] = [
  ['nothing', '', 0, DropReason.Truncated],
  ['a label that is cut off', '03 66 6f', 0, DropReason.Truncated],
  ['no root at the end', '01 66', 0, DropReason.Truncated],
  ['half a pointer', 'c0', 0, DropReason.Truncated],
  ['a pointer to itself', 'c0 00', 0, DropReason.BadPointer],
  ['a pointer forward', 'c0 02 00', 0, DropReason.BadPointer],
  ['two pointers that lead to each other', '01 61 c0 04 c0 00', 4, DropReason.BadPointer],
  ['a label of another kind', '41 00', 0, DropReason.BadName],
  ['256 octets', `${`3f ${'78 '.repeat(63)}`.repeat(4)} 00`, 0, DropReason.BadName],
];
for (const [name, data, at, reason] of MALFORMED) {
  test(`malformed: ${name} ${dropText(reason)}`, () => assert.equal(read(data, at), reason));
}

test('whatever labels there are, they come back through text and through bytes', () => {
  const label = fc.uint8Array({ minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(fc.array(label, { maxLength: 10 }), (labels) => {
      const data = Uint8Array.from([...labels.flatMap((each) => [each.length, ...each]), 0]);
      const name = readDnsName(new ByteReader(viewOf(data)), 0);
      if (typeof name === 'number') assert.fail(dropText(name));
      assert.equal(parseDnsName(name), name);
      const writer = new ByteWriter();
      writeDnsName(writer, name);
      assert.deepEqual(writer.finish(), data);
      assert.equal(dnsLabels(name).length, labels.length);
    }),
  );
});

test('any bytes: reading ends, and what it accepts is a name', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(300), (data, at) => {
      const name = readDnsName(new ByteReader(viewOf(data), Math.min(at, data.length)), 0);
      if (typeof name !== 'number') assert.equal(parseDnsName(name), name);
    }),
  );
});
