import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { EventKind, EventQueue, EventSource, eventRank, shuffledRank } from './event_queue.ts';
import { after, type Instant, NEVER, nanoseconds, START } from './time.ts';

class Source extends EventSource {
  override readonly rank: number;
  private readonly waitsInBackground: boolean;

  constructor(rank: number, isBackground = false) {
    super();
    this.rank = rank;
    this.waitsInBackground = isBackground;
  }

  override get isBackground(): boolean {
    return this.waitsInBackground;
  }

  override fire(): void {}
}

const at = (time: number): Instant => after(START, nanoseconds(time));
const ranks = (sources: readonly EventSource[]): number[] => sources.map((source) => source.rank);

/** Takes out everything, in its order. */
function drain(queue: EventQueue): EventSource[] {
  const order: EventSource[] = [];
  for (let next = queue.peek(); next !== undefined; next = queue.peek()) {
    order.push(next);
    queue.schedule(next, NEVER);
  }
  return order;
}

function filled(times: readonly number[], shuffleSeed?: number): EventQueue {
  const queue = new EventQueue(shuffleSeed);
  for (const [rank, time] of times.entries()) queue.schedule(new Source(rank), at(time));
  return queue;
}

test('of equal times, the lower node comes first, then the lower port, then frames before timers', () => {
  const queue = new EventQueue();
  const inOrder = [
    eventRank(0, 0, EventKind.Frame),
    eventRank(0, 0, EventKind.Timer),
    eventRank(0, 0, EventKind.BackgroundTimer),
    eventRank(0, 1, EventKind.Frame),
    eventRank(0, 65_535, EventKind.Timer),
    eventRank(1, 0, EventKind.Frame),
    eventRank(2 ** 26, 0, EventKind.Frame),
  ];
  for (const rank of inOrder.toReversed()) queue.schedule(new Source(rank), at(5));
  queue.schedule(new Source(eventRank(9, 9, EventKind.Timer)), at(4));
  assert.deepEqual(ranks(drain(queue)), [eventRank(9, 9, EventKind.Timer), ...inOrder]);
});

test('behaves as a list that is sorted by time and rank before every look', () => {
  const count = 12;
  const step = fc.record({
    source: fc.nat(count - 1),
    time: fc.oneof({ weight: 4, arbitrary: fc.nat(6).map(at) }, { weight: 1, arbitrary: fc.constant(NEVER) }),
    isTop: fc.boolean(),
    isLooked: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), fc.option(fc.nat(), { nil: undefined }), (steps, shuffleSeed) => {
      const queue = new EventQueue(shuffleSeed);
      const sources = Array.from({ length: count }, (_, rank) => new Source(rank, rank % 3 === 0));
      for (const { source, time, isTop, isLooked } of steps) {
        const chosen = (isTop ? sources.find((one) => one.place === 0) : undefined) ?? sources[source];
        assert.ok(chosen !== undefined);
        queue.schedule(chosen, time);
        const due = (one: Source): Instant => queue.timeOf(one);
        const tie = (one: Source): number =>
          shuffleSeed === undefined ? 0 : shuffledRank(one.rank, due(one), shuffleSeed);
        const queued = sources
          .filter((one) => due(one) !== NEVER)
          .sort((a, b) => due(a) - due(b) || tie(a) - tie(b) || a.rank - b.rank);
        assert.equal(due(chosen), time);
        assert.equal(queue.size, queued.length);
        assert.equal(queue.foregroundCount, queued.filter((one) => !one.isBackground).length);
        if (!isLooked) continue;
        assert.equal(queue.nextTime, queued[0] === undefined ? NEVER : due(queued[0]));
        assert.equal(queue.peek(), queued[0]);
      }
      const expected = sources.filter((one) => queue.timeOf(one) !== NEVER).length;
      const order = drain(queue);
      assert.equal(new Set(order).size, expected);
      assert.deepEqual([queue.size, queue.foregroundCount], [0, 0]);
    }),
  );
});

test('the order is a function of what is queued, not of the history', () => {
  const times = fc.array(fc.nat(4), { maxLength: 30 });
  fc.assert(
    fc.property(
      times,
      fc.infiniteStream(fc.nat(9)),
      fc.option(fc.nat(), { nil: undefined }),
      (wanted, detours, seed) => {
        const straight = filled(wanted, seed);
        const roundabout = new EventQueue(seed);
        const sources = wanted.map((_, rank) => new Source(rank)).reverse();
        for (const source of sources) roundabout.schedule(source, at(detours.next().value ?? 0));
        for (const source of sources) roundabout.schedule(source, at(wanted[source.rank] ?? 0));
        assert.deepEqual(ranks(drain(roundabout)), ranks(drain(straight)));
      },
    ),
  );
});

test('a seed shuffles equal times, and equal times only', () => {
  const times = Array.from({ length: 40 }, (_, i) => i % 2);
  const plain = ranks(drain(filled(times)));
  const one = ranks(drain(filled(times, 1)));
  const two = ranks(drain(filled(times, 2)));
  assert.notDeepEqual(one, plain);
  assert.notDeepEqual(one, two);
  assert.deepEqual(one, ranks(drain(filled(times, 1))));
  assert.ok(one.slice(0, 20).every((rank) => rank % 2 === 0));
  assert.deepEqual(one.toSorted(), plain.toSorted());
});

test('two sources that meet again and again do not always come in the same shuffled order', () => {
  const firsts = Array.from({ length: 64 }, (_, time) => filled([time, time], 7).peek()?.rank);
  const count = firsts.filter((rank) => rank === 0).length;
  assert.ok(count > 8 && count < 56, `${count} of 64`);
});

test('a source that is taken out may be queued anew', () => {
  const queue = new EventQueue();
  const source = new Source(1);
  queue.schedule(source, NEVER);
  assert.equal(queue.size, 0);
  queue.schedule(source, at(1));
  queue.schedule(source, NEVER);
  queue.schedule(source, at(1));
  assert.deepEqual([queue.size, queue.peek()], [1, source]);
});
