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

/** Milliseconds on either side of when a hello should come: a round trip, and clocks that do not agree (§8.3). */
const DEFAULT_WINDOW = 10_000;
/** Hellos remembered; once there are so many in a window, early data waits for the handshake. */
const DEFAULT_CAPACITY = 10_000;

export class SingleUseWindow implements ReplayDefence {
  private readonly window: number;
  private readonly capacity: number;
  /** Until when each is remembered at least; in the order in which they came, which is nearly that of the times. */
  private readonly seen = new Map<string, number>();

  /** @throws RangeError on a window or capacity that is no positive number */
  constructor({ window = DEFAULT_WINDOW, capacity = DEFAULT_CAPACITY }: { window?: number; capacity?: number } = {}) {
    if (!(window > 0)) throw new RangeError(`window must be a positive number of milliseconds, not ${window}`);
    if (!(capacity > 0)) throw new RangeError(`capacity must be a positive number of hellos, not ${capacity}`);
    this.window = window;
    this.capacity = capacity;
  }

  admit(binder: Uint8Array, expectedArrival: number, now: number): boolean {
    if (Math.abs(now - expectedArrival) > this.window) return false;
    this.forget(now);
    const key = hexOf(binder);
    if (this.seen.has(key) || this.seen.size >= this.capacity) return false;
    // Sent again later than this, it is out of the window, whatever is remembered.
    this.seen.set(key, expectedArrival + this.window);
    return true;
  }

  private forget(now: number): void {
    for (const [key, until] of this.seen) {
      if (until >= now) break;
      this.seen.delete(key);
    }
  }
}
