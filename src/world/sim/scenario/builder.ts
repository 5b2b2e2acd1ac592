// Scenarios in TypeScript: a fluent object that makes the same document as a file, judged by the same checks.
//
//   new ScenarioBuilder('ping')
//     .network('lan', { subnet: '10.0.0.0/24', delay: '2ms' })
//     .host('alice', { interfaces: { lan: '10.0.0.1' } })
//     .host('bob', { interfaces: { lan: '10.0.0.2' } })
//     .run('1s', 'alice', 'ping -c 1 bob', { id: 'ping' })
//     .build();
//
// Each call gives a new builder and leaves the old one as it was, so that a half-built scenario can be continued twice.
// Keys and values are those of the file (docs/reference/scenario.md).

import { stringify } from 'yaml';
import { type Diagnostic, formatDiagnostic } from './diagnostic.ts';
import { type LoadedScenario, type LoadOptions, loadScenario } from './loader.ts';
import type { Scenario } from './types.ts';

/** A value as the file has it. */
export type DocumentValue =
  | string
  | number
  | boolean
  | null
  | readonly DocumentValue[]
  | { readonly [key: string]: DocumentValue };

/** A map as the file has it: keys in their spelling there, quantities as text with their unit. */
export interface DocumentMap {
  readonly [key: string]: DocumentValue;
}

/** Thrown by `build`: the document is no scenario. */
export class ScenarioError extends Error {
  override readonly name = 'ScenarioError';
  readonly diagnostics: readonly Diagnostic[];

  constructor(diagnostics: readonly Diagnostic[]) {
    super(diagnostics.map(formatDiagnostic).join('\n'));
    this.diagnostics = diagnostics;
  }
}

export class ScenarioBuilder {
  /** What has been built so far, as a file has it. */
  readonly document: DocumentMap;

  /** From a name, or from a whole document. */
  constructor(name: string | DocumentMap) {
    this.document = typeof name === 'string' ? { version: 1, name, networks: {}, hosts: {} } : name;
  }

  describe(description: string): ScenarioBuilder {
    return this.with('description', description);
  }

  seed(seed: number): ScenarioBuilder {
    return this.with('seed', seed);
  }

  /** `2026-03-01T12:00:00Z` */
  start(time: string): ScenarioBuilder {
    return this.with('start', time);
  }

  until(time: string): ScenarioBuilder {
    return this.with('until', time);
  }

  network(name: string, network: DocumentMap): ScenarioBuilder {
    return this.named('networks', name, network);
  }

  host(name: string, host: DocumentMap): ScenarioBuilder {
    return this.named('hosts', name, host);
  }

  router(name: string, host: DocumentMap): ScenarioBuilder {
    return this.named('hosts', name, { kind: 'router', ...host });
  }

  zone(domain: string, zone: DocumentMap): ScenarioBuilder {
    return this.named('zones', domain, zone);
  }

  /** One that issues certificates. */
  authority(name: string, authority: DocumentMap = {}): ScenarioBuilder {
    return this.issued('authorities', name, authority);
  }

  certificate(name: string, certificate: DocumentMap): ScenarioBuilder {
    return this.issued('certificates', name, certificate);
  }

  attacker(name: string, attacker: DocumentMap): ScenarioBuilder {
    return this.named('attackers', name, attacker);
  }

  /** A command on a host. */
  run(at: string, host: string, command: string, more: DocumentMap = {}): ScenarioBuilder {
    return this.step({ at, host, run: command, ...more });
  }

  step(step: DocumentMap): ScenarioBuilder {
    return this.listed('timeline', step);
  }

  fault(fault: DocumentMap): ScenarioBuilder {
    return this.listed('faults', fault);
  }

  expect(name: string, expectation: DocumentMap): ScenarioBuilder {
    return this.listed('expect', { name, ...expectation });
  }

  variant(name: string, variant: DocumentMap): ScenarioBuilder {
    return this.named('variants', name, variant);
  }

  /** The scenario's file. Loading it gives the same scenario. */
  toYaml(): string {
    return stringify(this.document, { version: '1.2', schema: 'core', aliasDuplicateObjects: false });
  }

  /** The scenario with all that is to be said about it, as from a file. */
  load(options: LoadOptions = {}): LoadedScenario {
    return loadScenario(this.toYaml(), `${this.scenarioName} (built)`, options);
  }

  /** @throws ScenarioError with every problem: what is wrong, and what is not built yet. */
  build(options: LoadOptions = {}): Scenario {
    const { scenario, diagnostics } = this.load(options);
    const problems = diagnostics.filter((one) => one.severity !== 'warning');
    if (scenario === undefined || problems.length > 0) throw new ScenarioError(problems);
    return scenario;
  }

  private get scenarioName(): string {
    const { name } = this.document as { readonly name?: DocumentValue };
    return typeof name === 'string' ? name : 'scenario';
  }

  private with(key: string, value: DocumentValue): ScenarioBuilder {
    return new ScenarioBuilder({ ...this.document, [key]: value });
  }

  private named(key: string, name: string, value: DocumentMap): ScenarioBuilder {
    const present = (this.document[key] ?? {}) as DocumentMap;
    if (Object.hasOwn(present, name)) throw new RangeError(`${key} has "${name}" already`);
    return this.with(key, { ...present, [name]: value });
  }

  private issued(key: 'authorities' | 'certificates', name: string, value: DocumentMap): ScenarioBuilder {
    const pki = (this.document['pki'] ?? {}) as DocumentMap;
    return this.with('pki', new ScenarioBuilder(pki).named(key, name, value).document);
  }

  private listed(key: string, value: DocumentMap): ScenarioBuilder {
    const present = (this.document[key] ?? []) as readonly DocumentMap[];
    return this.with(key, [...present, value]);
  }
}
