// The scenarios that are shipped, and how a test runs one of them: as the command line does, without the files.

import { readdirSync, readFileSync } from 'node:fs';
import { ADVERSARY } from '../../src/adversary/registry.ts';
import { nodeCrypto } from '../../src/secure/crypto/node.ts';
import { LANGUAGES } from '../../src/world/sim/languages.ts';
import { isRunnable, type LoadOptions, loadScenario } from '../../src/world/sim/scenario/loader.ts';
import type { Scenario } from '../../src/world/sim/scenario/types.ts';
import { Simulation, type SimulationOptions } from '../../src/world/sim/simulation.ts';

const FOLDER = new URL('../../scenarios/', import.meta.url);

/** A scenario as its file stands, or one of its variants. */
export interface ShippedRun {
  readonly file: string;
  readonly variant: string | undefined;
  /** `nat`, or `why-leases-end/endless-lease`. */
  readonly title: string;
}

/** In the order of their names. */
export const SCENARIO_FILES: readonly string[] = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.yaml'))
  .sort();

export const SHIPPED_RUNS: readonly ShippedRun[] = SCENARIO_FILES.flatMap((file) => {
  const name = file.replace('.yaml', '');
  const variants = scenarioOf(file).variants.map((variant) => variant.name);
  return [undefined, ...variants].map((variant) => {
    return { file, variant, title: variant === undefined ? name : `${name}/${variant}` };
  });
});

/** @throws Error with what is wrong, where the file cannot be run */
export function scenarioOf(file: string, options: Omit<LoadOptions, 'checks' | 'registry'> = {}): Scenario {
  const loaded = loadScenario(readFileSync(new URL(file, FOLDER), 'utf8'), file, {
    ...options,
    checks: LANGUAGES,
    registry: ADVERSARY,
  });
  if (loaded.scenario === undefined || !isRunnable(loaded)) {
    const problems = loaded.diagnostics.map(({ line, column, message }) => `${file}:${line}:${column}: ${message}`);
    throw new Error(problems.join('\n'));
  }
  return loaded.scenario;
}

/** Runs it to its end. */
export function runScenario(scenario: Scenario, options: SimulationOptions = {}): Simulation {
  const simulation = new Simulation(scenario, { crypto: nodeCrypto, ...options });
  simulation.run();
  return simulation;
}

/** SHA-256 of all frames on all networks with their times. */
export function digestOf(simulation: Simulation): string {
  const digest = simulation.world.capture?.digest();
  if (digest === undefined) throw new Error('this run was not captured');
  return digest;
}

/** What a simulation printed, step by step: for the messages of failed tests. */
export const outputOf = ({ steps }: Simulation): string =>
  steps
    .map(({ id, exitCode, status, error, output }) => {
      const outcome = [`exit ${exitCode ?? 'none'}`, ...(status === undefined ? [] : [`status ${status}`])];
      if (error !== undefined) outcome.push(error);
      return `${id} (${outcome.join(', ')})\n${output.map(({ text }) => `    ${text}\n`).join('')}`;
    })
    .join('');
