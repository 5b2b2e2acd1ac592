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
  /** How long a worker takes for a piece of work that does not say so itself. */
  readonly serviceTime: Duration;
  /** Pieces of work that may wait; one more is refused with `ENOBUFS`. */
  readonly queueLimit: number;
}

export class Capacity {
  readonly options: CapacityOptions;
  /** Pieces of work done, and turned away. */
  done = 0;
  refused = 0;
  private readonly host: Host;
  private busy = 0;
  private readonly waiting: HostProcess[] = [];

  constructor(host: Host, options: CapacityOptions) {
    this.host = host;
    this.options = options;
  }

  /** Workers that are busy, and pieces of work that wait. */
  get load(): { readonly busy: number; readonly waiting: number } {
    return { busy: this.busy, waiting: this.waiting.length };
  }

  *work(process: HostProcess, duration: Duration): Program<void> {
    if (this.busy >= this.options.workers) {
      if (this.waiting.length >= this.options.queueLimit) {
        this.refused++;
        throw new SocketError(
          'ENOBUFS',
          `${this.host.name} has ${this.options.workers} workers, and its queue is full`,
        );
      }
      this.waiting.push(process);
      while (this.waiting.includes(process)) yield NEVER;
    }
    this.busy++;
    try {
      const end: Instant = after(this.host.now, duration);
      while (this.host.now < end) yield end;
      this.done++;
    } finally {
      this.busy--;
      const next = this.waiting.shift();
      if (next !== undefined) this.host.makeRunnable(next);
    }
  }
}
