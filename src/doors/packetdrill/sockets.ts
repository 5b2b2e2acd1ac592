// The sockets of the machine under test, with the calls of POSIX on them. A call does not wait: it is tried, and tried again
// by whoever may wait, after each change.
//
// Below it is the machine's own TCP. Not here: descriptors, and how scripts write calls (calls.ts); options
// (socket_options.ts).

import type { PortReservation } from '../../stack/transport/tcp/port_reservations.ts';
import { TcpConnection } from '../../stack/transport/tcp/tcp_connection.ts';
import type { TcpListenerEndpoint } from '../../stack/transport/tcp/tcp_listener.ts';
import type { TcpOptionsOfConnection } from '../../stack/transport/tcp/tcp_settings.ts';
import { type Ipv4Address, UNSPECIFIED_IPV4 } from '../../wire/address.ts';
import type { MachineUnderTest } from './machine.ts';
import { firstWrong, payloadFrom } from './payload.ts';
import type { SocketSettings } from './tunables.ts';

/** What a call comes to: its result, and why it failed. Undefined: it would have to wait. */
export type Outcome =
  | {
      readonly result: number;
      readonly errno?: string;
      /** Where the first byte stood that came out of the machine other than it went in. */
      readonly wrongByte?: number;
    }
  | undefined;

export interface SocketAddress {
  readonly address: Ipv4Address;
  readonly port: number;
}

const failed = (errno: string): Outcome => ({ result: -1, errno });
const done = (result: number): Outcome => ({ result });

export const POLL_IN = 0x1;
export const POLL_OUT = 0x4;
export const POLL_ERROR = 0x8;
export const POLL_HANGUP = 0x10;
const POLL_READ_HANGUP = 0x2000;

export class Socket {
  readonly settings: SocketSettings;
  isNonBlocking = false;
  connection: TcpConnection | undefined;
  listener: TcpListenerEndpoint | undefined;
  private readonly machine: MachineUnderTest;
  private bound: SocketAddress | undefined;
  private reservation: PortReservation | undefined;
  private isReadingStopped = false;
  private bytesRead = 0;
  // An error is told once; so is that a connection has been made.
  private isErrorTold = false;
  private isConnectTold = true;

  constructor(machine: MachineUnderTest, settings: SocketSettings, accepted?: TcpConnection) {
    this.machine = machine;
    this.settings = settings;
    this.connection = accepted;
  }

  bind({ address, port }: SocketAddress): Outcome {
    if (this.bound !== undefined || this.connection !== undefined) return failed('EINVAL');
    const where = address === UNSPECIFIED_IPV4 ? undefined : address;
    if (where !== undefined && !this.host.network.isLocal(where)) return failed('EADDRNOTAVAIL');
    const reserved = this.host.tcp.reserve(where, port, this.settings.mayReuse);
    if (typeof reserved === 'string') return failed(reserved);
    this.reservation = reserved;
    this.bound = { address, port: reserved.localPort };
    return done(0);
  }

  listen(backlog: number): Outcome {
    if (this.connection !== undefined) return failed('EINVAL');
    if (this.listener !== undefined) return done(0);
    const { address, port } = this.bound ?? { address: UNSPECIFIED_IPV4, port: 0 };
    const where = address === UNSPECIFIED_IPV4 ? undefined : address;
    const made = this.host.tcp.listen(this.machine.now, where, port, backlog, this.reservation);
    if (typeof made === 'string') return failed(made);
    this.listener = made;
    this.bound = { address, port: made.localPort };
    this.passOnSettings();
    return done(0);
  }

  /** Sets what a connection is set to: this one, those that this listener takes from now on, or the one to come. */
  configure(changes: Partial<TcpOptionsOfConnection>): void {
    Object.assign(this.settings.connection, changes);
    this.connection?.configure(this.machine.now, changes);
    this.passOnSettings();
  }

  private passOnSettings(): void {
    if (this.listener !== undefined) this.host.tcp.acceptedOptions = { ...this.settings.connection };
  }

  accept(): TcpConnection | Outcome {
    if (this.listener === undefined) return failed('EINVAL');
    return this.listener.accept();
  }

  connect({ address, port }: SocketAddress): Outcome {
    if (this.listener !== undefined) return failed('EISCONN');
    const { connection } = this;
    if (connection === undefined) return this.open({ address, port });
    if (isOpening(connection)) return this.isNonBlocking ? failed('EALREADY') : undefined;
    return this.outcomeOfConnect(connection);
  }

  private open({ address, port }: SocketAddress): Outcome {
    const { bound } = this;
    const made = this.host.tcp.connect(this.machine.now, {
      localAddress: bound === undefined || bound.address === UNSPECIFIED_IPV4 ? undefined : bound.address,
      localPort: bound?.port ?? 0,
      reservation: this.reservation,
      remoteAddress: address,
      remotePort: port,
      options: this.settings.connection,
    });
    if (typeof made === 'string') return failed(made);
    this.connection = made;
    this.isConnectTold = false;
    return this.isNonBlocking ? failed('EINPROGRESS') : undefined;
  }

  private outcomeOfConnect(connection: TcpConnection): Outcome {
    const error = this.takeError();
    if (error !== undefined) return failed(error);
    if (connection.state === 'Closed') return failed('ECONNABORTED');
    if (this.isConnectTold) return failed('EISCONN');
    this.isConnectTold = true;
    return done(0);
  }

  /** @param isPeek what is read stays there */
  receive(limit: number, isPeek: boolean): Outcome {
    const { connection } = this;
    if (connection === undefined) return failed('ENOTCONN');
    if (isOpening(connection)) return undefined;
    const { readableBytes } = connection;
    if (readableBytes > 0) {
      const count = Math.min(limit, readableBytes);
      return isPeek ? done(count) : this.read(connection, count);
    }
    // What has ended by the rules has ended; an error says that it has not.
    if (connection.isFinReceived || this.isReadingStopped) return done(0);
    const error = this.takeError();
    if (error !== undefined) return failed(error);
    return connection.state === 'Closed' ? done(0) : undefined;
  }

  private read(connection: TcpConnection, count: number): Outcome {
    const buffer = new Uint8Array(count);
    connection.readInto(buffer);
    const wrong = firstWrong(buffer, this.bytesRead);
    this.bytesRead += count;
    return wrong < 0 ? done(count) : { result: count, wrongByte: this.bytesRead - count + wrong };
  }

  /** Takes up to `length` bytes; those that stand `from` the beginning on have been taken before. */
  send(length: number, from: number): Outcome {
    const { connection } = this;
    if (connection === undefined) return failed(this.listener === undefined ? 'ENOTCONN' : 'EPIPE');
    const error = this.takeError();
    if (error !== undefined) return failed(error);
    if (isOpening(connection)) return undefined;
    if (!connection.canWrite) return failed('EPIPE');
    const position = (connection.finSequence - connection.iss - 1) >>> 0;
    const taken = connection.write(payloadFrom(position, length - from));
    return taken === 0 && from < length ? undefined : done(taken);
  }

  shutdown(how: number): Outcome {
    const { connection } = this;
    if (connection === undefined || connection.state === 'Closed') return failed('ENOTCONN');
    if (how !== 1) this.isReadingStopped = true;
    if (how !== 0) connection.shutdown(this.machine.now);
    return done(0);
  }

  close(): void {
    if (this.reservation !== undefined) this.host.tcp.release(this.reservation);
    this.listener?.close(this.machine.now);
    this.connection?.close(this.machine.now);
  }

  /** The error that nobody has been told of yet, told now. */
  takeError(): string | undefined {
    const error = this.connection?.error;
    if (error === undefined || this.isErrorTold) return undefined;
    this.isErrorTold = true;
    return error;
  }

  /** What `poll` says of it. */
  get readiness(): number {
    const { connection, listener } = this;
    if (listener !== undefined) return listener.waitingCount > 0 ? POLL_IN : 0;
    if (connection === undefined) return POLL_OUT | POLL_HANGUP;
    if (isOpening(connection)) return 0;
    let ready = 0;
    const hasEnded = connection.isFinReceived || this.isReadingStopped || connection.state === 'Closed';
    if (connection.readableBytes > 0 || hasEnded) ready |= POLL_IN;
    if (hasEnded) ready |= POLL_READ_HANGUP;
    if (connection.writableBytes > 0 || !connection.canWrite) ready |= POLL_OUT;
    if (connection.error !== undefined && !this.isErrorTold) ready |= POLL_ERROR;
    if (connection.state === 'Closed' || (hasEnded && connection.isSendClosed)) ready |= POLL_HANGUP;
    return ready;
  }

  get localPort(): number | undefined {
    return this.connection?.localPort ?? this.bound?.port;
  }

  private get host(): MachineUnderTest['host'] {
    return this.machine.host;
  }
}

export const isOpening = ({ state }: TcpConnection): boolean => state === 'SynSent' || state === 'SynReceived';

export const isConnection = (made: unknown): made is TcpConnection => made instanceof TcpConnection;
