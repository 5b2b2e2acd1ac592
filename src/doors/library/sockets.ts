// Sockets with promises: what a test holds of a simulated machine's connections.
//
//   const socket = await alice.connect(7, 'bob');      bob.listen(7, async (socket) => { ... });
//   await socket.write('hello');                       for await (const bytes of socket) await socket.write(bytes);
//
// Each call runs as a small program on the machine; the sockets themselves belong to one program that lives as long as
// the machine. Not here: what sockets do (world/host/tcp_socket.ts, udp_socket.ts).

import { joinBytes, utf8, textOf as utf8Text } from '../../core/bytes.ts';
import { after, type Duration, NEVER } from '../../core/time.ts';
import { formatIpAddress } from '../../wire/address.ts';
import {
  type Endpoint,
  type Program,
  SocketError,
  type System,
  type TcpListener,
  type TcpSocket,
  type UdpSocket,
} from '../../world/app/program.ts';
import type { Host } from '../../world/host/host.ts';
import { checkData, checkDuration, checkName, checkPort } from './arguments.ts';
import type { Pump } from './pump.ts';

/** An address and a port, in text and number. */
export interface SocketAddress {
  readonly address: string;
  readonly port: number;
}

export interface ReceivedDatagram extends SocketAddress {
  readonly data: Uint8Array;
}

/** What the sockets of one machine share. */
export interface SocketHome {
  readonly machine: Host;
  readonly pump: Pump;
  /** Whose sockets they are. */
  readonly owner: System;
}

/** One end of a TCP connection. */
export class Connection {
  private readonly home: SocketHome;
  private readonly socket: TcpSocket;
  private readonly isServing: boolean;

  /** Use `InternetHost.connect` and `listen`. */
  constructor(home: SocketHome, socket: TcpSocket, isServing: boolean) {
    this.home = home;
    this.socket = socket;
    this.isServing = isServing;
  }

  get local(): SocketAddress | undefined {
    return addressOf(this.socket.local);
  }

  get remote(): SocketAddress | undefined {
    return addressOf(this.socket.remote);
  }

  /**
   * What has arrived, at least one byte and at most `limit`; `undefined` at the end of the stream.
   *
   * @throws SocketError `ECONNRESET`, `ETIMEDOUT`
   */
  async read(limit?: number): Promise<Uint8Array | undefined> {
    if (limit !== undefined && !(Number.isInteger(limit) && limit > 0)) {
      throw new RangeError(`read takes a limit of at least one byte, not ${limit}`);
    }
    return this.operate('reads from', () => this.socket.read(limit));
  }

  /** Everything up to the end of the stream. */
  async bytes(): Promise<Uint8Array> {
    const pieces: Uint8Array[] = [];
    for await (const piece of this) pieces.push(piece);
    return joinBytes(pieces);
  }

  /** Everything up to the end of the stream, as UTF-8. */
  async text(): Promise<string> {
    return utf8Text(await this.bytes());
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, void> {
    for (let piece = await this.read(); piece !== undefined; piece = await this.read()) yield piece;
  }

  /**
   * Resolves once all of it lies in the send buffer. Text goes as UTF-8.
   *
   * @throws SocketError `EPIPE`, `ECONNRESET`, `ETIMEDOUT`
   */
  async write(data: Uint8Array | string): Promise<void> {
    const bytes = typeof data === 'string' ? utf8(data) : checkData(data);
    return this.operate('writes to', () => this.socket.write(bytes));
  }

  /** Sends no more: the peer reads the end of the stream. Reading goes on. */
  end(): void {
    touch(this.home, () => this.socket.shutdown());
  }

  /** Gives the socket up; what was written still goes out. */
  close(): void {
    touch(this.home, () => this.socket.close());
  }

  /** Gives it up at once: the peer gets a reset. */
  abort(): void {
    touch(this.home, () => this.socket.abort());
  }

  private operate<Result>(verb: string, main: () => Program<Result>): Promise<Result> {
    const { machine, pump } = this.home;
    const { isServing } = this;
    return pump.operate(machine, `${machine.name} ${verb} ${textOf(this.remote)}`, main, { isServing });
  }
}

/** A port on which connections are taken. */
export class Listener {
  private readonly home: SocketHome;
  private readonly listener: TcpListener;

  /** Use `InternetHost.listen`. */
  constructor(home: SocketHome, listener: TcpListener, handler: (connection: Connection) => unknown) {
    this.home = home;
    this.listener = listener;
    const { machine, pump } = home;
    machine.spawn('program', () => acceptAll(), true);
    pump.settle(machine);

    function* acceptAll(): Program<void> {
      try {
        for (;;) {
          const socket = yield* listener.accept();
          if (socket === undefined) return;
          const connection = new Connection(home, socket, true);
          pump.callOut(
            () => handler(connection),
            () => connection.abort(),
          );
        }
      } catch (error) {
        if (!(error instanceof SocketError)) throw error; // closed
      }
    }
  }

  get port(): number {
    return this.listener.local.port;
  }

  /** Takes no more connections; those that were taken go on. */
  close(): void {
    touch(this.home, () => this.listener.close());
  }
}

/** A UDP socket. Datagrams may be lost: give `receive` a timeout. */
export class DatagramSocket {
  private readonly home: SocketHome;
  private readonly socket: UdpSocket;

  /** Use `InternetHost.udp`. */
  constructor(home: SocketHome, socket: UdpSocket) {
    this.home = home;
    this.socket = socket;
  }

  get port(): number {
    return this.socket.local?.port ?? 0;
  }

  /** Permits broadcast addresses as destination. */
  allowBroadcast(): void {
    this.socket.allowBroadcast();
  }

  /**
   * Sends one datagram to an address or a name. Resolves once it is handed to the network.
   *
   * @throws SocketError `EMSGSIZE`, `ENETUNREACH`, `ENOTFOUND`
   */
  async send(data: Uint8Array | string, port: number, address: string): Promise<void> {
    const bytes = typeof data === 'string' ? utf8(data) : checkData(data);
    checkPort(port);
    checkName(address, 'an address or a name');
    const { machine, pump } = this.home;
    const { socket } = this;
    return pump.operate(machine, `${machine.name} sends to ${address}:${port}`, function* (system): Program<void> {
      const [target] = yield* system.getAddressInfo(address, port, { family: 4 });
      if (target !== undefined) socket.sendTo(bytes, target.address, port);
    });
  }

  /**
   * The next datagram, whole; `undefined` where none came within `timeout`: `receive('2s')`.
   *
   * @throws DeadlockError where none can come any more and no timeout was given
   */
  async receive(timeout?: string): Promise<ReceivedDatagram | undefined> {
    const wait: Duration | undefined = timeout === undefined ? undefined : checkDuration(timeout);
    const { machine, pump } = this.home;
    const { socket } = this;
    const what = `${machine.name} waits for a datagram on port ${this.port}`;
    const found = await pump.operate(machine, what, (system) =>
      socket.receive(wait === undefined ? NEVER : after(system.now, wait)),
    );
    if (found === undefined) return undefined;
    return { data: found.data, address: formatIpAddress(found.address), port: found.port };
  }

  close(): void {
    touch(this.home, () => this.socket.close());
  }
}

/** Connects to the first address that answers. */
export function* connectToAny(system: System, owner: System, name: string, port: number): Program<TcpSocket> {
  let failure: SocketError | undefined;
  for (const { address } of yield* system.getAddressInfo(name, port, { family: 4 })) {
    const socket = owner.tcp();
    let isConnected = false;
    try {
      yield* socket.connect(address, port);
      isConnected = true;
      return socket;
    } catch (error) {
      if (!(error instanceof SocketError)) throw error;
      failure = error;
    } finally {
      if (!isConnected) socket.abort();
    }
  }
  throw failure ?? new SocketError('ENOTFOUND', `${name} has no address`);
}

/** Does something to a machine's sockets from outside, and lets all that follows at this instant happen. */
export function touch<Result>({ machine, pump }: Pick<SocketHome, 'machine' | 'pump'>, act: () => Result): Result {
  const result = act();
  pump.settle(machine);
  return result;
}

const addressOf = (endpoint: Endpoint | undefined): SocketAddress | undefined =>
  endpoint === undefined ? undefined : { address: formatIpAddress(endpoint.address), port: endpoint.port };

const textOf = (address: SocketAddress | undefined): string =>
  address === undefined ? 'nobody' : `${address.address}:${address.port}`;
