import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DnsWorld, ip, RESOLVER, ROUTER, TLD } from '../../../../test/testing/dns_world.ts';
import { after, seconds } from '../../../core/time.ts';
import { dnsName } from '../../../wire/dns_name.ts';
import { DnsCache, formatDnsCache } from './cache.ts';

const AT_HOME = { servers: [{ address: ROUTER, port: 53 }] };
const asked = (world: DnsWorld): string[] => {
  const lines = world.log.filter((line) => / router > (?!alice)/.test(line));
  world.log.length = 0;
  return lines.map((line) => line.replace(/ \([0-9]+\)$/, ''));
};

test('a question goes up once, and is answered from memory from then on', () => {
  const cache = new DnsCache();
  const world = new DnsWorld({}, { cache });
  assert.equal(world.answer('alias.foo.test', 'A', AT_HOME), '2/0/0 CNAME www.foo.test., A 198.51.100.80 (66)');
  assert.equal(world.answer('nobody.foo.test', 'A', AT_HOME), 'NXDomain 0/1/0 (83)');
  assert.equal(world.answer('www.foo.test', 'MX', AT_HOME), '0/1/0 (80)');
  assert.equal(asked(world).length, 3);
  assert.equal(world.answer('www.foo.test', 'A', AT_HOME), '1/0/0 A 198.51.100.80 (46)');
  assert.equal(world.answer('nobody.foo.test', 'TXT', AT_HOME), 'NXDomain 0/1/0 (83)');
  assert.equal(world.answer('www.foo.test', 'MX', AT_HOME), '0/1/0 (80)');
  assert.deepEqual(asked(world), []);
  assert.match(formatDnsCache(cache.list(world.bench.now), world.bench.now), /www\.foo\.test\. 299 A 198\.51\.100\.80/);
});

test('a server further up that is silent is passed over, and so is one that only refers', () => {
  const upstream = [ip('10.9.9.9'), TLD, RESOLVER].map((address) => ({ address, port: 53 }));
  const world = new DnsWorld({}, { upstream });
  assert.equal(world.answer('www.foo.test', 'A', AT_HOME), '1/0/0 A 198.51.100.80 (46)');
  assert.deepEqual(asked(world), [
    '0.01 router > nobody: + [1au] A? www.foo.test.',
    '2.01 router > tld: + [1au] A? www.foo.test.',
    '2.03 router > resolver: + [1au] A? www.foo.test.',
  ]);
});

test('when nobody answers, it says so, and for a second does not try again', () => {
  const world = new DnsWorld({}, { upstream: [{ address: ip('10.9.9.9'), port: 53 }], timeout: seconds(1) });
  assert.equal(world.answer('www.foo.test', 'A', AT_HOME), 'ServFail 0/0/0 (30)');
  assert.equal(asked(world).length, 2);
  world.answer('www.foo.test', 'A', AT_HOME);
  assert.equal(asked(world).length, 0);
  world.bench.now = after(world.bench.now, seconds(1));
  world.answer('www.foo.test', 'A', AT_HOME);
  assert.equal(asked(world).length, 2);
});

test('an answer too long for UDP is fetched over TCP', () => {
  const world = new DnsWorld();
  const result = world.ask('long.foo.test', 'TXT', AT_HOME);
  assert.equal(result.kind === 'answered' && result.transport, 'tcp');
  assert.equal(asked(world).filter((line) => line.includes('tcp')).length, 1);
});

test('it needs somebody to forward to', () => {
  assert.throws(() => {
    const world = new DnsWorld({}, { upstream: [] });
    if (world.router.failure !== undefined) throw world.router.failure;
  }, /needs a server to forward to/);
});

test('records that do not belong to the question are not taken', () => {
  const cache = new DnsCache();
  const world = new DnsWorld({}, { cache });
  world.answer('www.foo.test', 'A', AT_HOME);
  assert.equal(
    cache.list(world.bench.now).every((entry) => entry.name === dnsName('www.foo.test')),
    true,
  );
});
