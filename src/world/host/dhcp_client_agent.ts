// A machine that asks for its address: a DHCP client on one interface, and 169.254/16 where nobody answers.
//
//   start --> DHCP --Configured--> address, default route, name servers
//              \---nobody answers--> link-local address (RFC 3927); DHCP goes on asking

import { viewOf } from '../../core/bytes.ts';
import { after, earlier, type Instant, NEVER, seconds } from '../../core/time.ts';
import type { NetworkInterface } from '../../stack/net/network_interface.ts';
import { DEFAULT_METRIC } from '../../stack/net/route_table.ts';
import type { UdpEndpoint } from '../../stack/transport/udp_socket.ts';
import { type Ipv4Address, UNSPECIFIED_IPV4 } from '../../wire/address.ts';
import { DHCP_CLIENT_PORT, DHCP_SERVER_PORT } from '../../wire/dhcp.ts';
import { DhcpClient, type DhcpClientEvent } from '../app/dhcp/dhcp_client.ts';
import type { Host, HostAgent } from './host.ts';
import type { LinkLocalAgent } from './link_local_agent.ts';

const DNS_PORT = 53;
/** The release may have to wait for the server's link address, and leaves from the address that it gives back. */
const RELEASE_TIME = seconds(1);
/** Discovers without an answer after which the machine makes do without: the third goes out after some twelve seconds. */
const PATIENCE = 3;

export class DhcpClientAgent implements HostAgent {
  readonly client: DhcpClient;
  readonly interface: NetworkInterface;
  private readonly host: Host;
  private readonly fallback: LinkLocalAgent | undefined;
  private readonly endpoint: UdpEndpoint;
  private discovers = 0;
  // When an address that was given back goes.
  private removal: Instant = NEVER;

  /** @param fallback takes over where nobody answers; given back as soon as somebody does */
  constructor(host: Host, served: NetworkInterface, fallback?: LinkLocalAgent) {
    this.host = host;
    this.interface = served;
    this.fallback = fallback;
    this.client = new DhcpClient({
      random: host.random.fork(`dhcp ${served.name}`),
      linkAddress: served.linkAddress,
      hostName: host.name,
    });
    this.endpoint = host.udp.open('dhclient', served.index);
    this.endpoint.allowBroadcast();
  }

  /** Switches it on. The machine counts as not ready until it has an address, of whatever kind. */
  start(now: Instant): void {
    const error = this.endpoint.bind(now, undefined, DHCP_CLIENT_PORT, true);
    if (error !== undefined) throw new Error(`the DHCP client of ${this.host.name} cannot have its port: ${error}`);
    this.client.start(now);
    this.host.beginAcquiring(this);
  }

  /** Gives the address back to the server. */
  release(now: Instant): void {
    this.client.release(now);
    this.poll(now);
  }

  handleTimeout(now: Instant): void {
    if (now >= this.removal) {
      this.removal = NEVER;
      this.host.network.setAddresses(now, this.interface.index, []);
    }
    this.client.handleTimeout(now);
  }

  poll(now: Instant): boolean {
    let didAct = false;
    for (let datagram = this.endpoint.receive(); datagram !== undefined; datagram = this.endpoint.receive()) {
      didAct = true;
      if (typeof datagram === 'string') continue; // an ICMP error: whoever it is about, asking goes on
      this.client.handleInput(now, viewOf(datagram.data), 0, datagram.data.length);
    }
    // First what there is to send: a release leaves with the address that is then given up.
    for (let out = this.client.pollTransmit(now); out !== undefined; out = this.client.pollTransmit(now)) {
      didAct = true;
      this.endpoint.sendTo(now, out.payload, out.destination, DHCP_SERVER_PORT, out.source);
      if (this.client.state.kind === 'Selecting') this.noteDiscover(now);
    }
    // What is said before the address goes, a release, still comes from it.
    for (let out = this.client.pollTransmit(now); out !== undefined; out = this.client.pollTransmit(now)) {
      didAct = true;
      this.endpoint.sendTo(now, out.payload, out.destination, DHCP_SERVER_PORT, out.source);
      if (this.client.state.kind === 'Selecting') this.noteDiscover(now);
    }
    for (let event = this.client.pollEvent(); event !== undefined; event = this.client.pollEvent()) {
      didAct = true;
      this.apply(now, event);
    }
    return didAct;
  }

  pollTimeout(): Instant {
    return earlier(this.client.pollTimeout(), this.removal);
  }

  pollBackgroundTimeout(): Instant {
    return this.client.pollBackgroundTimeout();
  }

  // RFC 3927 §1.9 and appendix A: begin with an address of one's own once DHCP has been tried for a while.
  private noteDiscover(now: Instant): void {
    if (++this.discovers < PATIENCE) return;
    this.fallback?.start(now);
    this.host.endAcquiring(this); // whoever waits, waits for the fallback now
  }

  private apply(now: Instant, event: DhcpClientEvent): void {
    const { network } = this.host;
    const { index } = this.interface;
    switch (event.kind) {
      case 'Configured': {
        this.discovers = 0;
        if (event.isRenewal) return;
        this.fallback?.stop(now);
        network.setAddresses(now, index, [{ address: event.address, prefixLength: event.prefixLength }]);
        if (event.router !== undefined) this.addDefaultRoute(now, event.router);
        if (event.dnsServers.length > 0) {
          this.host.nameServers = event.dnsServers.map((address) => ({ address, port: DNS_PORT }));
        }
        this.host.endAcquiring(this);
        return;
      }
      case 'Deconfigured':
        this.host.nameServers = [];
        if (event.cause === 'released') this.removal = after(now, RELEASE_TIME);
        else network.setAddresses(now, index, []);
        return;
      case 'Probe':
        this.client.handleClear(now); // probing does not hold up use, see "Ready" in the design
        return;
      default:
        event satisfies never;
    }
  }

  private addDefaultRoute(now: Instant, gateway: Ipv4Address): void {
    this.host.network.routes.add(
      now,
      {
        destination: UNSPECIFIED_IPV4,
        prefixLength: 0,
        gateway,
        metric: DEFAULT_METRIC,
        egress: this.interface,
      },
      'DHCP',
    );
  }
}
