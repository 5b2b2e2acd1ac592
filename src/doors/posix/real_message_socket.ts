// A UDP socket of this machine, by way of node:dgram: one for each address on which it hears.

import { createSocket, type Socket } from 'node:dgram';
import type { Duration } from '../../core/time.ts';
import { RECEIVE_QUEUE_COUNT } from '../../stack/transport/datagram_queue.ts';
import { UNSPECIFIED_IPV4 } from '../../wire/address.ts';
import type { MessageSocket, ReceivedMessage } from './machine.ts';
import { isErrno, PosixError } from './posix_error.ts';
import type { RealMachine } from './real_machine.ts';
import { Signal } from './signal.ts';
import type { Endpoint } from './socket_address.ts';

const ANY: Endpoint = { address: UNSPECIFIED_IPV4, port: 0 };
/** A port that is free on one of a machine's addresses is nearly always free on all. */
const MAX_CHOICES = 20;

interface Member {
  readonly host: string;
  readonly socket: Socket;
}

export class RealMessageSocket implements MessageSocket {
  local: Endpoint | undefined;
  remote: Endpoint | undefined;
  private readonly machine: RealMachine;
  private readonly news = new Signal();
  private readonly queue: ReceivedMessage[] = [];
  private members: readonly Member[] = [];
  private failure: PosixError | undefined;
  private isClosed = false;

  constructor(machine: RealMachine) {
    this.machine = machine;
    machine.holdings.add(this);
  }

  async bind(local: Endpoint): Promise<void> {
    const hosts = this.machine.addresses.heardOn(this.machine.name, local.address);
    if (hosts.length === 0) throw new PosixError('EADDRNOTAVAIL', 'bind');
    await this.open(hosts, local);
  }

  async connect(remote: Endpoint): Promise<void> {
    const { addresses, name } = this.machine;
    const host = this.hostOf(remote, 'connect');
    const source = addresses.source(name, remote.address);
    if (this.local === undefined) await this.open([source], ANY);
    const chosen = this.members.find((member) => member.host === source) ?? this.members[0];
    if (chosen === undefined) throw new PosixError('EBADF', 'connect');
    const { socket } = chosen;
    for (const member of this.members) if (member !== chosen) member.socket.close();
    this.members = [chosen];
    if (this.remote !== undefined) socket.disconnect();
    await new Promise<void>((resolve, reject) => {
      socket.connect(remote.port, host, (error?: Error) => (error === undefined ? resolve() : reject(error)));
    });
    this.local = addresses.seen(socket.address().address, socket.address().port);
    this.remote = remote;
  }

  async send(data: Uint8Array, to: Endpoint | undefined): Promise<void> {
    if (this.failure !== undefined) throw this.takeFailure();
    const { addresses, name } = this.machine;
    const host = to === undefined ? '' : this.hostOf(to, 'send');
    if (this.local === undefined) await this.open(addresses.heardOn(name, UNSPECIFIED_IPV4), ANY);
    const source = to === undefined ? '' : addresses.source(name, to.address);
    const socket = (this.members.find((member) => member.host === source) ?? this.members[0])?.socket;
    await new Promise<void>((resolve, reject) => {
      const done = (error: Error | null): void => (error === null || error === undefined ? resolve() : reject(error));
      if (socket === undefined) reject(new PosixError('EBADF', 'send'));
      else if (to === undefined) socket.send(data.slice(), done);
      else socket.send(data.slice(), to.port, host, done);
    });
  }

  receive(timeout: Duration | undefined): Promise<ReceivedMessage> {
    const look = (): ReceivedMessage | undefined => {
      if (this.isClosed) throw new PosixError('EBADF', 'receive');
      if (this.failure !== undefined) throw this.takeFailure();
      return this.queue.shift();
    };
    return this.news.until(look, timeout, this.machine.isServing);
  }

  /** @throws PosixError ENOPROTOOPT: loopback has nobody to reach by broadcast */
  allowBroadcast(): void {
    throw new PosixError('ENOPROTOOPT', 'setsockopt');
  }

  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.machine.letGo(this);
    for (const { socket } of this.members) socket.close();
    this.news.wake();
  }

  private hostOf({ address, port }: Endpoint, syscall: string): string {
    const { addresses, name } = this.machine;
    if (port === 0) throw new PosixError('EINVAL', syscall);
    if (addresses.isBroadcast(address)) throw new PosixError('EACCES', syscall);
    const host = addresses.reach(name, address);
    if (host === undefined) throw new PosixError('ENETUNREACH', syscall);
    if (!addresses.mayLeave(name, this.local?.address, address)) throw new PosixError('EINVAL', syscall);
    return host;
  }

  private takeFailure(): PosixError | undefined {
    const { failure } = this;
    this.failure = undefined;
    return failure;
  }

  // No port: one that is free on all addresses.
  private async open(hosts: readonly string[], local: Endpoint): Promise<void> {
    for (let tried = 1; ; tried++) {
      const members: Member[] = [];
      let port = local.port;
      try {
        for (const host of hosts) {
          members.push({ host, socket: await this.hear(host, port) });
          port = members[0]?.socket.address().port ?? 0;
        }
        this.members = members;
        this.local = { address: local.address, port };
        return;
      } catch (error) {
        for (const { socket } of members) socket.close();
        const isTaken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
        if (local.port !== 0 || tried === MAX_CHOICES || !isTaken) throw error;
      }
    }
  }

  private async hear(host: string, port: number): Promise<Socket> {
    const socket = createSocket('udp4');
    if (this.machine.isServing) socket.unref();
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.bind(port, host, resolve);
    });
    socket.removeAllListeners('error');
    socket.on('error', (error) => {
      if ('code' in error && isErrno(error.code)) this.failure = new PosixError(error.code, 'receive');
      this.news.wake();
    });
    socket.on('message', (data, { address, port: from }) => {
      const sender = this.machine.addresses.seen(address, from);
      if (sender === undefined || this.queue.length >= RECEIVE_QUEUE_COUNT) return; // full: lost, as in any kernel
      this.queue.push({ data, from: sender });
      this.news.wake();
    });
    return socket;
  }
}
