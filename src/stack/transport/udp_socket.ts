// One UDP socket: where it is bound, whom it is connected to, and the datagrams that wait for its program.
//
//   open --> bound --> connected        bind, connect and the first send each give a port where there is none
//              \---------\---> closed
//
// Nothing here throws or waits: what goes wrong is a POSIX code, and whoever has news is named by `UdpLayer.pollReady`.

import type { Instant } from '../../core/time.ts';
import type { IpAddress } from '../../wire/address.ts';
import { UDP_HEADER_LENGTH, udpSourcePort } from '../../wire/udp.ts';
import { DEFAULT_SEND_OPTIONS, type IcmpError, type SendOptions } from '../net/network_layer_api.ts';
import { DatagramQueue } from './datagram_queue.ts';
import type { BoundSocket } from './demultiplexer.ts';
import { errorOfIcmp, type TransportError } from './transport_error.ts';
import type { UdpLayer } from './udp_layer.ts';

/** ICMP errors that wait to be read; further ones are dropped. */
export const MAX_ERROR_REPORTS = 64;

/** Where a datagram came from and went to. */
export interface UdpArrival {
  readonly source: IpAddress;
  readonly sourcePort: number;
  /** The local address it was sent to. */
  readonly to: IpAddress;
  readonly interfaceIndex: number;
  /** Bytes handed over. */
  readonly length: number;
  /** There were more than the reader had room for; they are gone. */
  readonly isTruncated: boolean;
}

export interface UdpDatagram extends UdpArrival {
  readonly data: Uint8Array;
}

/** An ICMP error about a datagram that was sent: what traceroute lives by. */
export interface UdpErrorReport {
  readonly kind: IcmpError['kind'];
  /** ICMP's own code. */
  readonly code: number;
  readonly from: IpAddress;
  /** With `too-big`: the next hop's MTU. */
  readonly mtu: number;
  readonly destination: IpAddress;
  readonly destinationPort: number;
  readonly receivedAt: Instant;
}

export class UdpEndpoint implements BoundSocket {
  /** Who opened it, as tables show it. */
  readonly owner: string;
  readonly interfaceIndex: number;
  /** Of whoever serves it: the layer never looks. */
  tag: unknown;
  localAddress: IpAddress | undefined;
  /** 0: not bound. */
  localPort = 0;
  remoteAddress: IpAddress | undefined;
  remotePort = 0;
  /** Time to live and the like, of the datagrams that it sends. */
  options: SendOptions;
  /** Datagrams that came when there was no room. */
  drops = 0;
  isClosed = false;
  /** Lies in the layer's queue of endpoints with news. */
  isReady = false;
  /** `localAddress` was asked for, not chosen by `connect`. */
  hasFixedAddress = false;
  /** Sends with a checksum of zero, "not computed" (RFC 768): what is damaged on the way then reaches the reader. */
  omitsChecksum = false;
  private readonly layer: UdpLayer;
  private mayBroadcast = false;
  private wantsReports = false;
  private queue: DatagramQueue | undefined;
  private reports: UdpErrorReport[] | undefined;
  private error: TransportError | undefined;

  /** Made by `UdpLayer.open`. */
  constructor(layer: UdpLayer, owner: string, interfaceIndex: number) {
    this.layer = layer;
    this.owner = owner;
    this.interfaceIndex = interfaceIndex;
    this.options = interfaceIndex === -1 ? DEFAULT_SEND_OPTIONS : { ...DEFAULT_SEND_OPTIONS, interfaceIndex };
  }

  /**
   * No address: any. Port 0: one is chosen that cannot be guessed.
   *
   * @param isPrivileged ports below 1024 are for those who are
   */
  bind(
    now: Instant,
    address: IpAddress | undefined,
    port: number,
    isPrivileged: boolean = false,
  ): TransportError | undefined {
    return this.layer.bind(now, this, address, port, isPrivileged);
  }

  /** Fixes the peer: others are no longer heard, and ICMP errors become this socket's. Sends nothing. */
  connect(now: Instant, address: IpAddress, port: number): TransportError | undefined {
    return this.layer.connect(now, this, address, port);
  }

  /** Permits broadcast addresses as destination. */
  allowBroadcast(): void {
    this.mayBroadcast = true;
  }

  get isBroadcastAllowed(): boolean {
    return this.mayBroadcast;
  }

  /** Asks for ICMP errors in full, connected or not. They then no longer become pending errors. */
  reportErrors(): void {
    this.wantsReports = true;
  }

  /** To the connected peer. A pending ICMP error is returned instead, and nothing is sent. */
  send(now: Instant, data: Uint8Array): TransportError | undefined {
    if (this.remoteAddress === undefined) return this.isClosed ? 'EBADF' : 'EDESTADDRREQ';
    return this.sendTo(now, data, this.remoteAddress, this.remotePort);
  }

  /**
   * To a peer of this datagram alone.
   *
   * @param source in place of the bound address, or the one that the route would choose: 0.0.0.0 of a DHCP client
   */
  sendTo(
    now: Instant,
    data: Uint8Array,
    address: IpAddress,
    port: number,
    source?: IpAddress,
  ): TransportError | undefined {
    return this.takeError() ?? this.layer.send(now, this, data, address, port, source);
  }

  /** Something can be read: data, an error, or a report. */
  get isReadable(): boolean {
    return this.waitingCount > 0 || this.error !== undefined || (this.reports?.length ?? 0) > 0;
  }

  /** Datagrams that wait. */
  get waitingCount(): number {
    return this.queue?.length ?? 0;
  }

  /** Their payload bytes. */
  get waitingBytes(): number {
    return this.queue?.bytes ?? 0;
  }

  /** The next datagram, whole unless longer than `limit`; a pending error first; nothing when there is neither. */
  receive(limit: number = 0xffff): UdpDatagram | TransportError | undefined {
    if (this.error !== undefined) return this.takeError();
    const queue = this.queue;
    if (queue === undefined || queue.length === 0) return undefined;
    const data = new Uint8Array(Math.min(limit, queue.payloadLength));
    return { ...this.copyFirst(queue, data), data };
  }

  /** As `receive`, into a buffer of the caller's. */
  receiveInto(buffer: Uint8Array): UdpArrival | TransportError | undefined {
    if (this.error !== undefined) return this.takeError();
    const queue = this.queue;
    return queue === undefined || queue.length === 0 ? undefined : this.copyFirst(queue, buffer);
  }

  /** What an ICMP error left behind, once. */
  takeError(): TransportError | undefined {
    const { error } = this;
    this.error = undefined;
    return error;
  }

  /** The next ICMP error, for whoever asked with `reportErrors`. */
  receiveReport(): UdpErrorReport | undefined {
    return this.reports?.shift();
  }

  /** Gives up its port, and the datagrams that nobody read. */
  close(now: Instant): void {
    this.layer.close(now, this);
    this.discard();
  }

  // What the layer hands in.

  /** Takes the slot over when there is room for it. */
  enqueue(slot: number, length: number, source: IpAddress, destination: IpAddress, interfaceIndex: number): boolean {
    this.queue ??= new DatagramQueue();
    if (!this.queue.hasRoom(length)) {
      this.drops++;
      return false;
    }
    this.queue.push(slot, length, source, destination, interfaceIndex);
    return true;
  }

  /** Returns whether that is news to anyone. */
  noteError(now: Instant, error: IcmpError, destinationPort: number): boolean {
    if (this.wantsReports) {
      this.reports ??= [];
      if (this.reports.length === MAX_ERROR_REPORTS) return false;
      const { kind, code, from, mtu, destination } = error;
      this.reports.push({ kind, code, from, mtu, destination, destinationPort, receivedAt: now });
      return true;
    }
    // RFC 1122 §4.1.3.3: the application learns of all of them; who is not connected could not tell what they are about
    if (this.remoteAddress === undefined) return false;
    // Who lets routers fragment has nothing to mend.
    if (error.kind === 'too-big' && !this.options.dontFragment) return false;
    this.error = errorOfIcmp(error);
    return true;
  }

  private copyFirst(queue: DatagramQueue, buffer: Uint8Array): UdpArrival {
    const { arena } = this.layer.context;
    const { slot, payloadLength, source, destination, interfaceIndex } = queue;
    const at = arena.start(slot);
    const length = Math.min(buffer.length, payloadLength);
    arena.copyInto(buffer, 0, at + UDP_HEADER_LENGTH, length);
    const sourcePort = udpSourcePort(arena.view, at);
    queue.shift();
    arena.release(slot);
    return { source, sourcePort, to: destination, interfaceIndex, length, isTruncated: length < payloadLength };
  }

  private discard(): void {
    const { queue } = this;
    this.queue = undefined;
    this.reports = undefined;
    this.error = undefined;
    if (queue === undefined) return;
    for (; queue.length > 0; queue.shift()) this.layer.context.arena.release(queue.slot);
  }
}
