// What happens next: a heap of sources, each with the time of its earliest event.
//
// Sources are queued, not events: a link with a thousand frames under way is one entry. Equal times are ordered by who
// is concerned (node, then port, then kind), never by when anything was entered, so a timer armed early and one armed
// late fire alike. A seed shuffles equal times instead, to find programs that lean on the order.

import { type Instant, NEVER } from './time.ts';

/** Frames come before timers of the same node. */
export const EventKind = { Frame: 0, Timer: 1, BackgroundTimer: 2 } as const;
export type EventKind = (typeof EventKind)[keyof typeof EventKind];

const PORTS = 0x100_0000;
const KINDS = 4;

/** The place of a source among those of equal time; `port` up to 2^24 - 1, `node` up to 2^26. */
export const eventRank = (node: number, port: number, kind: EventKind): number => (node * PORTS + port) * KINDS + kind;

/** What can stand in a queue. Its time is the queue's to know, its rank follows from what it is: a world has many. */
export interface Queued {
  /** Where it stands in the heap; -1 while it is not queued. Set by the queue alone. */
  place: number;
  /** Orders equal times. Must not change while it is queued. */
  readonly rank: number;
  /** What is in the background does not keep a world alive. Must not change while it is queued. */
  readonly isBackground: boolean;
}

export abstract class EventSource implements Queued {
  place = -1;

  abstract readonly rank: number;

  get isBackground(): boolean {
    return false;
  }

  /** Does what is due at `now`. It must have moved its own time on (`EventQueue.schedule`) when it returns. */
  abstract fire(now: Instant): void;
}

const ARITY = 4; // shallower than a binary heap, and four children lie side by side

/** Of an empty first place, so that nothing moves up into it. */
const BEFORE_ALL = Number.NEGATIVE_INFINITY as Instant;

const NO_SOURCES: never[] = [];
const NO_TIMES: Instant[] = [];

export class EventQueue<Source extends Queued = EventSource> {
  private heap: Source[] = NO_SOURCES;
  // Their times, at the same places: a heap of ten thousand is searched without touching the sources.
  private times: Instant[] = NO_TIMES;
  private foreground = 0;
  // The first place is empty: whoever was due there has been taken out. It is nearly always followed by somebody who is
  // due soon, and takes the place; the last of ten thousand would sink through all of them.
  private hasHole = false;
  private readonly shuffleSeed: number | undefined;

  /** @param shuffleSeed when given, equal times are ordered by it instead of by rank; 32 bits */
  constructor(shuffleSeed?: number) {
    this.shuffleSeed = shuffleSeed;
  }

  /** Queued sources that keep the world alive. */
  get foregroundCount(): number {
    return this.foreground;
  }

  get size(): number {
    return this.heap.length - (this.hasHole ? 1 : 0);
  }

  /** The source whose turn is next; it stays queued until it is scheduled anew. */
  peek(): Source | undefined {
    if (this.hasHole) this.fillHole();
    return this.heap[0];
  }

  /** When the source whose turn is next is due; `NEVER` when there is none. */
  get nextTime(): Instant {
    if (this.hasHole) this.fillHole();
    return this.times[0] ?? NEVER;
  }

  /** When `source` is due; `NEVER` while it is not queued. It is queued here or nowhere. */
  timeOf(source: Source): Instant {
    return source.place < 0 ? NEVER : (this.times[source.place] ?? NEVER);
  }

  /**
   * Whether the source that stands at `place` is due after `time` only, or is not queued: without a number on the heap
   * for the answer, and without a look at the source, of which there are many kinds.
   */
  isDueAfter(place: number, time: Instant): boolean {
    return place < 0 || (this.times[place] ?? NEVER) > time;
  }

  /** Enters, moves or (with `NEVER`) removes a source. */
  schedule(source: Source, time: Instant): void {
    const { place } = source;
    const isQueued = place >= 0;
    const before = isQueued ? (this.times[place] ?? NEVER) : NEVER;
    if (before === time) return;
    if (time === NEVER) {
      if (isQueued) this.remove(source);
    } else if (!isQueued) {
      if (!source.isBackground) this.foreground++;
      if (this.hasHole) {
        this.hasHole = false;
        source.place = 0;
        this.down(source, time);
      } else if (this.heap === NO_SOURCES) this.begin(source, time);
      else {
        source.place = this.heap.push(source) - 1;
        this.times.push(time);
        this.up(source, time);
      }
    } else if (time < before) this.up(source, time);
    else this.down(source, time);
  }

  // Most machines have a queue with one source in it: no slack before there is a second.
  private begin(source: Source, time: Instant): void {
    this.heap = [source];
    this.times = [time];
    source.place = 0;
  }

  private remove(source: Source): void {
    const at = source.place;
    source.place = -1;
    if (!source.isBackground) this.foreground--;
    if (at === 0) {
      this.hasHole = true;
      this.times[0] = BEFORE_ALL;
      return;
    }
    const last = this.heap.pop();
    const time = this.times.pop();
    if (last === undefined || time === undefined || last === source) return;
    this.put(at, last, time);
    if (!this.up(last, time)) this.down(last, time);
  }

  private fillHole(): void {
    this.hasHole = false;
    const last = this.heap.pop();
    const time = this.times.pop();
    if (last === undefined || time === undefined || this.heap.length === 0) return; // there was nothing else
    last.place = 0;
    this.down(last, time);
  }

  private put(at: number, source: Source, time: Instant): void {
    this.heap[at] = source;
    this.times[at] = time;
    source.place = at;
  }

  private up(source: Source, time: Instant): boolean {
    const { heap, times } = this;
    const from = source.place;
    let at = from;
    while (at > 0) {
      const parentAt = ((at - 1) / ARITY) | 0;
      const parent = heap[parentAt];
      const parentTime = times[parentAt];
      if (parent === undefined || parentTime === undefined) break;
      if (time > parentTime || (time === parentTime && !this.isBeforeAt(time, source, parent))) break;
      this.put(at, parent, parentTime);
      at = parentAt;
    }
    this.put(at, source, time);
    return at !== from;
  }

  private down(source: Source, time: Instant): void {
    const { heap, times } = this;
    const size = heap.length;
    let at = source.place;
    for (;;) {
      const first = at * ARITY + 1;
      if (first >= size) break;
      let bestAt = first;
      let bestTime = times[first] ?? NEVER;
      const end = Math.min(first + ARITY, size);
      for (let i = first + 1; i < end; i++) {
        const childTime = times[i] ?? NEVER;
        if (childTime > bestTime || (childTime === bestTime && !this.isChildBefore(bestTime, i, bestAt))) continue;
        bestAt = i;
        bestTime = childTime;
      }
      const best = heap[bestAt];
      if (best === undefined || bestTime > time) break;
      if (bestTime === time && !this.isBeforeAt(time, best, source)) break;
      this.put(at, best, bestTime);
      at = bestAt;
    }
    this.put(at, source, time);
  }

  private isChildBefore(time: Instant, a: number, b: number): boolean {
    const first = this.heap[a];
    const second = this.heap[b];
    return first !== undefined && second !== undefined && this.isBeforeAt(time, first, second);
  }

  // Of two sources of equal time.
  private isBeforeAt(time: Instant, a: Source, b: Source): boolean {
    if (this.shuffleSeed !== undefined) {
      const order = shuffledRank(a.rank, time, this.shuffleSeed) - shuffledRank(b.rank, time, this.shuffleSeed);
      if (order !== 0) return order < 0;
    }
    return a.rank < b.rank;
  }
}

/** What orders equal times instead of the rank: a seeded bijection on 32 bits, the finalizer of MurmurHash3. */
export function shuffledRank(rank: number, time: Instant, seed: number): number {
  let h = (rank ^ Math.floor(rank / 0x1_0000_0000) ^ seed) | 0;
  h = Math.imul(h ^ (time % 0x1_0000_0000) ^ Math.floor(time / 0x1_0000_0000), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
