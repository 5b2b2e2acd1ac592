// Frames under way on one direction of a link, in the order of their arrival. Rings are borrowed from a pool while there
// is something in them: of ten thousand idle links none has one.

import { type Instant, START } from '../../core/time.ts';

const CAPACITY = 16;
/** Rings that are kept for the next one who needs one. */
const MAX_IDLE_RINGS = 1024;

/** An empty ring, a used one where there is one. */
export function borrowRing(idle: FrameRing[]): FrameRing {
  const ring = idle.pop() ?? new FrameRing();
  ring.busyUntil = START;
  return ring;
}

/** Gives an empty ring back. */
export function returnRing(idle: FrameRing[], ring: FrameRing): void {
  if (idle.length < MAX_IDLE_RINGS) idle.push(ring);
}

export class FrameRing {
  /** Until when the transmitter is busy with the frames handed to it; in the past when it is not. */
  busyUntil: Instant = START;
  private times = new Float64Array(CAPACITY);
  private slots = new Int32Array(CAPACITY);
  private intact = new Uint8Array(CAPACITY);
  private mask = CAPACITY - 1;
  private head = 0;
  private count = 0;

  get length(): number {
    return this.count;
  }

  /** Arrival of the first frame. */
  get firstTime(): Instant {
    return (this.times[this.head] ?? 0) as Instant;
  }

  get lastTime(): Instant {
    return (this.times[(this.head + this.count - 1) & this.mask] ?? 0) as Instant;
  }

  get firstSlot(): number {
    return this.slots[this.head] ?? 0;
  }

  get isFirstIntact(): boolean {
    return this.intact[this.head] === 1;
  }

  /** Enters a frame behind all that arrive no later: nearly always at the end. */
  push(time: Instant, slot: number, isIntact: boolean): void {
    if (this.count > this.mask) this.enlarge();
    let at = this.count++;
    for (; at > 0; at--) {
      const before = (this.head + at - 1) & this.mask;
      if ((this.times[before] ?? 0) <= time) break;
      const to = (before + 1) & this.mask;
      this.times[to] = this.times[before] ?? 0;
      this.slots[to] = this.slots[before] ?? 0;
      this.intact[to] = this.intact[before] ?? 0;
    }
    const to = (this.head + at) & this.mask;
    this.times[to] = time;
    this.slots[to] = slot;
    this.intact[to] = isIntact ? 1 : 0;
  }

  shift(): void {
    this.head = (this.head + 1) & this.mask;
    this.count--;
  }

  private enlarge(): void {
    const { times, slots, intact, mask, head, count } = this;
    const capacity = 2 * (mask + 1);
    this.times = new Float64Array(capacity);
    this.slots = new Int32Array(capacity);
    this.intact = new Uint8Array(capacity);
    for (let i = 0; i < count; i++) {
      const from = (head + i) & mask;
      this.times[i] = times[from] ?? 0;
      this.slots[i] = slots[from] ?? 0;
      this.intact[i] = intact[from] ?? 0;
    }
    this.mask = capacity - 1;
    this.head = 0;
  }
}
