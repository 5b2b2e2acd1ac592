// UDP sockets as programs hold them.

import { type Instant, NEVER } from '../../core/time.ts';
import type { TransportError } from '../../stack/transport/transport_error.ts';
import type { UdpEndpoint } from '../../stack/transport/udp_socket.ts';
import { type IpAddress, UNSPECIFIED_IPV4 } from '../../wire/address.ts';
import { type Datagram, type Endpoint, type Program, SocketError, type UdpSocket } from '../app/program.ts';
import type { Host } from './host.ts';
import type { HostProcess } from './process.ts';
import { socketError } from './socket_error.ts';
import { Waitable } from './waitable.ts';

export class HostUdpSocket extends Waitable implements UdpSocket {
  /** What the socket stands on, for those who need more of it than programs do. */
  readonly endpoint: UdpEndpoint;
  private readonly process: HostProcess;

  /** @param interfaceIndex hears and sends on this interface alone */
  constructor(host: Host, process: HostProcess, interfaceIndex?: number) {
    super(host);
    this.process = process;
    this.endpoint = host.udp.open(process.name, interfaceIndex);
    this.endpoint.tag = this;
    process.hold(this);
  }

  get local(): Endpoint | undefined {
    const { localAddress, localPort } = this.endpoint;
    return localPort === 0 ? undefined : { address: localAddress ?? UNSPECIFIED_IPV4, port: localPort };
  }

  get remote(): Endpoint | undefined {
    const { remoteAddress, remotePort } = this.endpoint;
    return remoteAddress === undefined ? undefined : { address: remoteAddress, port: remotePort };
  }

  bind(address: IpAddress | undefined, port: number): void {
    check(this.endpoint.bind(this.host.now, address, port, this.process.isPrivileged), `bind to port ${port}`);
  }

  connect(address: IpAddress, port: number): void {
    check(this.endpoint.connect(this.host.now, address, port), `connect to port ${port}`);
  }

  allowBroadcast(): void {
    this.endpoint.allowBroadcast();
  }

  send(data: Uint8Array): void {
    check(this.endpoint.send(this.host.now, data), 'send');
  }

  sendTo(data: Uint8Array, address: IpAddress, port: number): void {
    check(this.endpoint.sendTo(this.host.now, data, address, port), `send to port ${port}`);
  }

  *receive(deadline: Instant = NEVER): Program<Datagram | undefined> {
    for (;;) {
      const received = this.endpoint.receive();
      if (typeof received === 'string') throw socketError(received, 'receive');
      if (received !== undefined) {
        return { address: received.source, port: received.sourcePort, data: received.data, to: received.to };
      }
      if (this.endpoint.isClosed) throw new SocketError('EBADF', 'the socket is closed');
      if (this.host.now >= deadline) return undefined;
      this.await();
      yield deadline;
    }
  }

  close(): void {
    this.process.letGo(this);
    this.endpoint.close(this.host.now);
    this.wakeAll();
  }
}

function check(error: TransportError | undefined, what: string): void {
  if (error !== undefined) throw socketError(error, what);
}
