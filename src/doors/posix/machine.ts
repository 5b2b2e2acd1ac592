// What the calls stand on: one process's view of a machine. Two worlds implement it: simulated machines, and the
// loopback of the machine that this runs on.
//
// Whatever fails throws an error whose `code` is an errno name. The calls have checked the state of the socket before:
// nobody is asked to accept who does not listen, or to read who is not connected.

import type { Duration } from '../../core/time.ts';
import type { Ipv4Address } from '../../wire/address.ts';
import type { Endpoint } from './socket_address.ts';

export interface Machine {
  /** The host's name. */
  readonly name: string;
  /** @throws Error with a sentence once its world is closed */
  checkOpen(): void;
  stream(): StreamSocket;
  datagram(): MessageSocket;
  /** The IPv4 addresses of a host name, in the order in which to try them; none where there is no such name. */
  lookUp(name: string): Promise<readonly Ipv4Address[]>;
  sleep(duration: Duration): Promise<void>;
  /** The process ends: all its sockets are closed. */
  exit(): void;
}

/** TCP. */
export interface StreamSocket {
  readonly local: Endpoint | undefined;
  readonly remote: Endpoint | undefined;
  /** @param mayReuse connections that still use the port do not matter */
  bind(local: Endpoint, mayReuse: boolean): Promise<void>;
  listen(backlog: number): Promise<void>;
  /** @param timeout EAGAIN after this; without one it waits */
  accept(timeout: Duration | undefined): Promise<StreamSocket>;
  connect(remote: Endpoint): Promise<void>;
  /** At least one byte and at most `limit`; none at the end of the stream. */
  read(limit: number, timeout: Duration | undefined): Promise<Uint8Array>;
  /** All of it. */
  write(data: Uint8Array): Promise<void>;
  shutdownReading(): void;
  shutdownWriting(): void;
  /** Whether a port can be bound that connections still use: undefined where that can be chosen. */
  readonly fixedReuse: boolean | undefined;
  close(): void;
}

/** UDP. */
export interface MessageSocket {
  readonly local: Endpoint | undefined;
  readonly remote: Endpoint | undefined;
  bind(local: Endpoint): Promise<void>;
  connect(remote: Endpoint): Promise<void>;
  /** @param to nothing: the connected peer */
  send(data: Uint8Array, to: Endpoint | undefined): Promise<void>;
  /** The next message, whole. */
  receive(timeout: Duration | undefined): Promise<ReceivedMessage>;
  allowBroadcast(): void;
  close(): void;
}

export interface ReceivedMessage {
  readonly data: Uint8Array;
  readonly from: Endpoint;
}
