// The ARP neighbor cache of one interface: at which link address does an IPv4 address answer?
//
//              send              answer             30 s           send
//   (absent) ------> Incomplete ------> Reachable ------> Stale ---------> Probe ---> answer: Reachable
//
// Incomplete broadcasts its question, Probe puts it to the last known address; both ask each second, three times, and
// then the entry goes. Stale goes after a minute without use. Not here: routes, frames, and the memory behind slots.
// A slot handed to `resolve` while the answer is out comes back exactly once, in an event.

import { after, earlier, type Instant, minutes, NEVER, seconds } from '../../core/time.ts';
import {
  type Ipv4Address,
  isGroupAddress,
  type LinkAddress,
  NO_LINK_ADDRESS,
  UNSPECIFIED_IPV4,
} from '../../wire/address.ts';
import type { ArpOperation, ArpPacket } from '../../wire/arp.ts';
import type { Neighbor, NeighborState } from './neighbor.ts';

const REACHABLE_TIME = seconds(30); // RFC 4861 §10
const STALE_TIME = minutes(1); // RFC 1122 §2.3.2.1: flush what is out of date, after about a minute
const RETRANSMIT_TIME = seconds(1); // RFC 1122 §2.3.2.1: one request a second to one destination, at most
const MAX_REQUESTS = 3; // RFC 4861 §10
const MAX_WAITING = 3; // RFC 1122 §2.3.2.2 asks for one, the latest
export const MAX_NEIGHBORS = 512;

export type UnresolvedCause = 'NoAnswer' | 'QueueFull' | 'TableFull';

export type NeighborEvent = Readonly<
  | { kind: 'Resolved'; address: Ipv4Address; linkAddress: LinkAddress; slots: readonly number[] }
  | { kind: 'Unresolved'; address: Ipv4Address; cause: UnresolvedCause; slots: readonly number[] }
  | { kind: 'Conflict'; linkAddress: LinkAddress }
>;

export class NeighborCache {
  private readonly address: Ipv4Address;
  private readonly linkAddress: LinkAddress;
  private readonly neighbors = new Map<Ipv4Address, Neighbor>();
  private readonly transmits: ArpPacket[] = [];
  private readonly events: NeighborEvent[] = [];
  // Never later than the earliest deadline of an entry. It may be earlier: an entry that moves on leaves it behind.
  private deadline: Instant = NEVER;

  constructor(address: Ipv4Address, linkAddress: LinkAddress) {
    this.address = address;
    this.linkAddress = linkAddress;
  }

  /** The link address to send the packet in `slot` to, or `NO_LINK_ADDRESS`: the slot then waits here for an event. */
  resolve(now: Instant, address: Ipv4Address, slot: number): LinkAddress {
    const neighbor = this.neighbors.get(address) ?? this.add(now, address);
    if (neighbor.state === 'Stale') this.ask(now, neighbor, 'Probe'); // RFC 1122 §2.3.2.1 (2): unicast poll
    if (neighbor.state !== 'Incomplete') return neighbor.linkAddress;
    if (neighbor.asked === 0) this.ask(now, neighbor, 'Incomplete');
    if (neighbor.waiting.length === MAX_WAITING) this.giveUp(neighbor, 'QueueFull', neighbor.waiting.splice(0, 1));
    neighbor.waiting.push(slot);
    return NO_LINK_ADDRESS;
  }

  /** Takes in a parsed ARP packet, in the order of RFC 826, "Packet Reception": first merge, then answer. */
  handleInput(now: Instant, packet: ArpPacket): void {
    const { sender, senderLink } = packet;
    if (senderLink === NO_LINK_ADDRESS || isGroupAddress(senderLink)) return; // RFC 1812 §3.3.2: no station's address
    if (sender === this.address) {
      this.events.push({ kind: 'Conflict', linkAddress: senderLink }); // RFC 5227 §2.4
      return;
    }
    const isForUs = packet.target === this.address;
    const isAnswer = isForUs && packet.operation === 'reply';
    const isQuestion = isForUs && packet.operation === 'request';
    // RFC 5227 §2.1.1: a sender of zero looks for a free address and has nothing to teach
    const isMerged = sender !== UNSPECIFIED_IPV4 && (isQuestion || this.neighbors.has(sender));
    if (isMerged) this.merge(now, sender, senderLink, isAnswer);
    if (isQuestion) this.transmit('reply', sender, senderLink);
  }

  handleTimeout(now: Instant): void {
    if (now < this.deadline) return;
    const due = [...this.neighbors.values()].filter((neighbor) => neighbor.deadline <= now);
    for (const neighbor of due.sort(byDeadline)) this.expire(now, neighbor);
    this.deadline = NEVER;
    for (const neighbor of this.neighbors.values()) this.deadline = earlier(this.deadline, neighbor.deadline);
  }

  pollTimeout(): Instant {
    return this.deadline;
  }

  /** The next packet to frame for its `targetLink`, or for everyone if that is `NO_LINK_ADDRESS`. */
  pollTransmit(): ArpPacket | undefined {
    return this.transmits.shift();
  }

  pollEvent(): NeighborEvent | undefined {
    return this.events.shift();
  }

  /** All entries in the order of their addresses. */
  list(): readonly Readonly<Neighbor>[] {
    return [...this.neighbors.values()].sort(byAddress);
  }

  private add(now: Instant, address: Ipv4Address): Neighbor {
    if (this.neighbors.size === MAX_NEIGHBORS) this.remove([...this.neighbors.values()].reduce(older), 'TableFull');
    const neighbor: Neighbor = {
      address,
      linkAddress: NO_LINK_ADDRESS,
      state: 'Incomplete',
      since: now,
      deadline: NEVER,
      asked: 0,
      waiting: [],
    };
    this.neighbors.set(address, neighbor);
    return neighbor;
  }

  // Only an answer to us proves that the neighbor hears us too. Other news is believed, and checked at the next use.
  private merge(now: Instant, address: Ipv4Address, linkAddress: LinkAddress, isAnswer: boolean): void {
    const neighbor = this.neighbors.get(address) ?? this.add(now, address);
    const isNews = neighbor.linkAddress !== linkAddress;
    neighbor.linkAddress = linkAddress; // RFC 826: the latest word wins, whoever says it: the root of ARP spoofing
    if (isAnswer) this.enter(now, neighbor, 'Reachable', after(now, REACHABLE_TIME));
    else if (isNews) this.enter(now, neighbor, 'Stale', after(now, STALE_TIME)); // RFC 4861 §7.2.5
    if (neighbor.waiting.length === 0) return;
    this.events.push({ kind: 'Resolved', address, linkAddress, slots: neighbor.waiting });
    neighbor.waiting = [];
  }

  private expire(now: Instant, neighbor: Neighbor): void {
    const { state } = neighbor;
    if (state === 'Reachable') this.enter(now, neighbor, 'Stale', after(now, STALE_TIME));
    else if (state === 'Stale' || neighbor.asked === MAX_REQUESTS) this.remove(neighbor, 'NoAnswer');
    else this.ask(now, neighbor, state);
  }

  private ask(now: Instant, neighbor: Neighbor, state: NeighborState): void {
    const asked = neighbor.state === state ? neighbor.asked + 1 : 1;
    this.enter(now, neighbor, state, after(now, RETRANSMIT_TIME));
    neighbor.asked = asked;
    this.transmit('request', neighbor.address, neighbor.linkAddress);
  }

  private enter(now: Instant, neighbor: Neighbor, state: NeighborState, deadline: Instant): void {
    if (neighbor.state !== state) neighbor.since = now;
    neighbor.state = state;
    neighbor.deadline = deadline;
    neighbor.asked = 0;
    this.deadline = earlier(this.deadline, deadline);
  }

  private remove(neighbor: Neighbor, cause: UnresolvedCause): void {
    this.neighbors.delete(neighbor.address);
    if (neighbor.waiting.length > 0) this.giveUp(neighbor, cause, neighbor.waiting);
  }

  private giveUp(neighbor: Neighbor, cause: UnresolvedCause, slots: readonly number[]): void {
    this.events.push({ kind: 'Unresolved', address: neighbor.address, cause, slots });
  }

  private transmit(operation: ArpOperation, target: Ipv4Address, targetLink: LinkAddress): void {
    this.transmits.push({ operation, senderLink: this.linkAddress, sender: this.address, targetLink, target });
  }
}

// Total orders, so that nothing depends on the order in which entries came.
const byAddress = (a: Neighbor, b: Neighbor): number => (a.address >>> 0) - (b.address >>> 0);
const byDeadline = (a: Neighbor, b: Neighbor): number => a.deadline - b.deadline || byAddress(a, b);
const older = (a: Neighbor, b: Neighbor): Neighbor => ((a.since - b.since || byAddress(a, b)) <= 0 ? a : b);
