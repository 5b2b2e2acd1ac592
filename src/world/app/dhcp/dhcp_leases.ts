// The addresses that a DHCP server gives out on one network, and who has or had which.
//
//   (free) --> probing --> offered --> bound --> expired, released --> (bound again, or given to another)
//                 |           |          |
//                 +-----------+----------+--> declined: in use by a stranger, held back for a while
//
// A record stays after its lease ended, so that a client that comes back gets its old address as long as nobody else
// needed it. At most one record an address, and `MAX_LEASES` in all: at the bound, or when the range is used up, the
// record that ended longest ago makes room, and without such a one there is no address. Not here: messages.

import { type Journal, type JournalChange, JournalTable } from '../../../core/journal.ts';
import {
  after,
  type Duration,
  earlier,
  elapsed,
  FOREVER,
  formatDuration,
  type Instant,
  NEVER,
  seconds,
} from '../../../core/time.ts';
import { formatIpv4, formatLinkAddress, type Ipv4Address, type LinkAddress } from '../../../wire/address.ts';

export const MAX_LEASES = 8192;

export type DhcpLeaseState = 'probing' | 'offered' | 'bound' | 'expired' | 'released' | 'declined';

export interface DhcpReservation {
  readonly linkAddress: LinkAddress;
  /** Inside the range or outside of it, but on the same network. */
  readonly address: Ipv4Address;
}

/** One row of the server's table. */
export interface DhcpServerLease {
  readonly address: Ipv4Address;
  /** Who: the client identifier in hex, or the link address of one that sends none. */
  client: string;
  linkAddress: LinkAddress;
  hostName: string | undefined;
  state: DhcpLeaseState;
  /** When it entered this state. */
  since: Instant;
  /** When it leaves it by itself; `NEVER` for endless leases and those that ended. */
  deadline: Instant;
}

/** By whom an address is asked for. */
export interface DhcpClientIdentity {
  readonly client: string;
  readonly linkAddress: LinkAddress;
  readonly hostName: string | undefined;
}

export interface DhcpAddressPlan {
  /** Both ends belong to it. */
  readonly first: Ipv4Address;
  readonly last: Ipv4Address;
  readonly reservations: readonly DhcpReservation[];
  /** Addresses in the range that are never given: the server's own. */
  readonly excluded: readonly Ipv4Address[];
}

export class DhcpLeases {
  private readonly plan: DhcpAddressPlan;
  private readonly host: string;
  private readonly journal: Journal | undefined;
  private readonly byAddress = new Map<Ipv4Address, DhcpServerLease>();
  private readonly byClient = new Map<string, DhcpServerLease>();
  private readonly reservedBy = new Map<Ipv4Address, LinkAddress>();
  private readonly reservedFor = new Map<LinkAddress, Ipv4Address>();
  // Unsigned: each address of the range below it has been given once.
  private next: number;
  // Never later than the earliest deadline of a row.
  private deadline: Instant = NEVER;

  constructor(plan: DhcpAddressPlan, host: string, journal: Journal | undefined) {
    this.plan = plan;
    this.host = host;
    this.journal = journal;
    this.next = plan.first >>> 0;
    for (const { linkAddress, address } of plan.reservations) {
      this.reservedBy.set(address, linkAddress);
      this.reservedFor.set(linkAddress, address);
    }
  }

  get size(): number {
    return this.byAddress.size;
  }

  of(client: string): DhcpServerLease | undefined {
    return this.byClient.get(client);
  }

  at(address: Ipv4Address): DhcpServerLease | undefined {
    return this.byAddress.get(address);
  }

  /** RFC 2131 §4.3.1: its current address, its old one, the one it asks for, one never used, one long unused. */
  choose(who: DhcpClientIdentity, wish: Ipv4Address | undefined): Ipv4Address | undefined {
    const reserved = this.reservedFor.get(who.linkAddress);
    if (reserved !== undefined) return this.isAvailable(who, reserved) ? reserved : undefined;
    const old = this.byClient.get(who.client)?.address;
    if (old !== undefined && this.isAvailable(who, old)) return old;
    if (wish !== undefined && this.isAvailable(who, wish)) return wish;
    return this.unused(who) ?? this.longestEnded(who);
  }

  /** Whether a client may be given an address: it is one of ours, kept for nobody else, and nobody else has it. */
  isAvailable(who: DhcpClientIdentity, address: Ipv4Address): boolean {
    const reserved = this.reservedFor.get(who.linkAddress);
    if (reserved !== undefined ? reserved !== address : this.reservedBy.has(address) || !this.isInRange(address)) {
      return false;
    }
    const lease = this.byAddress.get(address);
    if (lease === undefined) return this.byAddress.size < MAX_LEASES || this.longestEndedLease() !== undefined;
    return isEnded(lease) || (lease.client === who.client && lease.state !== 'declined');
  }

  /** Writes down that a client has an address from now on; whatever else it had is free again. */
  enter(
    now: Instant,
    who: DhcpClientIdentity,
    address: Ipv4Address,
    state: 'probing' | 'offered' | 'bound',
    duration: Duration,
    cause: string,
  ): void {
    const other = this.byClient.get(who.client);
    if (other !== undefined && other.address !== address) this.remove(now, other, 'its client has another address now');
    const present = this.byAddress.get(address);
    const lease = present ?? this.add(now, who, address);
    if (this.byClient.get(lease.client) === lease) this.byClient.delete(lease.client);
    this.byClient.set(who.client, lease);
    lease.client = who.client;
    lease.linkAddress = who.linkAddress;
    lease.hostName = who.hostName ?? lease.hostName;
    this.change(now, lease, state, after(now, duration), cause, present === undefined ? 'added' : 'changed');
  }

  /** Ends a lease; its row remembers the client. */
  end(now: Instant, lease: DhcpServerLease, state: 'expired' | 'released', cause: string): void {
    this.change(now, lease, state, NEVER, cause, 'changed');
  }

  /** Holds an address back that a stranger uses. */
  hold(now: Instant, lease: DhcpServerLease, duration: Duration, cause: string): void {
    this.byClient.delete(lease.client); // it must not get it again
    this.change(now, lease, 'declined', after(now, duration), cause, 'changed');
  }

  /** Forgets an offer that was not taken. */
  remove(now: Instant, lease: DhcpServerLease, cause: string): void {
    this.byAddress.delete(lease.address);
    if (this.byClient.get(lease.client) === lease) this.byClient.delete(lease.client);
    // Where it never was used it is the first to be given again.
    if (this.isInRange(lease.address)) this.next = Math.min(this.next, lease.address >>> 0);
    this.report(now, lease, 'removed', cause);
  }

  /** The rows whose time has come, the earliest first; the caller ends or removes each. */
  due(now: Instant): readonly DhcpServerLease[] {
    return [...this.byAddress.values()].filter((lease) => lease.deadline <= now).sort(byDeadline);
  }

  /** Looks again when something will be due: after all that was due is dealt with. */
  settle(): void {
    this.deadline = NEVER;
    for (const lease of this.byAddress.values()) this.deadline = earlier(this.deadline, lease.deadline);
  }

  /** May be early, never late. */
  pollDeadline(): Instant {
    return this.deadline;
  }

  /** In the order of their addresses. */
  list(): readonly Readonly<DhcpServerLease>[] {
    return [...this.byAddress.values()].sort(byNumber);
  }

  private isInRange(address: Ipv4Address): boolean {
    const number = address >>> 0;
    if (number < this.plan.first >>> 0 || number > this.plan.last >>> 0) return false;
    return !this.plan.excluded.includes(address);
  }

  // The lowest first. Addresses below `next` have a row or had one; this only ever steps over those.
  private unused(who: DhcpClientIdentity): Ipv4Address | undefined {
    if (this.byAddress.size >= MAX_LEASES) return undefined;
    const last = this.plan.last >>> 0;
    while (this.next <= last && (this.byAddress.has(signed(this.next)) || !this.isGivable(signed(this.next)))) {
      this.next++;
    }
    const address = signed(this.next);
    return this.next <= last && this.isAvailable(who, address) ? address : undefined;
  }

  private isGivable(address: Ipv4Address): boolean {
    return this.isInRange(address) && !this.reservedBy.has(address);
  }

  private longestEnded(who: DhcpClientIdentity): Ipv4Address | undefined {
    let found: DhcpServerLease | undefined;
    for (const lease of this.byAddress.values()) {
      if (!isEnded(lease) || !this.isAvailable(who, lease.address)) continue;
      if (found === undefined || bySince(lease, found) < 0) found = lease;
    }
    return found?.address;
  }

  private longestEndedLease(): DhcpServerLease | undefined {
    let found: DhcpServerLease | undefined;
    for (const lease of this.byAddress.values()) {
      if (isEnded(lease) && (found === undefined || bySince(lease, found) < 0)) found = lease;
    }
    return found;
  }

  private add(now: Instant, who: DhcpClientIdentity, address: Ipv4Address): DhcpServerLease {
    if (this.byAddress.size >= MAX_LEASES) {
      const oldest = this.longestEndedLease();
      if (oldest !== undefined) this.remove(now, oldest, 'the table is full');
    }
    const lease: DhcpServerLease = { address, ...who, state: 'offered', since: now, deadline: NEVER };
    this.byAddress.set(address, lease);
    return lease;
  }

  private change(
    now: Instant,
    lease: DhcpServerLease,
    state: DhcpLeaseState,
    deadline: Instant,
    cause: string,
    change: JournalChange,
  ): void {
    if (lease.state !== state) lease.since = now;
    lease.state = state;
    lease.deadline = deadline;
    this.deadline = earlier(this.deadline, deadline);
    this.report(now, lease, change, cause);
  }

  private report(time: Instant, lease: DhcpServerLease, change: JournalChange, cause: string): void {
    const { journal, host } = this;
    if (journal === undefined || !journal.watches(JournalTable.Lease)) return;
    const key = formatIpv4(lease.address);
    const row = {
      address: key,
      linkAddress: formatLinkAddress(lease.linkAddress),
      host: lease.hostName ?? '',
      state: lease.state,
      ends: lease.deadline,
    };
    journal.record({ table: JournalTable.Lease, time, host, change, key, cause, row });
  }
}

/** The table as text; what is left of a lease in whole seconds, rounded up. */
export function formatLeases(leases: readonly Readonly<DhcpServerLease>[], now: Instant): string {
  const rows = leases.map((lease) => [
    formatIpv4(lease.address),
    formatLinkAddress(lease.linkAddress),
    lease.state,
    remaining(lease, now),
    lease.hostName === undefined ? '-' : printable(lease.hostName),
  ]);
  const table = [['Address', 'Link address', 'State', 'Remaining', 'Host'], ...rows];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...table.map((row) => (row[column] ?? '').length)));
  return table
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function remaining(lease: Readonly<DhcpServerLease>, now: Instant): string {
  if (isEnded(lease)) return '-';
  if (lease.deadline === NEVER) return formatDuration(FOREVER);
  return formatDuration(seconds(Math.ceil(elapsed(now, lease.deadline) / seconds(1))));
}

// A name comes from the client, and a terminal obeys what is not printable.
const printable = (name: string): string => name.replace(/[^\x21-\x7e]/g, '?');

const signed = (number: number): Ipv4Address => (number | 0) as Ipv4Address;
const isEnded = (lease: Readonly<DhcpServerLease>): boolean => lease.state === 'expired' || lease.state === 'released';

// Total orders, so that nothing depends on the order in which rows came.
const byNumber = (a: DhcpServerLease, b: DhcpServerLease): number => (a.address >>> 0) - (b.address >>> 0);
const bySince = (a: DhcpServerLease, b: DhcpServerLease): number => a.since - b.since || byNumber(a, b);
const byDeadline = (a: DhcpServerLease, b: DhcpServerLease): number => a.deadline - b.deadline || byNumber(a, b);
