// What a machine can do at the same time. Without limits, work takes its time and nothing queues; with limits, programs
// wait for a worker in the order in which they came, and requests beyond the queue are turned away: a machine that can be
// overloaded.

import { after, type Duration, type Instant, NEVER } from '../../core/time.ts';
import { type Program, SocketError } from '../app/program.ts';
import type { Host } from './host.ts';
import type { HostProcess } from './process.ts';

export interface CapacityOptions {
  /** Workers, each busy with one request at a time. */
  readonly workers: number;
  /** Pieces of work that may wait; one more is refused with `ENOBUFS`. */
  readonly queueLimit: number;
  /** Bytes for accepted connections, `CONNECTION_MEMORY` each; one more is reset. No limit unless given. */
  readonly memory?: number;
}

/** What an accepted connection costs until it is closed: its buffers and its program. */
export const CONNECTION_MEMORY = 16_384;

/** A piece of work that waits for a worker. */
interface Ticket {
  readonly process: HostProcess;
  hasWorker: boolean;
}

export class Capacity {
  readonly options: CapacityOptions;
  /** Pieces of work done, and turned away. */
  done = 0;
  refused = 0;
  private readonly host: Host;
  private busy = 0;
  private connections = 0;
  private readonly waiting: Ticket[] = [];

  constructor(host: Host, options: CapacityOptions) {
    this.host = host;
    this.options = options;
  }

  /** Workers that are busy, and pieces of work that wait. */
  get load(): { readonly busy: number; readonly waiting: number } {
    return { busy: this.busy, waiting: this.waiting.length };
  }

  /** Room for one more connection; give it back by `releaseConnection`. */
  takeConnection(): boolean {
    if ((this.connections + 1) * CONNECTION_MEMORY > (this.options.memory ?? Number.POSITIVE_INFINITY)) {
      this.refused++;
      return false;
    }
    this.connections++;
    return true;
  }

  releaseConnection(): void {
    this.connections--;
  }

  *work(process: HostProcess, duration: Duration): Program<void> {
    const ticket = this.enter(process);
    try {
      while (!ticket.hasWorker) yield NEVER;
      const end: Instant = after(this.host.now, duration);
      while (this.host.now < end) yield end;
      this.done++;
    } finally {
      this.leave(ticket); // also when the process is killed, wherever it stands
    }
  }

  private enter(process: HostProcess): Ticket {
    const { workers, queueLimit } = this.options;
    const ticket = { process, hasWorker: this.busy < workers };
    if (ticket.hasWorker) this.busy++;
    else if (this.waiting.length < queueLimit) this.waiting.push(ticket);
    else {
      this.refused++;
      throw new SocketError('ENOBUFS', `${this.host.name} has ${workers} workers, and its queue is full`);
    }
    return ticket;
  }

  // A worker goes from hand to hand: between two pieces of work nobody can take it who came later.
  private leave(ticket: Ticket): void {
    if (!ticket.hasWorker) {
      this.waiting.splice(this.waiting.indexOf(ticket), 1);
      return;
    }
    const next = this.waiting.shift();
    if (next === undefined) this.busy--;
    else {
      next.hasWorker = true;
      this.host.makeRunnable(next.process);
    }
  }
}
