// A TCP socket of a simulated machine, as POSIX has it: one object that is first bound, and then listens or connects.
//
// The machine's own sockets take their port when they listen or connect. That a port is taken from `bind` on is kept
// here, for the sockets of this door. Not here: descriptors and states (process.ts).

import type { Duration, Instant } from '../../core/time.ts';
import { UNSPECIFIED_IPV4 } from '../../wire/address.ts';
import { type Program, SocketError, type TcpListener } from '../../world/app/program.ts';
import type { Host } from '../../world/host/host.ts';
import type { HostTcpSocket } from '../../world/host/tcp_socket.ts';
import type { StreamSocket } from './machine.ts';
import type { SimulatedMachine } from './simulated_machine.ts';
import { type Endpoint, endpointText, ipv4EndpointOf } from './socket_address.ts';

const NOTHING = new Uint8Array(0);

/** Of each machine, the sockets of this door that are bound and not closed. */
const boundOn = new WeakMap<Host, Set<SimulatedStreamSocket>>();

export class SimulatedStreamSocket implements StreamSocket {
  readonly fixedReuse = undefined;
  private readonly machine: SimulatedMachine;
  private bound: Endpoint | undefined;
  private mayReuse = false;
  private listener: TcpListener | undefined;
  private socket: HostTcpSocket | undefined;

  constructor(machine: SimulatedMachine, accepted?: HostTcpSocket) {
    this.machine = machine;
    this.socket = accepted;
  }

  get local(): Endpoint | undefined {
    return ipv4EndpointOf(this.socket?.local) ?? this.bound;
  }

  get remote(): Endpoint | undefined {
    return ipv4EndpointOf(this.socket?.remote);
  }

  async bind(local: Endpoint, mayReuse: boolean): Promise<void> {
    const port = this.machine.touch(() => {
      this.open(local).close(); // may we, and is the address ours?
      if (local.port === 0) return this.choosePort(local);
      if (this.isTaken(local, mayReuse)) throw new SocketError('EADDRINUSE', `port ${local.port} is taken`);
      return local.port;
    });
    this.bound = { address: local.address, port };
    this.mayReuse = mayReuse;
    const { host } = this.machine;
    const others = boundOn.get(host);
    if (others === undefined) boundOn.set(host, new Set([this]));
    else others.add(this);
  }

  async listen(backlog: number): Promise<void> {
    const { address, port } = this.bound ?? { address: UNSPECIFIED_IPV4, port: 0 };
    this.listener = this.machine.touch(() => this.machine.system.listen(specific(address), port, backlog));
  }

  async accept(timeout: Duration | undefined): Promise<StreamSocket> {
    const { listener, machine } = this;
    if (listener === undefined) throw new SocketError('EINVAL', 'the socket does not listen');
    const where = endpointText(this.local ?? { address: UNSPECIFIED_IPV4, port: 0 });
    const accepted = await machine.operate(`accepts on ${where}`, (_, deadline) => listener.accept(deadline), timeout);
    if (accepted === undefined) throw new SocketError('EAGAIN', 'nobody came in time');
    return new SimulatedStreamSocket(machine, accepted as HostTcpSocket);
  }

  async connect(remote: Endpoint): Promise<void> {
    const { machine } = this;
    const socket = machine.touch(() => this.open(this.bound));
    this.socket = socket;
    try {
      await machine.operate(`connects to ${endpointText(remote)}`, () => socket.connect(remote.address, remote.port));
    } catch (error) {
      machine.touch(() => socket.abort());
      this.socket = undefined; // the next attempt is a new connection
      throw error;
    }
  }

  async read(limit: number, timeout: Duration | undefined): Promise<Uint8Array> {
    const socket = this.connected();
    const read = (_: unknown, deadline: Instant) => socket.read(limit, deadline);
    return (await this.machine.operate(`reads from ${this.peer}`, read, timeout)) ?? NOTHING;
  }

  async write(data: Uint8Array): Promise<void> {
    const socket = this.connected();
    await this.machine.operate(`writes to ${this.peer}`, (): Program<void> => socket.write(data));
  }

  shutdownReading(): void {
    this.machine.touch(() => this.connected().stopReading());
  }

  shutdownWriting(): void {
    this.machine.touch(() => this.connected().shutdown());
  }

  close(): void {
    boundOn.get(this.machine.host)?.delete(this);
    this.machine.touch(() => {
      this.listener?.close();
      this.socket?.close();
    });
  }

  private get peer(): string {
    return this.remote === undefined ? 'nobody' : endpointText(this.remote);
  }

  private open(local: Endpoint | undefined): HostTcpSocket {
    const socket = this.machine.system.tcp() as HostTcpSocket;
    if (local !== undefined) socket.bind(specific(local.address), local.port);
    return socket;
  }

  private connected(): HostTcpSocket {
    if (this.socket === undefined) throw new SocketError('ENOTCONN', 'the socket is not connected');
    return this.socket;
  }

  // The machine chooses ports when it listens; nobody can connect in the same instant.
  private choosePort({ address }: Endpoint): number {
    for (;;) {
      const listener = this.machine.system.listen(specific(address), 0);
      const { port } = listener.local;
      listener.close();
      if (!this.isTaken({ address, port }, false)) return port;
    }
  }

  private isTaken(wanted: Endpoint, mayReuse: boolean): boolean {
    const { host } = this.machine;
    for (const other of boundOn.get(host) ?? []) {
      if (
        other.machine.isOver ||
        other.bound === undefined ||
        !areRivals(wanted, other.bound.address, other.bound.port)
      )
        continue;
      if (!(mayReuse && other.mayReuse && other.listener === undefined)) return true;
    }
    return host.tcp.list().some(({ state, localAddress, localPort }) => {
      const isRival = areRivals(wanted, localAddress ?? UNSPECIFIED_IPV4, localPort);
      return isRival && (state === 'LISTEN' || !mayReuse);
    });
  }
}

const areRivals = (wanted: Endpoint, address: unknown, port: number): boolean =>
  port === wanted.port &&
  (address === UNSPECIFIED_IPV4 || wanted.address === UNSPECIFIED_IPV4 || address === wanted.address);

const specific = (address: Endpoint['address']): Endpoint['address'] | undefined =>
  address === UNSPECIFIED_IPV4 ? undefined : address;
