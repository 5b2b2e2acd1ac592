// What an imperfect medium does to the frames that cross it, drawn from the link's own randomness.

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
  /** How much later a reordered frame comes. */
  readonly reorderDelay: Duration;
  readonly corrupt: number;
  /** `wire`: the check sequence shows it, the receiver drops the frame. `beyond-fcs`: damage inside a box, not shown. */
  readonly corruptKind: 'wire' | 'beyond-fcs';
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
  readonly options: ImpairmentOptions;
  private readonly random: Random;
  private readonly crossing: Crossing = { fate: 'sent', extraDelay: 0 as Duration, damaged: NO_SLOT, isIntact: true };
  private lastArrival = 0;

  constructor(options: ImpairmentOptions, random: Random) {
    this.options = options;
    this.random = random;
  }

  cross(sentAt: Instant, arena: Arena, slot: number): Crossing {
    const { options, random, crossing } = this;
    crossing.fate = 'sent';
    crossing.extraDelay = 0 as Duration;
    crossing.damaged = NO_SLOT;
    crossing.isIntact = true;
    if (random.chance(options.loss)) {
      crossing.fate = 'lost';
      return crossing;
    }
    if (options.jitter > 0) {
      const arrival = Math.max(sentAt + random.below(Math.min(options.jitter + 1, 2 ** 32)), this.lastArrival);
      this.lastArrival = arrival;
      crossing.extraDelay = (arrival - sentAt) as Duration;
    }
    if (random.chance(options.reorder)) crossing.extraDelay = (crossing.extraDelay + options.reorderDelay) as Duration;
    if (random.chance(options.corrupt)) {
      crossing.fate = options.corruptKind === 'wire' ? 'damaged' : 'damaged-beyond-fcs';
      crossing.isIntact = options.corruptKind !== 'wire';
      crossing.damaged = arena.duplicate(slot);
      const at = arena.start(crossing.damaged) + random.below(arena.length(slot));
      arena.bytes[at] = (arena.bytes[at] ?? 0) ^ (1 << random.below(8));
    } else if (random.chance(options.duplicate)) crossing.fate = 'duplicated';
    return crossing;
  }
}
