// Early data can be sent again by whoever recorded it (RFC 8446 §8). Two defences together: each hello is taken once within a
// window (§8.2), and a hello from outside the window is not taken at all (§8.3).

import { hexOf } from '../../core/bytes.ts';

export interface ReplayDefence {
  /**
   * Whether early data of this hello may be taken; remembers it if so.
   * @param binder of the PSK: another one for every hello
   * @param expectedArrival when the hello should come, by the ticket's age, in milliseconds since 1970
   */
  admit(binder: Uint8Array, expectedArrival: number, now: number): boolean;
}

/** Milliseconds by which a hello may come early or late: RFC 8446 §8.3 finds 10 seconds enough for clients on the internet. */
const DEFAULT_WINDOW = 10_000;
const DEFAULT_CAPACITY = 65_536;

/**
 * The hellos of one server, in bounded memory: once it is full no early data is taken, until older ones are forgotten. It knows
 * what it has seen itself: who restores a server's tickets must not give it a new window.
 */
export class SingleUseWindow implements ReplayDefence {
  private readonly window: number;
  private readonly capacity: number;
  /** A generation lasts two windows: so long can a hello be admitted, and so long at least it stays in one of two. */
  private since = 0;
  private newer: Set<string> = new Set();
  private older: Set<string> = new Set();

  /** @param window in milliseconds @param capacity hellos @throws RangeError unless both are above 0 */
  constructor(window: number = DEFAULT_WINDOW, capacity: number = DEFAULT_CAPACITY) {
    if (!(window > 0)) throw new RangeError(`the window must be above 0 milliseconds, not ${window}`);
    if (!(capacity > 0)) throw new RangeError(`the capacity must be above 0 hellos, not ${capacity}`);
    this.window = window;
    this.capacity = capacity;
  }

  admit(binder: Uint8Array, expectedArrival: number, now: number): boolean {
    if (!(Math.abs(now - expectedArrival) <= this.window)) return false;
    this.forget(now);
    const key = hexOf(binder);
    if (this.newer.has(key) || this.older.has(key)) return false;
    if (this.newer.size + this.older.size >= this.capacity) return false;
    this.newer.add(key);
    return true;
  }

  private forget(now: number): void {
    const generation = 2 * this.window;
    if (now - this.since <= generation) return;
    this.older = now - this.since <= 2 * generation ? this.newer : new Set();
    this.newer = new Set();
    this.since = now;
  }
}
