// A process on a machine that this machine plays: its sockets are real ones, on loopback alone.

import type { Duration } from '../../core/time.ts';
import { type Ipv4Address, UNSPECIFIED_IPV4 } from '../../wire/address.ts';
import { INADDR_LOOPBACK } from './constants.ts';
import type { Machine, MessageSocket, StreamSocket } from './machine.ts';
import { PosixError } from './posix_error.ts';
import type { RealAddresses } from './real_addresses.ts';
import { RealMessageSocket } from './real_message_socket.ts';
import { RealStreamSocket } from './real_stream_socket.ts';
import type { Endpoint } from './socket_address.ts';
import type { CheckedMachines } from './world.ts';

/** Who holds which TCP port of a host from `bind` on, in the whole world. */
export type Reservations = Map<string, Map<RealStreamSocket, Endpoint>>;

export class RealMachine implements Machine {
  readonly name: string;
  readonly addresses: RealAddresses;
  readonly isServing: boolean;
  readonly holdings = new Set<{ close(): void }>();
  private readonly machines: CheckedMachines;
  private readonly reservations: Map<RealStreamSocket, Endpoint>;
  private readonly isWorldClosed: () => boolean;

  constructor(
    name: string,
    machines: CheckedMachines,
    addresses: RealAddresses,
    reservations: Reservations,
    isServing: boolean,
    isWorldClosed: () => boolean,
  ) {
    this.isWorldClosed = isWorldClosed;
    this.name = name;
    this.machines = machines;
    this.addresses = addresses;
    this.isServing = isServing;
    const own = reservations.get(name) ?? new Map<RealStreamSocket, Endpoint>();
    reservations.set(name, own);
    this.reservations = own;
  }

  checkOpen(): void {
    if (this.isWorldClosed()) throw new Error('this world is closed');
  }

  stream(): StreamSocket {
    return new RealStreamSocket(this);
  }

  datagram(): MessageSocket {
    return new RealMessageSocket(this);
  }

  async lookUp(name: string): Promise<readonly Ipv4Address[]> {
    const { hosts, names } = this.machines;
    if (name === 'localhost') return [INADDR_LOOPBACK as Ipv4Address];
    const host = hosts.get(name)?.slice(0, 1);
    const found = host ?? names.get(name.toLowerCase().replace(/\.$/, ''));
    if (found === undefined && names.size === 0) throw new PosixError('EAI_AGAIN', 'getaddrinfo'); // nobody to ask
    return found ?? [];
  }

  async sleep(duration: Duration): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, duration / 1e6);
    if (this.isServing) timer.unref();
    await promise;
  }

  exit(): void {
    for (const holding of [...this.holdings]) holding.close();
  }

  /** @throws PosixError EADDRINUSE where another socket has the port since its `bind` */
  checkFree(socket: RealStreamSocket, wanted: Endpoint): void {
    for (const [other, { address, port }] of this.reservations) {
      const isSameAddress =
        address === wanted.address || address === UNSPECIFIED_IPV4 || wanted.address === UNSPECIFIED_IPV4;
      if (other !== socket && port === wanted.port && isSameAddress) throw new PosixError('EADDRINUSE', 'bind');
    }
  }

  reserve(socket: RealStreamSocket, local: Endpoint): void {
    this.reservations.set(socket, local);
  }

  letGo(socket: RealStreamSocket | RealMessageSocket): void {
    this.holdings.delete(socket);
    if (socket instanceof RealStreamSocket) this.reservations.delete(socket);
  }
}
