// A medium that several stations share, as in a wireless cell: one transmission at a time, and everyone hears it.
//
//   station's queue --> its turn --> transmission --> loss, damage ... --> delay --> every other station
//                                    ^ tap sees the frame here
//
// Turns go round in the order of stations, so that none is kept from sending. What is lost or damaged is lost or damaged
// for all: the fate is drawn once a transmission. An eavesdropper is a station like any other. Not here: collisions,
// hidden stations, acknowledgments and retries of the radio, and which frames are for whom: each station's own affair.

import { type Arena, NO_SLOT } from '../../core/arena.ts';
import { DropReason } from '../../core/drop_reason.ts';
import { EventKind, EventSource, eventRank } from '../../core/event_queue.ts';
import { after, type Duration, type Instant, NEVER, nanoseconds } from '../../core/time.ts';
import { type ChannelOptions, checkedDelay, checkedRate, PERFECT_CHANNEL, transmissionTime } from './channel.ts';
import type { Device, FrameRule, FrameTap, LinkContext, Transmitter } from './device.ts';
import { borrowRing, type FrameRing, returnRing } from './frame_ring.ts';
import type { Impairments } from './impairments.ts';

export interface SharedMediumCounters {
  /** Transmissions, and their bytes. */
  frames: number;
  bytes: number;
  queueDrops: number;
  ruleDrops: number;
  downDrops: number;
  oversizeDrops: number;
  lost: number;
}

/** `queueBytes` is what each station may keep waiting. The rate is shared by all. */
export class SharedMedium extends EventSource {
  readonly counters: SharedMediumCounters = {
    frames: 0,
    bytes: 0,
    queueDrops: 0,
    ruleDrops: 0,
    downDrops: 0,
    oversizeDrops: 0,
    lost: 0,
  };
  readonly context: LinkContext;
  /** Made where the medium is not perfect. */
  impairments: Impairments | undefined;
  tap: FrameTap | undefined;
  rules: FrameRule[] | undefined;
  /** An access point that looks at each frame before it goes on the air, and drops some. Must not keep or change the slot. */
  inspect: ((now: Instant, sender: Device, slot: number) => 0 | DropReason) | undefined;
  private readonly node: number;
  private options: ChannelOptions;
  // In the order of their nodes and ports; replaced, never changed, so that whoever walks it may be interrupted.
  private stations: readonly MediumStation[] = [];
  private lastSender = -1;
  private busyUntil: Instant = 0 as Instant;
  private isRunning = true;

  /** @param node its own place in the order of events; unique in a world */
  constructor(context: LinkContext, node: number, options: Partial<ChannelOptions> = {}) {
    super();
    this.node = node;
    this.context = context;
    this.options = { ...PERFECT_CHANNEL, ...options };
    checkedDelay(this.options.delay);
    checkedRate(this.options.rate);
  }

  override get rank(): number {
    return eventRank(this.node, 0xffff, EventKind.Timer);
  }

  get isUp(): boolean {
    return this.isRunning;
  }

  /** Adds a station that hears everything at `port` of `device`. What it transmits, the others hear. */
  attach(device: Device, port: number): MediumStation {
    if (this.stations.some((station) => station.device === device && station.port === port)) {
      throw new RangeError(`port ${port} of node ${device.node} is attached already`);
    }
    const station = new MediumStation(this, device, port);
    this.stations = [...this.stations, station].sort(byDevice);
    this.lastSender = -1;
    return station;
  }

  /** Ends all transmission: what waits and what is under way is lost. */
  down(now: Instant): void {
    this.isRunning = false;
    for (const station of this.stations) station.clear(now);
    this.busyUntil = now;
    this.context.queue.schedule(this, NEVER);
  }

  up(): void {
    this.isRunning = true;
  }

  /** The medium is free, or a frame that was held back may go. */
  override fire(now: Instant): void {
    this.context.queue.schedule(this, NEVER);
    this.sendNext(now);
  }

  /** Changes what the next frames meet; those under way keep their arrival. */
  setDelay(delay: Duration): void {
    this.options = { ...this.options, delay: checkedDelay(delay) };
  }

  setRate(rate: number): void {
    this.options = { ...this.options, rate: checkedRate(rate) };
  }

  /** A station hands a frame in; it waits for the station's turn. */
  offer(now: Instant, station: MediumStation, slot: number): void {
    if (!this.isRunning || !station.isUp) {
      this.counters.downDrops++;
      this.drop(now, slot, DropReason.LinkDown);
      return;
    }
    const reason = this.inspect === undefined ? 0 : this.inspect(now, station.device, slot);
    if (reason !== 0) {
      this.counters.ruleDrops++;
      this.drop(now, slot, reason);
      return;
    }
    if (this.rules === undefined) this.enqueue(now, now, station, slot);
    else this.applyRules(now, station, slot, this.rules);
    this.sendNext(now);
  }

  /** A transmission of `sender` has reached the others. */
  deliver(now: Instant, sender: MediumStation, slot: number, isIntact: boolean): void {
    const { arena } = this.context;
    for (const station of this.stations) {
      if (station === sender || !station.isUp) continue;
      arena.retain(slot);
      station.device.receive(now, station.port, slot, isIntact);
    }
    arena.release(slot);
  }

  drop(now: Instant, slot: number, reason: DropReason): void {
    this.tap?.dropped?.(now, slot, reason);
    this.context.arena.release(slot);
  }

  private enqueue(now: Instant, notBefore: Instant, station: MediumStation, slot: number): void {
    const length = this.context.arena.length(slot);
    if (length > (this.options.maxFrame ?? Number.POSITIVE_INFINITY)) {
      this.counters.oversizeDrops++;
      this.drop(now, slot, DropReason.TooBig);
    } else if (station.waitingBytes > 0 && station.waitingBytes + length > this.options.queueBytes) {
      this.counters.queueDrops++;
      this.drop(now, slot, DropReason.QueueFull);
    } else station.wait(notBefore, slot, length);
  }

  private applyRules(now: Instant, station: MediumStation, slot: number, rules: readonly FrameRule[]): void {
    const { arena } = this.context;
    const frame = arena.copyOut(slot);
    for (const rule of rules) {
      const verdict = rule.judge(now, frame);
      if (verdict === 'pass') continue;
      if (verdict === 'drop') {
        this.counters.ruleDrops++;
        this.drop(now, slot, DropReason.RuleDropped);
      } else if ('delay' in verdict) this.enqueue(now, after(now, verdict.delay), station, slot);
      else {
        arena.release(slot);
        for (const bytes of verdict.replace) this.enqueue(now, now, station, arena.allocateFrom(bytes));
      }
      return;
    }
    this.enqueue(now, now, station, slot);
  }

  // Starts what can start at `now`: one frame, or all that wait where transmission takes no time.
  private sendNext(now: Instant): void {
    while (this.busyUntil <= now) {
      const at = this.nextSender(now);
      const station = this.stations[at];
      if (station === undefined) break;
      this.lastSender = at;
      this.transmitFrom(now, station);
    }
    this.scheduleNext(now);
  }

  private transmitFrom(now: Instant, station: MediumStation): void {
    const { arena } = this.context;
    const slot = station.takeWaiting(arena);
    const { rate } = this.options;
    const length = arena.length(slot);
    const sentAt = rate === Number.POSITIVE_INFINITY ? now : after(now, transmissionTime(length, rate));
    this.busyUntil = sentAt;
    this.counters.frames++;
    this.counters.bytes += length;
    const arrival = after(sentAt, this.options.delay);
    if (this.impairments === undefined) {
      this.tap?.frame(now, slot, 'sent');
      station.propagate(arrival, slot, true);
    } else this.cross(now, sentAt, arrival, station, slot, this.impairments);
  }

  private cross(
    now: Instant,
    sentAt: Instant,
    undisturbed: Instant,
    station: MediumStation,
    slot: number,
    impairments: Impairments,
  ): void {
    const { arena } = this.context;
    const crossing = impairments.cross(sentAt, arena, slot);
    this.tap?.frame(now, slot, crossing.fate);
    if (crossing.fate === 'lost') {
      this.counters.lost++;
      arena.release(slot);
      return;
    }
    const arrival = after(undisturbed, crossing.extraDelay);
    if (crossing.damaged !== NO_SLOT) {
      arena.release(slot);
      station.propagate(arrival, crossing.damaged, crossing.isIntact);
    } else if (crossing.fate === 'duplicated') {
      arena.retain(slot);
      station.propagate(arrival, slot, true);
      station.propagate(after(arrival, nanoseconds(1)), slot, true);
    } else station.propagate(arrival, slot, true);
  }

  // The first station behind the last sender that has a frame to send; -1: none.
  private nextSender(now: Instant): number {
    const count = this.stations.length;
    for (let i = 1; i <= count; i++) {
      const at = (this.lastSender + i) % count;
      if ((this.stations[at]?.firstWaiting ?? NEVER) <= now) return at;
    }
    return -1;
  }

  private scheduleNext(now: Instant): void {
    let next: Instant = NEVER;
    for (const station of this.stations) if (station.firstWaiting < next) next = station.firstWaiting;
    if (next < this.busyUntil) next = this.busyUntil;
    if (next !== NEVER && next < now) next = now;
    this.context.queue.schedule(this, next);
  }
}

/** One station's place on the medium: its queue, and what it has sent that is still on its way. */
export class MediumStation extends EventSource implements Transmitter {
  readonly device: Device;
  readonly port: number;
  /** Bytes in its queue. */
  waitingBytes = 0;
  private readonly medium: SharedMedium;
  private isInRange = true;
  private waiting: FrameRing | undefined;
  private underWay: FrameRing | undefined;

  constructor(medium: SharedMedium, device: Device, port: number) {
    super();
    this.medium = medium;
    this.device = device;
    this.port = port;
  }

  override get rank(): number {
    return eventRank(this.device.node, this.port, EventKind.Frame);
  }

  get isUp(): boolean {
    return this.isInRange;
  }

  /** When its first frame may be sent; `NEVER` when none waits. */
  get firstWaiting(): Instant {
    return this.waiting === undefined ? NEVER : this.waiting.firstTime;
  }

  transmit(now: Instant, slot: number): void {
    this.medium.offer(now, this, slot);
  }

  /** Out of range: it neither hears nor is heard, and what it had under way is lost. */
  down(now: Instant): void {
    this.isInRange = false;
    this.clear(now);
  }

  up(): void {
    this.isInRange = true;
  }

  override fire(now: Instant): void {
    const ring = this.underWay;
    if (ring === undefined) return;
    const slot = ring.firstSlot;
    const isIntact = ring.isFirstIntact;
    ring.shift();
    const { queue, idleRings } = this.medium.context;
    if (ring.length > 0) queue.schedule(this, ring.firstTime);
    else {
      this.underWay = undefined;
      returnRing(idleRings, ring);
      queue.schedule(this, NEVER);
    }
    this.medium.deliver(now, this, slot, isIntact);
  }

  // The rest is the medium's business.

  wait(notBefore: Instant, slot: number, length: number): void {
    this.waiting ??= borrowRing(this.medium.context.idleRings);
    this.waiting.push(notBefore, slot, true);
    this.waitingBytes += length;
  }

  takeWaiting(arena: Arena): number {
    const ring = this.waiting;
    if (ring === undefined) return NO_SLOT;
    const slot = ring.firstSlot;
    ring.shift();
    this.waitingBytes -= arena.length(slot);
    if (ring.length === 0) {
      this.waiting = undefined;
      returnRing(this.medium.context.idleRings, ring);
    }
    return slot;
  }

  propagate(arrival: Instant, slot: number, isIntact: boolean): void {
    this.underWay ??= borrowRing(this.medium.context.idleRings);
    this.underWay.push(arrival, slot, isIntact);
    this.medium.context.queue.schedule(this, this.underWay.firstTime);
  }

  clear(now: Instant): void {
    this.discard(now, this.waiting);
    this.discard(now, this.underWay);
    this.waiting = undefined;
    this.underWay = undefined;
    this.waitingBytes = 0;
    this.medium.context.queue.schedule(this, NEVER);
  }

  private discard(now: Instant, ring: FrameRing | undefined): void {
    if (ring === undefined) return;
    for (; ring.length > 0; ring.shift()) {
      this.medium.counters.downDrops++;
      this.medium.drop(now, ring.firstSlot, DropReason.LinkDown);
    }
    returnRing(this.medium.context.idleRings, ring);
  }
}

const byDevice = (a: MediumStation, b: MediumStation): number => a.device.node - b.device.node || a.port - b.port;
