// What a program inside the world is, and what it sees of its machine.
//
// A program is a generator: it yields the instant until which it is content to wait, and is resumed with the present
// one, then or as soon as one of its sockets has something. It never sees a clock or a promise. Socket operations that
// may have to wait are programs themselves: `const data = yield* socket.read()`.

import type { Random } from '../../core/random.ts';
import type { Duration, Instant } from '../../core/time.ts';
import type { TransportError } from '../../stack/transport/transport_error.ts';
import type { IpAddress } from '../../wire/address.ts';

export interface Program<Result> {
  next(...now: [] | [Instant]): IteratorResult<Instant, Result>;
  return(result: Result): IteratorResult<Instant, Result>;
  throw(error: unknown): IteratorResult<Instant, Result>;
  [Symbol.iterator](): Program<Result>;
}

/** Outcomes that a socket has for its program, by their POSIX names. */
export type SocketErrorCode = TransportError | 'ENOTFOUND' | 'EAI_AGAIN';

export class SocketError extends Error {
  override readonly name = 'SocketError';
  readonly code: SocketErrorCode;

  constructor(code: SocketErrorCode, message: string) {
    super(`${code}: ${message}`);
    this.code = code;
  }
}

export interface Endpoint {
  readonly address: IpAddress;
  readonly port: number;
}

export interface Datagram extends Endpoint {
  readonly data: Uint8Array;
  /** The local address it was sent to. */
  readonly to: IpAddress;
}

export interface UdpSocket {
  readonly local: Endpoint | undefined;
  readonly remote: Endpoint | undefined;
  /** No address: any. Port 0: one is chosen. @throws SocketError `EADDRINUSE`, `EADDRNOTAVAIL`, `EACCES` */
  bind(address: IpAddress | undefined, port: number): void;
  /** Sends nothing: it fixes the peer, and lets ICMP errors reach this socket. */
  connect(address: IpAddress, port: number): void;
  /** Permits broadcast addresses as destination. */
  allowBroadcast(): void;
  /** To the connected peer. @throws SocketError `EDESTADDRREQ`, `EMSGSIZE`, `ENETUNREACH`, a pending ICMP error */
  send(data: Uint8Array): void;
  sendTo(data: Uint8Array, address: IpAddress, port: number): void;
  /** The next datagram, whole; nothing once `deadline` has come. @throws SocketError a pending ICMP error */
  receive(deadline?: Instant): Program<Datagram | undefined>;
  close(): void;
}

export interface TcpSocket {
  readonly local: Endpoint | undefined;
  readonly remote: Endpoint | undefined;
  bind(address: IpAddress | undefined, port: number): void;
  /** @throws SocketError `ECONNREFUSED`, `ETIMEDOUT`, `EHOSTUNREACH`, `ENETUNREACH` */
  connect(address: IpAddress, port: number, deadline?: Instant): Program<void>;
  /** What has arrived, at least one byte and at most `limit`; `undefined` at the end of the stream. */
  read(limit?: number, deadline?: Instant): Program<Uint8Array | undefined>;
  /** Copies what has arrived into `buffer`; 0 at the end of the stream. */
  readInto(buffer: Uint8Array, deadline?: Instant): Program<number>;
  /** Returns once all of it lies in the send buffer. @throws SocketError `EPIPE`, `ECONNRESET`, `ETIMEDOUT` */
  write(data: Uint8Array): Program<void>;
  /** A few bytes that come last and must not wait for room: at most 1,024. Nothing where nothing can be sent any more. */
  writeLast(data: Uint8Array): void;
  /** Sends no more: the peer reads the end of the stream. Reading goes on. */
  shutdown(): void;
  /** Gives the socket up; what was written still goes out. */
  close(): void;
  /** Gives it up at once: the peer gets a reset. */
  abort(): void;
}

export interface TcpListener {
  readonly local: Endpoint;
  /** Nothing once `deadline` has come. */
  accept(deadline?: Instant): Program<TcpSocket | undefined>;
  close(): void;
}

/** An ICMP message as an echo socket hears it: answers, and errors about its own questions. */
export interface EchoMessage {
  readonly kind: 'reply' | 'time-exceeded' | 'unreachable' | 'too-big';
  readonly from: IpAddress;
  /** ICMP's own code: 1 host unreachable, 3 port unreachable ... */
  readonly code: number;
  readonly sequence: number;
  readonly ttl: number;
  /** Bytes of ICMP message. */
  readonly length: number;
  /** With `too-big`: how long a packet may be there. */
  readonly mtu: number;
  readonly receivedAt: Instant;
}

export interface EchoSocket {
  /** Sends an echo request; `ttl` 1 to 255, `payload` bytes behind the eight of header. */
  send(to: IpAddress, sequence: number, options?: { ttl?: number; payload?: number; dontFragment?: boolean }): void;
  receive(deadline?: Instant): Program<EchoMessage | undefined>;
  close(): void;
}

export interface Terminal {
  print(line: string): void;
}

export interface AddressHints {
  readonly family?: 4 | 6;
  /** For servers: no name means the unspecified address, as `AI_PASSIVE` says. */
  readonly isPassive?: boolean;
  readonly isNumeric?: boolean;
}

/** A program that runs on a machine. */
export interface Process {
  readonly id: number;
  readonly name: string;
  readonly isDone: boolean;
  /** Its program is thrown a `SocketError` `ECONNABORTED` at the next chance, and its sockets are closed. */
  kill(): void;
}

/** What a program sees of its machine. */
export interface System {
  readonly hostName: string;
  /** The present instant: changes only while the program waits. */
  readonly now: Instant;
  /** Milliseconds since 1970 on this machine's own clock. */
  readonly wallTime: number;
  readonly random: Random;
  udp(): UdpSocket;
  tcp(): TcpSocket;
  /** @throws SocketError `EADDRINUSE`, `EADDRNOTAVAIL`, `EACCES` */
  listen(address: IpAddress | undefined, port: number, backlog?: number): TcpListener;
  echo(): EchoSocket;
  sleep(duration: Duration): Program<void>;
  /** Runs another program beside this one. Its failure ends it alone; when this one is killed or fails, it ends too. */
  spawn(name: string, program: Program<unknown>): Process;
  /** Waits until `process` is done, or the deadline. */
  join(process: Process, deadline?: Instant): Program<boolean>;
  /**
   * Addresses of a host name and service name or port (numeric ones too), in the order in which to try them.
   * @throws SocketError `ENOTFOUND`, `EAI_AGAIN`
   */
  getAddressInfo(
    host: string | undefined,
    service: string | number | undefined,
    hints?: AddressHints,
  ): Program<readonly Endpoint[]>;
  /** Occupies a worker of this machine for `duration`: where capacity is limited, programs queue here. */
  work(duration: Duration): Program<void>;
}
