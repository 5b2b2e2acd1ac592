// A machine that gives itself an address in 169.254/16 on one interface (RFC 3927).

import type { Instant } from '../../core/time.ts';
import { LINK_LOCAL_PREFIX_LENGTH, LinkLocal } from '../../stack/net/link_local.ts';
import type { NetworkInterface } from '../../stack/net/network_interface.ts';
import type { ArpPacket } from '../../wire/arp.ts';
import type { Host, HostAgent } from './host.ts';

export class LinkLocalAgent implements HostAgent {
  readonly machine: LinkLocal;
  readonly interface: NetworkInterface;
  private readonly host: Host;
  private isRunning = false;

  constructor(host: Host, served: NetworkInterface) {
    this.host = host;
    this.interface = served;
    this.machine = new LinkLocal(served.linkAddress, host.random.fork(`link-local ${served.name}`));
  }

  start(now: Instant): void {
    if (this.isRunning) return;
    this.isRunning = true;
    this.host.network.listenArp(this.interface.index, (at: Instant, packet: ArpPacket) => this.machine.handleInput(at, packet));
    this.machine.start(now);
    this.host.beginAcquiring(this);
  }

  stop(now: Instant): void {
    if (!this.isRunning) return;
    this.isRunning = false;
    this.machine.stop();
    this.host.network.setAddresses(now, this.interface.index, []);
    this.host.endAcquiring(this);
  }

  handleTimeout(now: Instant): void {
    this.machine.handleTimeout(now);
  }

  poll(now: Instant): boolean {
    let didAct = false;
    const { network } = this.host;
    const { index } = this.interface;
    for (let packet = this.machine.pollTransmit(); packet !== undefined; packet = this.machine.pollTransmit()) {
      didAct = true;
      network.sendArp(now, index, packet);
    }
    for (let event = this.machine.pollEvent(); event !== undefined; event = this.machine.pollEvent()) {
      didAct = true;
      if (event.kind === 'Acquired') {
        network.setAddresses(now, index, [{ address: event.address, prefixLength: LINK_LOCAL_PREFIX_LENGTH }]);
        this.host.endAcquiring(this);
      } else if (event.kind === 'Lost') network.setAddresses(now, index, []);
    }
    return didAct;
  }

  pollTimeout(): Instant {
    return this.machine.pollTimeout();
  }

  pollBackgroundTimeout(): Instant {
    return this.machine.pollBackgroundTimeout();
  }
}
