// A learning bridge (IEEE 802.1D §7): frames go where their destination was last heard, or else everywhere.
//
//   frame on port p --> damaged? inspected? --> learn: its source is at p --> destination known? one port : all but p
//
// An address not heard for five minutes is forgotten. Not here: spanning trees (whoever wires switches in a ring gets the
// storm), VLANs, and the time it takes to look something up.

import type { DropReason } from '../../core/drop_reason.ts';
import { EventKind, EventSource, eventRank } from '../../core/event_queue.ts';
import { type Journal, type JournalChange, JournalTable } from '../../core/journal.ts';
import { after, type Duration, elapsed, formatDuration, type Instant, NEVER, seconds } from '../../core/time.ts';
import { formatLinkAddress, isGroupAddress, type LinkAddress, NO_LINK_ADDRESS } from '../../wire/address.ts';
import { ETHERNET_HEADER_LENGTH, ethernetDestination, ethernetSource } from '../../wire/ethernet.ts';
import type { Device, LinkContext, Transmitter } from './device.ts';

/** IEEE 802.1D table 7-5. */
export const AGEING_TIME: Duration = seconds(300);
/** Addresses that fit the table. Once it is full, frames to all others are flooded: what MAC flooding is after. */
export const MAX_SWITCH_ENTRIES = 8192;

// IEEE 802.1D table 7-10: 01:80:c2:00:00:00 to :0f are for the bridge itself and never forwarded.
const RESERVED_FIRST = 0x0180_c200_0000;
const RESERVED_LAST = 0x0180_c200_000f;

/** Looks at a frame before anything is learnt from it: 0, or why it is dropped. Must not keep or change the slot. */
export type FrameInspector = (now: Instant, port: number, slot: number) => 0 | DropReason;

export interface SwitchOptions {
  /** Its place in the order of events; unique in a world. */
  readonly node: number;
  readonly name: string;
  readonly journal?: Journal | undefined;
  readonly ageing?: Duration;
  readonly maxEntries?: number;
}

export interface SwitchCounters {
  forwarded: number;
  flooded: number;
  /** Frames whose check sequence did not match. */
  damaged: number;
  /** Too short for a header, reserved, or for the port they came from. */
  filtered: number;
  inspectionDrops: number;
  /** Addresses that were not learnt for want of room. */
  tableFull: number;
}

/** A row of the table. */
export interface SwitchEntry {
  readonly address: LinkAddress;
  readonly port: number;
  readonly age: Duration;
}

interface Station {
  readonly address: LinkAddress;
  port: number;
  heardAt: Instant;
}

export class Switch implements Device {
  readonly node: number;
  readonly name: string;
  readonly counters: SwitchCounters = {
    forwarded: 0,
    flooded: 0,
    damaged: 0,
    filtered: 0,
    inspectionDrops: 0,
    tableFull: 0,
  };
  inspect: FrameInspector | undefined;
  private readonly context: LinkContext;
  private readonly journal: Journal | undefined;
  private readonly ageing: Duration;
  private readonly maxEntries: number;
  private readonly ports: (Transmitter | undefined)[] = [];
  private readonly stations = new Map<LinkAddress, Station>();
  private readonly timer: AgeingTimer;

  constructor(context: LinkContext, options: SwitchOptions) {
    this.context = context;
    this.node = options.node;
    this.name = options.name;
    this.journal = options.journal;
    this.ageing = options.ageing ?? AGEING_TIME;
    this.maxEntries = options.maxEntries ?? MAX_SWITCH_ENTRIES;
    this.timer = new AgeingTimer(this);
  }

  /** Ports that something is plugged into. */
  get portCount(): number {
    return this.ports.reduce((count, port) => (port === undefined ? count : count + 1), 0);
  }

  /** Plugs a cable into a port. @throws RangeError when the port is taken, or no port */
  attach(port: number, transmitter: Transmitter): void {
    if (!Number.isInteger(port) || port < 0 || port > 0xffff) throw new RangeError(`there is no port ${port}`);
    if (this.ports[port] !== undefined) throw new RangeError(`port ${port} of ${this.name} is taken`);
    while (this.ports.length < port) this.ports.push(undefined);
    this.ports[port] = transmitter;
  }

  receive(now: Instant, port: number, slot: number, isIntact: boolean): void {
    const { arena } = this.context;
    if (!isIntact) {
      this.counters.damaged++;
      arena.release(slot);
      return;
    }
    if (arena.length(slot) < ETHERNET_HEADER_LENGTH) {
      this.filter(slot);
      return;
    }
    if (this.inspect !== undefined && this.inspect(now, port, slot) !== 0) {
      this.counters.inspectionDrops++;
      arena.release(slot);
      return;
    }
    const at = arena.start(slot);
    const source = ethernetSource(arena.view, at);
    const destination = ethernetDestination(arena.view, at);
    // IEEE 802.1D §7.8: a group address is no station's, wherever it is read
    if (!isGroupAddress(source) && source !== NO_LINK_ADDRESS) this.learn(now, source, port);
    if (isGroupAddress(destination)) {
      if (destination >= RESERVED_FIRST && destination <= RESERVED_LAST) this.filter(slot);
      else this.flood(now, port, slot);
      return;
    }
    const station = this.stations.get(destination);
    if (station === undefined) this.flood(now, port, slot);
    else if (station.port === port) this.filter(slot);
    else this.forward(now, station.port, slot);
  }

  /** The table, in the order of addresses. */
  list(now: Instant): readonly SwitchEntry[] {
    return [...this.stations.values()]
      .sort(byAddress)
      .map(({ address, port, heardAt }) => ({ address, port, age: elapsed(heardAt, now) }));
  }

  /** The cable in a port was plugged out, or in: what was heard there is forgotten. */
  forgetPort(now: Instant, port: number): void {
    for (const station of [...this.stations.values()].sort(byAddress)) {
      if (station.port === port) this.remove(now, station, `port ${port} changed`);
    }
  }

  /** Forgets who has been silent for too long. */
  handleTimeout(now: Instant): void {
    let oldest = NEVER;
    let due: Station[] | undefined;
    for (const station of this.stations.values()) {
      if (after(station.heardAt, this.ageing) <= now) {
        due ??= [];
        due.push(station);
      } else if (station.heardAt < oldest) oldest = station.heardAt;
    }
    if (due !== undefined) {
      const cause = `silent for ${formatDuration(this.ageing)}`;
      for (const station of due.sort(byAddress)) this.remove(now, station, cause);
    }
    this.context.queue.schedule(this.timer, after(oldest, this.ageing));
  }

  /** Takes it out of the event queue. It holds no slots. */
  close(): void {
    this.stations.clear();
    this.context.queue.schedule(this.timer, NEVER);
  }

  private learn(now: Instant, address: LinkAddress, port: number): void {
    const station = this.stations.get(address);
    if (station === undefined) this.add(now, address, port);
    else {
      station.heardAt = now;
      if (station.port === port) return;
      const cause = `moved from port ${station.port} to port ${port}`;
      station.port = port;
      this.report(now, 'changed', station, cause);
    }
  }

  private add(now: Instant, address: LinkAddress, port: number): void {
    if (this.stations.size >= this.maxEntries) {
      this.counters.tableFull++;
      return;
    }
    const station = { address, port, heardAt: now };
    this.stations.set(address, station);
    this.report(now, 'added', station, `heard on port ${port}`);
    if (this.timer.place < 0) this.context.queue.schedule(this.timer, after(now, this.ageing));
  }

  private remove(now: Instant, station: Station, cause: string): void {
    this.stations.delete(station.address);
    this.report(now, 'removed', station, cause);
  }

  private forward(now: Instant, port: number, slot: number): void {
    const transmitter = this.ports[port];
    if (transmitter === undefined) {
      this.filter(slot);
      return;
    }
    this.counters.forwarded++;
    transmitter.transmit(now, slot);
  }

  // One slot for all ports, a reference each.
  private flood(now: Instant, from: number, slot: number): void {
    const { arena } = this.context;
    this.counters.flooded++;
    for (let port = 0; port < this.ports.length; port++) {
      const transmitter = this.ports[port];
      if (port === from || transmitter === undefined) continue;
      arena.retain(slot);
      transmitter.transmit(now, slot);
    }
    arena.release(slot);
  }

  private filter(slot: number): void {
    this.counters.filtered++;
    this.context.arena.release(slot);
  }

  private report(now: Instant, change: JournalChange, { address, port }: Station, cause: string): void {
    if (this.journal?.watches(JournalTable.Switch) !== true) return;
    const key = formatLinkAddress(address);
    this.journal.record({
      table: JournalTable.Switch,
      time: now,
      host: this.name,
      change,
      key,
      cause,
      row: { address: key, port },
    });
  }
}

/** One line an address, as a switch's console shows it. */
export function formatSwitchTable(entries: readonly SwitchEntry[]): string {
  const lines = entries.map(
    ({ address, port, age }) => `${formatLinkAddress(address)}  ${String(port).padStart(4)}  ${formatDuration(age)}\n`,
  );
  return `Address            Port  Age\n${lines.join('')}`;
}

// Ageing does not keep a world alive.
class AgeingTimer extends EventSource {
  private readonly owner: Switch;

  constructor(owner: Switch) {
    super();
    this.owner = owner;
  }

  override get rank(): number {
    return eventRank(this.owner.node, 0, EventKind.BackgroundTimer);
  }

  override get isBackground(): boolean {
    return true;
  }

  override fire(now: Instant): void {
    this.owner.handleTimeout(now);
  }
}

const byAddress = (a: { address: LinkAddress }, b: { address: LinkAddress }): number => a.address - b.address;
