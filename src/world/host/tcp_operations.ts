// What programs do on a TCP socket again and again: reading into a buffer of theirs, and writing.

import { type Instant, NEVER } from '../../core/time.ts';
import type { TcpConnection } from '../../stack/transport/tcp/tcp_connection.ts';
import { Operation } from '../app/operation.ts';
import { SocketError } from '../app/program.ts';
import { socketError } from './socket_error.ts';
import type { HostTcpSocket } from './tcp_socket.ts';

const NOTHING = new Uint8Array(0);

export class ReadInto extends Operation<number> {
  protected result = 0;
  private readonly socket: HostTcpSocket;
  private connection: TcpConnection | undefined;
  private buffer: Uint8Array = NOTHING;
  // A field that may be empty holds a time as it was handed over, and makes no new number of it.
  private deadline: Instant | undefined;

  constructor(socket: HostTcpSocket) {
    super();
    this.socket = socket;
  }

  begin(buffer: Uint8Array, deadline: Instant): this {
    this.isInUse = true;
    this.connection = undefined;
    this.buffer = buffer;
    this.deadline = deadline;
    return this;
  }

  protected look(): Instant | undefined {
    const { socket, buffer, deadline = NEVER } = this;
    this.connection ??= socket.connected();
    const { connection } = this;
    if (connection.readableBytes > 0) this.result = connection.readInto(buffer);
    else if (socket.isAtEnd(connection, deadline)) this.result = 0;
    else return deadline;
    this.buffer = NOTHING;
    return undefined;
  }
}

export class Write extends Operation<undefined> {
  protected readonly result: undefined;
  private readonly socket: HostTcpSocket;
  private connection: TcpConnection | undefined;
  private data: Uint8Array = NOTHING;
  private at = 0;

  constructor(socket: HostTcpSocket) {
    super();
    this.socket = socket;
  }

  begin(data: Uint8Array): this {
    this.isInUse = true;
    this.connection = undefined;
    this.data = data;
    this.at = 0;
    return this;
  }

  protected look(): Instant | undefined {
    const { socket, data } = this;
    this.connection ??= socket.connected();
    const { connection } = this;
    while (this.at < data.length) {
      if (connection.error !== undefined) throw socketError(connection.error, 'write');
      if (socket.isOver || !connection.canWrite) throw new SocketError('EPIPE', 'the connection sends no more');
      const taken = connection.write(data, this.at, data.length);
      this.at += taken;
      if (taken > 0) continue;
      socket.await();
      return NEVER;
    }
    this.data = NOTHING;
    return undefined;
  }
}
