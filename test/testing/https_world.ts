// A web server over TLS and a client that trusts its root, on one network, as a scenario: what a test changes is put in its place.

import assert from 'node:assert/strict';
import { nodeCrypto } from '../../src/secure/crypto/node.ts';
import { LANGUAGES } from '../../src/world/sim/languages.ts';
import { formatDiagnostic } from '../../src/world/sim/scenario/diagnostic.ts';
import { loadScenario } from '../../src/world/sim/scenario/loader.ts';
import { Simulation, type SimulationOptions } from '../../src/world/sim/simulation.ts';

export interface HttpsWorld {
  /** Further keys of the `https` service. */
  readonly service?: string;
  /** Further services. */
  readonly services?: string;
  /** Further keys of alice. */
  readonly alice?: string;
  /** Further lines of the server. */
  readonly www?: string;
  readonly authorities?: string;
  readonly certificates?: string;
  /** Seconds and a command of alice. */
  readonly commands: readonly (readonly [seconds: number, command: string])[];
  /** Further steps, then parts of the file. */
  readonly more?: string;
}

const PAGES = '{ "/": { text: hello }, "/big": { size: 300KB }, "/form": { text: thanks } }';

/** As a scenario file. */
export function httpsFile(world: HttpsWorld): string {
  const { service = '', services = '', alice = '', www = '', commands, more = '' } = world;
  const { authorities = 'root: {}, ca: { issuer: root }', certificates = 'www: { issuer: ca, names: [www] }' } = world;
  const steps = commands.map(
    ([at, run], i) => `  - { at: ${at}s, id: s${i}, host: alice, run: ${JSON.stringify(run)} }`,
  );
  return `version: 1
name: https
start: "2026-03-01T12:00:00Z"
networks: { lan: { subnet: 10.0.0.0/24, delay: 10ms } }
hosts:
  alice: { interfaces: { lan: 10.0.0.1 }, trust: [root]${alice} }
  www:
    interfaces: { lan: 10.0.0.2 }
    services: [ { https: { cert: www, paths: ${PAGES}${service} } }${services} ]
${www}
pki: { authorities: { ${authorities} }, certificates: { ${certificates} } }
timeline:
${steps.join('\n')}
${more}`;
}

/** Run to its end. @param prepare before it runs */
export function httpsWorld(
  world: HttpsWorld,
  options: SimulationOptions = {},
  prepare: (simulation: Simulation) => void = () => undefined,
): Simulation {
  const { scenario, diagnostics } = loadScenario(httpsFile(world), 'https.yaml', { checks: LANGUAGES });
  assert.ok(scenario !== undefined && diagnostics.length === 0, diagnostics.map(formatDiagnostic).join('\n'));
  const simulation = new Simulation(scenario, { crypto: nodeCrypto, ...options });
  prepare(simulation);
  simulation.run();
  assert.deepEqual(simulation.world.failures, [], 'a program failed');
  return simulation;
}

/** What became of each command: `200`, or its exit code and error. */
export const outcomes = ({ steps }: Simulation): string[] =>
  steps.map(({ status, exitCode, error }) => (error === undefined ? String(status) : `${exitCode} ${error}`));

/** What a command printed. */
export const printed = ({ steps }: Simulation, number = 0): string =>
  (steps[number]?.output ?? []).map(({ text }) => text).join('\n');
