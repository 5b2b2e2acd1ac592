// Machines that are nothing but network layers, joined by wires without delay; all that crosses a wire is written down.

import assert from 'node:assert/strict';
import { Arena } from '../../src/core/arena.ts';
import { isDrop } from '../../src/core/drop_reason.ts';
import { Random } from '../../src/core/random.ts';
import { earlier, formatInstant, type Instant, NEVER, START } from '../../src/core/time.ts';
import { NetworkInterface } from '../../src/stack/net/network_interface.ts';
import { NetworkLayer } from '../../src/stack/net/network_layer.ts';
import {
  DEFAULT_SEND_OPTIONS,
  type IcmpError,
  type SendOptions,
  type SendOutcome,
  type TransportHandler,
} from '../../src/stack/net/network_layer_api.ts';
import {
  formatIpAddress,
  formatIpv4,
  type IpAddress,
  type Ipv4Address,
  type LinkAddress,
  parseIpv4Address,
} from '../../src/wire/address.ts';
import { formatArp, parseArp } from '../../src/wire/arp.ts';
import { sumBytes } from '../../src/wire/checksum.ts';
import { emitIcmp, ICMP_HEADER_LENGTH, ICMP_PROTOCOL, parseIcmp } from '../../src/wire/icmp.ts';
import { parseIpv4 } from '../../src/wire/ipv4.ts';
import { UDP_PROTOCOL } from '../../src/wire/udp.ts';

export const address = (text: string): Ipv4Address => {
  const parsed = parseIpv4Address(text);
  assert.ok(parsed !== undefined, text);
  return parsed;
};

/** Writes down what comes. With `isPicky`, a payload whose first byte is 0 is for nobody. */
class Recorder implements TransportHandler {
  readonly machine: Machine;
  readonly isPicky: boolean;

  constructor(machine: Machine, isPicky: boolean) {
    this.machine = machine;
    this.isPicky = isPicky;
  }

  receive(now: Instant, slot: number, source: IpAddress, destination: IpAddress): boolean {
    const { bench, name } = this.machine;
    const { arena } = bench;
    if (this.isPicky && arena.bytes[arena.start(slot)] === 0) return false;
    const addresses = `${formatIpAddress(source)} > ${formatIpAddress(destination)}`;
    bench.note(now, `${name} receives ${addresses}, ${arena.length(slot)} bytes`);
    this.machine.received.push(arena.copyOut(slot));
    arena.release(slot);
    return true;
  }

  icmpError(now: Instant, error: IcmpError): void {
    const { bench, name } = this.machine;
    const mtu = error.mtu === 0 ? '' : `, mtu ${error.mtu}`;
    const about = `${formatIpAddress(error.source)} > ${formatIpAddress(error.destination)}`;
    bench.note(
      now,
      `${name} is told by ${formatIpAddress(error.from)}: ${error.kind} ${error.code}${mtu}, about ${about}`,
    );
  }
}

export class Machine {
  readonly bench: NetworkBench;
  readonly name: string;
  readonly layer: NetworkLayer;
  readonly received: Uint8Array[] = [];

  constructor(bench: NetworkBench, name: string) {
    this.bench = bench;
    this.name = name;
    const random = bench.random.fork(name);
    this.layer = new NetworkLayer({ arena: bench.arena, random, journal: undefined, hostName: name });
    this.layer.registerTransport(UDP_PROTOCOL, new Recorder(this, true));
    this.layer.registerTransport(ICMP_PROTOCOL, new Recorder(this, false));
  }

  /** Adds an interface on `wire`, with `10.0.0.1/24` as its address, or none. */
  plug(wire: Wire, text: string, mtu = 1500): NetworkInterface {
    const { layer, bench } = this;
    const index = layer.interfaces.length;
    const link = (0x0200_0000_0000 + bench.nextLink++) as LinkAddress;
    const added = new NetworkInterface(index, `eth${index}`, link);
    added.mtu = mtu;
    added.transmitter = { transmit: (now, slot) => wire.carry(now, this, slot) };
    layer.addInterface(added);
    wire.ends.push({ machine: this, index });
    const [front = '', bits = '24'] = text.split('/');
    if (text !== '') layer.setAddresses(START, index, [{ address: address(front), prefixLength: Number(bits) }]);
    return added;
  }

  /** Adds a route: `0.0.0.0/0` by way of `10.0.0.254`. */
  route(text: string, gateway: string, index = 0): void {
    const [front = '', bits] = text.split('/');
    this.layer.routes.add(START, {
      destination: address(front),
      prefixLength: Number(bits),
      gateway: address(gateway),
      metric: 100,
      egress: this.layer.interfaceAt(index),
    });
  }

  /** Sends a payload that counts upwards from `first`, as UDP. */
  send(now: Instant, to: string, length: number, first = 1, options: SendOptions = DEFAULT_SEND_OPTIONS): SendOutcome {
    const payload = Uint8Array.from({ length }, (_, i) => (i + first) & 0xff);
    const destination = address(to);
    const source = this.layer.selectSource(destination) ?? address('0.0.0.0');
    const slot = this.bench.arena.allocateFrom(payload);
    const outcome = this.layer.send(now, slot, source, destination, UDP_PROTOCOL, options);
    this.bench.settle(now);
    return outcome;
  }

  ping(now: Instant, to: string, length = 8, options: SendOptions = DEFAULT_SEND_OPTIONS): void {
    const { arena } = this.bench;
    const slot = arena.allocate(ICMP_HEADER_LENGTH + length);
    const at = arena.start(slot);
    arena.bytes.fill(7, at + ICMP_HEADER_LENGTH, arena.end(slot));
    const sum = sumBytes(arena.view, at + ICMP_HEADER_LENGTH, length);
    emitIcmp(arena.view, at, { kind: 'echo-request', code: 0, identifier: 1, sequence: 1 }, sum);
    const source = this.layer.selectSource(address(to)) ?? address('0.0.0.0');
    this.layer.send(now, slot, source, address(to), ICMP_PROTOCOL, options);
    this.bench.settle(now);
  }
}

export class Wire {
  readonly ends: { readonly machine: Machine; readonly index: number }[] = [];
  isCut = false;
  private readonly bench: NetworkBench;

  constructor(bench: NetworkBench) {
    this.bench = bench;
  }

  /** Every other end hears the frame, as behind a hub: the slot is shared among them. */
  carry(now: Instant, from: Machine, slot: number): void {
    const { arena } = this.bench;
    this.bench.note(now, `${from.name}: ${this.bench.describe(slot)}`);
    for (const { machine, index } of this.isCut ? [] : this.ends) {
      if (machine === from) continue;
      arena.retain(slot);
      this.bench.frames.push(() => machine.layer.receive(now, index, slot, true));
    }
    arena.release(slot);
  }
}

export class NetworkBench {
  readonly arena = new Arena();
  readonly random = Random.fromSeed(7);
  readonly machines: Machine[] = [];
  readonly frames: (() => void)[] = [];
  nextLink = 1;
  isLogging = true;
  private lines: string[] = [];

  machine(name: string): Machine {
    const made = new Machine(this, name);
    this.machines.push(made);
    return made;
  }

  wire(): Wire {
    return new Wire(this);
  }

  note(now: Instant, text: string): void {
    if (this.isLogging) this.lines.push(`${formatInstant(now).slice(0, -6)} ${text}`);
  }

  /** What happened since the last call, a line each. */
  takeLog(): string {
    const text = this.lines.map((line) => `${line}\n`).join('');
    this.lines = [];
    return `\n${text}`;
  }

  /** Carries frames until all is quiet. */
  settle(now: Instant): void {
    for (;;) {
      const frame = this.frames.shift();
      if (frame !== undefined) frame();
      else if (!this.machines.some(({ layer }) => layer.flush(now))) return;
    }
  }

  /** Lets time pass, stopping at each deadline up to and including `end`. */
  runUntil(end: Instant, isBackground = true): Instant {
    for (let now = this.deadline(isBackground); now <= end; now = this.deadline(isBackground)) {
      for (const { layer } of this.machines) layer.handleTimeout(now);
      this.settle(now);
    }
    return end;
  }

  /** Everything that was allocated has been given back. */
  close(now: Instant): void {
    for (const { layer } of this.machines) layer.close(now);
    this.settle(now);
    for (const { layer } of this.machines) layer.close(now);
    assert.equal(this.arena.slotsInUse, 0, 'no slot leaks');
  }

  describe(slot: number): string {
    const { view } = this.arena;
    const at = this.arena.start(slot) + 14;
    const end = this.arena.end(slot);
    const arp = parseArp(view, at, end);
    if (!isDrop(arp)) return formatArp(arp);
    const ip = parseIpv4(view, at, end);
    if (isDrop(ip)) return `?? ${ip}`;
    const offset =
      ip.fragmentOffset > 0 || ip.moreFragments ? ` fragment ${ip.fragmentOffset}${ip.moreFragments ? '+' : ''}` : '';
    const icmp = parseIcmp(view, at + ip.headerLength, end);
    const isIcmp = ip.protocol === ICMP_PROTOCOL && offset === '' && !isDrop(icmp);
    const what = isIcmp ? `${icmp.kind} ${icmp.code}` : `protocol ${ip.protocol}`;
    const mtu = isIcmp && icmp.kind === 'unreachable' && icmp.mtu > 0 ? ` mtu ${icmp.mtu}` : '';
    const addresses = `${formatIpv4(ip.source)} > ${formatIpv4(ip.destination)}`;
    return `${addresses} ${what}${mtu}${offset}, ttl ${ip.ttl}, length ${ip.totalLength}`;
  }

  private deadline(isBackground: boolean): Instant {
    let deadline = NEVER;
    for (const { layer } of this.machines) {
      deadline = earlier(deadline, layer.pollTimeout());
      if (isBackground) deadline = earlier(deadline, layer.pollBackgroundTimeout());
    }
    return deadline;
  }
}
