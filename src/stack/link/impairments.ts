// What an imperfect medium does to the frames that cross it, drawn from the link's own randomness.
//
//   lost? --> jitter --> reordered? --> damaged? or else duplicated?
//
// Options may change at any time: a fault starts and stops. Each kind counts its hits, so that one which never bit shows.

import { type Arena, NO_SLOT } from '../../core/arena.ts';
import type { Random } from '../../core/random.ts';
import type { Duration, Instant } from '../../core/time.ts';
import type { FrameFate } from './device.ts';

export interface ImpairmentOptions {
  /** Extra delay, uniform from 0 to this; the order of frames stays. */
  readonly jitter: Duration;
  /** Probabilities, 0 to 1. */
  readonly loss: number;
  readonly duplicate: number;
  readonly reorder: number;
  /** How much later a reordered frame comes; frames behind it pass. */
  readonly reorderDelay: Duration;
  readonly corrupt: number;
  /** `wire`: the check sequence shows it, the receiver drops the frame. `beyond-fcs`: damage inside a box, not shown. */
  readonly corruptKind: 'wire' | 'beyond-fcs';
}

export const NO_IMPAIRMENTS: ImpairmentOptions = {
  jitter: 0 as Duration,
  loss: 0,
  duplicate: 0,
  reorder: 0,
  reorderDelay: 0 as Duration,
  corrupt: 0,
  corruptKind: 'wire',
};

/** Frames that met each kind so far. */
export interface ImpairmentHits {
  lost: number;
  jittered: number;
  reordered: number;
  corrupted: number;
  duplicated: number;
}

/** One frame's crossing. One object serves all: read it before the next frame. */
export interface Crossing {
  fate: FrameFate;
  extraDelay: Duration;
  /** A slot with the damaged bytes, or `NO_SLOT`. */
  damaged: number;
  isIntact: boolean;
}

export class Impairments {
  readonly hits: ImpairmentHits = { lost: 0, jittered: 0, reordered: 0, corrupted: 0, duplicated: 0 };
  private current: ImpairmentOptions;
  private readonly random: Random;
  private readonly crossing: Crossing = { fate: 'sent', extraDelay: 0 as Duration, damaged: NO_SLOT, isIntact: true };
  // Of the frames that were not reordered: none arrives before its predecessor, whatever the jitter.
  private lastArrival = 0;

  /** @throws RangeError on a probability outside 0 to 1, or a delay below 0 */
  constructor(options: Partial<ImpairmentOptions>, random: Random) {
    this.current = checked({ ...NO_IMPAIRMENTS, ...options });
    this.random = random;
  }

  get options(): ImpairmentOptions {
    return this.current;
  }

  /** Changes what is given, from the next frame on. @throws RangeError as the constructor */
  change(options: Partial<ImpairmentOptions>): void {
    this.current = checked({ ...this.current, ...options });
  }

  cross(sentAt: Instant, arena: Arena, slot: number): Crossing {
    const { current, random, crossing, hits } = this;
    crossing.fate = 'sent';
    crossing.damaged = NO_SLOT;
    crossing.isIntact = true;
    if (random.chance(current.loss)) {
      hits.lost++;
      crossing.fate = 'lost';
      return crossing;
    }
    this.delayFrame(sentAt);
    if (random.chance(current.corrupt) && arena.length(slot) > 0) {
      hits.corrupted++;
      crossing.fate = current.corruptKind === 'wire' ? 'damaged' : 'damaged-beyond-fcs';
      crossing.isIntact = current.corruptKind !== 'wire';
      crossing.damaged = arena.duplicate(slot);
      const at = arena.start(crossing.damaged) + random.below(arena.length(slot));
      arena.bytes[at] = (arena.bytes[at] ?? 0) ^ (1 << random.below(8));
    } else if (random.chance(current.duplicate)) {
      hits.duplicated++;
      crossing.fate = 'duplicated';
    }
    return crossing;
  }

  private delayFrame(sentAt: Instant): void {
    const { current, random, crossing, hits } = this;
    let drawn = 0;
    if (current.jitter > 0) {
      hits.jittered++;
      // Up to four seconds to the nanosecond; beyond, in steps of 2^-32 of the span.
      const span = current.jitter + 1;
      drawn = span <= 0x1_0000_0000 ? random.below(span) : Math.floor(random.nextFraction() * span);
    }
    const arrival = Math.max(sentAt + drawn, this.lastArrival);
    this.lastArrival = arrival;
    crossing.extraDelay = (arrival - sentAt) as Duration;
    if (random.chance(current.reorder)) {
      hits.reordered++;
      crossing.extraDelay = (crossing.extraDelay + current.reorderDelay) as Duration;
    }
  }
}

function checked(options: ImpairmentOptions): ImpairmentOptions {
  for (const name of ['loss', 'duplicate', 'reorder', 'corrupt'] as const) {
    const probability = options[name];
    if (!(probability >= 0 && probability <= 1)) {
      throw new RangeError(`${name} is a probability from 0 to 1, not ${probability}`);
    }
  }
  for (const name of ['jitter', 'reorderDelay'] as const) {
    const delay = options[name];
    if (!(delay >= 0 && delay < Number.POSITIVE_INFINITY)) {
      throw new RangeError(`${name} is a delay of 0 or more, and ends, not ${delay}`);
    }
  }
  return options;
}
