import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { address, type Machine, NetworkBench } from '../../../test/testing/network_bench.ts';
import { DropReason } from '../../core/drop_reason.ts';
import { after, type Instant, NEVER, START, seconds } from '../../core/time.ts';
import { setLinkAddress } from '../../wire/address.ts';
import { checksumOf, sumBytes } from '../../wire/checksum.ts';
import { formatArpTable } from './neighbor.ts';
import { LOOPBACK_INDEX } from './network_interface.ts';
import { DEFAULT_SEND_OPTIONS } from './network_layer_api.ts';
import type { PacketHooks } from './packet_hooks.ts';

const at = (count: number): Instant => after(START, seconds(count));
const DONT_FRAGMENT = { ...DEFAULT_SEND_OPTIONS, dontFragment: true };

/** Two machines on one wire. */
function pair(): { bench: NetworkBench; a: Machine; b: Machine } {
  const bench = new NetworkBench();
  const wire = bench.wire();
  const a = bench.machine('a');
  const b = bench.machine('b');
  a.plug(wire, '10.0.0.1/24');
  b.plug(wire, '10.0.0.2/24');
  return { bench, a, b };
}

/** a - router - b; the link to b may take less. */
function routed(mtu = 1500): { bench: NetworkBench; a: Machine; router: Machine; b: Machine } {
  const bench = new NetworkBench();
  const [left, right] = [bench.wire(), bench.wire()];
  const [a, router, b] = [bench.machine('a'), bench.machine('router'), bench.machine('b')];
  a.plug(left, '10.0.0.1/24');
  a.route('0.0.0.0/0', '10.0.0.254');
  router.plug(left, '10.0.0.254/24');
  router.plug(right, '10.0.1.254/24', mtu);
  router.layer.isForwarding = true;
  b.plug(right, '10.0.1.2/24', mtu);
  b.route('0.0.0.0/0', '10.0.1.254');
  return { bench, a, router, b };
}

test('two machines on a wire: one asks for the other, then they talk', () => {
  const { bench, a, b } = pair();
  assert.equal(a.send(START, '10.0.0.2', 10), 'sent');
  b.send(START, '10.0.0.1', 5);
  assert.equal(
    bench.takeLog(),
    `
0.000 a: ARP, Request who-has 10.0.0.2 tell 10.0.0.1, length 28
0.000 b: ARP, Reply 10.0.0.2 is-at 02:00:00:00:00:02, length 28
0.000 a: 10.0.0.1 > 10.0.0.2 protocol 17, ttl 64, length 30
0.000 b receives 10.0.0.1 > 10.0.0.2, 10 bytes
0.000 b: ARP, Request who-has 10.0.0.1 tell 10.0.0.2, length 28
0.000 b: 10.0.0.2 > 10.0.0.1 protocol 17, ttl 64, length 25
0.000 a: ARP, Reply 10.0.0.1 is-at 02:00:00:00:00:01, length 28
0.000 a receives 10.0.0.2 > 10.0.0.1, 5 bytes
`,
  );
  bench.close(START);
});

test('a router passes packets on, one hop less, and says when there are none left', () => {
  const { bench, a } = routed();
  a.ping(START, '10.0.1.2');
  bench.takeLog();
  a.ping(at(1), '10.0.1.2');
  a.ping(at(2), '10.0.1.2', 8, { ...DEFAULT_SEND_OPTIONS, ttl: 1 });
  assert.equal(
    bench.takeLog(),
    `
1.000 a: 10.0.0.1 > 10.0.1.2 echo-request 0, ttl 64, length 36
1.000 router: 10.0.0.1 > 10.0.1.2 echo-request 0, ttl 63, length 36
1.000 b: 10.0.1.2 > 10.0.0.1 echo-reply 0, ttl 64, length 36
1.000 router: 10.0.1.2 > 10.0.0.1 echo-reply 0, ttl 63, length 36
1.000 a receives 10.0.1.2 > 10.0.0.1, 16 bytes
2.000 a: 10.0.0.1 > 10.0.1.2 echo-request 0, ttl 1, length 36
2.000 router: 10.0.0.254 > 10.0.0.1 time-exceeded 0, ttl 64, length 64
2.000 a is told by 10.0.0.254: time-exceeded 0, about 10.0.0.1 > 10.0.1.2
`,
  );
  bench.close(at(2));
});

test('unreachable: no port, no protocol, no host, no network', () => {
  const { bench, a, router, b } = routed();
  a.ping(START, '10.0.1.2');
  bench.takeLog();
  a.send(at(1), '10.0.1.2', 8, 0); // nobody wants it
  const slot = bench.arena.allocateFrom(Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8));
  a.layer.send(at(2), slot, address('10.0.0.1'), address('10.0.1.2'), 99, DEFAULT_SEND_OPTIONS);
  bench.settle(at(2));
  a.send(at(3), '10.0.1.77', 8);
  bench.runUntil(at(10), false);
  a.send(at(10), '192.0.2.1', 8);
  assert.equal(
    bench.takeLog(),
    `
1.000 a: 10.0.0.1 > 10.0.1.2 protocol 17, ttl 64, length 28
1.000 router: 10.0.0.1 > 10.0.1.2 protocol 17, ttl 63, length 28
1.000 b: 10.0.1.2 > 10.0.0.1 unreachable 3, ttl 64, length 56
1.000 router: 10.0.1.2 > 10.0.0.1 unreachable 3, ttl 63, length 56
1.000 a is told by 10.0.1.2: unreachable 3, about 10.0.0.1 > 10.0.1.2
2.000 a: 10.0.0.1 > 10.0.1.2 protocol 99, ttl 64, length 28
2.000 router: 10.0.0.1 > 10.0.1.2 protocol 99, ttl 63, length 28
2.000 b: 10.0.1.2 > 10.0.0.1 unreachable 2, ttl 64, length 56
2.000 router: 10.0.1.2 > 10.0.0.1 unreachable 2, ttl 63, length 56
3.000 a: 10.0.0.1 > 10.0.1.77 protocol 17, ttl 64, length 28
3.000 router: ARP, Request who-has 10.0.1.77 tell 10.0.1.254, length 28
4.000 router: ARP, Request who-has 10.0.1.77 tell 10.0.1.254, length 28
5.000 router: ARP, Request who-has 10.0.1.77 tell 10.0.1.254, length 28
6.000 router: 10.0.0.254 > 10.0.0.1 unreachable 1, ttl 64, length 56
6.000 a is told by 10.0.0.254: unreachable 1, about 10.0.0.1 > 10.0.1.77
10.000 a: 10.0.0.1 > 192.0.2.1 protocol 17, ttl 64, length 28
10.000 router: 10.0.0.254 > 10.0.0.1 unreachable 0, ttl 64, length 56
10.000 a is told by 10.0.0.254: unreachable 0, about 10.0.0.1 > 192.0.2.1
`,
  );
  const { NoPort, NoProtocol, NoNeighbor, NoRoute } = DropReason;
  assert.deepEqual([b.layer.dropCount(NoPort), b.layer.dropCount(NoProtocol)], [1, 1]);
  assert.deepEqual([router.layer.dropCount(NoNeighbor), router.layer.dropCount(NoRoute)], [1, 1]);
  bench.close(at(10));
});

test('a neighbor that does not answer: its own sender is told, and the table shows it for a while', () => {
  const { bench, a } = pair();
  a.send(START, '10.0.0.9', 8);
  assert.equal(bench.runUntil(at(3), false), at(3));
  assert.equal(
    bench.takeLog(),
    `
0.000 a: ARP, Request who-has 10.0.0.9 tell 10.0.0.1, length 28
1.000 a: ARP, Request who-has 10.0.0.9 tell 10.0.0.1, length 28
2.000 a: ARP, Request who-has 10.0.0.9 tell 10.0.0.1, length 28
3.000 a is told by 10.0.0.1: unreachable 1, about 10.0.0.1 > 10.0.0.9
`,
  );
  const [eth0] = a.layer.interfaces;
  assert.equal(formatArpTable(eth0?.neighbors ?? [], 'eth0'), '? (10.0.0.9) at <incomplete> on eth0\n');
  assert.equal(a.layer.pollTimeout(), NEVER);
  bench.close(at(3));
});

test('a packet that is too long goes in pieces, and comes out whole', () => {
  const { bench, a, b } = routed(576);
  assert.equal(a.send(START, '10.0.1.2', 3000), 'sent');
  const log = bench.takeLog();
  assert.equal(
    log
      .split('\n')
      .filter((line) => line.includes('protocol 17'))
      .join('\n'),
    `0.000 a: 10.0.0.1 > 10.0.1.2 protocol 17 fragment 0+, ttl 64, length 1500
0.000 a: 10.0.0.1 > 10.0.1.2 protocol 17 fragment 1480+, ttl 64, length 1500
0.000 a: 10.0.0.1 > 10.0.1.2 protocol 17 fragment 2960, ttl 64, length 60
0.000 router: 10.0.0.1 > 10.0.1.2 protocol 17 fragment 0+, ttl 63, length 572
0.000 router: 10.0.0.1 > 10.0.1.2 protocol 17 fragment 552+, ttl 63, length 572
0.000 router: 10.0.0.1 > 10.0.1.2 protocol 17 fragment 1104+, ttl 63, length 396
0.000 router: 10.0.0.1 > 10.0.1.2 protocol 17 fragment 1480+, ttl 63, length 572
0.000 router: 10.0.0.1 > 10.0.1.2 protocol 17 fragment 2032+, ttl 63, length 572
0.000 router: 10.0.0.1 > 10.0.1.2 protocol 17 fragment 2584+, ttl 63, length 396
0.000 router: 10.0.0.1 > 10.0.1.2 protocol 17 fragment 2960, ttl 63, length 60`,
  );
  assert.deepEqual(b.received, [Uint8Array.from({ length: 3000 }, (_, i) => (i + 1) & 0xff)]);
  bench.close(START);
});

test('a packet that must not be fragmented teaches its sender the path MTU, for ten minutes', () => {
  const { bench, a } = routed(576);
  a.ping(START, '10.0.1.2');
  bench.takeLog();
  assert.equal(a.send(at(1), '10.0.1.2', 1400, 1, DONT_FRAGMENT), 'sent');
  assert.equal(
    bench.takeLog(),
    `
1.000 a: 10.0.0.1 > 10.0.1.2 protocol 17, ttl 64, length 1420
1.000 router: 10.0.0.254 > 10.0.0.1 unreachable 4 mtu 576, ttl 64, length 576
1.000 a is told by 10.0.0.254: too-big 4, mtu 576, about 10.0.0.1 > 10.0.1.2
`,
  );
  assert.equal(a.layer.pathMtu(at(2), address('10.0.1.2')), 576);
  assert.equal(a.send(at(2), '10.0.1.2', 1400, 1, DONT_FRAGMENT), 'too-big');
  assert.equal(a.layer.pathMtu(at(700), address('10.0.1.2')), 1500);
  bench.close(at(700));
});

test('fragments whose rest never comes are given up after 30 s, and the sender is told', () => {
  const { bench, a, b } = pair();
  a.ping(START, '10.0.0.2');
  bench.takeLog();
  let count = 0;
  const [eth0] = a.layer.interfaces;
  assert.ok(eth0 !== undefined);
  const { transmitter } = eth0;
  eth0.transmitter = {
    transmit: (now, slot) => (count++ === 1 ? bench.arena.release(slot) : transmitter?.transmit(now, slot)),
  };
  a.send(at(1), '10.0.0.2', 4000);
  assert.equal(b.layer.pollTimeout(), NEVER, 'it does not keep the world alive');
  bench.takeLog();
  bench.runUntil(at(31));
  assert.equal(
    bench.takeLog().replace(/.*ARP.*\n/g, ''),
    `
31.000 b: 10.0.0.2 > 10.0.0.1 time-exceeded 1, ttl 64, length 576
31.000 a is told by 10.0.0.2: time-exceeded 1, about 10.0.0.1 > 10.0.0.2
`,
  );
  assert.equal(b.layer.dropCount(DropReason.ReassemblyTimeout), 2);
  bench.close(at(31));
});

test('packets to oneself never touch a wire', () => {
  const { bench, a } = pair();
  assert.equal(a.send(START, '127.0.0.1', 4), 'sent');
  assert.equal(a.send(START, '10.0.0.1', 4), 'sent');
  a.ping(START, '127.1.2.3');
  a.send(START, '127.0.0.1', 8, 0);
  assert.equal(
    bench.takeLog(),
    `
0.000 a receives 127.0.0.1 > 127.0.0.1, 4 bytes
0.000 a receives 10.0.0.1 > 10.0.0.1, 4 bytes
0.000 a receives 127.1.2.3 > 127.0.0.1, 16 bytes
0.000 a is told by 127.0.0.1: unreachable 3, about 127.0.0.1 > 127.0.0.1
`,
  );
  assert.equal(a.layer.pollTimeout(), NEVER);
  bench.close(START);
});

test('broadcasts reach everyone on the network; nobody complains about them', () => {
  const bench = new NetworkBench();
  const wire = bench.wire();
  const machines = ['a', 'b', 'c'].map((name) => bench.machine(name));
  for (const [i, machine] of machines.entries()) machine.plug(wire, `10.0.0.${i + 1}/24`);
  const [a, b] = machines;
  assert.ok(a !== undefined && b !== undefined);
  a.send(START, '10.0.0.255', 4);
  a.send(START, '10.0.0.255', 4, 0);
  a.ping(START, '10.0.0.255');
  assert.equal(
    bench.takeLog(),
    `
0.000 a: 10.0.0.1 > 10.0.0.255 protocol 17, ttl 64, length 24
0.000 b receives 10.0.0.1 > 10.0.0.255, 4 bytes
0.000 c receives 10.0.0.1 > 10.0.0.255, 4 bytes
0.000 a: 10.0.0.1 > 10.0.0.255 protocol 17, ttl 64, length 24
0.000 a: 10.0.0.1 > 10.0.0.255 echo-request 0, ttl 64, length 36
`,
  );
  b.layer.answersBroadcastEcho = true;
  a.ping(at(1), '10.0.0.255');
  assert.match(bench.takeLog(), /b: 10\.0\.0\.2 > 10\.0\.0\.1 echo-reply 0/);
  bench.close(at(1));
});

test('a machine without an address reaches everyone on the link from 0.0.0.0', () => {
  const bench = new NetworkBench();
  const wire = bench.wire();
  const [client, server] = [bench.machine('client'), bench.machine('server')];
  client.plug(wire, '');
  server.plug(wire, '10.0.0.1/24');
  assert.equal(client.send(START, '255.255.255.255', 4, 1, { ...DEFAULT_SEND_OPTIONS, interfaceIndex: 0 }), 'sent');
  server.send(START, '255.255.255.255', 4, 1, { ...DEFAULT_SEND_OPTIONS, interfaceIndex: 0 });
  assert.equal(client.send(START, '10.0.0.1', 4), 'no-route');
  assert.equal(
    bench.takeLog(),
    `
0.000 client: 0.0.0.0 > 255.255.255.255 protocol 17, ttl 64, length 24
0.000 server receives 0.0.0.0 > 255.255.255.255, 4 bytes
0.000 server: 10.0.0.1 > 255.255.255.255 protocol 17, ttl 64, length 24
0.000 client receives 10.0.0.1 > 255.255.255.255, 4 bytes
`,
  );
  bench.close(START);
});

test('a machine that does not forward keeps what is for others to itself, and a directed broadcast stops at the router', () => {
  const { bench, a, router, b } = routed();
  a.ping(START, '10.0.1.2');
  a.send(START, '10.0.1.255', 4);
  assert.equal(router.layer.dropCount(DropReason.DirectedBroadcast), 1);
  router.layer.isForwarding = false;
  a.send(START, '10.0.1.2', 4);
  assert.equal(router.layer.dropCount(DropReason.NotForwarding), 1);
  assert.equal(b.received.length, 0);
  bench.close(START);
});

test('errors are limited: fifty at once, then a thousand a second', () => {
  const { bench, a, b } = pair();
  a.ping(START, '10.0.0.2');
  bench.takeLog();
  for (let i = 0; i < 80; i++) a.send(at(1), '10.0.0.2', 4, 0);
  assert.equal(bench.takeLog().match(/b: .* unreachable 3/g)?.length, 50);
  for (let i = 0; i < 80; i++) a.send(at(1.01), '10.0.0.2', 4, 0);
  assert.equal(bench.takeLog().match(/b: .* unreachable 3/g)?.length, 10);
  assert.equal(b.layer.dropCount(DropReason.NoPort), 160);
  bench.close(at(2));
});

test('a wrong address does not take part: martians are dropped', () => {
  const { bench, a, b } = pair();
  const [eth0] = b.layer.interfaces;
  assert.ok(eth0 !== undefined);
  const martian = (source: string, destination: string, reason: DropReason): void => {
    const before = b.layer.dropCount(reason);
    a.ping(START, '10.0.0.2');
    const slot = bench.arena.allocate(14 + 28);
    const start = bench.arena.start(slot);
    const { view } = bench.arena;
    setLinkAddress(view, start, eth0.linkAddress);
    setLinkAddress(view, start + 6, eth0.linkAddress);
    view.setUint16(start + 12, 0x0800);
    const ip = start + 14;
    for (const [i, word] of [0x4500, 28, 0, 0, 0x4011, 0].entries()) view.setUint16(ip + 2 * i, word);
    view.setInt32(ip + 12, address(source));
    view.setInt32(ip + 16, address(destination));
    view.setUint16(ip + 10, checksumOf(sumBytes(view, ip, 20)));
    b.layer.receive(START, 0, slot, true);
    assert.equal(b.layer.dropCount(reason), before + 1, `${source} > ${destination}`);
  };
  martian('127.0.0.1', '10.0.0.2', DropReason.BadSource);
  martian('10.0.0.2', '10.0.0.2', DropReason.BadSource);
  martian('10.0.0.255', '10.0.0.2', DropReason.BadSource);
  martian('224.0.0.1', '10.0.0.2', DropReason.BadSource);
  martian('255.255.255.255', '10.0.0.2', DropReason.BadSource);
  martian('10.0.0.1', '127.0.0.1', DropReason.NotForUs);
  martian('10.0.0.1', '224.0.0.251', DropReason.NotForUs);
  martian('10.0.0.1', '10.9.9.9', DropReason.NotForwarding);
  bench.close(START);
});

test('hooks see each packet where they should, and what they refuse is refused', () => {
  const { bench, a, router, b } = routed();
  a.ping(START, '10.0.1.2');
  bench.takeLog();
  const seen: string[] = [];
  let verdict: 0 | DropReason = 0;
  const hook = (name: string) => (_now: Instant, _slot: number, from: number, to?: number) => {
    seen.push(`${name} ${from === LOOPBACK_INDEX ? 'lo' : from}${to === undefined ? '' : ` ${to}`}`);
    return name === 'forward' ? verdict : 0;
  };
  const hooks: PacketHooks = {
    prerouting: hook('prerouting'),
    input: hook('input'),
    forward: hook('forward'),
    output: hook('output'),
    postrouting: hook('postrouting'),
    addressesChanged: (_now, index) => void seen.push(`addresses ${index}`),
    pollBackgroundTimeout: () => NEVER,
    handleTimeout: () => undefined,
  };
  router.layer.hooks = hooks;
  a.send(at(1), '10.0.1.2', 4);
  assert.deepEqual(seen.splice(0), ['prerouting 0', 'forward 0 1', 'postrouting 1']);
  a.ping(at(1), '10.0.0.254');
  assert.deepEqual(seen.splice(0), ['prerouting 0', 'input 0', 'output 0', 'postrouting 0']);
  router.send(at(1), '127.0.0.1', 4);
  assert.deepEqual(seen.splice(0), ['output lo', 'postrouting lo', 'prerouting lo', 'input lo']);
  router.layer.setAddresses(at(1), 1, router.layer.interfaceAt(1).addresses);
  assert.deepEqual(seen.splice(0), ['addresses 1']);
  bench.takeLog();
  verdict = DropReason.FirewallRejected;
  a.send(at(2), '10.0.1.2', 4);
  verdict = DropReason.FirewallDenied;
  a.send(at(2), '10.0.1.2', 4);
  assert.equal(
    bench.takeLog(),
    `
2.000 a: 10.0.0.1 > 10.0.1.2 protocol 17, ttl 64, length 24
2.000 router: 10.0.0.254 > 10.0.0.1 unreachable 13, ttl 64, length 52
2.000 a: 10.0.0.1 > 10.0.1.2 protocol 17, ttl 64, length 24
`,
  );
  assert.equal(b.received.length, 1);
  bench.close(at(2));
});

test('a link that goes down takes its routes along, and gives back the packets that wait', () => {
  const { bench, a } = pair();
  a.send(START, '10.0.0.9', 4);
  a.layer.setInterfaceUp(START, 0, false);
  assert.equal(a.layer.dropCount(DropReason.InterfaceDown), 1);
  assert.equal(a.send(START, '10.0.0.2', 4), 'no-route');
  a.layer.setInterfaceUp(START, 0, true);
  assert.equal(a.send(START, '10.0.0.2', 4), 'sent');
  bench.close(START);
});

test('an address that goes takes its routes along', () => {
  const { bench, a } = pair();
  a.route('0.0.0.0/0', '10.0.0.254');
  a.layer.setAddresses(START, 0, [{ address: address('192.0.2.1'), prefixLength: 24 }]);
  assert.equal(a.layer.routes.list().length, 2, 'the default route and the new network');
  a.layer.setAddresses(START, 0, []);
  assert.equal(a.layer.routes.list().length, 0);
  assert.equal(a.layer.isLocal(address('192.0.2.1')), false);
  assert.throws(
    () => a.layer.setAddresses(START, 0, [{ address: address('224.0.0.1'), prefixLength: 24 }]),
    RangeError,
  );
  bench.close(START);
});

test('without a server, two machines find themselves addresses and can talk', () => {
  const bench = new NetworkBench();
  const wire = bench.wire();
  const [a, b] = [bench.machine('a'), bench.machine('b')];
  a.plug(wire, '');
  b.plug(wire, '');
  for (const { layer } of bench.machines) layer.startLinkLocal(START, 0, address('169.254.7.7'));
  bench.settle(START);
  bench.runUntil(at(30));
  const addresses = bench.machines.map(({ layer }) => layer.interfaceAt(0).ipv4);
  assert.equal(new Set(addresses).size, 2, 'not the same, though both began with the same');
  bench.takeLog();
  a.send(at(30), '169.254.255.255', 4);
  assert.equal(b.received.length, 1);
  b.layer.stopLinkLocal(at(31), 0);
  assert.deepEqual(b.layer.interfaceAt(0).addresses, []);
  bench.close(at(31));
});

test('once the neighbor is known, packets pass through a router without another table being asked', () => {
  const { bench, a, router, b } = routed();
  a.ping(START, '10.0.1.2');
  const memory = bench.arena.byteLength;
  const { lookup } = router.layer.routes;
  let lookups = 0;
  router.layer.routes.lookup = (destination) => {
    lookups++;
    return lookup.call(router.layer.routes, destination);
  };
  bench.isLogging = false;
  for (let i = 0; i < 1000; i++) {
    a.send(at(1), '10.0.1.2', 1400);
    b.send(at(1), '10.0.0.1', 40);
  }
  assert.equal(lookups, 0);
  assert.equal(b.received.length, 1000);
  assert.equal(bench.arena.byteLength, memory);
  bench.close(at(1));
});

test('any frame at all: nothing throws, nothing leaks, nothing grows without bound', () => {
  const { bench, a, router, b } = routed();
  const samples: Uint8Array[] = [];
  const [eth0] = router.layer.interfaces;
  assert.ok(eth0 !== undefined);
  // Real frames to begin with: ARP, echo, UDP, fragments, an error.
  for (const machine of [a, b]) {
    for (const one of machine.layer.interfaces) {
      const { transmitter } = one;
      one.transmitter = {
        transmit: (now, slot) => {
          samples.push(bench.arena.copyOut(slot));
          transmitter?.transmit(now, slot);
        },
      };
    }
  }
  a.ping(START, '10.0.1.2');
  a.ping(START, '10.0.0.254');
  a.send(START, '10.0.1.2', 4000);
  b.send(START, '10.0.0.1', 4, 0);
  a.send(START, '10.0.0.255', 4);
  bench.isLogging = false;
  const mutation = fc.tuple(fc.nat(60), fc.nat(255));
  const frame = fc.oneof(
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 100 }) },
    {
      weight: 5,
      arbitrary: fc
        .tuple(fc.nat(samples.length - 1), fc.array(mutation, { maxLength: 4 }), fc.boolean(), fc.nat(2000))
        .map(([index, mutations, isRepaired, length]) => {
          const data = (samples[index] ?? new Uint8Array(0)).slice(0, length < 1000 ? length : undefined);
          for (const [place, value] of mutations) if (place < data.length) data[place] = value;
          // With a header checksum that holds, mutations get further in.
          if (isRepaired && data.length >= 34) {
            const view = new DataView(data.buffer);
            const headerLength = Math.min((view.getUint8(14) & 15) * 4, data.length - 14);
            view.setUint16(24, 0);
            view.setUint16(24, checksumOf(sumBytes(view, 14, headerLength)));
          }
          return data;
        }),
    },
  );
  let now = at(1);
  fc.assert(
    fc.property(fc.array(frame, { maxLength: 20 }), fc.nat(2), fc.boolean(), (frames, who, isShared) => {
      const machine = bench.machines[who] ?? a;
      for (const data of frames) {
        const slot = bench.arena.allocateFrom(data);
        if (isShared) bench.arena.retain(slot);
        const before = bench.arena.copyOut(slot);
        machine.layer.receive(now, 0, slot, true);
        if (isShared) {
          assert.deepEqual(bench.arena.copyOut(slot), before, 'what is shared is not changed');
          bench.arena.release(slot);
        }
        bench.settle(now);
      }
      now = after(now, seconds(1));
      bench.runUntil(now);
      assert.ok(bench.arena.slotsInUse < 1000);
    }),
  );
  bench.runUntil(after(now, seconds(300)));
  const reasons = new Set(
    bench.machines.flatMap(({ layer }) => [...(layer.drops ?? [])].flatMap((n, i) => (n > 0 ? [i] : []))),
  );
  assert.ok(reasons.size > 8, 'the frames got far enough to fail in many ways');
  assert.equal(bench.arena.slotsInUse, 0, 'in time, everything is given back');
  bench.close(now);
});
