// The file descriptors of one process: small integers, the lowest that is free. 0, 1 and 2 are its terminal.

import type { Duration } from '../../core/time.ts';
import type { MessageSocket, StreamSocket } from './machine.ts';
import { PosixError } from './posix_error.ts';

/** Descriptors of a process, as Linux sets the limit (`ulimit -n`); EMFILE beyond. */
export const MAX_DESCRIPTORS = 1024;

export interface Stream {
  readonly kind: 'stream';
  readonly socket: StreamSocket;
  state: 'new' | 'bound' | 'listening' | 'connecting' | 'connected';
  mayReuse: boolean;
  /** The connection has died, and the program was told of what. */
  isDead: boolean;
  receiveTimeout: Duration | undefined;
}

export interface Messages {
  readonly kind: 'messages';
  readonly socket: MessageSocket;
  mayBroadcast: boolean;
  receiveTimeout: Duration | undefined;
}

export interface Terminal {
  readonly kind: 'terminal';
  readonly isInput: boolean;
}

export type Description = Stream | Messages | Terminal;

export class Descriptors {
  private readonly checkRunning: (syscall: string) => void;
  private readonly open: (Description | undefined)[] = [
    { kind: 'terminal', isInput: true },
    { kind: 'terminal', isInput: false },
    { kind: 'terminal', isInput: false },
  ];

  /** @param checkRunning throws once the process is over */
  constructor(checkRunning: (syscall: string) => void) {
    this.checkRunning = checkRunning;
  }

  /** @throws PosixError EBADF */
  get(fd: number, syscall: string): Description {
    this.checkRunning(syscall);
    const description = Number.isInteger(fd) ? this.open[fd] : undefined;
    if (description === undefined) throw new PosixError('EBADF', syscall);
    return description;
  }

  /** @throws PosixError EBADF, ENOTSOCK */
  socket(fd: number, syscall: string): Stream | Messages {
    const description = this.get(fd, syscall);
    if (description.kind === 'terminal') throw new PosixError('ENOTSOCK', syscall);
    return description;
  }

  /** @throws PosixError EBADF, ENOTSOCK, EOPNOTSUPP on a datagram socket */
  stream(fd: number, syscall: string): Stream {
    const description = this.socket(fd, syscall);
    if (description.kind !== 'stream') throw new PosixError('EOPNOTSUPP', syscall);
    return description;
  }

  /** @throws PosixError EMFILE */
  checkRoom(syscall: string): void {
    this.checkRunning(syscall);
    if (this.lowestFree() >= MAX_DESCRIPTORS) throw new PosixError('EMFILE', syscall);
  }

  /** @throws PosixError EMFILE */
  add(description: Description, syscall: string): number {
    this.checkRoom(syscall);
    const fd = this.lowestFree();
    this.open[fd] = description;
    return fd;
  }

  remove(fd: number): void {
    this.open[fd] = undefined;
  }

  /** Leaves none open. */
  takeAll(): readonly Description[] {
    return this.open.splice(0).filter((description) => description !== undefined);
  }

  private lowestFree(): number {
    const free = this.open.indexOf(undefined);
    return free < 0 ? this.open.length : free;
  }
}
