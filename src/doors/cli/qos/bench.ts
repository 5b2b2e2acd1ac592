// A small world in which one thing goes wrong, and what became of a hundred messages there: the source of each cell of
// `netarium qos`. Alice sends numbered datagrams to Bob over one link, or over a router and two. Not here: what goes wrong
// (trials.ts), and what it is called (quality.ts).

import { DropReason } from '../../../core/drop_reason.ts';
import { after, type Duration, milliseconds, NEVER, seconds } from '../../../core/time.ts';
import type { FrameRule } from '../../../stack/link/device.ts';
import type { Ipv4Address } from '../../../wire/address.ts';
import { ETHERNET_HEADER_LENGTH } from '../../../wire/ethernet.ts';
import { type Program, SocketError, type System } from '../../../world/app/program.ts';
import type { Host } from '../../../world/host/host.ts';
import { loadScenario } from '../../../world/sim/scenario/loader.ts';
import type { LinkConditions } from '../../../world/sim/scenario/types.ts';
import { Simulation } from '../../../world/sim/simulation.ts';
import { parseFilter } from '../../../world/view/filter.ts';
import { passingFrames } from '../../../world/view/packet_list.ts';

/** What carries the messages: one link of a kind, or two with a router between. */
export type Way = 'ethernet' | 'cable' | 'wifi' | 'routed';

const PORT = 9000;
const UNCUT_IDENTIFIER_BYTES = 8; // of ICMP's header: what is left of a size is payload

/** What was seen of the messages of a trial. */
export interface Observation {
  /** Messages that the program handed to its system. */
  readonly sent: number;
  /** Of those, the ones that the system refused. */
  readonly refused: number;
  /** IP packets and pieces of them that the senders put on their link. */
  readonly onLink: number;
  /** Pieces seen on the last link before Bob. */
  readonly pieces: number;
  /** Messages whole and right at Bob's program, in the order in which they came. */
  readonly arrived: readonly number[];
  /** Packets that IP handed over with damaged data; UDP's checksum is what noticed. */
  readonly corrupted: number;
  /** Packets and frames that a machine dropped because they were damaged. */
  readonly discarded: number;
  /** Frames that Bob's station dropped by their check sequence, by where the damage was. */
  readonly damagedHeaders: number;
  readonly damagedData: number;
  /** ICMP errors that came back to a sender. */
  readonly notices: number;
}

export class Bench {
  private readonly simulation: Simulation;
  private readonly way: Way;
  private readonly arrived: number[] = [];
  private sent = 0;
  private refused = 0;
  private readonly firstFrame: number;
  private damagedHeaders = 0;
  private damagedData = 0;

  /** Machines that know each other's addresses already, on links without fault. */
  constructor(way: Way, seed: number) {
    this.way = way;
    this.simulation = new Simulation(worldOf(way, seed));
    const { world } = this.simulation;
    world.runUntil(world.now);
    const bob = world.host('bob');
    bob.spawn('receiver', (system) => this.receive(system), true);
    bob.settle(world.now);
    // One message in each direction, so that no trial is about ARP.
    for (const name of way === 'cable' ? ['alice'] : ['alice', 'carol'])
      this.run(name, (system) => greet(system, this.addressOf('bob')));
    world.runUntil(after(world.now, seconds(1)));
    this.arrived.length = 0;
    this.firstFrame = world.capture?.length ?? 0;
  }

  /** What the next frames meet on a link: the only one, or with a router the one behind it. */
  change(conditions: Partial<LinkConditions>): void {
    this.simulation.world.network(this.lastLink).change(conditions);
  }

  /** On the link on which Alice sends. */
  addRule(rule: FrameRule): void {
    this.simulation.world.network('link').addRule(rule);
  }

  /** Bob leaves without a word. */
  unplugBob(): void {
    this.simulation.built.actOnHost('bob', 'vanish', this.simulation.world.now);
  }

  /** Looks at where the frames that reach Bob damaged are damaged: Alice's frames all have this length. */
  watchDamage(): void {
    const bob = this.simulation.world.host('bob');
    const { arena, capture } = this.simulation.world;
    const receive = bob.receive.bind(bob);
    let seen = this.firstFrame;
    bob.receive = (now, port, slot, isIntact) => {
      const sent = capture?.frames()[seen++]?.bytes;
      if (!isIntact && sent !== undefined) {
        const at = arena.copyOut(slot).findIndex((byte, i) => byte !== sent[i]);
        if (at < ETHERNET_HEADER_LENGTH) this.damagedHeaders++;
        else this.damagedData++;
      }
      receive(now, port, slot, isIntact);
    };
  }

  /** Numbered datagrams, all at this instant, from each of `senders`. */
  send(
    count: number,
    size: number,
    senders: readonly string[] = ['alice'],
    to: Ipv4Address = this.addressOf('bob'),
  ): void {
    const { world } = this.simulation;
    for (const [i, name] of senders.entries()) {
      const host = world.host(name);
      host.spawn('sender', (system) => this.transmit(system, to, i * count, count, size));
    }
    for (const name of senders) world.host(name).settle(world.now);
  }

  /** One datagram every millisecond. */
  sendInTurn(count: number, size: number): void {
    const to = this.addressOf('bob');
    this.simulation.world
      .host('alice')
      .spawn('sender', (system) => this.transmit(system, to, 0, count, size, milliseconds(1)));
    this.simulation.world.host('alice').settle(this.simulation.world.now);
  }

  /** Echo requests that must not be cut: the only packets here that programs may send so. */
  sendUncut(count: number, size: number): void {
    const to = this.addressOf('bob');
    this.run('alice', function* (system): Program<void> {
      const socket = system.echo();
      const payload = size - UNCUT_IDENTIFIER_BYTES;
      for (let i = 0; i < count; i++) socket.send(to, i, { payload, dontFragment: true });
      yield* system.sleep(seconds(1));
      socket.close();
    });
    this.sent += count;
  }

  /** Lets what is under way arrive, and tells what was seen. */
  observe(): Observation {
    const { world } = this.simulation;
    world.runUntil(after(world.now, seconds(10)));
    const bob = world.host('bob');
    const observed = {
      sent: this.sent,
      onLink: this.count('link', 'ip.dst == 10.0.0.0/8 && !(ip.src == 10.0.0.254) && !(ip.src == 10.1.0.2)'),
      pieces: this.count(this.lastLink, 'ip.flags.mf == 1 || ip.frag_offset > 0'),
      arrived: this.arrived,
      corrupted: bob.udp.dropCount(DropReason.BadChecksum),
      discarded: [...world.hosts.values()].reduce((sum, host) => sum + damagedAt(host), 0),
      damagedHeaders: this.damagedHeaders,
      damagedData: this.damagedData,
      notices: this.count('link', '(icmp.type == 3 || icmp.type == 11) && ip.dst == 10.0.0.0/24'),
    };
    return { ...observed, refused: observed.onLink === 0 ? this.sent : this.refused };
  }

  private get lastLink(): string {
    return this.way === 'routed' ? 'behind' : 'link';
  }

  private addressOf(name: string): Ipv4Address {
    const address = this.simulation.world.host(name).network.interfaces[0]?.ipv4;
    if (address === undefined) throw new Error(`${name} has no address`);
    return address;
  }

  private count(network: string, filter: string): number {
    const isWanted = parseFilter(filter);
    if (typeof isWanted !== 'function') throw new Error(isWanted.message);
    const frames = this.simulation.world.capture?.frames() ?? [];
    return passingFrames(frames.slice(this.firstFrame), isWanted).filter((frame) => frame.network === network).length;
  }

  private run(name: string, main: (system: System) => Program<unknown>): void {
    const { world } = this.simulation;
    const host = world.host(name);
    const process = host.spawn('program', main);
    host.settle(world.now);
    while (!process.isDone && world.step());
  }

  private *transmit(
    system: System,
    to: Ipv4Address,
    first: number,
    count: number,
    size: number,
    pause?: Duration,
  ): Program<void> {
    const socket = system.udp();
    for (let i = 0; i < count; i++) {
      this.sent++;
      try {
        socket.sendTo(messageOf(first + i, size), to, PORT);
      } catch (error) {
        if (!(error instanceof SocketError)) throw error;
        this.refused++;
      }
      if (pause !== undefined) yield* system.sleep(pause);
    }
    socket.close();
  }

  private *receive(system: System): Program<void> {
    const socket = system.udp();
    socket.bind(undefined, PORT);
    for (;;) {
      const datagram = yield* socket.receive(NEVER);
      if (datagram === undefined) return;
      if (datagram.data.length === 1) socket.sendTo(datagram.data, datagram.address, datagram.port);
      else this.arrived.push(new DataView(datagram.data.buffer, datagram.data.byteOffset).getUint32(0));
    }
  }
}

/** Dropped by the check sequence of its frame, or by IP's header checksum. */
const damagedAt = ({ network }: Host): number =>
  network.dropCount(DropReason.BadFrameCheckSequence) + network.dropCount(DropReason.BadChecksum);

function* greet(system: System, to: Ipv4Address): Program<void> {
  const socket = system.udp();
  socket.sendTo(Uint8Array.of(1), to, PORT);
  yield* socket.receive(after(system.now, seconds(1)));
  socket.close();
}

/** Its number, and then bytes that fill the size. */
function messageOf(number: number, size: number): Uint8Array {
  const message = new Uint8Array(size).fill(0x5a);
  new DataView(message.buffer).setUint32(0, number);
  return message;
}

function worldOf(way: Way, seed: number): ConstructorParameters<typeof Simulation>[0] {
  const medium = way === 'routed' ? 'ethernet' : way;
  const isRouted = way === 'routed';
  const routes = isRouted ? { default: '10.0.0.254' } : {};
  const sender = (address: string): object => ({ interfaces: { link: address }, routes });
  const document = {
    version: 1,
    name: 'qos',
    seed,
    networks: {
      link: { subnet: '10.0.0.0/24', medium, delay: '1ms' },
      ...(isRouted ? { behind: { subnet: '10.1.0.0/24', medium, delay: '1ms', mtu: 600 } } : {}),
    },
    hosts: {
      alice: sender('10.0.0.1'),
      ...(way === 'cable' ? {} : { carol: sender('10.0.0.3') }),
      ...(isRouted ? { router: { kind: 'router', interfaces: { link: '10.0.0.254', behind: '10.1.0.254' } } } : {}),
      bob: isRouted
        ? { interfaces: { behind: '10.1.0.2' }, routes: { default: '10.1.0.254' } }
        : { interfaces: { link: '10.0.0.2' } },
    },
  };
  const { scenario, diagnostics } = loadScenario(JSON.stringify(document), 'qos');
  if (scenario === undefined) throw new Error(diagnostics.map(({ message }) => message).join('; '));
  return scenario;
}
