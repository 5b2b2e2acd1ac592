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

import type { Arena } from '../../core/arena.ts';
import { NO_SLOT } from '../../core/arena.ts';
import { DropReason } from '../../core/drop_reason.ts';
import type { Journal } from '../../core/journal.ts';
import { arrayOf, countOf, itemAt, type OneOrMany, withItem } from '../../core/one_or_many.ts';
import type { RandomForks } from '../../core/random.ts';
import { after, earlier, type Instant, microseconds, NEVER } from '../../core/time.ts';
import {
  BROADCAST_IPV4,
  type IpAddress,
  type Ipv4Address,
  isGroupAddress,
  isMulticastIpv4,
  type LinkAddress,
} from '../../wire/address.ts';
import {
  ETHERNET_HEADER_LENGTH,
  ETHERTYPE_ARP,
  ETHERTYPE_IPV4,
  ETHERTYPE_VLAN,
  ethernetDestination,
  etherType,
} from '../../wire/ethernet.ts';
import { ICMP_PROTOCOL } from '../../wire/icmp.ts';
import {
  ipv4Destination,
  ipv4FragmentOffset,
  ipv4HeaderLength,
  ipv4IsFragment,
  ipv4Protocol,
  ipv4Source,
  ipv4TotalLength,
  ipv4TrafficClass,
  ipv4Ttl,
} from '../../wire/ipv4.ts';
import { TCP_PROTOCOL } from '../../wire/tcp.ts';
import { UDP_PROTOCOL } from '../../wire/udp.ts';
import { expireNeighbors, receiveArp, settleNeighbors } from './address_resolution.ts';
import { checkAddress, connectedRoutes } from './connected_routes.ts';
import { DropLog } from './drop_log.ts';
import { forward, refuse } from './forwarding.ts';
import {
  HOST_UNREACHABLE,
  PORT_UNREACHABLE,
  PROTOCOL_UNREACHABLE,
  REASSEMBLY_EXCEEDED,
  sendIcmpError,
} from './icmp_errors.ts';
import { receiveIcmp } from './icmp_input.ts';
import { checkAddresses, checkHeader, GOOD } from './ingress_checks.ts';
import { LINK_LOCAL_PREFIX_LENGTH, type LinkLocal, type LinkLocalEvent } from './link_local.ts';
import { linkLocalOn, startLinkLocal, stopLinkLocal } from './link_local_configuration.ts';
import { NeighborCache, type NeighborMachine, type TableLog, type UnresolvedCause } from './neighbor_cache.ts';
import { type NetworkCore, type NetworkEvent, NetworkExtras } from './network_core.ts';
import { type InterfaceAddress, LOOPBACK, LOOPBACK_INDEX, type NetworkInterface } from './network_interface.ts';
import type { SendOptions, SendOutcome, TransportHandler } from './network_layer_api.ts';
import { ACCEPT, type PacketHooks } from './packet_hooks.ts';
import { dispatchPacket, pathMtuTo, sendPacket } from './packet_output.ts';
import { type Path, Paths } from './path.ts';
import { PathMtuCache } from './path_mtu.ts';
import { Reassembly } from './reassembly.ts';
import { RouteTable } from './route_table.ts';
import { TokenBucket } from './token_bucket.ts';

// RFC 1812 §4.3.2.8 asks for a limit; these are the usual ones.
const ICMP_ERRORS_PER_SECOND = 1000;
const ICMP_ERROR_BURST = 50;

/** Packets to ourselves that are handled in one go; what is left waits a moment, so that time goes on. */
const LOCAL_TURNS = 4096;
const LOCAL_PAUSE = microseconds(10);

/** Events that nobody polled; the oldest go. */
const MAX_EVENTS = 64;

/** What the layer needs of its machine. */
export interface NetworkEnvironment {
  readonly arena: Arena;
  readonly random: RandomForks;
  readonly journal: Journal | undefined;
  readonly hostName: string;
  /** Asked for when the first UDP datagram comes, unless registered before. */
  readonly udp?: TransportHandler;
}

export class NetworkLayer implements NetworkCore, NeighborMachine {
  readonly arena: Arena;
  readonly routes: RouteTable;
  readonly neighbors: NeighborCache;
  hooks: PacketHooks | undefined;
  /** Routers pass on what is not for them (RFC 1122 §3.3.1.1: hosts must not). */
  isForwarding = false;
  /** In the order of their indices. */
  interfaceList: OneOrMany<NetworkInterface>;
  extras: NetworkExtras | undefined;
  private readonly environment: NetworkEnvironment;
  private knownPaths: Paths | undefined;
  private tcp: TransportHandler | undefined;
  private udp: TransportHandler | undefined;

  constructor(environment: NetworkEnvironment) {
    this.environment = environment;
    this.arena = environment.arena;
    this.routes = new RouteTable(environment);
    this.neighbors = new NeighborCache(this);
  }

  get paths(): Paths {
    this.knownPaths ??= new Paths(this.routes, this.interfaceList);
    return this.knownPaths;
  }

  /** RFC 1122 §3.2.2.6 leaves it open; machines that do can be used to drown others. */
  get answersBroadcastEcho(): boolean {
    return this.extras?.answersBroadcastEcho === true;
  }

  set answersBroadcastEcho(answers: boolean) {
    this.madeExtras.answersBroadcastEcho = answers;
  }

  /** Frames heard that were for other stations: no fault of anyone's. */
  get framesForOthers(): number {
    return this.extras?.framesForOthers ?? 0;
  }

  get madeExtras(): NetworkExtras {
    this.extras ??= new NetworkExtras();
    return this.extras;
  }

  // Configuration.

  /** Without the loopback, in the order of their indices. */
  get interfaces(): readonly NetworkInterface[] {
    return arrayOf(this.interfaceList);
  }

  /** @throws RangeError when its index is not the next one */
  addInterface(added: NetworkInterface): void {
    const next = countOf(this.interfaceList);
    if (added.index !== next) throw new RangeError(`the next interface has index ${next}, and not ${added.index}`);
    this.interfaceList = withItem(this.interfaceList, next, added);
    this.forgetPaths();
  }

  /** @throws RangeError when there is no such interface */
  interfaceAt(index: number): NetworkInterface {
    const found = index === LOOPBACK_INDEX ? LOOPBACK : itemAt(this.interfaceList, index);
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
    this.forgetPaths();
    this.hooks?.addressesChanged(now, interfaceIndex);
    for (const old of before) {
      if (!routes.some((route) => route.destination === old.destination && route.prefixLength === old.prefixLength)) {
        this.routes.remove(now, old, 'address removed');
      }
    }
    for (const route of routes) this.routes.add(now, route, cause);
    if (changed.ipv4 !== undefined) return;
    this.routes.removeThrough(now, changed, 'address removed');
    this.forgetNeighbors(now, changed);
  }

  /** Pulls or plugs the cable, as the machine sees it. */
  setInterfaceUp(now: Instant, interfaceIndex: number, isUp: boolean): void {
    const changed = this.interfaceAt(interfaceIndex);
    if (changed.isUp === isUp) return;
    changed.isUp = isUp;
    this.forgetPaths();
    if (!isUp) this.forgetNeighbors(now, changed);
  }

  /** One handler a protocol number; for ICMP, the one that gets echo replies. */
  registerTransport(protocol: number, handler: TransportHandler): void {
    if (protocol === TCP_PROTOCOL) this.tcp = handler;
    else if (protocol === UDP_PROTOCOL) this.udp = handler;
    else {
      const extras = this.madeExtras;
      extras.transports ??= new Map();
      extras.transports.set(protocol, handler);
    }
  }

  transportOf(protocol: number): TransportHandler | undefined {
    if (protocol === TCP_PROTOCOL) return this.tcp;
    if (protocol !== UDP_PROTOCOL) return this.extras?.transports?.get(protocol);
    this.udp ??= this.environment.udp;
    return this.udp;
  }

  get log(): TableLog {
    return this.environment;
  }

  firstIdentification(): number {
    return this.environment.random.fork('ipv4 identification').below(0x1_0000);
  }

  /** Enters a neighbor that is known by other means than ARP. */
  learnNeighbor(
    now: Instant,
    interfaceIndex: number,
    address: Ipv4Address,
    linkAddress: LinkAddress,
    cause: string,
  ): void {
    this.neighbors.learn(now, this.interfaceAt(interfaceIndex), address, linkAddress, cause);
    settleNeighbors(this, now);
  }

  /**
   * Lets an interface find itself an address (RFC 3927), beside those it has; it is set and taken away without further
   * ado, and told by `pollEvent`.
   *
   * @param remembered the address of last time, which is tried first
   */
  startLinkLocal(now: Instant, interfaceIndex: number, remembered?: Ipv4Address): void {
    const at = this.interfaceAt(interfaceIndex);
    startLinkLocal(this, now, at, this.environment.random.fork(`link-local ${at.name}`), remembered);
  }

  /** Ends it; the address goes. */
  stopLinkLocal(now: Instant, interfaceIndex: number): void {
    stopLinkLocal(this, now, this.interfaceAt(interfaceIndex));
  }

  /** What looks after an interface's address of its own making, while anything does. */
  linkLocalOn(interfaceIndex: number): LinkLocal | undefined {
    return linkLocalOn(this, this.interfaceAt(interfaceIndex));
  }

  // Packets in.

  /**
   * A frame has arrived on an interface; takes over the reference. Returns whether anything may follow from it: not when
   * it was for others, or went on to the next hop at once.
   */
  receive(now: Instant, interfaceIndex: number, slot: number, isIntact: boolean): boolean {
    const from = this.interfaceAt(interfaceIndex);
    const { arena } = this;
    if (!from.isUp) {
      this.dropFrame(now, slot, DropReason.InterfaceDown, from);
      return true;
    }
    if (!isIntact) {
      // IEEE 802.3 §3.4
      this.dropFrame(now, slot, DropReason.BadFrameCheckSequence, from);
      return true;
    }
    if (arena.length(slot) < ETHERNET_HEADER_LENGTH) {
      this.dropFrame(now, slot, DropReason.Truncated, from);
      return true;
    }
    const at = arena.start(slot);
    const destination = ethernetDestination(arena.view, at);
    if (destination !== from.linkAddress && !isGroupAddress(destination)) {
      this.madeExtras.framesForOthers++;
      arena.release(slot);
      return false;
    }
    const type = etherType(arena.view, at);
    if (type === ETHERTYPE_IPV4) {
      if (this.receivePacket(now, slot, from, destination === from.linkAddress)) return false;
    } else if (type === ETHERTYPE_ARP) receiveArp(this, now, slot, from);
    else {
      const reason = type === ETHERTYPE_VLAN ? DropReason.UnknownVlan : DropReason.UnsupportedProtocol;
      this.dropFrame(now, slot, reason, from);
    }
    this.flush(now);
    return true;
  }

  /**
   * Delivers what the machine has sent to itself. Called by the layer after each of its own events; whoever sends from
   * outside calls it afterwards. Returns whether there was anything.
   */
  flush(now: Instant): boolean {
    const queue = this.extras?.localQueue;
    if (this.extras === undefined || queue === undefined || queue.length === 0 || this.extras.isFlushing) return false;
    this.extras.isFlushing = true;
    for (let turns = 0; turns < LOCAL_TURNS && queue.length > 0; turns++) {
      this.input(now, queue.shift(), LOOPBACK, true);
    }
    this.extras.isFlushing = false;
    queue.deadline = queue.length > 0 ? after(now, LOCAL_PAUSE) : NEVER;
    return true;
  }

  // Whether it went on to the next hop at once.
  private receivePacket(now: Instant, slot: number, from: NetworkInterface, isUnicast: boolean): boolean {
    const { arena } = this;
    const frameAt = arena.start(slot);
    const at = frameAt + ETHERNET_HEADER_LENGTH;
    const bad = checkHeader(arena, at, arena.end(slot));
    if (bad !== GOOD) {
      this.dropFrame(now, slot, bad, from);
      return false;
    }
    // A frame to many is shared with the others that hear it, and its bounds are part of what is shared.
    const packet = arena.own(slot);
    const start = arena.trimFront(packet, ETHERNET_HEADER_LENGTH);
    arena.setLength(packet, ipv4TotalLength(arena.view, start)); // without Ethernet's padding
    const martian = checkAddresses(arena.view, start, from);
    if (martian !== GOOD) {
      this.drop(now, packet, martian);
      return false;
    }
    return this.input(now, packet, from, isUnicast);
  }

  // A packet that has been checked, from its IP header on; returns the same.
  private input(now: Instant, slot: number, from: NetworkInterface, isUnicast: boolean): boolean {
    const { arena, hooks } = this;
    let packet = slot;
    const isFragment = ipv4IsFragment(arena.view, arena.start(packet));
    if (isFragment && (hooks !== undefined || this.isForUs(this.pathOf(packet), from))) {
      packet = this.reassemble(now, packet);
      if (packet === NO_SLOT) return false;
    }
    if (hooks !== undefined) {
      const verdict = hooks.prerouting(now, packet, from.index);
      if (verdict !== ACCEPT) {
        refuse(this, now, packet, verdict);
        return false;
      }
    }
    const path = this.pathOf(packet);
    if (this.isForUs(path, from)) this.deliver(now, packet, from);
    else if (path.kind === 'broadcast')
      this.drop(now, packet, DropReason.DirectedBroadcast); // RFC 2644 §2
    // RFC 1122 §3.3.6: what was sent to everyone on the link was not meant for one machine behind it.
    else if (isMulticastIpv4(path.destination) || !isUnicast) this.drop(now, packet, DropReason.NotForUs);
    else if (!this.isForwarding) this.drop(now, packet, DropReason.NotForwarding);
    else return forward(this, now, packet, from.index);
    return false;
  }

  private pathOf(slot: number): Path {
    return this.paths.to(ipv4Destination(this.arena.view, this.arena.start(slot)));
  }

  private isForUs({ kind, egress, destination }: Path, from: NetworkInterface): boolean {
    if (kind === 'local' || destination === BROADCAST_IPV4) return true;
    return kind === 'broadcast' && (egress === from || from === LOOPBACK);
  }

  private deliver(now: Instant, slot: number, from: NetworkInterface): void {
    const { arena } = this;
    const verdict = this.hooks?.input(now, slot, from.index) ?? ACCEPT;
    if (verdict !== ACCEPT) {
      refuse(this, now, slot, verdict);
      return;
    }
    const at = arena.start(slot);
    const protocol = ipv4Protocol(arena.view, at);
    if (protocol === ICMP_PROTOCOL) {
      receiveIcmp(this, now, slot, from.index);
      return;
    }
    const handler = this.transportOf(protocol);
    if (handler === undefined) {
      sendIcmpError(this, now, slot, PROTOCOL_UNREACHABLE);
      this.drop(now, slot, DropReason.NoProtocol);
      return;
    }
    const source = ipv4Source(arena.view, at);
    const destination = ipv4Destination(arena.view, at);
    const headerLength = ipv4HeaderLength(arena.view, at);
    const ttl = ipv4Ttl(arena.view, at);
    const trafficClass = ipv4TrafficClass(arena.view, at);
    arena.trimFront(slot, headerLength);
    if (handler.receive(now, slot, source, destination, from.index, ttl, trafficClass)) return;
    arena.prepend(slot, headerLength);
    sendIcmpError(this, now, slot, PORT_UNREACHABLE);
    this.drop(now, slot, DropReason.NoPort);
  }

  private reassemble(now: Instant, slot: number): number {
    const extras = this.madeExtras;
    extras.reassembly ??= new Reassembly(this.arena);
    const whole = extras.reassembly.add(now, slot);
    this.dropDiscarded(now, extras.reassembly);
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
    return sendPacket(this, now, slot, source, destination, protocol, options);
  }

  dispatch(now: Instant, path: Path, slot: number): boolean {
    return dispatchPacket(this, now, path, slot);
  }

  selectSource(destination: IpAddress): IpAddress | undefined {
    return typeof destination === 'number' ? this.paths.source(destination) : undefined;
  }

  pathMtu(now: Instant, destination: IpAddress): number {
    return pathMtuTo(this, now, destination);
  }

  learnPathMtu(now: Instant, destination: IpAddress, mtu: number, length: number): number {
    if (typeof destination !== 'number') return this.pathMtu(now, destination);
    const extras = this.madeExtras;
    extras.pathMtus ??= new PathMtuCache();
    return extras.pathMtus.learn(now, destination, mtu, length);
  }

  isLocal(address: IpAddress): boolean {
    return this.paths.kindOf(address) === 'own';
  }

  isBroadcast(address: IpAddress): boolean {
    return this.paths.kindOf(address) === 'broadcast';
  }

  mayComplain(now: Instant): boolean {
    const extras = this.madeExtras;
    extras.errorBucket ??= new TokenBucket(now, ICMP_ERRORS_PER_SECOND, ICMP_ERROR_BURST);
    return extras.errorBucket.take(now);
  }

  // Time.

  /** While packets wait for ARP or on the way to ourselves, or a link-local address is being looked for. */
  pollTimeout(): Instant {
    const deadline = this.neighbors.pollTimeout();
    return this.extras === undefined ? deadline : earlier(deadline, this.extras.pollTimeout());
  }

  /** Ageing of tables, unfinished packets, announcements: does not keep a world alive. */
  pollBackgroundTimeout(): Instant {
    let deadline = this.neighbors.pollBackgroundTimeout();
    if (this.extras !== undefined) deadline = earlier(deadline, this.extras.pollBackgroundTimeout());
    return this.hooks === undefined ? deadline : earlier(deadline, this.hooks.pollBackgroundTimeout());
  }

  handleTimeout(now: Instant): void {
    expireNeighbors(this, now);
    const reassembly = this.extras?.reassembly;
    if (reassembly !== undefined) {
      reassembly.handleTimeout(now);
      this.dropDiscarded(now, reassembly);
    }
    this.hooks?.handleTimeout(now);
    this.flush(now);
  }

  /** Nothing is awaited: what can be found again at once is given up meanwhile. */
  rest(): void {
    if (this.knownPaths?.isCostly === false) this.knownPaths = undefined;
  }

  pollEvent(): NetworkEvent | undefined {
    return this.extras?.events?.shift();
  }

  /** Gives up all packets that the layer holds: after this, none of its slots is in use. */
  close(now: Instant): void {
    for (const each of this.interfaces) {
      this.stopLinkLocal(now, each.index);
      this.forgetNeighbors(now, each);
    }
    const reassembly = this.extras?.reassembly;
    reassembly?.clear();
    if (reassembly !== undefined) this.dropDiscarded(now, reassembly);
    const localQueue = this.extras?.localQueue;
    if (localQueue === undefined) return;
    while (localQueue.length > 0) this.arena.release(localQueue.shift());
    localQueue.deadline = NEVER;
  }

  // Drops.

  /** How often something was dropped, by `DropReason`; made by the first drop. */
  get drops(): Readonly<Uint32Array> | undefined {
    return this.extras?.dropLog?.counts;
  }

  dropCount(reason: DropReason): number {
    return this.drops?.[reason] ?? 0;
  }

  countDrop(reason: DropReason): void {
    this.madeDropLog.count(reason);
  }

  drop(now: Instant, slot: number, reason: DropReason): void {
    this.madeDropLog.packet(now, this.arena, slot, reason);
    this.arena.release(slot);
  }

  dropFrame(now: Instant, slot: number, reason: DropReason, from: NetworkInterface): void {
    this.madeDropLog.frame(now, this.arena.length(slot), reason, from.name);
    this.arena.release(slot);
  }

  private get madeDropLog(): DropLog {
    const extras = this.madeExtras;
    extras.dropLog ??= new DropLog(this.environment);
    return extras.dropLog;
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

  addressConflict(at: NetworkInterface, address: Ipv4Address, by: LinkAddress): void {
    this.pushEvent({ kind: 'AddressConflict', interfaceIndex: at.index, address, by });
  }

  private pushEvent(event: NetworkEvent): void {
    const extras = this.madeExtras;
    extras.events ??= [];
    if (extras.events.length === MAX_EVENTS) extras.events.shift();
    extras.events.push(event);
  }

  // An interface or an address came or went, or went up or down.
  private forgetPaths(): void {
    this.knownPaths = undefined;
    this.routes.invalidate();
  }

  private forgetNeighbors(now: Instant, at: NetworkInterface): void {
    this.neighbors.clear(now, at);
    settleNeighbors(this, now);
  }
}

const UNRESOLVED_REASON = {
  NoAnswer: DropReason.NoNeighbor,
  QueueFull: DropReason.NeighborQueueFull,
  TableFull: DropReason.NeighborQueueFull,
  InterfaceDown: DropReason.InterfaceDown,
} as const;
