// A process on a machine of a simulated internet: its sockets are the machine's own, and its waiting lets virtual time
// pass.

import { after, type Duration, type Instant, NEVER } from '../../core/time.ts';
import type { PortReservation } from '../../stack/transport/tcp/port_reservations.ts';
import type { IpAddress, Ipv4Address } from '../../wire/address.ts';
import { type Program, SocketError, type System, type TcpListener } from '../../world/app/program.ts';
import type { Host } from '../../world/host/host.ts';
import type { HostProcess } from '../../world/host/process.ts';
import { ProcessSystem } from '../../world/host/process_system.ts';
import { socketError } from '../../world/host/socket_error.ts';
import { HostTcpListener } from '../../world/host/tcp_socket.ts';
import type { Pump } from '../library/pump.ts';
import { touch } from '../library/sockets.ts';
import type { Machine, MessageSocket, StreamSocket } from './machine.ts';
import { SimulatedMessageSocket } from './simulated_message_socket.ts';
import { SimulatedStreamSocket } from './simulated_stream_socket.ts';

export interface SimulatedMachineOptions {
  /** The program's name, as `ss` shows it. */
  readonly program: string;
  /** It may bind ports below 1024. Without this, that is as the machine's `privileged` says. */
  readonly isRoot: boolean;
  /** It serves others: its waiting alone moves no time, and is no deadlock. */
  readonly isServing: boolean;
}

export class SimulatedMachine implements Machine {
  readonly host: Host;
  private readonly pump: Pump;
  private readonly isServing: boolean;
  private readonly program: string;
  private readonly owner: HostProcess;

  constructor(host: Host, pump: Pump, { program, isRoot, isServing }: SimulatedMachineOptions) {
    pump.assertRunning();
    this.host = host;
    this.pump = pump;
    this.program = program;
    this.isServing = isServing;
    // It does nothing but own the sockets. What a machine serves is privileged.
    this.owner = host.spawn(program, forever, isRoot);
    pump.settle(host);
  }

  get name(): string {
    return this.host.name;
  }

  checkOpen(): void {
    this.pump.assertRunning();
  }

  /** The process has ended, or its machine was switched off. */
  get isOver(): boolean {
    return this.owner.isDone;
  }

  /** @throws SocketError ECONNABORTED once it is over */
  get system(): System {
    this.checkRunning();
    return new ProcessSystem(this.host, this.owner);
  }

  /** Holds a TCP port for a socket of this process. Port 0: one is chosen. @throws SocketError EADDRINUSE */
  reserve(address: IpAddress | undefined, port: number, isShared: boolean): PortReservation {
    const reservation = this.host.tcp.reserve(address, port, isShared);
    if (typeof reservation === 'string') throw socketError(reservation, `bind to port ${port}`);
    return reservation;
  }

  /** @throws SocketError EACCES, EADDRINUSE, EADDRNOTAVAIL, ECONNABORTED */
  listen(address: IpAddress | undefined, port: number, backlog: number, own?: PortReservation): TcpListener {
    this.checkRunning();
    return new HostTcpListener(this.host, this.owner, address, port, backlog, own);
  }

  stream(): StreamSocket {
    return new SimulatedStreamSocket(this);
  }

  datagram(): MessageSocket {
    return new SimulatedMessageSocket(this);
  }

  async lookUp(name: string): Promise<readonly Ipv4Address[]> {
    try {
      const found = await this.operate(`looks up ${name}`, (system) => system.getAddressInfo(name, 0, { family: 4 }));
      return found.flatMap(({ address }) => (typeof address === 'number' ? [address] : []));
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOTFOUND') return [];
      throw error;
    }
  }

  async sleep(duration: Duration): Promise<void> {
    await this.operate('sleeps', (system) => system.sleep(duration));
  }

  exit(): void {
    this.touch(() => this.owner.kill());
  }

  /** Runs something that may have to wait, until `timeout` from now. `what` is said of it in a deadlock. */
  operate<Result>(
    what: string,
    main: (system: System, deadline: Instant) => Program<Result>,
    timeout?: Duration | undefined,
  ): Promise<Result> {
    const text = `${this.program} on ${this.name} ${what}`;
    const run = (system: System): Program<Result> =>
      main(system, timeout === undefined ? NEVER : after(system.now, timeout));
    return this.pump.operate(this.host, text, run, { isServing: this.isServing });
  }

  private checkRunning(): void {
    if (this.isOver) throw new SocketError('ECONNABORTED', `${this.name} was switched off`);
  }

  /** Does something at once, and all that follows from it at this instant. */
  touch<Result>(act: () => Result): Result {
    return touch({ machine: this.host, pump: this.pump }, act);
  }
}

function* forever(): Program<void> {
  for (;;) yield NEVER;
}
