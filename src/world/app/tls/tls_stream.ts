// TLS laid over a TCP socket, with the same operations for whoever reads and writes. The engine never waits (secure/tls); this is
// where somebody does.
//
//   program -- write --> TlsConnection -- records --> TcpSocket          read: what came is authentic, in order and whole
//
// An end of the stream is one only if the peer has said so by close_notify; else it is a failure, since anybody on the way can
// end a TCP connection. Not here: certificates, and whose they are.

import { type Instant, NEVER } from '../../../core/time.ts';
import type { TlsConnection, TlsEvent, TlsFacts } from '../../../secure/tls/connection.ts';
import { type Endpoint, type Program, SocketError, type System, type TcpSocket } from '../program.ts';
import { TlsError } from './tls_error.ts';

/** Told of all that happens to a connection, before anybody reads what came with it. */
export interface TlsListener {
  begun(connection: TlsConnection): void;
  told(event: TlsEvent): void;
  /** What has been read, or is about to be written, in the clear. */
  carried(data: Uint8Array, direction: 'read' | 'written'): void;
  /** Nobody uses it any more. */
  closed(): void;
}

/** Begins the connection. @param earlyData goes out with the first message, and may be rejected */
export type TlsStart = (earlyData: Uint8Array | undefined) => TlsConnection;

const READ_LIMIT = 65_536;

export class TlsStream {
  private readonly system: Pick<System, 'wallTime'>;
  private readonly socket: TcpSocket;
  private readonly listener: TlsListener;
  private readonly start: TlsStart;
  private begun: TlsConnection | undefined;
  /** What may be written before there is a connection, as early data. */
  private readonly maxEarlyData: number;
  private sentEarly: Uint8Array | undefined;
  private left: Uint8Array | undefined;
  private hasPeerEnded = false;
  /** Of records, over the socket. */
  bytesRead = 0;
  bytesWritten = 0;
  private isOver = false;

  /**
   * Over a socket that is connected, and is this one's from here on.
   *
   * @param maxEarlyData the first write, if it is no longer, goes out before the peer has answered
   */
  constructor(
    system: Pick<System, 'wallTime'>,
    socket: TcpSocket,
    start: TlsStart,
    listener: TlsListener,
    maxEarlyData = 0,
  ) {
    this.system = system;
    this.socket = socket;
    this.start = start;
    this.listener = listener;
    this.maxEarlyData = maxEarlyData;
  }

  get local(): Endpoint | undefined {
    return this.socket.local;
  }

  get remote(): Endpoint | undefined {
    return this.socket.remote;
  }

  /** Once the handshake is done. */
  get facts(): TlsFacts | undefined {
    return this.begun?.facts;
  }

  /** Waits until data can be written. @throws TlsError, SocketError `EAGAIN` at the deadline, and what the socket throws */
  *handshake(deadline: Instant = NEVER): Program<void> {
    const connection = this.connection();
    yield* this.flush();
    while (!connection.isOpenForWriting) yield* this.receive(connection, deadline);
  }

  /** Waits until nobody can have recorded what was read, and sent it again: what came early is proven by what comes after. */
  *confirm(deadline: Instant = NEVER): Program<void> {
    const connection = this.connection();
    yield* this.flush();
    while (connection.facts === undefined) yield* this.receive(connection, deadline);
  }

  /** At least one byte and at most `limit`; `undefined` where the peer has said that no more comes. @throws TlsError, SocketError */
  *read(limit: number = READ_LIMIT, deadline: Instant = NEVER): Program<Uint8Array | undefined> {
    const connection = this.connection();
    yield* this.flush();
    for (;;) {
      const data = this.left ?? this.readNext(connection);
      if (data !== undefined) {
        this.left = data.length > limit ? data.subarray(limit) : undefined;
        return data.length > limit ? data.subarray(0, limit) : data;
      }
      if (this.hasPeerEnded) return undefined;
      yield* this.receive(connection, deadline);
    }
  }

  /** Returns once all of it lies in the socket's send buffer. @throws TlsError, SocketError */
  *write(data: Uint8Array): Program<void> {
    this.listener.carried(data, 'written');
    if (this.begun === undefined && data.length <= this.maxEarlyData) {
      this.sentEarly = data;
      this.connection(data);
      yield* this.flush();
      return;
    }
    yield* this.handshake();
    const connection = this.connection();
    if (connection.failure !== undefined) throw new TlsError(connection.failure);
    if (!connection.isOpenForWriting) throw new SocketError('EPIPE', 'the connection sends no more');
    connection.write(data);
    yield* this.flush();
  }

  /** close_notify: sends no more. Reading goes on. */
  shutdown(): void {
    this.begun?.close();
    this.sendRest();
    this.socket.shutdown();
  }

  /** Gives the stream up, with close_notify. */
  close(): void {
    this.begun?.close();
    this.sendRest();
    this.end();
  }

  /**
   * The same, and reads until the peer has closed too: who goes while the peer still speaks resets the connection, and the peer
   * may lose what was said last.
   */
  *finish(deadline: Instant): Program<void> {
    try {
      this.shutdown();
      for (;;) {
        const bytes = yield* this.socket.read(READ_LIMIT, deadline);
        if (bytes === undefined) return;
        this.hearOut(bytes);
      }
    } catch (error) {
      if (!(error instanceof SocketError) || error.code === 'ECONNABORTED') throw error; // else the peer is gone
    } finally {
      this.end();
    }
  }

  // A ticket may come late; data comes too late.
  private hearOut(bytes: Uint8Array): void {
    const connection = this.begun;
    if (connection === undefined) return;
    connection.receive(bytes, this.system.wallTime);
    this.tell(connection);
    while (connection.read() !== undefined);
  }

  /** Gives it up at once, as if it had been cut. */
  abort(): void {
    this.socket.abort();
    this.end();
  }

  private end(): void {
    this.socket.close();
    if (!this.isOver) this.listener.closed();
    this.isOver = true;
  }

  private readNext(connection: TlsConnection): Uint8Array | undefined {
    const data = connection.read();
    if (data !== undefined) this.listener.carried(data, 'read');
    return data;
  }

  private tell(connection: TlsConnection): void {
    for (let event = connection.pollEvent(); event !== undefined; event = connection.pollEvent()) {
      if (event.kind === 'connected' && event.facts.earlyData !== 'accepted') this.writeAgain(connection);
      if (event.kind === 'end') this.hasPeerEnded = true;
      this.listener.told(event);
    }
  }

  // Early data that was not taken is sent once more, now that nobody can replay it.
  private writeAgain(connection: TlsConnection): void {
    const { sentEarly } = this;
    this.sentEarly = undefined;
    if (sentEarly !== undefined) connection.write(sentEarly);
  }

  private connection(earlyData?: Uint8Array): TlsConnection {
    if (this.begun === undefined) {
      this.begun = this.start(earlyData);
      this.listener.begun(this.begun);
      this.tell(this.begun);
    }
    return this.begun;
  }

  // What came before a failure is whole and is read first: the failure is told by the call after that.
  private *receive(connection: TlsConnection, deadline: Instant): Program<void> {
    if (connection.failure !== undefined) throw new TlsError(connection.failure);
    const bytes = yield* this.socket.read(READ_LIMIT, deadline);
    this.bytesRead += bytes?.length ?? 0;
    if (bytes === undefined) connection.receiveEnd();
    else connection.receive(bytes, this.system.wallTime);
    this.tell(connection);
    if (connection.failure === undefined) yield* this.flush();
    else this.sendRest();
  }

  private *flush(): Program<void> {
    const connection = this.begun;
    if (connection === undefined) return;
    for (let bytes = connection.pollTransmit(); bytes !== undefined; bytes = connection.pollTransmit()) {
      this.bytesWritten += bytes.length;
      yield* this.socket.write(bytes);
    }
  }

  // Alerts are short and come last: they wait for no room.
  private sendRest(): void {
    const connection = this.begun;
    for (let bytes = connection?.pollTransmit(); bytes !== undefined; bytes = connection?.pollTransmit()) {
      this.socket.writeLast(bytes);
    }
  }
}
