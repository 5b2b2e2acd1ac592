import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { after, earlier, formatInstant, type Instant, NEVER, START, seconds } from '../../core/time.ts';
import {
  BROADCAST_LINK,
  formatIpv4,
  formatLinkAddress,
  type Ipv4Address,
  type LinkAddress,
  NO_LINK_ADDRESS,
} from '../../wire/address.ts';
import { type ArpPacket, formatArp } from '../../wire/arp.ts';
import { formatArpTable, formatNeighbors, type Neighbor } from './neighbor.ts';
import { MAX_NEIGHBORS, MAX_WAITING, NeighborCache, type NeighborEvent } from './neighbor_cache.ts';
import { NetworkInterface } from './network_interface.ts';

const ip = (host: number): Ipv4Address => (0x0a000000 + host) as Ipv4Address; // 10.0.0.host
const link = (host: number): LinkAddress => (0x0200_0000_0000 + host) as LinkAddress; // 02:00:00:00:00:host
const at = (count: number): Instant => after(START, seconds(count));

const from = (host: number, operation: 'request' | 'reply', target = ip(1)): ArpPacket => {
  return { operation, senderLink: link(host), sender: ip(host), targetLink: link(1), target };
};

/** Host 1 and its cache, with everything that comes out written down as text. */
class Bench {
  readonly interface = new NetworkInterface(0, 'eth0', link(1));
  readonly cache = new NeighborCache({
    log: { journal: undefined, hostName: 'one' },
    interfaceList: this.interface,
  });
  readonly events: NeighborEvent[] = [];
  readonly log: string[] = [];

  constructor() {
    this.interface.addresses = [{ address: ip(1), prefixLength: 24 }];
  }

  get neighbors(): readonly Readonly<Neighbor>[] {
    return this.interface.neighbors;
  }

  resolve(now: Instant, host: number, slot: number): LinkAddress {
    const linkAddress = this.cache.resolve(now, this.interface, ip(host), slot)?.linkAddress ?? NO_LINK_ADDRESS;
    this.drain(now);
    return linkAddress;
  }

  input(now: Instant, packet: ArpPacket): void {
    this.cache.handleInput(now, this.interface, packet);
    this.drain(now);
  }

  /** Lets time pass, stopping at each deadline up to and including `end`. */
  runUntil(end: Instant): Instant {
    for (let now = this.deadline; now <= end; now = this.deadline) {
      this.cache.handleTimeout(now);
      assert.ok(this.deadline > now, 'a deadline moves on');
      this.drain(now);
    }
    return end;
  }

  private get deadline(): Instant {
    return earlier(this.cache.pollTimeout(), this.cache.pollBackgroundTimeout());
  }

  table(now: Instant): string {
    return `\n${formatNeighbors(this.neighbors, now, 'eth0')}`;
  }

  private drain(now: Instant): void {
    for (let packet = this.cache.pollTransmit(); packet !== undefined; packet = this.cache.pollTransmit()) {
      const to = packet.targetLink === NO_LINK_ADDRESS ? 'broadcast' : formatLinkAddress(packet.targetLink);
      this.log.push(`${formatInstant(now)} ${to}: ${formatArp(packet)}`);
    }
    for (let event = this.cache.pollEvent(); event !== undefined; event = this.cache.pollEvent()) {
      this.events.push(event);
      const subject =
        event.kind === 'Conflict'
          ? formatLinkAddress(event.linkAddress)
          : `${formatIpv4(event.address)} [${event.slots}]`;
      this.log.push(
        `${formatInstant(now)} ${event.kind} ${subject}${event.kind === 'Unresolved' ? ` ${event.cause}` : ''}`,
      );
    }
  }
}

const lines = (text: string): string[] => text.trim().split('\n');

test('asks once, holds the packets, hands them back with the answer', () => {
  const bench = new Bench();
  assert.equal(bench.resolve(at(0), 2, 70), NO_LINK_ADDRESS);
  assert.equal(bench.resolve(at(0), 2, 71), NO_LINK_ADDRESS);
  bench.input(at(0.5), from(2, 'reply'));
  assert.equal(bench.resolve(at(0.5), 2, 72), link(2));
  assert.deepEqual(bench.log, [
    '0.000000000 broadcast: ARP, Request who-has 10.0.0.2 tell 10.0.0.1, length 28',
    '0.500000000 Resolved 10.0.0.2 [70,71]',
  ]);
});

test('all pieces of the largest datagram wait for the answer; beyond the bound the oldest is given up', () => {
  const bench = new Bench();
  const pieces = Array.from({ length: 45 }, (_, slot) => slot); // 65,507 bytes over Ethernet
  for (const slot of pieces) bench.resolve(at(0), 2, slot);
  bench.input(at(0.5), from(2, 'reply'));
  assert.deepEqual(bench.events, [
    { at: bench.interface, kind: 'Resolved', address: ip(2), linkAddress: link(2), slots: pieces },
  ]);
  for (let slot = 0; slot <= MAX_WAITING; slot++) bench.resolve(at(1), 3, slot);
  assert.deepEqual(bench.events[1], {
    at: bench.interface,
    kind: 'Unresolved',
    address: ip(3),
    cause: 'QueueFull',
    slots: [0],
  });
  assert.equal(bench.neighbors[1]?.question?.waiting?.length, MAX_WAITING);
});

test('asks three times, a second apart, gives up, and forgets the failure 20 s later', () => {
  const bench = new Bench();
  bench.resolve(at(0), 9, 70);
  bench.runUntil(at(10));
  assert.equal(bench.table(at(10)), '\n? (10.0.0.9) at <incomplete> on eth0 failed 13s\n');
  assert.equal(bench.cache.pollTimeout(), NEVER, 'a failed entry does not keep the world alive');
  bench.runUntil(at(100));
  assert.equal(bench.table(at(100)), '\n');
  assert.deepEqual(
    bench.log,
    lines(`
0.000000000 broadcast: ARP, Request who-has 10.0.0.9 tell 10.0.0.1, length 28
1.000000000 broadcast: ARP, Request who-has 10.0.0.9 tell 10.0.0.1, length 28
2.000000000 broadcast: ARP, Request who-has 10.0.0.9 tell 10.0.0.1, length 28
3.000000000 Unresolved 10.0.0.9 [70] NoAnswer`),
  );
  assert.equal(bench.cache.pollBackgroundTimeout(), NEVER);
});

test('a failed entry asks anew for the next packet, once a second at most', () => {
  const bench = new Bench();
  bench.resolve(at(0), 9, 70);
  bench.runUntil(at(3));
  bench.resolve(at(3.5), 9, 71);
  bench.resolve(at(3.6), 9, 72);
  bench.input(at(3.7), from(9, 'reply'));
  assert.deepEqual(
    bench.log.slice(3),
    lines(`
3.000000000 Unresolved 10.0.0.9 [70] NoAnswer
3.500000000 broadcast: ARP, Request who-has 10.0.0.9 tell 10.0.0.1, length 28
3.700000000 Resolved 10.0.0.9 [71,72]`),
  );
});

test('ages, polls a stale neighbor at its old address, and marks one that is gone', () => {
  const bench = new Bench();
  bench.resolve(at(0), 2, 70);
  bench.input(at(0), from(2, 'reply'));
  bench.runUntil(at(40));
  assert.equal(bench.resolve(at(40), 2, 71), link(2), 'sent at once, checked meanwhile');
  bench.runUntil(at(50));
  assert.deepEqual(
    bench.log.slice(2),
    lines(`
40.000000000 02:00:00:00:00:02: ARP, Request who-has 10.0.0.2 tell 10.0.0.1, length 28
41.000000000 02:00:00:00:00:02: ARP, Request who-has 10.0.0.2 tell 10.0.0.1, length 28
42.000000000 02:00:00:00:00:02: ARP, Request who-has 10.0.0.2 tell 10.0.0.1, length 28`),
  );
  assert.equal(bench.table(at(50)), '\n? (10.0.0.2) at <incomplete> on eth0 failed 13s\n');
});

test('the table, one neighbor in each state', () => {
  const bench = new Bench();
  bench.input(at(0), from(4, 'request')); // who asks us is learnt, but not yet proven
  bench.input(at(0), from(3, 'request'));
  bench.resolve(at(0.5), 4, 70);
  bench.resolve(at(0.5), 2, 71);
  bench.input(at(0.75), from(2, 'reply'));
  bench.resolve(at(1), 9, 72);
  bench.resolve(at(1), 9, 73);
  assert.equal(
    bench.table(at(1.25)),
    `
? (10.0.0.2) at 02:00:00:00:00:02 [ether] on eth0 reachable 29.5s
? (10.0.0.3) at 02:00:00:00:00:03 [ether] on eth0 stale 58.75s
? (10.0.0.4) at 02:00:00:00:00:04 [ether] on eth0 probe 250ms, asked 1, waiting 0
? (10.0.0.9) at <incomplete> on eth0 incomplete 750ms, asked 1, waiting 2
`,
  );
  // As arp -an prints it, character for character.
  assert.equal(
    formatArpTable(bench.neighbors, 'enp0s31f6'),
    `? (10.0.0.2) at 02:00:00:00:00:02 [ether] on enp0s31f6
? (10.0.0.3) at 02:00:00:00:00:03 [ether] on enp0s31f6
? (10.0.0.4) at 02:00:00:00:00:04 [ether] on enp0s31f6
? (10.0.0.9) at <incomplete> on enp0s31f6
`,
  );
});

test('answers questions for its own address, learns only where RFC 826 says so', () => {
  const bench = new Bench();
  bench.input(at(0), from(2, 'request'));
  bench.input(at(0), from(3, 'request', ip(4))); // for someone else, from a stranger
  bench.input(at(0), from(5, 'reply')); // nobody asked
  bench.input(at(0), { ...from(7, 'request'), sender: ip(1) });
  assert.deepEqual(bench.log, [
    '0.000000000 02:00:00:00:00:02: ARP, Reply 10.0.0.1 is-at 02:00:00:00:00:01, length 28',
    '0.000000000 Conflict 02:00:00:00:00:07',
  ]);
  assert.deepEqual(
    bench.neighbors.map((neighbor) => neighbor.address),
    [ip(2)],
  );
});

test('an answer with an address that no station has does not count', () => {
  const bench = new Bench();
  bench.resolve(at(0), 2, 70);
  bench.input(at(0), { ...from(2, 'reply'), senderLink: NO_LINK_ADDRESS });
  bench.input(at(0), { ...from(2, 'reply'), senderLink: BROADCAST_LINK });
  assert.equal(bench.events.length, 0);
});

test('an attacker cannot make the table grow without bound', () => {
  const bench = new Bench();
  for (let host = 2; host < 2 + 2 * MAX_NEIGHBORS; host++) bench.input(at(host), from(host, 'request'));
  assert.equal(bench.neighbors.length, MAX_NEIGHBORS);
});

test('a flood of claims does not push out a neighbor that answers', () => {
  const bench = new Bench();
  bench.resolve(at(0), 2, 70);
  bench.input(at(0), from(2, 'reply'));
  for (let host = 3; host < 3 + 2 * MAX_NEIGHBORS; host++) bench.input(at(1), from(host, 'request'));
  assert.equal(bench.neighbors[0]?.state, 'Reachable');
});

test('only entries for which packets wait keep the world alive', () => {
  const bench = new Bench();
  bench.resolve(at(0), 2, 70);
  assert.equal(bench.cache.pollTimeout(), at(1));
  bench.input(at(0.5), from(2, 'reply'));
  assert.equal(bench.cache.pollTimeout(), NEVER);
  assert.equal(bench.cache.pollBackgroundTimeout() <= at(30.5), true);
});

test('whatever happens, each waiting slot comes back exactly once', () => {
  const host = fc.integer({ min: 2, max: 6 });
  const action = fc.oneof(
    fc.record({ kind: fc.constant('resolve' as const), host }),
    fc.record({ kind: fc.constant('input' as const), host, operation: fc.constantFrom('request', 'reply') }),
    fc.record({ kind: fc.constant('wait' as const), host }),
  );
  fc.assert(
    fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
      const bench = new Bench();
      const waiting: number[] = [];
      let now = START;
      for (const [slot, act] of actions.entries()) {
        if (act.kind === 'wait') now = bench.runUntil(after(now, seconds(act.host / 4)));
        else if (act.kind === 'input') bench.input(now, from(act.host, act.operation));
        else if (bench.resolve(now, act.host, slot) === NO_LINK_ADDRESS) waiting.push(slot);
      }
      bench.runUntil(after(now, seconds(1000)));
      const returned = bench.events.flatMap((event) => (event.kind === 'Conflict' ? [] : event.slots));
      assert.deepEqual(
        returned.sort((a, b) => a - b),
        waiting,
      );
      assert.equal(bench.neighbors.length, 0);
    }),
  );
});
