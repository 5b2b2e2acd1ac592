import assert from 'node:assert/strict';
import { test } from 'node:test';
import { after, formatInstant, type Instant, START, seconds } from '../../core/time.ts';
import { loadScenario } from './scenario/loader.ts';
import { Simulation } from './simulation.ts';

const TEXT = `
version: 1
name: pair
seed: 5
networks: { lan: { subnet: 10.0.0.0/24, delay: 5ms, jitter: 2ms } }
hosts:
  alice: { interfaces: { lan: 10.0.0.1 } }
  bob: { interfaces: { lan: 10.0.0.2 } }
timeline:
  - { at: 1s, id: early, host: alice, run: "ping -c 2 10.0.0.2" }
  - { at: 5s, id: late, host: alice, run: "ping -c 2 10.0.0.2" }
`;

const at = (count: number): Instant => after(START, seconds(count));

function pair(): Simulation {
  const { scenario, diagnostics } = loadScenario(TEXT, 'pair.yaml');
  assert.ok(scenario !== undefined, JSON.stringify(diagnostics));
  return new Simulation(scenario);
}

const codes = (simulation: Simulation): readonly (readonly [string, number | undefined])[] =>
  simulation.steps.map(({ id, exitCode }) => [id, exitCode] as const);

test('a run ends when its steps have ended and nothing is under way', () => {
  const simulation = pair();
  simulation.run();
  assert.deepEqual(codes(simulation), [
    ['early', 0],
    ['late', 0],
  ]);
  assert.equal(formatInstant(simulation.world.now).split('.')[0], '6');
});

test('a fork has the same history, goes its own way, and leaves the first one alone', () => {
  const plain = pair();
  plain.run();
  const original = pair();
  original.run(at(3));
  const fork = original.fork(at(3));
  assert.equal(fork.world.capture?.digest(), original.world.capture?.digest());
  fork.world.network('lan').down(fork.world.now);
  fork.run();
  original.run();
  assert.deepEqual(codes(fork), [
    ['early', 0],
    ['late', 1],
  ]);
  assert.equal(original.world.capture?.digest(), plain.world.capture?.digest());
});

test('what was done to a simulation is done to its forks too', () => {
  const original = pair();
  original.at(at(2), ({ world }) => world.network('lan').down(world.now));
  original.run(at(3));
  const fork = original.fork(at(3));
  original.run();
  fork.run();
  assert.equal(codes(fork)[1]?.[1], 1);
  assert.equal(fork.world.capture?.digest(), original.world.capture?.digest());
});

test('equal times in another order make another history, which repeats too', () => {
  const { scenario } = loadScenario(TEXT, 'pair.yaml');
  assert.ok(scenario !== undefined);
  const digest = (shuffleSeed: number): string | undefined => {
    const simulation = new Simulation(scenario, { shuffleSeed });
    simulation.run();
    return simulation.world.capture?.digest();
  };
  assert.equal(digest(1), digest(1));
});

test('a step on a machine that loses power is killed, and the run goes on', () => {
  const simulation = pair();
  simulation.at(at(1.5), ({ world }) => world.host('alice').crash(world.now));
  simulation.run();
  assert.deepEqual(
    simulation.steps.map(({ id, error }) => [id, error]),
    [
      ['early', 'killed'],
      ['late', 'host-down'],
    ],
  );
});
