// Links in tests: a world of nothing but media and listeners, with what arrives written down as text.

import { Arena } from '../../src/core/arena.ts';
import { textOf, utf8 } from '../../src/core/bytes.ts';
import { type DropReason, dropName } from '../../src/core/drop_reason.ts';
import { EventQueue } from '../../src/core/event_queue.ts';
import { formatInstant, type Instant } from '../../src/core/time.ts';
import type { Device, FrameFate, FrameTap, LinkContext } from '../../src/stack/link/device.ts';

/** A frame with a name that can be read off its bytes, `length` bytes long. */
export function namedFrame(name: string, length: number = 60): Uint8Array {
  const frame = new Uint8Array(length);
  frame.set(utf8(name));
  return frame;
}

/** The name of such a frame. */
export const nameOf = (frame: Uint8Array): string => textOf(frame).split('\0', 1).join();

/** Hears everything, and writes down `time node.port name`. */
export class Listener implements Device {
  readonly node: number;
  private readonly bench: LinkBench;

  constructor(bench: LinkBench, node: number) {
    this.bench = bench;
    this.node = node;
  }

  receive(now: Instant, port: number, slot: number, isIntact: boolean): void {
    const { arena } = this.bench.context;
    const text = this.bench.describe(arena.copyOut(slot));
    this.bench.log.push(`${formatInstant(now)} ${this.node}.${port} ${text}${isIntact ? '' : ' damaged'}`);
    this.bench.arrivals.push({ time: now, node: this.node, frame: arena.copyOut(slot), isIntact });
    arena.release(slot);
  }
}

export class LinkBench {
  readonly context: LinkContext = { arena: new Arena(), queue: new EventQueue(), idleRings: [] };
  readonly log: string[] = [];
  readonly arrivals: { time: Instant; node: number; frame: Uint8Array; isIntact: boolean }[] = [];
  readonly tapped: string[] = [];
  readonly tap: FrameTap = {
    frame: (startsAt: Instant, slot: number, fate: FrameFate) => {
      this.tapped.push(`${formatInstant(startsAt)} ${this.describe(this.context.arena.copyOut(slot))} ${fate}`);
    },
    dropped: (now: Instant, slot: number, reason: DropReason) => {
      const text = this.describe(this.context.arena.copyOut(slot));
      this.tapped.push(`${formatInstant(now)} ${text} ${dropName(reason)}`);
    },
  };
  /** How the log names a frame. */
  describe: (frame: Uint8Array) => string = nameOf;

  listener(node: number): Listener {
    return new Listener(this, node);
  }

  slot(frame: Uint8Array): number {
    return this.context.arena.allocateFrom(frame);
  }

  /** Lets everything happen up to and including `end`; returns it. */
  runUntil(end: Instant): Instant {
    const { queue } = this.context;
    for (let next = queue.peek(); next !== undefined && queue.nextTime <= end; next = queue.peek())
      next.fire(queue.nextTime);
    return end;
  }

  /** Until nothing is queued. */
  run(): void {
    const { queue } = this.context;
    for (let next = queue.peek(); next !== undefined; next = queue.peek()) next.fire(queue.nextTime);
  }
}
