// What happens and what goes wrong: steps and faults.

import { type Duration, FOREVER, type Instant, NEVER, START } from '../../../core/time.ts';
import { type Holdings, readAttack, readStopAttack } from './read_attackers.ts';
import { type Directory, knownHost, knownName, knownNetwork, readConditions } from './read_networks.ts';
import {
  booleanOf,
  field,
  finite,
  itemsOf,
  keySpan,
  type Maybe,
  numberOf,
  type Reading,
  textOf,
  wordOf,
} from './reading.ts';
import type { Registry } from './registry.ts';
import type { SourceNode } from './source_tree.ts';
import type { Fault, FaultKind, HostAction, HostDefinition, Step } from './types.ts';

const HOST_ACTIONS: readonly HostAction[] = ['crash', 'restart', 'shutdown', 'vanish', 'return'];
const FAULT_KINDS: readonly FaultKind[] = ['drop', 'delay', 'corrupt', 'duplicate'];
/** The keys that each kind of step needs, and those it may have beside `at`, `id` and `ask`. */
const STEP_KINDS: readonly { readonly needs: readonly string[]; readonly may: readonly string[] }[] = [
  { needs: ['host', 'run'], may: ['for'] },
  { needs: ['host', 'interface', 'do'], may: [] },
  { needs: ['host', 'service', 'do'], may: [] },
  { needs: ['host', 'do'], may: [] },
  { needs: ['network', 'set'], may: ['for'] },
  { needs: ['network', 'do'], may: [] },
  { needs: ['attacker', 'attack'], may: ['with', 'optional'] },
  { needs: ['attacker', 'stop'], may: [] },
];
const COMMON = ['at', 'id', 'ask'];

type StepBody<Kind = Step> = Kind extends Step ? Omit<Kind, 'at' | 'id' | 'ask' | 'position'> : never;

/** What steps refer to. */
export interface TimelineNames {
  readonly directory: Directory;
  readonly hosts: ReadonlyMap<string, HostDefinition>;
  readonly registry: Registry | undefined;
  readonly holdings: Holdings;
}

export interface ReadTimeline {
  readonly steps: readonly Step[];
  /** Ids of those that are wrong: who names one is not told that there is none. */
  readonly broken: ReadonlySet<string>;
}

export function readTimeline(
  reading: Reading,
  root: SourceNode,
  names: TimelineNames,
  until: Instant | undefined,
): ReadTimeline {
  const steps: Step[] = [];
  const broken = new Set<string>();
  const ids = new Set<string>();
  for (const [index, node] of itemsOf(field(root, 'timeline')).entries()) {
    const id = uniqueId(reading, ids, node, `step-${index + 1}`);
    const at = timeWithin(reading, field(node, 'at'), START, until);
    const body = readBody(reading, names, node);
    if (body === undefined) {
      broken.add(id);
      continue;
    }
    const ask = textOf(field(node, 'ask'));
    steps.push(reading.mark({ at, id, ask, position: reading.position(node.span), ...body }, node.span));
  }
  return { steps, broken };
}

function readBody(reading: Reading, names: TimelineNames, node: SourceNode): StepBody | undefined {
  const { directory, hosts, registry } = names;
  if (node.kind !== 'map' || !hasOneKind(reading, node)) return undefined;
  const action = textOf(field(node, 'do'));
  const host = knownHost(reading, directory, field(node, 'host'));
  const network = knownNetwork(reading, directory, field(node, 'network'));
  knownName(reading, 'attacker', directory.attackers, field(node, 'attacker'));
  const on = (allowed: readonly string[]): boolean => {
    const value = field(node, 'do');
    if (value === undefined || action === undefined || allowed.includes(action)) return true;
    reading.problem(
      value.span,
      'bad-combination',
      `"${action}" cannot be done here`,
      `known here: ${allowed.join(', ')}`,
    );
    return false;
  };
  if (field(node, 'run') !== undefined) {
    const command = readCommand(reading, field(node, 'run'));
    const interruptAfter = reading.duration(field(node, 'for'), FOREVER);
    return host === undefined || command === undefined ? undefined : { kind: 'run', host, command, interruptAfter };
  }
  if (field(node, 'interface') !== undefined) {
    const value = field(node, 'interface');
    const to = knownNetwork(reading, directory, value);
    if (!on(['down', 'up']) || host === undefined || to === undefined || value === undefined) return undefined;
    if (directory.hosts.get(host)?.some((entry) => entry.network === to) !== true) {
      const own = directory.hosts.get(host)?.map((entry) => entry.network) ?? [];
      reading.problem(
        value.span,
        'unknown-name',
        `${host} has no interface to ${to}`,
        `its networks: ${own.join(', ')}`,
      );
      return undefined;
    }
    return { kind: 'interface', host, network: to, isUp: action === 'up' };
  }
  if (field(node, 'service') !== undefined) {
    const value = field(node, 'service');
    const service = textOf(value) ?? '';
    if (!on(['stop', 'start']) || host === undefined || value === undefined) return undefined;
    const known = hosts.get(host)?.services.map((one) => one.name) ?? [];
    if (!known.includes(service)) reading.unknown(value.span, `service of ${host}`, service, known);
    return { kind: 'service', host, service, isRunning: action === 'start' };
  }
  if (field(node, 'set') !== undefined) {
    const change = readConditions(reading, field(node, 'set'));
    const lasts = reading.duration(field(node, 'for'), FOREVER);
    return network === undefined ? undefined : { kind: 'conditions', network, change, lasts };
  }
  if (field(node, 'network') !== undefined) {
    return !on(['down', 'up']) || network === undefined
      ? undefined
      : { kind: 'network', network, isUp: action === 'up' };
  }
  if (field(node, 'attack') !== undefined) return readAttack(reading, directory, registry, names.holdings, node);
  if (field(node, 'stop') !== undefined) return readStopAttack(reading, directory, registry, node);
  const hostAction = HOST_ACTIONS.find((one) => one === action);
  if (!on(HOST_ACTIONS) || host === undefined || hostAction === undefined) return undefined;
  return { kind: 'host', host, action: hostAction };
}

// Exactly the keys of one kind of step, whatever the order.
function hasOneKind(reading: Reading, node: SourceNode & { readonly kind: 'map' }): boolean {
  const keys = [...node.entries.keys()].filter((key) => !COMMON.includes(key));
  const isKind = ({ needs, may }: (typeof STEP_KINDS)[number]): boolean =>
    needs.every((key) => keys.includes(key)) && keys.every((key) => needs.includes(key) || may.includes(key));
  if (STEP_KINDS.some(isKind)) return true;
  const allKnown = STEP_KINDS.flatMap(({ needs, may }) => [...needs, ...may]);
  if (keys.some((key) => !allKnown.includes(key))) return false; // the schema has told of it
  const closest = STEP_KINDS.toSorted((a, b) => distance(keys, a) - distance(keys, b))[0];
  const missing = closest?.needs.filter((key) => !keys.includes(key)) ?? [];
  const extra = keys.filter((key) => closest?.needs.includes(key) !== true && closest?.may.includes(key) !== true);
  const suggestion = 'a step is one of: host and run; host and do; network and set; network and do';
  if (extra.length > 0) {
    const key = extra[0] ?? '';
    const rest = keys.filter((one) => one !== key).join(', ');
    reading.problem(
      keySpan(node, key),
      'bad-combination',
      `"${key}" does not go with ${rest || 'nothing else'}`,
      suggestion,
    );
  } else {
    reading.problem(node.span, 'missing-key', `this step lacks "${missing.join('" and "') || 'run'}"`, suggestion);
  }
  return false;
}

const distance = (keys: readonly string[], { needs, may }: (typeof STEP_KINDS)[number]): number =>
  needs.filter((key) => !keys.includes(key)).length +
  2 * keys.filter((key) => !needs.includes(key) && !may.includes(key)).length;

function readCommand(reading: Reading, node: Maybe): string | undefined {
  const text = textOf(node);
  if (node === undefined || text === undefined) return undefined;
  reading.language(node, text, 'bad-command', undefined, reading.checks.commandLine?.(text));
  return text;
}

export function readFaults(
  reading: Reading,
  root: SourceNode,
  directory: Directory,
  until: Instant | undefined,
): Fault[] {
  const faults: Fault[] = [];
  const ids = new Set<string>();
  for (const [index, node] of itemsOf(field(root, 'faults')).entries()) {
    const id = uniqueId(reading, ids, node, `fault-${index + 1}`);
    const kinds = FAULT_KINDS.filter((key) => field(node, key) !== undefined);
    const kind = kinds[0];
    const network = knownNetwork(reading, directory, field(node, 'at'));
    const from = timeWithin(reading, field(node, 'from'), START, until);
    const end = reading.instant(field(node, 'until'), NEVER);
    const by = field(node, 'by');
    const corruptKind = field(node, 'kind');
    if (kind === undefined || kinds.length > 1) {
      const message = kind === undefined ? 'this fault does nothing' : `${kinds.join(' and ')} exclude each other`;
      const span = kind === undefined ? node.span : keySpan(node, kinds[1] ?? kind);
      reading.problem(span, 'bad-combination', message, 'give one of drop, delay, corrupt, duplicate');
      continue;
    }
    if ((kind === 'delay') !== (by !== undefined)) {
      const message = by === undefined ? 'a delay needs to say how long' : `"by" does not go with ${kind}`;
      reading.problem(by?.span ?? keySpan(node, kind), 'bad-combination', message, 'write delay: FILTER, by: 200ms');
    }
    if (corruptKind !== undefined && kind !== 'corrupt') {
      reading.problem(corruptKind.span, 'bad-combination', `"kind" does not go with ${kind}`);
    }
    if (end <= from) {
      const span = (field(node, 'until') ?? node).span;
      reading.problem(span, 'bad-combination', 'this fault ends before it begins');
    }
    const filter = readFilter(reading, field(node, kind));
    if (filter === undefined) continue;
    const nth = numberOf(field(node, 'nth'));
    faults.push({
      id,
      kind,
      filter,
      network,
      nth: nth ?? 1,
      times: numberOf(field(node, 'times')) ?? (nth === undefined ? Number.POSITIVE_INFINITY : 1),
      by: finite(reading, by, 0 as Duration),
      corruptKind: wordOf(corruptKind, ['wire', 'beyond-fcs'], 'wire'),
      from,
      until: end,
      isOptional: booleanOf(field(node, 'optional')) ?? false,
      position: reading.position(node.span),
    });
  }
  return faults;
}

/** A packet filter that the checker lets pass, or that nobody checks. */
export function readFilter(reading: Reading, node: Maybe): string | undefined {
  const text = textOf(node);
  if (node === undefined || text === undefined) return undefined;
  reading.language(node, text, 'bad-filter', 'packet filter', reading.checks.packetFilter?.(text));
  return text;
}

/** A time that is not endless, and not after the end of the run. */
export function timeWithin(reading: Reading, node: Maybe, fallback: Instant, until: Instant | undefined): Instant {
  if (node === undefined) return fallback;
  const time = finite(reading, node, fallback as number as Duration) as number as Instant;
  if (until !== undefined && time > until) {
    const message = `${textOf(node)} is after the end of the run`;
    reading.problem(node.span, 'too-late', message, 'raise "until", or take an earlier time');
  }
  return time;
}

function uniqueId(reading: Reading, ids: Set<string>, node: SourceNode, fallback: string): string {
  const idNode = field(node, 'id');
  const id = textOf(idNode) ?? fallback;
  if (ids.has(id)) {
    const suggestion = idNode === undefined ? 'give it an id of its own' : 'choose another id';
    reading.problem((idNode ?? node).span, 'duplicate-name', `the id "${id}" is taken`, suggestion);
  }
  ids.add(id);
  return id;
}
