import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DnsWorld, FOO, ip, RESOLVER, ROOT } from '../../../../test/testing/dns_world.ts';
import { after, seconds } from '../../../core/time.ts';
import { encodeDns } from '../../../wire/dns_message.ts';
import { dnsName } from '../../../wire/dns_name.ts';
import { formatDnsCache } from './cache.ts';

const log = (world: DnsWorld): string => `\n${world.log.join('\n')}\n`;
const asked = (world: DnsWorld): string[] => world.log.filter((line) => / resolver > (?!alice)/.test(line));

test('the first question walks from the root: one query to each server, three in all', () => {
  const world = new DnsWorld();
  assert.equal(world.answer('www.foo.test'), '1/0/0 A 198.51.100.80 (46)');
  assert.equal(log(world), '');
  assert.equal(`\n${formatDnsCache(world.cache.list(world.bench.now), world.bench.now)}\n`, '');
});
