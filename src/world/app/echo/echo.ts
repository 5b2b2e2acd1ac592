// Echo (RFC 862) and discard (RFC 863), over TCP and UDP: the servers a network is tried out with, and the clients that
// ask them. Programs; they run until they are killed.

import { bytesEqual, joinBytes } from '../../../core/bytes.ts';
import { after, type Duration, elapsed, type Instant, NEVER, seconds } from '../../../core/time.ts';
import type { IpAddress } from '../../../wire/address.ts';
import { type Endpoint, type Program, SocketError, type System, type TcpSocket } from '../program.ts';

export const ECHO_PORT = 7;
export const DISCARD_PORT = 9;

export interface ServiceEndpoint {
  readonly port?: number;
  /** Absent: all addresses of the machine. */
  readonly address?: IpAddress;
}

/** Connections that one server has open at a time; those beyond it are reset. */
export const MAX_ECHO_CONNECTIONS = 256;

/** Sends back what it reads, until the client has nothing more to say. */
export const tcpEchoServer = (system: System, { port = ECHO_PORT, address }: ServiceEndpoint = {}): Program<never> =>
  serveTcp(system, address, port, 'echo', function* (socket) {
    for (let data = yield* socket.read(); data !== undefined; data = yield* socket.read()) yield* socket.write(data);
  });

/** Reads all and answers nothing. */
export const discardServer = (system: System, { port = DISCARD_PORT, address }: ServiceEndpoint = {}): Program<never> =>
  serveTcp(system, address, port, 'discard', function* (socket) {
    while ((yield* socket.read()) !== undefined);
  });

/** Sends each datagram back to where it came from. */
export function* udpEchoServer(system: System, { port = ECHO_PORT, address }: ServiceEndpoint = {}): Program<never> {
  const socket = system.udp();
  socket.bind(address, port);
  for (;;) {
    try {
      const datagram = yield* socket.receive();
      // Two echo servers that hear of each other would never stop: nothing goes to the port that is served here.
      if (datagram === undefined || datagram.port === port || datagram.port === 0) continue;
      socket.sendTo(datagram.data, datagram.address, datagram.port);
    } catch (error) {
      passKill(error); // an unreachable client is not the server's trouble
    }
  }
}

/** Reads all and answers nothing. */
export function* udpDiscardServer(
  system: System,
  { port = DISCARD_PORT, address }: ServiceEndpoint = {},
): Program<never> {
  const socket = system.udp();
  socket.bind(address, port);
  for (;;) {
    try {
      yield* socket.receive();
    } catch (error) {
      passKill(error);
    }
  }
}

export interface EchoResult {
  readonly data: Uint8Array;
  /** From the question that was answered, or the first byte sent, to the end of the answer. */
  readonly time: Duration;
  /** Datagrams sent; 1 over TCP. */
  readonly attempts: number;
}

export interface UdpEchoOptions {
  /** For each attempt. */
  readonly timeout?: Duration;
  readonly attempts?: number;
}

/**
 * Sends `data` to a UDP echo server, and again where no answer comes.
 *
 * @throws SocketError `ETIMEDOUT` after the last attempt, `ECONNREFUSED` where nobody listens
 */
export function* udpEcho(
  system: System,
  server: Endpoint,
  data: Uint8Array,
  { timeout = seconds(1), attempts = 3 }: UdpEchoOptions = {},
): Program<EchoResult> {
  const socket = system.udp();
  try {
    socket.connect(server.address, server.port);
    for (let attempt = 1; attempt <= attempts; attempt++) {
      const sentAt = system.now;
      socket.send(data);
      const deadline = after(sentAt, timeout);
      for (
        let answer = yield* socket.receive(deadline);
        answer !== undefined;
        answer = yield* socket.receive(deadline)
      ) {
        if (bytesEqual(answer.data, data))
          return { data: answer.data, time: elapsed(sentAt, system.now), attempts: attempt };
      }
    }
    throw new SocketError('ETIMEDOUT', `no echo after ${attempts} attempts`);
  } finally {
    socket.close();
  }
}

/**
 * Connects to a TCP echo server, sends `data`, and reads until as much came back. What is sent must fit the buffers
 * between both ends, since it is all written before anything is read: a few kilobytes always do.
 *
 * @throws SocketError `ECONNREFUSED`, `ETIMEDOUT`, and `ECONNRESET` where the server ends early
 */
export function* tcpEcho(
  system: System,
  server: Endpoint,
  data: Uint8Array,
  deadline: Instant = NEVER,
): Program<EchoResult> {
  const socket = system.tcp();
  try {
    yield* socket.connect(server.address, server.port, deadline);
    const sentAt = system.now;
    yield* socket.write(data);
    const pieces: Uint8Array[] = [];
    for (let missing = data.length; missing > 0; ) {
      const piece = yield* socket.read(missing, deadline);
      if (piece === undefined) throw new SocketError('ECONNRESET', `the server kept ${missing} bytes`);
      pieces.push(piece);
      missing -= piece.length;
    }
    return { data: joinBytes(pieces), time: elapsed(sentAt, system.now), attempts: 1 };
  } finally {
    socket.close();
  }
}

// Accepts, and runs a conversation beside itself for each connection.
function* serveTcp(
  system: System,
  address: IpAddress | undefined,
  port: number,
  name: string,
  converse: (socket: TcpSocket) => Program<void>,
): Program<never> {
  const listener = system.listen(address, port);
  const open = { count: 0 };
  for (;;) {
    const socket = yield* listener.accept();
    if (socket === undefined) continue;
    if (open.count === MAX_ECHO_CONNECTIONS) {
      socket.abort();
      continue;
    }
    open.count++;
    system.spawn(name, conversation(socket, converse, open));
  }
}

function* conversation(
  socket: TcpSocket,
  converse: (socket: TcpSocket) => Program<void>,
  open: { count: number },
): Program<void> {
  try {
    yield* converse(socket);
  } catch (error) {
    passKill(error); // the client is gone
  } finally {
    open.count--;
    socket.close();
  }
}

/** Lets through what is no outcome of a socket, and the error by which a program is told to end. */
function passKill(error: unknown): void {
  if (!(error instanceof SocketError) || error.code === 'ECONNABORTED' || error.code === 'EBADF') throw error;
}
