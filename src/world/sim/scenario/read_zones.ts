// Zones of the domain name system: who serves them, what they delegate, and their records in the notation of zone files.
//
// Owners: `@` is the zone, `www` is below it, a name with a dot at its end is absolute. Targets (CNAME, NS, MX, SRV, PTR):
// a word without dots is below the zone, a name with dots is absolute.

import { type Duration, hours, minutes, seconds } from '../../../core/time.ts';
import { parseIpv6 } from '../../../wire/address.ts';
import { addressOrHost, type Directory, fixedAddress, knownHost } from './read_networks.ts';
import { entriesOf, field, keySpan, type Maybe, oneOrMore, type Reading, textOf } from './reading.ts';
import type { SourceNode, Span } from './source_tree.ts';
import type { HostDefinition, NameServerReference, RecordData, RecordDefinition, ZoneDefinition } from './types.ts';

/** RFC 2181 §8: a TTL has 31 bits. */
const MAX_TTL_SECONDS = 2 ** 31 - 1;
/** RFC 1035 §2.3.4, on the wire; with dots and without the root's byte two less. */
const MAX_NAME = 253;
const LABELS = /^(?:\*|[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)*$/;

export function readZones(
  reading: Reading,
  root: SourceNode,
  directory: Directory,
  hosts: ReadonlyMap<string, HostDefinition>,
): ZoneDefinition[] {
  const zones: ZoneDefinition[] = [];
  for (const [written, { key, value }] of entriesOf(field(root, 'zones'))) {
    const name = written.toLowerCase().replace(/\.$/, '');
    if (zones.some((zone) => zone.name === name)) {
      reading.problem(key, 'duplicate-name', `the zone ${shown(name)} stands here twice`);
      continue;
    }
    const zone = readZone(reading, directory, hosts, name, key, value);
    if (zone !== undefined) zones.push(zone);
  }
  checkDelegations(reading, zones, entriesOf(field(root, 'zones')).length === zones.length);
  checkHints(reading, zones, hosts);
  return zones;
}

function readZone(
  reading: Reading,
  directory: Directory,
  hosts: ReadonlyMap<string, HostDefinition>,
  name: string,
  key: Span,
  node: SourceNode,
): ZoneDefinition | undefined {
  const ttl = readTtl(reading, field(node, 'ttl'), hours(1));
  const negativeTtl = readTtl(reading, field(node, 'negative-ttl'), minutes(5));
  const delegations = entriesOf(field(node, 'delegate')).flatMap(([written, entry]) => {
    const child = written.toLowerCase().replace(/\.$/, '');
    if (!isBelow(child, name)) {
      const suggestion = child.includes('.') ? undefined : `write ${join(child, name)}`;
      reading.problem(entry.key, 'bad-dns', `${shown(child)} is not below the zone ${shown(name)}`, suggestion);
      return [];
    }
    const server = readServer(reading, directory, hosts, entry.value, `${shown(child)} is delegated to it`);
    return server === undefined ? [] : [reading.mark({ child, server }, entry.key)];
  });
  const records = entriesOf(field(node, 'records')).flatMap(([written, entry]) => {
    const owner = readOwner(reading, written, name, entry.key);
    if (owner === undefined) return [];
    const below = delegations.find(({ child }) => owner === child || isBelow(owner, child));
    if (below !== undefined) {
      const message = `${shown(owner)} belongs to the zone ${shown(below.child)}, which is delegated to ${below.server.host}`;
      reading.problem(entry.key, 'bad-dns', message, `move it to the zone ${shown(below.child)}`);
      return [];
    }
    return readRecords(reading, directory, owner, name, ttl, entry.value);
  });
  checkAliases(reading, name, records);
  const primary = readServer(reading, directory, hosts, field(node, 'primary'), `it is the primary of ${shown(name)}`);
  if (primary === undefined) return undefined;
  const position = reading.position(key);
  return reading.mark({ name, position, primary, ttl, negativeTtl, delegations, records }, key);
}

function readServer(
  reading: Reading,
  directory: Directory,
  hosts: ReadonlyMap<string, HostDefinition>,
  node: Maybe,
  because: string,
): NameServerReference | undefined {
  const host = knownHost(reading, directory, node);
  if (host === undefined || node === undefined) return undefined;
  const mode = hosts.get(host)?.dns?.mode;
  if (mode !== 'authoritative') {
    const message = `${host} ${mode === undefined ? 'serves no DNS' : `is a ${mode} server`}, but ${because}`;
    reading.problem(node.span, 'bad-dns', message, `give hosts.${host} dns: { mode: authoritative }`);
  }
  const address = fixedAddress(reading, directory, host, node.span);
  return address === undefined ? undefined : { host, address };
}

function readTtl(reading: Reading, node: Maybe, fallback: Duration): Duration {
  const ttl = reading.duration(node, fallback);
  if (node === undefined || (ttl % seconds(1) === 0 && ttl <= seconds(MAX_TTL_SECONDS))) return ttl;
  reading.problem(node.span, 'bad-unit', 'a TTL is a whole number of seconds', 'write it like 300s, at most 24855d');
  return fallback;
}

function readOwner(reading: Reading, written: string, zone: string, key: Span): string | undefined {
  const lower = written.toLowerCase();
  if (lower === '@') return zone;
  const isAbsolute = lower.endsWith('.');
  const name = isAbsolute ? lower.slice(0, -1) : join(lower, zone);
  if (isAbsolute && name !== zone && !isBelow(name, zone)) {
    reading.problem(
      key,
      'bad-dns',
      `${shown(name)} is outside the zone ${shown(zone)}`,
      'move it to the zone it belongs to',
    );
    return undefined;
  }
  if (!isAbsolute && zone !== '' && (lower === zone || lower.endsWith(`.${zone}`))) {
    const relative = lower === zone ? '@' : lower.slice(0, -zone.length - 1);
    reading.problem(
      key,
      'bad-dns',
      `this means ${shown(name)}`,
      `write "${relative}", or "${lower}." with the dot at its end`,
    );
    return undefined;
  }
  return checkName(reading, name, key);
}

function readRecords(
  reading: Reading,
  directory: Directory,
  owner: string,
  zone: string,
  zoneTtl: Duration,
  node: SourceNode,
): RecordDefinition[] {
  const ttl = readTtl(reading, field(node, 'ttl'), zoneTtl);
  const records: RecordDefinition[] = [];
  for (const [type, { value }] of entriesOf(node)) {
    if (type === 'ttl') continue;
    for (const item of oneOrMore(value)) {
      const data = readData(reading, directory, type, item, zone);
      if (data === undefined) continue;
      records.push(reading.mark({ owner, ttl, data, position: reading.position(item.span) }, keySpan(node, type)));
    }
  }
  return records;
}

function readData(
  reading: Reading,
  directory: Directory,
  type: string,
  node: SourceNode,
  zone: string,
): RecordData | undefined {
  const text = textOf(node);
  if (text === undefined) return undefined;
  const malformed = (form: string): undefined => {
    reading.problem(node.span, 'bad-dns', `"${text}" is no ${type} record`, `write ${form}`);
    return undefined;
  };
  const target = (written: string): string | undefined => {
    const lower = written.toLowerCase();
    const name = lower === '@' ? zone : lower.endsWith('.') ? lower.slice(0, -1) : lower;
    return checkName(reading, lower === '@' || lower.includes('.') ? name : join(name, zone), node.span);
  };
  const parts = text.trim().split(/\s+/);
  const [first = '', second = '', third = '', fourth = ''] = parts;
  const numbers = parts.map((part) => (/^[0-9]{1,5}$/.test(part) && Number(part) <= 65_535 ? Number(part) : undefined));
  switch (type) {
    case 'A': {
      const address = addressOrHost(reading, directory, [], node);
      return address === undefined ? undefined : { type, address };
    }
    case 'AAAA':
      return parseIpv6(text) === undefined ? malformed('an IPv6 address, like 2001:db8::1') : { type, address: text };
    case 'CNAME':
    case 'NS':
    case 'PTR': {
      const name = target(text);
      return name === undefined ? undefined : { type, target: name };
    }
    case 'MX': {
      const preference = numbers[0];
      if (preference === undefined || parts.length !== 2) return malformed('preference and name, like "10 mail"');
      const exchange = target(second);
      return exchange === undefined ? undefined : { type, preference, exchange };
    }
    case 'SRV': {
      const [priority, weight, port] = numbers;
      if (priority === undefined || weight === undefined || port === undefined || parts.length !== 4) {
        return malformed('priority, weight, port and name, like "0 5 5060 sip"');
      }
      const name = target(fourth);
      return name === undefined ? undefined : { type, priority, weight, port, target: name };
    }
    case 'TXT':
      return { type, texts: text.match(/[\s\S]{1,63}/gu) ?? [''] };
    case 'CAA': {
      const value = /"([^"]*)"$/.exec(text)?.[1] ?? (parts.length === 3 ? third : undefined);
      const isTag = /^[a-z0-9]+$/i.test(second);
      if (numbers[0] === undefined || numbers[0] > 255 || !isTag || value === undefined) {
        return malformed(`flags, tag and value, like '0 issue "demo-ca"'`);
      }
      return { type, flags: Number(first), tag: second, value };
    }
    default:
      return undefined;
  }
}

// RFC 1034 §3.6.2: where a CNAME stands, nothing else does.
function checkAliases(reading: Reading, zone: string, records: readonly RecordDefinition[]): void {
  for (const record of records) {
    if (record.data.type !== 'CNAME') continue;
    const other = records.find((one) => one.owner === record.owner && one.data.type !== 'CNAME');
    if (record.owner !== zone && other === undefined) continue;
    const message =
      other === undefined
        ? 'the zone itself cannot be another name for something'
        : `${shown(record.owner)} has a CNAME, so it cannot have ${other.data.type} records too`;
    reading.problem(reading.placeOf(record), 'bad-dns', message, 'give it the A record of the name it stands for');
  }
}

function checkDelegations(reading: Reading, zones: readonly ZoneDefinition[], areAllRead: boolean): void {
  const delegated = new Set<string>();
  for (const zone of zones) {
    for (const delegation of zone.delegations) {
      const { child, server } = delegation;
      delegated.add(child);
      const there = zones.find((one) => one.name === child);
      if (there === undefined && areAllRead) {
        const message = `${shown(child)} is delegated to ${server.host}, but there is no such zone`;
        reading.problem(
          reading.placeOf(delegation),
          'bad-dns',
          message,
          `add zones: { ${child}: { primary: ${server.host} } }`,
        );
      } else if (there !== undefined && there.primary.host !== server.host) {
        const message = `${shown(child)} is delegated to ${server.host}, but its primary is ${there.primary.host}`;
        reading.problem(reading.placeOf(delegation), 'bad-dns', message, `write ${there.primary.host}`);
      }
    }
  }
  if (!areAllRead || !zones.some((zone) => zone.name === '')) return;
  for (const zone of zones) {
    if (zone.name === '' || delegated.has(zone.name)) continue;
    const message = `no zone delegates ${shown(zone.name)}, so nobody finds it from the root`;
    reading.warning(reading.placeOf(zone), 'bad-dns', message, `add it to delegate of the zone above`);
  }
}

function checkHints(
  reading: Reading,
  zones: readonly ZoneDefinition[],
  hosts: ReadonlyMap<string, HostDefinition>,
): void {
  const root = zones.find((zone) => zone.name === '');
  for (const host of hosts.values()) {
    if (host.dns?.mode !== 'recursive') continue;
    for (const hint of host.dns.hints) {
      if (hint.host === root?.primary.host) continue;
      const message = `${hint.host} does not serve the root`;
      const suggestion =
        root === undefined ? `add zones: { ".": { primary: ${hint.host} } }` : `write ${root.primary.host}`;
      reading.problem(reading.placeOf(hint), 'bad-dns', message, suggestion);
    }
  }
}

function checkName(reading: Reading, name: string, span: Span): string | undefined {
  if (name === '' || (LABELS.test(name) && name.length <= MAX_NAME)) return name;
  reading.problem(
    span,
    'bad-dns',
    `"${name}" is not a domain name`,
    'use letters, digits and hyphens, with dots between',
  );
  return undefined;
}

/** Below it, not the zone itself. */
const isBelow = (name: string, zone: string): boolean => (zone === '' ? name !== '' : name.endsWith(`.${zone}`));
const join = (name: string, zone: string): string => (zone === '' ? name : `${name}.${zone}`);
const shown = (name: string): string => (name === '' ? '"."' : name);
