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

export abstract class EventSource {
  /** When `fire` is due; `NEVER` while it is not queued. Set by the queue alone. */
  time: Instant = NEVER;
  /** Where it stands in the heap. Set by the queue alone. */
  index = -1;
  /** Orders equal times: the rank, or its shuffled image. Set by the queue alone. */
  tie = 0;
  readonly rank: number;
  /** Background sources do not keep a world alive. Must not change while the source is queued. */
  isBackground: boolean;

  constructor(rank: number, isBackground = false) {
    this.rank = rank;
    this.isBackground = isBackground;
  }

  /** Does what is due at `now`. It must have moved its own time on (`EventQueue.schedule`) when it returns. */
  abstract fire(now: Instant): void;
}

const ARITY = 4; // shallower than a binary heap, and four children lie side by side

export class EventQueue {
  private readonly heap: EventSource[] = [];
  private foreground = 0;
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
    return this.heap.length;
  }

  /** The source whose turn is next; it stays queued until it is scheduled anew. */
  peek(): EventSource | undefined {
    return this.heap[0];
  }

  /** Enters, moves or (with `NEVER`) removes a source. */
  schedule(source: EventSource, time: Instant): void {
    if (source.time === time) return;
    const isQueued = source.index >= 0;
    source.time = time;
    if (time === NEVER) {
      if (isQueued) this.remove(source);
      return;
    }
    source.tie = this.shuffleSeed === undefined ? source.rank : shuffled(source.rank, time, this.shuffleSeed);
    if (!isQueued) {
      source.index = this.heap.push(source) - 1;
      if (!source.isBackground) this.foreground++;
      this.up(source);
    } else if (!this.up(source)) this.down(source);
  }

  private remove(source: EventSource): void {
    const at = source.index;
    const last = this.heap.pop();
    source.index = -1;
    if (!source.isBackground) this.foreground--;
    if (last === undefined || last === source) return;
    last.index = at;
    this.heap[at] = last;
    if (!this.up(last)) this.down(last);
  }

  private up(source: EventSource): boolean {
    const heap = this.heap;
    const from = source.index;
    let at = from;
    while (at > 0) {
      const parentAt = ((at - 1) / ARITY) | 0;
      const parent = heap[parentAt];
      if (parent === undefined || !isBefore(source, parent)) break;
      heap[at] = parent;
      parent.index = at;
      at = parentAt;
    }
    heap[at] = source;
    source.index = at;
    return at !== from;
  }

  private down(source: EventSource): void {
    const heap = this.heap;
    const size = heap.length;
    let at = source.index;
    for (;;) {
      const first = at * ARITY + 1;
      if (first >= size) break;
      let best = heap[first];
      const end = Math.min(first + ARITY, size);
      for (let i = first + 1; i < end; i++) {
        const child = heap[i];
        if (best !== undefined && child !== undefined && isBefore(child, best)) best = child;
      }
      if (best === undefined || !isBefore(best, source)) break;
      const next = best.index;
      heap[at] = best;
      best.index = at;
      at = next;
    }
    heap[at] = source;
    source.index = at;
  }
}

function isBefore(a: EventSource, b: EventSource): boolean {
  if (a.time !== b.time) return a.time < b.time;
  if (a.tie !== b.tie) return a.tie < b.tie;
  return a.rank < b.rank;
}

// A bijection on 32 bits of rank and time, seeded: the finalizer of MurmurHash3.
function shuffled(rank: number, time: Instant, seed: number): number {
  let h = (rank ^ Math.floor(rank / 0x1_0000_0000) ^ seed) | 0;
  h = Math.imul(h ^ (time % 0x1_0000_0000) ^ Math.floor(time / 0x1_0000_0000), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
