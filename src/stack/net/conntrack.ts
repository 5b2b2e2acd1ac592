// Connection tracking: which packets belong together, in both directions, and for how long that is remembered.
//
//   new --answer--> established --FIN both ways, or RST--> closing --> (gone)
//    \----------------- idle too long ------------------------/
//
// An entry has two flows: the packets of who began, and those of who answers. Where NAT rewrites one, the flows are not
// each other's mirror image. Not here: rules, and the rewriting.

import type { Journal } from '../../core/journal.ts';
import { JournalTable } from '../../core/journal.ts';
import { after, type Duration, earlier, type Instant, minutes, NEVER, seconds } from '../../core/time.ts';
import { formatIpv4 } from '../../wire/address.ts';
import { ICMP_PROTOCOL } from '../../wire/icmp.ts';
import { TCP_PROTOCOL, TcpFlag } from '../../wire/tcp.ts';
import { copyFlow, type Flow, hashFlow, sameFlow } from './flow.ts';

/** Further connections find the table full, and their packets are dropped. */
export const MAX_TRACKED = 65_536;

export interface ConntrackTimeouts {
  readonly udp: Duration;
  readonly tcpEstablished: Duration;
  /** Handshakes, and connections that are being closed. */
  readonly tcpTransitory: Duration;
  readonly icmp: Duration;
}

export const DEFAULT_TIMEOUTS: ConntrackTimeouts = {
  udp: minutes(5), // RFC 4787 §4.3, REQ-5: recommended
  tcpEstablished: minutes(124), // RFC 5382 §5, REQ-5: 2 h 4 min
  tcpTransitory: minutes(4),
  icmp: seconds(60), // RFC 5508 §3.2, REQ-2
};

const CLOSED = seconds(10);

/** Expired entries are looked for no more often: each time the whole table is walked. They count as gone at once. */
const SWEEP_INTERVAL = seconds(1);

export type ConntrackState = 'new' | 'established' | 'closing';
export type Direction = 'original' | 'reply';

export interface ConntrackEntry {
  readonly original: Flow;
  /** What answers look like when they arrive. */
  reply: Flow;
  state: ConntrackState;
  expiresAt: Instant;
  /** Rewritten: the source of the original direction, or its destination. */
  nat: 'none' | 'source' | 'destination' | 'both';
  /** FINs seen: 1 from who began, 2 from who answers. */
  fins: number;
  isConfirmed: boolean;
  readonly since: Instant;
}

/** Both ways in which an entry is found stand in one chain of the table. */
interface Link {
  readonly flow: Flow;
  readonly entry: ConntrackEntry;
  readonly direction: Direction;
  next: Link | undefined;
}

export class Conntrack {
  readonly timeouts: ConntrackTimeouts;
  /** What the latest `find` found. */
  direction: Direction = 'original';
  private readonly table = new Map<number, Link>();
  private readonly entries = new Set<ConntrackEntry>();
  private readonly seed: number;
  private readonly journal: Journal | undefined;
  private readonly hostName: string;
  // Never later than the earliest expiry; it may be earlier.
  private deadline: Instant = NEVER;
  /** Entries that ended since they were last asked for. */
  private readonly ended: ConntrackEntry[] = [];

  /** @param seed 32 secret bits */
  constructor(timeouts: ConntrackTimeouts, hostName: string, seed: number, journal?: Journal) {
    this.timeouts = timeouts;
    this.seed = seed;
    this.hostName = hostName;
    this.journal = journal;
  }

  get size(): number {
    return this.entries.size;
  }

  get isFull(): boolean {
    return this.entries.size >= MAX_TRACKED;
  }

  /** The entry to which a packet belongs; `direction` then says which way it goes. */
  find(now: Instant, flow: Flow): ConntrackEntry | undefined {
    for (let link = this.table.get(hashFlow(flow, this.seed)); link !== undefined; link = link.next) {
      if (!sameFlow(link.flow, flow)) continue;
      if (link.entry.expiresAt <= now) return undefined;
      this.direction = link.direction;
      return link.entry;
    }
    return undefined;
  }

  /** An entry for a first packet. It counts once it is confirmed: when the packet has passed all rules. */
  begin(now: Instant, flow: Flow): ConntrackEntry {
    const original = copyFlow(flow);
    return {
      original,
      reply: {
        protocol: flow.protocol,
        source: flow.destination,
        sourcePort: flow.destinationPort,
        destination: flow.source,
        destinationPort: flow.sourcePort,
      },
      state: 'new',
      expiresAt: NEVER,
      nat: 'none',
      fins: 0,
      isConfirmed: false,
      since: now,
    };
  }

  confirm(now: Instant, entry: ConntrackEntry, flags: number): void {
    entry.isConfirmed = true;
    this.entries.add(entry);
    this.enter({ flow: entry.original, entry, direction: 'original', next: undefined });
    this.enter({ flow: entry.reply, entry, direction: 'reply', next: undefined });
    this.extend(now, entry, this.idleTime(entry, flags));
    this.record(now, entry, 'added', 'a first packet');
  }

  /** A further packet of a known connection. `flags` are TCP's, 0 for others. */
  advance(now: Instant, entry: ConntrackEntry, direction: Direction, flags: number): void {
    const before = entry.state;
    if (entry.original.protocol === TCP_PROTOCOL) {
      if ((flags & TcpFlag.Syn) !== 0 && entry.state === 'closing' && direction === 'original') {
        entry.state = 'new'; // the same ports again
        entry.fins = 0;
      } else if ((flags & TcpFlag.Rst) !== 0) entry.state = 'closing';
      else {
        if (direction === 'reply' && entry.state === 'new') entry.state = 'established';
        if ((flags & TcpFlag.Fin) !== 0) entry.fins |= direction === 'original' ? 1 : 2;
        if (entry.fins === 3) entry.state = 'closing';
      }
    } else if (direction === 'reply' && entry.state === 'new') entry.state = 'established';
    // RFC 4787 §4.3, REQ-6: outbound packets refresh; inbound ones may, and do not, so that nobody outside can hold an entry.
    const isRefreshed =
      isOutbound(entry, direction) || entry.original.protocol === TCP_PROTOCOL || before !== entry.state;
    if (isRefreshed) this.extend(now, entry, this.idleTime(entry, flags));
    if (before !== entry.state) this.record(now, entry, 'changed', `${before} to ${entry.state}`);
  }

  handleTimeout(now: Instant): void {
    if (now < this.deadline) return;
    this.deadline = NEVER;
    for (const entry of this.entries) {
      if (entry.expiresAt <= now) this.remove(now, entry, entry.state === 'closing' ? 'closed' : 'idle');
      else this.deadline = earlier(this.deadline, entry.expiresAt);
    }
    const soonest = after(now, SWEEP_INTERVAL);
    if (this.deadline < soonest) this.deadline = soonest;
  }

  /** Forgets all connections: the machine was switched off. */
  clear(now: Instant): void {
    for (const entry of this.entries) this.remove(now, entry, 'switched off');
    this.deadline = NEVER;
  }

  /** Forgets those that `isOver` says are. */
  removeWhere(now: Instant, isOver: (entry: Readonly<ConntrackEntry>) => boolean, cause: string): void {
    for (const entry of this.entries) if (isOver(entry)) this.remove(now, entry, cause);
  }

  pollBackgroundTimeout(): Instant {
    return this.deadline;
  }

  /** Entries that ended: each once. */
  pollEnded(): ConntrackEntry | undefined {
    return this.ended.shift();
  }

  /** Those that have not expired, in the order in which they began. */
  list(now: Instant): readonly Readonly<ConntrackEntry>[] {
    return [...this.entries].filter((entry) => entry.expiresAt > now);
  }

  remove(now: Instant, entry: ConntrackEntry, cause: string): void {
    this.entries.delete(entry);
    this.leave(entry, entry.original);
    this.leave(entry, entry.reply);
    this.ended.push(entry);
    this.record(now, entry, 'removed', cause);
  }

  private idleTime(entry: ConntrackEntry, flags: number): Duration {
    const { protocol } = entry.original;
    if (protocol === ICMP_PROTOCOL) return this.timeouts.icmp;
    if (protocol !== TCP_PROTOCOL) return this.timeouts.udp;
    if (entry.state === 'established' && entry.fins === 0) return this.timeouts.tcpEstablished;
    return (flags & TcpFlag.Rst) !== 0 ? CLOSED : this.timeouts.tcpTransitory;
  }

  private extend(now: Instant, entry: ConntrackEntry, idle: Duration): void {
    entry.expiresAt = after(now, idle);
    this.deadline = earlier(this.deadline, entry.expiresAt);
  }

  private enter(link: Link): void {
    const hash = hashFlow(link.flow, this.seed);
    link.next = this.table.get(hash);
    this.table.set(hash, link);
  }

  private leave(entry: ConntrackEntry, flow: Flow): void {
    const hash = hashFlow(flow, this.seed);
    let kept: Link | undefined;
    for (let link = this.table.get(hash); link !== undefined; ) {
      const { next } = link;
      if (link.entry !== entry || link.flow !== flow) {
        link.next = kept;
        kept = link;
      }
      link = next;
    }
    if (kept === undefined) this.table.delete(hash);
    else this.table.set(hash, kept);
  }

  private record(now: Instant, entry: ConntrackEntry, change: 'added' | 'changed' | 'removed', cause: string): void {
    const journal = this.journal;
    const table = entry.nat === 'none' ? JournalTable.Conntrack : JournalTable.Nat;
    if (journal === undefined || !journal.watches(table)) return;
    const { original, reply, state } = entry;
    const row = {
      protocol: protocolName(original.protocol),
      original: flowText(original),
      reply: flowText(reply),
      state,
    };
    journal.record({ table, time: now, host: this.hostName, change, key: flowText(original), cause, row });
  }
}

// Where nothing is translated, both ways are alike.
function isOutbound({ nat }: ConntrackEntry, direction: Direction): boolean {
  if (nat === 'source') return direction === 'original';
  return nat !== 'destination' || direction === 'reply';
}

export const protocolName = (protocol: number): string =>
  protocol === TCP_PROTOCOL ? 'tcp' : protocol === ICMP_PROTOCOL ? 'icmp' : 'udp';

export const flowText = ({ source, sourcePort, destination, destinationPort }: Flow): string =>
  `${formatIpv4(source)}:${sourcePort} > ${formatIpv4(destination)}:${destinationPort}`;
