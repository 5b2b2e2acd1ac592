// Packets out: the IP header, hooks, fragments, and the frame or the way round to ourselves.
//
//   send --> header --> output, postrouting --> dispatch --> local queue
//                                                  | fragments
//                                                  v
//                                               neighbor --> transmitter
//
// Bulk traffic takes this way once a packet: the path is remembered, and nothing is allocated. Not here: what comes in.

import { type Arena, NO_SLOT } from '../../core/arena.ts';
import { DropReason } from '../../core/drop_reason.ts';
import { after, type Instant, microseconds, NEVER } from '../../core/time.ts';
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
import type { AddressResolution } from './address_resolution.ts';
import { fragment } from './fragmentation.ts';
import { LocalQueue } from './local_queue.ts';
import { LOOPBACK_INDEX, type NetworkInterface } from './network_interface.ts';
import type { SendOptions, SendOutcome } from './network_layer_api.ts';
import { ACCEPT, type PacketHooks } from './packet_hooks.ts';
import type { Path, Paths } from './path.ts';
import { PathMtuCache } from './path_mtu.ts';

/** RFC 1122 §3.3.3: what is sent where nothing is known. */
const DEFAULT_PATH_MTU = 576;
/** RFC 8200 §5. */
const MIN_IPV6_MTU = 1280;
/** How long packets to ourselves wait when there were too many for one go, so that time goes on. */
const LOCAL_PAUSE = microseconds(10);

/** What output asks of the network layer. */
export interface OutputClient {
  readonly arena: Arena;
  readonly paths: Paths;
  readonly hooks: PacketHooks | undefined;
  readonly resolution: AddressResolution;
  /** A number from 0 to 65,535 that nobody can guess. */
  firstIdentification(): number;
  interfaceAt(index: number): NetworkInterface;
  countDrop(reason: DropReason): void;
  drop(now: Instant, slot: number, reason: DropReason): void;
}

export class PacketOutput {
  private readonly client: OutputClient;
  private pathMtus: PathMtuCache | undefined;
  private localQueue: LocalQueue | undefined;
  // Of packets that may be fragmented; -1 before the first.
  private identification = -1;

  constructor(client: OutputClient) {
    this.client = client;
  }

  /** As `PacketSender.send`. */
  send(
    now: Instant,
    slot: number,
    source: IpAddress,
    destination: IpAddress,
    protocol: number,
    options: SendOptions,
  ): SendOutcome {
    const { arena, hooks } = this.client;
    const path = this.pathFor(destination, options);
    // IPv6 has no way yet. Loopback addresses never leave the machine (RFC 1122 §3.2.1.3 (g)).
    const isLost =
      path === undefined || path.kind === 'none' || typeof source !== 'number' || typeof destination !== 'number';
    if (isLost || (path.kind !== 'local' && isLoopbackIpv4(source))) {
      return this.refuse(slot, DropReason.NoRoute, 'no-route');
    }
    if (!path.egress.isUp) return this.refuse(slot, DropReason.InterfaceDown, 'down');
    const total = arena.length(slot) + IPV4_MIN_HEADER_LENGTH;
    if (total > IPV4_MAX_LENGTH || (options.dontFragment && total > this.mtuOf(now, path))) {
      return this.refuse(slot, DropReason.TooBig, 'too-big');
    }
    const packet = arena.own(slot);
    const at = arena.prepend(packet, IPV4_MIN_HEADER_LENGTH);
    // RFC 6864 §4.1: what is never fragmented needs no identification.
    const identification = options.dontFragment ? 0 : this.nextIdentification();
    const field = options.dontFragment ? IPV4_DONT_FRAGMENT : 0;
    const { ttl, trafficClass } = options;
    emitIpv4Header(arena.view, at, total, identification, field, ttl, protocol, trafficClass, source, destination);
    if (hooks !== undefined) return this.sendThroughHooks(now, packet, hooks, options);
    this.dispatch(now, path, packet);
    return 'sent';
  }

  /** As `NetworkCore.dispatch`. */
  dispatch(now: Instant, path: Path, slot: number): void {
    const { arena } = this.client;
    if (path.kind === 'local') this.sendLocally(now, slot);
    else if (arena.length(slot) <= this.mtuOf(now, path)) this.emit(now, path, slot);
    else for (const piece of fragment(arena, slot, this.mtuOf(now, path))) this.emit(now, path, piece);
  }

  pathMtu(now: Instant, destination: IpAddress): number {
    if (typeof destination !== 'number') return MIN_IPV6_MTU;
    const path = this.client.paths.to(destination);
    return path.kind === 'none' ? DEFAULT_PATH_MTU : this.mtuOf(now, path);
  }

  learnPathMtu(now: Instant, destination: Ipv4Address, mtu: number, length: number): number {
    this.pathMtus ??= new PathMtuCache();
    return this.pathMtus.learn(now, destination, mtu, length);
  }

  /** Whether packets to ourselves are waiting. */
  get hasLocal(): boolean {
    return this.localQueue !== undefined && this.localQueue.length > 0;
  }

  /** The oldest packet to ourselves, from its IP header on. */
  pollLocal(): number {
    return this.localQueue?.shift() ?? NO_SLOT;
  }

  /** When packets to ourselves want to be fetched; `NEVER` when there are none. */
  get localDeadline(): Instant {
    return this.localQueue?.deadline ?? NEVER;
  }

  /** Says when those that are left want to be fetched. */
  pauseLocal(now: Instant): void {
    if (this.localQueue !== undefined) this.localQueue.deadline = this.hasLocal ? after(now, LOCAL_PAUSE) : NEVER;
  }

  private refuse(slot: number, reason: DropReason, outcome: SendOutcome): SendOutcome {
    this.client.countDrop(reason);
    this.client.arena.release(slot);
    return outcome;
  }

  private pathFor(destination: IpAddress, { interfaceIndex }: SendOptions): Path | undefined {
    if (typeof destination !== 'number') return undefined;
    const { client } = this;
    if (interfaceIndex < 0) return client.paths.to(destination);
    return client.paths.through(client.interfaceAt(interfaceIndex), destination);
  }

  private mtuOf(now: Instant, path: Path): number {
    const mtu = Math.min(path.egress.mtu, IPV4_MAX_LENGTH);
    if (this.pathMtus === undefined || path.kind === 'local') return mtu;
    return Math.min(mtu, this.pathMtus.lookup(now, path.destination) ?? mtu);
  }

  private sendThroughHooks(now: Instant, slot: number, hooks: PacketHooks, options: SendOptions): SendOutcome {
    const { arena } = this.client;
    const before = this.pathFor(ipv4Destination(arena.view, arena.start(slot)), options);
    let verdict = hooks.output(now, slot, before?.egress.index ?? LOOPBACK_INDEX);
    // A NAT may have sent it elsewhere.
    const path = this.pathFor(ipv4Destination(arena.view, arena.start(slot)), options);
    if (verdict === ACCEPT && path !== undefined && path.kind !== 'none') {
      verdict = hooks.postrouting(now, slot, path.egress.index);
      if (verdict === ACCEPT) {
        this.dispatch(now, path, slot);
        return 'sent';
      }
    }
    this.client.drop(now, slot, verdict === ACCEPT ? DropReason.NoRoute : verdict);
    return verdict === ACCEPT ? 'no-route' : 'denied';
  }

  private emit(now: Instant, path: Path, slot: number): void {
    const { client } = this;
    const { resolution } = client;
    const { egress, kind } = path;
    if (kind === 'broadcast' || kind === 'multicast') {
      const group = kind === 'broadcast' ? BROADCAST_LINK : multicastLink(path.destination);
      resolution.sendFrame(now, egress, group, slot, ETHERTYPE_IPV4);
      return;
    }
    let { neighbor } = path;
    if (neighbor === undefined || neighbor.state !== 'Reachable') {
      neighbor = resolution.resolve(now, egress, path.nextHop, slot);
      if (neighbor === undefined) return;
      path.neighbor = neighbor;
    }
    // As `sendFrame`, written out: passing the link address on would put a number on the heap for each packet.
    const { transmitter } = egress;
    if (transmitter === undefined) {
      client.drop(now, slot, DropReason.LinkDown);
      return;
    }
    const at = client.arena.prepend(slot, ETHERNET_HEADER_LENGTH);
    emitEthernet(client.arena.view, at, neighbor.linkAddress, egress.linkAddress, ETHERTYPE_IPV4);
    transmitter.transmit(now, slot);
  }

  private sendLocally(now: Instant, slot: number): void {
    this.localQueue ??= new LocalQueue();
    if (!this.localQueue.push(slot)) this.client.drop(now, slot, DropReason.QueueFull);
    else if (this.localQueue.deadline === NEVER) this.localQueue.deadline = now;
  }

  // RFC 6864 §4.3: unpredictable to begin with, then different for as long as 16 bits allow.
  private nextIdentification(): number {
    if (this.identification < 0) this.identification = this.client.firstIdentification();
    this.identification = (this.identification + 1) & 0xffff;
    return this.identification;
  }
}

// RFC 1112 §6.4: the last 23 bits of the group.
const multicastLink = (group: Ipv4Address): LinkAddress => (0x0100_5e00_0000 + (group & 0x7f_ffff)) as LinkAddress;
