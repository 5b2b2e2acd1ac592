// One end of TLS on a socket of this machine: carries bytes and the time between node:net and a TlsConnection, and data to who
// listens. Not here: the protocol (secure/tls), and what the data means.

import type { Socket } from 'node:net';
import type { TlsConnection, TlsEvent } from '../../secure/tls/connection.ts';

export interface TlsListener {
  /** In their order; the end, and a failure, behind the data that came before. */
  hear(event: TlsEvent): void;
  /** False: no more for now, until `resume`. */
  take(data: Uint8Array): boolean;
  /** More can be written without a queue that grows. */
  drained(): void;
  /** Once, at the end. @param error of the socket, if there was one */
  closed(error: NodeJS.ErrnoException | undefined): void;
}

/** Milliseconds in which a peer that has been told goodbye may still close its side by itself. */
const LINGER = 2_000;

export class TlsSocket {
  readonly connection: TlsConnection;
  private readonly socket: Socket;
  private listener: TlsListener | undefined;
  private error: NodeJS.ErrnoException | undefined;

  /** @param socket connected, with `allowHalfOpen` @param idle milliseconds of silence after which it is cut off */
  constructor(connection: TlsConnection, socket: Socket, idle: number) {
    this.connection = connection;
    this.socket = socket;
    socket.setNoDelay(true);
    socket.setTimeout(idle, () => socket.destroy());
  }

  /** Begins, once. */
  start(listener: TlsListener): void {
    const { connection, socket } = this;
    this.listener = listener;
    socket.on('data', (bytes) => {
      connection.receive(bytes, Date.now());
      this.pump();
    });
    socket.on('end', () => {
      connection.receiveEnd();
      this.pump();
      this.hangUp();
    });
    socket.on('error', (error) => {
      this.error = error;
    });
    socket.on('drain', () => listener.drained());
    socket.on('close', () => {
      connection.receiveEnd();
      this.pump();
      listener.closed(this.error);
    });
    this.pump();
  }

  /** False: the socket is full, until `drained`. @throws Error unless the connection is open for writing */
  write(data: Uint8Array): boolean {
    this.connection.write(data);
    return this.send();
  }

  resume(): void {
    this.socket.resume();
  }

  /** This end sends no more; it still reads. */
  finish(): void {
    this.connection.close();
    this.send();
  }

  /** And it reads no more either: what is to be sent goes out, and the socket is closed. */
  hangUp(): void {
    this.finish();
    const { socket } = this;
    if (socket.writableEnded) return;
    socket.end();
    // What still comes is read and thrown away: a reset would take what was just sent from under the peer.
    socket.resume();
    socket.setTimeout(LINGER);
  }

  private pump(): void {
    const { connection, listener, socket } = this;
    const last: TlsEvent[] = [];
    for (let event = connection.pollEvent(); event !== undefined; event = connection.pollEvent()) {
      if (event.kind === 'end' || event.kind === 'failed') last.push(event);
      else listener?.hear(event);
    }
    for (let data = connection.read(); data !== undefined; data = connection.read()) {
      if (listener?.take(data) === false) socket.pause();
    }
    // What came before the end is heard before it.
    for (const event of last) listener?.hear(event);
    this.send();
    if (connection.failure !== undefined) this.hangUp();
  }

  private send(): boolean {
    const { connection, socket } = this;
    let hasRoom = true;
    for (let bytes = connection.pollTransmit(); bytes !== undefined; bytes = connection.pollTransmit()) {
      if (socket.writable) hasRoom = socket.write(bytes);
    }
    return hasRoom;
  }
}
