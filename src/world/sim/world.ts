// A world: its machines and networks, its packet memory, its clock, and the loop that takes the next event.

import { Arena } from '../../core/arena.ts';
import { assert } from '../../core/assert.ts';
import { EventQueue } from '../../core/event_queue.ts';
import type { Journal } from '../../core/journal.ts';
import { Random } from '../../core/random.ts';
import { type Instant, NEVER, START } from '../../core/time.ts';
import { portableCrypto } from '../../secure/crypto/portable.ts';
import type { CryptoProvider } from '../../secure/crypto/provider.ts';
import type { LinkContext } from '../../stack/link/device.ts';
import type { FrameRing } from '../../stack/link/frame_ring.ts';
import type { NetworkInterface } from '../../stack/net/network_interface.ts';
import type { TcpSettings } from '../../stack/transport/tcp/tcp_settings.ts';
import type { LinkAddress } from '../../wire/address.ts';
import { SocketError } from '../app/program.ts';
import { Host, type HostWorld } from '../host/host.ts';
import type { HostProcess } from '../host/process.ts';
import { Capture } from './capture.ts';
import { Network, type NetworkOptions } from './network.ts';
import { PromiscuousHost } from './promiscuous_host.ts';

export interface WorldOptions {
  /** 0 to 2^53 - 1. */
  readonly seed: number;
  /** Milliseconds since 1970 at the first instant. */
  readonly wallStart?: number;
  /** Orders events of equal time by this instead of by machine: 32 bits. */
  readonly shuffleSeed?: number;
  readonly journal?: Journal;
  /** Off in benchmarks: each captured frame is copied. */
  readonly isCapturing?: boolean;
  /** The portable one unless said otherwise. Another one makes it faster, and changes no byte. */
  readonly crypto?: CryptoProvider;
}

export class World implements HostWorld, LinkContext {
  readonly arena: Arena = new Arena();
  readonly queue: EventQueue;
  readonly idleRings: FrameRing[] = [];
  readonly random: Random;
  readonly journal: Journal | undefined;
  readonly crypto: CryptoProvider;
  readonly wallStart: number;
  readonly capture: Capture | undefined;
  readonly hosts: Map<string, Host> = new Map();
  readonly networks: Map<string, Network> = new Map();
  /** The time of the latest event. */
  now: Instant = START;
  /** Events so far. */
  eventCount = 0;
  /** Programs that failed in a way that nobody was ready for, first to last. */
  readonly failures: { readonly host: string; readonly program: string; readonly error: unknown }[] = [];
  /** Nothing happens any more. */
  isClosed = false;
  private nodes = 0;

  constructor(options: WorldOptions) {
    this.random = Random.fromSeed(options.seed);
    this.queue = new EventQueue(options.shuffleSeed);
    this.wallStart = options.wallStart ?? 0;
    this.journal = options.journal;
    this.crypto = options.crypto ?? portableCrypto;
    this.capture = options.isCapturing === false ? undefined : new Capture(this.arena);
  }

  /** @throws RangeError when the name is taken */
  addNetwork(options: NetworkOptions): Network {
    this.claim(options.name, this.networks);
    const network = new Network(this, this.nodes++, options, this.capture?.tap(options.name));
    this.networks.set(options.name, network);
    return network;
  }

  /** @throws RangeError when the name is taken */
  addHost(name: string, tcpSettings?: TcpSettings): Host {
    this.claim(name, this.hosts);
    const host = new Host(this, this.nodes++, name, tcpSettings);
    this.hosts.set(name, host);
    return host;
  }

  /** A machine that hears all that reaches it. @throws RangeError when the name is taken */
  addPromiscuousHost(name: string): PromiscuousHost {
    this.claim(name, this.hosts);
    const host = new PromiscuousHost(this, this.nodes++, name);
    this.hosts.set(name, host);
    return host;
  }

  /** Plugs a machine into a network. Its link address is made up from the seed unless given. */
  connect(host: Host, network: Network, linkAddress?: LinkAddress): NetworkInterface {
    const added = host.addInterface(network.name, linkAddress ?? this.linkAddressFor(host, network));
    added.mtu = network.mtu;
    added.transmitter = network.attach(host, added.index).transmitter;
    return added;
  }

  /** @throws RangeError when there is no such machine */
  host(name: string): Host {
    const host = this.hosts.get(name);
    if (host === undefined)
      throw new RangeError(`there is no host ${name}; there are ${[...this.hosts.keys()].join(', ')}`);
    return host;
  }

  /** @throws RangeError when there is no such network */
  network(name: string): Network {
    const network = this.networks.get(name);
    if (network === undefined) {
      throw new RangeError(`there is no network ${name}; there are ${[...this.networks.keys()].join(', ')}`);
    }
    return network;
  }

  /** The time of the next event; `NEVER` when nothing is left at all. */
  get nextTime(): Instant {
    return this.queue.nextTime;
  }

  /** Whether anything is left that keeps a world alive: frames under way, retransmissions, programs that are waited for. */
  get isAlive(): boolean {
    return this.queue.foregroundCount > 0;
  }

  /** Takes the next event. False when nothing is left. */
  step(): boolean {
    const source = this.queue.peek();
    if (source === undefined) return false;
    const time = this.queue.nextTime;
    assert(time >= this.now, 'time goes forward');
    this.now = time;
    this.eventCount++;
    source.fire(time);
    return true;
  }

  /** Takes events up to and including `limit`, as long as the world is alive, and moves the clock there if it is finite. */
  runUntil(limit: Instant): void {
    while (this.nextTime <= limit && (this.isAlive || limit !== NEVER)) this.step();
    if (limit !== NEVER && limit > this.now) this.now = limit;
  }

  /**
   * Switches everything off, where it stands, and makes sure that nothing was lost track of: no packet, no deadline.
   * Captures, tables of text and counters stay readable.
   */
  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    const { now } = this;
    for (const host of this.hosts.values()) host.crash(now);
    for (const network of this.networks.values()) network.close(now);
    // Cables that somebody laid by hand: what is under way on them arrives at machines that are off.
    for (let source = this.queue.peek(); source !== undefined; source = this.queue.peek())
      source.fire(this.queue.nextTime);
    assert(this.arena.slotsInUse === 0, `a closed world holds no packets, and ${this.arena.slotsInUse} are left`);
  }

  tellTlsSecret(line: string): void {
    this.capture?.addTlsSecret(this.now, line);
  }

  programFailed(host: Host, process: HostProcess): void {
    // What a socket tells a program that does not listen is the program's affair; anything else is a defect of ours.
    if (!(process.failure instanceof SocketError)) throw process.failure;
    this.failures.push({ host: host.name, program: process.name, error: process.failure });
  }

  private claim(name: string, taken: ReadonlyMap<string, unknown>): void {
    if (taken.has(name)) throw new RangeError(`the name ${name} is taken`);
  }

  // Locally administered, one station (IEEE 802 §8.2): 02, then five bytes from the seed and the names.
  private linkAddressFor(host: Host, network: Network): LinkAddress {
    const random = this.random.fork(`link address ${host.name} ${network.name}`);
    return (0x0200_0000_0000 + (random.nextUint32() & 0xff) * 0x1_0000_0000 + random.nextUint32()) as LinkAddress;
  }
}
