// A scenario file becomes a scenario, or a list of what is wrong with it. Never throws on any text.
//
//   text --> tree --> variant, --set --> schema --> values and names --> addresses, routes --> Scenario
//
// Not here: reading files (a door's work), and running anything.

import type { Duration, Instant } from '../../../core/time.ts';
import { checkAddressing } from './check_addressing.ts';
import { checkRoutes } from './check_routes.ts';
import { compareDiagnostics, type Diagnostic } from './diagnostic.ts';
import { patchTree } from './patch.ts';
import { holdingsOf, readAttackers } from './read_attackers.ts';
import { readExpectations } from './read_expectations.ts';
import { readHosts } from './read_hosts.ts';
import { readDirectory } from './read_networks.ts';
import { readPki } from './read_pki.ts';
import { readFaults, readTimeline } from './read_timeline.ts';
import { readZones } from './read_zones.ts';
import { entriesOf, field, finite, type LanguageChecks, numberOf, Reading, textOf } from './reading.ts';
import type { Registry } from './registry.ts';
import { checkSchema } from './schema_check.ts';
import { diagnosticAt, readTree, type SourceNode, SourceText, type Span } from './source_tree.ts';
import { suggestFrom } from './suggestion.ts';
import type { HostDefinition, Scenario } from './types.ts';
import { parseWallClock } from './units.ts';

const DEFAULT_START = { seconds: 1_767_225_600, nanoseconds: 0 }; // 2026-01-01T00:00:00Z
const DEFAULT_SEED = 1;

export interface LoadOptions {
  /** One of the file's variants. */
  readonly variant?: string | undefined;
  /** Values to set after the variant, each `path=value` with the value in YAML. */
  readonly set?: readonly string[] | undefined;
  /** In the seed's place. */
  readonly seed?: number | undefined;
  readonly checks?: LanguageChecks | undefined;
  /** Of what the floors above know: attacks. */
  readonly registry?: Registry | undefined;
}

export interface LoadedScenario {
  /** Missing where there is an error. Where something is not built yet it is there, but must not be run. */
  readonly scenario: Scenario | undefined;
  /** By place. */
  readonly diagnostics: readonly Diagnostic[];
}

export function loadScenario(text: string, fileName: string, options: LoadOptions = {}): LoadedScenario {
  const { root: file, diagnostics } = readTree(new SourceText(fileName, text));
  if (file === undefined || diagnostics.length > 0) return { scenario: undefined, diagnostics };
  const patched = applySettings(applyVariant(file, options.variant, diagnostics), options.set ?? [], diagnostics);
  const found = readScenario(patched, options);
  merge(diagnostics, found.diagnostics);
  if (options.variant === undefined) checkVariants(file, options, diagnostics);
  diagnostics.sort(compareDiagnostics);
  const isUsable = diagnostics.every((one) => one.severity !== 'error');
  return { scenario: isUsable ? found.scenario : undefined, diagnostics };
}

/** Whether a loaded scenario can run: it is whole, and all that it needs is built. */
export const isRunnable = ({ scenario, diagnostics }: LoadedScenario): boolean =>
  scenario !== undefined && diagnostics.every((one) => one.severity === 'warning');

function readScenario(
  root: SourceNode,
  options: LoadOptions,
): { scenario: Scenario | undefined; diagnostics: Diagnostic[] } {
  const diagnostics = checkSchema(root);
  if (root.kind !== 'map') return { scenario: undefined, diagnostics };
  const reading = new Reading(options.checks ?? {});
  const directory = readDirectory(reading, root);
  const startNode = field(root, 'start');
  const start = reading.unit(startNode, 'point in time', parseWallClock) ?? DEFAULT_START;
  const pki = readPki(reading, root, directory, start);
  const hosts = readHosts(reading, root, directory, pki);
  const hostsByName = new Map(hosts.map((host) => [host.name, host]));
  const untilNode = field(root, 'until');
  const until = untilNode === undefined ? undefined : (finite(reading, untilNode, 0 as Duration) as number as Instant);
  const attackers = readAttackers(reading, root, directory, pki);
  const { steps: timeline, broken } = readTimeline(
    reading,
    root,
    { directory, hosts: hostsByName, registry: options.registry, holdings: holdingsOf(attackers, pki) },
    until,
  );
  const faults = readFaults(reading, root, directory, until);
  const steps = new Map(timeline.map((step) => [step.id, step]));
  const subjects = {
    directory,
    steps,
    brokenSteps: broken,
    faults: new Map(faults.map((fault) => [fault.id, fault])),
    until,
  };
  const scenario: Scenario = {
    version: 1,
    name: textOf(field(root, 'name')) ?? '',
    description: textOf(field(root, 'description')) ?? '',
    seed: options.seed ?? numberOf(field(root, 'seed')) ?? DEFAULT_SEED,
    start,
    until,
    networks: [...directory.networks.values()],
    hosts,
    zones: readZones(reading, root, directory, hostsByName),
    authorities: [...pki.authorities.values()],
    certificates: [...pki.certificates.values()],
    attackers,
    timeline,
    faults,
    expectations: readExpectations(reading, field(root, 'expect'), subjects),
    registry: options.registry,
    variant: options.variant,
    variants: entriesOf(field(root, 'variants')).map(([name, { value }]) => ({
      name,
      description: textOf(field(value, 'description')) ?? '',
    })),
  };
  checkAddressing(reading, directory, hosts);
  checkRoutes(reading, directory, hosts, hostsWithoutAdvice(root, hosts));
  merge(diagnostics, reading.diagnostics);
  return { scenario, diagnostics };
}

// Hosts whose routes are empty on purpose, or wrong in a way that has been told of.
function hostsWithoutAdvice(root: SourceNode, hosts: readonly HostDefinition[]): Set<string> {
  const isExempt = ({ name, routes }: HostDefinition): boolean => {
    const written = field(field(field(root, 'hosts'), name), 'routes');
    return (
      written !== undefined &&
      (written.kind !== 'map' || written.entries.size === 0 || routes.length < written.entries.size)
    );
  };
  return new Set(hosts.filter(isExempt).map(({ name }) => name));
}

function applyVariant(root: SourceNode, variant: string | undefined, diagnostics: Diagnostic[]): SourceNode {
  if (variant === undefined) return root;
  const variants = field(root, 'variants');
  const definition = field(variants, variant);
  if (definition === undefined) {
    const names = entriesOf(variants).map(([name]) => name);
    const span = variants?.span ?? { ...root.span, end: root.span.start + 1 };
    const suggestion = names.length === 0 ? 'this file has no variants' : suggestFrom(variant, names);
    diagnostics.push(diagnosticAt(span, 'error', 'unknown-name', `unknown variant "${variant}"`, suggestion));
    return root;
  }
  let result = root;
  for (const [path, { key, value }] of entriesOf(field(definition, 'patch')))
    result = apply(result, path, key, value, diagnostics);
  const expect = field(definition, 'expect');
  return expect === undefined ? result : apply(result, 'expect', expect.span, expect, diagnostics);
}

function applySettings(root: SourceNode, settings: readonly string[], diagnostics: Diagnostic[]): SourceNode {
  let result = root;
  for (const setting of settings) {
    const source = new SourceText('--set', setting);
    const equals = setting.indexOf('=');
    const key: Span = { source, start: 0, end: equals === -1 ? setting.length : equals };
    if (equals <= 0) {
      diagnostics.push(diagnosticAt(key, 'error', 'bad-patch', `"${setting}" sets nothing`, 'write path=value'));
      continue;
    }
    // Spaces in the path's place keep the columns right.
    const value = readTree(source, `${' '.repeat(equals + 1)}${setting.slice(equals + 1)}`);
    diagnostics.push(...value.diagnostics);
    if (value.root !== undefined) result = apply(result, setting.slice(0, equals).trim(), key, value.root, diagnostics);
  }
  return result;
}

function apply(root: SourceNode, path: string, key: Span, value: SourceNode, diagnostics: Diagnostic[]): SourceNode {
  const result = patchTree(root, path, key, value);
  if ('root' in result) return result.root;
  diagnostics.push(diagnosticAt(key, 'error', 'bad-patch', result.message, result.suggestion));
  return root;
}

// A variant that nobody chose must be right too; what it needs that is not built yet is told when it is chosen.
function checkVariants(file: SourceNode, options: LoadOptions, diagnostics: Diagnostic[]): void {
  for (const [name] of entriesOf(field(file, 'variants'))) {
    const found: Diagnostic[] = [];
    const root = applySettings(applyVariant(file, name, found), options.set ?? [], []);
    merge(found, readScenario(root, { ...options, variant: name }).diagnostics);
    merge(
      diagnostics,
      found.filter((one) => one.severity === 'error'),
    );
  }
}

// One problem a place: what the schema has told of is not told again in other words.
function merge(diagnostics: Diagnostic[], more: readonly Diagnostic[]): void {
  const errors = new Set(diagnostics.filter((one) => one.severity === 'error').map(placeKey));
  const seen = new Set(diagnostics.map((one) => `${placeKey(one)} ${one.message}`));
  for (const one of more) {
    if (seen.has(`${placeKey(one)} ${one.message}`) || (one.severity === 'error' && errors.has(placeKey(one))))
      continue;
    seen.add(`${placeKey(one)} ${one.message}`);
    diagnostics.push(one);
  }
}

const placeKey = (one: Diagnostic): string => `${one.file}:${one.line}:${one.column}`;
