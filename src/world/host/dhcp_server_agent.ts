// A machine that gives out addresses: a DHCP server on one interface.

import { viewOf } from '../../core/bytes.ts';
import type { Instant } from '../../core/time.ts';
import type { NetworkInterface } from '../../stack/net/network_interface.ts';
import type { UdpEndpoint } from '../../stack/transport/udp_socket.ts';
import { BROADCAST_IPV4, BROADCAST_LINK, NO_LINK_ADDRESS } from '../../wire/address.ts';
import { pseudoSumIpv4 } from '../../wire/checksum.ts';
import { DHCP_SERVER_PORT } from '../../wire/dhcp.ts';
import { ETHERNET_HEADER_LENGTH, ETHERTYPE_IPV4, emitEthernet } from '../../wire/ethernet.ts';
import { emitIpv4Header, IPV4_MIN_HEADER_LENGTH } from '../../wire/ipv4.ts';
import { emitUdp, UDP_HEADER_LENGTH, UDP_PROTOCOL } from '../../wire/udp.ts';
import { type DhcpReply, DhcpServer, type DhcpServerConfig } from '../app/dhcp/dhcp_server.ts';
import type { Host, HostAgent } from './host.ts';

const TIME_TO_LIVE = 64;

export class DhcpServerAgent implements HostAgent {
  readonly server: DhcpServer;
  readonly interface: NetworkInterface;
  private readonly host: Host;
  private readonly config: DhcpServerConfig;
  private readonly endpoint: UdpEndpoint;

  constructor(host: Host, served: NetworkInterface, config: DhcpServerConfig) {
    this.host = host;
    this.interface = served;
    this.config = config;
    this.server = new DhcpServer(config);
    this.endpoint = host.udp.open('dhcpd', served.index);
    this.endpoint.allowBroadcast();
  }

  start(now: Instant): void {
    const error = this.endpoint.bind(now, undefined, DHCP_SERVER_PORT, true);
    if (error !== undefined) throw new Error(`the DHCP server of ${this.host.name} cannot have its port: ${error}`);
  }

  stop(now: Instant): void {
    this.endpoint.close(now);
  }

  handleTimeout(now: Instant): void {
    this.server.handleTimeout(now);
  }

  poll(now: Instant): boolean {
    let didAct = false;
    for (let datagram = this.endpoint.receive(); datagram !== undefined; datagram = this.endpoint.receive()) {
      didAct = true;
      if (typeof datagram !== 'string') this.server.handleInput(now, viewOf(datagram.data), 0, datagram.data.length);
    }
    for (let reply = this.server.pollTransmit(now); reply !== undefined; reply = this.server.pollTransmit(now)) {
      didAct = true;
      this.send(now, reply);
    }
    return didAct;
  }

  pollTimeout(): Instant {
    return this.server.pollTimeout();
  }

  pollBackgroundTimeout(): Instant {
    return this.server.pollBackgroundTimeout();
  }

  private send(now: Instant, reply: DhcpReply): void {
    const { destination, destinationPort, linkAddress, payload } = reply;
    const isForEveryone = linkAddress === BROADCAST_LINK && destination === BROADCAST_IPV4;
    if (linkAddress === NO_LINK_ADDRESS || isForEveryone) {
      this.endpoint.sendTo(now, payload, destination, destinationPort, this.config.address);
    } else this.sendFrame(now, reply);
  }

  // RFC 2131 §4.1: the client has no address yet and answers no ARP; its frame is made by hand.
  private sendFrame(now: Instant, { destination, destinationPort, linkAddress, payload }: DhcpReply): void {
    const { arena } = this.host;
    const source = this.config.address;
    const slot = arena.allocateFrom(payload);
    const sum = pseudoSumIpv4(source, destination, UDP_PROTOCOL) + arena.sum(arena.start(slot), payload.length);
    const header = { sourcePort: DHCP_SERVER_PORT, destinationPort, payloadLength: payload.length };
    emitUdp(arena.view, arena.prepend(slot, UDP_HEADER_LENGTH), header, sum);
    const length = IPV4_MIN_HEADER_LENGTH + arena.length(slot);
    const at = arena.prepend(slot, IPV4_MIN_HEADER_LENGTH);
    emitIpv4Header(arena.view, at, length, 0, 0, TIME_TO_LIVE, UDP_PROTOCOL, 0, source, destination);
    const frameAt = arena.prepend(slot, ETHERNET_HEADER_LENGTH);
    emitEthernet(arena.view, frameAt, linkAddress, this.interface.linkAddress, ETHERTYPE_IPV4);
    if (this.interface.transmitter === undefined) arena.release(slot);
    else this.interface.transmitter.transmit(now, slot);
  }
}
