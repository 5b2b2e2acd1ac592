import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { LinkBench, namedFrame, nameOf } from '../../../test/testing/link_bench.ts';
import { Random } from '../../core/random.ts';
import { after, type Duration, type Instant, microseconds, milliseconds, START } from '../../core/time.ts';
import { frameCheckSequence } from '../../wire/ethernet.ts';
import { Channel, type ChannelOptions, PERFECT_CHANNEL, transmissionTime } from './channel.ts';
import type { FrameRule, Verdict } from './device.ts';
import { type ImpairmentOptions, Impairments } from './impairments.ts';

const MEGABIT = 1e6;

class ChannelBench extends LinkBench {
  readonly channel: Channel;

  constructor(options: Partial<ChannelOptions> = {}, impairments?: Partial<ImpairmentOptions>) {
    super();
    this.channel = new Channel(this.context, this.listener(7), 2, { ...PERFECT_CHANNEL, ...options });
    this.channel.tap = this.tap;
    if (impairments !== undefined) this.channel.impairments = new Impairments(impairments, Random.fromSeed(1));
  }

  send(now: number, name: string, length = 60): void {
    this.channel.transmit(now as Instant, this.slot(namedFrame(name, length)));
  }

  /** What arrived, by name. */
  get heard(): string {
    return this.arrivals.map(({ frame }) => nameOf(frame)).join(' ');
  }

  /** All is over, and nothing leaked. */
  finish(): void {
    this.run();
    assert.equal(this.context.arena.slotsInUse, 0, 'slots leaked');
    assert.equal(this.context.queue.size, 0, 'deadlines leaked');
  }
}

const rule = (verdicts: Record<string, Verdict>): FrameRule => ({
  judge: (_now, frame) => verdicts[nameOf(frame)] ?? 'pass',
});

test('transmission takes the frame and its overhead, rounded up to the nanosecond', () => {
  assert.equal(transmissionTime(1514, 1e9), (1514 + 24) * 8);
  assert.equal(transmissionTime(1514, 10e9), 1231); // 1,230.4
  assert.equal(transmissionTime(60, MEGABIT), 84 * 8000);
  assert.equal(transmissionTime(1, MEGABIT), transmissionTime(60, MEGABIT), 'short frames are padded');
  assert.equal(transmissionTime(61, 3), Math.ceil((85 * 8e9) / 3));
});

test('without a rate and a delay a frame arrives at once', () => {
  const bench = new ChannelBench();
  bench.send(5, 'a');
  bench.send(5, 'b');
  bench.finish();
  assert.deepEqual(bench.log, ['0.000000005 7.2 a', '0.000000005 7.2 b']);
});

test('frames wait for the transmitter, and the tap sees each when its transmission starts', () => {
  const bench = new ChannelBench({ rate: MEGABIT, delay: milliseconds(10) });
  bench.send(0, 'a');
  bench.send(0, 'b', 1514);
  bench.send(1000, 'c');
  bench.finish();
  assert.deepEqual(bench.tapped, ['0.000000000 a sent', '0.000672000 b sent', '0.012976000 c sent']);
  assert.deepEqual(bench.log, ['0.010672000 7.2 a', '0.022976000 7.2 b', '0.023648000 7.2 c']);
  assert.deepEqual([bench.channel.counters.frames, bench.channel.counters.bytes], [3, 60 + 1514 + 60]);
});

test('a full queue drops what comes, and counts it', () => {
  const bench = new ChannelBench({ rate: MEGABIT, queueBytes: 2 * 84 });
  for (const name of ['a', 'b', 'c', 'd']) bench.send(0, name);
  assert.equal(bench.channel.backlog(START), 168);
  assert.equal(bench.channel.counters.queueDrops, 2);
  bench.runUntil(milliseconds(0.672) as number as Instant);
  bench.send(672_000, 'e');
  bench.finish();
  assert.equal(bench.heard, 'a b e');
  assert.deepEqual(bench.tapped.slice(2, 4), ['0.000000000 c QueueFull', '0.000000000 d QueueFull']);
});

test('an idle transmitter takes a frame of any length, whatever the queue', () => {
  const bench = new ChannelBench({ rate: MEGABIT, queueBytes: 0 });
  bench.send(0, 'a', 1514);
  bench.send(0, 'b');
  bench.finish();
  assert.equal(bench.heard, 'a');
});

test('a frame longer than the link takes is dropped', () => {
  const bench = new ChannelBench({ maxFrame: 1514 });
  bench.send(0, 'a', 1514);
  bench.send(0, 'b', 1515);
  bench.finish();
  assert.equal(bench.heard, 'a');
  assert.equal(bench.channel.counters.oversizeDrops, 1);
});

test('a link that is down drops; one that is cut loses what is under way, and comes up idle', () => {
  const bench = new ChannelBench({ rate: MEGABIT, delay: milliseconds(1) });
  for (const name of ['a', 'b', 'c']) bench.send(0, name);
  bench.runUntil(1_672_000 as Instant);
  bench.channel.cut(1_700_000 as Instant);
  bench.send(1_800_000, 'd');
  assert.equal(bench.context.arena.slotsInUse, 0);
  bench.channel.isUp = true;
  bench.send(2_000_000, 'e');
  bench.finish();
  assert.deepEqual(bench.log, ['0.001672000 7.2 a', '0.003672000 7.2 e']);
  assert.equal(bench.channel.counters.downDrops, 3);
  assert.deepEqual(bench.tapped.slice(3, 6), [
    '0.001700000 b LinkDown',
    '0.001700000 c LinkDown',
    '0.001800000 d LinkDown',
  ]);
});

test('a change of rate or delay concerns the frames that come after it', () => {
  const bench = new ChannelBench({ delay: milliseconds(5) });
  bench.send(0, 'a');
  bench.channel.setDelay(milliseconds(1));
  bench.send(0, 'b');
  bench.channel.setRate(MEGABIT);
  bench.send(0, 'c');
  bench.finish();
  assert.deepEqual(bench.log, ['0.001000000 7.2 b', '0.001672000 7.2 c', '0.005000000 7.2 a']);
});

test('rules pass, drop, delay and replace; the first that does not pass decides', () => {
  const bench = new ChannelBench({ delay: milliseconds(1) });
  bench.channel.rules = [
    rule({ b: 'drop', c: { delay: milliseconds(3) }, d: { replace: [namedFrame('x'), namedFrame('y')] } }),
    rule({ b: { delay: milliseconds(9) }, c: 'drop', e: { replace: [] }, x: 'drop' }),
  ];
  for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) bench.send(0, name);
  bench.finish();
  assert.deepEqual(bench.log, [
    '0.001000000 7.2 a',
    '0.001000000 7.2 x',
    '0.001000000 7.2 y',
    '0.001000000 7.2 f',
    '0.004000000 7.2 c',
  ]);
  assert.equal(bench.channel.counters.ruleDrops, 1);
});

test('a held back frame takes its turn at the transmitter and meets the impairments like any other', () => {
  const bench = new ChannelBench({ rate: MEGABIT }, { duplicate: 1 });
  bench.channel.rules = [rule({ a: { delay: milliseconds(3) } })];
  bench.send(0, 'a');
  bench.send(0, 'b');
  bench.finish();
  assert.deepEqual(bench.tapped, ['0.000000000 a duplicated', '0.000672000 b duplicated']);
  assert.equal(bench.heard, 'b b a a');
});

test('what is lost arrives nowhere, and the tap says so', () => {
  const bench = new ChannelBench({}, { loss: 1 });
  bench.send(0, 'a');
  bench.finish();
  assert.deepEqual([bench.heard, bench.tapped, bench.channel.counters.lost], ['', ['0.000000000 a lost'], 1]);
});

test('a duplicate is an arrival of its own', () => {
  const bench = new ChannelBench({ delay: microseconds(1) }, { duplicate: 1 });
  bench.send(0, 'a');
  bench.finish();
  assert.deepEqual(bench.log, ['0.000001000 7.2 a', '0.000001001 7.2 a']);
});

for (const corruptKind of ['wire', 'beyond-fcs'] as const) {
  test(`damage (${corruptKind}) changes the bytes, so that the check sequence differs`, () => {
    const bench = new ChannelBench({}, { corrupt: 1, corruptKind });
    const sent = namedFrame('a');
    for (let i = 0; i < 100; i++) bench.send(i, 'a');
    bench.finish();
    for (const { frame, isIntact } of bench.arrivals) {
      assert.notEqual(frameCheckSequence(frame, 0, 60), frameCheckSequence(sent, 0, 60));
      assert.equal(isIntact, corruptKind === 'beyond-fcs', 'who computes a new sequence hides the damage');
    }
    assert.equal(bench.arrivals.length, 100);
    assert.equal(bench.tapped[0], `0.000000000 a ${corruptKind === 'wire' ? 'damaged' : 'damaged-beyond-fcs'}`);
  });
}

test('damage concerns one receiver alone, not those who share the frame', () => {
  const bench = new ChannelBench({}, { corrupt: 1 });
  const slot = bench.slot(namedFrame('a'));
  bench.context.arena.retain(slot);
  bench.channel.transmit(START, slot);
  bench.run();
  assert.deepEqual(bench.context.arena.copyOut(slot), namedFrame('a'));
  bench.context.arena.release(slot);
  bench.finish();
});

test('options that cannot be are refused', () => {
  for (const options of [{ rate: 0 }, { rate: Number.NaN }, { delay: -1 }, { delay: Infinity }, { queueBytes: -1 }]) {
    assert.throws(() => new ChannelBench(options as Partial<ChannelOptions>), RangeError);
  }
});

const impairmentOptions = fc.record({
  jitter: fc.constantFrom(0, 5e6 as number) as fc.Arbitrary<Duration>,
  loss: fc.constantFrom(0, 0.3),
  duplicate: fc.constantFrom(0, 0.5),
  reorder: fc.constantFrom(0, 0.5),
  reorderDelay: fc.constant(milliseconds(2)),
  corrupt: fc.constantFrom(0, 0.3),
  corruptKind: fc.constantFrom('wire' as const, 'beyond-fcs' as const),
});

test('whatever happens, each frame arrives, or is counted as lost or dropped, and no slot leaks', () => {
  const action = fc.oneof(
    {
      weight: 10,
      arbitrary: fc.record({ kind: fc.constant('send' as const), length: fc.integer({ min: 1, max: 1514 }) }),
    },
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('wait' as const), length: fc.nat(4000) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('cut' as const, 'up' as const), length: fc.nat() }) },
  );
  const rate = fc.constantFrom(1e6, 1e9, Number.POSITIVE_INFINITY);
  fc.assert(
    fc.property(
      fc.array(action, { maxLength: 100, size: 'max' }),
      impairmentOptions,
      rate,
      (actions, impairments, rate) => {
        const bench = new ChannelBench({ rate, delay: milliseconds(1), queueBytes: 5000 }, impairments);
        const { channel } = bench;
        let now = START;
        let sent = 0;
        for (const { kind, length } of actions) {
          if (kind === 'cut') channel.cut(now);
          else if (kind === 'up') channel.isUp = true;
          else if (kind === 'wait') now = bench.runUntil(after(now, microseconds(length)));
          else bench.send(now, `${sent++ % 10}`, length);
        }
        bench.finish();
        const { frames, queueDrops, downDrops, lost } = channel.counters;
        const duplicated = channel.impairments?.hits.duplicated ?? 0;
        assert.equal(bench.arrivals.length + queueDrops + downDrops + lost, sent + duplicated);
        assert.ok(frames <= sent);
        const times = bench.arrivals.map(({ time }) => time);
        assert.deepEqual(
          times,
          times.toSorted((a, b) => a - b),
        );
      },
    ),
  );
});
