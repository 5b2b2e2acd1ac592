// The same scenario with the same seed is the same run, to the byte and the nanosecond: twice in one process, and as it
// was when `digests.json` was written. After a change that is meant to change what goes over the networks, write it anew:
//
//   UPDATE_DIGESTS=1 npm test test/determinism

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { suite, test } from 'node:test';
import { digestOf, runScenario, SHIPPED_RUNS, scenarioOf } from '../scenarios/shipped_scenarios.ts';

const FILE = new URL('digests.json', import.meta.url);
const { UPDATE_DIGESTS } = process.env;
const isUpdating = UPDATE_DIGESTS !== undefined;

/** SHA-256 of a run, by its title. */
type Digests = Readonly<Record<string, string>>;

const golden: Digests = isUpdating ? {} : (JSON.parse(readFileSync(FILE, 'utf8')) as Digests);
const seen: Record<string, string> = {};

suite('Determinism', () => {
  for (const { file, variant, title } of SHIPPED_RUNS) {
    test(`${title} runs as it always did`, () => {
      const first = digestOf(runScenario(scenarioOf(file, { variant })));
      const second = digestOf(runScenario(scenarioOf(file, { variant })));
      assert.equal(second, first, 'two runs differ');
      seen[title] = first;
      if (!isUpdating) assert.equal(first, golden[title], 'it differs from digests.json');
    });
  }

  test('no digest is kept of a run that is no more', () => {
    const titles = SHIPPED_RUNS.map(({ title }) => title);
    assert.deepEqual(
      Object.keys(golden).filter((title) => !titles.includes(title)),
      [],
    );
  });

  test('another seed is another run', () => {
    const digestWith = (seed: number): string => digestOf(runScenario(scenarioOf('home-behind-nat.yaml', { seed })));
    assert.equal(new Set([1, 2, 3, 42].map(digestWith)).size, 4);
  });

  test('looking at nothing changes nothing', () => {
    const scenario = scenarioOf('home-behind-nat.yaml');
    const simulation = runScenario(scenario);
    const before = digestOf(simulation);
    simulation.judge();
    assert.equal(digestOf(simulation), before);
  });
});

process.on('exit', (code) => {
  if (isUpdating && code === 0) writeFileSync(FILE, `${JSON.stringify(seen, undefined, 2)}\n`);
});
