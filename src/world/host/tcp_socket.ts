// TCP sockets as programs hold them: operations that wait, over a connection that never does.

import { type Instant, NEVER } from '../../core/time.ts';
import type { PortReservation } from '../../stack/transport/tcp/port_reservations.ts';
import type { TcpConnection } from '../../stack/transport/tcp/tcp_connection.ts';
import type { TcpListenerEndpoint } from '../../stack/transport/tcp/tcp_listener.ts';
import { type IpAddress, UNSPECIFIED_IPV4 } from '../../wire/address.ts';
import { type Endpoint, type Program, SocketError, type TcpListener, type TcpSocket } from '../app/program.ts';
import type { Host } from './host.ts';
import type { HostProcess } from './process.ts';
import { socketError } from './socket_error.ts';
import { ReadInto, Write } from './tcp_operations.ts';
import { Waitable } from './waitable.ts';

const READ_LIMIT = 65_536;
const MAX_LAST = 1024;

interface Wish {
  readonly address: IpAddress | undefined;
  readonly port: number;
  readonly reservation: PortReservation | undefined;
}

export class HostTcpSocket extends Waitable implements TcpSocket {
  private readonly process: HostProcess;
  private connection: TcpConnection | undefined;
  private wished: Wish | undefined;
  private isClosed = false;
  private isReadingStopped = false;
  // Those used last.
  private reading: ReadInto | undefined;
  private writing: Write | undefined;
  // Then it takes part of its machine's memory.
  private readonly isAccepted: boolean;

  constructor(host: Host, process: HostProcess, accepted?: TcpConnection) {
    super(host);
    this.process = process;
    this.connection = accepted;
    this.isAccepted = accepted !== undefined;
    if (accepted !== undefined) accepted.tag = this;
    process.hold(this);
  }

  get local(): Endpoint | undefined {
    const connection = this.connection;
    if (connection !== undefined) return { address: connection.localAddress, port: connection.localPort };
    return this.wished === undefined
      ? undefined
      : { address: this.wished.address ?? UNSPECIFIED_IPV4, port: this.wished.port };
  }

  get remote(): Endpoint | undefined {
    const connection = this.connection;
    return connection === undefined ? undefined : { address: connection.remoteAddress, port: connection.remotePort };
  }

  /** What the connection is doing, for tables and reports. */
  get state(): string {
    return this.connection?.state ?? 'Closed';
  }

  /** The peer has said that it sends no more, whatever happened since. */
  get hasPeerEnded(): boolean {
    return this.connection?.isFinReceived === true;
  }

  /** @param reservation the program's own hold on the port, where it has one */
  bind(address: IpAddress | undefined, port: number, reservation?: PortReservation): void {
    if (this.connection !== undefined) throw new SocketError('EINVAL', 'the socket is connected already');
    if (port !== 0 && port < 1024 && !this.process.isPrivileged) {
      throw new SocketError('EACCES', `port ${port} needs a privileged user`);
    }
    if (address !== undefined && address !== UNSPECIFIED_IPV4 && !this.host.network.isLocal(address)) {
      throw new SocketError('EADDRNOTAVAIL', 'the address is not one of this machine');
    }
    this.wished = { address, port, reservation };
  }

  *connect(address: IpAddress, port: number, deadline: Instant = NEVER): Program<void> {
    if (this.connection !== undefined) throw new SocketError('EISCONN', 'the socket is connected already');
    if (this.isClosed) throw new SocketError('EBADF', 'the socket is closed');
    const made = this.host.tcp.connect(this.host.now, {
      localAddress: this.wished?.address,
      localPort: this.wished?.port ?? 0,
      reservation: this.wished?.reservation,
      remoteAddress: address,
      remotePort: port,
      options: this.host.tcpOptions,
    });
    if (typeof made === 'string') throw socketError(made, `connect to port ${port}`);
    this.connection = made;
    made.tag = this;
    while (made.state === 'SynSent' || made.state === 'SynReceived') {
      if (this.host.now >= deadline) {
        this.abort();
        throw new SocketError('ETIMEDOUT', `no answer from port ${port}`);
      }
      this.await();
      yield deadline;
    }
    if (made.error !== undefined) throw socketError(made.error, `connect to port ${port}`);
    if (this.isClosed) throw new SocketError('ECONNABORTED', 'the socket was closed while it connected');
  }

  *read(limit: number = READ_LIMIT, deadline: Instant = NEVER): Program<Uint8Array | undefined> {
    const connection = this.connected();
    while (connection.readableBytes === 0) {
      if (this.isAtEnd(connection, deadline)) return undefined;
      yield deadline;
    }
    const data = new Uint8Array(Math.min(limit, connection.readableBytes));
    connection.readInto(data);
    return data;
  }

  readInto(buffer: Uint8Array, deadline: Instant = NEVER): Program<number> {
    if (this.reading?.isInUse !== false) this.reading = new ReadInto(this);
    return this.reading.begin(buffer, deadline);
  }

  write(data: Uint8Array): Program<void> {
    if (this.writing?.isInUse !== false) this.writing = new Write(this);
    return this.writing.begin(data);
  }

  writeLast(data: Uint8Array): void {
    if (data.length > MAX_LAST) throw new RangeError(`last words are at most ${MAX_LAST} bytes, not ${data.length}`);
    if (!this.isClosed) this.connection?.writeLast(data);
  }

  shutdown(): void {
    this.connected().shutdown(this.host.now);
  }

  /** What has arrived may still be read; whoever waits for more finds the end of the stream. The peer learns nothing. */
  stopReading(): void {
    this.connected();
    this.isReadingStopped = true;
    this.wakeAll();
  }

  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.end();
    this.connection?.close(this.host.now);
    this.wakeAll();
  }

  abort(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.end();
    this.connection?.abort(this.host.now);
    this.wakeAll();
  }

  // For its operations.

  /** It is closed, though perhaps not its connection. */
  get isOver(): boolean {
    return this.isClosed;
  }

  /** With nothing to read: whether nothing will come any more. Otherwise the program is noted down as waiting. */
  isAtEnd(connection: TcpConnection, deadline: Instant): boolean {
    if (connection.error !== undefined) throw socketError(connection.error, 'read');
    if (connection.isEndOfStream || this.isReadingStopped) return true;
    if (this.isClosed) throw new SocketError('EBADF', 'the socket is closed');
    if (this.host.now >= deadline) throw new SocketError('EAGAIN', 'nothing came in time');
    this.await();
    return false;
  }

  connected(): TcpConnection {
    if (this.isClosed) throw new SocketError('EBADF', 'the socket is closed');
    if (this.connection === undefined) throw new SocketError('ENOTCONN', 'the socket is not connected');
    return this.connection;
  }

  private end(): void {
    this.process.letGo(this);
    if (this.isAccepted) this.host.capacity?.releaseConnection();
  }
}

export class HostTcpListener extends Waitable implements TcpListener {
  readonly local: Endpoint;
  private readonly process: HostProcess;
  private readonly listener: TcpListenerEndpoint;
  private isClosed = false;

  /**
   * @param reservation the program's own hold on the port, where it has one
   * @throws SocketError `EACCES`, `EADDRINUSE`, `EADDRNOTAVAIL`
   */
  constructor(
    host: Host,
    process: HostProcess,
    address: IpAddress | undefined,
    port: number,
    backlog: number,
    reservation?: PortReservation,
  ) {
    super(host);
    this.process = process;
    if (port !== 0 && port < 1024 && !process.isPrivileged) {
      throw new SocketError('EACCES', `port ${port} needs a privileged user`);
    }
    const listener = host.tcp.listen(host.now, address, port, backlog, reservation);
    if (typeof listener === 'string') throw socketError(listener, `listen on port ${port}`);
    this.listener = listener;
    listener.tag = this;
    listener.owner = process.name;
    this.local = { address: address ?? UNSPECIFIED_IPV4, port: listener.localPort };
    process.hold(this);
  }

  *accept(deadline: Instant = NEVER): Program<TcpSocket | undefined> {
    for (;;) {
      if (this.isClosed) throw new SocketError('EBADF', 'the socket is closed');
      const connection = this.listener.accept();
      if (connection !== undefined) {
        const { capacity } = this.host;
        if (capacity === undefined || capacity.takeConnection()) {
          return new HostTcpSocket(this.host, this.process, connection);
        }
        connection.abort(this.host.now); // no memory for it
        continue;
      }
      if (this.host.now >= deadline) return undefined;
      this.await();
      yield deadline;
    }
  }

  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.process.letGo(this);
    this.listener.close(this.host.now);
    this.wakeAll();
  }
}
