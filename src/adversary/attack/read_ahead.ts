// A socket that somebody has looked into: what was looked at is read again by whoever reads next.

import { joinBytes } from '../../core/bytes.ts';
import { type Instant, NEVER } from '../../core/time.ts';
import type { Endpoint, Program, TcpSocket } from '../../world/app/program.ts';

export class ReadAhead implements TcpSocket {
  private readonly socket: TcpSocket;
  private seen: Uint8Array[] = [];

  /** Over a socket that is connected, and is this one's from here on. */
  constructor(socket: TcpSocket) {
    this.socket = socket;
  }

  get local(): Endpoint | undefined {
    return this.socket.local;
  }

  get remote(): Endpoint | undefined {
    return this.socket.remote;
  }

  /** What comes next, and stays to be read. */
  *look(deadline: Instant = NEVER): Program<Uint8Array | undefined> {
    const bytes = yield* this.socket.read(undefined, deadline);
    if (bytes !== undefined) this.seen.push(bytes);
    return bytes;
  }

  *read(limit?: number, deadline?: Instant): Program<Uint8Array | undefined> {
    if (this.seen.length === 0) return yield* this.socket.read(limit, deadline);
    const whole = joinBytes(this.seen);
    const length = Math.min(limit ?? whole.length, whole.length);
    this.seen = length === whole.length ? [] : [whole.subarray(length)];
    return whole.subarray(0, length);
  }

  *readInto(buffer: Uint8Array, deadline?: Instant): Program<number> {
    if (this.seen.length === 0) return yield* this.socket.readInto(buffer, deadline);
    const bytes = yield* this.read(buffer.length, deadline);
    buffer.set(bytes ?? new Uint8Array(0));
    return bytes?.length ?? 0;
  }

  bind(address: Parameters<TcpSocket['bind']>[0], port: number): void {
    this.socket.bind(address, port);
  }

  connect(...to: Parameters<TcpSocket['connect']>): Program<void> {
    return this.socket.connect(...to);
  }

  write(data: Uint8Array): Program<void> {
    return this.socket.write(data);
  }

  writeLast(data: Uint8Array): void {
    this.socket.writeLast(data);
  }

  shutdown(): void {
    this.socket.shutdown();
  }

  close(): void {
    this.socket.close();
  }

  abort(): void {
    this.socket.abort();
  }
}
