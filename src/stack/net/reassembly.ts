// Puts IPv4 fragments together again (RFC 791 §3.2, RFC 815).
//
//   fragments --> kept by (source, destination, protocol, identification), sorted --> no gap left --> the whole packet
//
// Memory is bounded; what overlaps condemns its whole packet (as RFC 5722 has it for IPv6), since nobody honest sends
// that. Cutting: fragmentation.ts.

import { type Arena, NO_SLOT } from '../../core/arena.ts';
import { DropReason } from '../../core/drop_reason.ts';
import { after, earlier, type Instant, NEVER, seconds } from '../../core/time.ts';
import type { Ipv4Address } from '../../wire/address.ts';
import { checksumOf, sumBytes } from '../../wire/checksum.ts';
import {
  IPV4_MAX_LENGTH,
  ipv4Destination,
  ipv4FragmentOffset,
  ipv4HasMoreFragments,
  ipv4HeaderLength,
  ipv4Identification,
  ipv4Protocol,
  ipv4Source,
  setIpv4Checksum,
  setIpv4FragmentField,
  setIpv4TotalLength,
} from '../../wire/ipv4.ts';

const REASSEMBLY_TIME = seconds(30); // RFC 791 §3.2 starts with 15 s, RFC 1122 §3.3.2 asks for 60 to 120; kernels wait 30
/** Packets in the making. At this bound and the next, the oldest goes. */
export const MAX_PARTIAL_PACKETS = 64;
/** Bytes held, the cost of holding a fragment included. */
export const MAX_REASSEMBLY_BYTES: number = 512 * 1024;
const FRAGMENT_COST = 256;
/** Of one packet: enough for the longest over links of 576 bytes. */
const MAX_FRAGMENTS = 128;

interface Fragment {
  /** Bytes of payload, counted from the start of the whole. */
  readonly from: number;
  readonly to: number;
  readonly slot: number;
}

interface PartialPacket {
  readonly source: Ipv4Address;
  readonly destination: Ipv4Address;
  readonly protocol: number;
  readonly identification: number;
  readonly deadline: Instant;
  /** Sorted by place, without overlaps. */
  fragments: Fragment[];
  /** Bytes of the whole payload, -1 until the last fragment is here. */
  length: number;
  /** Overlapped: what still comes is dropped until the time is over. */
  isCondemned: boolean;
}

/** A fragment that has been given up; its reference goes to whoever takes this. */
export interface DiscardedFragment {
  readonly slot: number;
  readonly reason: DropReason;
}

export class Reassembly {
  private readonly arena: Arena;
  // In the order in which they began, which is that of their deadlines.
  private partial: PartialPacket[] = [];
  private bytes = 0;
  private readonly discarded: DiscardedFragment[] = [];

  constructor(arena: Arena) {
    this.arena = arena;
  }

  /** Takes over a fragment, which starts at its IP header. Returns the whole packet when it is complete, else `NO_SLOT`. */
  add(now: Instant, slot: number): number {
    const { view } = this.arena;
    const at = this.arena.start(slot);
    const length = this.arena.length(slot) - ipv4HeaderLength(view, at);
    const from = ipv4FragmentOffset(view, at);
    const isLast = !ipv4HasMoreFragments(view, at);
    // The second is the "ping of death": pieces that add up to more than a packet can be.
    const isImpossible =
      length === 0 || (!isLast && length % 8 !== 0) || from + length + ipv4HeaderLength(view, at) > IPV4_MAX_LENGTH;
    if (isImpossible) return this.discard(slot, DropReason.BadLength);
    const packet = this.find(slot) ?? this.begin(now, slot);
    if (packet.isCondemned) return this.discard(slot, DropReason.FragmentOverlap);
    return this.insert(packet, { from, to: from + length, slot }, isLast);
  }

  handleTimeout(now: Instant): void {
    for (const packet of this.partial.filter(({ deadline }) => deadline <= now)) {
      this.remove(packet, DropReason.ReassemblyTimeout);
    }
  }

  /** When the oldest is given up: does not keep a world alive. */
  pollBackgroundTimeout(): Instant {
    return this.partial.reduce((soonest, { deadline }) => earlier(soonest, deadline), NEVER);
  }

  /** The next fragment that was given up. A packet's fragments come in order, so the first one, if it came, first. */
  pollDiscarded(): DiscardedFragment | undefined {
    return this.discarded.shift();
  }

  /** Gives everything up. */
  clear(): void {
    for (const packet of [...this.partial]) this.remove(packet, DropReason.ReassemblyLimit);
  }

  private find(slot: number): PartialPacket | undefined {
    const { view } = this.arena;
    const at = this.arena.start(slot);
    const source = ipv4Source(view, at);
    const destination = ipv4Destination(view, at);
    const protocol = ipv4Protocol(view, at);
    const identification = ipv4Identification(view, at);
    return this.partial.find(
      (packet) =>
        packet.identification === identification &&
        packet.source === source &&
        packet.destination === destination &&
        packet.protocol === protocol,
    );
  }

  private begin(now: Instant, slot: number): PartialPacket {
    if (this.partial.length === MAX_PARTIAL_PACKETS) this.removeOldest();
    const { view } = this.arena;
    const at = this.arena.start(slot);
    const packet: PartialPacket = {
      source: ipv4Source(view, at),
      destination: ipv4Destination(view, at),
      protocol: ipv4Protocol(view, at),
      identification: ipv4Identification(view, at),
      deadline: after(now, REASSEMBLY_TIME),
      fragments: [],
      length: -1,
      isCondemned: false,
    };
    this.partial.push(packet);
    return packet;
  }

  private insert(packet: PartialPacket, fragment: Fragment, isLast: boolean): number {
    const { from, to, slot } = fragment;
    const { fragments } = packet;
    const next = fragments.findIndex((other) => other.to > from);
    const place = next < 0 ? fragments.length : next;
    const following = fragments[place];
    if (following !== undefined && following.from < to) {
      // The network may double a packet; the same piece again says nothing new.
      if (following.from === from && following.to === to) return this.discard(slot, DropReason.UnexpectedMessage);
      return this.condemn(packet, slot);
    }
    // Two different ends, or something behind the end, is as bad as an overlap.
    const isBeyond = packet.length >= 0 && (isLast || to > packet.length);
    if (isBeyond || (isLast && following !== undefined)) return this.condemn(packet, slot);
    if (fragments.length === MAX_FRAGMENTS) {
      this.remove(packet, DropReason.ReassemblyLimit);
      return this.discard(slot, DropReason.ReassemblyLimit);
    }
    fragments.splice(place, 0, fragment);
    this.bytes += to - from + FRAGMENT_COST;
    if (isLast) packet.length = to;
    if (isComplete(packet)) return this.join(packet);
    while (this.bytes > MAX_REASSEMBLY_BYTES) this.removeOldest();
    return NO_SLOT;
  }

  private join(packet: PartialPacket): number {
    const { arena } = this;
    const first = packet.fragments[0]?.slot ?? NO_SLOT;
    const headerLength = ipv4HeaderLength(arena.view, arena.start(first));
    const totalLength = headerLength + packet.length;
    // The first fragment's header may be longer than those that were added up so far.
    if (totalLength > IPV4_MAX_LENGTH) {
      this.remove(packet, DropReason.BadLength);
      return NO_SLOT;
    }
    const whole = arena.allocate(totalLength);
    const to = arena.start(whole);
    const { bytes, view } = arena;
    bytes.copyWithin(to, arena.start(first), arena.start(first) + headerLength);
    for (const { from, slot } of packet.fragments) {
      const end = arena.end(slot);
      const start = arena.start(slot) + ipv4HeaderLength(view, arena.start(slot));
      bytes.copyWithin(to + headerLength + from, start, end);
      arena.release(slot);
    }
    this.forget(packet);
    setIpv4TotalLength(view, to, totalLength);
    setIpv4FragmentField(view, to, 0);
    setIpv4Checksum(view, to, 0);
    setIpv4Checksum(view, to, checksumOf(sumBytes(view, to, headerLength)));
    return whole;
  }

  private condemn(packet: PartialPacket, slot: number): number {
    this.discardAll(packet, DropReason.FragmentOverlap);
    packet.isCondemned = true;
    return this.discard(slot, DropReason.FragmentOverlap);
  }

  private removeOldest(): void {
    for (const packet of this.partial.slice(0, 1)) this.remove(packet, DropReason.ReassemblyLimit);
  }

  private remove(packet: PartialPacket, reason: DropReason): void {
    this.discardAll(packet, reason);
    this.forget(packet);
  }

  private forget(packet: PartialPacket): void {
    for (const { from, to } of packet.fragments) this.bytes -= to - from + FRAGMENT_COST;
    packet.fragments = [];
    this.partial.splice(this.partial.indexOf(packet), 1);
  }

  private discardAll(packet: PartialPacket, reason: DropReason): void {
    for (const { from, to, slot } of packet.fragments) {
      this.bytes -= to - from + FRAGMENT_COST;
      this.discard(slot, reason);
    }
    packet.fragments = [];
  }

  private discard(slot: number, reason: DropReason): typeof NO_SLOT {
    this.discarded.push({ slot, reason });
    return NO_SLOT;
  }
}

function isComplete({ fragments, length }: PartialPacket): boolean {
  let covered = 0;
  for (const { from, to } of fragments) {
    if (from !== covered) return false;
    covered = to;
  }
  return covered === length;
}
