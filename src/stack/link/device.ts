// What is plugged into a link: hosts, switches, shared media.

import type { Arena } from '../../core/arena.ts';
import type { DropReason } from '../../core/drop_reason.ts';
import type { EventQueue } from '../../core/event_queue.ts';
import type { Duration, Instant } from '../../core/time.ts';
import type { FrameRing } from './frame_ring.ts';

/** What all links of a world share. */
export interface LinkContext {
  readonly arena: Arena;
  readonly queue: EventQueue;
  /** Rings that no link needs at the moment. */
  readonly idleRings: FrameRing[];
}

/** The receiving side of a link. */
export interface Device {
  /** Orders what happens at the same time; unique in a world. */
  readonly node: number;
  /**
   * A frame has arrived whole; the reference to `slot` is the device's now. `isIntact` is false when the frame check
   * sequence does not match: every station drops such a frame without a word (IEEE 802.3 §3.4), and counts it. Others
   * may hold the same slot: whoever changes, trims or prepends anything owns it first (`Arena.own`).
   */
  receive(now: Instant, port: number, slot: number, isIntact: boolean): void;
}

/** The sending side of a link: takes over the reference to `slot`. */
export interface Transmitter {
  transmit(now: Instant, slot: number): void;
}

/** What became of a frame after it was put on the medium. */
export type FrameFate = 'sent' | 'lost' | 'damaged' | 'damaged-beyond-fcs' | 'duplicated';

/** Sees each frame as the sender puts it on the medium, at the time when its transmission starts. Must not keep `slot`. */
export interface FrameTap {
  frame(startsAt: Instant, slot: number, fate: FrameFate): void;
  /** A frame that the medium gave up: queue full, link down, dropped by a rule. With a cut it was seen before. */
  dropped?(now: Instant, slot: number, reason: DropReason): void;
}

export type Verdict = 'pass' | 'drop' | { readonly delay: Duration } | { readonly replace: readonly Uint8Array[] };

/** Looks at each frame before it is queued. The first rule that does not say `pass` decides. */
export interface FrameRule {
  judge(now: Instant, frame: Uint8Array): Verdict;
}
