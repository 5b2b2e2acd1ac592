// One direction of a link: a queue, a transmitter with a rate, and a medium with a delay that may lose, damage, double
// or reorder what crosses it.
//
//   transmit --> rules --> queue --> transmission --> loss, damage ... --> delay --> device.receive
//                                    ^ taps see the frame here
//
// Frames under way lie in a ring in the order of their arrival; the event queue knows only the first one. A frame's whole
// way is settled when it is handed in, so a change of rate, delay or impairments concerns the frames that come after it.
// Not here: who is at the ends, and what is in a frame.

import { NO_SLOT } from '../../core/arena.ts';
import { DropReason } from '../../core/drop_reason.ts';
import { EventKind, EventSource, eventRank } from '../../core/event_queue.ts';
import { after, type Duration, type Instant, NEVER, nanoseconds } from '../../core/time.ts';
import type { Device, FrameRule, FrameTap, LinkContext, Transmitter } from './device.ts';
import { borrowRing, type FrameRing, returnRing } from './frame_ring.ts';
import type { Impairments } from './impairments.ts';

/** Preamble 8, check sequence 4, gap between frames 12 (IEEE 802.3 §3.1, §4.4.2): on the wire, not in the frame. */
const WIRE_OVERHEAD = 24;
/** IEEE 802.3 §4.4.2: 64 with the check sequence. A shorter frame is padded on the wire. */
const MIN_FRAME = 60;
const NO_DELAY = 0 as Duration;

/** A thousand full frames, as a Linux interface queues (`txqueuelen`). */
export const DEFAULT_QUEUE_BYTES: number = 1000 * 1514;

export interface ChannelOptions {
  readonly delay: Duration;
  /** Bits a second; `Infinity`: no time is spent on transmission, and there is no queue. */
  readonly rate: number;
  /** Bytes that may wait for the transmitter, overhead included; a frame that comes to a full queue is dropped. */
  readonly queueBytes: number;
  /** Bytes of the longest frame, header included; a longer one is dropped. Any length when absent. */
  readonly maxFrame?: number;
}

/** Changes nothing: the channel of a link about which nothing is said. */
export const PERFECT_CHANNEL: ChannelOptions = {
  delay: 0 as Duration,
  rate: Number.POSITIVE_INFINITY,
  queueBytes: DEFAULT_QUEUE_BYTES,
};

/** How long a frame of `length` bytes occupies a medium of `rate` bits a second. */
export const transmissionTime = (length: number, rate: number): Duration =>
  Math.ceil(((Math.max(length, MIN_FRAME) + WIRE_OVERHEAD) * 8e9) / rate) as Duration;

/** Frames that did not get across, by cause. */
interface ChannelFaults {
  queueDrops: number;
  ruleDrops: number;
  downDrops: number;
  oversizeDrops: number;
  lost: number;
}

export interface ChannelCounters extends Readonly<ChannelFaults> {
  readonly frames: number;
  readonly bytes: number;
}

/** What may keep frames from crossing. Most channels have nothing of the kind. */
class Hindrances {
  isUp = true;
  impairments: Impairments | undefined;
  rules: FrameRule[] | undefined;
  readonly faults: ChannelFaults = { ...NO_FAULTS };
}

const NO_FAULTS: Readonly<ChannelFaults> = { queueDrops: 0, ruleDrops: 0, downDrops: 0, oversizeDrops: 0, lost: 0 };

export class Channel extends EventSource implements Transmitter {
  tap: FrameTap | undefined;
  private readonly context: LinkContext;
  private readonly device: Device;
  private readonly port: number;
  // Not copied: most channels of a world share theirs with others.
  private options: ChannelOptions;
  private frames = 0;
  private bytes = 0;
  // Made on first use: ten thousand cables are the better part of a world.
  private hindrances: Hindrances | undefined;
  // While a frame is in transmission or under way.
  private ring: FrameRing | undefined;

  /** Ends at `port` of `device`. @throws RangeError on a delay, rate or queue that cannot be */
  constructor(context: LinkContext, device: Device, port: number, options: ChannelOptions) {
    super();
    this.context = context;
    this.device = device;
    this.port = port;
    checkedDelay(options.delay);
    checkedRate(options.rate);
    if (!(options.queueBytes >= 0)) throw new RangeError(`a queue holds 0 bytes or more, not ${options.queueBytes}`);
    this.options = options;
  }

  override get rank(): number {
    return eventRank(this.device.node, this.port, EventKind.Frame);
  }

  get counters(): ChannelCounters {
    return { frames: this.frames, bytes: this.bytes, ...(this.hindrances?.faults ?? NO_FAULTS) };
  }

  get isUp(): boolean {
    return this.hindrances?.isUp !== false;
  }

  set isUp(isUp: boolean) {
    if (isUp !== this.isUp) this.hindered.isUp = isUp;
  }

  /** Nothing where the medium is perfect. */
  get impairments(): Impairments | undefined {
    return this.hindrances?.impairments;
  }

  set impairments(impairments: Impairments | undefined) {
    this.hindered.impairments = impairments;
  }

  get rules(): FrameRule[] | undefined {
    return this.hindrances?.rules;
  }

  set rules(rules: FrameRule[] | undefined) {
    this.hindered.rules = rules;
  }

  transmit(now: Instant, slot: number): void {
    const { hindrances } = this;
    if (hindrances === undefined) this.enqueue(now, slot, NO_DELAY);
    else if (!hindrances.isUp) {
      hindrances.faults.downDrops++;
      this.drop(now, slot, DropReason.LinkDown);
    } else if (hindrances.rules === undefined) this.enqueue(now, slot, NO_DELAY);
    else this.applyRules(now, slot, hindrances.rules);
  }

  override fire(now: Instant): void {
    const { ring } = this;
    if (ring === undefined) return;
    const slot = ring.firstSlot;
    const isIntact = ring.isFirstIntact;
    ring.shift();
    if (ring.length > 0) this.context.queue.schedule(this, ring.firstTime);
    else this.rest(now, ring);
    this.device.receive(now, this.port, slot, isIntact);
  }

  /** Changes what the next frames meet; those under way keep their arrival, and may be overtaken. */
  setDelay(delay: Duration): void {
    this.options = { ...this.options, delay: checkedDelay(delay) };
  }

  setRate(rate: number): void {
    this.options = { ...this.options, rate: checkedRate(rate) };
  }

  /** Cuts the link: frames under way and in the queue are lost. It comes up again with `isUp`. */
  cut(now: Instant): void {
    this.isUp = false;
    const ring = this.ring;
    if (ring === undefined) return;
    ring.busyUntil = now;
    for (; ring.length > 0; ring.shift()) {
      this.faults.downDrops++;
      this.drop(now, ring.firstSlot, DropReason.LinkDown);
    }
    this.rest(now, ring);
  }

  /** Bytes that wait for the transmitter at `now`, the one in transmission included. */
  backlog(now: Instant): number {
    const { ring } = this;
    return ring === undefined || ring.busyUntil <= now
      ? 0
      : Math.ceil(((ring.busyUntil - now) * this.options.rate) / 8e9);
  }

  // `heldBack`: what a rule adds to the frame's delay.
  private enqueue(now: Instant, slot: number, heldBack: Duration): void {
    const length = this.context.arena.length(slot);
    const { delay, rate, queueBytes, maxFrame } = this.options;
    if (maxFrame !== undefined && length > maxFrame) {
      this.faults.oversizeDrops++;
      this.drop(now, slot, DropReason.TooBig);
      return;
    }
    this.ring ??= borrowRing(this.context.idleRings);
    const { ring } = this;
    let startsAt = now;
    let sentAt = now;
    if (rate !== Number.POSITIVE_INFINITY) {
      if (ring.busyUntil > now) {
        if (this.backlog(now) + length > queueBytes) {
          this.faults.queueDrops++;
          this.drop(now, slot, DropReason.QueueFull);
          return;
        }
        startsAt = ring.busyUntil;
      }
      sentAt = (startsAt + transmissionTime(length, rate)) as Instant;
      ring.busyUntil = sentAt;
    }
    this.frames++;
    this.bytes += length;
    const { impairments } = this;
    if (impairments === undefined) {
      this.tap?.frame(startsAt, slot, 'sent');
      this.arrive(ring, (sentAt + delay + heldBack) as Instant, slot, true);
      return;
    }
    this.cross(ring, startsAt, sentAt, slot, heldBack, impairments);
    if (ring.length === 0) this.rest(now, ring);
  }

  private cross(
    ring: FrameRing,
    startsAt: Instant,
    sentAt: Instant,
    slot: number,
    heldBack: Duration,
    impairments: Impairments,
  ): void {
    const { arena } = this.context;
    const crossing = impairments.cross(sentAt, arena, slot);
    this.tap?.frame(startsAt, slot, crossing.fate);
    if (crossing.fate === 'lost') {
      this.faults.lost++;
      arena.release(slot);
      return;
    }
    const arrival = (sentAt + this.options.delay + heldBack + crossing.extraDelay) as Instant;
    if (crossing.damaged !== NO_SLOT) {
      arena.release(slot);
      this.arrive(ring, arrival, crossing.damaged, crossing.isIntact);
    } else if (crossing.fate === 'duplicated') {
      arena.retain(slot);
      this.arrive(ring, arrival, slot, true);
      this.arrive(ring, after(arrival, nanoseconds(1)), slot, true);
    } else this.arrive(ring, arrival, slot, true);
  }

  private applyRules(now: Instant, slot: number, rules: readonly FrameRule[]): void {
    const { arena } = this.context;
    const frame = arena.copyOut(slot);
    for (const rule of rules) {
      const verdict = rule.judge(now, frame);
      if (verdict === 'pass') continue;
      if (verdict === 'drop') {
        this.faults.ruleDrops++;
        this.drop(now, slot, DropReason.RuleDropped);
      } else if ('delay' in verdict) this.enqueue(now, slot, checkedDelay(verdict.delay));
      else {
        arena.release(slot);
        for (const bytes of verdict.replace) this.enqueue(now, arena.allocateFrom(bytes), NO_DELAY);
      }
      return;
    }
    this.enqueue(now, slot, NO_DELAY);
  }

  private drop(now: Instant, slot: number, reason: DropReason): void {
    this.tap?.dropped?.(now, slot, reason);
    this.context.arena.release(slot);
  }

  private arrive(ring: FrameRing, time: Instant, slot: number, isIntact: boolean): void {
    ring.push(time, slot, isIntact);
    // Behind others it changes nothing.
    if (ring.firstSlot === slot) this.context.queue.schedule(this, ring.firstTime);
  }

  private get faults(): ChannelFaults {
    return this.hindered.faults;
  }

  private get hindered(): Hindrances {
    this.hindrances ??= new Hindrances();
    return this.hindrances;
  }

  // Nothing is under way. A lost frame may still be in transmission.
  private rest(now: Instant, ring: FrameRing): void {
    this.context.queue.schedule(this, NEVER);
    if (ring.busyUntil > now) return;
    this.ring = undefined;
    returnRing(this.context.idleRings, ring);
  }
}

/** @throws RangeError on what is no delay */
export function checkedDelay(delay: Duration): Duration {
  if (delay >= 0 && delay < Number.POSITIVE_INFINITY) return delay;
  throw new RangeError(`a delay is 0 or more, and ends, not ${delay}`);
}

/** @throws RangeError on what is no rate */
export function checkedRate(rate: number): number {
  if (rate > 0) return rate;
  throw new RangeError(`a rate is more than 0 bits a second, not ${rate}`);
}
