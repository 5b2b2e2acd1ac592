// ICMP echo sockets as programs hold them: what ping and traceroute ask with.

import { type Instant, NEVER } from '../../core/time.ts';
import type { EchoEndpoint } from '../../stack/transport/echo_layer.ts';
import type { IpAddress } from '../../wire/address.ts';
import { type EchoMessage, type EchoSocket, type Program, SocketError } from '../app/program.ts';
import type { Host } from './host.ts';
import type { HostProcess } from './process.ts';
import { socketError } from './socket_error.ts';
import { Waitable } from './waitable.ts';

export class HostEchoSocket extends Waitable implements EchoSocket {
  private readonly endpoint: EchoEndpoint;
  private readonly process: HostProcess;

  constructor(host: Host, process: HostProcess) {
    super(host);
    this.process = process;
    this.endpoint = host.echo.open(process.name);
    this.endpoint.tag = this;
    process.hold(this);
  }

  send(
    to: IpAddress,
    sequence: number,
    options: { ttl?: number; payload?: number; dontFragment?: boolean } = {},
  ): void {
    const { ttl, payload, dontFragment } = options;
    const error = this.endpoint.send(this.host.now, to, sequence, ttl, payload, dontFragment);
    if (error !== undefined) throw socketError(error, 'send');
  }

  *receive(deadline: Instant = NEVER): Program<EchoMessage | undefined> {
    for (;;) {
      const news = this.endpoint.receive();
      if (news !== undefined) return news;
      if (this.endpoint.isClosed) throw new SocketError('EBADF', 'the socket is closed');
      if (this.host.now >= deadline) return undefined;
      this.await();
      yield deadline;
    }
  }

  close(): void {
    this.process.letGo(this);
    this.endpoint.close();
    this.wakeAll();
  }
}
