import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { LinkBench } from '../../../test/testing/link_bench.ts';
import { viewOf } from '../../core/bytes.ts';
import { DropReason } from '../../core/drop_reason.ts';
import { Journal, JournalTable } from '../../core/journal.ts';
import { Random } from '../../core/random.ts';
import { after, type Duration, formatInstant, type Instant, microseconds, START, seconds } from '../../core/time.ts';
import { BROADCAST_LINK, formatLinkAddress, type LinkAddress, NO_LINK_ADDRESS } from '../../wire/address.ts';
import {
  ETHERNET_HEADER_LENGTH,
  ETHERTYPE_IPV4,
  emitEthernet,
  ethernetDestination,
  ethernetSource,
} from '../../wire/ethernet.ts';
import { Cable } from './cable.ts';
import { formatSwitchTable, Switch, type SwitchOptions } from './switch.ts';

const host = (number: number): LinkAddress => (0x0200_0000_0000 + number) as LinkAddress;
const at = (count: number): Instant => after(START, seconds(count));

function frame(source: LinkAddress, destination: LinkAddress): Uint8Array {
  const bytes = new Uint8Array(60);
  emitEthernet(viewOf(bytes), 0, destination, source, ETHERTYPE_IPV4);
  return bytes;
}

const shortName = (address: LinkAddress): string => {
  if (address === BROADCAST_LINK) return 'all';
  return address - host(0) < 100 && address > host(0) ? `h${address - host(0)}` : formatLinkAddress(address);
};

/** Hosts 1 to `count` on ports 1 to `count` of one switch; what each hears is written down. */
class SwitchBench extends LinkBench {
  readonly bridge: Switch;
  readonly cables: Cable[] = [];
  readonly journal = new Journal();

  constructor(count = 3, options: Partial<SwitchOptions> = {}) {
    super();
    this.bridge = new Switch(this.context, { node: 100, name: 'sw', journal: this.journal, ...options });
    this.describe = (bytes) => {
      if (bytes.length < ETHERNET_HEADER_LENGTH) return 'runt';
      const view = viewOf(bytes);
      return `${shortName(ethernetSource(view, 0))} > ${shortName(ethernetDestination(view, 0))}`;
    };
    for (let i = 1; i <= count; i++) {
      const ends = [
        { device: this.listener(i), port: 0 },
        { device: this.bridge, port: i },
      ] as const;
      const cable = new Cable(this.context, ...ends, Random.fromSeed(1).fork(`cable ${i}`), { delay: microseconds(1) });
      this.bridge.attach(i, cable.backward);
      this.cables.push(cable);
    }
  }

  /** Who heard a frame that host `from` sent, as ports. */
  send(now: Instant, port: number, bytes: Uint8Array): number[] {
    const before = this.arrivals.length;
    this.cables[port - 1]?.forward.transmit(now, this.slot(bytes));
    this.runUntil(after(now, microseconds(10)));
    return this.arrivals.slice(before).map(({ node }) => node);
  }

  table(now: Instant): string {
    return `\n${formatSwitchTable(this.bridge.list(now))}`;
  }

  finish(): void {
    this.bridge.close();
    this.run();
    assert.equal(this.context.arena.slotsInUse, 0);
    assert.equal(this.context.queue.size, 0);
  }
}

test('a switch learns who is where', () => {
  const bench = new SwitchBench();
  const story: string[] = [];
  bench.journal.watch(JournalTable.Switch, ({ time, change, key, cause }) =>
    story.push(`${formatInstant(time)}   ${key} ${change}: ${cause}`),
  );
  const say = (second: number, from: number, to: LinkAddress): void => {
    const heard = bench.send(at(second), from, frame(host(from), to));
    story.push(
      `${formatInstant(at(second))} h${from} > ${shortName(to)}: heard by ${heard.map((n) => `h${n}`).join(', ')}`,
    );
  };
  say(1, 1, BROADCAST_LINK); // who has h2?
  say(2, 2, host(1)); // it is me
  say(3, 1, host(2));
  say(4, 3, host(9)); // nobody knows h9
  assert.equal(
    bench.table(at(5)),
    `
Address            Port  Age
02:00:00:00:00:01     1  1.999999s
02:00:00:00:00:02     2  2.999999s
02:00:00:00:00:03     3  999.999ms
`,
  );
  bench.runUntil(at(600));
  say(600, 3, host(1)); // all is forgotten
  assert.equal(
    `\n${story.join('\n')}\n`,
    `
1.000001000   02:00:00:00:00:01 added: heard on port 1
1.000000000 h1 > all: heard by h2, h3
2.000001000   02:00:00:00:00:02 added: heard on port 2
2.000000000 h2 > h1: heard by h1
3.000000000 h1 > h2: heard by h2
4.000001000   02:00:00:00:00:03 added: heard on port 3
4.000000000 h3 > h9: heard by h1, h2
302.000001000   02:00:00:00:00:02 removed: silent for 5m
303.000001000   02:00:00:00:00:01 removed: silent for 5m
304.000001000   02:00:00:00:00:03 removed: silent for 5m
600.000001000   02:00:00:00:00:03 added: heard on port 3
600.000000000 h3 > h1: heard by h1, h2
`,
  );
  bench.finish();
});

test('a station that moves is found at its new port at once', () => {
  const bench = new SwitchBench();
  bench.send(at(1), 1, frame(host(1), BROADCAST_LINK));
  bench.send(at(2), 3, frame(host(1), BROADCAST_LINK));
  assert.deepEqual(bench.send(at(3), 2, frame(host(2), host(1))), [3]);
  assert.deepEqual(
    bench.bridge.list(at(3)).map(({ port }) => port),
    [3, 2],
  );
  bench.finish();
});

test('a frame never goes back to the port it came from', () => {
  const bench = new SwitchBench();
  bench.send(at(1), 1, frame(host(1), BROADCAST_LINK));
  bench.send(at(1), 1, frame(host(4), BROADCAST_LINK)); // behind the same port, as behind another switch
  assert.deepEqual(bench.send(at(2), 1, frame(host(1), host(4))), []);
  assert.equal(bench.bridge.counters.filtered, 1);
  bench.finish();
});

test('group addresses and zero are never learnt, group destinations are flooded', () => {
  const bench = new SwitchBench();
  const group = 0x0100_5e00_0001 as LinkAddress;
  for (const source of [group, BROADCAST_LINK, NO_LINK_ADDRESS]) {
    assert.deepEqual(bench.send(at(1), 1, frame(source, host(2))), [2, 3]);
  }
  assert.deepEqual(bench.send(at(2), 1, frame(host(1), group)), [2, 3]);
  assert.deepEqual(
    bench.bridge.list(at(2)).map(({ address }) => address),
    [host(1)],
  );
  bench.finish();
});

test('addresses that are reserved for bridges are not forwarded', () => {
  const bench = new SwitchBench();
  for (const [last, heard] of [
    [0x00, []],
    [0x0f, []],
    [0x10, [2, 3]],
  ] as const) {
    const destination = (0x0180_c200_0000 + last) as LinkAddress;
    assert.deepEqual(bench.send(at(1), 1, frame(host(1), destination)), heard);
  }
  bench.finish();
});

test('damaged frames and runts are dropped and counted; nothing is learnt from them', () => {
  const bench = new SwitchBench();
  bench.cables[0]?.impair({ corrupt: 1 });
  assert.deepEqual(bench.send(at(1), 1, frame(host(1), host(2))), []);
  assert.deepEqual(bench.send(at(1), 2, new Uint8Array(13)), []);
  assert.deepEqual([bench.bridge.counters.damaged, bench.bridge.counters.filtered], [1, 1]);
  assert.deepEqual(bench.bridge.list(at(1)), []);
  bench.finish();
});

test('once the table is full, newcomers are not learnt and frames to them are heard by all: MAC flooding', () => {
  const bench = new SwitchBench(3, { maxEntries: 50 });
  bench.send(at(0), 1, frame(host(1), BROADCAST_LINK));
  for (let i = 0; i < 1000; i++) bench.send(at(1), 2, frame((host(0x1000) + i) as LinkAddress, BROADCAST_LINK));
  bench.send(at(2), 3, frame(host(3), BROADCAST_LINK));
  assert.equal(bench.bridge.list(at(2)).length, 50);
  assert.equal(bench.bridge.counters.tableFull, 1000 - 49 + 1);
  assert.deepEqual(bench.send(at(3), 1, frame(host(1), host(3))), [2, 3], 'the attacker on port 2 listens');
  assert.deepEqual(bench.send(at(3), 3, frame(host(3), host(1))), [1], 'who was known still is');
  bench.finish();
});

test('a port that changes takes its addresses with it', () => {
  const bench = new SwitchBench();
  for (const port of [1, 2, 3]) bench.send(at(1), port, frame(host(port), BROADCAST_LINK));
  bench.bridge.forgetPort(at(2), 2);
  assert.deepEqual(bench.send(at(3), 1, frame(host(1), host(2))), [2, 3]);
  bench.finish();
});

test('an inspector may drop a frame before anything is learnt from it', () => {
  const bench = new SwitchBench();
  const seen: number[] = [];
  bench.bridge.inspect = (_now, port, slot) => {
    const { arena } = bench.context;
    seen.push(port);
    return ethernetSource(arena.view, arena.start(slot)) === host(1) && port !== 1 ? DropReason.FirewallDenied : 0;
  };
  assert.deepEqual(bench.send(at(1), 1, frame(host(1), BROADCAST_LINK)), [2, 3]);
  assert.deepEqual(bench.send(at(2), 3, frame(host(1), BROADCAST_LINK)), []);
  assert.deepEqual(seen, [1, 3]);
  assert.equal(bench.bridge.counters.inspectionDrops, 1);
  assert.equal(bench.bridge.list(at(2))[0]?.port, 1);
  bench.finish();
});

test('ageing does not keep a world alive', () => {
  const bench = new SwitchBench();
  bench.send(at(1), 1, frame(host(1), BROADCAST_LINK));
  assert.deepEqual([bench.context.queue.foregroundCount, bench.context.queue.size], [0, 1]);
  bench.finish();
});

test('a port is taken once', () => {
  const bench = new SwitchBench();
  const transmitter = bench.cables[0]?.backward;
  assert.ok(transmitter !== undefined);
  assert.throws(() => bench.bridge.attach(1, transmitter), RangeError);
  assert.throws(() => bench.bridge.attach(-1, transmitter), RangeError);
  bench.bridge.attach(0, transmitter);
  assert.equal(bench.bridge.portCount, 4);
});

test('any traffic: a frame reaches its station or all but the sender, the table is true, and no slot leaks', () => {
  const step = fc.record({
    port: fc.integer({ min: 1, max: 4 }),
    source: fc.integer({ min: 1, max: 6 }),
    destination: fc.integer({ min: 1, max: 7 }),
    wait: fc.constantFrom(0, 1, 200),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60, size: 'max' }), (steps) => {
      const bench = new SwitchBench(4, { ageing: seconds(300) as Duration, maxEntries: 4 });
      // The definition, written plainly: where and when each station was last heard.
      const model = new Map<number, { port: number; heard: number }>();
      let now = 0;
      for (const { port, source, destination, wait } of steps) {
        now += wait + 1;
        bench.runUntil(at(now));
        for (const [station, { heard }] of model) if (now - heard >= 300) model.delete(station);
        if (model.has(source) || model.size < 4) model.set(source, { port, heard: now });
        const target = destination === 7 ? undefined : model.get(destination)?.port;
        const others = [1, 2, 3, 4].filter((other) => other !== port && (target ?? other) === other);
        const to = destination === 7 ? BROADCAST_LINK : host(destination);
        assert.deepEqual(bench.send(at(now), port, frame(host(source), to)), others);
        const table = [...model].map(([station, { port }]) => [host(station), port] as const);
        assert.deepEqual(
          bench.bridge.list(at(now)).map(({ address, port }) => [address, port]),
          table.sort((a, b) => a[0] - b[0]),
        );
      }
      bench.finish();
    }),
  );
});
