// Packets of a machine to itself, on their way round: bounded, first in, first out.

import { NO_SLOT } from '../../core/arena.ts';
import { type Instant, NEVER } from '../../core/time.ts';

/** Packets that may wait; further ones are dropped, as from any other queue. */
export const MAX_LOCAL_PACKETS = 1024;

export class LocalQueue {
  /** When they want to be fetched; `NEVER` when there are none. */
  deadline: Instant = NEVER;
  private readonly slots: number[] = [];
  private head = 0;

  get length(): number {
    return this.slots.length - this.head;
  }

  /** Returns false, having taken nothing, when the queue is full. */
  push(slot: number): boolean {
    if (this.length >= MAX_LOCAL_PACKETS) return false;
    // The front part is spent: made use of again before it outgrows the rest.
    if (this.head >= MAX_LOCAL_PACKETS) {
      this.slots.splice(0, this.head);
      this.head = 0;
    }
    this.slots.push(slot);
    return true;
  }

  /** The oldest, or `NO_SLOT`. */
  shift(): number {
    if (this.length === 0) return NO_SLOT;
    const slot = this.slots[this.head++] ?? NO_SLOT;
    if (this.length === 0) {
      this.slots.length = 0;
      this.head = 0;
    }
    return slot;
  }
}
