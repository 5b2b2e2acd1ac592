// A zone (RFC 1034 §4.2): the names from its apex down to where it hands on to others, and what a server that has it says
// about a name.
//
//   foo.test.        SOA NS CAA        the apex
//   www.foo.test.    A
//   *.foo.test.      TXT               stands for names that do not exist (RFC 4592)
//   sub.foo.test.    NS                a cut: from here on others know, glue says where they are
//
// Not here: bytes, whole answers, and which of several zones is asked.

import { ancestors, childName, compareNames, type DnsName, isWithin, nameKey } from '../../../wire/dns_name.ts';
import { type DnsData, type DnsRecord, sameDnsData } from '../../../wire/dns_record.ts';
import { parseDnsData, parseNameIn } from '../../../wire/dns_record_text.ts';
import { DnsClass, DnsType, formatDnsType, parseDnsType } from '../../../wire/dns_type.ts';

/** A record as a scenario or a zone file gives it. */
export interface ZoneRecord {
  /** Relative to the zone's origin unless it ends in a dot; `@` is the origin. */
  readonly name: string;
  readonly type: string | number;
  /** Seconds; the zone's own unless given. */
  readonly ttl?: number;
  /** As text (`10 mail`), or as it is. */
  readonly data: string | DnsData;
}

export interface Zone {
  readonly origin: DnsName;
  readonly soa: DnsRecord;
  /** By `nameKey`. Names that exist only because something lies below them have no sets (RFC 4592 §2.2.2). */
  readonly nodes: ReadonlyMap<string, ZoneNode>;
}

export interface ZoneNode {
  readonly name: DnsName;
  /** By type. All records of a set have one TTL. */
  readonly sets: ReadonlyMap<number, readonly DnsRecord[]>;
}

export type ZoneAnswer = Readonly<
  | { kind: 'answer'; records: readonly DnsRecord[] }
  /** The name is another's: ask on with `target`. */
  | { kind: 'alias'; records: readonly DnsRecord[]; target: DnsName }
  /** The name exists, this type does not. */
  | { kind: 'nodata' }
  | { kind: 'nxdomain' }
  /** Others know: `servers` are NS records, `glue` the addresses of those that lie at or below the cut. */
  | { kind: 'delegation'; cut: DnsName; servers: readonly DnsRecord[]; glue: readonly DnsRecord[] }
>;

const DEFAULT_SOA = { serial: 1, refresh: 3600, retry: 600, expire: 604_800 } as const;

/** What the zone says about a name. @throws RangeError when the name does not lie in the zone */
export function lookup(zone: Zone, name: DnsName, type: number): ZoneAnswer {
  if (!isWithin(name, zone.origin)) throw new RangeError(`${name} does not lie in ${zone.origin}`);
  const line = ancestors(name).slice(0, ancestors(name).length - ancestors(zone.origin).length + 1);
  // RFC 1034 §4.3.2 step 3b: the cut nearest to the apex decides; but who delegates speaks for the DS (RFC 4035 §3.1.4.1).
  for (const at of line.slice(0, -1).reverse()) {
    const servers = zone.nodes.get(nameKey(at))?.sets.get(DnsType.NS);
    if (servers === undefined || (at === name && type === DnsType.DS)) continue;
    return { kind: 'delegation', cut: servers[0]?.name ?? at, servers, glue: glueOf(zone, at, servers) };
  }
  const node = zone.nodes.get(nameKey(name));
  if (node !== undefined) return fromNode(node, type, name);
  // Step 3c: the closest name that exists, and the wildcard right below it.
  for (const at of line.slice(1)) {
    if (!zone.nodes.has(nameKey(at))) continue;
    const wildcard = zone.nodes.get(nameKey(childName('*', at)));
    return wildcard === undefined ? { kind: 'nxdomain' } : fromNode(wildcard, type, name);
  }
  return { kind: 'nxdomain' };
}

/**
 * Builds a zone. Without a SOA record one is made up, with the first NS of the apex as primary and `ttl` as the time for
 * which absence may be kept.
 *
 * @param ttl seconds, for records that give none
 * @throws RangeError on a record that cannot be there, with a sentence that says why
 */
export function zoneFromRecords(origin: DnsName, ttl: number, records: readonly ZoneRecord[]): Zone {
  const sets = new Map<string, { name: DnsName; sets: Map<number, DnsRecord[]> }>();
  const nodeAt = (name: DnsName): Map<number, DnsRecord[]> => {
    const node = sets.get(nameKey(name)) ?? { name, sets: new Map<number, DnsRecord[]>() };
    sets.set(nameKey(name), node);
    return node.sets;
  };
  for (const given of records) {
    const record = recordOf(given, origin, ttl);
    const node = nodeAt(record.name);
    const set = node.get(record.type) ?? [];
    node.set(record.type, set);
    if (!set.some((other) => sameDnsData(other.data, record.data))) set.push(record); // RFC 2181 §5.5: no duplicates
  }
  const apex = nodeAt(origin);
  if (!apex.has(DnsType.SOA)) apex.set(DnsType.SOA, [soaFor(origin, ttl, apex.get(DnsType.NS))]);
  for (const { name, sets: own } of [...sets.values()]) {
    check(name, own, origin);
    for (const at of ancestors(name)) {
      if (nameKey(at) === nameKey(origin)) break;
      nodeAt(at); // empty non-terminals exist
    }
    for (const [type, set] of own) own.set(type, withOneTtl(set));
  }
  const soa = apex.get(DnsType.SOA)?.[0];
  if (soa === undefined) throw new RangeError(`the zone ${origin} has no SOA record`);
  return { origin, soa, nodes: sets };
}

/** All records, in canonical order of names, then by type: the SOA first. */
export function zoneRecords(zone: Zone): DnsRecord[] {
  const rank = (type: number): number => (type === DnsType.SOA ? 0 : type);
  return [...zone.nodes.values()]
    .sort((a, b) => compareNames(a.name, b.name))
    .flatMap((node) => [...node.sets].sort(([a], [b]) => rank(a) - rank(b)).flatMap(([, set]) => set));
}

function fromNode(node: ZoneNode, type: number, name: DnsName): ZoneAnswer {
  // A wildcard's records answer under the name that was asked for (RFC 4592 §3.3.1).
  const renamed = (set: readonly DnsRecord[]): readonly DnsRecord[] =>
    nameKey(node.name) === nameKey(name) ? set : set.map((record) => ({ ...record, name }));
  const set = node.sets.get(type);
  if (set !== undefined) return { kind: 'answer', records: renamed(set) };
  const alias = node.sets.get(DnsType.CNAME);
  const [first] = alias ?? [];
  if (alias !== undefined && first?.data.kind === 'CNAME') {
    return { kind: 'alias', records: renamed(alias), target: first.data.target };
  }
  return { kind: 'nodata' };
}

/** Addresses of the servers at or below `cut`, which nobody could find otherwise. */
function glueOf(zone: Zone, cut: DnsName, servers: readonly DnsRecord[]): DnsRecord[] {
  const glue: DnsRecord[] = [];
  for (const { data } of servers) {
    // Names elsewhere in the zone are no glue, but save a question.
    if (data.kind !== 'NS' || !isWithin(data.target, zone.origin)) continue;
    const node = zone.nodes.get(nameKey(data.target));
    glue.push(...(node?.sets.get(DnsType.A) ?? []), ...(node?.sets.get(DnsType.AAAA) ?? []));
  }
  // What nobody could find otherwise comes first: it is the last to be left out.
  return [...glue.filter((a) => isWithin(a.name, cut)), ...glue.filter((a) => !isWithin(a.name, cut))];
}

function recordOf(given: ZoneRecord, origin: DnsName, zoneTtl: number): DnsRecord {
  const name = parseNameIn(given.name, origin);
  if (name === undefined) throw new RangeError(`"${given.name}" is not a domain name`);
  if (!isWithin(name, origin)) throw new RangeError(`${name} does not lie in the zone ${origin}`);
  const type = typeof given.type === 'number' ? given.type : parseDnsType(given.type);
  if (type === undefined) throw new RangeError(`"${given.type}" is not a type of DNS record`);
  if (type === DnsType.OPT || (type >= 128 && type <= 255)) {
    throw new RangeError(`${formatDnsType(type)} is not a type that a zone can hold`); // RFC 6895 §3.1
  }
  const ttl = given.ttl ?? zoneTtl;
  if (!Number.isInteger(ttl) || ttl < 0 || ttl > 0x7fff_ffff) {
    throw new RangeError(`the TTL of ${name} must be a whole number of seconds from 0 to 2^31 - 1, not ${ttl}`);
  }
  const data = typeof given.data === 'string' ? parseDnsData(type, given.data, origin) : given.data;
  if (data === undefined) {
    throw new RangeError(`"${String(given.data)}" is not the data of a record of type ${formatDnsType(type)}`);
  }
  if (data.kind !== 'opaque' && data.kind !== formatDnsType(type)) {
    throw new RangeError(`a record of type ${formatDnsType(type)} cannot hold the data of type ${data.kind}`);
  }
  return { name, type, class: DnsClass.IN, ttl, data };
}

function check(name: DnsName, sets: ReadonlyMap<number, readonly DnsRecord[]>, origin: DnsName): void {
  const isApex = nameKey(name) === nameKey(origin);
  // RFC 1034 §3.6.2, RFC 4034 §2.5: beside an alias only what signs it.
  const others = [...sets.keys()].filter(
    (type) => type !== DnsType.CNAME && type !== DnsType.RRSIG && type !== DnsType.NSEC,
  );
  const [other] = others;
  if (sets.has(DnsType.CNAME) && other !== undefined) {
    throw new RangeError(`${name} has a CNAME record, and may not have one of type ${formatDnsType(other)} beside it`);
  }
  if ((sets.get(DnsType.CNAME)?.length ?? 0) > 1) throw new RangeError(`${name} has two CNAME records`);
  if (sets.has(DnsType.SOA) && !isApex) throw new RangeError(`${name} has a SOA record, but is not the zone's apex`);
  if ((sets.get(DnsType.SOA)?.length ?? 0) > 1) throw new RangeError(`${name} has two SOA records`);
}

function soaFor(origin: DnsName, ttl: number, servers: readonly DnsRecord[] | undefined): DnsRecord {
  const [server] = servers ?? [];
  const primary = server?.data.kind === 'NS' ? server.data.target : childName('ns', origin);
  const mailbox = childName('hostmaster', origin);
  const data: DnsData = { kind: 'SOA', primary, mailbox, ...DEFAULT_SOA, minimum: ttl };
  return { name: origin, type: DnsType.SOA, class: DnsClass.IN, ttl, data };
}

/** RFC 2181 §5.2: where the TTLs of a set differ, the lowest counts. */
function withOneTtl(set: DnsRecord[]): DnsRecord[] {
  const ttl = Math.min(...set.map((record) => record.ttl));
  return set.map((record) => (record.ttl === ttl ? record : { ...record, ttl }));
}
