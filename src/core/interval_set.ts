// A set of numbers kept as sorted, disjoint, non-adjoining ranges: which bytes have arrived out of order, which have been
// acknowledged selectively. Numbers are serials (serial.ts), so plain offsets below 2^31 work too.
//
//     [start, end)   [start, end)   [start, end)
//
// All members lie within 2^31 of each other; that is the caller's to see to, and a receive window always does. The number
// of ranges is bounded: `add` refuses a range beyond it, so a peer that sends every other byte cannot make it grow.

import { type Serial, serialAtMost, serialBefore, serialDistance, serialLater } from './serial.ts';

export class IntervalSet {
  private readonly limit: number;
  // start, end, start, end ...
  private readonly bounds: Serial[] = [];

  /** @param limit the most ranges it will hold */
  constructor(limit: number) {
    this.limit = limit;
  }

  /** How many ranges there are. */
  get size(): number {
    return this.bounds.length >> 1;
  }

  /** How many numbers there are. */
  get count(): number {
    let count = 0;
    for (let i = 0; i < this.size; i++) count += serialDistance(this.end(i), this.start(i));
    return count;
  }

  /** First number of range `i`, 0 to `size` - 1. */
  start(i: number): Serial {
    return this.bounds[2 * i] ?? 0;
  }

  /** The number behind the last of range `i`. */
  end(i: number): Serial {
    return this.bounds[2 * i + 1] ?? 0;
  }

  /** Which range holds `at`; -1 for none. */
  indexOf(at: Serial): number {
    const i = this.firstEndingBehind(at);
    return i < this.size && serialAtMost(this.start(i), at) ? i : -1;
  }

  has(at: Serial): boolean {
    return this.indexOf(at) >= 0;
  }

  /** Whether all of `[start, end)` is in the set. */
  covers(start: Serial, end: Serial): boolean {
    const i = this.indexOf(start);
    return i >= 0 && serialAtMost(end, this.end(i));
  }

  /** Adds `[start, end)`; false, having added nothing, when that would be one range too many. */
  add(start: Serial, end: Serial): boolean {
    if (!serialBefore(start, end)) return true;
    let first = this.firstEndingBehind(start);
    // A range that ends exactly at `start` joins with the new one.
    if (first > 0 && this.end(first - 1) === start) first--;
    let last = first;
    while (last < this.size && serialAtMost(this.start(last), end)) last++;
    if (last === first) {
      if (this.size === this.limit) return false;
      this.bounds.splice(2 * first, 0, start, end);
      return true;
    }
    const joinedStart = serialBefore(start, this.start(first)) ? start : this.start(first);
    const joinedEnd = serialLater(end, this.end(last - 1));
    this.bounds.splice(2 * first, 2 * (last - first), joinedStart, joinedEnd);
    return true;
  }

  /** Removes all numbers before `at`. */
  removeBefore(at: Serial): void {
    const first = this.firstEndingBehind(at);
    if (first > 0) this.bounds.splice(0, 2 * first);
    if (this.size > 0 && serialBefore(this.start(0), at)) this.bounds[0] = at;
  }

  clear(): void {
    this.bounds.length = 0;
  }

  // The first range whose end lies behind `at`; `size` when none does. Searched from the back: news comes in there.
  private firstEndingBehind(at: Serial): number {
    let i = this.size;
    while (i > 0 && serialBefore(at, this.end(i - 1))) i--;
    return i;
  }
}
