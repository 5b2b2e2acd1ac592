import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ALICE, DnsWorld, FOO, ip, RESOLVER } from '../../../../test/testing/dns_world.ts';
import type { BenchPacket } from '../../../../test/testing/program_bench.ts';
import { after, seconds } from '../../../core/time.ts';
import { type DnsMessage, encodeDns } from '../../../wire/dns_message.ts';
import { dnsName } from '../../../wire/dns_name.ts';
import { DnsClass, DnsType } from '../../../wire/dns_type.ts';
import { formatDnsCache } from './cache.ts';
import { recursiveServer } from './recursive.ts';
import { stubResolve } from './stub.ts';

const log = (world: DnsWorld): string => `\n${world.log.join('\n')}\n`;
/** What the resolver asked whom, since the last look. */
const walked = (world: DnsWorld): string[] => {
  const lines = world.log.filter((line) => / resolver > (?!alice|router)/.test(line));
  world.log.length = 0;
  return lines.map((line) => line.replace(/^\S+ resolver > /, '').replace(/ \([0-9]+\)$/, ''));
};
const table = (world: DnsWorld): string => `\n${formatDnsCache(world.cache.list(world.bench.now), world.bench.now)}\n`;

test('the first question walks from the root: one query to each server, three in all', () => {
  const world = new DnsWorld();
  assert.equal(world.answer('www.foo.test'), '1/0/0 A 198.51.100.80 (46)');
  assert.equal(
    log(world),
    `
0.00 alice > resolver: + A? www.foo.test. (30)
0.01 resolver > root: [1au] A? www.foo.test. (41)
0.02 root > resolver: - 0/1/2 (78)
0.03 resolver > tld: [1au] A? www.foo.test. (41)
0.04 tld > resolver: - 0/1/2 (74)
0.05 resolver > foo: [1au] A? www.foo.test. (41)
0.06 foo > resolver: *- 1/0/1 A 198.51.100.80 (57)
0.07 resolver > alice: 1/0/0 A 198.51.100.80 (46)
`,
  );
  assert.equal(
    table(world),
    `
test. 3599 NS tld-ns.test. ; from a referral
foo.test. 3599 NS ns.foo.test. ; from a referral
ns.foo.test. 3599 A 198.51.100.12 ; from a referral
www.foo.test. 299 A 198.51.100.80
tld-ns.test. 3599 A 198.51.100.11 ; from a referral
`,
  );
});

test('the second question is answered from memory, with the time that is left; a new name asks the last server alone', () => {
  const world = new DnsWorld();
  world.answer('www.foo.test');
  walked(world);
  world.bench.run(after(world.bench.now, seconds(100)));
  world.bench.now = after(world.bench.now, seconds(100));
  const again = world.ask('WWW.foo.test');
  assert.equal(again.kind === 'answered' && again.records[0]?.ttl, 199);
  assert.deepEqual(walked(world), []);
  assert.equal(world.answer('nobody.foo.test'), 'NXDomain 0/1/0 (83)');
  assert.deepEqual(walked(world), ['foo: [1au] A? nobody.foo.test.']);
});

test('that there is nothing is remembered too', () => {
  const world = new DnsWorld();
  assert.equal(world.answer('nobody.foo.test'), 'NXDomain 0/1/0 (83)');
  assert.equal(world.answer('www.foo.test', 'MX'), '0/1/0 (80)');
  walked(world);
  assert.equal(world.answer('nobody.foo.test', 'TXT'), 'NXDomain 0/1/0 (83)', 'whatever the type');
  assert.equal(world.answer('www.foo.test', 'MX'), '0/1/0 (80)');
  assert.deepEqual(walked(world), []);
});

test('a record that has expired is asked for again', () => {
  const world = new DnsWorld();
  world.answer('short.foo.test');
  walked(world);
  world.bench.now = after(world.bench.now, seconds(5));
  world.answer('short.foo.test');
  assert.deepEqual(walked(world), ['foo: [1au] A? short.foo.test.']);
});

test('aliases are followed, into other zones too', () => {
  const world = new DnsWorld();
  assert.equal(world.answer('alias.foo.test'), '2/0/0 CNAME www.foo.test., A 198.51.100.80 (66)');
  walked(world);
  assert.equal(world.answer('out.foo.test'), '2/0/0 CNAME www.bar.test., A 198.51.100.90 (68)');
  // What ns.foo.test says about bar.test counts only once test. has sent us there.
  assert.deepEqual(walked(world), [
    'foo: [1au] A? out.foo.test.',
    'tld: [1au] A? www.bar.test.',
    'foo: [1au] A? www.bar.test.',
  ]);
  assert.equal(world.answer('out.foo.test'), '2/0/0 CNAME www.bar.test., A 198.51.100.90 (68)');
  assert.deepEqual(walked(world), []);
});

test('aliases in a circle end', () => {
  const world = new DnsWorld();
  assert.equal(world.answer('round.foo.test'), 'ServFail 0/0/0 (32)');
  assert.ok(walked(world).length <= 5);
});

test('a server that is known only by name is looked up first', () => {
  const world = new DnsWorld();
  assert.equal(world.answer('www.glueless.test'), '1/0/0 A 198.51.100.91 (51)');
  assert.deepEqual(walked(world), [
    'root: [1au] A? www.glueless.test.',
    'tld: [1au] A? www.glueless.test.',
    'root: [1au] A? helper.example.',
    'other: [1au] A? helper.example.',
    'foo: [1au] A? www.glueless.test.',
  ]);
});

test('the address that a referral brings along saves that', () => {
  const world = new DnsWorld();
  assert.equal(world.answer('www.bar.test'), '1/0/0 A 198.51.100.90 (46)');
  assert.deepEqual(walked(world), [
    'root: [1au] A? www.bar.test.',
    'tld: [1au] A? www.bar.test.',
    'foo: [1au] A? www.bar.test.',
  ]);
});

test('servers that can only be found by asking each other are given up', () => {
  const world = new DnsWorld();
  assert.equal(world.answer('www.circle-a.test', 'A', { timeout: seconds(30) }), 'ServFail 0/0/0 (35)');
  assert.ok(walked(world).length < 10);
});

test('a server that does not speak for the zone is not asked again', () => {
  const world = new DnsWorld();
  assert.equal(world.answer('www.lame.test'), 'ServFail 0/0/0 (31)');
  assert.deepEqual(walked(world), [
    'root: [1au] A? www.lame.test.',
    'tld: [1au] A? www.lame.test.',
    'foo: [1au] A? www.lame.test.',
  ]);
});

test('a silent server is asked three times, with more patience each time', () => {
  const world = new DnsWorld();
  assert.equal(world.answer('www.lost.test', 'A', { timeout: seconds(30) }), 'ServFail 0/0/0 (31)');
  const times = world.log.filter((line) => line.includes('> nobody')).map((line) => Number(line.split(' ')[0]));
  assert.deepEqual(times, [0.05, 0.85, 2.45]);
  assert.match(world.log.at(-1) ?? '', /^5\.65 resolver > alice: ServFail/);
});

test('a query that gets lost is asked again', () => {
  const world = new DnsWorld();
  let lost = 0;
  world.isLost = ({ to }) => to.address === FOO && lost++ === 0;
  assert.equal(world.answer('www.foo.test'), '1/0/0 A 198.51.100.80 (46)');
  assert.equal(lost, 2);
});

test('an answer too long for UDP is fetched over TCP, and so does the client', () => {
  const world = new DnsWorld();
  const result = world.ask('long.foo.test', 'TXT');
  assert.equal(result.kind === 'answered' && result.transport, 'tcp');
  assert.equal(result.kind === 'answered' && result.length, 1253);
  assert.equal(
    log(world).replaceAll(/ TXT ".*/g, ' TXT ...'),
    `
0.00 alice > resolver: + TXT? long.foo.test. (31)
0.01 resolver > root: [1au] TXT? long.foo.test. (42)
0.02 root > resolver: - 0/1/2 (79)
0.03 resolver > tld: [1au] TXT? long.foo.test. (42)
0.04 tld > resolver: - 0/1/2 (75)
0.05 resolver > foo: [1au] TXT? long.foo.test. (42)
0.06 foo > resolver: *-| 0/0/1 (42)
0.09 resolver > foo tcp: [1au] TXT? long.foo.test. (42)
0.10 foo > resolver tcp: *- 1/0/1 TXT ...
0.11 resolver > alice: | 0/0/0 (31)
0.14 alice > resolver tcp: + TXT? long.foo.test. (31)
0.15 resolver > alice tcp: 1/0/0 TXT ...
`,
  );
});

test('clients that ask the same at the same time share one walk', () => {
  const world = new DnsWorld();
  const results = [0, 1, 2].map(() => {
    const servers = [{ address: RESOLVER, port: 53 }];
    const box: { kind?: string } = {};
    world.alice.spawn(
      'client',
      (function* () {
        box.kind = (yield* stubResolve(world.alice, { servers, name: 'www.foo.test', type: 'A' })).kind;
      })(),
    );
    return box;
  });
  world.bench.run();
  assert.deepEqual(results, [{ kind: 'answered' }, { kind: 'answered' }, { kind: 'answered' }]);
  assert.equal(walked(world).length, 3);
});

test('every question has an id and a port of its own', () => {
  const world = new DnsWorld();
  const seen: { id: number; port: number }[] = [];
  world.isLost = ({ from, to }, message) => {
    if (from.address === RESOLVER && to.address !== ALICE) seen.push({ id: message?.id ?? 0, port: from.port });
    return false;
  };
  world.answer('www.foo.test');
  world.answer('ns.foo.test');
  assert.equal(new Set(seen.map(({ id }) => id)).size, 4);
  assert.equal(new Set(seen.map(({ port }) => port)).size, 4);
});

test('with a fixed port every question leaves from it', () => {
  const world = new DnsWorld({ sourcePort: 5353 });
  const ports = new Set<number>();
  world.isLost = ({ from, to }) => {
    if (from.address === RESOLVER && to.address !== ALICE) ports.add(from.port);
    return false;
  };
  assert.equal(world.answer('www.foo.test'), '1/0/0 A 198.51.100.80 (46)');
  assert.deepEqual([...ports], [5353]);
});

/** Once the resolver asks `foo`, the true answer is lost and a forged one comes in its place. */
function forging(world: DnsWorld, forge: (query: DnsMessage, packet: BenchPacket) => [DnsMessage, BenchPacket]): void {
  world.isLost = (packet, message) => {
    if (packet.to.address !== FOO || message === undefined) return false;
    const [forged, way] = forge(message, { ...packet, from: packet.to, to: packet.from });
    world.bench.deliver({ ...way, data: encodeDns(forged) });
    return true;
  };
}
const poison = (query: DnsMessage, owner = 'www.foo.test'): DnsMessage => ({
  ...query,
  isResponse: true,
  isAuthoritative: true,
  answers: [
    {
      name: dnsName(owner),
      type: DnsType.A,
      class: DnsClass.IN,
      ttl: 86_400,
      data: { kind: 'A', address: ip('6.6.6.6') as never },
    },
  ],
});

test('a forged answer with another id, from another port or address, or to another question does not count', () => {
  const forgeries: ((query: DnsMessage, way: BenchPacket) => [DnsMessage, BenchPacket])[] = [
    (query, way) => [poison({ ...query, id: query.id ^ 1 }), way],
    (query, way) => [poison(query), { ...way, to: { ...way.to, port: way.to.port ^ 1 } }],
    (query, way) => [poison(query), { ...way, from: { address: ip('6.6.6.6'), port: 53 } }],
    (query, way) => [poison(query), { ...way, from: { ...way.from, port: 54 } }],
    (query, way) => [poison({ ...query, questions: [{ name: dnsName('x.test'), type: 1, class: 1 }] }), way],
    (query, way) => [{ ...poison(query), isResponse: false }, way],
  ];
  for (const forge of forgeries) {
    const world = new DnsWorld();
    forging(world, forge);
    assert.equal(world.answer('www.foo.test', 'A', { timeout: seconds(30) }), 'ServFail 0/0/0 (30)');
    assert.doesNotMatch(table(world), /6\.6\.6\.6/);
  }
});

test('a forged answer with everything right does count: this is what randomness protects from', () => {
  const world = new DnsWorld();
  forging(world, (query, way) => [poison(query), way]);
  assert.equal(world.answer('www.foo.test'), '1/0/0 A 6.6.6.6 (46)');
});

test('a server is not believed about names outside its zone, unless it is told to believe everything', () => {
  const plant = (world: DnsWorld): void =>
    forging(world, (query, way) => [
      {
        ...poison(query),
        additionals: poison(query, 'www.bank.test').answers,
        authorities: poison(query, 'x.bank.test').answers,
      },
      way,
    ]);
  const careful = new DnsWorld();
  plant(careful);
  careful.answer('www.foo.test');
  assert.doesNotMatch(table(careful), /bank/);
  const credulous = new DnsWorld({ acceptsOutOfBailiwick: true });
  plant(credulous);
  credulous.answer('www.foo.test');
  assert.match(table(credulous), /www\.bank\.test\. 86399 A 6\.6\.6\.6/);
});

test('a referral upward or sideways leads nowhere', () => {
  for (const owner of ['.', 'test', 'foo.test', 'bank.test']) {
    const world = new DnsWorld();
    forging(world, (query, way) => {
      const data = { kind: 'NS' as const, target: dnsName('ns.evil.test') };
      const record = { name: dnsName(owner), type: DnsType.NS, class: DnsClass.IN, ttl: 86_400, data };
      return [{ ...query, isResponse: true, authorities: [record] }, way];
    });
    assert.equal(world.answer('www.foo.test'), 'ServFail 0/0/0 (30)', owner);
    assert.doesNotMatch(table(world), /evil/);
  }
});

test('a server older than EDNS is asked without it', () => {
  const world = new DnsWorld();
  world.isLost = (packet, message) => {
    if (packet.to.address !== FOO || message?.edns === undefined) return false;
    const { edns: _, ...query } = message;
    const refusal = encodeDns({ ...query, isResponse: true, rcode: 1, questions: [] });
    world.bench.deliver({ ...packet, from: packet.to, to: packet.from, data: refusal });
    return true;
  };
  assert.equal(world.answer('www.foo.test'), '1/0/0 A 198.51.100.80 (46)');
});

test('primed, it asks a root server for the root first', () => {
  const world = new DnsWorld({ primes: true });
  assert.deepEqual(walked(world), ['root: [1au] NS? .']);
});

test('it needs hints', () => {
  const { resolver } = new DnsWorld();
  assert.throws(
    () => recursiveServer(resolver, { hints: [] }).next(resolver.now),
    /needs the address of a root server/,
  );
});

test('whatever it went through, it ends with its two ports and nothing else', () => {
  const world = new DnsWorld();
  const names = ['www.foo.test', 'out.foo.test', 'www.lame.test', 'www.lost.test', 'www.circle-a.test', 'x.nowhere'];
  for (const name of names) world.answer(name, 'A', { timeout: seconds(30) });
  world.answer('long.foo.test', 'TXT');
  world.bench.run();
  for (const machine of world.bench.machines.values()) {
    assert.ok(machine.udpSockets.length <= 1, machine.hostName);
    assert.equal(machine.tcpSockets.size, 0, machine.hostName);
    assert.ok(machine.processes.length <= 2, machine.hostName);
    assert.equal(machine.failure, undefined);
  }
});
