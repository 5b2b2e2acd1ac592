// The ARP neighbor cache of one interface: at which link address does an IPv4 address answer?
//
//              send              answer             30 s           send
//   (absent) ------> Incomplete ------> Reachable ------> Stale ---------> Probe ---> answer: Reachable
//                        \------ no answer: Failed <------ no answer ------/
//
// Incomplete broadcasts its question, Probe puts it to the last known address; both ask each second, three times. A
// failed entry stays to be seen for 20 s, and asks anew when someone sends. Stale goes after a minute without use. Not
// here: routes, frames, and the memory behind slots. A slot handed to `resolve` while the answer is out comes back exactly
// once, in an event.

import { type Journal, type JournalChange, JournalTable } from '../../core/journal.ts';
import { after, earlier, type Instant, minutes, NEVER, seconds } from '../../core/time.ts';
import {
  formatIpv4,
  type Ipv4Address,
  isGroupAddress,
  type LinkAddress,
  NO_LINK_ADDRESS,
  UNSPECIFIED_IPV4,
} from '../../wire/address.ts';
import type { ArpOperation, ArpPacket } from '../../wire/arp.ts';
import { type Neighbor, type NeighborState, neighborPlace } from './neighbor.ts';
import { addressFacing, type InterfaceAddress } from './network_interface.ts';

const REACHABLE_TIME = seconds(30); // RFC 4861 §10
const STALE_TIME = minutes(1); // RFC 1122 §2.3.2.1: flush what is out of date, after about a minute
const RETRANSMIT_TIME = seconds(1); // RFC 1122 §2.3.2.1: one request a second to one destination, at most
const FAILED_TIME = seconds(20); // long enough for a person to see it in the table
const MAX_REQUESTS = 3; // RFC 4861 §10
/**
 * Packets that wait for one neighbor; a further one displaces the oldest. RFC 1122 §2.3.2.2 asks for one, the latest. The
 * pieces of one datagram want to go together, up to 45 of them over Ethernet; Linux keeps 101 full packets, 212,992 bytes.
 */
export const MAX_WAITING = 101;
export const MAX_NEIGHBORS = 1024;

// Short tables are kept without slack: there is one on each machine.
const FEW = 8;
const NO_NEIGHBORS: Neighbor[] = [];

export type UnresolvedCause = 'NoAnswer' | 'QueueFull' | 'TableFull' | 'InterfaceDown';

export type NeighborEvent = Readonly<
  | { kind: 'Resolved'; address: Ipv4Address; linkAddress: LinkAddress; slots: readonly number[] }
  | { kind: 'Unresolved'; address: Ipv4Address; cause: UnresolvedCause; slots: readonly number[] }
  | { kind: 'Conflict'; address: Ipv4Address; linkAddress: LinkAddress }
>;

/** The interface that the cache belongs to. */
export interface NeighborOwner {
  readonly name: string;
  readonly linkAddress: LinkAddress;
  readonly addresses: readonly InterfaceAddress[];
}

/** Where tables report their changes. */
export interface TableLog {
  readonly journal: Journal | undefined;
  readonly hostName: string;
}

export class NeighborCache {
  private readonly owner: NeighborOwner;
  private readonly log: TableLog;
  // In the order of their addresses. Most machines have one neighbor, so there is no Map.
  private neighbors: Neighbor[] = NO_NEIGHBORS;
  private transmits: ArpPacket[] | undefined;
  private events: NeighborEvent[] | undefined;
  // How many are Incomplete: these have packets waiting, and keep the world alive.
  private incomplete = 0;
  // Never later than the earliest deadline of another entry. It may be earlier: one that moves on leaves it behind.
  private backgroundDeadline: Instant = NEVER;

  constructor(owner: NeighborOwner, log: TableLog) {
    this.owner = owner;
    this.log = log;
  }

  /** The neighbor to send the packet in `slot` to; nothing if it has yet to answer: the slot then waits for an event. */
  resolve(now: Instant, address: Ipv4Address, slot: number): Readonly<Neighbor> | undefined {
    const neighbor = this.neighbors[this.search(address)] ?? this.add(now, address);
    // RFC 1122 §2.3.2.1 (2): unicast poll
    if (neighbor.state === 'Stale') this.ask(now, neighbor, 'Probe', 'used again after it had aged');
    // The last question of a failed entry is a second old at least, so the next may go out at once.
    else if (neighbor.state === 'Failed') this.ask(now, neighbor, 'Incomplete', 'a packet waits for it');
    if (neighbor.state !== 'Incomplete') return neighbor;
    const { waiting } = neighbor;
    if (waiting?.length === MAX_WAITING) this.giveUp(neighbor, 'QueueFull', waiting.splice(0, 1));
    if (waiting === undefined) neighbor.waiting = [slot];
    else waiting.push(slot);
    return undefined;
  }

  /** Takes in a parsed ARP packet, in the order of RFC 826, "Packet Reception": first merge, then answer. */
  handleInput(now: Instant, packet: ArpPacket): void {
    const { sender, senderLink, target } = packet;
    if (senderLink === NO_LINK_ADDRESS || isGroupAddress(senderLink)) return; // RFC 1812 §3.3.2: no station's address
    if (this.isOwn(sender)) {
      this.pushEvent({ kind: 'Conflict', address: sender, linkAddress: senderLink }); // RFC 5227 §2.4
      return;
    }
    const isForUs = this.isOwn(target);
    const isAnswer = isForUs && packet.operation === 'reply';
    const isQuestion = isForUs && packet.operation === 'request';
    // RFC 5227 §2.1.1: a sender of zero looks for a free address and has nothing to teach
    const isMerged = sender !== UNSPECIFIED_IPV4 && (isQuestion || this.has(sender));
    if (isMerged) this.merge(now, sender, senderLink, isAnswer, isAnswer ? 'answered our question' : 'said so by ARP');
    if (isQuestion) this.transmit({ operation: 'reply', sender: target, target: sender, targetLink: senderLink });
  }

  /** Enters what is known by other means than ARP: a DHCP server knows its client's link address from the message. */
  learn(now: Instant, address: Ipv4Address, linkAddress: LinkAddress, cause: string): void {
    this.merge(now, address, linkAddress, false, cause);
  }

  has(address: Ipv4Address): boolean {
    return this.search(address) >= 0;
  }

  handleTimeout(now: Instant): void {
    if (now < this.pollTimeout() && now < this.backgroundDeadline) return;
    const due = this.neighbors.filter((neighbor) => neighbor.deadline <= now);
    for (const neighbor of due.sort(byDeadline)) this.expire(now, neighbor);
    this.backgroundDeadline = NEVER;
    for (const { state, deadline } of this.neighbors) this.expect(state, deadline);
  }

  /** Forgets everything, as when the cable is pulled. */
  clear(now: Instant): void {
    for (const neighbor of [...this.neighbors]) this.remove(now, neighbor, 'InterfaceDown', 'interface is down');
    this.backgroundDeadline = NEVER;
  }

  /** While packets wait for an answer. */
  pollTimeout(): Instant {
    let deadline = NEVER;
    if (this.incomplete === 0) return deadline;
    for (const each of this.neighbors) if (each.state === 'Incomplete') deadline = earlier(deadline, each.deadline);
    return deadline;
  }

  /** Ageing, and questions for which no packet waits. */
  pollBackgroundTimeout(): Instant {
    return this.backgroundDeadline;
  }

  /** The next packet to frame for its `targetLink`, or for everyone if that is `NO_LINK_ADDRESS`. */
  pollTransmit(): ArpPacket | undefined {
    const packet = this.transmits?.shift();
    if (this.transmits?.length === 0) this.transmits = undefined;
    return packet;
  }

  pollEvent(): NeighborEvent | undefined {
    const event = this.events?.shift();
    if (this.events?.length === 0) this.events = undefined;
    return event;
  }

  /** All entries in the order of their addresses. */
  list(): readonly Readonly<Neighbor>[] {
    return this.neighbors;
  }

  private isOwn(address: Ipv4Address): boolean {
    for (const own of this.owner.addresses) if (own.address === address) return true;
    return false;
  }

  // The index of the entry, or -1 less the place where it would stand.
  private search(address: Ipv4Address): number {
    let low = 0;
    let high = this.neighbors.length - 1;
    while (low <= high) {
      const middle = (low + high) >>> 1;
      const found = this.neighbors[middle]?.address ?? 0;
      if (found === address) return middle;
      if (found >>> 0 < address >>> 0) low = middle + 1;
      else high = middle - 1;
    }
    return ~low;
  }

  private add(now: Instant, address: Ipv4Address): Neighbor {
    const full = this.neighbors.length === MAX_NEIGHBORS;
    if (full) this.remove(now, this.neighbors.reduce(lessUseful), 'TableFull', 'made room for another');
    const neighbor: Neighbor = {
      address,
      linkAddress: NO_LINK_ADDRESS,
      state: 'Failed',
      since: NEVER,
      deadline: NEVER,
      asked: 0,
      waiting: undefined,
    };
    const at = ~this.search(address);
    if (this.neighbors.length < FEW) this.neighbors = this.neighbors.toSpliced(at, 0, neighbor);
    else this.neighbors.splice(at, 0, neighbor);
    return neighbor;
  }

  // Only an answer to us proves that the neighbor hears us too. Other news is believed, and checked at the next use.
  private merge(now: Instant, address: Ipv4Address, linkAddress: LinkAddress, isAnswer: boolean, cause: string): void {
    const neighbor = this.neighbors[this.search(address)] ?? this.add(now, address);
    const { state } = neighbor;
    const hasMoved = neighbor.linkAddress !== linkAddress;
    const isNews = hasMoved || state === 'Failed';
    neighbor.linkAddress = linkAddress; // RFC 826: the latest word wins, whoever says it: the root of ARP spoofing
    if (isAnswer) this.enter(now, neighbor, 'Reachable', after(now, REACHABLE_TIME), cause);
    else if (isNews) this.enter(now, neighbor, 'Stale', after(now, STALE_TIME), cause); // RFC 4861 §7.2.5
    if (hasMoved && neighbor.state === state) this.record(now, neighbor, 'changed', cause);
    const slots = neighbor.waiting;
    if (slots === undefined) return;
    neighbor.waiting = undefined;
    this.pushEvent({ kind: 'Resolved', address, linkAddress, slots });
  }

  private expire(now: Instant, neighbor: Neighbor): void {
    const { state } = neighbor;
    if (state === 'Reachable') this.enter(now, neighbor, 'Stale', after(now, STALE_TIME), 'not confirmed for 30 s');
    else if (state === 'Stale' || state === 'Failed') this.remove(now, neighbor, 'NoAnswer', 'not used any more');
    else if (neighbor.asked === MAX_REQUESTS) this.fail(now, neighbor);
    else this.ask(now, neighbor, state, 'no answer yet');
  }

  private fail(now: Instant, neighbor: Neighbor): void {
    neighbor.linkAddress = NO_LINK_ADDRESS;
    this.enter(now, neighbor, 'Failed', after(now, FAILED_TIME), `no answer to ${MAX_REQUESTS} questions`);
    this.giveUp(neighbor, 'NoAnswer', neighbor.waiting);
    neighbor.waiting = undefined;
  }

  private ask(now: Instant, neighbor: Neighbor, state: 'Incomplete' | 'Probe', cause: string): void {
    const asked = neighbor.state === state ? neighbor.asked + 1 : 1;
    this.enter(now, neighbor, state, after(now, RETRANSMIT_TIME), cause);
    neighbor.asked = asked;
    const sender = addressFacing(this.owner.addresses, neighbor.address) ?? UNSPECIFIED_IPV4;
    const { address, linkAddress } = neighbor;
    this.transmit({ operation: 'request', sender, target: address, targetLink: linkAddress });
  }

  private enter(now: Instant, neighbor: Neighbor, state: NeighborState, deadline: Instant, cause: string): void {
    const isNew = neighbor.since === NEVER;
    const isChange = isNew || neighbor.state !== state;
    if (isChange) {
      this.incomplete += (state === 'Incomplete' ? 1 : 0) - (neighbor.state === 'Incomplete' ? 1 : 0);
      neighbor.since = now;
    }
    neighbor.state = state;
    neighbor.deadline = deadline;
    neighbor.asked = 0;
    this.expect(state, deadline);
    if (isChange) this.record(now, neighbor, isNew ? 'added' : 'changed', cause);
  }

  private expect(state: NeighborState, deadline: Instant): void {
    if (state !== 'Incomplete') this.backgroundDeadline = earlier(this.backgroundDeadline, deadline);
  }

  private remove(now: Instant, neighbor: Neighbor, cause: UnresolvedCause, text: string): void {
    this.neighbors.splice(this.search(neighbor.address), 1);
    this.record(now, neighbor, 'removed', text);
    if (neighbor.state === 'Incomplete') this.incomplete--;
    neighbor.state = 'Failed'; // whoever still holds the entry looks it up again
    this.giveUp(neighbor, cause, neighbor.waiting);
    neighbor.waiting = undefined;
  }

  private giveUp(neighbor: Neighbor, cause: UnresolvedCause, slots: readonly number[] | undefined): void {
    if (slots !== undefined) this.pushEvent({ kind: 'Unresolved', address: neighbor.address, cause, slots });
  }

  private pushEvent(event: NeighborEvent): void {
    // `[event]` has no room for more; what is pushed to an empty array makes room for sixteen.
    if (this.events === undefined) this.events = [event];
    else this.events.push(event);
  }

  private transmit(packet: { operation: ArpOperation } & Pick<ArpPacket, 'sender' | 'target' | 'targetLink'>): void {
    const { operation, sender, target, targetLink } = packet;
    const whole = { operation, sender, senderLink: this.owner.linkAddress, target, targetLink };
    if (this.transmits === undefined) this.transmits = [whole];
    else this.transmits.push(whole);
  }

  private record(now: Instant, neighbor: Neighbor, change: JournalChange, cause: string): void {
    const { journal, hostName } = this.log;
    if (journal?.watches(JournalTable.Neighbor) !== true) return;
    const address = formatIpv4(neighbor.address);
    const row = {
      interface: this.owner.name,
      address,
      linkAddress: neighborPlace(neighbor),
      state: neighbor.state,
    };
    journal.record({ table: JournalTable.Neighbor, time: now, host: hostName, change, key: address, cause, row });
  }
}

// Total orders, so that nothing depends on the order in which entries came.
const byAddress = (a: Neighbor, b: Neighbor): number => (a.address >>> 0) - (b.address >>> 0);
const byDeadline = (a: Neighbor, b: Neighbor): number => a.deadline - b.deadline || byAddress(a, b);

// Who goes when the table is full: the oldest of those not known to be there, so that a flood of claims displaces itself.
const lessUseful = (a: Neighbor, b: Neighbor): Neighbor => (usefulness(a, b) <= 0 ? a : b);
const usefulness = (a: Neighbor, b: Neighbor): number =>
  Number(a.state === 'Reachable') - Number(b.state === 'Reachable') || a.since - b.since || byAddress(a, b);
