import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { LinkBench, namedFrame, nameOf } from '../../../test/testing/link_bench.ts';
import { Random } from '../../core/random.ts';
import { after, type Instant, microseconds, milliseconds, START } from '../../core/time.ts';
import type { ChannelOptions } from './channel.ts';
import { type ImpairmentOptions, Impairments } from './impairments.ts';
import { type MediumStation, SharedMedium } from './shared_medium.ts';

const MEGABIT = 1e6;

class MediumBench extends LinkBench {
  readonly medium: SharedMedium;
  readonly stations = new Map<number, MediumStation>();

  /** Stations 1 to 3, attached in another order. */
  constructor(options: Partial<ChannelOptions> = {}, impairments?: Partial<ImpairmentOptions>) {
    super();
    this.medium = new SharedMedium(this.context, 50, options);
    this.medium.tap = this.tap;
    if (impairments !== undefined) this.medium.impairments = new Impairments(impairments, Random.fromSeed(1));
    for (const node of [3, 1, 2]) this.stations.set(node, this.medium.attach(this.listener(node), 0));
  }

  send(now: number, node: number, name: string, length = 60): void {
    this.station(node).transmit(now as Instant, this.slot(namedFrame(name, length)));
  }

  station(node: number): MediumStation {
    const station = this.stations.get(node);
    assert.ok(station !== undefined);
    return station;
  }

  finish(): void {
    this.run();
    assert.equal(this.context.arena.slotsInUse, 0, 'slots leaked');
    assert.equal(this.context.queue.size, 0, 'deadlines leaked');
  }
}

test('everyone but the sender hears each frame, in the order of nodes', () => {
  const bench = new MediumBench({ delay: microseconds(1) });
  bench.send(0, 2, 'a');
  bench.finish();
  assert.deepEqual(bench.log, ['0.000001000 1.0 a', '0.000001000 3.0 a']);
});

test('one transmission at a time; who waits is served in turn', () => {
  const bench = new MediumBench({ rate: MEGABIT });
  for (const name of ['a1', 'a2', 'a3']) bench.send(0, 1, name);
  for (const name of ['c1', 'c2']) bench.send(0, 3, name);
  bench.send(100_000, 2, 'b1');
  bench.finish();
  assert.deepEqual(bench.tapped, [
    '0.000000000 a1 sent',
    '0.000672000 b1 sent',
    '0.001344000 c1 sent',
    '0.002016000 a2 sent',
    '0.002688000 c2 sent',
    '0.003360000 a3 sent',
  ]);
  assert.deepEqual(bench.log.slice(0, 2), ['0.000672000 2.0 a1', '0.000672000 3.0 a1']);
});

test('without a rate nothing waits', () => {
  const bench = new MediumBench();
  bench.send(7, 1, 'a');
  bench.send(7, 2, 'b');
  bench.finish();
  assert.deepEqual(bench.log, ['0.000000007 2.0 a', '0.000000007 3.0 a', '0.000000007 1.0 b', '0.000000007 3.0 b']);
});

test('each station has a queue of its own, with a bound', () => {
  const bench = new MediumBench({ rate: MEGABIT, queueBytes: 120 });
  for (const name of ['a', 'b', 'c', 'd']) bench.send(0, 1, name); // `a` is under way, not in the queue
  bench.send(0, 2, 'e');
  bench.finish();
  assert.deepEqual(
    bench.tapped.map((line) => line.slice(12)),
    ['a sent', 'd QueueFull', 'e sent', 'b sent', 'c sent'],
  );
  assert.equal(bench.medium.counters.queueDrops, 1);
});

test('what is lost is lost for all; what is damaged is flagged for all', () => {
  const lossy = new MediumBench({}, { loss: 0.5 });
  for (let i = 0; i < 100; i++) lossy.send(i, 1, `f${i}`);
  lossy.finish();
  const heardBy = (node: number): string[] =>
    lossy.arrivals.filter((arrival) => arrival.node === node).map(({ frame }) => nameOf(frame));
  assert.deepEqual(heardBy(2), heardBy(3));
  assert.equal(heardBy(2).length, 100 - lossy.medium.counters.lost);
  const noisy = new MediumBench({}, { corrupt: 1 });
  noisy.send(0, 1, 'a');
  noisy.finish();
  assert.deepEqual(
    noisy.arrivals.map(({ isIntact }) => isIntact),
    [false, false],
  );
});

test('a reordered frame is overtaken by the next one of its own station', () => {
  const bench = new MediumBench({}, { reorder: 1, reorderDelay: milliseconds(3) });
  bench.send(0, 1, 'a');
  bench.medium.impairments?.change({ reorder: 0 });
  bench.send(1000, 1, 'b');
  bench.finish();
  assert.deepEqual(
    bench.log.filter((line) => line.includes(' 2.0 ')),
    ['0.000001000 2.0 b', '0.003000000 2.0 a'],
  );
});

test('a station out of range neither hears nor is heard; what it had waiting is lost', () => {
  const bench = new MediumBench({ rate: MEGABIT });
  bench.send(0, 1, 'a');
  bench.send(0, 1, 'b');
  bench.station(1).down(1000 as Instant);
  bench.send(2000, 1, 'c');
  bench.send(2000, 2, 'd');
  bench.runUntil(5e6 as Instant);
  assert.deepEqual(bench.log, ['0.001344000 3.0 d']);
  assert.equal(bench.medium.counters.downDrops, 3);
  bench.station(1).up();
  bench.send(5e6, 2, 'e');
  bench.finish();
  assert.deepEqual(bench.log.slice(1), ['0.005672000 1.0 e', '0.005672000 3.0 e']);
});

test('a medium that goes down loses everything, and comes up idle', () => {
  const bench = new MediumBench({ rate: MEGABIT, delay: milliseconds(1) });
  for (const node of [1, 2, 3]) bench.send(0, node, `n${node}`);
  bench.medium.down(1_000_000 as Instant);
  assert.equal(bench.context.arena.slotsInUse, 0);
  bench.send(1_100_000, 1, 'x');
  bench.medium.up();
  bench.send(1_200_000, 1, 'y');
  bench.finish();
  assert.deepEqual(bench.log, ['0.002872000 2.0 y', '0.002872000 3.0 y']);
});

test('rules hold frames back, drop and replace them', () => {
  const bench = new MediumBench();
  bench.medium.rules = [
    {
      judge: (_now, frame) => {
        if (nameOf(frame) === 'a') return { delay: milliseconds(5) };
        if (nameOf(frame) === 'b') return 'drop';
        return nameOf(frame) === 'c' ? { replace: [namedFrame('x')] } : 'pass';
      },
    },
  ];
  for (const name of ['a', 'b', 'c', 'd']) bench.send(0, 1, name);
  bench.finish();
  assert.deepEqual(
    bench.log.filter((line) => line.includes(' 2.0 ')),
    ['0.000000000 2.0 x', '0.000000000 2.0 d', '0.005000000 2.0 a'],
  );
});

test('a change of rate or delay concerns the frames that come after it', () => {
  const bench = new MediumBench({ delay: milliseconds(5) });
  bench.send(0, 1, 'a');
  bench.medium.setDelay(milliseconds(1));
  bench.medium.setRate(MEGABIT);
  bench.send(0, 1, 'b');
  bench.finish();
  assert.deepEqual(
    bench.log.filter((line) => line.includes(' 2.0 ')),
    ['0.001672000 2.0 b', '0.005000000 2.0 a'],
  );
  assert.throws(() => bench.medium.setRate(0), RangeError);
  assert.throws(() => new MediumBench({ rate: Number.NaN }), RangeError);
});

test('the same port of the same device cannot be attached twice', () => {
  const bench = new MediumBench();
  const { device } = bench.station(1);
  assert.throws(() => bench.medium.attach(device, 0), RangeError);
  bench.medium.attach(device, 1);
});

test('whatever happens, each transmission is heard by all others or counted, and no slot leaks', () => {
  const action = fc.record({
    kind: fc.constantFrom('send', 'send', 'send', 'wait', 'down', 'up'),
    node: fc.integer({ min: 1, max: 3 }),
    amount: fc.integer({ min: 1, max: 1500 }),
  });
  const impairments = fc.record({
    loss: fc.constantFrom(0, 0.3),
    duplicate: fc.constantFrom(0, 0.5),
    reorder: fc.constantFrom(0, 0.5),
    reorderDelay: fc.constant(milliseconds(3)),
    corrupt: fc.constantFrom(0, 0.3),
  });
  const rate = fc.constantFrom(1e6, 1e8, Number.POSITIVE_INFINITY);
  fc.assert(
    fc.property(fc.array(action, { maxLength: 80, size: 'max' }), impairments, rate, (actions, impairments, rate) => {
      const bench = new MediumBench({ rate, delay: microseconds(100), queueBytes: 3000 }, impairments);
      const { medium } = bench;
      let now = START;
      let sent = 0;
      for (const { kind, node, amount } of actions) {
        if (kind === 'wait') now = bench.runUntil(after(now, microseconds(amount)));
        else if (kind === 'down') medium.down(now);
        else if (kind === 'up') medium.up();
        else {
          bench.send(now, node, 'f', amount);
          sent++;
        }
      }
      bench.finish();
      const { queueDrops, downDrops, lost } = medium.counters;
      const duplicated = medium.impairments?.hits.duplicated ?? 0;
      assert.equal(bench.arrivals.length / 2 + queueDrops + downDrops + lost, sent + duplicated);
    }),
  );
});
