// The pending timeouts of one mailbox, the earliest first; of equal time, the one that was set first.

import { type Instant, NEVER } from '../../core/time.ts';
import { MAX_TIMEOUTS } from './lab.ts';

export interface Timeout {
  readonly id: number;
  readonly time: Instant;
  readonly callback: () => void;
}

export class Timeouts {
  private readonly pending: Timeout[] = [];
  private latestId = 0;

  /** When the next one is due; `NEVER` where none is pending. */
  get next(): Instant {
    return this.pending[0]?.time ?? NEVER;
  }

  /** Returns its number, from 1; nothing when `MAX_TIMEOUTS` are pending. */
  add(time: Instant, callback: () => void): number | undefined {
    if (this.pending.length === MAX_TIMEOUTS) return undefined;
    const timeout = { id: ++this.latestId, time, callback };
    let place = this.pending.length;
    while (place > 0 && (this.pending[place - 1]?.time ?? 0) > time) place--;
    this.pending.splice(place, 0, timeout);
    return timeout.id;
  }

  /** Returns whether it was pending. */
  remove(id: number): boolean {
    const place = this.pending.findIndex((timeout) => timeout.id === id);
    if (place >= 0) this.pending.splice(place, 1);
    return place >= 0;
  }

  /** Takes the next one out if it is due. */
  takeDue(now: Instant): Timeout | undefined {
    return this.next <= now ? this.pending.shift() : undefined;
  }
}
