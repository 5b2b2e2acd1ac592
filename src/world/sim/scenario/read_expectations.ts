// What must be seen: each expectation is about one thing, told by the key that names it.

import { DropReason } from '../../../core/drop_reason.ts';
import { type Duration, FOREVER, NEVER, START } from '../../../core/time.ts';
import {
  type Ipv4Address,
  type Ipv4Prefix,
  parseIpv4Address,
  parseLinkAddress,
  parsePrefix,
} from '../../../wire/address.ts';
import { type Directory, knownHost, knownName, knownNetwork } from './read_networks.ts';
import { readFilter, timeWithin } from './read_timeline.ts';
import {
  booleanOf,
  entriesOf,
  field,
  itemsOf,
  keySpan,
  type Maybe,
  numberOf,
  oneOrMore,
  type Reading,
  textOf,
} from './reading.ts';
import type { SourceNode, Span } from './source_tree.ts';
import { suggestFrom } from './suggestion.ts';
import type {
  ArpExpectation,
  CountRange,
  Expectation,
  FactorExpectation,
  Fault,
  RowPattern,
  RowsExpectation,
  RowTable,
  Scenario,
  Step,
  TableCheck,
} from './types.ts';

const ROW_TABLES: readonly RowTable[] = ['nat', 'conntrack', 'leases', 'dns-cache', 'sockets'];
const STEP_KEYS = ['status', 'exit', 'error', 'output', 'takes', 'tls', 'resumed', 'round-trips'];
/** What an expectation can be about, and the keys that go with it. */
const SUBJECTS: Readonly<Record<string, readonly string[]>> = {
  step: STEP_KEYS,
  packets: ['at', 'count', 'min', 'max', 'factor', 'between'],
  host: ['at-time', 'arp', 'routes', 'addresses', 'drops', ...ROW_TABLES],
  network: ['at-time', 'switch-table'],
  fault: ['hits'],
  secret: ['readable-by', 'is'],
};

/** What expectations refer to. */
export interface Subjects {
  readonly directory: Directory;
  readonly steps: ReadonlyMap<string, Step>;
  readonly brokenSteps: ReadonlySet<string>;
  readonly faults: ReadonlyMap<string, Fault>;
  readonly until: Scenario['until'];
}

type Body<Kind = Expectation> = Kind extends Expectation ? Omit<Kind, 'name' | 'position'> : never;

export function readExpectations(reading: Reading, list: Maybe, subjects: Subjects): Expectation[] {
  return itemsOf(list).flatMap((node) => {
    const body = node.kind === 'map' ? readBody(reading, node, subjects) : undefined;
    if (body === undefined) return [];
    return [{ name: textOf(field(node, 'name')) ?? '', position: reading.position(node.span), ...body }];
  });
}

function readBody(reading: Reading, node: SourceNode & { kind: 'map' }, subjects: Subjects): Body | undefined {
  const kind = subjectOf(reading, node);
  const { directory, until } = subjects;
  switch (kind) {
    case 'step':
      return readStep(reading, node, subjects);
    case 'packets': {
      const filter = readFilter(reading, field(node, 'packets'));
      const network = knownNetwork(reading, directory, field(node, 'at'));
      const [from, to] = itemsOf(field(node, 'between'));
      const between = {
        from: from === undefined ? START : timeWithin(reading, from, START, until),
        to: reading.instant(to, NEVER),
      };
      if (to !== undefined && between.to < between.from) {
        reading.problem(to.span, 'bad-combination', 'the second time comes before the first');
      }
      const factor = readFactor(reading, directory, field(node, 'factor'));
      const count = readPacketCount(reading, node);
      if (filter === undefined || count === undefined) return undefined;
      return { kind, filter, network, count, factor, between };
    }
    case 'host': {
      const host = knownMachine(reading, directory, field(node, 'host'));
      const checks = readChecks(reading, node, host, directory);
      const at = field(node, 'at-time');
      const time = at === undefined ? undefined : timeWithin(reading, at, START, until);
      return host === undefined || checks === undefined ? undefined : { kind: 'tables', host, at: time, checks };
    }
    case 'network': {
      const network = knownNetwork(reading, directory, field(node, 'network'));
      const at = field(node, 'at-time');
      const time = at === undefined ? undefined : timeWithin(reading, at, START, until);
      const table = field(node, 'switch-table');
      if (table === undefined || network === undefined) {
        if (table === undefined) lacks(reading, node, 'network', ['switch-table']);
        return undefined;
      }
      const medium = directory.networks.get(network)?.medium;
      if (medium !== 'ethernet') {
        const message = `${network} has no switch: its medium is ${medium}`;
        reading.problem(
          keySpan(node, 'switch-table'),
          'bad-combination',
          message,
          'a switch is where the medium is ethernet',
        );
        return undefined;
      }
      return { kind: 'switch-table', network, at: time, rows: readRows(table) };
    }
    case 'fault': {
      const fault = knownName(reading, 'fault', subjects.faults, field(node, 'fault'));
      return fault === undefined ? undefined : { kind, fault, hits: readCount(reading, field(node, 'hits'), 1) };
    }
    case 'secret': {
      const readableBy = field(node, 'readable-by');
      if (readableBy === undefined) lacks(reading, node, 'secret', ['readable-by']);
      const attacker = knownName(reading, 'attacker', directory.attackers, readableBy);
      const secret = textOf(field(node, 'secret')) ?? '';
      const is = booleanOf(field(node, 'is')) ?? true;
      return attacker === undefined ? undefined : { kind, secret, readableBy: attacker, is };
    }
    default:
      return undefined;
  }
}

// One subject, and only the keys that go with it.
function subjectOf(reading: Reading, node: SourceNode & { kind: 'map' }): string | undefined {
  const keys = [...node.entries.keys()].filter((key) => key !== 'name');
  const subjects = keys.filter((key) => Object.hasOwn(SUBJECTS, key));
  const [subject, other] = subjects;
  if (subject === undefined) {
    const message = 'this expectation is about nothing';
    reading.problem(node.span, 'missing-key', message, 'add one of step, packets, host, network, fault');
    return undefined;
  }
  if (other !== undefined) {
    reading.problem(
      keySpan(node, other),
      'bad-combination',
      `"${other}" does not go with "${subject}"`,
      'make two expectations',
    );
    return undefined;
  }
  const fitting = SUBJECTS[subject] ?? [];
  const everywhere = Object.values(SUBJECTS).flat();
  for (const key of keys) {
    if (key === subject || fitting.includes(key) || !everywhere.includes(key)) continue;
    reading.problem(
      keySpan(node, key),
      'bad-combination',
      `"${key}" does not go with "${subject}"`,
      `with ${subject}: ${fitting.join(', ')}`,
    );
  }
  return subject;
}

function readStep(reading: Reading, node: SourceNode, { steps, brokenSteps, until }: Subjects): Body | undefined {
  const stepNode = field(node, 'step');
  if (brokenSteps.has(textOf(stepNode) ?? '')) return undefined; // told of at the step
  const step = knownName(reading, 'step', steps, stepNode);
  if (!STEP_KEYS.some((key) => field(node, key) !== undefined)) {
    lacks(reading, node, 'step', STEP_KEYS);
    return undefined;
  }
  const output = field(node, 'output');
  const takes = field(node, 'takes');
  const trips = field(node, 'round-trips');
  const texts = (key: string): string[] => oneOrMore(field(output, key)).flatMap((item) => textOf(item) ?? []);
  for (const item of oneOrMore(field(output, 'matches'))) checkExpression(reading, item);
  const range =
    takes === undefined
      ? undefined
      : {
          min: reading.duration(field(takes, 'min'), 0 as Duration),
          max: reading.duration(field(takes, 'max'), FOREVER),
        };
  if (range !== undefined && takes !== undefined && range.min > range.max) {
    reading.problem(takes.span, 'wrong-value', 'the least is more than the most');
  }
  const definition = step === undefined ? undefined : steps.get(step);
  if (step === undefined || definition === undefined) return undefined;
  if (definition.kind !== 'run' && stepNode !== undefined) {
    reading.problem(stepNode.span, 'bad-combination', `the step "${step}" runs no command`, 'name a step with "run"');
    return undefined;
  }
  if (until !== undefined && definition.at > until) return undefined; // told of at the step
  return {
    kind: 'step',
    step,
    status: numberOf(field(node, 'status')),
    exitCode: numberOf(field(node, 'exit')),
    error: textOf(field(node, 'error')),
    output: { contains: texts('contains'), lacks: texts('lacks'), matches: texts('matches') },
    takes: range,
    tls: textOf(field(node, 'tls')),
    isResumed: booleanOf(field(node, 'resumed')),
    roundTrips: trips === undefined ? undefined : readCount(reading, trips, 0),
  };
}

function checkExpression(reading: Reading, node: SourceNode): void {
  const text = textOf(node);
  if (text === undefined) return;
  try {
    new RegExp(text, 'mu');
  } catch (error) {
    const why = error instanceof Error ? error.message.replace(/^.*: /, '') : 'malformed';
    reading.problem(
      node.span,
      'wrong-value',
      `not a regular expression: ${why}`,
      'write text that is to be found under contains',
    );
  }
}

function readPacketCount(reading: Reading, node: SourceNode): CountRange | undefined {
  const count = field(node, 'count');
  const min = field(node, 'min');
  const max = field(node, 'max');
  if (count === undefined && min === undefined && max === undefined) {
    if (field(node, 'factor') !== undefined) return { min: 1, max: Number.POSITIVE_INFINITY };
    lacks(reading, node, 'packets', ['count', 'min', 'max', 'factor']);
    return undefined;
  }
  if (count !== undefined && (min !== undefined || max !== undefined)) {
    const key = min === undefined ? 'max' : 'min';
    reading.problem(keySpan(node, key), 'bad-combination', `"${key}" does not go with "count"`);
    return undefined;
  }
  if (count !== undefined) return readCount(reading, count, 0);
  return ordered(
    reading,
    { min: numberOf(min) ?? 0, max: numberOf(max) ?? Number.POSITIVE_INFINITY },
    (max ?? node).span,
  );
}

function readFactor(reading: Reading, directory: Directory, node: Maybe): FactorExpectation | undefined {
  if (node === undefined) return undefined;
  const filter = readFilter(reading, field(node, 'over'));
  const network = knownNetwork(reading, directory, field(node, 'at'));
  const [min, max] = [numberOf(field(node, 'min')), numberOf(field(node, 'max'))];
  if (min === undefined && max === undefined) {
    reading.problem(node.span, 'missing-key', 'this factor may be any', 'add min or max');
  }
  const range = ordered(reading, { min: min ?? 0, max: max ?? Number.POSITIVE_INFINITY }, node.span);
  return filter === undefined ? undefined : { filter, network, ...range };
}

// A number, or the least and the most; `least` and more where nothing is said.
function readCount(reading: Reading, node: Maybe, least: number): CountRange {
  const exact = numberOf(node);
  if (node === undefined || exact !== undefined) return { min: exact ?? least, max: exact ?? Number.POSITIVE_INFINITY };
  const min = numberOf(field(node, 'min')) ?? 0;
  return ordered(reading, { min, max: numberOf(field(node, 'max')) ?? Number.POSITIVE_INFINITY }, node.span);
}

function ordered(reading: Reading, range: CountRange, span: Span): CountRange {
  if (range.min > range.max) reading.problem(span, 'wrong-value', 'the least is more than the most');
  return range;
}

function readChecks(
  reading: Reading,
  node: SourceNode,
  host: string | undefined,
  directory: Directory,
): TableCheck[] | undefined {
  const checks: TableCheck[] = [];
  for (const [name, { key, value }] of entriesOf(field(node, 'arp'))) {
    const address = hostPartAddress(reading, directory, name, key);
    const expected = readArp(reading, directory, value);
    if (address !== undefined && expected !== undefined) checks.push({ table: 'arp', address, expected });
  }
  for (const [name, { key, value }] of entriesOf(field(node, 'routes'))) {
    const keyNode: SourceNode = { kind: 'scalar', span: key, value: name };
    const everywhere: Ipv4Prefix = { address: 0 as Ipv4Address, length: 0 };
    const prefix = name === 'default' ? everywhere : reading.subnet(keyNode);
    const text = textOf(value) ?? '';
    const isAbsent = text === 'absent';
    const gateway = isAbsent || text === 'direct' ? undefined : hostPartAddress(reading, directory, text, value.span);
    if (prefix === undefined || (gateway === undefined && !isAbsent && text !== 'direct')) continue;
    checks.push({ table: 'routes', prefix, gateway, isAbsent });
  }
  for (const [name, { key, value }] of entriesOf(field(node, 'addresses'))) {
    const own = directory.hosts.get(host ?? '')?.map((entry) => entry.network) ?? [];
    if (host !== undefined && directory.hosts.has(host) && !own.includes(name)) {
      reading.problem(key, 'unknown-name', `${host} has no interface to "${name}"`, suggestFrom(name, own));
    }
    const within = textOf(value) === 'none' ? undefined : readWithin(reading, value);
    if (within !== 'malformed') checks.push({ table: 'addresses', network: name, within });
  }
  for (const [name, { key, value }] of entriesOf(field(node, 'drops'))) {
    const reason = Object.hasOwn(DropReason, name) ? DropReason[name as keyof typeof DropReason] : undefined;
    if (reason === undefined) reading.unknown(key, 'drop reason', name, Object.keys(DropReason));
    else checks.push({ table: 'drops', reason, count: readCount(reading, value, 1) });
  }
  for (const table of ROW_TABLES) {
    const rows = field(node, table);
    if (rows !== undefined) checks.push({ table, rows: readRows(rows) });
  }
  const written = ['arp', 'routes', 'addresses', 'drops', ...ROW_TABLES];
  if (!written.some((key) => field(node, key) !== undefined)) lacks(reading, node, 'host', written);
  return checks.length === 0 ? undefined : checks;
}

function readArp(reading: Reading, directory: Directory, node: SourceNode): ArpExpectation | undefined {
  const text = textOf(node);
  if (text === undefined) return undefined;
  if (text === 'incomplete' || text === 'absent') return { kind: text };
  const linkAddress = parseLinkAddress(text);
  if (linkAddress !== undefined) return { kind: 'link-address', linkAddress };
  const host = knownMachine(reading, directory, node);
  return host === undefined ? undefined : { kind: 'host', host };
}

// A plain address, or the first fixed address of a host.
function hostPartAddress(reading: Reading, directory: Directory, text: string, span: Span): Ipv4Address | undefined {
  const address = parseIpv4Address(text);
  if (address !== undefined) return address;
  const interfaces = directory.hosts.get(text);
  const fixed = interfaces?.flatMap((entry) => (entry.addressing.kind === 'static' ? entry.addressing.address : []))[0];
  if (fixed !== undefined) return fixed;
  const suggestion = suggestFrom(text, [...directory.hosts.keys()]) ?? 'write an address, like 192.168.1.1';
  reading.problem(span, 'bad-address', `"${text}" is no address, and no host with a fixed one`, suggestion);
  return undefined;
}

function readWithin(reading: Reading, node: SourceNode): Ipv4Prefix | 'malformed' {
  const text = textOf(node) ?? '';
  const address = parseIpv4Address(text);
  if (address !== undefined) return { address, length: 32 };
  if (parsePrefix(text) !== undefined) return reading.subnet(node) ?? 'malformed';
  const message = `"${text}" is no address and no prefix`;
  reading.problem(node.span, 'bad-address', message, 'write 192.168.1.100, 169.254.0.0/16 or none');
  return 'malformed';
}

function readRows(node: SourceNode): RowsExpectation {
  const patterns = (key: string): RowPattern[] =>
    itemsOf(field(node, key)).map((row) =>
      entriesOf(row).map(([column, { value }]) => ({
        column,
        text: value.kind === 'scalar' ? String(value.value) : '',
      })),
    );
  const count = field(node, 'count');
  const exact = numberOf(count);
  return {
    count: {
      min: exact ?? numberOf(field(count, 'min')) ?? 0,
      max: exact ?? numberOf(field(count, 'max')) ?? Number.POSITIVE_INFINITY,
    },
    has: patterns('has'),
    lacks: patterns('lacks'),
  };
}

// Attackers have tables too.
function knownMachine(reading: Reading, directory: Directory, node: Maybe): string | undefined {
  const name = textOf(node);
  return name !== undefined && directory.attackers.has(name) ? name : knownHost(reading, directory, node);
}

function lacks(reading: Reading, node: SourceNode, subject: string, keys: readonly string[]): void {
  reading.problem(
    keySpan(node, subject),
    'missing-key',
    'this expectation says nothing',
    `add one of ${keys.join(', ')}`,
  );
}
