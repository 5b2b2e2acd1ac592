// The ARP neighbor cache of one machine: at which link address does an IPv4 address answer, on which interface?
//
//              send              answer             30 s           send
//   (absent) ------> Incomplete ------> Reachable ------> Stale ---------> Probe ---> answer: Reachable
//                        \------ no answer: Failed <------ no answer ------/
//
// Incomplete broadcasts its question, Probe puts it to the last known address; both ask each second, three times. A
// failed entry stays to be seen for 20 s, and asks anew when someone sends. Stale goes after a minute without use. Each
// interface holds its own entries, all interfaces share what is under way. Not here: routes, frames, and the memory
// behind slots. A slot handed to `resolve` while the answer is out comes back exactly once, in an event.

import { EventQueue } from '../../core/event_queue.ts';
import { type Journal, type JournalChange, JournalTable } from '../../core/journal.ts';
import { arrayOf, countOf, itemAt, type OneOrMany, withItem, withoutItem } from '../../core/one_or_many.ts';
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
import { type Neighbor, type NeighborQuestion, type NeighborState, neighborPlace } from './neighbor.ts';
import type { NetworkInterface } from './network_interface.ts';

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
/** Entries of one interface; a further one displaces the least useful. */
export const MAX_NEIGHBORS = 1024;

/** Up to so many interfaces, asking each for what has aged is faster than a queue. */
const MAX_ASKED = 4;

export type UnresolvedCause = 'NoAnswer' | 'QueueFull' | 'TableFull' | 'InterfaceDown';

export type NeighborEvent = Readonly<
  { at: NetworkInterface } & (
    | { kind: 'Resolved'; address: Ipv4Address; linkAddress: LinkAddress; slots: readonly number[] }
    | { kind: 'Unresolved'; address: Ipv4Address; cause: UnresolvedCause; slots: readonly number[] }
    | { kind: 'Conflict'; address: Ipv4Address; linkAddress: LinkAddress }
  )
>;

/** An ARP packet that is to go out through an interface. */
export interface OutgoingArp extends ArpPacket {
  readonly at: NetworkInterface;
}

/** Where tables report their changes. */
export interface TableLog {
  readonly journal: Journal | undefined;
  readonly hostName: string;
}

/** What the cache needs of its machine. */
export interface NeighborMachine {
  readonly log: TableLog;
  readonly interfaceList: OneOrMany<NetworkInterface>;
}

export class NeighborCache {
  private readonly machine: NeighborMachine;
  // The oldest first.
  private questions: OneOrMany<NeighborQuestion>;
  private transmits: OutgoingArp[] | undefined;
  private events: NeighborEvent[] | undefined;
  // Never later than the earliest deadline of an entry that is not Incomplete: one that moves on leaves it behind.
  private ageingDeadline: Instant = NEVER;
  // In its place on a machine with many interfaces: those with such entries.
  private ageing: EventQueue<NetworkInterface> | undefined;

  constructor(machine: NeighborMachine) {
    this.machine = machine;
  }

  /** The neighbor to send the packet in `slot` to; nothing if it has yet to answer: the slot then waits for an event. */
  resolve(now: Instant, at: NetworkInterface, address: Ipv4Address, slot: number): Readonly<Neighbor> | undefined {
    const neighbor = find(at, address) ?? this.add(now, at, address);
    // RFC 1122 §2.3.2.1 (2): unicast poll
    if (neighbor.state === 'Stale') this.ask(now, at, neighbor, 'Probe', 'used again after it had aged');
    // The last question of a failed entry is a second old at least, so the next may go out at once.
    else if (neighbor.state === 'Failed') this.ask(now, at, neighbor, 'Incomplete', 'a packet waits for it');
    const { question } = neighbor;
    if (neighbor.state !== 'Incomplete' || question === undefined) return neighbor;
    const { waiting } = question;
    if (waiting?.length === MAX_WAITING) this.giveUp(at, neighbor, 'QueueFull', waiting.splice(0, 1));
    // `[slot]` has no room for more; what is pushed to an empty array makes room for sixteen.
    if (waiting === undefined) question.waiting = [slot];
    else waiting.push(slot);
    return undefined;
  }

  /** Takes in a parsed ARP packet, in the order of RFC 826, "Packet Reception": first merge, then answer. */
  handleInput(now: Instant, at: NetworkInterface, packet: ArpPacket): void {
    const { sender, senderLink, target } = packet;
    if (senderLink === NO_LINK_ADDRESS || isGroupAddress(senderLink)) return; // RFC 1812 §3.3.2: no station's address
    if (at.kindOf(sender) === 'own') {
      this.pushEvent({ at, kind: 'Conflict', address: sender, linkAddress: senderLink }); // RFC 5227 §2.4
      return;
    }
    const isForUs = at.kindOf(target) === 'own';
    const isAnswer = isForUs && packet.operation === 'reply';
    const isQuestion = isForUs && packet.operation === 'request';
    // RFC 5227 §2.1.1: a sender of zero looks for a free address and has nothing to teach
    const isMerged = sender !== UNSPECIFIED_IPV4 && (isQuestion || isKnownAt(at, sender));
    if (isMerged)
      this.merge(now, at, sender, senderLink, isAnswer, isAnswer ? 'answered our question' : 'said so by ARP');
    if (isQuestion) this.transmit(at, 'reply', target, sender, senderLink);
  }

  /** Enters what is known by other means than ARP: a DHCP server knows its client's link address from the message. */
  learn(now: Instant, at: NetworkInterface, address: Ipv4Address, linkAddress: LinkAddress, cause: string): void {
    this.merge(now, at, address, linkAddress, false, cause);
  }

  handleTimeout(now: Instant): void {
    if (now >= this.pollTimeout()) {
      const due = arrayOf(this.questions).filter(({ neighbor }) => isAwaited(neighbor) && neighbor.deadline <= now);
      for (const { at, neighbor } of due.sort(byTurn)) this.expire(now, at, neighbor);
    }
    const { ageing } = this;
    if (ageing !== undefined) {
      for (let due = ageing.peek(); due !== undefined && ageing.nextTime <= now; due = ageing.peek()) {
        ageing.schedule(due, NEVER);
        this.age(now, due);
      }
    } else if (now >= this.ageingDeadline) {
      this.ageingDeadline = NEVER;
      for (const each of arrayOf(this.machine.interfaceList)) this.age(now, each);
    }
  }

  /** Forgets all that an interface knows, as when its cable is pulled. */
  clear(now: Instant, at: NetworkInterface): void {
    for (const neighbor of [...arrayOf(at.neighborList)])
      this.remove(now, at, neighbor, 'InterfaceDown', 'interface is down');
    if (this.ageing !== undefined) this.ageing.schedule(at, NEVER);
    else {
      this.ageingDeadline = NEVER;
      this.expectAll();
    }
  }

  /** While packets wait for an answer. */
  pollTimeout(): Instant {
    const { questions } = this;
    let deadline = NEVER;
    if (questions === undefined) return deadline;
    for (let i = 0, each = itemAt(questions, 0); each !== undefined; each = itemAt(questions, ++i)) {
      if (isAwaited(each.neighbor)) deadline = earlier(deadline, each.neighbor.deadline);
    }
    return deadline;
  }

  /** Ageing, and questions for which no packet waits. */
  pollBackgroundTimeout(): Instant {
    return this.ageing === undefined ? this.ageingDeadline : this.ageing.nextTime;
  }

  /** The next packet to frame for its `targetLink`, or for everyone if that is `NO_LINK_ADDRESS`. */
  pollTransmit(): OutgoingArp | undefined {
    const packet = this.transmits?.shift();
    if (this.transmits?.length === 0) this.transmits = undefined;
    return packet;
  }

  pollEvent(): NeighborEvent | undefined {
    const event = this.events?.shift();
    if (this.events?.length === 0) this.events = undefined;
    return event;
  }

  private add(now: Instant, at: NetworkInterface, address: Ipv4Address): Neighbor {
    if (countOf(at.neighborList) === MAX_NEIGHBORS) {
      const leaving = arrayOf(at.neighborList).reduce(lessUseful);
      this.remove(now, at, leaving, 'TableFull', 'made room for another');
    }
    const neighbor: Neighbor = {
      address,
      linkAddress: NO_LINK_ADDRESS,
      state: 'Failed',
      deadline: NEVER,
      question: undefined,
    };
    at.neighborList = withItem(at.neighborList, ~search(at, address), neighbor);
    return neighbor;
  }

  // Only an answer to us proves that the neighbor hears us too. Other news is believed, and checked at the next use.
  private merge(
    now: Instant,
    at: NetworkInterface,
    address: Ipv4Address,
    linkAddress: LinkAddress,
    isAnswer: boolean,
    cause: string,
  ): void {
    const neighbor = find(at, address) ?? this.add(now, at, address);
    const { state, question } = neighbor;
    const hasMoved = neighbor.linkAddress !== linkAddress;
    const isNews = hasMoved || state === 'Failed';
    neighbor.linkAddress = linkAddress; // RFC 826: the latest word wins, whoever says it: the root of ARP spoofing
    if (isAnswer) this.enter(now, at, neighbor, 'Reachable', after(now, REACHABLE_TIME), cause);
    else if (isNews) this.enter(now, at, neighbor, 'Stale', after(now, STALE_TIME), cause); // RFC 4861 §7.2.5
    if (hasMoved && neighbor.state === state) this.record(now, at, neighbor, 'changed', cause);
    const slots = question?.waiting;
    if (question === undefined || slots === undefined) return;
    question.waiting = undefined;
    this.pushEvent({ at, kind: 'Resolved', address, linkAddress, slots });
  }

  private age(now: Instant, at: NetworkInterface): void {
    const due = arrayOf(at.neighborList).filter((neighbor) => !isAwaited(neighbor) && neighbor.deadline <= now);
    for (const neighbor of due.sort(byDeadline)) this.expire(now, at, neighbor);
    for (const { state, deadline } of at.neighbors) this.expect(at, state, deadline);
  }

  private expire(now: Instant, at: NetworkInterface, neighbor: Neighbor): void {
    const { state, question } = neighbor;
    if (state === 'Reachable') this.enter(now, at, neighbor, 'Stale', after(now, STALE_TIME), 'not confirmed for 30 s');
    else if (question === undefined) this.remove(now, at, neighbor, 'NoAnswer', 'not used any more');
    else if (question.asked === MAX_REQUESTS) this.fail(now, at, neighbor, question);
    else this.ask(now, at, neighbor, isAwaited(neighbor) ? 'Incomplete' : 'Probe', 'no answer yet');
  }

  private fail(now: Instant, at: NetworkInterface, neighbor: Neighbor, { waiting }: NeighborQuestion): void {
    neighbor.linkAddress = NO_LINK_ADDRESS;
    this.enter(now, at, neighbor, 'Failed', after(now, FAILED_TIME), `no answer to ${MAX_REQUESTS} questions`);
    this.giveUp(at, neighbor, 'NoAnswer', waiting);
  }

  private ask(
    now: Instant,
    at: NetworkInterface,
    neighbor: Neighbor,
    state: 'Incomplete' | 'Probe',
    cause: string,
  ): void {
    const { address, linkAddress } = neighbor;
    this.enter(now, at, neighbor, state, after(now, RETRANSMIT_TIME), cause);
    if (neighbor.question === undefined) {
      neighbor.question = { at, neighbor, asked: 1, waiting: undefined };
      this.questions = withItem(this.questions, countOf(this.questions), neighbor.question);
    } else neighbor.question.asked++;
    this.transmit(at, 'request', at.addressFacing(address) ?? UNSPECIFIED_IPV4, address, linkAddress);
  }

  private enter(
    now: Instant,
    at: NetworkInterface,
    neighbor: Neighbor,
    state: NeighborState,
    deadline: Instant,
    cause: string,
  ): void {
    const isNew = neighbor.deadline === NEVER;
    const isChange = isNew || neighbor.state !== state;
    neighbor.state = state;
    neighbor.deadline = deadline;
    if (state !== 'Incomplete' && state !== 'Probe') this.withdraw(neighbor);
    this.expect(at, state, deadline);
    if (isChange) this.record(now, at, neighbor, isNew ? 'added' : 'changed', cause);
  }

  // The question is answered, or nobody asks any more.
  private withdraw(neighbor: Neighbor): void {
    const { question } = neighbor;
    if (question === undefined) return;
    neighbor.question = undefined;
    this.questions = withoutItem(this.questions, arrayOf(this.questions).indexOf(question));
  }

  private expect(at: NetworkInterface, state: NeighborState, deadline: Instant): void {
    if (state === 'Incomplete') return;
    if (this.ageing === undefined && countOf(this.machine.interfaceList) > MAX_ASKED) {
      this.ageing = new EventQueue();
      this.expectAll();
    }
    const { ageing } = this;
    if (ageing === undefined) this.ageingDeadline = earlier(this.ageingDeadline, deadline);
    else if (ageing.isDueAfter(at.place, deadline)) ageing.schedule(at, deadline);
  }

  private expectAll(): void {
    for (const at of arrayOf(this.machine.interfaceList)) {
      for (const { state, deadline } of at.neighbors) this.expect(at, state, deadline);
    }
  }

  private remove(now: Instant, at: NetworkInterface, neighbor: Neighbor, cause: UnresolvedCause, text: string): void {
    const waiting = neighbor.question?.waiting;
    at.neighborList = withoutItem(at.neighborList, search(at, neighbor.address));
    this.record(now, at, neighbor, 'removed', text);
    this.withdraw(neighbor);
    neighbor.state = 'Failed'; // whoever still holds the entry looks it up again
    this.giveUp(at, neighbor, cause, waiting);
  }

  private giveUp(
    at: NetworkInterface,
    { address }: Neighbor,
    cause: UnresolvedCause,
    slots: readonly number[] | undefined,
  ): void {
    if (slots !== undefined) this.pushEvent({ at, kind: 'Unresolved', address, cause, slots });
  }

  private pushEvent(event: NeighborEvent): void {
    if (this.events === undefined) this.events = [event];
    else this.events.push(event);
  }

  private transmit(
    at: NetworkInterface,
    operation: ArpOperation,
    sender: Ipv4Address,
    target: Ipv4Address,
    targetLink: LinkAddress,
  ): void {
    const packet = { at, operation, sender, senderLink: at.linkAddress, target, targetLink };
    if (this.transmits === undefined) this.transmits = [packet];
    else this.transmits.push(packet);
  }

  private record(now: Instant, at: NetworkInterface, neighbor: Neighbor, change: JournalChange, cause: string): void {
    const { journal, hostName } = this.machine.log;
    if (journal?.watches(JournalTable.Neighbor) !== true) return;
    const address = formatIpv4(neighbor.address);
    const row = { interface: at.name, address, linkAddress: neighborPlace(neighbor), state: neighbor.state };
    journal.record({ table: JournalTable.Neighbor, time: now, host: hostName, change, key: address, cause, row });
  }
}

/** Whether an interface has an entry for the address. */
export const isKnownAt = (at: NetworkInterface, address: Ipv4Address): boolean => search(at, address) >= 0;

function find(at: NetworkInterface, address: Ipv4Address): Neighbor | undefined {
  const place = search(at, address);
  return place < 0 ? undefined : itemAt(at.neighborList, place);
}

// The place of the entry, or -1 less the place where it would stand.
function search({ neighborList }: NetworkInterface, address: Ipv4Address): number {
  let low = 0;
  let high = countOf(neighborList) - 1;
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const found = itemAt(neighborList, middle)?.address ?? 0;
    if (found === address) return middle;
    if (found >>> 0 < address >>> 0) low = middle + 1;
    else high = middle - 1;
  }
  return ~low;
}

// Packets wait for such entries, which keeps the world alive.
const isAwaited = ({ state }: Readonly<Neighbor>): boolean => state === 'Incomplete';

// Total orders, so that nothing depends on the order in which entries came.
const byAddress = (a: Readonly<Neighbor>, b: Readonly<Neighbor>): number => (a.address >>> 0) - (b.address >>> 0);
const byDeadline = (a: Readonly<Neighbor>, b: Readonly<Neighbor>): number => a.deadline - b.deadline || byAddress(a, b);
const byTurn = (a: NeighborQuestion, b: NeighborQuestion): number =>
  a.neighbor.deadline - b.neighbor.deadline || a.at.index - b.at.index || byAddress(a.neighbor, b.neighbor);

// Who goes when the table is full: of those not known to be there the one whose time is over first, so that a flood of
// claims displaces itself.
const lessUseful = (a: Neighbor, b: Neighbor): Neighbor => (usefulness(a, b) <= 0 ? a : b);
const usefulness = (a: Neighbor, b: Neighbor): number =>
  Number(a.state === 'Reachable') - Number(b.state === 'Reachable') || byDeadline(a, b);
