// What a resolver remembers: sets of records, and that there are none, each until its time to live is over (RFC 1034
// §4.3.4, RFC 2308), and each with the trust that its source deserves (RFC 2181 §5.4.1).
//
// An entry that has expired is gone at the next look, without a timer: a cache keeps no world alive. Not here: what to
// take out of a message (`resolution.ts`).

import type { Journal } from '../../../core/journal.ts';
import { JournalTable } from '../../../core/journal.ts';
import { after, type Duration, elapsed, type Instant, seconds } from '../../../core/time.ts';
import { compareNames, type DnsName, nameKey } from '../../../wire/dns_name.ts';
import { type DnsRecord, sameDnsData } from '../../../wire/dns_record.ts';
import { formatDnsData } from '../../../wire/dns_record_text.ts';
import { formatDnsType } from '../../../wire/dns_type.ts';

/**
 * How far a set is to be trusted: what a referral says serves to find servers, and is never an answer. A set gives way
 * only to one that is trusted as much.
 */
export const DnsTrust = { Referral: 1, Answer: 2 } as const;
export type DnsTrust = (typeof DnsTrust)[keyof typeof DnsTrust];

export type DnsCacheEntry = Readonly<{ name: DnsName; storedAt: Instant; expiresAt: Instant }> &
  Readonly<
    | { kind: 'records'; type: number; trust: DnsTrust; records: readonly DnsRecord[] }
    /** The name exists, this type does not. */
    | { kind: 'nodata'; type: number; soa: DnsRecord }
    /** No type of this name exists. */
    | { kind: 'nxdomain'; soa: DnsRecord }
    /** Nobody could tell (RFC 9520). */
    | { kind: 'failure'; type: number }
  >;

export interface DnsCacheOptions {
  /** Entries; at the bound, the one that would expire first makes room. */
  readonly capacity?: number;
  /** The longest that anything is kept; a day. */
  readonly maxTtl?: Duration;
  readonly journal?: Journal | undefined;
  /** Whose cache it is, for the journal. */
  readonly host?: string;
}

export const DEFAULT_CAPACITY = 10_000;

const MAX_TTL = seconds(86_400);
const MAX_NEGATIVE_TTL = seconds(10_800); // RFC 2308 §5: one to three hours
const FAILURE_TTL = seconds(1); // RFC 9520 §3.2: at least one second
const SECOND = seconds(1);

export class DnsCache {
  private readonly capacity: number;
  private readonly maxTtl: Duration;
  private readonly journal: Journal | undefined;
  private readonly host: string;
  private readonly entries = new Map<string, DnsCacheEntry>();
  // A heap by expiry, ties by key. An entry that was replaced leaves its old place behind until that comes up.
  private readonly order: Place[] = [];

  constructor(options: DnsCacheOptions = {}) {
    this.capacity = options.capacity ?? DEFAULT_CAPACITY;
    this.maxTtl = options.maxTtl ?? MAX_TTL;
    this.journal = options.journal;
    this.host = options.host ?? '';
    if (!Number.isInteger(this.capacity) || this.capacity < 1) {
      throw new RangeError(`a cache must hold at least one entry, not ${this.capacity}`);
    }
  }

  /** What is known about a name and type, if it may be told to others. An alias is another type: ask for CNAME. */
  find(now: Instant, name: DnsName, type: number): DnsCacheEntry | undefined {
    const absent = this.live(now, keyOf(name, ANY_TYPE));
    if (absent !== undefined) return absent;
    const entry = this.live(now, keyOf(name, type));
    return entry?.kind === 'records' && entry.trust < DnsTrust.Answer ? undefined : entry;
  }

  /** Records to find servers with, referrals included. */
  findHint(now: Instant, name: DnsName, type: number): readonly DnsRecord[] {
    const entry = this.live(now, keyOf(name, type));
    return entry?.kind === 'records' ? entry.records : [];
  }

  /** Keeps a set of records: of one name, one type, one class. */
  storeRecords(now: Instant, records: readonly DnsRecord[], trust: DnsTrust, cause: string): void {
    const [first] = records;
    if (first === undefined) return;
    const { name, type } = first;
    const known = this.live(now, keyOf(name, type));
    if (known?.kind === 'records' && known.trust > trust) return; // RFC 2181 §5.4.1
    const ttl = seconds(Math.min(...records.map((record) => record.ttl)));
    const expiresAt = after(now, Math.min(ttl, this.maxTtl) as Duration);
    if (trust === DnsTrust.Answer) this.remove(now, keyOf(name, ANY_TYPE), 'there is such a name after all');
    this.store(now, { kind: 'records', name, type, trust, records, storedAt: now, expiresAt }, cause);
  }

  /** Keeps that there is no such name (`type` undefined) or no such type, as long as the SOA allows (RFC 2308 §5). */
  storeAbsence(now: Instant, name: DnsName, type: number | undefined, soa: DnsRecord, cause: string): void {
    if (soa.data.kind !== 'SOA') return;
    const ttl = seconds(Math.min(soa.ttl, soa.data.minimum));
    const expiresAt = after(now, Math.min(ttl, MAX_NEGATIVE_TTL, this.maxTtl) as Duration);
    const times = { storedAt: now, expiresAt };
    if (type === undefined) this.store(now, { kind: 'nxdomain', name, soa, ...times }, cause);
    else this.store(now, { kind: 'nodata', name, type, soa, ...times }, cause);
  }

  /** Keeps that nobody could tell, for a second. Never in the place of something known. */
  storeFailure(now: Instant, name: DnsName, type: number, cause: string): void {
    if (this.live(now, keyOf(name, type)) !== undefined) return;
    const expiresAt = after(now, FAILURE_TTL);
    this.store(now, { kind: 'failure', name, type, storedAt: now, expiresAt }, cause);
  }

  /** All that is alive, by name and type. */
  list(now: Instant): DnsCacheEntry[] {
    return [...this.entries.values()]
      .filter((entry) => entry.expiresAt > now)
      .sort((a, b) => compareNames(a.name, b.name) || typeOf(a) - typeOf(b));
  }

  /** Entries held, expired ones that nobody has looked at included. */
  get size(): number {
    return this.entries.size;
  }

  flush(now: Instant): void {
    for (const key of [...this.entries.keys()].sort()) this.remove(now, key, 'flushed');
    this.order.length = 0;
  }

  private live(now: Instant, key: string): DnsCacheEntry | undefined {
    const entry = this.entries.get(key);
    if (entry === undefined || entry.expiresAt > now) return entry;
    this.remove(now, key, 'expired');
    return undefined;
  }

  private store(now: Instant, entry: DnsCacheEntry, cause: string): void {
    const key = keyOf(entry.name, typeOf(entry));
    if (entry.expiresAt <= now) {
      this.remove(now, key, 'replaced by one that may not be kept'); // RFC 1035 §3.2.1: a TTL of zero
      return;
    }
    const isNew = !this.entries.has(key);
    if (isNew) this.makeRoom(now);
    this.entries.set(key, entry);
    this.push({ key, expiresAt: entry.expiresAt });
    if (this.order.length > 2 * this.capacity + 16) this.rebuild();
    this.report(now, isNew ? 'added' : 'changed', entry, cause);
  }

  private makeRoom(now: Instant): void {
    for (let first = this.order[0]; first !== undefined; first = this.order[0]) {
      if (first.expiresAt > now && this.entries.size < this.capacity) return;
      this.pop();
      if (this.entries.get(first.key)?.expiresAt !== first.expiresAt) continue; // replaced meanwhile
      this.remove(now, first.key, first.expiresAt > now ? 'the cache is full' : 'expired');
    }
  }

  private remove(now: Instant, key: string, cause: string): void {
    const entry = this.entries.get(key);
    if (entry === undefined) return;
    this.entries.delete(key);
    this.report(now, 'removed', entry, cause);
  }

  private report(now: Instant, change: 'added' | 'changed' | 'removed', entry: DnsCacheEntry, cause: string): void {
    if (this.journal?.watches(JournalTable.DnsCache) !== true) return;
    const type = entry.kind === 'nxdomain' ? '*' : formatDnsType(entry.type);
    this.journal.record({
      table: JournalTable.DnsCache,
      time: now,
      host: this.host,
      change,
      key: `${entry.name} ${type}`,
      cause,
      row: { name: entry.name, type, ttl: remainingTtl(entry, now), data: entryText(entry) },
    });
  }

  private rebuild(): void {
    this.order.length = 0;
    for (const [key, entry] of this.entries) this.push({ key, expiresAt: entry.expiresAt });
  }

  private push(item: Place): void {
    const heap = this.order;
    let at = heap.length;
    heap.push(item);
    while (at > 0) {
      const parentAt = (at - 1) >> 1;
      const parent = heap[parentAt];
      if (parent === undefined || !isSooner(item, parent)) break;
      heap[at] = parent;
      at = parentAt;
    }
    heap[at] = item;
  }

  private pop(): void {
    const heap = this.order;
    const item = heap.pop();
    if (item === undefined || heap.length === 0) return;
    let at = 0;
    for (;;) {
      let childAt = 2 * at + 1;
      let child = heap[childAt];
      const other = heap[childAt + 1];
      if (child !== undefined && other !== undefined && isSooner(other, child)) {
        child = other;
        childAt++;
      }
      if (child === undefined || !isSooner(child, item)) break;
      heap[at] = child;
      at = childAt;
    }
    heap[at] = item;
  }
}

/** The records of an entry, with the time that they still have to live. */
export const agedRecords = (records: readonly DnsRecord[], entry: DnsCacheEntry, now: Instant): DnsRecord[] =>
  records.map((record) => ({ ...record, ttl: remainingTtl(entry, now) }));

/** Whole seconds that an entry still has to live; what its records are sent with. */
export const remainingTtl = (entry: DnsCacheEntry, now: Instant): number =>
  Math.max(0, Math.floor(elapsed(now, entry.expiresAt) / SECOND));

/** As `rndc dumpdb` has it, one line a record: `www.foo.test. 298 A 198.51.100.80`. */
export function formatDnsCache(entries: readonly DnsCacheEntry[], now: Instant): string {
  const lines = entries.flatMap((entry) => {
    const ttl = remainingTtl(entry, now);
    if (entry.kind !== 'records') return `${entry.name} ${ttl} ${entryText(entry)}`;
    return entry.records.map((record) => {
      const note = entry.trust === DnsTrust.Referral ? ' ; from a referral' : '';
      return `${record.name} ${ttl} ${formatDnsType(record.type)} ${formatDnsData(record.data)}${note}`;
    });
  });
  return lines.join('\n');
}

/** What an entry says, without its name and time: `198.51.100.80`, `NXDOMAIN`. */
export function entryText(entry: DnsCacheEntry): string {
  switch (entry.kind) {
    case 'records':
      return entry.records.map((record) => formatDnsData(record.data)).join(', ');
    case 'nodata':
      return `no ${formatDnsType(entry.type)} record`;
    case 'nxdomain':
      return 'NXDOMAIN';
    case 'failure':
      return `${formatDnsType(entry.type)} could not be resolved`;
    default:
      return entry satisfies never;
  }
}

/** The most records of a set that are kept; comparing each with all others must not cost more. */
export const MAX_SET_SIZE = 100;

/** Sets of a list of records, in the order of their first records, without duplicates. */
export function recordSets(records: readonly DnsRecord[]): DnsRecord[][] {
  const sets = new Map<string, DnsRecord[]>();
  for (const record of records) {
    const key = `${keyOf(record.name, record.type)} ${record.class}`;
    const set = sets.get(key);
    if (set === undefined) sets.set(key, [record]);
    else if (set.length < MAX_SET_SIZE && !set.some((other) => sameDnsData(other.data, record.data))) set.push(record);
  }
  return [...sets.values()];
}

const ANY_TYPE = 0; // RFC 6895 §3.1: no record has it

const typeOf = (entry: DnsCacheEntry): number => (entry.kind === 'nxdomain' ? ANY_TYPE : entry.type);

const keyOf = (name: DnsName, type: number): string => `${nameKey(name)} ${type}`;

interface Place {
  readonly key: string;
  readonly expiresAt: Instant;
}

const isSooner = (a: Place, b: Place): boolean =>
  a.expiresAt !== b.expiresAt ? a.expiresAt < b.expiresAt : a.key < b.key;
