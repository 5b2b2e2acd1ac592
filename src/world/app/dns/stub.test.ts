import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DnsWorld, FOO, ip, RESOLVER } from '../../../../test/testing/dns_world.ts';
import { formatDuration } from '../../../core/time.ts';
import { formatIpAddress } from '../../../wire/address.ts';
import type { StubOptions } from './stub.ts';

const NOBODY = ip('10.9.9.9');
const servers = (...addresses: ReturnType<typeof ip>[]): Partial<StubOptions> => ({
  servers: addresses.map((address) => ({ address, port: 53 })),
});

test('an answer comes with its server, its time, and the addresses behind all aliases', () => {
  const result = new DnsWorld().ask('alias.foo.test');
  if (result.kind === 'failed') assert.fail(result.reason);
  assert.deepEqual(result.addresses.map(formatIpAddress), ['198.51.100.80']);
  assert.equal(result.records.length, 2);
  assert.equal(result.server.address, RESOLVER);
  assert.equal(result.queries, 1);
  assert.equal(formatDuration(result.elapsed), '80ms');
});

test('no such name, no such record: an answer without addresses', () => {
  const world = new DnsWorld();
  for (const [name, type, rcode] of [
    ['nobody.foo.test', 'A', 3],
    ['www.foo.test', 'AAAA', 0],
  ] as const) {
    const result = world.ask(name, type, { passesOverFailures: true });
    if (result.kind === 'failed') assert.fail(result.reason);
    assert.equal(result.message.rcode, rcode);
    assert.deepEqual(result.addresses, []);
  }
});

test('each server is asked for five seconds, all of them twice', () => {
  const world = new DnsWorld();
  const result = world.ask('www.foo.test', 'A', servers(NOBODY, ip('10.9.9.8')));
  assert.equal(result.kind, 'failed');
  assert.deepEqual(
    world.log.map((line) => line.split(' ')[0]),
    ['0.00', '5.00', '10.00', '15.00'],
  );
  assert.equal(formatDuration(result.elapsed), '20s');
});

test('a silent server is passed over, and so is one that refuses', () => {
  const world = new DnsWorld();
  const result = world.ask('www.foo.test', 'A', { ...servers(NOBODY, FOO, RESOLVER), passesOverFailures: true });
  assert.equal(result.kind === 'answered' && result.server.address, FOO, 'it knows this one');
  const other = world.ask('helper.example', 'A', { ...servers(FOO, RESOLVER), passesOverFailures: true });
  assert.equal(other.kind === 'answered' && other.server.address, RESOLVER);
  const refused = world.ask('helper.example', 'A', { ...servers(FOO), passesOverFailures: true });
  assert.equal(refused.kind === 'failed' && refused.reason, 'the name server answered REFUSED');
});

test('a machine that does not serve is unreachable at once', () => {
  const world = new DnsWorld();
  const result = world.ask('www.foo.test', 'A', { ...servers(ip('192.168.1.100')), attempts: 1 });
  assert.equal(result.kind === 'failed' && result.code, 'unreachable');
  assert.equal(formatDuration(result.elapsed), '10ms');
});

test('over TCP from the start, without recursion, with EDNS, or taking a truncated answer as it is', () => {
  const world = new DnsWorld();
  world.ask('www.foo.test', 'A', { ...servers(FOO), transport: 'tcp', isRecursionDesired: false, hasEdns: true });
  const cut = world.ask('long.foo.test', 'TXT', { ...servers(FOO), retriesOverTcp: false });
  assert.equal(cut.kind === 'answered' && cut.message.isTruncated, true);
  assert.deepEqual(
    world.log.map((line) => line.slice(5)),
    [
      'alice > foo tcp: [1au] A? www.foo.test. (41)',
      'foo > alice tcp: *- 1/0/1 A 198.51.100.80 (57)',
      'alice > foo: + TXT? long.foo.test. (31)',
      'foo > alice: *-| 0/0/0 (31)',
    ],
  );
});

test("a wrong question is the caller's mistake", () => {
  const world = new DnsWorld();
  assert.throws(() => world.ask('a..b'), /"a\.\.b" is not a domain name/);
  assert.throws(() => world.ask('a', 'WHAT'), /"WHAT" is not a type of DNS record/);
  assert.throws(() => world.ask('a', 'A', { servers: [] }), /needs a server to ask/);
});
