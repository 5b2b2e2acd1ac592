// UDP on one machine (RFC 768, RFC 1122 §4.1): its sockets, and the datagrams in and out.
//
//   packet --> whole, checksum right? --> whose? --> its queue --> pollReady
//   send --> bound? permitted? --> slot with payload and header --> network layer
//
// Nothing is made before the first socket is opened. Not here: ICMP's "port unreachable", which the network layer says.

import { DROP_REASON_COUNT, DropReason, isDrop } from '../../core/drop_reason.ts';
import { type JournalChange, JournalTable } from '../../core/journal.ts';
import type { Instant } from '../../core/time.ts';
import { type IpAddress, isLoopbackIpv4, UNSPECIFIED_IPV4 } from '../../wire/address.ts';
import { addSums, pseudoSumIpv4 } from '../../wire/checksum.ts';
import {
  emitUdp,
  parseUdp,
  setUdpChecksum,
  UDP_HEADER_LENGTH,
  UDP_PROTOCOL,
  udpDestinationPort,
  udpSourcePort,
} from '../../wire/udp.ts';
import type { IcmpError, TransportHandler } from '../net/network_layer_api.ts';
import { Demultiplexer } from './demultiplexer.ts';
import { EphemeralPorts, FIRST_UNPRIVILEGED_PORT, isPort } from './ports.ts';
import { compareSockets, formatEndpoint, type SocketRow } from './socket_table.ts';
import type { TransportContext } from './transport_context.ts';
import { errorOfSend, type TransportError } from './transport_error.ts';
import { UdpEndpoint } from './udp_socket.ts';

/** What fits one IPv4 packet: 65,535 less the IP and the UDP header. */
export const UDP_MAX_DATAGRAM: number = 0xffff - 20 - UDP_HEADER_LENGTH;

const NO_INTERFACE = -1;

/** The UDP group of RFC 4113, and what came when a receive buffer was full. */
export interface UdpCounters {
  inDatagrams: number;
  noPorts: number;
  inErrors: number;
  receiveBufferErrors: number;
  outDatagrams: number;
}

export class UdpLayer implements TransportHandler {
  readonly context: TransportContext;
  private counted: UdpCounters | undefined;
  private sockets: Demultiplexer<UdpEndpoint> | undefined;
  private ephemeral: EphemeralPorts | undefined;
  private ready: UdpEndpoint[] | undefined;
  private reasons: Uint32Array | undefined;

  constructor(context: TransportContext) {
    this.context = context;
  }

  get counters(): UdpCounters {
    this.counted ??= { inDatagrams: 0, noPorts: 0, inErrors: 0, receiveBufferErrors: 0, outDatagrams: 0 };
    return this.counted;
  }

  /**
   * A socket, not bound yet.
   *
   * @param owner the program's name, as tables show it
   * @param interfaceIndex the one interface that it hears and sends on; -1: all
   */
  open(owner: string, interfaceIndex: number = NO_INTERFACE): UdpEndpoint {
    return new UdpEndpoint(this, owner, interfaceIndex);
  }

  /** An endpoint on which something changed, each once for any number of changes. */
  pollReady(): UdpEndpoint | undefined {
    const { ready } = this;
    if (ready === undefined) return undefined;
    for (let endpoint = ready.shift(); endpoint !== undefined; endpoint = ready.shift()) {
      endpoint.isReady = false;
      if (!endpoint.isClosed) return endpoint;
    }
    return undefined;
  }

  /** The machine was switched off: all sockets are closed, and what waited in them is gone. */
  closeAll(now: Instant): void {
    for (const endpoint of this.sockets?.list() ?? []) endpoint.close(now);
    while (this.pollReady() !== undefined);
  }

  /** Bound sockets as `ss -uan` shows them. */
  list(): readonly SocketRow[] {
    return this.sockets === undefined ? [] : this.sockets.list().map(rowOf).sort(compareSockets);
  }

  /** How many datagrams from the wire were dropped for `reason`. */
  dropCount(reason: DropReason): number {
    return this.reasons?.[reason] ?? 0;
  }

  receive(_now: Instant, slot: number, source: IpAddress, destination: IpAddress, interfaceIndex: number): boolean {
    const { arena } = this.context;
    if (typeof source !== 'number' || typeof destination !== 'number') {
      this.drop(slot, DropReason.UnsupportedProtocol);
      return true;
    }
    const at = arena.start(slot);
    const header = parseUdp(arena.view, at, arena.end(slot), pseudoSumIpv4(source, destination, UDP_PROTOCOL));
    if (isDrop(header)) {
      this.drop(slot, header);
      return true;
    }
    const { sourcePort, destinationPort, payloadLength } = header;
    const endpoint = this.sockets?.find(destination, destinationPort, source, sourcePort, interfaceIndex);
    if (endpoint === undefined) {
      this.counters.noPorts++;
      return false;
    }
    if (endpoint.enqueue(slot, payloadLength, source, destination, interfaceIndex)) {
      this.counters.inDatagrams++;
      this.markReady(endpoint);
    } else {
      this.counters.receiveBufferErrors++;
      this.countReason(DropReason.ReceiveBufferFull);
      arena.release(slot);
    }
    return true;
  }

  /** Finds the socket whose datagram is quoted. What a quotation claims is believed only as far as it fits one. */
  icmpError(now: Instant, error: IcmpError): void {
    const { view } = this.context.arena;
    if (error.end - error.at < UDP_HEADER_LENGTH) return; // RFC 792: eight bytes are quoted at least
    const port = udpDestinationPort(view, error.at);
    const endpoint = this.sockets?.find(
      error.source,
      udpSourcePort(view, error.at),
      error.destination,
      port,
      NO_INTERFACE,
    );
    if (endpoint?.noteError(now, error, port) === true) this.markReady(endpoint);
  }

  // For the endpoints.

  bind(
    now: Instant,
    endpoint: UdpEndpoint,
    address: IpAddress | undefined,
    port: number,
    isPrivileged: boolean,
  ): TransportError | undefined {
    if (!isPort(port)) throw new RangeError(`a port is an integer from 0 to 65535, not ${port}`);
    if (endpoint.isClosed) return 'EBADF';
    if (endpoint.localPort !== 0) return 'EINVAL';
    if (typeof address === 'string') return 'EAFNOSUPPORT';
    const specific = address === UNSPECIFIED_IPV4 ? undefined : address;
    if (specific !== undefined && !this.isBindable(specific)) return 'EADDRNOTAVAIL';
    if (port !== 0 && port < FIRST_UNPRIVILEGED_PORT && !isPrivileged) return 'EACCES';
    const error = this.enter(endpoint, specific, port);
    if (error !== undefined) return error;
    endpoint.hasFixedAddress = specific !== undefined;
    this.report(now, 'added', endpoint, 'bound');
    return undefined;
  }

  connect(now: Instant, endpoint: UdpEndpoint, address: IpAddress, port: number): TransportError | undefined {
    const { sender } = this.context;
    if (!isPort(port)) throw new RangeError(`a port is an integer from 0 to 65535, not ${port}`);
    if (endpoint.isClosed) return 'EBADF';
    if (typeof address === 'string') return 'EAFNOSUPPORT';
    if (port === 0) return 'EINVAL';
    if (sender.isBroadcast(address) && !endpoint.isBroadcastAllowed) return 'EACCES';
    const local = endpoint.hasFixedAddress ? endpoint.localAddress : sender.selectSource(address);
    if (local === undefined) return 'ENETUNREACH';
    if (!isReachableFrom(local, address, sender.isLocal(address))) return 'EINVAL';
    const isNew = endpoint.localPort === 0;
    if (isNew) {
      const error = this.enter(endpoint, local, 0);
      if (error !== undefined) return error;
    } else if (!endpoint.hasFixedAddress && endpoint.localAddress !== local) {
      // A second `connect` may lead out by another address, which somebody else may have taken meanwhile.
      this.sockets?.remove(endpoint);
      const isFree = this.sockets?.isFree(local, endpoint.localPort, endpoint.interfaceIndex) ?? true;
      if (isFree) endpoint.localAddress = local;
      this.sockets?.add(endpoint);
      if (!isFree) return 'EADDRINUSE';
    }
    endpoint.remoteAddress = address;
    endpoint.remotePort = port;
    this.report(now, isNew ? 'added' : 'changed', endpoint, 'connected');
    return undefined;
  }

  send(
    now: Instant,
    endpoint: UdpEndpoint,
    data: Uint8Array,
    address: IpAddress,
    port: number,
    wishedSource: IpAddress | undefined,
  ): TransportError | undefined {
    const { arena, sender } = this.context;
    if (!isPort(port)) throw new RangeError(`a port is an integer from 0 to 65535, not ${port}`);
    if (endpoint.isClosed) return 'EBADF';
    if (typeof address !== 'number') return 'EAFNOSUPPORT';
    if (port === 0) return 'EINVAL';
    if (data.length > UDP_MAX_DATAGRAM) return 'EMSGSIZE';
    if (sender.isBroadcast(address) && !endpoint.isBroadcastAllowed) return 'EACCES';
    const source = wishedSource ?? endpoint.localAddress ?? this.sourceFor(endpoint, address);
    if (source === undefined) return 'ENETUNREACH';
    if (typeof source !== 'number') return 'EAFNOSUPPORT';
    if (!isReachableFrom(source, address, sender.isLocal(address))) return 'EINVAL';
    if (endpoint.localPort === 0) {
      const error = this.enter(endpoint, undefined, 0);
      if (error !== undefined) return error;
      this.report(now, 'added', endpoint, 'sent from');
    }
    const slot = arena.allocateFrom(data);
    const sum = addSums(pseudoSumIpv4(source, address, UDP_PROTOCOL), arena.sum(arena.start(slot), data.length));
    const at = arena.prepend(slot, UDP_HEADER_LENGTH);
    const header = { sourcePort: endpoint.localPort, destinationPort: port, payloadLength: data.length };
    emitUdp(arena.view, at, header, sum);
    if (endpoint.omitsChecksum) setUdpChecksum(arena.view, at, 0);
    const outcome = sender.send(now, slot, source, address, UDP_PROTOCOL, endpoint.options);
    if (outcome === 'sent') this.counters.outDatagrams++;
    return errorOfSend(outcome);
  }

  close(now: Instant, endpoint: UdpEndpoint): void {
    if (endpoint.isClosed) return;
    endpoint.isClosed = true;
    if (endpoint.localPort === 0) return;
    this.sockets?.remove(endpoint);
    this.report(now, 'removed', endpoint, 'closed');
  }

  // Binds what has been found permissible. Port 0: any that is free.
  private enter(endpoint: UdpEndpoint, address: IpAddress | undefined, port: number): TransportError | undefined {
    this.sockets ??= new Demultiplexer();
    const { sockets } = this;
    const { interfaceIndex } = endpoint;
    const chosen = port === 0 ? this.choosePort(sockets, address, interfaceIndex) : port;
    if (chosen === undefined || !sockets.isFree(address, chosen, interfaceIndex)) return 'EADDRINUSE';
    endpoint.localAddress = address;
    endpoint.localPort = chosen;
    sockets.add(endpoint);
    return undefined;
  }

  private choosePort(
    sockets: Demultiplexer<UdpEndpoint>,
    address: IpAddress | undefined,
    interfaceIndex: number,
  ): number | undefined {
    this.ephemeral ??= new EphemeralPorts(this.context, 'udp ports');
    return this.ephemeral.forAnyone((port) => sockets.isFree(address, port, interfaceIndex));
  }

  // Who is bound to an interface may send before it has an address (RFC 2131 §4.1).
  private sourceFor(endpoint: UdpEndpoint, destination: IpAddress): IpAddress | undefined {
    const source = this.context.sender.selectSource(destination);
    return source === undefined && endpoint.interfaceIndex !== NO_INTERFACE ? UNSPECIFIED_IPV4 : source;
  }

  private isBindable(address: IpAddress): boolean {
    const { sender } = this.context;
    return sender.isLocal(address) || sender.isBroadcast(address);
  }

  private markReady(endpoint: UdpEndpoint): void {
    if (endpoint.isReady) return;
    endpoint.isReady = true;
    this.ready ??= [];
    this.ready.push(endpoint);
  }

  private drop(slot: number, reason: DropReason): void {
    this.counters.inErrors++;
    this.countReason(reason);
    this.context.arena.release(slot);
  }

  private countReason(reason: DropReason): void {
    this.reasons ??= new Uint32Array(DROP_REASON_COUNT);
    this.reasons[reason] = (this.reasons[reason] ?? 0) + 1;
  }

  private report(now: Instant, change: JournalChange, endpoint: UdpEndpoint, cause: string): void {
    const { journal, hostName } = this.context;
    if (journal?.watches(JournalTable.Socket) !== true) return;
    const { localAddress, localPort, remoteAddress, remotePort, owner } = endpoint;
    const local = formatEndpoint(localAddress, localPort);
    journal.record({
      table: JournalTable.Socket,
      time: now,
      host: hostName,
      change,
      key: `udp ${local}`,
      cause,
      row: { state: stateOf(endpoint), local, remote: formatEndpoint(remoteAddress, remotePort), owner },
    });
  }
}

// RFC 1122 §3.2.1.3 (g): 127.0.0.0/8 never leaves a machine.
const isReachableFrom = (source: IpAddress, destination: IpAddress, isDestinationLocal: boolean): boolean =>
  isDestinationLocal || !isLoopback(source) || isLoopback(destination);

const isLoopback = (address: IpAddress): boolean => typeof address === 'number' && isLoopbackIpv4(address);

const stateOf = (endpoint: UdpEndpoint): string => (endpoint.remoteAddress === undefined ? 'UNCONN' : 'ESTAB');

const rowOf = (endpoint: UdpEndpoint): SocketRow => ({
  protocol: 'udp',
  state: stateOf(endpoint),
  receiveQueue: endpoint.waitingBytes,
  sendQueue: 0,
  localAddress: endpoint.localAddress,
  localPort: endpoint.localPort,
  remoteAddress: endpoint.remoteAddress,
  remotePort: endpoint.remotePort,
  owner: endpoint.owner,
});
