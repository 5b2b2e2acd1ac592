// A TCP socket of a simulated machine, as POSIX has it: one object that is first bound, and then listens or connects.
//
// The machine's own sockets take their port when they listen or connect; from `bind` on this one holds a reservation of
// it. Not here: descriptors and states (process.ts).

import type { Duration, Instant } from '../../core/time.ts';
import type { PortReservation } from '../../stack/transport/tcp/port_reservations.ts';
import { UNSPECIFIED_IPV4 } from '../../wire/address.ts';
import { type Program, SocketError, type TcpListener } from '../../world/app/program.ts';
import type { HostTcpSocket } from '../../world/host/tcp_socket.ts';
import type { StreamSocket } from './machine.ts';
import type { SimulatedMachine } from './simulated_machine.ts';
import { type Endpoint, endpointText, ipv4EndpointOf } from './socket_address.ts';

const NOTHING = new Uint8Array(0);

export class SimulatedStreamSocket implements StreamSocket {
  readonly fixedReuse = undefined;
  private readonly machine: SimulatedMachine;
  private bound: Endpoint | undefined;
  private reservation: PortReservation | undefined;
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
    if (this.reservation !== undefined) throw new SocketError('EINVAL', 'the socket is bound already');
    this.reservation = this.machine.touch(() => {
      this.open(local).close(); // may we, and is the address ours?
      return this.machine.reserve(specific(local.address), local.port, mayReuse);
    });
    this.bound = { address: local.address, port: this.reservation.localPort };
  }

  async listen(backlog: number): Promise<void> {
    const { address, port } = this.bound ?? { address: UNSPECIFIED_IPV4, port: 0 };
    this.listener = this.machine.touch(() => this.machine.listen(specific(address), port, backlog, this.reservation));
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
    try {
      return (await this.machine.operate(`reads from ${this.peer}`, read, timeout)) ?? NOTHING;
    } catch (error) {
      if (isResetBehindEnd(error, socket)) return NOTHING;
      throw error;
    }
  }

  async write(data: Uint8Array): Promise<void> {
    const socket = this.connected();
    try {
      await this.machine.operate(`writes to ${this.peer}`, (): Program<void> => socket.write(data));
    } catch (error) {
      throw isResetBehindEnd(error, socket) ? new SocketError('EPIPE', 'the peer reads no more') : error;
    }
  }

  shutdownReading(): void {
    this.machine.touch(() => this.connected().stopReading());
  }

  shutdownWriting(): void {
    this.machine.touch(() => this.connected().shutdown());
  }

  close(): void {
    this.machine.touch(() => {
      if (this.reservation !== undefined) this.machine.host.tcp.release(this.reservation);
      this.listener?.close();
      this.socket?.close();
    });
  }

  private get peer(): string {
    return this.remote === undefined ? 'nobody' : endpointText(this.remote);
  }

  private open(local: Endpoint | undefined): HostTcpSocket {
    const socket = this.machine.system.tcp() as HostTcpSocket;
    if (local !== undefined) socket.bind(specific(local.address), local.port, this.reservation);
    return socket;
  }

  private connected(): HostTcpSocket {
    if (this.socket === undefined) throw new SocketError('ENOTCONN', 'the socket is not connected');
    return this.socket;
  }
}

// The peer closed, and answers what still comes with a reset: it takes nothing from whoever has read up to the end.
const isResetBehindEnd = (error: unknown, { hasPeerEnded }: HostTcpSocket): boolean =>
  hasPeerEnded && error instanceof SocketError && error.code === 'ECONNRESET';

const specific = (address: Endpoint['address']): Endpoint['address'] | undefined =>
  address === UNSPECIFIED_IPV4 ? undefined : address;
