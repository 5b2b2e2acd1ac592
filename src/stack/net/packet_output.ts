// Packets out: the IP header, hooks, fragments, and the frame or the way round to ourselves.
//
//   send --> header --> output, postrouting --> dispatch --> local queue
//                                                  | fragments
//                                                  v
//                                               neighbor --> transmitter
//
// Bulk traffic takes this way once a packet: the path is remembered, and nothing is allocated. Not here: what comes in.

import { DropReason } from '../../core/drop_reason.ts';
import { type Instant, NEVER } from '../../core/time.ts';
import {
  BROADCAST_LINK,
  type IpAddress,
  type Ipv4Address,
  isLoopbackIpv4,
  type LinkAddress,
} from '../../wire/address.ts';
import { ETHERNET_HEADER_LENGTH, ETHERTYPE_IPV4, emitEthernet } from '../../wire/ethernet.ts';
import {
  emitIpv4Header,
  IPV4_DONT_FRAGMENT,
  IPV4_MAX_LENGTH,
  IPV4_MIN_HEADER_LENGTH,
  ipv4Destination,
} from '../../wire/ipv4.ts';
import { resolveNeighbor, sendFrame } from './address_resolution.ts';
import { fragment } from './fragmentation.ts';
import { LocalQueue } from './local_queue.ts';
import type { NetworkCore } from './network_core.ts';
import { LOOPBACK_INDEX } from './network_interface.ts';
import type { SendOptions, SendOutcome } from './network_layer_api.ts';
import { ACCEPT, type PacketHooks } from './packet_hooks.ts';
import type { Path } from './path.ts';

/** RFC 1122 §3.3.3: what is sent where nothing is known. */
const DEFAULT_PATH_MTU = 576;
/** RFC 8200 §5. */
const MIN_IPV6_MTU = 1280;

/** As `PacketSender.send`. */
export function sendPacket(
  core: NetworkCore,
  now: Instant,
  slot: number,
  source: IpAddress,
  destination: IpAddress,
  protocol: number,
  options: SendOptions,
): SendOutcome {
  const { arena, hooks } = core;
  const path = pathFor(core, destination, options);
  // IPv6 has no way yet. Loopback addresses never leave the machine (RFC 1122 §3.2.1.3 (g)).
  const isLost =
    path === undefined || path.kind === 'none' || typeof source !== 'number' || typeof destination !== 'number';
  if (isLost || (path.kind !== 'local' && isLoopbackIpv4(source))) {
    return refuse(core, slot, DropReason.NoRoute, 'no-route');
  }
  if (!path.egress.isUp) return refuse(core, slot, DropReason.InterfaceDown, 'down');
  const total = arena.length(slot) + IPV4_MIN_HEADER_LENGTH;
  if (total > IPV4_MAX_LENGTH || (options.dontFragment && total > mtuOf(core, now, path))) {
    return refuse(core, slot, DropReason.TooBig, 'too-big');
  }
  const packet = arena.own(slot);
  const at = arena.prepend(packet, IPV4_MIN_HEADER_LENGTH);
  // RFC 6864 §4.1: what is never fragmented needs no identification.
  const identification = options.dontFragment ? 0 : nextIdentification(core);
  const field = options.dontFragment ? IPV4_DONT_FRAGMENT : 0;
  const { ttl, trafficClass } = options;
  emitIpv4Header(arena.view, at, total, identification, field, ttl, protocol, trafficClass, source, destination);
  if (hooks !== undefined) return sendThroughHooks(core, now, packet, hooks, options);
  dispatchPacket(core, now, path, packet);
  return 'sent';
}

/** As `NetworkCore.dispatch`. */
export function dispatchPacket(core: NetworkCore, now: Instant, path: Path, slot: number): boolean {
  const { arena } = core;
  if (path.kind === 'local') sendLocally(core, now, slot);
  else if (arena.length(slot) <= mtuOf(core, now, path)) return emit(core, now, path, slot);
  else for (const piece of fragment(arena, slot, mtuOf(core, now, path))) emit(core, now, path, piece);
  return false;
}

/** As `PacketSender.pathMtu`. */
export function pathMtuTo(core: NetworkCore, now: Instant, destination: IpAddress): number {
  if (typeof destination !== 'number') return MIN_IPV6_MTU;
  const path = core.paths.to(destination);
  return path.kind === 'none' ? DEFAULT_PATH_MTU : mtuOf(core, now, path);
}

function refuse(core: NetworkCore, slot: number, reason: DropReason, outcome: SendOutcome): SendOutcome {
  core.countDrop(reason);
  core.arena.release(slot);
  return outcome;
}

function pathFor(core: NetworkCore, destination: IpAddress, { interfaceIndex }: SendOptions): Path | undefined {
  if (typeof destination !== 'number') return undefined;
  if (interfaceIndex < 0) return core.paths.to(destination);
  return core.paths.through(core.interfaceAt(interfaceIndex), destination);
}

function mtuOf({ extras }: NetworkCore, now: Instant, path: Path): number {
  const mtu = Math.min(path.egress.mtu, IPV4_MAX_LENGTH);
  if (extras?.pathMtus === undefined || path.kind === 'local') return mtu;
  return Math.min(mtu, extras.pathMtus.lookup(now, path.destination) ?? mtu);
}

function sendThroughHooks(
  core: NetworkCore,
  now: Instant,
  slot: number,
  hooks: PacketHooks,
  options: SendOptions,
): SendOutcome {
  const { arena } = core;
  const before = pathFor(core, ipv4Destination(arena.view, arena.start(slot)), options);
  let verdict = hooks.output(now, slot, before?.egress.index ?? LOOPBACK_INDEX);
  // A NAT may have sent it elsewhere.
  const path = pathFor(core, ipv4Destination(arena.view, arena.start(slot)), options);
  if (verdict === ACCEPT && path !== undefined && path.kind !== 'none') {
    verdict = hooks.postrouting(now, slot, path.egress.index);
    if (verdict === ACCEPT) {
      dispatchPacket(core, now, path, slot);
      return 'sent';
    }
  }
  core.drop(now, slot, verdict === ACCEPT ? DropReason.NoRoute : verdict);
  return verdict === ACCEPT ? 'no-route' : 'denied';
}

function emit(core: NetworkCore, now: Instant, path: Path, slot: number): boolean {
  const { egress, kind } = path;
  if (kind === 'broadcast' || kind === 'multicast') {
    const group = kind === 'broadcast' ? BROADCAST_LINK : multicastLink(path.destination);
    sendFrame(core, now, egress, group, slot, ETHERTYPE_IPV4);
    return false;
  }
  let { neighbor } = path;
  const isAtOnce = neighbor?.state === 'Reachable';
  if (neighbor === undefined || !isAtOnce) {
    neighbor = resolveNeighbor(core, now, egress, path.nextHop, slot);
    if (neighbor === undefined) return false;
    path.neighbor = neighbor;
  }
  // As `sendFrame`, written out: passing the link address on would put a number on the heap for each packet.
  const { transmitter } = egress;
  if (transmitter === undefined) {
    core.drop(now, slot, DropReason.LinkDown);
    return false;
  }
  const { arena } = core;
  const at = arena.prepend(slot, ETHERNET_HEADER_LENGTH);
  emitEthernet(arena.view, at, neighbor.linkAddress, egress.linkAddress, ETHERTYPE_IPV4);
  transmitter.transmit(now, slot);
  return isAtOnce;
}

function sendLocally(core: NetworkCore, now: Instant, slot: number): void {
  const extras = core.madeExtras;
  extras.localQueue ??= new LocalQueue();
  if (!extras.localQueue.push(slot)) core.drop(now, slot, DropReason.QueueFull);
  else if (extras.localQueue.deadline === NEVER) extras.localQueue.deadline = now;
}

// RFC 6864 §4.3: unpredictable to begin with, then different for as long as 16 bits allow.
function nextIdentification(core: NetworkCore): number {
  const extras = core.madeExtras;
  if (extras.identification < 0) extras.identification = core.firstIdentification();
  extras.identification = (extras.identification + 1) & 0xffff;
  return extras.identification;
}

// RFC 1112 §6.4: the last 23 bits of the group.
const multicastLink = (group: Ipv4Address): LinkAddress => (0x0100_5e00_0000 + (group & 0x7f_ffff)) as LinkAddress;
