// A TCP socket of this machine, by way of node:net.
//
// Node binds and listens in one step, so `bind` tries the port and lets it go, and `listen` takes it. Between the two
// somebody else may take it: `listen` then fails with EADDRINUSE. Node accepts connections before its program does, so
// a backlog holds nobody up.

import { connect, createServer, type Server, type Socket } from 'node:net';
import type { Duration } from '../../core/time.ts';
import { UNSPECIFIED_IPV4 } from '../../wire/address.ts';
import type { StreamSocket } from './machine.ts';
import { type Errno, isErrno, PosixError } from './posix_error.ts';
import type { RealMachine } from './real_machine.ts';
import { Signal } from './signal.ts';
import type { Endpoint } from './socket_address.ts';

const NOTHING = new Uint8Array(0);
/** Ports to choose from are many: one that is free on one of a machine's addresses is nearly always free on all. */
const MAX_CHOICES = 20;

export class RealStreamSocket implements StreamSocket {
  /** libuv sets SO_REUSEADDR on each socket that it binds. */
  readonly fixedReuse = true;
  local: Endpoint | undefined;
  remote: Endpoint | undefined;
  private readonly machine: RealMachine;
  private readonly news = new Signal();
  private readonly accepted: RealStreamSocket[] = [];
  private servers: readonly Server[] = [];
  private socket: Socket | undefined;
  private failure: Errno | undefined;
  private isClosed = false;
  private isReadingStopped = false;
  private isWritingStopped = false;

  constructor(machine: RealMachine, socket?: Socket) {
    this.machine = machine;
    machine.holdings.add(this);
    if (socket !== undefined) this.adopt(socket);
  }

  async bind(local: Endpoint): Promise<void> {
    const servers = await this.open(local, 1);
    const port = portOf(servers[0]);
    await Promise.all(servers.map(closed));
    this.machine.reserve(this, { address: local.address, port });
    this.local = { address: local.address, port };
  }

  async listen(backlog: number): Promise<void> {
    const { local } = this;
    if (local === undefined) throw new PosixError('EINVAL', 'listen');
    this.servers = await this.open(local, backlog);
  }

  accept(timeout: Duration | undefined): Promise<StreamSocket> {
    return this.wait(() => this.accepted.shift(), timeout);
  }

  async connect(remote: Endpoint): Promise<void> {
    const { addresses, name } = this.machine;
    if (remote.port === 0 || remote.address === UNSPECIFIED_IPV4) throw new PosixError('EADDRNOTAVAIL', 'connect');
    const host = addresses.reach(name, remote.address);
    if (host === undefined || !addresses.mayLeave(name, this.local?.address, remote.address)) {
      throw new PosixError('ENETUNREACH', 'connect');
    }
    const wished = this.local === undefined ? [] : addresses.heardOn(name, this.local.address);
    const localAddress = wished.length === 1 ? wished[0] : addresses.source(name, remote.address);
    const from = { localAddress, ...(this.local === undefined ? {} : { localPort: this.local.port }) };
    const socket = connect({ host, port: remote.port, allowHalfOpen: true, ...from });
    this.adopt(socket);
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
      socket.once('close', () => reject(new PosixError('EBADF', 'connect')));
    }).catch((error) => {
      this.socket = undefined;
      this.failure = undefined;
      throw error;
    });
    this.learnEnds(socket);
  }

  read(limit: number, timeout: Duration | undefined): Promise<Uint8Array> {
    const { socket } = this;
    return this.wait(() => {
      if (socket === undefined) throw new PosixError('ENOTCONN', 'read');
      if (socket.readableLength > 0) return socket.read(Math.min(limit, socket.readableLength)) as Uint8Array;
      if (this.failure === 'EPIPE') return NOTHING; // the peer closed before
      if (this.failure !== undefined) throw new PosixError(this.failure, 'read');
      if (socket.readableEnded || this.isReadingStopped) return NOTHING;
      socket.read(0); // at the end of the stream, this says so
      return undefined;
    }, timeout);
  }

  async write(data: Uint8Array): Promise<void> {
    const { socket } = this;
    if (this.failure !== undefined) throw new PosixError(this.failure, 'write');
    if (socket === undefined || this.isWritingStopped) throw new PosixError('EPIPE', 'write');
    await new Promise<void>((resolve, reject) => {
      // Node may keep what it is given: the program's buffer stays the program's.
      socket.write(data.slice(), (error) => (error ? reject(this.errorOf(error)) : resolve()));
    });
  }

  shutdownReading(): void {
    this.isReadingStopped = true;
    this.news.wake();
  }

  shutdownWriting(): void {
    this.isWritingStopped = true;
    this.socket?.end();
  }

  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.machine.letGo(this);
    for (const server of this.servers) server.close();
    for (const waiting of this.accepted.splice(0)) waiting.abort();
    const { socket } = this;
    // RFC 9293 §3.6.1: what will never be read must not seem to have been delivered.
    if (socket !== undefined && socket.readableLength > 0 && !socket.destroyed) this.abort();
    else if (socket?.connecting) socket.destroy();
    else socket?.destroySoon();
    this.news.wake();
  }

  private abort(): void {
    this.isClosed = true;
    this.machine.letGo(this);
    this.socket?.resetAndDestroy();
  }

  private wait<Result>(look: () => Result | undefined, timeout: Duration | undefined): Promise<Result> {
    const lookOnce = (): Result | undefined => {
      if (this.isClosed) throw new PosixError('EBADF', 'wait');
      return look();
    };
    return this.news.until(lookOnce, timeout, this.machine.isServing);
  }

  // Listens on each address that is meant. No port: one that is free on all of them.
  private async open(local: Endpoint, backlog: number): Promise<readonly Server[]> {
    const hosts = this.machine.addresses.heardOn(this.machine.name, local.address);
    if (hosts.length === 0) throw new PosixError('EADDRNOTAVAIL', 'bind');
    for (let tried = 1; ; tried++) {
      const servers: Server[] = [];
      try {
        for (const host of hosts) {
          servers.push(await this.serve(host, servers.length === 0 ? local.port : portOf(servers[0]), backlog));
        }
        this.machine.checkFree(this, { address: local.address, port: portOf(servers[0]) });
        return servers;
      } catch (error) {
        await Promise.all(servers.map(closed));
        if (local.port !== 0 || tried === MAX_CHOICES || codeOf(error) !== 'EADDRINUSE') throw error;
      }
    }
  }

  private async serve(host: string, port: number, backlog: number): Promise<Server> {
    const server = createServer({ allowHalfOpen: true }, (socket) => {
      this.accepted.push(new RealStreamSocket(this.machine, socket));
      this.news.wake();
    });
    if (this.machine.isServing) server.unref();
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host, port, backlog }, resolve);
    });
    return server;
  }

  private adopt(socket: Socket): void {
    this.socket = socket;
    if (this.machine.isServing) socket.unref();
    const wake = (): void => this.news.wake();
    socket.on('readable', wake).on('end', wake).on('close', wake);
    socket.on('error', (error) => {
      this.failure ??= this.errorOf(error).errno;
      wake();
    });
    if (!socket.connecting) this.learnEnds(socket);
  }

  private learnEnds(socket: Socket): void {
    const { addresses } = this.machine;
    this.local = addresses.seen(socket.localAddress, socket.localPort);
    this.remote = addresses.seen(socket.remoteAddress, socket.remotePort);
  }

  private errorOf(error: Error): PosixError {
    const code = codeOf(error);
    return new PosixError(isErrno(code) ? code : (this.failure ?? 'EPIPE'), 'write');
  }
}

const codeOf = (error: unknown): unknown => (error instanceof Error && 'code' in error ? error.code : undefined);

function portOf(server: Server | undefined): number {
  const address = server?.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

const closed = (server: Server): Promise<void> => new Promise((resolve) => server.close(() => resolve()));
