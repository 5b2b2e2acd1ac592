import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Journal, JournalTable } from '../../../core/journal.ts';
import { after, formatInstant, type Instant, START, seconds } from '../../../core/time.ts';
import { dnsName, ROOT_NAME } from '../../../wire/dns_name.ts';
import type { DnsRecord } from '../../../wire/dns_record.ts';
import { parseDnsData } from '../../../wire/dns_record_text.ts';
import { DnsClass, DnsType, parseDnsType } from '../../../wire/dns_type.ts';
import { DnsCache, DnsTrust, formatDnsCache } from './cache.ts';

const at = (second: number): Instant => after(START, seconds(second));
const record = (name: string, type: string, text: string, ttl: number): DnsRecord => {
  const code = parseDnsType(type) ?? assert.fail();
  const data = parseDnsData(code, text, ROOT_NAME) ?? assert.fail();
  return { name: dnsName(name), type: code, class: DnsClass.IN, ttl, data };
};
const WWW = dnsName('www.foo.test');
const SOA = record('foo.test', 'SOA', 'ns. me. 1 2 3 4 60', 300);

test('the table: what is known, from whom, and for how long', () => {
  const cache = new DnsCache();
  cache.storeRecords(at(0), [record('www.foo.test', 'A', '198.51.100.80', 300)], DnsTrust.Answer, 'answered');
  cache.storeRecords(at(0), [record('foo.test', 'NS', 'ns.foo.test.', 600)], DnsTrust.Referral, 'referred');
  cache.storeAbsence(at(1), dnsName('nobody.foo.test'), undefined, SOA, 'denied');
  cache.storeAbsence(at(1), WWW, DnsType.AAAA, SOA, 'denied');
  cache.storeFailure(at(1.5), dnsName('broken.test'), DnsType.A, 'failed');
  assert.equal(
    `\n${formatDnsCache(cache.list(at(2)), at(2))}\n`,
    `
broken.test. 0 A could not be resolved
foo.test. 598 NS ns.foo.test. ; from a referral
nobody.foo.test. 59 NXDOMAIN
www.foo.test. 298 A 198.51.100.80
www.foo.test. 59 no AAAA record
`,
  );
  assert.equal(formatDnsCache(cache.list(at(600)), at(600)), '');
});

test('a set is there until its shortest time to live is over', () => {
  const cache = new DnsCache();
  const set = [record('www.foo.test', 'A', '192.0.2.1', 300), record('www.foo.test', 'A', '192.0.2.2', 5)];
  cache.storeRecords(at(0), set, DnsTrust.Answer, '');
  assert.equal(cache.find(at(4.999), WWW, DnsType.A)?.kind, 'records');
  assert.equal(cache.find(at(5), WWW, DnsType.A), undefined);
  assert.equal(cache.size, 0);
});

test('a time to live of zero is not kept', () => {
  const cache = new DnsCache();
  cache.storeRecords(at(0), [record('www.foo.test', 'A', '192.0.2.1', 0)], DnsTrust.Answer, '');
  assert.equal(cache.size, 0);
});

test('a referral never answers a question, and never replaces an answer', () => {
  const cache = new DnsCache();
  cache.storeRecords(at(0), [record('www.foo.test', 'A', '192.0.2.1', 300)], DnsTrust.Referral, '');
  assert.equal(cache.find(at(0), WWW, DnsType.A), undefined);
  assert.equal(cache.findHint(at(0), WWW, DnsType.A).length, 1);
  cache.storeRecords(at(0), [record('www.foo.test', 'A', '192.0.2.2', 300)], DnsTrust.Answer, '');
  cache.storeRecords(at(1), [record('www.foo.test', 'A', '6.6.6.6', 300)], DnsTrust.Referral, '');
  assert.equal(formatDnsCache(cache.list(at(1)), at(1)), 'www.foo.test. 299 A 192.0.2.2');
});

test('a name that does not exist has no record of any type, until one comes', () => {
  const cache = new DnsCache();
  cache.storeAbsence(at(0), WWW, undefined, SOA, '');
  assert.equal(cache.find(at(0), WWW, DnsType.MX)?.kind, 'nxdomain');
  cache.storeRecords(at(1), [record('www.foo.test', 'A', '192.0.2.1', 300)], DnsTrust.Answer, '');
  assert.equal(cache.find(at(1), WWW, DnsType.MX), undefined);
});

test('each change is in the journal, with its cause', () => {
  const journal = new Journal();
  const log: string[] = [];
  journal.watch(JournalTable.DnsCache, ({ time, host, change, key, cause, row: { data, ttl } }) => {
    log.push(`${formatInstant(time)} ${host} ${change} ${key}: ${cause}; ${data} ${ttl}`);
  });
  const cache = new DnsCache({ journal, host: 'resolver', capacity: 1 });
  cache.storeRecords(at(0), [record('www.foo.test', 'A', '192.0.2.1', 300)], DnsTrust.Answer, 'answered for foo.test.');
  cache.storeRecords(at(1), [record('www.foo.test', 'A', '192.0.2.2', 30)], DnsTrust.Answer, 'answered for foo.test.');
  cache.storeAbsence(at(2), dnsName('a.foo.test'), undefined, SOA, 'denied by foo.test.');
  cache.find(at(100), dnsName('a.foo.test'), DnsType.A);
  assert.deepEqual(log, [
    '0.000000000 resolver added www.foo.test. A: answered for foo.test.; 192.0.2.1 300',
    '1.000000000 resolver changed www.foo.test. A: answered for foo.test.; 192.0.2.2 30',
    '2.000000000 resolver removed www.foo.test. A: the cache is full; 192.0.2.2 29',
    '2.000000000 resolver added a.foo.test. *: denied by foo.test.; NXDOMAIN 60',
    '100.000000000 resolver removed a.foo.test. *: expired; NXDOMAIN 0',
  ]);
});

test('whatever is stored: never more than the capacity, what expires first goes first, and all goes in the end', () => {
  const stored = fc.record({ name: fc.nat(20), ttl: fc.integer({ min: 0, max: 50 }), wait: fc.nat(5) });
  fc.assert(
    fc.property(fc.array(stored, { maxLength: 200 }), (all) => {
      const cache = new DnsCache({ capacity: 5 });
      // The same, said plainly.
      const model = new Map<string, number>();
      let now = 0;
      for (const { name, ttl, wait } of all) {
        now += wait;
        for (const [key, expiresAt] of model) if (expiresAt <= now) model.delete(key);
        const owner = `n${name}.test.`;
        cache.storeRecords(at(now), [record(owner, 'A', '192.0.2.1', ttl)], DnsTrust.Answer, '');
        if (ttl === 0) model.delete(owner);
        else {
          if (!model.has(owner) && model.size === 5) {
            const order = [...model].sort(([a, x], [b, y]) => x - y || (a < b ? -1 : 1));
            model.delete(order[0]?.[0] ?? '');
          }
          model.set(owner, now + ttl);
        }
        assert.deepEqual(
          cache
            .list(at(now))
            .map((entry) => entry.name)
            .sort(),
          [...model.keys()].sort(),
        );
        assert.ok(cache.size <= 5);
      }
      assert.equal(cache.list(at(now + 51)).length, 0);
    }),
  );
});
