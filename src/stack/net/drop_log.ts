// What a machine dropped: counters, and entries in the journal for whoever watches. Made by the first drop.

import type { Arena } from '../../core/arena.ts';
import { DROP_REASON_COUNT, type DropReason, dropName, dropText } from '../../core/drop_reason.ts';
import { JournalTable } from '../../core/journal.ts';
import type { Instant } from '../../core/time.ts';
import { formatIpv4 } from '../../wire/address.ts';
import { ipv4Destination, ipv4Protocol, ipv4Source } from '../../wire/ipv4.ts';
import type { TableLog } from './neighbor_cache.ts';

export class DropLog {
  /** By reason. */
  readonly counts: Uint32Array = new Uint32Array(DROP_REASON_COUNT);
  private readonly log: TableLog;

  constructor(log: TableLog) {
    this.log = log;
  }

  count(reason: DropReason): void {
    this.counts[reason] = (this.counts[reason] ?? 0) + 1;
  }

  /** A packet that starts at its IP header. */
  packet(now: Instant, arena: Arena, slot: number, reason: DropReason): void {
    this.count(reason);
    if (!this.isWatched) return;
    const { view } = arena;
    const at = arena.start(slot);
    const source = formatIpv4(ipv4Source(view, at));
    const destination = formatIpv4(ipv4Destination(view, at));
    const details = { source, destination, protocol: ipv4Protocol(view, at), length: arena.length(slot) };
    this.record(now, reason, `${source} > ${destination}`, details);
  }

  /** A frame of so many bytes, on its way in or out. */
  frame(now: Instant, length: number, reason: DropReason, interfaceName: string): void {
    this.count(reason);
    if (this.isWatched) this.record(now, reason, `frame on ${interfaceName}`, { interface: interfaceName, length });
  }

  private get isWatched(): boolean {
    return this.log.journal?.watches(JournalTable.Drop) === true;
  }

  private record(now: Instant, reason: DropReason, key: string, details: Record<string, string | number>): void {
    this.log.journal?.record({
      table: JournalTable.Drop,
      time: now,
      host: this.log.hostName,
      change: 'added',
      key,
      cause: dropText(reason),
      row: { reason: dropName(reason), ...details },
    });
  }
}
