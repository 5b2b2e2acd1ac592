// The machine as one of its programs sees it.

import type { Random } from '../../core/random.ts';
import { after, type Duration, type Instant, NEVER } from '../../core/time.ts';
import type { IpAddress } from '../../wire/address.ts';
import {
  type AddressHints,
  type EchoSocket,
  type Endpoint,
  type Process,
  type Program,
  SocketError,
  type System,
  type TcpListener,
  type TcpSocket,
  type UdpSocket,
} from '../app/program.ts';
import { HostEchoSocket } from './echo_socket.ts';
import type { Host } from './host.ts';
import { lookUpAddresses } from './name_lookup.ts';
import type { HostProcess } from './process.ts';
import { HostTcpListener, HostTcpSocket } from './tcp_socket.ts';
import { HostUdpSocket } from './udp_socket.ts';

/** Connections that wait to be accepted, where a program does not say how many. */
const DEFAULT_BACKLOG = 128;

export class ProcessSystem implements System {
  readonly host: Host;
  readonly process: HostProcess;

  constructor(host: Host, process: HostProcess) {
    this.host = host;
    this.process = process;
  }

  get hostName(): string {
    return this.host.name;
  }

  get now(): Instant {
    return this.host.now;
  }

  get wallTime(): number {
    return this.host.wallTime;
  }

  get random(): Random {
    return this.host.programRandom;
  }

  udp(): UdpSocket {
    return new HostUdpSocket(this.host, this.process);
  }

  tcp(): TcpSocket {
    return new HostTcpSocket(this.host, this.process);
  }

  listen(address: IpAddress | undefined, port: number, backlog: number = DEFAULT_BACKLOG): TcpListener {
    return new HostTcpListener(this.host, this.process, address, port, backlog);
  }

  echo(): EchoSocket {
    return new HostEchoSocket(this.host, this.process);
  }

  *sleep(duration: Duration): Program<void> {
    const end = after(this.now, duration);
    while (this.now < end) yield end;
  }

  spawn(name: string, program: Program<unknown>): Process {
    const process = this.host.spawn(name, () => program, this.process.isService);
    process.parent = this.process;
    return process;
  }

  *join(process: Process, deadline: Instant = NEVER): Program<boolean> {
    while (!process.isDone && this.now < deadline) {
      // Whoever runs at the moment waits: a program may have been given its parent's system.
      (process as HostProcess).wakeWhenDone(this.host.current ?? this.process);
      yield deadline;
    }
    return process.isDone;
  }

  getAddressInfo(
    host: string | undefined,
    service: string | number | undefined,
    hints: AddressHints = {},
  ): Program<readonly Endpoint[]> {
    return lookUpAddresses(this, this.host, host, service, hints);
  }

  *work(duration: Duration): Program<void> {
    const process = this.host.current;
    if (process === undefined) throw new SocketError('EINVAL', 'only a running program can work');
    process.isWorking = true;
    try {
      if (this.host.capacity !== undefined) yield* this.host.capacity.work(process, duration);
      else yield* this.sleep(duration);
    } finally {
      process.isWorking = false;
    }
  }
}
