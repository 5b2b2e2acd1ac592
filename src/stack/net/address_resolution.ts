// ARP at work on all interfaces of one machine: frames go out once the next hop's link address is known, ARP packets come
// in, unanswered packets come back.
//
//   resolve --> NeighborCache --> known: send now      waits: the cache's event sends or returns the packet
//   receiveArp --> LinkLocal, NeighborCache --> answers, events
//
// Which interfaces have questions out is kept in a short list, so that a router with thousands of idle ones pays nothing.
// Not here: the cache itself, and what becomes of packets that cannot be sent.

import type { Arena } from '../../core/arena.ts';
import { DropReason, isDrop } from '../../core/drop_reason.ts';
import { EventQueue } from '../../core/event_queue.ts';
import { earlier, type Instant, NEVER } from '../../core/time.ts';
import { BROADCAST_LINK, type Ipv4Address, ipv4At, type LinkAddress, NO_LINK_ADDRESS } from '../../wire/address.ts';
import { ARP_LENGTH, type ArpPacket, emitArp, parseArp } from '../../wire/arp.ts';
import { ETHERNET_HEADER_LENGTH, ETHERTYPE_ARP, ETHERTYPE_IPV4, emitEthernet } from '../../wire/ethernet.ts';
import type { LinkLocalEvent } from './link_local.ts';
import type { Neighbor } from './neighbor.ts';
import { NeighborCache, type TableLog, type UnresolvedCause } from './neighbor_cache.ts';
import type { NetworkInterface } from './network_interface.ts';

/** What resolution asks of the network layer. */
export interface ResolutionClient {
  readonly arena: Arena;
  readonly interfaces: readonly NetworkInterface[];
  readonly log: TableLog;
  /** A frame, from its Ethernet header on, that is of no use: takes over the reference. */
  dropFrame(now: Instant, slot: number, reason: DropReason, from: NetworkInterface): void;
  /** A packet, from its IP header on, whose next hop has no link address: takes over the reference. */
  unresolved(now: Instant, slot: number, cause: UnresolvedCause): void;
  linkLocalChanged(now: Instant, at: NetworkInterface, event: LinkLocalEvent): void;
  /** Someone else uses an address of ours. */
  addressConflict(now: Instant, at: NetworkInterface, address: Ipv4Address, by: LinkAddress): void;
}

// Where the sender's and the target's protocol addresses stand in a frame with an ARP packet.
const SENDER_AT = ETHERNET_HEADER_LENGTH + 14;
const TARGET_AT = ETHERNET_HEADER_LENGTH + 24;

/** Up to so many interfaces, asking each for its deadline is faster than a queue. */
const MAX_ASKED = 4;

export class AddressResolution {
  private readonly client: ResolutionClient;
  // Interfaces with a foreground deadline.
  private asking: NetworkInterface[] | undefined;
  // Background deadlines: the first of those of a few interfaces, or a queue on a router with thousands.
  private ageingDeadline: Instant = NEVER;
  private ageing: EventQueue<NetworkInterface> | undefined;

  constructor(client: ResolutionClient) {
    this.client = client;
  }

  /** The neighbor to send to, or nothing: the packet in `slot`, from its IP header on, then waits here. */
  resolve(now: Instant, egress: NetworkInterface, nextHop: Ipv4Address, slot: number): Readonly<Neighbor> | undefined {
    const neighbor = this.cacheOf(egress).resolve(now, nextHop, slot);
    if (neighbor?.state !== 'Reachable') this.settle(now, egress);
    return neighbor;
  }

  /** Takes over a frame with an ARP packet. */
  receiveArp(now: Instant, slot: number, from: NetworkInterface): void {
    const { arena } = this.client;
    const at = arena.start(slot);
    const end = arena.end(slot);
    // Most questions on a large network are none of our business: they cost nothing.
    if (end - at >= ETHERNET_HEADER_LENGTH + ARP_LENGTH && !this.concerns(from, arena.view, at)) {
      arena.release(slot);
      return;
    }
    const packet = parseArp(arena.view, at + ETHERNET_HEADER_LENGTH, end);
    if (isDrop(packet)) {
      this.client.dropFrame(now, slot, packet, from);
      return;
    }
    arena.release(slot);
    from.linkLocal?.handleInput(now, packet);
    this.cacheOf(from).handleInput(now, packet);
    this.settle(now, from);
  }

  /** Sends the packet in `slot` as a frame. */
  sendFrame(now: Instant, egress: NetworkInterface, destination: LinkAddress, slot: number, etherType: number): void {
    const { arena } = this.client;
    const at = arena.prepend(slot, ETHERNET_HEADER_LENGTH);
    emitEthernet(arena.view, at, destination, egress.linkAddress, etherType);
    if (egress.transmitter === undefined) this.client.dropFrame(now, slot, DropReason.LinkDown, egress);
    else egress.transmitter.transmit(now, slot);
  }

  learn(now: Instant, at: NetworkInterface, address: Ipv4Address, linkAddress: LinkAddress, cause: string): void {
    this.cacheOf(at).learn(now, address, linkAddress, cause);
    this.settle(now, at);
  }

  /** Forgets an interface's neighbors; packets that wait come back as unresolved. */
  clear(now: Instant, at: NetworkInterface): void {
    at.neighbors?.clear(now);
    this.settle(now, at);
  }

  handleTimeout(now: Instant): void {
    if (this.asking !== undefined) for (const each of [...this.asking]) this.expire(now, each);
    const { ageing } = this;
    if (ageing === undefined) {
      if (now < this.ageingDeadline) return;
      for (const each of this.client.interfaces) if (backgroundDeadline(each) <= now) this.expire(now, each);
      return;
    }
    for (let due = ageing.peek(); due !== undefined && ageing.nextTime <= now; due = ageing.peek()) {
      ageing.schedule(due, NEVER);
      this.expire(now, due);
    }
  }

  pollTimeout(): Instant {
    let deadline = NEVER;
    if (this.asking !== undefined)
      for (const each of this.asking) deadline = earlier(deadline, foregroundDeadline(each));
    return deadline;
  }

  pollBackgroundTimeout(): Instant {
    return this.ageing === undefined ? this.ageingDeadline : this.ageing.nextTime;
  }

  /** Does what an interface's machines want after they were touched: send, hand back, wake up later. */
  settle(now: Instant, at: NetworkInterface): void {
    const { neighbors, linkLocal } = at;
    if (neighbors !== undefined) this.drainNeighbors(now, at, neighbors);
    if (linkLocal !== undefined) {
      for (let packet = linkLocal.pollTransmit(); packet !== undefined; packet = linkLocal.pollTransmit()) {
        this.sendArp(now, at, packet);
      }
      for (let event = linkLocal.pollEvent(); event !== undefined; event = linkLocal.pollEvent()) {
        this.client.linkLocalChanged(now, at, event);
      }
    }
    this.watch(at);
  }

  /** An interface's own deadline has come. */
  expire(now: Instant, at: NetworkInterface): void {
    at.neighbors?.handleTimeout(now);
    at.linkLocal?.handleTimeout(now);
    this.settle(now, at);
  }

  private drainNeighbors(now: Instant, at: NetworkInterface, cache: NeighborCache): void {
    for (let packet = cache.pollTransmit(); packet !== undefined; packet = cache.pollTransmit()) {
      this.sendArp(now, at, packet);
    }
    for (let event = cache.pollEvent(); event !== undefined; event = cache.pollEvent()) {
      if (event.kind === 'Resolved') {
        for (const slot of event.slots) this.sendFrame(now, at, event.linkAddress, slot, ETHERTYPE_IPV4);
      } else if (event.kind === 'Unresolved') {
        for (const slot of event.slots) this.client.unresolved(now, slot, event.cause);
      } else this.client.addressConflict(now, at, event.address, event.linkAddress);
    }
  }

  private sendArp(now: Instant, egress: NetworkInterface, packet: ArpPacket): void {
    const { arena } = this.client;
    const slot = arena.allocate(ARP_LENGTH);
    emitArp(arena.view, arena.start(slot), packet);
    // A question repeated to a known address goes there alone, and still asks for the address.
    const isBroadcast = packet.targetLink === NO_LINK_ADDRESS;
    this.sendFrame(now, egress, isBroadcast ? BROADCAST_LINK : packet.targetLink, slot, ETHERTYPE_ARP);
  }

  // Keeps `asking` and the background deadlines in step with what the interface's machines say.
  private watch(at: NetworkInterface): void {
    this.watchAgeing(at);
    const isAsking = foregroundDeadline(at) !== NEVER;
    const { asking } = this;
    const place = asking === undefined ? -1 : asking.indexOf(at);
    if (isAsking && place < 0) {
      if (asking === undefined) this.asking = [at];
      else asking.push(at);
    } else if (!isAsking && place >= 0) {
      asking?.splice(place, 1);
      if (asking?.length === 0) this.asking = undefined;
    }
  }

  private watchAgeing(at: NetworkInterface): void {
    const { interfaces } = this.client;
    if (this.ageing !== undefined) this.ageing.schedule(at, backgroundDeadline(at));
    else if (interfaces.length > MAX_ASKED) {
      this.ageing = new EventQueue();
      for (const each of interfaces) this.ageing.schedule(each, backgroundDeadline(each));
    } else {
      this.ageingDeadline = NEVER;
      for (const each of interfaces) this.ageingDeadline = earlier(this.ageingDeadline, backgroundDeadline(each));
    }
  }

  // Whether an ARP packet is from someone we know or could be in conflict with, or asks for us.
  private concerns(from: NetworkInterface, view: DataView, at: number): boolean {
    if (from.linkLocal !== undefined) return true;
    const sender = ipv4At(view, at + SENDER_AT);
    const target = ipv4At(view, at + TARGET_AT);
    for (const { address } of from.addresses) if (address === target || address === sender) return true;
    return from.neighbors?.has(sender) === true;
  }

  private cacheOf(at: NetworkInterface): NeighborCache {
    at.neighbors ??= new NeighborCache(at, this.client.log);
    return at.neighbors;
  }
}

const backgroundDeadline = ({ neighbors, linkLocal }: NetworkInterface): Instant =>
  earlier(neighbors?.pollBackgroundTimeout() ?? NEVER, linkLocal?.pollBackgroundTimeout() ?? NEVER);

const foregroundDeadline = ({ neighbors, linkLocal }: NetworkInterface): Instant =>
  earlier(neighbors?.pollTimeout() ?? NEVER, linkLocal?.pollTimeout() ?? NEVER);
