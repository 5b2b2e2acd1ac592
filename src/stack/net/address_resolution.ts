// ARP at work on all interfaces of one machine: frames go out once the next hop's link address is known, ARP packets come
// in, unanswered packets come back.
//
//   resolveNeighbor --> NeighborCache --> known: send now      waits: the cache's event sends or returns the packet
//   receiveArp --> LinkLocal, NeighborCache --> answers, events
//
// Not here: the cache itself, and what becomes of packets that cannot be sent.

import { DropReason, isDrop } from '../../core/drop_reason.ts';
import { arrayOf } from '../../core/one_or_many.ts';
import type { Instant } from '../../core/time.ts';
import { BROADCAST_LINK, type Ipv4Address, ipv4At, type LinkAddress, NO_LINK_ADDRESS } from '../../wire/address.ts';
import { ARP_LENGTH, type ArpPacket, emitArp, parseArp } from '../../wire/arp.ts';
import { ETHERNET_HEADER_LENGTH, ETHERTYPE_ARP, ETHERTYPE_IPV4, emitEthernet } from '../../wire/ethernet.ts';
import { linkLocalOn, settleLinkLocal } from './link_local_configuration.ts';
import type { Neighbor } from './neighbor.ts';
import { isKnownAt } from './neighbor_cache.ts';
import type { NetworkCore } from './network_core.ts';
import type { NetworkInterface } from './network_interface.ts';

// Where the sender's and the target's protocol addresses stand in a frame with an ARP packet.
const SENDER_AT = ETHERNET_HEADER_LENGTH + 14;
const TARGET_AT = ETHERNET_HEADER_LENGTH + 24;

/** The neighbor to send to, or nothing: the packet in `slot`, from its IP header on, then waits here. */
export function resolveNeighbor(
  core: NetworkCore,
  now: Instant,
  egress: NetworkInterface,
  nextHop: Ipv4Address,
  slot: number,
): Readonly<Neighbor> | undefined {
  const neighbor = core.neighbors.resolve(now, egress, nextHop, slot);
  if (neighbor?.state !== 'Reachable') settleNeighbors(core, now);
  return neighbor;
}

/** Takes over a frame with an ARP packet. */
export function receiveArp(core: NetworkCore, now: Instant, slot: number, from: NetworkInterface): void {
  const { arena } = core;
  const at = arena.start(slot);
  const end = arena.end(slot);
  // Most questions on a large network are none of our business: they cost nothing.
  if (end - at >= ETHERNET_HEADER_LENGTH + ARP_LENGTH && !concerns(core, from, arena.view, at)) {
    arena.release(slot);
    return;
  }
  const packet = parseArp(arena.view, at + ETHERNET_HEADER_LENGTH, end);
  if (isDrop(packet)) {
    core.dropFrame(now, slot, packet, from);
    return;
  }
  arena.release(slot);
  const linkLocal = linkLocalOn(core, from);
  linkLocal?.handleInput(now, packet);
  core.neighbors.handleInput(now, from, packet);
  settleNeighbors(core, now);
  if (linkLocal !== undefined) settleLinkLocal(core, now, linkLocal);
}

/** Sends the packet in `slot` as a frame. */
export function sendFrame(
  core: NetworkCore,
  now: Instant,
  egress: NetworkInterface,
  destination: LinkAddress,
  slot: number,
  etherType: number,
): void {
  const { arena } = core;
  const at = arena.prepend(slot, ETHERNET_HEADER_LENGTH);
  emitEthernet(arena.view, at, destination, egress.linkAddress, etherType);
  if (egress.transmitter === undefined) core.dropFrame(now, slot, DropReason.LinkDown, egress);
  else egress.transmitter.transmit(now, slot);
}

/** Deadlines of neighbors and of link-local addresses may have come. */
export function expireNeighbors(core: NetworkCore, now: Instant): void {
  core.neighbors.handleTimeout(now);
  settleNeighbors(core, now);
  for (const each of arrayOf(core.extras?.linkLocals)) {
    each.handleTimeout(now);
    settleLinkLocal(core, now, each);
  }
}

/** Does what the neighbor cache wants after it was touched: send, hand back. */
export function settleNeighbors(core: NetworkCore, now: Instant): void {
  const { neighbors } = core;
  for (let packet = neighbors.pollTransmit(); packet !== undefined; packet = neighbors.pollTransmit()) {
    sendArp(core, now, packet.at, packet);
  }
  for (let event = neighbors.pollEvent(); event !== undefined; event = neighbors.pollEvent()) {
    if (event.kind === 'Resolved') {
      for (const slot of event.slots) sendFrame(core, now, event.at, event.linkAddress, slot, ETHERTYPE_IPV4);
    } else if (event.kind === 'Unresolved') {
      for (const slot of event.slots) core.unresolved(now, slot, event.cause);
    } else core.addressConflict(event.at, event.address, event.linkAddress);
  }
}

/** Sends an ARP packet to its `targetLink`, or to everyone if that is `NO_LINK_ADDRESS`. */
export function sendArp(core: NetworkCore, now: Instant, egress: NetworkInterface, packet: ArpPacket): void {
  const { arena } = core;
  const slot = arena.allocate(ARP_LENGTH);
  emitArp(arena.view, arena.start(slot), packet);
  // A question repeated to a known address goes there alone, and still asks for the address.
  const isBroadcast = packet.targetLink === NO_LINK_ADDRESS;
  sendFrame(core, now, egress, isBroadcast ? BROADCAST_LINK : packet.targetLink, slot, ETHERTYPE_ARP);
}

// Whether an ARP packet is from someone we know or could be in conflict with, or asks for us.
function concerns(core: NetworkCore, from: NetworkInterface, view: DataView, at: number): boolean {
  if (linkLocalOn(core, from) !== undefined) return true;
  const sender = ipv4At(view, at + SENDER_AT);
  const isOwn = from.kindOf(ipv4At(view, at + TARGET_AT)) === 'own' || from.kindOf(sender) === 'own';
  return isOwn || isKnownAt(from, sender);
}
