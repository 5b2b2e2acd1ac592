// The network layer of one machine: IPv4 packets in and out, between its interfaces, its transports and itself.
//
//   receive --> Ethernet, ARP --> checks --> reassembly --> prerouting --> ours? --> input --> transport, ICMP
//                                                             | no
//                                                             v
//                       send --> output --> dispatch <--- forward
//                                              | fragments, neighbor
//                                              v
//                                           transmitter, or round to ourselves (`flush`)
//
// One stands on every machine, so what is not used is not made. Not here: the parts, each in its own file; firewall and
// NAT, which come in through `hooks`.

import { type Arena, NO_SLOT } from '../../core/arena.ts';
import { DROP_REASON_COUNT, DropReason, dropName, dropText } from '../../core/drop_reason.ts';
import { type Journal, JournalTable } from '../../core/journal.ts';
import type { Random } from '../../core/random.ts';
import { after, earlier, type Instant, microseconds, NEVER } from '../../core/time.ts';
import {
  BROADCAST_IPV4,
  BROADCAST_LINK,
  formatIpv4,
  type IpAddress,
  type Ipv4Address,
  isGroupAddress,
  isLinkLocalIpv4,
  isLoopbackIpv4,
  isMulticastIpv4,
  type LinkAddress,
  networkOf,
  UNSPECIFIED_IPV4,
} from '../../wire/address.ts';
import {
  ETHERNET_HEADER_LENGTH,
  ETHERTYPE_ARP,
  ETHERTYPE_IPV4,
  ETHERTYPE_VLAN,
  emitEthernet,
  ethernetDestination,
  etherType,
} from '../../wire/ethernet.ts';
import { ICMP_PROTOCOL } from '../../wire/icmp.ts';
import {
  emitIpv4Header,
  IPV4_DONT_FRAGMENT,
  IPV4_MAX_LENGTH,
  IPV4_MIN_HEADER_LENGTH,
  ipv4Destination,
  ipv4FragmentOffset,
  ipv4HeaderLength,
  ipv4IsFragment,
  ipv4Protocol,
  ipv4Source,
  ipv4TotalLength,
} from '../../wire/ipv4.ts';
import { TCP_PROTOCOL } from '../../wire/tcp.ts';
import { UDP_PROTOCOL } from '../../wire/udp.ts';
import { AddressResolution, type ResolutionClient } from './address_resolution.ts';
import { forward, refuse } from './forwarding.ts';
import { fragment } from './fragmentation.ts';
import {
  HOST_UNREACHABLE,
  PORT_UNREACHABLE,
  PROTOCOL_UNREACHABLE,
  REASSEMBLY_EXCEEDED,
  sendIcmpError,
} from './icmp_errors.ts';
import { receiveIcmp } from './icmp_input.ts';
import { checkAddresses, checkHeader, GOOD } from './ingress_checks.ts';
import { LINK_LOCAL_PREFIX_LENGTH, LinkLocal, type LinkLocalEvent } from './link_local.ts';
import { LocalQueue } from './local_queue.ts';
import type { UnresolvedCause } from './neighbor_cache.ts';
import type { NetworkCore } from './network_core.ts';
import { type InterfaceAddress, LOOPBACK, LOOPBACK_INDEX, type NetworkInterface } from './network_interface.ts';
import type { SendOptions, SendOutcome, TransportHandler } from './network_layer_api.ts';
import { ACCEPT, type PacketHooks } from './packet_hooks.ts';
import { type Path, Paths } from './path.ts';
import { PathMtuCache } from './path_mtu.ts';
import { Reassembly } from './reassembly.ts';
import { DEFAULT_METRIC, LINK_LOCAL_METRIC, type Route, RouteTable } from './route_table.ts';
import { TokenBucket } from './token_bucket.ts';

// RFC 1812 §4.3.2.8 asks for a limit; these are the usual ones.
const ICMP_ERRORS_PER_SECOND = 1000;
const ICMP_ERROR_BURST = 50;

/** Packets to ourselves that are handled in one go; what is left waits a moment, so that time goes on. */
const LOCAL_TURNS = 4096;
const LOCAL_PAUSE = microseconds(10);

/** RFC 1122 §3.3.3: what is sent where nothing is known. */
const DEFAULT_PATH_MTU = 576;
/** RFC 8200 §5. */
const MIN_IPV6_MTU = 1280;

/** Events that nobody polled; the oldest go. */
const MAX_EVENTS = 64;

const NO_INTERFACES: readonly NetworkInterface[] = [];

/** What the layer needs of its machine. */
export interface NetworkEnvironment {
  readonly arena: Arena;
  readonly random: Random;
  readonly journal: Journal | undefined;
  readonly hostName: string;
}

/** News about the machine's own addresses. */
export type NetworkEvent = Readonly<
  | { kind: 'LinkLocal'; interfaceIndex: number; event: LinkLocalEvent }
  | { kind: 'AddressConflict'; interfaceIndex: number; address: Ipv4Address; by: LinkAddress }
>;

export class NetworkLayer implements NetworkCore, ResolutionClient {
  readonly arena: Arena;
  readonly routes: RouteTable;
  readonly paths: Paths;
  hooks: PacketHooks | undefined;
  /** Routers pass on what is not for them (RFC 1122 §3.3.1.1: hosts must not). */
  isForwarding = false;
  /** RFC 1122 §3.2.2.6 leaves it open; machines that do can be used to drown others. */
  answersBroadcastEcho = false;
  /** Frames heard that were for other stations: no fault of anyone's. */
  framesForOthers = 0;
  /** How often something was dropped, by `DropReason`; made by the first drop. */
  drops: Uint32Array | undefined;
  private readonly environment: NetworkEnvironment;
  private readonly resolution: AddressResolution;
  private interfaceList: readonly NetworkInterface[] = NO_INTERFACES;
  private tcp: TransportHandler | undefined;
  private udp: TransportHandler | undefined;
  private transports: Map<number, TransportHandler> | undefined;
  private reassembly: Reassembly | undefined;
  private pathMtus: PathMtuCache | undefined;
  private errorBucket: TokenBucket | undefined;
  private localQueue: LocalQueue | undefined;
  private localDeadline: Instant = NEVER;
  private isFlushing = false;
  private events: NetworkEvent[] | undefined;
  // Of packets that may be fragmented (RFC 6864 §4.1); -1 before the first.
  private identification = -1;

  constructor(environment: NetworkEnvironment) {
    this.environment = environment;
    this.arena = environment.arena;
    this.routes = new RouteTable(environment);
    this.paths = new Paths(this.routes);
    this.resolution = new AddressResolution(this, environment);
  }

  // Configuration.

  /** Without the loopback, in the order of their indices. */
  get interfaces(): readonly NetworkInterface[] {
    return this.interfaceList;
  }

  /** @throws RangeError when its index is not the next one */
  addInterface(added: NetworkInterface): void {
    const next = this.interfaceList.length;
    if (added.index !== next) throw new RangeError(`the next interface has index ${next}, and not ${added.index}`);
    this.interfaceList = [...this.interfaceList, added];
    this.paths.update(this.interfaceList);
  }

  /** @throws RangeError when there is no such interface */
  interfaceAt(index: number): NetworkInterface {
    const found = index === LOOPBACK_INDEX ? LOOPBACK : this.interfaceList[index];
    if (found === undefined) throw new RangeError(`${this.environment.hostName} has no interface ${index}`);
    return found;
  }

  /**
   * Gives an interface its addresses, in place of those it had. Routes to the networks on its link follow; when no
   * address is left, all routes through it go.
   *
   * @throws RangeError on an address that no single machine can have
   */
  setAddresses(
    now: Instant,
    interfaceIndex: number,
    addresses: readonly InterfaceAddress[],
    cause = 'address configured',
  ): void {
    const changed = this.interfaceAt(interfaceIndex);
    for (const address of addresses) checkAddress(address);
    const before = connectedRoutes(changed);
    changed.addresses = addresses;
    const routes = connectedRoutes(changed);
    this.paths.update(this.interfaceList);
    for (const old of before) {
      if (!routes.some((route) => route.destination === old.destination && route.prefixLength === old.prefixLength)) {
        this.routes.remove(now, old, 'address removed');
      }
    }
    for (const route of routes) this.routes.add(now, route, cause);
    if (changed.ipv4 !== undefined) return;
    this.routes.removeThrough(now, changed, 'address removed');
    this.resolution.clear(now, changed);
  }

  /** Pulls or plugs the cable, as the machine sees it. */
  setInterfaceUp(now: Instant, interfaceIndex: number, isUp: boolean): void {
    const changed = this.interfaceAt(interfaceIndex);
    if (changed.isUp === isUp) return;
    changed.isUp = isUp;
    this.paths.update(this.interfaceList);
    if (!isUp) this.resolution.clear(now, changed);
  }

  /** One handler a protocol number; for ICMP, the one that gets echo replies. */
  registerTransport(protocol: number, handler: TransportHandler): void {
    if (protocol === TCP_PROTOCOL) this.tcp = handler;
    else if (protocol === UDP_PROTOCOL) this.udp = handler;
    else {
      this.transports ??= new Map();
      this.transports.set(protocol, handler);
    }
  }

  transportOf(protocol: number): TransportHandler | undefined {
    if (protocol === TCP_PROTOCOL) return this.tcp;
    return protocol === UDP_PROTOCOL ? this.udp : this.transports?.get(protocol);
  }

  /** Enters a neighbor that is known by other means than ARP. */
  learnNeighbor(
    now: Instant,
    interfaceIndex: number,
    address: Ipv4Address,
    linkAddress: LinkAddress,
    cause: string,
  ): void {
    this.resolution.learn(now, this.interfaceAt(interfaceIndex), address, linkAddress, cause);
  }

  /**
   * Lets an interface find itself an address (RFC 3927), beside those it has; it is set and taken away without further
   * ado, and told by `pollEvent`.
   *
   * @param remembered the address of last time, which is tried first
   */
  startLinkLocal(now: Instant, interfaceIndex: number, remembered?: Ipv4Address): void {
    const at = this.interfaceAt(interfaceIndex);
    const random = this.environment.random.fork(`link-local ${at.name}`);
    at.linkLocal ??= new LinkLocal(at.linkAddress, random, remembered);
    at.linkLocal.start(now);
    this.resolution.settle(now, at);
  }

  /** Ends it; the address goes. */
  stopLinkLocal(now: Instant, interfaceIndex: number): void {
    const at = this.interfaceAt(interfaceIndex);
    at.linkLocal?.stop();
    this.resolution.settle(now, at);
    at.linkLocal = undefined;
  }

  // Packets in.

  /** A frame has arrived on an interface; takes over the reference. */
  receive(now: Instant, interfaceIndex: number, slot: number, isIntact: boolean): void {
    const from = this.interfaceAt(interfaceIndex);
    const { arena } = this;
    if (!from.isUp) return this.dropFrame(now, slot, DropReason.InterfaceDown, from);
    if (!isIntact) return this.dropFrame(now, slot, DropReason.BadFrameCheckSequence, from); // IEEE 802.3 §3.4
    if (arena.length(slot) < ETHERNET_HEADER_LENGTH) return this.dropFrame(now, slot, DropReason.Truncated, from);
    const at = arena.start(slot);
    const destination = ethernetDestination(arena.view, at);
    if (destination !== from.linkAddress && !isGroupAddress(destination)) {
      this.framesForOthers++;
      arena.release(slot);
      return;
    }
    const type = etherType(arena.view, at);
    if (type === ETHERTYPE_IPV4) this.receivePacket(now, slot, from, destination === from.linkAddress);
    else if (type === ETHERTYPE_ARP) this.resolution.receiveArp(now, slot, from);
    else {
      const reason = type === ETHERTYPE_VLAN ? DropReason.UnknownVlan : DropReason.UnsupportedProtocol;
      this.dropFrame(now, slot, reason, from);
    }
    this.flush(now);
  }

  /**
   * Delivers what the machine has sent to itself. Called by the layer after each of its own events; whoever sends from
   * outside calls it afterwards. Returns whether there was anything.
   */
  flush(now: Instant): boolean {
    const queue = this.localQueue;
    if (queue === undefined || queue.length === 0 || this.isFlushing) return false;
    this.isFlushing = true;
    for (let turns = 0; turns < LOCAL_TURNS; turns++) {
      const slot = queue.shift();
      if (slot === NO_SLOT) break;
      this.input(now, slot, LOOPBACK, true);
    }
    this.isFlushing = false;
    this.localDeadline = queue.length === 0 ? NEVER : after(now, LOCAL_PAUSE);
    return true;
  }

  private receivePacket(now: Instant, slot: number, from: NetworkInterface, isUnicast: boolean): void {
    const { arena } = this;
    const frameAt = arena.start(slot);
    const at = frameAt + ETHERNET_HEADER_LENGTH;
    const bad = checkHeader(arena, at, arena.end(slot));
    if (bad !== GOOD) return this.dropFrame(now, slot, bad, from);
    // A frame to many is shared with the others that hear it, and its bounds are part of what is shared.
    const packet = arena.own(slot);
    const start = arena.trimFront(packet, ETHERNET_HEADER_LENGTH);
    arena.setLength(packet, ipv4TotalLength(arena.view, start)); // without Ethernet's padding
    const martian = checkAddresses(arena.view, start, from);
    if (martian !== GOOD) return this.drop(now, packet, martian);
    this.input(now, packet, from, isUnicast);
  }

  // A packet that has been checked, from its IP header on.
  private input(now: Instant, slot: number, from: NetworkInterface, isUnicast: boolean): void {
    const { arena, hooks } = this;
    let packet = slot;
    if (ipv4IsFragment(arena.view, arena.start(packet)) && (hooks !== undefined || this.isForUs(packet, from))) {
      packet = this.reassemble(now, packet);
      if (packet === NO_SLOT) return;
    }
    if (hooks !== undefined) {
      const verdict = hooks.prerouting(now, packet, from.index);
      if (verdict !== ACCEPT) return refuse(this, now, packet, verdict);
    }
    const destination = ipv4Destination(arena.view, arena.start(packet));
    const { kind } = this.paths.to(destination);
    if (this.isForUs(packet, from)) this.deliver(now, packet, from);
    else if (kind === 'broadcast')
      this.drop(now, packet, DropReason.DirectedBroadcast); // RFC 2644 §2
    // RFC 1122 §3.3.6: what was sent to everyone on the link was not meant for one machine behind it.
    else if (isMulticastIpv4(destination) || !isUnicast) this.drop(now, packet, DropReason.NotForUs);
    else if (!this.isForwarding) this.drop(now, packet, DropReason.NotForwarding);
    else forward(this, now, packet, from.index);
  }

  private isForUs(slot: number, from: NetworkInterface): boolean {
    const destination = ipv4Destination(this.arena.view, this.arena.start(slot));
    const { kind, egress } = this.paths.to(destination);
    if (kind === 'local' || destination === BROADCAST_IPV4) return true;
    return kind === 'broadcast' && (egress === from || from === LOOPBACK);
  }

  private deliver(now: Instant, slot: number, from: NetworkInterface): void {
    const { arena } = this;
    const verdict = this.hooks?.input(now, slot, from.index) ?? ACCEPT;
    if (verdict !== ACCEPT) return refuse(this, now, slot, verdict);
    const at = arena.start(slot);
    const protocol = ipv4Protocol(arena.view, at);
    if (protocol === ICMP_PROTOCOL) return receiveIcmp(this, now, slot, from.index);
    const handler = this.transportOf(protocol);
    if (handler === undefined) {
      sendIcmpError(this, now, slot, PROTOCOL_UNREACHABLE);
      return this.drop(now, slot, DropReason.NoProtocol);
    }
    const source = ipv4Source(arena.view, at);
    const destination = ipv4Destination(arena.view, at);
    const headerLength = ipv4HeaderLength(arena.view, at);
    arena.trimFront(slot, headerLength);
    if (handler.receive(now, slot, source, destination, from.index)) return;
    arena.prepend(slot, headerLength);
    sendIcmpError(this, now, slot, PORT_UNREACHABLE);
    this.drop(now, slot, DropReason.NoPort);
  }

  private reassemble(now: Instant, slot: number): number {
    this.reassembly ??= new Reassembly(this.arena);
    const whole = this.reassembly.add(now, slot);
    this.dropDiscarded(now, this.reassembly);
    return whole;
  }

  private dropDiscarded(now: Instant, reassembly: Reassembly): void {
    for (let gone = reassembly.pollDiscarded(); gone !== undefined; gone = reassembly.pollDiscarded()) {
      const { slot, reason } = gone;
      // RFC 1122 §3.3.2: told to the sender if the first fragment is there to be quoted.
      const isFirst = ipv4FragmentOffset(this.arena.view, this.arena.start(slot)) === 0;
      if (reason === DropReason.ReassemblyTimeout && isFirst) sendIcmpError(this, now, slot, REASSEMBLY_EXCEEDED);
      this.drop(now, slot, reason);
    }
  }

  // Packets out.

  send(
    now: Instant,
    slot: number,
    source: IpAddress,
    destination: IpAddress,
    protocol: number,
    options: SendOptions,
  ): SendOutcome {
    const { arena } = this;
    const path = this.pathFor(destination, options);
    // Loopback addresses never leave the machine (RFC 1122 §3.2.1.3 (g)). IPv6 has no way yet.
    const isLost =
      path === undefined || path.kind === 'none' || typeof source !== 'number' || typeof destination !== 'number';
    if (isLost || (path.kind !== 'local' && isLoopbackIpv4(source))) {
      this.count(DropReason.NoRoute);
      arena.release(slot);
      return 'no-route';
    }
    if (!path.egress.isUp) {
      this.count(DropReason.InterfaceDown);
      arena.release(slot);
      return 'down';
    }
    const total = arena.length(slot) + IPV4_MIN_HEADER_LENGTH;
    if (total > IPV4_MAX_LENGTH || (options.dontFragment && total > this.mtuOf(now, path))) {
      this.count(DropReason.TooBig);
      arena.release(slot);
      return 'too-big';
    }
    const packet = arena.own(slot);
    const at = arena.prepend(packet, IPV4_MIN_HEADER_LENGTH);
    // RFC 6864 §4.1: what is never fragmented needs no identification.
    const identification = options.dontFragment ? 0 : this.nextIdentification();
    const field = options.dontFragment ? IPV4_DONT_FRAGMENT : 0;
    const { ttl, trafficClass } = options;
    emitIpv4Header(arena.view, at, total, identification, field, ttl, protocol, trafficClass, source, destination);
    if (this.hooks !== undefined) return this.sendThroughHooks(now, packet, this.hooks, options);
    this.dispatch(now, path, packet);
    return 'sent';
  }

  dispatch(now: Instant, path: Path, slot: number): void {
    if (path.kind === 'local') return this.sendLocally(now, slot);
    if (this.arena.length(slot) <= this.mtuOf(now, path)) return this.emit(now, path, slot);
    for (const piece of fragment(this.arena, slot, this.mtuOf(now, path))) this.emit(now, path, piece);
  }

  selectSource(destination: IpAddress): IpAddress | undefined {
    return typeof destination === 'number' ? this.paths.source(this.paths.to(destination)) : undefined;
  }

  pathMtu(now: Instant, destination: IpAddress): number {
    if (typeof destination !== 'number') return MIN_IPV6_MTU;
    const path = this.paths.to(destination);
    return path.kind === 'none' ? DEFAULT_PATH_MTU : this.mtuOf(now, path);
  }

  isLocal(address: IpAddress): boolean {
    return this.paths.own.kindOf(address) === 'own';
  }

  isBroadcast(address: IpAddress): boolean {
    return this.paths.own.kindOf(address) === 'broadcast';
  }

  learnPathMtu(now: Instant, destination: Ipv4Address, mtu: number, length: number): number {
    this.pathMtus ??= new PathMtuCache();
    return this.pathMtus.learn(now, destination, mtu, length);
  }

  mayComplain(now: Instant): boolean {
    this.errorBucket ??= new TokenBucket(now, ICMP_ERRORS_PER_SECOND, ICMP_ERROR_BURST);
    return this.errorBucket.take(now);
  }

  private pathFor(destination: IpAddress, { interfaceIndex }: SendOptions): Path | undefined {
    if (typeof destination !== 'number') return undefined;
    if (interfaceIndex < 0) return this.paths.to(destination);
    return this.paths.through(this.interfaceAt(interfaceIndex), destination);
  }

  private mtuOf(now: Instant, path: Path): number {
    const mtu = Math.min(path.egress.mtu, IPV4_MAX_LENGTH);
    if (this.pathMtus === undefined || path.kind === 'local') return mtu;
    return Math.min(mtu, this.pathMtus.lookup(now, path.destination) ?? mtu);
  }

  private sendThroughHooks(now: Instant, slot: number, hooks: PacketHooks, options: SendOptions): SendOutcome {
    const { arena } = this;
    const at = arena.start(slot);
    const before = this.pathFor(ipv4Destination(arena.view, at), options);
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
    this.drop(now, slot, verdict === ACCEPT ? DropReason.NoRoute : verdict);
    return verdict === ACCEPT ? 'no-route' : 'denied';
  }

  private emit(now: Instant, path: Path, slot: number): void {
    const { egress } = path;
    if (path.kind === 'broadcast') {
      return this.resolution.sendFrame(now, egress, BROADCAST_LINK, slot, ETHERTYPE_IPV4);
    }
    if (path.kind === 'multicast') {
      return this.resolution.sendFrame(now, egress, multicastLink(path.destination), slot, ETHERTYPE_IPV4);
    }
    let { neighbor } = path;
    if (neighbor === undefined || neighbor.state !== 'Reachable') {
      neighbor = this.resolution.resolve(now, egress, path.nextHop, slot);
      if (neighbor === undefined) return;
      path.neighbor = neighbor;
    }
    // As `sendFrame`, written out: passing the link address on would put a number on the heap for each packet.
    const { transmitter } = egress;
    if (transmitter === undefined) return this.drop(now, slot, DropReason.LinkDown);
    const at = this.arena.prepend(slot, ETHERNET_HEADER_LENGTH);
    emitEthernet(this.arena.view, at, neighbor.linkAddress, egress.linkAddress, ETHERTYPE_IPV4);
    transmitter.transmit(now, slot);
  }

  private sendLocally(now: Instant, slot: number): void {
    this.localQueue ??= new LocalQueue();
    if (!this.localQueue.push(slot)) return this.drop(now, slot, DropReason.QueueFull);
    if (this.localDeadline === NEVER) this.localDeadline = now;
  }

  private nextIdentification(): number {
    if (this.identification < 0) {
      this.identification = this.environment.random.fork('ipv4 identification').below(0x1_0000);
    }
    this.identification = (this.identification + 1) & 0xffff;
    return this.identification;
  }

  // Time.

  /** While packets wait for ARP or on the way to ourselves, or a link-local address is being looked for. */
  pollTimeout(): Instant {
    return earlier(this.localDeadline, this.resolution.pollTimeout());
  }

  /** Ageing of tables, unfinished packets, announcements: does not keep a world alive. */
  pollBackgroundTimeout(): Instant {
    let deadline = this.resolution.pollBackgroundTimeout();
    if (this.reassembly !== undefined) deadline = earlier(deadline, this.reassembly.pollBackgroundTimeout());
    return this.hooks === undefined ? deadline : earlier(deadline, this.hooks.pollBackgroundTimeout());
  }

  handleTimeout(now: Instant): void {
    this.resolution.handleTimeout(now, this.interfaceList);
    if (this.reassembly !== undefined) {
      this.reassembly.handleTimeout(now);
      this.dropDiscarded(now, this.reassembly);
    }
    this.hooks?.handleTimeout(now);
    this.flush(now);
  }

  pollEvent(): NetworkEvent | undefined {
    return this.events?.shift();
  }

  /** Gives up all packets that the layer holds: after this, none of its slots is in use. */
  close(now: Instant): void {
    for (const each of this.interfaceList) {
      if (each.linkLocal !== undefined) this.stopLinkLocal(now, each.index);
      this.resolution.clear(now, each);
    }
    this.reassembly?.clear();
    if (this.reassembly !== undefined) this.dropDiscarded(now, this.reassembly);
    const queue = this.localQueue;
    if (queue !== undefined)
      for (let slot = queue.shift(); slot !== NO_SLOT; slot = queue.shift()) this.arena.release(slot);
    this.localDeadline = NEVER;
  }

  // Drops.

  dropCount(reason: DropReason): number {
    return this.drops?.[reason] ?? 0;
  }

  drop(now: Instant, slot: number, reason: DropReason): void {
    this.count(reason);
    if (this.environment.journal?.watches(JournalTable.Drop) === true) {
      const { view } = this.arena;
      const at = this.arena.start(slot);
      const row = {
        source: formatIpv4(ipv4Source(view, at)),
        destination: formatIpv4(ipv4Destination(view, at)),
        protocol: ipv4Protocol(view, at),
        length: this.arena.length(slot),
      };
      this.recordDrop(now, reason, `${row.source} > ${row.destination}`, row);
    }
    this.arena.release(slot);
  }

  dropFrame(now: Instant, slot: number, reason: DropReason, from: NetworkInterface): void {
    this.count(reason);
    if (this.environment.journal?.watches(JournalTable.Drop) === true) {
      this.recordDrop(now, reason, `frame on ${from.name}`, { interface: from.name, length: this.arena.length(slot) });
    }
    this.arena.release(slot);
  }

  unresolved(now: Instant, slot: number, cause: UnresolvedCause): void {
    // Only silence of the next hop is told; the rest is our own shortage.
    if (cause === 'NoAnswer') sendIcmpError(this, now, slot, HOST_UNREACHABLE);
    this.drop(now, slot, UNRESOLVED_REASON[cause]);
  }

  linkLocalChanged(now: Instant, at: NetworkInterface, event: LinkLocalEvent): void {
    const { address } = event;
    const others = at.addresses.filter((own) => own.address !== address);
    if (event.kind === 'Acquired') {
      const added = { address, prefixLength: LINK_LOCAL_PREFIX_LENGTH };
      this.setAddresses(now, at.index, [...others, added], 'nobody objected to the address');
    } else if (event.kind === 'Lost') this.setAddresses(now, at.index, others, 'link-local address given up');
    this.pushEvent({ kind: 'LinkLocal', interfaceIndex: at.index, event });
  }

  addressConflict(_now: Instant, at: NetworkInterface, address: Ipv4Address, by: LinkAddress): void {
    this.pushEvent({ kind: 'AddressConflict', interfaceIndex: at.index, address, by });
  }

  private pushEvent(event: NetworkEvent): void {
    this.events ??= [];
    if (this.events.length === MAX_EVENTS) this.events.shift();
    this.events.push(event);
  }

  private count(reason: DropReason): void {
    this.drops ??= new Uint32Array(DROP_REASON_COUNT);
    this.drops[reason] = (this.drops[reason] ?? 0) + 1;
  }

  private recordDrop(now: Instant, reason: DropReason, key: string, details: Record<string, string | number>): void {
    const { journal, hostName } = this.environment;
    journal?.record({
      table: JournalTable.Drop,
      time: now,
      host: hostName,
      change: 'added',
      key,
      cause: dropText(reason),
      row: { reason: dropName(reason), ...details },
    });
  }
}

const UNRESOLVED_REASON = {
  NoAnswer: DropReason.NoNeighbor,
  QueueFull: DropReason.NeighborQueueFull,
  TableFull: DropReason.NeighborQueueFull,
  InterfaceDown: DropReason.InterfaceDown,
} as const;

// RFC 1112 §6.4: the last 23 bits of the group.
const multicastLink = (group: Ipv4Address): LinkAddress => (0x0100_5e00_0000 + (group & 0x7f_ffff)) as LinkAddress;

function checkAddress({ address, prefixLength }: InterfaceAddress): void {
  if (typeof address !== 'number') return;
  const canBeOwn =
    address !== UNSPECIFIED_IPV4 && address !== BROADCAST_IPV4 && !isMulticastIpv4(address) && prefixLength >= 0;
  if (!canBeOwn || prefixLength > 32) {
    throw new RangeError(`${formatIpv4(address)}/${prefixLength} cannot be the address of an interface`);
  }
}

// The routes that follow from an interface's addresses alone.
function connectedRoutes(egress: NetworkInterface): Route[] {
  const routes: Route[] = [];
  for (const { address, prefixLength } of egress.addresses) {
    if (typeof address !== 'number' || prefixLength === 32) continue;
    const metric = isLinkLocalIpv4(address) ? LINK_LOCAL_METRIC : DEFAULT_METRIC;
    const destination = networkOf(address, prefixLength);
    routes.push({ destination, prefixLength, gateway: UNSPECIFIED_IPV4, metric, egress });
  }
  return routes;
}
