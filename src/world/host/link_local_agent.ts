// A machine that gives itself an address in 169.254/16 on one interface (RFC 3927). The network layer does the work; this
// is when it begins, when it ends, and that commands wait for it.

import { type Instant, NEVER } from '../../core/time.ts';
import type { NetworkInterface } from '../../stack/net/network_interface.ts';
import type { Host, HostAgent } from './host.ts';

export class LinkLocalAgent implements HostAgent {
  readonly interface: NetworkInterface;
  private readonly host: Host;
  private isRunning = false;

  constructor(host: Host, served: NetworkInterface) {
    this.host = host;
    this.interface = served;
  }

  start(now: Instant): void {
    if (this.isRunning) return;
    this.isRunning = true;
    this.host.network.startLinkLocal(now, this.interface.index);
    this.host.beginAcquiring(this);
  }

  stop(now: Instant): void {
    if (!this.isRunning) return;
    this.isRunning = false;
    this.host.network.stopLinkLocal(now, this.interface.index);
    this.host.endAcquiring(this);
  }

  handleTimeout(): void {}

  poll(): boolean {
    const isInUse = this.isRunning && this.host.network.linkLocalOn(this.interface.index)?.isInUse === true;
    if (isInUse) this.host.endAcquiring(this);
    return false;
  }

  pollTimeout(): Instant {
    return NEVER;
  }

  pollBackgroundTimeout(): Instant {
    return NEVER;
  }
}
