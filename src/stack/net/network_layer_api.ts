// What the transports need of the network layer below them, and what it hands up to them.

import type { Instant } from '../../core/time.ts';
import type { IpAddress } from '../../wire/address.ts';

/** How a packet is to be sent: kept by a socket and passed with each packet, so that none is made per packet. */
export interface SendOptions {
  /** Time to live, 1 to 255. */
  readonly ttl: number;
  /** The byte that was once the type of service: DSCP and ECN (RFC 2474, RFC 3168). */
  readonly trafficClass: number;
  readonly dontFragment: boolean;
  /** Interface index for packets without a route of their own (DHCP's broadcasts); -1: by the routing table. */
  readonly interfaceIndex: number;
}

export const DEFAULT_SEND_OPTIONS: SendOptions = { ttl: 64, trafficClass: 0, dontFragment: false, interfaceIndex: -1 };

export type SendOutcome = 'sent' | 'no-route' | 'too-big' | 'denied' | 'down';

export interface PacketSender {
  /**
   * Sends the transport payload in `slot` (its reference is taken over, whatever comes of it). The transport checksum is
   * already in place. Packets to the machine itself come back in the same event.
   */
  send(
    now: Instant,
    slot: number,
    source: IpAddress,
    destination: IpAddress,
    protocol: number,
    options: SendOptions,
  ): SendOutcome;
  /** The address that packets to `destination` leave with; nothing when there is no route (RFC 1122 §3.3.4.3). */
  selectSource(destination: IpAddress): IpAddress | undefined;
  /** Bytes of the largest packet that goes to `destination` in one piece. */
  pathMtu(now: Instant, destination: IpAddress): number;
  /** Takes in what a router said of a packet of `length` bytes: the next hop's MTU, 0 for nothing. Returns what holds now. */
  learnPathMtu(now: Instant, destination: IpAddress, mtu: number, length: number): number;
  /** Whether `address` is one of this machine's own, 127.0.0.0/8 included. */
  isLocal(address: IpAddress): boolean;
  isBroadcast(address: IpAddress): boolean;
}

/** What an ICMP error says about a packet that this machine sent (RFC 792, RFC 1122 §3.2.2). */
export interface IcmpError {
  readonly kind: 'unreachable' | 'time-exceeded' | 'parameter-problem' | 'too-big';
  /** ICMP's own code. */
  readonly code: number;
  /** Who said so. */
  readonly from: IpAddress;
  /** With `too-big`: what the path takes now. To `believesTooBig`: the router's claim, 0 when it makes none (RFC 1191). */
  readonly mtu: number;
  /** How long the quoted packet was, as it says itself. */
  readonly length: number;
  readonly source: IpAddress;
  readonly destination: IpAddress;
  /** Where the quoted transport header starts in the arena, and where the quotation ends. */
  readonly at: number;
  readonly end: number;
}

/** A transport as the network layer sees it: one a protocol number. */
export interface TransportHandler {
  /**
   * A packet for this machine. The slot's start is the transport header; the reference is the handler's now.
   * Returns false when no socket wants it, having released nothing: the network layer then says port unreachable.
   */
  receive(
    now: Instant,
    slot: number,
    source: IpAddress,
    destination: IpAddress,
    interfaceIndex: number,
    /** What is left of the packet's time to live: `ping` shows it. */
    ttl?: number,
    /** DSCP and ECN, as they arrived. */
    trafficClass?: number,
  ): boolean;
  /**
   * Whether a `too-big` may be true: only then is it remembered for the path, and passed on. A transport that cannot tell
   * leaves this out.
   */
  believesTooBig?(error: IcmpError): boolean;
  icmpError(now: Instant, error: IcmpError): void;
}
