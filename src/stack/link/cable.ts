// A cable: two channels back to back, one for each direction.
//
//   end a --- forward --> end b
//         <-- backward --
//
// Not here: what the ends do with their transmitters.

import type { Random } from '../../core/random.ts';
import type { Instant } from '../../core/time.ts';
import { Channel, type ChannelOptions, PERFECT_CHANNEL } from './channel.ts';
import type { Device, FrameTap, LinkContext } from './device.ts';
import { type ImpairmentOptions, Impairments } from './impairments.ts';

/** Where a cable ends. */
export interface CableEnd {
  readonly device: Device;
  readonly port: number;
}

/** One direction; what is left out is perfect. */
export interface CableOptions extends Partial<ChannelOptions> {
  readonly impairments?: Partial<ImpairmentOptions>;
}

export class Cable {
  /** From the first end to the second: the first one's transmitter. */
  readonly forward: Channel;
  readonly backward: Channel;
  private readonly random: Random;

  /**
   * @param random the link's own
   * @param backwardOptions of the direction from `b` to `a`; the same as the other's when left out
   */
  constructor(
    context: LinkContext,
    a: CableEnd,
    b: CableEnd,
    random: Random,
    options: CableOptions = {},
    backwardOptions: CableOptions = options,
  ) {
    this.random = random;
    const forward = channelOptions(options);
    const backward = backwardOptions === options ? forward : channelOptions(backwardOptions);
    this.forward = new Channel(context, b.device, b.port, forward);
    this.backward = new Channel(context, a.device, a.port, backward);
    if (options.impairments !== undefined) this.impair(options.impairments, 'forward');
    if (backwardOptions.impairments !== undefined) this.impair(backwardOptions.impairments, 'backward');
  }

  get isUp(): boolean {
    return this.forward.isUp && this.backward.isUp;
  }

  /** Plugs it out: what is under way is lost. */
  down(now: Instant): void {
    this.forward.cut(now);
    this.backward.cut(now);
  }

  up(): void {
    this.forward.isUp = true;
    this.backward.isUp = true;
  }

  /** One tap for both directions. */
  setTap(tap: FrameTap | undefined): void {
    this.forward.tap = tap;
    this.backward.tap = tap;
  }

  /** The impairments of one direction, perfect ones at first. */
  impairments(direction: 'forward' | 'backward'): Impairments {
    const channel = this[direction];
    channel.impairments ??= new Impairments({}, this.random.fork(direction));
    return channel.impairments;
  }

  /** Changes what the medium does to frames from now on, in one direction or in both. */
  impair(options: Partial<ImpairmentOptions>, direction: 'forward' | 'backward' | 'both' = 'both'): void {
    if (direction !== 'backward') this.impairments('forward').change(options);
    if (direction !== 'forward') this.impairments('backward').change(options);
  }
}

// What says everything is taken as it is, so that a thousand cables laid alike share one object.
function channelOptions(options: CableOptions): ChannelOptions {
  const { delay, rate, queueBytes } = options;
  const isComplete = delay !== undefined && rate !== undefined && queueBytes !== undefined;
  return isComplete ? (options as ChannelOptions) : { ...PERFECT_CHANNEL, ...options };
}
