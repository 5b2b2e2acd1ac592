import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LinkBench, namedFrame } from '../../../test/testing/link_bench.ts';
import { Random } from '../../core/random.ts';
import { type Instant, milliseconds, START } from '../../core/time.ts';
import { Cable, type CableOptions } from './cable.ts';

class CableBench extends LinkBench {
  readonly cable: Cable;

  constructor(options?: CableOptions, backward?: CableOptions) {
    super();
    const a = { device: this.listener(1), port: 0 };
    const b = { device: this.listener(2), port: 3 };
    this.cable = new Cable(this.context, a, b, Random.fromSeed(1).fork('cable'), options, backward);
    this.cable.setTap(this.tap);
  }

  exchange(now: number, names: readonly [string, string] = ['there', 'back']): void {
    this.cable.forward.transmit(now as Instant, this.slot(namedFrame(names[0])));
    this.cable.backward.transmit(now as Instant, this.slot(namedFrame(names[1])));
  }

  finish(): void {
    this.run();
    assert.equal(this.context.arena.slotsInUse, 0);
  }
}

test('a cable about which nothing is said is perfect', () => {
  const bench = new CableBench();
  bench.exchange(0);
  bench.finish();
  assert.deepEqual(bench.log, ['0.000000000 1.0 back', '0.000000000 2.3 there']);
});

test('options hold for both directions', () => {
  const bench = new CableBench({ delay: milliseconds(10), impairments: { duplicate: 1 } });
  bench.exchange(0);
  bench.finish();
  assert.deepEqual(bench.log, [
    '0.010000000 1.0 back',
    '0.010000000 2.3 there',
    '0.010000001 1.0 back',
    '0.010000001 2.3 there',
  ]);
  assert.deepEqual(bench.tapped, ['0.000000000 there duplicated', '0.000000000 back duplicated']);
});

test('each direction may have its own, as a line with a slow uplink', () => {
  const bench = new CableBench({ rate: 1e6 }, { rate: 16e6, impairments: {} });
  bench.exchange(0);
  bench.finish();
  assert.deepEqual(bench.log, ['0.000042000 1.0 back', '0.000672000 2.3 there']);
});

test('plugged out it loses what is under way, plugged in it works again', () => {
  const bench = new CableBench({ delay: milliseconds(10) });
  bench.exchange(0);
  bench.cable.down(1e6 as Instant);
  bench.exchange(2e6);
  assert.equal(bench.cable.isUp, false);
  bench.cable.up();
  bench.exchange(3e6);
  bench.finish();
  assert.deepEqual(bench.log, ['0.013000000 1.0 back', '0.013000000 2.3 there']);
  assert.equal(bench.cable.forward.counters.downDrops, 2);
});

test('faults start and stop, in one direction or in both', () => {
  const bench = new CableBench();
  bench.cable.impair({ loss: 1 }, 'forward');
  bench.exchange(1);
  bench.cable.impair({ loss: 1 });
  bench.exchange(2);
  bench.cable.impair({ loss: 0 });
  bench.exchange(3);
  bench.finish();
  assert.deepEqual(bench.log, ['0.000000001 1.0 back', '0.000000003 1.0 back', '0.000000003 2.3 there']);
  assert.equal(bench.cable.impairments('forward').hits.lost, 2);
  assert.equal(bench.cable.impairments('backward').hits.lost, 1);
});

test('the directions draw from randomness of their own', () => {
  const fates = (draws: readonly string[]): string[] => {
    const bench = new CableBench({ impairments: { loss: 0.5 } });
    for (const direction of draws) {
      const channel = direction === 'forward' ? bench.cable.forward : bench.cable.backward;
      channel.transmit(START, bench.slot(namedFrame(direction)));
    }
    bench.finish();
    return bench.tapped.filter((line) => line.includes('forward'));
  };
  const forward = new Array<string>(20).fill('forward');
  assert.deepEqual(fates(forward), fates(forward.flatMap((direction) => [direction, 'backward'])));
});
