// Connections that were meant for others end at the attacker: segments for a watched port, which come to the attacker since
// it is taken for the next hop, get its own address before its stack sees them, and what it answers gets the address for which
// they were meant. Neither end sees by its packets that somebody is between. What iptables calls REDIRECT.
//
//   client:p -> server:80  ==>  client:p -> attacker:r     its program accepts, and asks for whom it was meant
//   client:p <- server:80  <==  client:p <- attacker:r
//
// Not here: how it becomes the next hop (arp_spoof.ts), and what it does with the connections (stream_relay.ts).

import { viewOf } from '../../core/bytes.ts';
import { isDrop } from '../../core/drop_reason.ts';
import type { Instant } from '../../core/time.ts';
import type { Transmitter } from '../../stack/link/device.ts';
import { rewriteEnd } from '../../stack/net/rewrite.ts';
import type { Ipv4Address } from '../../wire/address.ts';
import { ETHERNET_HEADER_LENGTH, ETHERTYPE_IPV4, etherType, parseEthernet } from '../../wire/ethernet.ts';
import {
  ipv4Destination,
  ipv4HeaderLength,
  ipv4IsFragment,
  ipv4Protocol,
  ipv4Source,
  parseIpv4,
} from '../../wire/ipv4.ts';
import {
  TCP_HEADER_LENGTH,
  TCP_PROTOCOL,
  TcpFlag,
  tcpDestinationPort,
  tcpFlags,
  tcpSourcePort,
} from '../../wire/tcp.ts';
import type { FrameListener, PromiscuousHost } from '../../world/sim/promiscuous_host.ts';

/** Connections that are remembered; beyond, the oldest is forgotten, and stalls. */
export const MAX_REDIRECTED = 4096;

export interface RedirectOptions {
  /** Of the interface, on the attacker. */
  readonly interfaceIndex: number;
  /** The port whose connections are taken. */
  readonly watchedPort: number;
  /** Where the attacker's own program listens. */
  readonly ownPort: number;
}

export class Redirect implements FrameListener {
  private readonly attacker: PromiscuousHost;
  private readonly options: RedirectOptions;
  /** Servers by the client's address and port, the oldest first. */
  private readonly meant = new Map<string, Ipv4Address>();
  private isOpen = false;

  constructor(attacker: PromiscuousHost, options: RedirectOptions) {
    this.attacker = attacker;
    this.options = options;
  }

  /** The server for which a client's connection was meant. */
  meantFor(client: Ipv4Address, port: number): Ipv4Address | undefined {
    return this.meant.get(keyOf(client, port));
  }

  open(): void {
    this.isOpen = true;
    this.attacker.listen(this);
    const at = this.attacker.network.interfaces[this.options.interfaceIndex];
    const below = at?.transmitter;
    if (at === undefined || below === undefined) throw new RangeError('the interface of a redirect is plugged in');
    at.transmitter = { transmit: (now, slot) => this.transmit(now, slot, below) };
  }

  /** Takes no new connections; those that it has go on. */
  close(): void {
    this.isOpen = false;
  }

  hear(now: Instant, port: number, frame: Uint8Array): boolean {
    const at = this.attacker.network.interfaces[this.options.interfaceIndex];
    const own = at?.ipv4;
    if (at === undefined || own === undefined || port !== at.index) return false;
    const view = viewOf(frame);
    const ethernet = parseEthernet(view, 0, view.byteLength);
    if (isDrop(ethernet) || ethernet.etherType !== ETHERTYPE_IPV4 || ethernet.destination !== at.linkAddress)
      return false;
    const ip = ethernet.headerLength;
    const packet = parseIpv4(view, ip, view.byteLength);
    if (isDrop(packet) || packet.protocol !== TCP_PROTOCOL || ipv4IsFragment(view, ip)) return false;
    if (packet.totalLength < packet.headerLength + TCP_HEADER_LENGTH) return false;
    if (this.attacker.network.isLocal(packet.destination)) return false;
    const tcp = ip + packet.headerLength;
    if (tcpDestinationPort(view, tcp) !== this.options.watchedPort) return false;
    const client = keyOf(packet.source, tcpSourcePort(view, tcp));
    const isNew = (tcpFlags(view, tcp) & (TcpFlag.Syn | TcpFlag.Ack)) === TcpFlag.Syn;
    if (isNew && this.isOpen) this.remember(client, packet.destination);
    if (this.meant.get(client) !== packet.destination) return false;
    const { arena } = this.attacker;
    const slot = arena.allocateFrom(frame);
    const start = arena.start(slot) + ip;
    rewriteEnd(arena, start, start + packet.totalLength, 'destination', own, this.options.ownPort);
    this.attacker.deliver(now, port, slot);
    return true;
  }

  private remember(client: string, server: Ipv4Address): void {
    this.meant.delete(client);
    const [oldest] = this.meant.keys();
    if (this.meant.size >= MAX_REDIRECTED && oldest !== undefined) this.meant.delete(oldest);
    this.meant.set(client, server);
  }

  // What the attacker's own stack sends: answers to a client whose connection was taken come from its server.
  private transmit(now: Instant, slot: number, below: Transmitter): void {
    const { arena } = this.attacker;
    const server = this.serverOf(arena.view, arena.start(slot), arena.length(slot));
    if (server === undefined) {
      below.transmit(now, slot);
      return;
    }
    const owned = arena.own(slot);
    const at = arena.start(owned);
    rewriteEnd(
      arena,
      at + ETHERNET_HEADER_LENGTH,
      at + arena.length(owned),
      'source',
      server,
      this.options.watchedPort,
    );
    below.transmit(now, owned);
  }

  private serverOf(view: DataView, at: number, length: number): Ipv4Address | undefined {
    const ip = at + ETHERNET_HEADER_LENGTH;
    if (etherType(view, at) !== ETHERTYPE_IPV4 || ipv4Protocol(view, ip) !== TCP_PROTOCOL) return undefined;
    const tcp = ip + ipv4HeaderLength(view, ip);
    if (tcp + TCP_HEADER_LENGTH > at + length || tcpSourcePort(view, tcp) !== this.options.ownPort) return undefined;
    if (ipv4Source(view, ip) !== this.attacker.network.interfaces[this.options.interfaceIndex]?.ipv4) return undefined;
    return this.meant.get(keyOf(ipv4Destination(view, ip), tcpDestinationPort(view, tcp)));
  }
}

const keyOf = (address: Ipv4Address, port: number): string => `${address}:${port}`;
