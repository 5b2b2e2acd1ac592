// A network as a scenario draws it: interfaces of machines, and between them a switch, the air, or one cable.
//
//   ethernet:  host ==cable==> switch --> host      what the network does to frames, it does on the way to the switch
//   wifi:      host ==> (( everyone ))
//   cable:     host <==cable==> host
//
// Each frame is captured once, where its sender puts it on the medium.

import type { DropReason } from '../../core/drop_reason.ts';
import type { Random } from '../../core/random.ts';
import { type Duration, type Instant, nanoseconds } from '../../core/time.ts';
import { Cable } from '../../stack/link/cable.ts';
import type { Channel } from '../../stack/link/channel.ts';
import type { Device, FrameRule, FrameTap, Transmitter } from '../../stack/link/device.ts';
import { type ImpairmentOptions, Impairments } from '../../stack/link/impairments.ts';
import { MediumStation, SharedMedium } from '../../stack/link/shared_medium.ts';
import { Switch } from '../../stack/link/switch.ts';
import type { Ipv4Prefix } from '../../wire/address.ts';
import type { ArpInspection } from './arp_inspection.ts';
import type { LinkConditions, Medium } from './scenario/types.ts';
import type { World } from './world.ts';

export interface NetworkOptions {
  readonly name: string;
  readonly subnet: Ipv4Prefix;
  readonly medium: Medium;
  readonly conditions: LinkConditions;
  readonly mtu: number;
  /** How long a switch remembers where an address is. */
  readonly ageing?: Duration;
}

/** A place where a machine is plugged in. */
export interface Attachment {
  readonly device: Device;
  readonly port: number;
  readonly transmitter: Transmitter;
  readonly cable: Cable | undefined;
}

export class Network {
  readonly name: string;
  readonly subnet: Ipv4Prefix;
  readonly medium: Medium;
  readonly mtu: number;
  readonly attachments: Attachment[] = [];
  /** With `ethernet` alone. */
  readonly switch: Switch | undefined;
  private readonly world: World;
  private readonly air: SharedMedium | undefined;
  private readonly random: Random;
  private readonly tap: FrameTap | undefined;
  private readonly rules: FrameRule[] = [];
  private loneEnd: { readonly device: Device; readonly port: number; readonly late: LateTransmitter } | undefined;
  private current: LinkConditions;

  constructor(world: World, node: number, options: NetworkOptions, tap: FrameTap | undefined) {
    this.world = world;
    this.name = options.name;
    this.subnet = options.subnet;
    this.medium = options.medium;
    this.mtu = options.mtu;
    this.current = options.conditions;
    this.random = world.random.fork(`network ${options.name}`);
    this.tap = tap;
    if (options.medium === 'ethernet')
      this.switch = new Switch(world, {
        node,
        name: options.name,
        journal: world.journal,
        ...(options.ageing === undefined ? {} : { ageing: options.ageing }),
      });
    if (options.medium === 'wifi') {
      this.air = new SharedMedium(world, node, optionsOf(this.current));
      this.impairAir(this.air);
      this.air.tap = tap;
    }
  }

  get conditions(): LinkConditions {
    return this.current;
  }

  /** Plugs a machine in. @throws RangeError when a cable has two ends already */
  attach(device: Device, port: number): Attachment {
    const attachment = this.plug(device, port);
    this.attachments.push(attachment);
    return attachment;
  }

  /** Changes what the next frames meet. */
  change(change: Partial<LinkConditions>): void {
    this.current = { ...this.current, ...change };
    if (this.air !== undefined) {
      this.air.setDelay(this.current.delay);
      this.air.setRate(this.current.rate);
      this.impairAir(this.air);
    }
    for (const channel of this.entries()) channel.setDelay(this.current.delay);
    for (const { cable } of this.attachments) {
      if (cable === undefined) continue;
      cable.forward.setRate(this.current.rate);
      cable.backward.setRate(this.current.rate);
      cable.impair(impairmentsOf(this.current), this.medium === 'cable' ? 'both' : 'backward');
    }
  }

  addRule(rule: FrameRule): void {
    this.rules.push(rule);
    if (this.air !== undefined) this.air.rules = this.rules;
    for (const channel of this.entries()) channel.rules = this.rules;
  }

  /** Lets the switch or access point look into ARP. @throws RangeError on a cable, where there is none */
  inspectArp(inspection: ArpInspection): void {
    const { arena } = this.world;
    const look = (now: Instant, sender: Device, slot: number): 0 | DropReason => {
      const at = arena.start(slot);
      return inspection.inspect(now, sender, arena.view, at, at + arena.length(slot));
    };
    if (this.air !== undefined) this.air.inspect = look;
    else if (this.switch !== undefined) {
      this.switch.inspect = (now, port, slot) => {
        const sender = this.attachments[port]?.device;
        return sender === undefined ? 0 : look(now, sender, slot);
      };
    } else throw new RangeError(`network ${this.name} is a cable: nothing on it could inspect ARP`);
  }

  down(now: Instant): void {
    this.air?.down(now);
    for (const { cable } of this.attachments) cable?.down(now);
  }

  up(): void {
    this.air?.up();
    for (const { cable } of this.attachments) cable?.up();
  }

  /** A machine leaves without a word: what it has under way is lost. */
  unplug(device: Device, port: number, now: Instant): void {
    const found = this.find(device, port);
    found?.cable?.down(now);
    if (found?.transmitter instanceof MediumStation) found.transmitter.down(now);
  }

  replug(device: Device, port: number): void {
    const found = this.find(device, port);
    found?.cable?.up();
    if (found?.transmitter instanceof MediumStation) found.transmitter.up();
  }

  /** Takes everything off the medium, and itself out of the event queue. */
  close(now: Instant): void {
    this.down(now);
    this.switch?.close();
  }

  private find(device: Device, port: number): Attachment | undefined {
    return this.attachments.find((each) => each.device === device && each.port === port);
  }

  private impairAir(air: SharedMedium): void {
    const impairments = impairmentsOf(this.current);
    if (air.impairments !== undefined) air.impairments.change(impairments);
    else if (!isPerfect(this.current)) air.impairments = new Impairments(impairments, this.random.fork('air'));
  }

  private plug(device: Device, port: number): Attachment {
    if (this.air !== undefined) {
      return { device, port, transmitter: this.air.attach(device, port), cable: undefined };
    }
    if (this.switch !== undefined) {
      const switchPort = this.attachments.length;
      const ideal = { delay: nanoseconds(0), rate: this.current.rate, queueBytes: this.current.queueBytes };
      const cable = new Cable(
        this.world,
        { device: this.switch, port: switchPort },
        { device, port },
        this.random.fork(`cable ${switchPort}`),
        ideal,
        optionsOf(this.current),
      );
      this.switch.attach(switchPort, cable.forward);
      this.prepare(cable.backward);
      return { device, port, transmitter: cable.backward, cable };
    }
    return this.plugCable(device, port);
  }

  private plugCable(device: Device, port: number): Attachment {
    const first = this.loneEnd;
    if (first === undefined && this.attachments.length === 0) {
      const late = new LateTransmitter(this.world);
      this.loneEnd = { device, port, late };
      return { device, port, transmitter: late, cable: undefined };
    }
    if (first === undefined) throw new RangeError(`network ${this.name} is a cable, and both its ends are taken`);
    const cable = new Cable(this.world, first, { device, port }, this.random.fork('cable'), optionsOf(this.current));
    this.prepare(cable.forward);
    this.prepare(cable.backward);
    first.late.channel = cable.forward;
    this.loneEnd = undefined;
    this.attachments[0] = { device: first.device, port: first.port, transmitter: first.late, cable };
    return { device, port, transmitter: cable.backward, cable };
  }

  private prepare(channel: Channel): void {
    channel.tap = this.tap;
    if (this.rules.length > 0) channel.rules = this.rules;
  }

  // The channels on which senders put their frames.
  private entries(): readonly Channel[] {
    return this.attachments.flatMap(({ cable }, i) => {
      if (cable === undefined) return [];
      return this.medium === 'cable' && i === 0 ? [cable.forward] : [cable.backward];
    });
  }
}

// The first end of a cable whose other end is still open: what is sent on it is lost.
class LateTransmitter implements Transmitter {
  channel: Channel | undefined;
  private readonly world: World;

  constructor(world: World) {
    this.world = world;
  }

  transmit(now: Instant, slot: number): void {
    if (this.channel === undefined) this.world.arena.release(slot);
    else this.channel.transmit(now, slot);
  }
}

const impairmentsOf = ({
  jitter,
  loss,
  duplicate,
  reorder,
  reorderDelay,
  corrupt,
  corruptKind,
}: LinkConditions): ImpairmentOptions => {
  return { jitter, loss, duplicate, reorder, reorderDelay, corrupt, corruptKind };
};

function optionsOf(conditions: LinkConditions): {
  delay: LinkConditions['delay'];
  rate: number;
  queueBytes: number;
  impairments?: ImpairmentOptions;
} {
  const { delay, rate, queueBytes } = conditions;
  const options = { delay, rate, queueBytes };
  return isPerfect(conditions) ? options : { ...options, impairments: impairmentsOf(conditions) };
}

const isPerfect = ({ jitter, loss, duplicate, reorder, corrupt }: LinkConditions): boolean =>
  jitter === 0 && loss === 0 && duplicate === 0 && reorder === 0 && corrupt === 0;
