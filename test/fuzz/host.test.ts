// Random bytes and mutated frames into a whole machine: a router with NAT and a firewall, a DHCP server, a DNS server,
// and programs on open sockets. It never throws, and nothing in it grows beyond its bound.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { utf8 } from '../../src/core/bytes.ts';
import { Random } from '../../src/core/random.ts';
import { after, hours, milliseconds, seconds } from '../../src/core/time.ts';
import { MAX_TRACKED } from '../../src/stack/net/conntrack.ts';
import { MAX_NEIGHBORS } from '../../src/stack/net/neighbor_cache.ts';
import type { LinkAddress } from '../../src/wire/address.ts';
import { setLinkAddress } from '../../src/wire/address.ts';
import { addSums, checksumOf, pseudoSumIpv4, sumBytes } from '../../src/wire/checksum.ts';
import { dnsName } from '../../src/wire/dns.ts';
import { ipv4Destination, ipv4Source } from '../../src/wire/ipv4.ts';
import { authoritativeServer } from '../../src/world/app/dns/authoritative.ts';
import { zoneFromRecords } from '../../src/world/app/dns/zone.ts';
import { tcpEchoServer, udpEchoServer } from '../../src/world/app/echo/echo.ts';
import type { Host } from '../../src/world/host/host.ts';
import { hex, viewOf } from '../testing/bytes.ts';
import { FRAMES, udpFrame } from '../testing/frames.ts';
import { rules } from '../testing/gate_bench.ts';
import { Lan } from '../testing/lan.ts';
import { DHCP_DISCOVER, DNS_QUERY } from './codec_table.ts';

const { TEST_SEED = '1', TEST_SCALE = '1' } = process.env;
const COUNT = 200_000 * Number(TEST_SCALE);
/** Packets that the machine may hold: those that wait for neighbors, unfinished fragments, sockets. */
const MAX_SLOTS = 4096;
const MAX_ARENA_BYTES = 64 * 2 ** 20;
const OWN_LINK = 0x0200_0000_0002 as LinkAddress;

const SAMPLES: readonly Uint8Array[] = [
  ...Object.values(FRAMES),
  udpFrame(68, 67, DHCP_DISCOVER),
  udpFrame(5353, 53, DNS_QUERY),
  udpFrame(4000, 7, utf8('hello')),
];

function machine(): { lan: Lan; host: Host } {
  const lan = new Lan({ isCapturing: false });
  lan.network('home', '10.0.0.0/24');
  lan.network('wan', '203.0.113.0/24');
  const host = lan.router('router', {});
  const home = lan.world.network('home');
  lan.world.connect(host, home, OWN_LINK);
  lan.world.connect(host, lan.world.network('wan'), OWN_LINK);
  host.network.setAddresses(lan.now, 0, [{ address: 0x0a00_0002 as never, prefixLength: 24 }]);
  host.network.setAddresses(lan.now, 1, [{ address: 0xcb00_7102 as never, prefixLength: 24 }]);
  lan.route(host, '203.0.113.1');
  const policy = { input: 'accept', forward: 'accept', output: 'accept' } as const;
  const firewall = { policy, rules: rules('drop forward ct invalid', 'reject input tcp dport 25') };
  lan.gate(host, { inside: 'home', outside: 'wan', filtering: 'endpoint-independent' }, firewall);
  lan.dhcpServer(host, '10.0.0.100', '10.0.0.120', hours(1));
  const own = dnsName('ns.foo.test.');
  const soa = {
    kind: 'SOA',
    primary: own,
    mailbox: own,
    serial: 1,
    refresh: 1,
    retry: 1,
    expire: 1,
    minimum: 1,
  } as const;
  const zone = zoneFromRecords(dnsName('foo.test.'), 300, [
    { name: '@', type: 'SOA', data: soa },
    { name: '@', type: 'NS', data: { kind: 'NS', target: own } },
    { name: 'www', type: 'A', data: '10.0.0.1' },
  ]);
  lan.spawn(host, (system) => authoritativeServer(system, [zone]), true);
  lan.spawn(host, (system) => tcpEchoServer(system, { port: 80 }), true);
  lan.spawn(host, (system) => udpEchoServer(system), true);
  return { lan, host };
}

test(`${COUNT} frames into a whole machine: no throw, and everything within its bounds`, () => {
  const { lan, host } = machine();
  const { arena } = lan.world;
  const random = Random.fromSeed(Number(TEST_SEED)).fork('host fuzz');
  let most = 0;
  for (let n = 0; n < COUNT; n++) {
    const frame = n % 16 === 0 ? randomBytes(random) : mutated(random);
    try {
      host.receive(lan.now, random.below(2), arena.allocateFrom(frame), random.below(64) !== 0);
      if (n % 8 === 0) lan.pass(milliseconds(random.below(20)));
    } catch (error) {
      assert.fail(`frame ${n}, ${hex(frame)}: ${error instanceof Error ? error.stack : error}`);
    }
    most = Math.max(most, arena.slotsInUse);
    if (n % 1000 === 0) assertBounds(host);
  }
  assertBounds(host);
  assert.ok(most <= MAX_SLOTS, `${most} packets were held`);
  assert.ok(arena.byteLength <= MAX_ARENA_BYTES, `${arena.byteLength} bytes of packets`);
  assert.ok(host.tcp.counters.segmentsIn > 0 && host.udp.counters.inDatagrams > 0, 'some frames get far');
  lan.world.runUntil(after(lan.now, hours(9)));
  assert.equal(host.gate?.conntrack.size, 0);
  assert.equal(host.gate?.nat?.size, 0);
  lan.world.runUntil(after(lan.now, seconds(1)));
  lan.close();
});

function assertBounds(host: Host): void {
  assert.ok((host.gate?.conntrack.size ?? 0) <= MAX_TRACKED);
  assert.ok((host.gate?.nat?.size ?? 0) <= MAX_TRACKED);
  for (const { neighbors } of host.network.interfaces) assert.ok(neighbors.length <= MAX_NEIGHBORS);
  assert.ok(host.tcp.connectionCount <= 2048, `${host.tcp.connectionCount} connections`);
  assert.ok(host.processes.length <= 512, `${host.processes.length} processes`);
}

function randomBytes(random: Random): Uint8Array {
  const data = new Uint8Array(random.below(200));
  random.fill(data);
  return data;
}

// A sample with a few bytes changed or its end cut off; for this machine as a rule, and with its sums made right half of
// the time, so that what is behind the checksums sees it too.
function mutated(random: Random): Uint8Array {
  const sample = SAMPLES[random.below(SAMPLES.length)] ?? new Uint8Array(0);
  const data = sample.slice(0, random.below(8) === 0 ? random.below(sample.length + 1) : sample.length);
  for (let n = random.below(5); n > 0 && data.length > 0; n--) {
    const at = random.below(data.length);
    data[at] = random.below(4) === 0 ? random.below(256) : (data[at] ?? 0) ^ (1 << random.below(8));
  }
  if (data.length >= 6 && random.below(16) !== 0) setLinkAddress(viewOf(data), 0, OWN_LINK);
  if (random.below(4) !== 0) resum(data);
  return data;
}

function resum(data: Uint8Array): void {
  if (data.length < 34) return;
  const view = viewOf(data);
  const start = 14 + 4 * ((data[14] ?? 0) & 15);
  if (start < 34 || start + 8 > data.length) return;
  view.setUint16(24, 0);
  view.setUint16(24, checksumOf(sumBytes(view, 14, start - 14)));
  const protocol = data[23] ?? 0;
  const place = protocol === 1 ? 2 : protocol === 17 ? 6 : 16;
  const end = Math.min(data.length, 14 + view.getUint16(16));
  if (end < start + place + 2) return;
  const length = end - start;
  const pseudo = protocol === 1 ? 0 : pseudoSumIpv4(ipv4Source(view, 14), ipv4Destination(view, 14), protocol) + length;
  view.setUint16(start + place, 0);
  view.setUint16(start + place, checksumOf(addSums(pseudo, sumBytes(view, start, length))));
}
